"""Deleted rows go to the trash, come back as they were, or go for good; for every module."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Module
from tests.database.live import rewrite
from tests.database.world import World, entered, logged_in, refused, rolled_back

pytestmark = pytest.mark.any_server

Connection = "asyncpg.Connection[asyncpg.Record]"
EACH = pytest.mark.parametrize("module", REGISTRY.modules, ids=[module.name for module in REGISTRY.modules])
# What moves on when a row comes back: its version, and since when it belongs to whom.
MOVES = {"version", "updated_at", "assigned_at"}
COMMITTED = "set constraints all immediate; set constraints all deferred"
ROOT = "reset role; set local session authorization default"


async def everything(trial: "asyncpg.Connection[asyncpg.Record]") -> dict[str, set[Any]]:
    """All rows of all tables of rows, as text, but for what moves on."""
    found = {}
    for module in REGISTRY.modules:
        moves = "{" + ",".join(sorted(MOVES)) + "}"
        rows = await trial.fetch(f"select (to_jsonb(t) - '{moves}'::text[])::text as said from {module.table} t")
        found[module.table] = {row["said"] for row in rows}
        others = [module.sensitive_table] if module.sensitive else []
        for table in [*others, *(f"crm.{link.through}" for link in module.to_many)]:
            found[table] = {row["said"] for row in await trial.fetch(f"select t::text as said from {table} t")}
    return found


async def filled(trial: "asyncpg.Connection[asyncpg.Record]", module: Module, row: UUID) -> None:
    """Give every column of a row a value that is its own, as far as no action but update changes it."""
    values: dict[str, Any] = {}
    for column in module.inputs:
        if column.action != "update" or column.type == "uuid":
            continue
        match column.type:
            case "text":
                value = column.choices[-1] if column.choices else 'é "quoted" \\ {} ☃'
            case "integer":
                value = str(column.minimum or 7)
            case "bigint":
                value = "9007199254740991"
            case "boolean":
                value = "true"
            case "date":
                value = "infinity" if not column.required else "2024-02-29"
            case _:
                value = "2026-02-28 23:59:59.999999+00"
        values[column.name] = value
    await trial.execute("set local session_replication_role = replica")
    sets = ", ".join(f"{name} = ${number}::text::{module.column(name).type}" for number, name in enumerate(values, 2))
    await trial.execute(f"update {module.table} set {sets} where id = $1", row, *values.values())
    if module.sensitive:
        given = {"text": "'secret'", "date": "'2000-01-01'"}
        sets = ", ".join(f"{column.name} = {given.get(column.type, '1')}" for column in module.sensitive)
        await trial.execute(f"update {module.sensitive_table} set {sets} where id = $1", row)
    await trial.execute("set local session_replication_role = origin")


@EACH
async def test_a_row_comes_back_byte_for_byte_with_what_belonged_to_it(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, module: Module
) -> None:
    """Also what referred to it refers to it again, and pairs are pairs."""
    row = world.row(module.name, "rolf")
    await filled(trial, module, row)
    before = await everything(trial)
    version = await trial.fetchval(f"select version from {module.table} where id = $1", row)
    async with entered(trial, world, "olga"):
        await trial.execute(f"delete from {module.table} where id = $1", row)
        assert await trial.fetchval(f"select count(*) from {module.table} where id = $1", row) == 0
        assert await trial.fetchval("select count(*) from access.trash where row_id = $1", row) == 1
        left_out = await trial.fetchval(f"select access.restore_{module.name}($1)", row)
        await trial.execute(COMMITTED)
        assert left_out == []
        assert await trial.fetchval("select count(*) from access.trash where row_id = $1", row) == 0
        await trial.execute(ROOT)
        assert await everything(trial) == before
        assert await trial.fetchval(f"select version from {module.table} where id = $1", row) == version + 1
        assert await trial.fetchval("select count(*) from access.trash") == 0
        assert await trial.fetchval("select count(*) from access_private.trash_link") == 0


async def delete_all(trial: "asyncpg.Connection[asyncpg.Record]", modules: Iterable[Module]) -> None:
    for module in modules:
        await trial.execute(f"delete from {module.table}")
    await trial.execute(COMMITTED)


async def restore_all(trial: "asyncpg.Connection[asyncpg.Record]", modules: Iterable[Module]) -> None:
    """By hand, one after the other, as far as they went by themselves."""
    for module in modules:
        listed = await trial.fetch("select row_id from access.trash where module = $1 order by row_id", module.name)
        for row in listed:
            await trial.fetchval(f"select access.restore_{module.name}($1)", row["row_id"])


@pytest.mark.parametrize("order", [1, -1])
async def test_many_rows_of_one_statement_come_back_in_whichever_order(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, order: int
) -> None:
    """What referred to what was deleted before it, or is restored after it, refers to it again."""
    before = await everything(trial)
    async with entered(trial, world, "olga"):
        await delete_all(trial, REGISTRY.modules)
        assert await trial.fetchval("select count(*) from access.trash where module = 'deals'") == 3
        await restore_all(trial, REGISTRY.modules[::order])
        await trial.execute(COMMITTED + ";" + ROOT)
        assert await everything(trial) == before
        assert await trial.fetchval("select count(*) from access_private.trash_link") == 0


async def as_it_is(trial: "asyncpg.Connection[asyncpg.Record]", statement: str, *values: Any) -> None:
    """Change a row past all triggers."""
    await trial.execute("set local session_replication_role = replica")
    await trial.execute(statement, *values)
    await trial.execute("set local session_replication_role = origin")


TURNED = [module for module in REGISTRY.modules if module.resting]


@pytest.mark.parametrize("module", TURNED, ids=[module.name for module in TURNED])
async def test_nobody_is_published_activated_or_connected_by_a_restore(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, module: Module
) -> None:
    """C3: that takes an action of its own, also of who holds it."""
    row = world.row(module.name, "rolf")
    on = {column.name: column.choices[-1] if column.choices else "x" for column in module.resting}
    on |= {column.name: "2026-01-01" for column in module.resting if column.type == "timestamptz"}
    sets = ", ".join(f"{name} = '{value}'" for name, value in on.items())
    await as_it_is(trial, f"update {module.table} set {sets} where id = $1", row)
    async with entered(trial, world, "olga"):
        await trial.execute(f"delete from {module.table} where id = $1", row)
        await trial.fetchval(f"select access.restore_{module.name}($1)", row)
        found = await trial.fetchrow(f"select * from {module.table} where id = $1", row)
    assert found is not None
    assert {column.name: found[column.name] for column in module.resting} == {
        column.name: column.default for column in module.resting
    }


SENDING = [module for module in REGISTRY.modules if module.done]


@pytest.mark.parametrize("module", SENDING, ids=[module.name for module in SENDING])
async def test_what_was_sent_stays_sent_and_is_not_sent_again(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, module: Module
) -> None:
    row = world.row(module.name, "rolf")
    ((state, columns),) = module.done
    goes = [column for column in columns if column.type == "uuid"]
    sent = f"{state.name} = '{state.choices[-1]}', sent_at = '2026-01-01'"
    where = "".join(f", {column.name} = '{world.row('contact_lists', 'rolf')}'" for column in goes)
    await as_it_is(trial, f"update {module.table} set {sent}{where} where id = $1", row)
    outbox = await trial.fetchval("select count(*) from access.outbox")
    async with entered(trial, world, "olga"):
        before = await trial.fetchrow(f"select * from {module.table} where id = $1", row)
        await trial.execute(f"delete from {module.table} where id = $1", row)
        assert await trial.fetchval(f"select access.restore_{module.name}($1)", row) == []
        after = await trial.fetchrow(f"select * from {module.table} where id = $1", row)
        assert before is not None
        assert after is not None
        assert {key: value for key, value in after.items() if key not in MOVES} == {
            key: value for key, value in before.items() if key not in MOVES
        }
        await trial.execute(ROOT)
        assert await trial.fetchval("select count(*) from access.outbox") == outbox


async def test_what_was_about_to_be_sent_is_not(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    row = world.row("marketing_emails", "rolf")
    sets = f"delivery = 'scheduled', scheduled_for = now(), contact_list_id = '{world.row('contact_lists', 'rolf')}'"
    await as_it_is(trial, f"update crm.marketing_emails set {sets} where id = $1", row)
    async with entered(trial, world, "olga"):
        await trial.execute("delete from crm.marketing_emails where id = $1", row)
        await trial.fetchval("select access.restore_marketing_emails($1)", row)
        found = await trial.fetchrow(
            "select delivery, scheduled_for, contact_list_id from crm.marketing_emails where id = $1", row
        )
    assert found is not None
    assert tuple(found) == ("not_sent", None, None)


async def test_a_rows_past_has_a_gap_while_it_was_in_the_trash(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """X5: it belonged to nobody meanwhile, and the history says that it is back."""
    row = world.row("deals", "rolf")
    async with entered(trial, world, "olga"):
        await trial.execute("delete from crm.deals where id = $1", row)
        await trial.fetchval("select access.restore_deals($1)", row)
        said = await trial.fetchrow(
            "select actor, before, after::jsonb ->> 'owner_id' as owner from access.access_log"
            " where kind = 'restoration' and row_id = $1",
            row,
        )
        await trial.execute(ROOT)
        gap = await trial.fetchval(
            "select t.assigned_at >= upper(p.valid) from crm.deals t join access_private.past_assignment p"
            " on p.row_id = t.id where t.id = $1",
            row,
        )
    assert said is not None
    assert tuple(said) == (world.users["olga"], None, str(world.users["rolf"]))
    assert gap is True


async def test_nobody_writes_into_the_trash(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """What comes back is what was deleted: nobody forges an entry, or hides one."""
    row = world.row("deals", "rolf")
    async with entered(trial, world, "olga"):
        await trial.execute("delete from crm.deals where id = $1", row)
        assert await trial.fetchval("select count(*) from access.trash where row_id = $1", row) == 1
        for table in ("access.trash", "access.trash_sensitive", "crm.trash"):
            for statement in (
                f"insert into {table} (account_id, id) values ('{world.north}', gen_random_uuid())",
                f"update {table} set id = id",
                f"delete from {table}",
            ):
                await refused(trial, "42501", statement)
        for function in ("bring_back_deals('{}')", "empty_of(null, '{}')", "purge_entries(null, '{}')"):
            await refused(trial, "42501", f"select access_private.{function}")
        await refused(trial, "42501", "select access.purge_trash('0')")


async def test_the_trash_is_not_for_analysts(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """They delete nothing, and their member restores in the app."""
    await trial.execute("set local role cloison_engine; delete from crm.deals; reset role")
    async with entered(trial, world, "lena"):
        assert await trial.fetchval("select count(*) from access.trash") > 0
    async with logged_in(trial, world, "lena"):
        for table in ("access.trash", "access.trash_sensitive", "crm.trash"):
            await refused(trial, "42501", f"select * from {table}")
        await refused(trial, "42501", "select access.restore_deals(gen_random_uuid())")


async def test_sensitive_columns_are_for_who_may_see_them(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """C9: rolf deletes and restores what he does not see; it comes back all the same."""
    row = world.row("contacts", "rolf")
    await as_it_is(trial, "update crm.contacts_sensitive set home_address = 'secret' where id = $1", row)
    async with entered(trial, world, "rolf"):
        await trial.execute("delete from crm.contacts where id = $1", row)
        listed = await trial.fetchrow("select row_key, sensitive from crm.trash where row_id = $1", row)
        assert listed is not None
        assert tuple(listed) == (f"Contact:{row}", None)
        assert await trial.fetchval("select count(*) from access.trash_sensitive") == 0
        await trial.execute("select access.restore_contacts($1)", row)
        await trial.execute(ROOT)
        again = await trial.fetchval("select home_address from crm.contacts_sensitive where id = $1", row)
        assert again == "secret"
    await trial.execute("set local role cloison_engine")
    await trial.execute("delete from crm.contacts where id = $1", row)
    await trial.execute("reset role")
    async with entered(trial, world, "lena"):
        seen = await trial.fetchval("select sensitive::jsonb ->> 'home_address' from crm.trash where row_id = $1", row)
        assert seen == "secret", "lena holds view_sensitive"


async def test_without_its_check_a_restore_would_be_anybodys(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """What the matrix of tests/policies/test_trash.py rests on, broken."""
    row = world.row("deals", "rolf")
    await trial.execute("set local role cloison_engine")
    await trial.execute("delete from crm.deals where id = $1", row)
    await trial.execute("reset role")
    async with entered(trial, world, "ella"):
        await refused(trial, "U0404", "select access.restore_deals($1)", row)
        assert await trial.fetchval("select count(*) from access.trash where row_id = $1", row) == 0
    await rewrite(trial, "access_private.entry_of_deals(uuid)", "and e.part_of is null\n     and", "and true or")
    await trial.execute("alter policy deletable on access.trash using (part_of is null)")
    async with entered(trial, world, "ella"):
        assert await trial.fetchval("select count(*) from access.trash where row_id = $1", row) == 1
        await trial.execute("select access.restore_deals($1)", row)


async def test_an_operator_by_hand_leaves_his_name(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    row = world.row("deals", "rolf")
    await trial.execute("set local role cloison_engine")
    await trial.execute("delete from crm.deals where id = $1", row)
    found = await trial.fetchrow(
        "select deleted_by, operator, session_user::text from access.trash where row_id = $1", row
    )
    assert found is not None
    assert found[0] is None
    assert found[1] == found[2]


async def test_what_was_deleted_twice_comes_back_as_it_was_last(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    row = world.row("deals", "rolf")
    async with entered(trial, world, "olga"):
        await trial.execute("delete from crm.deals where id = $1", row)
        await trial.execute("insert into crm.deals (id, name) values ($1, 'second')", row)
        error = await refused(trial, "U0409", "select access.restore_deals($1)", row)
        assert "already" in str(error)
        await trial.execute("delete from crm.deals where id = $1", row)
        await trial.execute("select access.restore_deals($1)", row)
        assert await trial.fetchval("select name from crm.deals where id = $1", row) == "second"


async def test_the_values_of_a_restored_row_are_such_as_may_be_today(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    row = world.row("deals", "rolf")
    async with rolled_back(trial):
        await as_it_is(trial, "update crm.deals set probability = 90 where id = $1", row)
        await trial.execute("set local role cloison_engine")
        await trial.execute("delete from crm.deals where id = $1", row)
        await trial.execute(f"reset role; {COMMITTED}")
        await trial.execute("alter table crm.deals add constraint low check (probability < 50)")
        async with entered(trial, world, "olga"):
            error = await refused(trial, "U0409", "select access.restore_deals($1)", row)
            assert "low" in str(error)
            assert await trial.fetchval("select count(*) from access.trash where row_id = $1", row) == 1


async def test_a_column_that_came_later_begins_as_in_a_new_row(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    row = world.row("deals", "rolf")
    await trial.execute("set local role cloison_engine")
    await trial.execute("delete from crm.deals where id = $1", row)
    await trial.execute("reset role")
    await trial.execute(
        "update access.trash set content = content - 'stage' || '{\"of_yesterday\": 1}' where row_id = $1", row
    )
    async with entered(trial, world, "olga"):
        await trial.execute("select access.restore_deals($1)", row)
        assert await trial.fetchval("select stage from crm.deals where id = $1", row) == "prospecting"


async def test_what_is_old_leaves_the_trash_with_what_belonged_to_it(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await trial.execute("set local role cloison_engine; delete from crm.contacts; delete from crm.deals; reset role")
    old = world.row("contacts", "rolf")
    assert await trial.fetchval("select count(*) from access.trash where part_of is not null") > 0
    await trial.execute(
        "update access.trash set deleted_at = now() - interval '31 days'"
        " where id in (select id from access.trash where row_id = $1)"
        "    or part_of in (select id from access.trash where row_id = $1)",
        old,
    )
    await trial.execute("set local role cloison_gateway")
    assert await trial.fetchval("select access.purge_trash('30 days')") == 1
    assert await trial.fetchval("select access.purge_trash('30 days')") == 0
    await trial.execute("reset role")
    left = await trial.fetch("select t.module, t.row_id, t.part_of from access.trash t")
    assert old not in {row["row_id"] for row in left}
    assert world.row("contacts", "ella") in {row["row_id"] for row in left}
    assert await trial.fetchval("select count(*) from access_private.trash_link where target_id = $1", old) == 0
    assert {row["part_of"] for row in left} - {None} <= {
        row["id"] for row in await trial.fetch("select id from access.trash")
    }
    lost = "select count(*) from access.trash_sensitive where id not in (select id from access.trash)"
    assert await trial.fetchval(lost) == 0

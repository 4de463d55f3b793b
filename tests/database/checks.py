"""What must hold, as checks that are green on a database as we make it: sabotage tests break it and see them go red."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Kind, Module, ToMany, ToOne
from tests.database.checks_of_history import an_assignment_is_said
from tests.database.world import World, entered, refused, rolled_back

Check = Callable[["asyncpg.Connection[asyncpg.Record]", World], Awaitable[None]]


async def sabotage(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, check: Check, *broken: str, before: str = ""
) -> None:
    """See the check pass, break something, see it fail. `before` is done in any case."""
    if before:
        await trial.execute(before)
        # A table of which anything waits for the commit is not altered.
        await trial.execute("set constraints all immediate; set constraints all deferred")
    await check(trial, world)
    for statement in broken:
        await trial.execute(statement)
    with pytest.raises(AssertionError):
        await check(trial, world)


async def succeeds(connection: "asyncpg.Connection[asyncpg.Record]", statement: str, *arguments: Any) -> Any:
    """Assert that the statement is not refused, at its end or at the transaction's; its first value."""
    try:
        found = await connection.fetchval(statement, *arguments)
        await connection.execute("set constraints all immediate")
    except asyncpg.PostgresError as error:
        raise AssertionError(f"{error.sqlstate}: {error}") from error
    return found


def a_new_row_starts_with_its_owners_team(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with entered(trial, world, "rolf"):
            found = await succeeds(trial, f"insert into {module.table} ({module.label}) values ('x') returning team_id")
            assert found == world.teams["west"]

    return check


def a_new_row_in_a_state_says_since_when(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with entered(trial, world, "olga"):
            for column in module.columns:
                if column.since is not None:
                    state, value = column.since
                    named = destination_of(module, state, world)
                    columns = ", ".join([module.label, state, *named])
                    made = f"insert into {module.table} ({columns}) values ('x', $1{', $2' if named else ''})"
                    assert await succeeds(trial, f"{made} returning {column.name}", value, *named.values()) is not None

    return check


def new_content_starts_where_the_account_says(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        await a_new_row_in_a_state_says_since_when(module)(trial, world)
        made = f"insert into {module.table} ({module.label}) values ('x') returning restricted"
        for switched in (False, True):
            async with rolled_back(trial):
                await trial.execute("select access.set_restrict_new_content($1, $2)", world.north, switched)
                async with entered(trial, world, "olga"):
                    assert await succeeds(trial, made) is switched

    return check


def destination_of(module: Module, state: str, world: World) -> dict[str, Any]:
    """What has to be named with a state: the column and a value."""
    goes = module.destination
    if goes is None or goes.state != state:
        return {}
    return {goes.column: world.row(module.sends_to.target, "rolf") if module.sends_to else "public"}


OUTBOX = "select module, row_id, list_id, sent_by, recipients, left_out from access.outbox"


def what_is_sent_is_in_the_outbox(module: Module, *, new: bool) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        assert module.destination is not None
        state = module.destination.state
        ((column, where),) = destination_of(module, state, world).items()
        made = f"insert into {module.table} ({module.label}, {state}, {column}) values ('x', $1, $2) returning id"
        turned = f"update {module.table} set {state} = $1, {column} = $2 where id = $3 returning id"
        row = [] if new else [world.row(module.name, "rolf")]
        async with entered(trial, world, "olga"):
            sent = await succeeds(trial, made if new else turned, module.gone, where, *row)
            found = await trial.fetch(OUTBOX)
        assert [tuple(each) for each in found] == [
            (module.name, sent, where, world.users["olga"], [world.row("contacts", "rolf")], 0)
        ]

    return check


def a_change_counts(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with entered(trial, world, "olga"):
            row = world.row(module.name, "rolf")
            before = await trial.fetchval(f"select version from {module.table} where id = $1", row)
            changed = f"update {module.table} set {module.label} = 'x' where id = $1 returning version"
            assert await succeeds(trial, changed, row) == before + 1

    return check


def writer_of(module: Module) -> str:
    """Who changes rows of the module that are his."""
    return {Kind.ASSET: "edgar", Kind.SHARED: "olga"}.get(module.kind, "rolf")


def hidden_from_writer(module: Module, link: ToOne, world: World) -> UUID:
    """A row that he does not see."""
    near = module.kind is Kind.RECORD
    return world.row(link.target, "ella") if near else world.row(link.target, "sven", "south")


def a_hidden_row_cannot_be_referred_to(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        for link in module.to_one:
            hidden = hidden_from_writer(module, link, world)
            assert await trial.fetchval(f"select count(*) from crm.{link.target} where id = $1", hidden) == 1
            async with entered(trial, world, writer_of(module)):
                await refused(
                    trial,
                    "U0404",
                    f"update {module.table} set {link.column} = $1 where id = $2",
                    hidden,
                    world.row(module.name, "rolf"),
                )

    return check


def a_new_row_refers_to_nothing_hidden(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        if module.kind is Kind.ASSET:
            async with entered(trial, world, "edgar"):
                await refused(
                    trial,
                    "U0404",
                    f"insert into {module.table} ({module.label}, team_ids) values ('x', $1)",
                    [world.teams["east"]],
                )
        for link in module.to_one:
            async with entered(trial, world, writer_of(module)):
                await refused(
                    trial,
                    "U0404",
                    f"insert into {module.table} ({module.label}, {link.column}) values ('x', $1)",
                    hidden_from_writer(module, link, world),
                )

    return check


def a_new_row_has_the_owner_of_its_parent(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        (link, *_) = module.parents
        async with entered(trial, world, "olga"):
            made = f"insert into {module.table} ({module.label}, {link.column}) values ('x', $1) returning owner_id"
            assert await succeeds(trial, made, world.row(link.target, "rolf")) == world.users["rolf"]

    return check


def a_new_row_has_a_parent_that_is_seen(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        (link, *_) = module.parents
        made = f"insert into {module.table} ({module.label}, {link.column}) values ('x', $1)"
        async with entered(trial, world, "rolf"):
            for name in ("ella", "nobody"):
                await refused(trial, "U0404", made, world.row(link.target, name))

    return check


def what_belongs_to_a_row_is_handed_over_with_it(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        parent, ella = world.row(module.name, "rolf"), world.users["ella"]
        for child, link in REGISTRY.children_of(module):
            async with entered(trial, world, "olga"):
                made = f"insert into {child.table} ({child.label}, {link.column}) values ('x', $1) returning id"
                row = await succeeds(trial, made, parent)
                await succeeds(trial, f"select access.assign_{module.name}($1, $2)", parent, ella)
                assert await trial.fetchval(f"select owner_id from {child.table} where id = $1", row) == ella

    return check


def a_row_that_others_refer_to_can_go(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with entered(trial, world, "olga"):
            await succeeds(trial, f"delete from {module.table} where id = $1", world.row(module.name, "rolf"))

    return check


def nobody_changes_or_deletes_without_the_action(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        row = world.row(module.name, "rolf")
        async with rolled_back(trial):
            await trial.execute(f"create policy careless on {module.table} for all to cloison_member using (true)")
            async with entered(trial, world, "vera"):
                assert await trial.fetchval(f"select count(*) from {module.table} where id = $1", row) == 1
                await refused(trial, "U0403", f"update {module.table} set {module.label} = 'x' where id = $1", row)
                await refused(trial, "U0403", f"delete from {module.table} where id = $1", row)

    return check


def nobody_creates_without_the_action(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with rolled_back(trial):
            await trial.execute(f"create policy careless on {module.table} for all to cloison_member using (true)")
            async with entered(trial, world, "vera"):
                parents = {link.column: world.row(link.target, "rolf") for link in module.parents[:1]}
                names = ", ".join([module.label, *parents])
                made = f"insert into {module.table} ({names}) values ('x'{', $1' if parents else ''})"
                await refused(trial, "U0403", made, *parents.values())

    return check


PAST = """
select owner_id, created_by, team_ids, open, valid from access_private.past_assignment
 where row_id = $1 and account_id = $2 and module = $3 order by valid
"""


def a_handed_over_row_leaves_its_past(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        row, rolf, ella = world.row(module.name, "rolf"), world.users["rolf"], world.users["ella"]
        present = f"select * from {module.table} where id = $1"
        handed = module.parents[0].target if module.kind is Kind.CHILD else module.name
        assign = f"select access.assign_{handed}($1, $2)"
        before = [await trial.fetchrow(present, row)]
        async with entered(trial, world, "olga"):
            for owner in (ella, rolf):
                await succeeds(trial, assign, world.row(handed, "rolf"), owner)
                before.append(await trial.fetchrow(present, row))
            await trial.execute("set local session authorization default")
            past = await trial.fetch(PAST, row, world.north, module.name)
        assert [each["owner_id"] for each in past] == [rolf, ella]
        for each, was, then in zip(past, before, before[1:], strict=False):
            assert was is not None
            assert then is not None
            assert each["created_by"] == was["created_by"]
            assert (each["team_ids"], each["open"]) == reach_of(module, was)
            assert each["valid"].lower == was["assigned_at"]
            assert was["assigned_at"] < each["valid"].upper
            assert abs(each["valid"].upper - then["assigned_at"]) < timedelta(seconds=1)

    return check


def reach_of(module: Module, row: asyncpg.Record) -> tuple[list[Any], bool]:
    """Teams of a row, and whether it is open."""
    if module.kind is Kind.ASSET:
        return row["team_ids"], not row["restricted"]
    return [row["team_id"]] if row["team_id"] else [], row["open_to_all"]


def a_deleted_row_leaves_its_past(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        row = world.row(module.name, "rolf")
        was = await trial.fetchrow(f"select * from {module.table} where id = $1", row)
        assert was is not None
        async with entered(trial, world, "olga"):
            await succeeds(trial, f"delete from {module.table} where id = $1", row)
            await trial.execute("set local session authorization default")
            past = await trial.fetch(PAST, row, world.north, module.name)
        assert [(each["owner_id"], each["team_ids"], each["open"]) for each in past] == [
            (world.users["rolf"], *reach_of(module, was))
        ]
        assert past[0]["valid"].lower == was["assigned_at"]

    return check


IN_FORCE = "select count(*) from access.share where valid @> clock_timestamp() and given_by = $1 and row_id = $2"
GIVE = (
    "insert into access.share (account_id, module, row_id, user_id, team_id, actions, given_by)"
    " values ($1, $2, $3, $4, $5, '{view}', $6)"
)


def a_deleted_row_has_no_shares(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        row, lena = world.row(module.name, "rolf"), world.users["lena"]
        async with rolled_back(trial):
            await trial.execute(GIVE, world.north, module.name, row, world.users["rolf"], None, lena)
            assert await trial.fetchval(IN_FORCE, lena, row) == 1
            await trial.execute("set local role cloison_engine")
            await trial.execute(f"delete from {module.table} where id = $1", row)
            assert await trial.fetchval(IN_FORCE, lena, row) == 0

    return check


def nobody_pairs_without_update(module: Module, link: ToMany) -> Check:
    """Pairs of a row are a change of the row, whatever policies say."""

    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        row, table = world.row(module.name, "rolf"), f"crm.{link.through}"
        async with rolled_back(trial):
            await trial.execute(f"create policy careless on {table} for all to cloison_member using (true)")
            async with entered(trial, world, "vera"):
                assert await trial.fetchval(f"select count(*) from {table} where {link.column} = $1", row) == 1
                await refused(trial, "U0403", f"delete from {table} where {link.column} = $1", row)
                await refused(
                    trial,
                    "U0403",
                    f"insert into {table} ({link.column}, {link.target_column}) values ($1, $2)",
                    row,
                    world.row(link.target, "ella"),
                )

    return check


def a_deleted_row_is_in_the_trash(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        row = world.row(module.name, "rolf")
        async with entered(trial, world, "olga"):
            await succeeds(trial, f"delete from {module.table} where id = $1", row)
            assert await trial.fetchval("select count(*) from access.trash where row_id = $1", row) == 1

    return check


def the_account_is_held_before_a_row_is(module: Module) -> Check:
    """Where rows of the module are shared. Who waits is seen in test_shares.py; here holding the account fails."""

    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with rolled_back(trial):
            await trial.execute(
                "insert into access.share (account_id, module, row_id, user_id, actions, given_by)"
                " values ($1, $2, gen_random_uuid(), $3, '{view}', $3)",
                world.north,
                module.name,
                world.users["rolf"],
            )
            await trial.execute("set constraints all immediate")
            await trial.execute(
                "create or replace function access_private.lock_account(account uuid) returns void language plpgsql"
                " as $$ begin raise exception using errcode = 'P0099'; end $$"
            )
            async with entered(trial, world, "olga"):
                await refused(
                    trial, "P0099", f"delete from {module.table} where id = $1", world.row(module.name, "rolf")
                )

    return check


RECORD_TRIGGERS: dict[str, Callable[[Module], Check]] = {
    "a_lock_before_delete": the_account_is_held_before_a_row_is,
    "a_stamp_inserted": a_new_row_starts_with_its_owners_team,
    "a_stamp_updated": a_change_counts,
    "b_references": a_hidden_row_cannot_be_referred_to,
    "b_references_inserted": a_new_row_refers_to_nothing_hidden,
    "unlink_deleted": a_row_that_others_refer_to_can_go,
    "z_action_wall": nobody_changes_or_deletes_without_the_action,
    "z_action_wall_inserted": nobody_creates_without_the_action,
    "past_updated": a_handed_over_row_leaves_its_past,
    "past_deleted": a_deleted_row_leaves_its_past,
    "trash_deleted": a_deleted_row_is_in_the_trash,
    "shares_deleted": a_deleted_row_has_no_shares,
    "a_parent_seen": a_new_row_has_a_parent_that_is_seen,
    "a_parent_taken": a_new_row_has_the_owner_of_its_parent,
    "hand_down": what_belongs_to_a_row_is_handed_over_with_it,
    "outbox_inserted": partial(what_is_sent_is_in_the_outbox, new=True),
    "outbox_updated": partial(what_is_sent_is_in_the_outbox, new=False),
    "log_assigned": an_assignment_is_said,
}
ASSET_TRIGGERS = {**RECORD_TRIGGERS, "a_stamp_inserted": new_content_starts_where_the_account_says}


def of_module(name: str, trigger: str) -> Check:
    """Which behaviour a trigger of a module is there for."""
    module = REGISTRY.by_name[name]
    return (ASSET_TRIGGERS if module.kind is Kind.ASSET else RECORD_TRIGGERS)[trigger](module)


def new_id() -> str:
    """A literal of an id that is nobody's."""
    return f"'{uuid4()}'"

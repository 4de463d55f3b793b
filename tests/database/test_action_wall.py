"""Contract: the action wall demands every action that a change is, and cannot be led around (C2, C3)."""

import asyncpg
import pytest

from schema.modules import REGISTRY
from tests.database.checks import nobody_changes_or_deletes_without_the_action, sabotage, succeeds
from tests.database.live import rewrite
from tests.database.world import World, entered, refused, rolled_back

pytestmark = pytest.mark.any_server

PAGES = REGISTRY.by_name["landing_pages"]
DEALS = REGISTRY.by_name["deals"]
PUBLISHED = "status = 'published', destination = 'public'"
PUBLISH = f"update crm.landing_pages set {PUBLISHED} where id = $1"
RENAME = "update crm.landing_pages set title = 'x' where id = $1"
BOTH = f"update crm.landing_pages set title = 'x', {PUBLISHED} where id = $1"


async def each_change_needs_all_that_it_is(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """Edgar may update and not publish, Paula may publish and not update, Olga both."""
    page = world.row("landing_pages", "rolf")
    async with entered(trial, world, "edgar"):
        await refused(trial, "U0403", PUBLISH, page)
        error = await refused(trial, "U0403", BOTH, page)
        assert '"action": "publish"' in str(error.detail)
        await succeeds(trial, f"{RENAME} returning id", page)
    async with entered(trial, world, "paula"):
        await refused(trial, "U0403", RENAME, page)
        error = await refused(trial, "U0403", BOTH, page)
        assert '"action": "update"' in str(error.detail)
        await succeeds(trial, f"{PUBLISH} returning id", page)
    async with entered(trial, world, "olga"):
        await succeeds(trial, f"{BOTH} returning id", page)


@pytest.mark.parametrize("columns", [("title",), ("status", "destination", "published_at")])
async def test_a_change_of_two_kinds_needs_both_actions(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, columns: tuple[str, ...]
) -> None:
    await each_change_needs_all_that_it_is(trial, world)
    for column in columns:
        wall = "access_private.wall_landing_pages()"
        await rewrite(trial, wall, f"new.{column} is distinct", f"old.{column} is distinct")
    with pytest.raises(AssertionError):
        await each_change_needs_all_that_it_is(trial, world)


async def every_way_of_writing_meets_the_wall(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    page, title = world.row("landing_pages", "rolf"), "'x'"
    upsert = f"insert into crm.landing_pages (id, title) values ($1, {title}) on conflict (account_id, id)"
    merge = "merge into crm.landing_pages p using (select $1::uuid as id) s on p.id = s.id when matched then"
    async with entered(trial, world, "edgar"):
        await refused(trial, "U0403", f"{upsert} do update set {PUBLISHED}", page)
        await refused(trial, "U0403", f"{merge} update set {PUBLISHED}", page)
        await succeeds(trial, f"{upsert} do update set title = 'y' returning id", page)
    async with entered(trial, world, "paula"):
        await refused(trial, "U0403", f"{merge} update set title = 'y'", page)
        await refused(trial, "U0403", "with p as (update crm.landing_pages set title = 'y' where id = $1) select", page)
    async with rolled_back(trial):
        await trial.execute("create policy careless on crm.landing_pages for all to cloison_member using (true)")
        async with entered(trial, world, "paula"):
            await refused(trial, "U0403", f"{merge} delete", page)
            await refused(trial, "U0403", f"{upsert} do update set title = 'y'", page)


async def test_upserts_and_merges_meet_the_wall(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await sabotage(trial, world, every_way_of_writing_meets_the_wall, "drop trigger z_action_wall on crm.landing_pages")


REWRITES = """
create function public.publish_all() returns trigger language plpgsql as $$
begin
  new.status := 'published';
  new.destination := 'public';
  return new;
end $$;
grant execute on function public.publish_all() to cloison_member;
create trigger m_rewrite before update on crm.landing_pages for each row execute function public.publish_all()
"""


async def what_another_trigger_writes_is_judged_too(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with rolled_back(trial):
        await trial.execute(REWRITES)
        async with entered(trial, world, "edgar"):
            await refused(trial, "U0403", RENAME, world.row("landing_pages", "rolf"))


async def test_the_wall_is_the_last_to_look(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await sabotage(
        trial,
        world,
        what_another_trigger_writes_is_judged_too,
        "alter trigger z_action_wall on crm.landing_pages rename to a_action_wall",
    )


@pytest.mark.parametrize("name", ["deals", "landing_pages"])
async def test_the_wall_runs_as_whom_it_judges(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, name: str
) -> None:
    check = nobody_changes_or_deletes_without_the_action(REGISTRY.by_name[name])
    await sabotage(trial, world, check, f"alter function access_private.wall_{name}() security definer")


async def test_what_is_not_known_to_be_true_does_not_pass(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    check = nobody_changes_or_deletes_without_the_action(DEALS)
    definition = await trial.fetchval("select pg_get_functiondef(oid) from pg_proc where proname = 'record_within'")
    await trial.execute(definition.partition("\nRETURN")[0] + "\nRETURN null::boolean")
    await check(trial, world)

    wall = "access_private.wall_deals()"
    await rewrite(trial, wall, f"and {within('update')} is not true", f"and not {within('update')}")
    await rewrite(trial, wall, f"if {within('delete')} is not true", f"if not {within('delete')}")

    with pytest.raises(AssertionError):
        await check(trial, world)


def within(action: str) -> str:
    row = "old.owner_id, old.created_by, old.team_key, me, keys"
    return (
        f"(access.record_within(access.reach('deals', '{action}'), {row})"
        f"\n      or access.is_shared('deals', '{action}', 'deals', old.id))"
    )


async def no_move_to_a_foreign_team_passes(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """With a grant too many and a policy too wide, the wall still keeps a row where it is."""
    async with rolled_back(trial):
        await trial.execute("grant update (team_id, owner_id, open_to_all) on crm.deals to cloison_member")
        await trial.execute("create policy careless on crm.deals for all to cloison_member using (true)")
        deal = world.row("deals", "rolf")
        async with entered(trial, world, "rolf"):
            await refused(trial, "U0403", "update crm.deals set team_id = $2 where id = $1", deal, world.teams["east"])
            await refused(trial, "U0403", "update crm.deals set open_to_all = true where id = $1", deal)
            await refused(trial, "U0403", "update crm.deals set owner_id = null where id = $1", deal)


async def test_a_wall_that_read_a_generated_column_would_let_a_move_pass(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await no_move_to_a_foreign_team_passes(trial, world)
    source = await trial.fetchval("select prosrc from pg_proc where proname = 'wall_deals'")
    start, end = source.index("if (new.account_id"), source.index("then\n    perform access.forbid('deals', 'assign')")
    await rewrite(trial, "access_private.wall_deals()", source[start:end], "if not (new.team_key = any (keys)) ")
    with pytest.raises(AssertionError):
        await no_move_to_a_foreign_team_passes(trial, world)


async def no_row_leaves_its_parent(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """With a grant too many and a policy too wide, what belongs to a row still stays with it."""
    columns = "contact_id, deal_id, owner_id, team_id, open_to_all"
    async with rolled_back(trial):
        await trial.execute(f"grant update ({columns}) on crm.interactions to cloison_member")
        await trial.execute("create policy careless on crm.interactions for all to cloison_member using (true)")
        row = world.row("interactions", "rolf")
        async with entered(trial, world, "olga"):
            await refused(
                trial,
                "U0403",
                "update crm.interactions set contact_id = $2 where id = $1",
                row,
                world.row("contacts", "ella"),
            )
            await refused(trial, "U0403", "update crm.interactions set owner_id = null where id = $1", row)
            await refused(trial, "U0403", "update crm.interactions set open_to_all = true where id = $1", row)


async def test_a_row_stays_with_its_parent(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await sabotage(trial, world, no_row_leaves_its_parent, "drop trigger z_action_wall on crm.interactions")


async def connecting_is_for_rows_that_one_views(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """C1: `connect` has no scope; it is no way to write into rows that one does not see."""
    connect = "update crm.conversations set connected_account = 'x'"
    member, hidden = world.users["rolf"], world.row("conversations", "ella")
    for module, action, scope in (("conversations", "connect", "all"), ("conversations", "view", "owned")):
        await trial.execute(
            "select access.set_exception($1, $2, $3, $4, $5, 'grant')", world.north, member, module, action, scope
        )
    async with entered(trial, world, "rolf"):
        assert await trial.execute(connect) == "UPDATE 1"
        await trial.execute("set local session authorization default")
        found = "select connected_account from crm.conversations where id = $1"
        assert await trial.fetchval(found, world.row("conversations", "rolf")) == "x"
        assert await trial.fetchval(found, hidden) is None
    async with rolled_back(trial):
        await trial.execute("create policy careless on crm.conversations for all to cloison_member using (true)")
        async with entered(trial, world, "rolf"):
            await refused(trial, "U0403", connect)
        async with entered(trial, world, "vera"):
            await refused(trial, "U0403", connect)


async def test_without_the_wall_connecting_reaches_what_policies_do(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await sabotage(
        trial, world, connecting_is_for_rows_that_one_views, "drop trigger z_action_wall on crm.conversations"
    )


async def test_what_the_database_sets_is_written_by_nobody(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    stamped = ("account_id", "created_by", "created_at", "updated_at", "version", "assigned_at")
    for module in REGISTRY.modules:
        handed = (*module.own_columns, *module.parent_columns)
        row = world.row(module.name, "rolf")
        async with entered(trial, world, "olga"):
            assert await trial.fetchval(f"select count(*) from {module.table} where id = $1", row) == 1
            for column in (*(stamped if module.own_columns else stamped[:-1]), *handed):
                await refused(trial, "42501", f"update {module.table} set {column} = {column} where id = $1", row)
            for column in stamped if module.own_columns else stamped[:-1]:
                values = f"({module.label}, {column}) values ('x', default)"
                await refused(trial, "42501", f"insert into {module.table} {values}")

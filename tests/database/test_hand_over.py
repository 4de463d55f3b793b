"""Contract: handing a row over is the engine's work, since its giver may not see it any more (O4, O5)."""

import asyncpg
import pytest

from tests.database.checks import sabotage, succeeds
from tests.database.conftest import Kept
from tests.database.live import connected
from tests.database.world import World, entered, refused, rolled_back

pytestmark = pytest.mark.any_server

ASSIGN = "select access.assign_deals($1, $2)"


async def a_row_can_be_given_away(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """Rolf may assign what he owns; what he gives to Vera, and did not create, he does not see any more."""
    deal = world.row("deals", "rolf")
    await trial.execute("savepoint before")
    await trial.execute("set local session_replication_role = replica")
    await trial.execute("update crm.deals set created_by = $1 where id = $2", world.users["olga"], deal)
    await trial.execute("set local session_replication_role = origin")
    try:
        async with entered(trial, world, "rolf"):
            assert await trial.fetchval("select count(*) from crm.deals where id = $1", deal) == 1
            assert await succeeds(trial, ASSIGN, deal, world.users["vera"]) is False, "he is told"
            assert await trial.fetchval("select count(*) from crm.deals where id = $1", deal) == 0
            await trial.execute("set local session authorization default")
            assert await trial.fetchval("select owner_id from crm.deals where id = $1", deal) == world.users["vera"]
    finally:
        await trial.execute("rollback to savepoint before")


async def test_a_row_that_its_giver_will_not_see_can_be_given_away(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    function = "access.assign_deals(uuid, uuid, uuid, boolean)"
    await sabotage(trial, world, a_row_can_be_given_away, f"alter function {function} security invoker")


async def test_an_update_could_not_give_it_away_even_with_grant_and_policy(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """The select policy applies to the new row: why the engine does it."""
    await trial.execute("grant update (owner_id) on crm.deals to cloison_member")
    await trial.execute("alter policy change_row on crm.deals with check (true)")
    await trial.execute("alter table crm.deals disable trigger z_action_wall")
    await trial.execute("alter policy view_created on crm.deals using (false)")
    statement = "update crm.deals set owner_id = $2 where id = $1"
    async with entered(trial, world, "rolf"):
        await refused(trial, "42501", statement, world.row("deals", "rolf"), world.users["vera"])


async def a_row_is_not_put_where_one_may_not_change_it(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Whoever sees every row and changes his own: with the wall away and a grant too many, the policy is left."""
    update = "update crm.deals set owner_id = $2 where id = $1"
    async with entered(trial, world, "rolf"):
        await refused(trial, "42501", update, world.row("deals", "rolf"), world.users["ella"])


async def test_using_and_with_check_are_alike(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await trial.execute(
        "select access.set_exception($1, $2, 'deals', 'view', 'all', 'grant')", world.north, world.users["rolf"]
    )
    await trial.execute("grant update (owner_id) on crm.deals to cloison_member")
    await trial.execute("alter table crm.deals disable trigger z_action_wall")
    await sabotage(
        trial,
        world,
        a_row_is_not_put_where_one_may_not_change_it,
        "alter policy change_row on crm.deals with check (true)",
    )


async def test_the_row_follows_its_new_owner(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    deal = world.row("deals", "rolf")
    async with entered(trial, world, "lena"):
        assert await succeeds(trial, ASSIGN, deal, world.users["ella"]) is True
        assert await trial.fetchval("select team_id from crm.deals where id = $1", deal) == world.teams["east"]
    async with entered(trial, world, "lena"):
        await succeeds(trial, "select access.assign_deals($1, $2, $3)", deal, world.users["ella"], world.teams["west"])
        assert await trial.fetchval("select team_id from crm.deals where id = $1", deal) == world.teams["west"]


@pytest.mark.parametrize(
    ("name", "owner", "sqlstate"),
    [
        ("rolf", "ella", "U0404"),  # hidden from him
        ("vera", "rolf", "U0403"),  # seen, and not hers to assign
        ("lena", "nobody", "U0404"),  # beyond her teams
        ("edgar", "rolf", "U0404"),  # he views no deals
    ],
)
async def test_who_may_not_hand_over_is_told_no_more_than_he_sees(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, owner: str, sqlstate: str
) -> None:
    deal = world.row("deals", owner)
    assert await trial.fetchval("select count(*) from crm.deals where id = $1", deal) == 1
    async with entered(trial, world, name):
        await refused(trial, sqlstate, ASSIGN, deal, world.users[name])


async def test_a_row_is_not_given_to_who_was_deactivated(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    deal = world.row("deals", "rolf")
    async with entered(trial, world, "lena"):
        await succeeds(trial, ASSIGN, deal, world.users["vera"])
    await trial.execute("select access.set_status($1, $2, 'deactivated')", world.north, world.users["vera"])
    async with entered(trial, world, "lena"):
        await refused(trial, "U0404", ASSIGN, deal, world.users["vera"])


@pytest.mark.parametrize("module", ["deals", "landing_pages"])
async def test_who_may_not_see_a_row_does_not_wait_for_whoever_changes_it(kept: Kept, module: str) -> None:
    """Or the time, and the error at its end, would tell that there is one."""
    row = kept.world.row(module, "ella")
    assign = f"select access.assign_{module}($1, access.user_id())"
    database, users = kept.database, kept.world.users
    async with connected(database.admin_dsn) as busy, connected(database.gateway_dsn) as gateway, rolled_back(busy):
        assert await busy.execute(f"select from crm.{module} where id = $1 for update", row) == "SELECT 1"
        for name, sqlstate in (("rolf", "U0404"), ("olga", "55P03")):
            async with rolled_back(gateway):
                await gateway.execute("set local lock_timeout = '50ms'")
                await gateway.execute("select access.enter('north', $1)", users[name])
                await refused(gateway, sqlstate, assign, row)

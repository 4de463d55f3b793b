"""Contract: one identity per transaction, which nothing that a session sets can change (design sections 3 and 4)."""

import asyncpg
import pytest

from tests.database.checks import sabotage
from tests.database.conftest import Kept
from tests.database.live import connected, rewrite
from tests.database.world import World, entered, logged_in, refused, rolled_back
from tests.support.sql import for_analysts

pytestmark = pytest.mark.any_server

COUNT = "select count(*) from crm.deals"
FORGED = ("cloison.account_id", "cloison.user_id", "cloison.team_keys")


async def nobody_is_entered_twice(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with entered(trial, world, "rolf"):
        await trial.execute("set local role none")
        await refused(trial, "25001", "select access.enter('north', $1)", world.users["ella"])
        await refused(trial, "25001", "select access.enter('north', $1)", world.users["rolf"])


async def test_a_transaction_has_one_identity(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    enter = "access.enter(text,uuid,name)"
    await nobody_is_entered_twice(trial, world)
    await rewrite(trial, enter, "nullif(current_setting('cloison.user_id', true), '') is not null", "false")
    with pytest.raises(AssertionError):
        await nobody_is_entered_twice(trial, world)


async def test_a_cursor_is_never_read_by_somebody_else(kept: Kept) -> None:
    async with connected(kept.database.gateway_dsn) as gateway:
        await gateway.execute("begin; savepoint before")
        await gateway.execute("select access.enter('north', $1)", kept.world.users["olga"])
        await gateway.execute("declare hers cursor for select name from crm.deals")
        assert len(await gateway.fetch("fetch all from hers")) == 3
        await gateway.execute("rollback to savepoint before")
        await gateway.execute("select access.enter('north', $1)", kept.world.users["rolf"])
        with pytest.raises(asyncpg.InvalidCursorNameError):
            await gateway.fetch("fetch all from hers")


async def test_identity_ends_with_its_transaction(kept: Kept) -> None:
    async with connected(kept.database.gateway_dsn) as gateway:
        async with gateway.transaction():
            await gateway.execute("select access.enter('north', $1)", kept.world.users["olga"])
            assert await gateway.fetchval(COUNT) == 3
        assert await gateway.fetchval("show role") == "none"
        for setting in FORGED:
            assert await gateway.fetchval("select current_setting($1, true)", setting) == "", setting
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await gateway.fetchval(COUNT)


@pytest.mark.parametrize("account", ["south", "nowhere", ""])
async def test_nobody_enters_an_account_that_is_not_his(kept: Kept, account: str) -> None:
    async with connected(kept.database.gateway_dsn) as gateway:
        await refused(gateway, "28000", "select access.enter($1, $2)", account, kept.world.users["rolf"])


async def test_an_unknown_user_enters_nothing(kept: Kept) -> None:
    async with connected(kept.database.gateway_dsn) as gateway:
        for slug in ("north", None):
            await refused(gateway, "28000", "select access.enter($1, gen_random_uuid())", slug)


async def test_who_is_in_two_accounts_acts_in_the_one_that_is_named(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    slug = "select account_slug from crm.viewer"
    async with entered(trial, world, "bo", "south"):
        assert await trial.fetchval(slug) == "south"
    async with entered(trial, world, "bo"):
        assert await trial.fetchval(slug) == "north"


async def test_an_analyst_who_sets_what_the_gateway_sets_changes_nothing(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await settings_of_analysts_are_not_believed(trial, world)


async def settings_of_analysts_are_not_believed(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """Lena's analyst sees two rows of the three, whatever she says that she is. Olga has the third."""
    await trial.execute("set local role cloison_engine")
    await trial.execute("update crm.deals set owner_id = $1 where owner_id is null", world.users["olga"])
    await trial.execute("set local role none")
    async with logged_in(trial, world, "lena"):
        for account, user in ((world.north, world.users["olga"]), (world.south, world.users["sven"])):
            for name, value in zip(FORGED, (str(account), str(user), f"{{{world.teams['harbour']}}}"), strict=True):
                await trial.execute("select set_config($1, $2, true)", name, value)
            assert await trial.fetchval(for_analysts(COUNT)) == 2
            assert await trial.fetchval("select access.user_id()") == world.users["lena"]
            assert world.teams["harbour"] not in await trial.fetchval("select access.team_keys()")
            assert await trial.fetchval("select account_slug from analyst.viewer") == "north"


@pytest.mark.parametrize(
    ("function", "condition"),
    [
        ("access.user_id()", "SESSION_USER = 'cloison_gateway'::name"),
        ("access.team_keys()", "SESSION_USER = 'cloison_gateway'::name"),
        ("access.profile()", "SESSION_USER = 'cloison_gateway'::name"),
        ("access.planned_for_gateway()", "session_user = 'cloison_gateway'"),
        ("access.account_of(name)", "access.planned_for_gateway()"),
        ("access.policy_user_id()", "access.planned_for_gateway()"),
        ("access.policy_team_keys()", "access.planned_for_gateway()"),
    ],
)
async def test_a_function_that_believed_everybody_would_be_led_astray(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, function: str, condition: str
) -> None:
    await settings_of_analysts_are_not_believed(trial, world)
    await rewrite(trial, function, condition, "true")
    with pytest.raises((AssertionError, asyncpg.PostgresError)):
        await settings_of_analysts_are_not_believed(trial, world)


async def test_the_profile_of_a_database_is_nothing_without_having_entered(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Who holds a profile's role by another way (a superuser, another login) is nobody."""
    profile = await trial.fetchval(
        "select profile from access_private.session_profile where user_id = $1", world.users["olga"]
    )
    async with rolled_back(trial):
        await trial.execute(f'set local role "{profile}"')
        await trial.execute("select set_config('cloison.account_id', $1, true)", str(world.north))
        await trial.execute("select set_config('cloison.user_id', $1, true)", str(world.users["olga"]))
        assert await trial.fetchval(COUNT) == 0
    async with entered(trial, world, "olga"):
        assert await trial.fetchval(COUNT) == 3


async def test_a_plan_holds_the_viewers_own_scopes_alone(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Has() is a constant to the planner: what is not held is not in the plan."""
    expected = {"olga": (), "rolf": ("owner_id", "created_by"), "lena": ("team_key", "owner_id")}
    for name, columns in expected.items():
        async with entered(trial, world, name):
            await trial.execute("set local enable_indexscan = off; set local enable_bitmapscan = off")
            plan = "\n".join(line[0] for line in await trial.fetch(f"explain (costs off) {COUNT}"))
        filters = [line for line in plan.splitlines() if "Filter:" in line and "One-Time" not in line]
        for column in ("owner_id", "created_by", "team_key"):
            assert any(column in line for line in filters) is (column in columns), plan
        assert "access.has" not in plan


async def test_has_that_read_each_time_would_leave_every_scope_in_the_plan(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    async def folds(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with entered(trial, world, "olga"):
            plan = "\n".join(line[0] for line in await trial.fetch(f"explain (costs off, verbose) {COUNT}"))
        assert "access.has" not in plan

    await sabotage(trial, world, folds, "alter function access.has(text, text, text) stable")

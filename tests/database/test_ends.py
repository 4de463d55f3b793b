"""Contract: what has an end ends by itself, for those in an open transaction too (design section 4)."""

import asyncpg
import pytest

from tests.database.live import GONE, analyst_of, connected, eventually, rewrite, violations
from tests.database.world import World, build
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

COUNT = "select count(*) from crm.deals"
BY_ANALYST = "select count(*) from deals"
OF_ACCOUNT = 3
OVER = "select clock_timestamp() > upper(valid) from access.exception where not upper_inf(valid)"


@pytest.fixture
async def world(admin: "asyncpg.Connection[asyncpg.Record]") -> World:
    return await build(admin)


async def grant_for_a_moment(
    admin: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, seconds: float
) -> None:
    await admin.execute(
        "select access.set_exception($1, $2, 'deals', 'view', 'all', 'grant', clock_timestamp() + $3 * interval '1 s')",
        world.north,
        world.users[name],
        seconds,
    )


async def seen(gateway: "asyncpg.Connection[asyncpg.Record]", world: World, name: str) -> int:
    async with gateway.transaction():
        await gateway.execute("select access.enter('north', $1)", world.users[name])
        count: int = await gateway.fetchval(COUNT)
        return count


async def test_an_exception_ends_without_anything_that_runs(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await grant_for_a_moment(admin, world, "rolf", 2)
    stored = "select count(*) from access_private.session_profile where user_id = $1"
    assert await admin.fetchval(stored, world.users["rolf"]) == 2
    assert await seen(gateway, world, "rolf") == OF_ACCOUNT

    await eventually(admin, OVER)

    assert await seen(gateway, world, "rolf") == 1
    assert await admin.fetchval(stored, world.users["rolf"]) == 2, "nothing has run"
    assert await violations(admin, "session_profile") == []


async def test_enter_looks_at_the_clock_and_not_at_the_start_of_its_transaction(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    assert await seen_after_the_end_in_an_old_transaction(admin, gateway, world) == 1


async def test_enter_that_looked_at_now_would_give_what_has_ended(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await rewrite(admin, "access.enter(text,uuid,name)", "statement_timestamp()", "now()")

    assert await seen_after_the_end_in_an_old_transaction(admin, gateway, world) == OF_ACCOUNT


async def seen_after_the_end_in_an_old_transaction(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]", world: World
) -> int:
    await grant_for_a_moment(admin, world, "rolf", 1)
    async with gateway.transaction():
        assert await gateway.fetchval("select now() < $1", await ending(admin)), "it began before the end"
        await eventually(admin, OVER)
        await gateway.execute("select access.enter('north', $1)", world.users["rolf"])
        count: int = await gateway.fetchval(COUNT)
        return count


async def ending(admin: "asyncpg.Connection[asyncpg.Record]") -> object:
    return await admin.fetchval("select max(upper(valid)) from access.exception where not upper_inf(valid)")


async def counts_around_the_end(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World, isolation: str
) -> tuple[int, int]:
    """What lena's analyst reads before and after the end, in one transaction."""
    await grant_for_a_moment(admin, world, "lena", 2)
    # An unassigned row of no team is beyond her team scope.
    async with analyst_of(database, world, "lena") as analyst:
        await analyst.execute(f"begin isolation level {isolation}")
        before = await analyst.fetchval(BY_ANALYST)
        assert await admin.fetchval("select clock_timestamp() < $1", await ending(admin)), "the machine is too slow"
        await eventually(admin, OVER)
        after = await analyst.fetchval(f"/* anew */ {BY_ANALYST}")
    return before, after


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
async def test_an_analysts_open_transaction_reads_by_what_holds_now(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World, isolation: str
) -> None:
    assert await counts_around_the_end(admin, database, world, isolation) == (OF_ACCOUNT, OF_ACCOUNT - 1)


async def test_an_analysts_lookup_by_now_would_give_what_has_ended(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> None:
    await rewrite(admin, "access.analyst()", "statement_timestamp()", "now()")

    assert await counts_around_the_end(admin, database, world, "read committed") == (OF_ACCOUNT, OF_ACCOUNT)


async def test_a_plan_that_an_analyst_kept_is_refused_after_the_end(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> None:
    await grant_for_a_moment(admin, world, "lena", 2)
    async with analyst_of(database, world, "lena") as analyst:
        await analyst.execute("set plan_cache_mode = force_generic_plan")
        kept = await analyst.prepare(BY_ANALYST)
        assert await kept.fetchval() == OF_ACCOUNT

        await eventually(admin, OVER)

        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="your access has changed"):
            await kept.fetchval()


async def test_a_deny_that_ends_gives_back(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await admin.execute(
        "select access.set_exception($1, $2, 'deals', 'view', 'all', 'deny', clock_timestamp() + interval '1 s')",
        world.north,
        world.users["vera"],
    )
    assert await seen(gateway, world, "vera") == 0

    await eventually(admin, OVER)

    assert await seen(gateway, world, "vera") == OF_ACCOUNT


async def test_a_lookup_of_somebody_else_is_not_disturbed(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> None:
    await grant_for_a_moment(admin, world, "rolf", 0.2)
    async with analyst_of(database, world, "vera") as analyst, connected(database.gateway_dsn) as gateway:
        kept = await analyst.prepare(BY_ANALYST)
        assert await kept.fetchval() == OF_ACCOUNT
        await eventually(admin, OVER)
        assert await kept.fetchval() == OF_ACCOUNT
        assert await seen(gateway, world, "vera") == OF_ACCOUNT


END = "select access.end_stale_sessions(null)"


async def test_a_session_that_saw_more_is_ended_when_its_time_is_over(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
) -> None:
    """Its next statement would be told; an open cursor asks nothing again."""
    await grant_for_a_moment(admin, world, "lena", 2)
    await gateway.fetchval(END)
    async with analyst_of(database, world, "lena") as analyst, analyst_of(database, world, "vera") as bystander:
        await analyst.execute("begin; declare kept cursor for select name from analyst.deals")
        assert len(await analyst.fetch("fetch 1 from kept")) == 1
        assert await gateway.fetchval(END) == 0, "it is not over yet"
        await eventually(admin, OVER)
        assert len(await analyst.fetch("fetch all from kept")) == OF_ACCOUNT - 1, (
            "which is why the session must be ended"
        )

        assert await gateway.fetchval(END) == 1

        with pytest.raises(GONE):
            await analyst.fetch("fetch all from kept")
        assert await bystander.fetchval(BY_ANALYST) == OF_ACCOUNT
    async with analyst_of(database, world, "lena") as analyst:
        assert await gateway.fetchval(END) == 0, "a new session began after the end"
        assert await analyst.fetchval(BY_ANALYST) == OF_ACCOUNT - 1


async def test_an_end_that_changes_nothing_ends_no_session(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
) -> None:
    """Vera sees all deals anyhow."""
    await grant_for_a_moment(admin, world, "vera", 1)
    await gateway.fetchval(END)
    async with analyst_of(database, world, "vera") as analyst:
        await eventually(admin, OVER)
        assert await gateway.fetchval(END) == 0
        assert await analyst.fetchval(BY_ANALYST) == OF_ACCOUNT

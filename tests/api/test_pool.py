"""Sessions: one transaction, one identity, and a connection that is clean or gone."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import asyncpg
import pytest
from asyncpg.types import ServerVersion

from resolvers.errors import Forbidden, LimitExceeded, Unauthenticated, Unavailable
from resolvers.releases import supported
from resolvers.session import Database, Identity, PoolOptions
from tests.api.conftest import Member, World, eventually, strangers, until_running

pytestmark = pytest.mark.any_server

WHO = "select current_user as role, access.user_id() as id, (select count(*) from crm.deals) as deals"


@pytest.fixture
async def pool(world: World) -> AsyncIterator[Database]:
    async with Database.connected(world.database.gateway_dsn, PoolOptions(min_size=1, max_size=4)) as found:
        yield found


async def nobody(pool: Database) -> None:
    """Every connection of the pool is free, and none has an identity left."""
    counts = pool.counts()
    assert counts["open"] == counts["idle"]
    async with pool.anonymous() as connection:
        assert await connection.fetchval("select current_user") == "cloison_gateway"
        assert await connection.fetchval("select nullif(current_setting('cloison.user_id', true), '')") is None


async def run(pool: Database, member: Member, *statements: str) -> None:
    """Run statements in one session."""
    async with pool.session(member.identity) as session:
        for statement in statements:
            await session.connection.fetchval(statement)


async def test_a_session_is_the_member_and_says_which_profile(pool: Database, world: World) -> None:
    async with pool.session(world.agent.identity) as session:
        row = await session.connection.fetchrow(WHO)

    assert row is not None
    assert (row["role"], row["id"], row["deals"]) == (session.profile, world.agent.user, world.agent.deals)
    assert session.profile.startswith("cloison_p_")
    await nobody(pool)


@pytest.mark.parametrize("account", ["acme", None])
async def test_the_only_account_need_not_be_named(pool: Database, world: World, account: str | None) -> None:
    async with pool.session(Identity(account, world.owner.user)) as session:
        assert await session.connection.fetchval("select account_slug from crm.viewer") == "acme"


async def test_a_read_only_session_cannot_write(pool: Database, world: World) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with pool.session(world.owner.identity, read_only=True) as session:
            await session.connection.execute("insert into crm.deals (name) values ('Refused')")
    await nobody(pool)


async def test_strangers_do_not_get_in_and_the_connection_serves_on(pool: Database, world: World) -> None:
    before = pool.counts()["open"]
    for stranger in strangers(world):
        with pytest.raises(Unauthenticated):
            async with pool.session(stranger):
                pytest.fail("let in")

    await nobody(pool)
    assert pool.counts()["open"] == before, "the connection was not thrown away"


@pytest.mark.parametrize(("error", "kept"), [(None, True), (Forbidden(), False), (KeyError("ours"), False)])
async def test_leaving_commits_and_an_exception_rolls_back(
    pool: Database,
    world: World,
    admin: "asyncpg.Connection[asyncpg.Record]",
    error: Exception | None,
    kept: bool,
) -> None:
    name = uuid4().hex

    async def work() -> None:
        async with pool.session(world.stranger.identity) as session:
            await session.connection.execute("insert into crm.companies (name) values ($1)", name)
            if error is not None:
                raise error

    (outcome,) = await asyncio.gather(work(), return_exceptions=True)

    assert outcome is error
    assert await admin.fetchval("select exists (select from crm.companies where name = $1)", name) is kept
    await nobody(pool)


async def test_a_failed_statement_is_not_committed_as_if_nothing_had_been(pool: Database, world: World) -> None:
    async def careless() -> None:
        async with pool.session(world.owner.identity) as session:
            with suppress(asyncpg.DivisionByZeroError):
                await session.connection.fetchval("select 1 / 0")

    with pytest.raises(RuntimeError, match="as if it had succeeded"):
        await careless()
    await nobody(pool)


async def test_cancelling_cancels_the_statement_and_drops_the_connection(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    task = asyncio.create_task(run(pool, world.owner, "select pg_sleep(60) /* to be cancelled */"))
    await until_running(admin, "to be cancelled", running=True)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await until_running(admin, "to be cancelled", running=False)
    await nobody(pool)


async def test_a_statement_that_takes_too_long_is_ended(world: World) -> None:
    options = PoolOptions(min_size=1, max_size=1, statement_timeout=0.05)
    async with Database.connected(world.database.gateway_dsn, options) as pool:
        with pytest.raises(asyncpg.QueryCanceledError):
            await run(pool, world.owner, "select pg_sleep(60)")
        await nobody(pool)


async def test_a_restarted_server_is_not_noticed(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with pool.session(world.owner.identity), pool.session(world.agent.identity):
        pass
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'cloison_gateway' "
        "and datname = current_database()"
    )

    async with pool.session(world.owner.identity) as session:
        assert await session.connection.fetchval("select access.user_id()") == world.owner.user


async def test_a_connection_that_dies_under_way_is_replaced(pool: Database, world: World) -> None:
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError)):
        await run(pool, world.owner, "reset role", "select pg_terminate_backend(pg_backend_pid())", "select 1")

    await run(pool, world.agent, "select 1")
    await nobody(pool)


async def test_a_connection_that_went_away_between_two_statements_is_unavailable(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async def work() -> None:
        async with pool.session(world.owner.identity) as session:
            pid = await session.connection.fetchval("select pg_backend_pid()")
            await admin.execute("select pg_terminate_backend($1)", pid)

            async def is_closed() -> bool:
                return session.connection.is_closed()

            with suppress(asyncpg.InterfaceError):  # the proxy of a connection that has left the pool
                await eventually(is_closed)
            await session.connection.fetchval("select 1")

    with pytest.raises(Unavailable):
        await work()
    await run(pool, world.agent, "select 1")
    await nobody(pool)


async def test_what_the_driver_is_asked_in_a_wrong_way_is_not_said_to_be_the_servers_fault(
    pool: Database, world: World
) -> None:
    async def careless() -> None:
        async with pool.session(world.owner.identity) as session:
            await session.connection.fetchval("select $1::int")

    with pytest.raises(asyncpg.InterfaceError, match="expects 1 argument"):
        await careless()
    await nobody(pool)


async def test_a_full_pool_says_so_in_time(world: World) -> None:
    options = PoolOptions(min_size=1, max_size=1, acquire_timeout=0.05)
    async with Database.connected(world.database.gateway_dsn, options) as pool:
        async with pool.session(world.owner.identity):
            with pytest.raises(Unavailable):
                async with pool.session(world.agent.identity):
                    pytest.fail("there is one connection")
        await nobody(pool)


async def test_one_user_does_not_hold_the_whole_pool(world: World) -> None:
    options = PoolOptions(min_size=1, max_size=2, acquire_timeout=0.05)
    async with Database.connected(world.database.gateway_dsn, options) as pool:
        async with pool.session(world.owner.identity):
            with pytest.raises(LimitExceeded, match="open_requests"):
                async with pool.session(Identity(None, world.owner.user)):
                    pytest.fail("it is not their turn")
            await run(pool, world.agent, "select 1")
        await run(pool, world.owner, "select 1")
        with pytest.raises(Unauthenticated):
            await run(pool, world.former, "select 1")
        with pytest.raises(Unauthenticated):
            await run(pool, world.former, "select 1 /* refused again, not made to wait */")
        await nobody(pool)


async def test_no_server_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await Database.open("postgresql://cloison_gateway:x@127.0.0.1:1/nothing")


async def test_a_wrong_password_is_not_a_members_fault(world: World) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await Database.open(world.database.login_dsn("cloison_gateway", "wrong"))


@pytest.mark.parametrize(
    ("major", "minor", "fine"),
    [
        (14, 99, False),
        (15, 9, False),
        (15, 10, True),
        (16, 5, False),
        (16, 6, True),
        (17, 1, False),
        (17, 2, True),
        (18, 0, True),
        (19, 0, True),
    ],
)
def test_servers_that_mix_up_policies_are_not_used(major: int, minor: int, fine: bool) -> None:
    assert supported(ServerVersion(major, 0, minor, "final", 0)) is fine


async def test_staging_is_private_until_a_member_enters(pool: Database, world: World) -> None:
    async with pool.staging(statement_timeout=60) as staging:
        connection = staging.connection
        await connection.execute("create temp table staged (name text) on commit drop")
        await connection.copy_records_to_table("staged", records=[("a",), ("b",)])
        await connection.execute("grant select on staged to cloison_member")
        profile = await staging.enter(world.owner.identity)

        assert await connection.fetchval("select current_user") == profile
        assert await connection.fetchval("select count(*) from staged") == 2
        assert await connection.fetchval("select count(*) from crm.deals") == world.owner.deals
    await nobody(pool)


async def test_a_transaction_has_one_identity(pool: Database, world: World) -> None:
    async def change_sides() -> None:
        async with pool.staging() as staging:
            await staging.enter(world.owner.identity)
            await staging.enter(world.stranger.identity)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await change_sides()
    await nobody(pool)


async def test_a_stranger_stages_nothing(pool: Database, world: World) -> None:
    with pytest.raises(Unauthenticated):
        async with pool.staging() as staging:
            await staging.enter(world.former.identity)
    await nobody(pool)


async def test_no_row_crosses_between_two_users_of_one_pool(pool: Database, world: World) -> None:
    """Rule T1: thousands of interleaved sessions, many of them aborted anywhere, and each sees its own rows."""
    chance = random.Random(7)
    members = [world.owner, world.agent, world.stranger]
    crossed: list[object] = []
    done = aborted = 0

    async def look(member: Member) -> None:
        async with pool.session(member.identity, read_only=chance.choice([True, False])) as session:
            for _ in range(2):
                row = await session.connection.fetchrow(f"{WHO} /* {session.profile} */")
                assert row is not None
                if (row["role"], row["id"], row["deals"]) != (session.profile, member.user, member.deals):
                    crossed.append((member, dict(row)))
                await asyncio.sleep(0)
            if chance.randrange(10) == 0:
                await session.connection.fetchval("select 1 / 0")

    async def client() -> None:
        nonlocal done, aborted
        for _ in range(100):
            task = asyncio.create_task(look(chance.choice(members)))
            if chance.randrange(10) < 4:
                await asyncio.wait({task}, timeout=chance.random() * 0.02)
                task.cancel()
            try:
                await task
                done += 1
            except (asyncio.CancelledError, asyncpg.DivisionByZeroError):
                aborted += 1

    await asyncio.gather(*(client() for _ in range(20)))

    assert crossed == []
    assert done + aborted == 2000
    assert done > 500
    assert aborted > 300
    await nobody(pool)

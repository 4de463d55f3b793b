"""Exchanges: a member's transaction in one round trip, and a connection that is clean or gone."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import asyncpg
import pytest
from psycopg.pq.abc import PGresult

from resolvers.errors import Forbidden, LimitExceeded, Unauthenticated, Unavailable
from resolvers.session import Database, Identity, PoolOptions, ProfileChangedError
from resolvers.session.pipeline import End, Step
from tests.api.conftest import Member, World, strangers, until_running

pytestmark = pytest.mark.any_server

WHO = "select current_user::text, access.user_id()::text, (select count(*) from crm.deals)"
OPTIONS = PoolOptions(min_size=1, max_size=4, close_timeout=5)


@pytest.fixture
async def pool(world: World) -> AsyncIterator[Database]:
    async with Database.connected(world.database.gateway_dsn, OPTIONS) as found:
        yield found


def texts(result: PGresult) -> list[str | None]:
    """The first row."""
    values = [result.get_value(0, column) for column in range(result.nfields)]
    return [None if value is None else value.decode() for value in values]


async def ask(pool: Database, member: Member, *statements: str, read_only: bool = False) -> list[PGresult]:
    async with pool.exchange(member.identity, read_only=read_only) as exchange:
        return await exchange.last(*(Step(statement) for statement in statements))


async def nobody(pool: Database) -> None:
    """Every connection is free, and none has an identity left."""
    open_, idle = pool.pipelines.counts()
    assert open_ == idle
    for connection in list(pool.pipelines._idle):
        outcome = await connection.run(
            [Step("select current_user::text, nullif(current_setting('cloison.user_id', true), '')")], End.COMMIT
        )
        assert texts(outcome.answers[0]) == ["cloison_gateway", None]


async def end_backends(admin: "asyncpg.Connection[asyncpg.Record]", condition: str = "true") -> None:
    await admin.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'cloison_gateway' "
        f"and datname = current_database() and {condition}"
    )


async def test_an_exchange_is_the_member_and_then_nobody(pool: Database, world: World) -> None:
    for _ in range(3):
        for member in (world.owner, world.agent, world.stranger):
            async with pool.exchange(member.identity) as exchange:
                (answer,) = await exchange.last(Step(WHO))
            assert texts(answer) == [exchange.profile.name, str(member.user), str(member.deals)]
            assert exchange.profile.name.startswith("cloison_p_")
    await nobody(pool)


@pytest.mark.parametrize("account", ["acme", None])
async def test_the_only_account_need_not_be_named(pool: Database, world: World, account: str | None) -> None:
    async with pool.exchange(Identity(account, world.owner.user)) as exchange:
        (answer,) = await exchange.last(Step("select account_slug from crm.viewer"))
    assert texts(answer) == ["acme"]


async def test_statements_of_one_exchange_follow_one_another(pool: Database, world: World) -> None:
    name = uuid4().hex
    async with pool.exchange(world.stranger.identity) as exchange:
        await exchange.run(Step("insert into crm.companies (name) values ($1)", [name]))
        (found,) = await exchange.run(Step("select count(*) from crm.companies where name = $1", [name]))
        answers = await exchange.last(Step("select 1"), Step("select 2"))
    assert texts(found) == ["1"]
    assert [texts(answer) for answer in answers] == [["1"], ["2"]]
    (kept,) = await ask(pool, world.stranger, f"select count(*) from crm.companies where name = '{name}'")
    assert texts(kept) == ["1"]
    await nobody(pool)


async def test_a_read_only_exchange_cannot_write_and_the_next_one_can(pool: Database, world: World) -> None:
    insert = "insert into crm.deals (name) values ('Refused')"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await ask(pool, world.owner, insert, read_only=True)
    async with pool.exchange(world.owner.identity) as exchange:
        await exchange.run(Step(insert))
        with suppress(Forbidden):
            raise Forbidden
        await exchange._send((), End.ROLLBACK)
    await nobody(pool)


async def test_strangers_do_not_get_in_and_the_connection_serves_on(pool: Database, world: World) -> None:
    before = pool.pipelines.counts()
    for stranger in strangers(world):
        with pytest.raises(Unauthenticated):
            async with pool.exchange(stranger) as exchange:
                await exchange.last(Step(WHO))
    assert pool.pipelines.counts() == before, "no connection was thrown away"
    await nobody(pool)


@pytest.mark.parametrize(
    ("asked", "error", "kept"),
    [
        ("run", None, True),
        ("run", Forbidden(), False),
        ("run", KeyError("ours"), False),
        ("last", None, True),
        ("last", Forbidden(), True),
        ("last", KeyError("ours"), True),
    ],
)
async def test_leaving_commits_and_an_exception_rolls_back_what_is_open(
    pool: Database, world: World, asked: str, error: Exception | None, kept: bool
) -> None:
    name = uuid4().hex

    async def work() -> None:
        async with pool.exchange(world.stranger.identity) as exchange:
            await getattr(exchange, asked)(Step("insert into crm.companies (name) values ($1)", [name]))
            if error is not None:
                raise error

    (outcome,) = await asyncio.gather(work(), return_exceptions=True)

    assert outcome is error
    (found,) = await ask(pool, world.stranger, f"select count(*) from crm.companies where name = '{name}'")
    assert texts(found) == [str(int(kept))]
    await nobody(pool)


async def test_an_error_undoes_everything_and_names_its_statement(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    name = uuid4().hex
    insert = f"insert into crm.companies (name) values ('{name}')"
    for number, bad in enumerate(["select 1 / 0", "select nonsense from nowhere", "not sql"]):
        statements = [insert] * number + [bad, insert]
        async with pool.exchange(world.stranger.identity) as exchange:
            with pytest.raises((asyncpg.DivisionByZeroError, asyncpg.UndefinedTableError, asyncpg.PostgresSyntaxError)):
                await exchange.last(*(Step(statement) for statement in statements))
            assert exchange.failed == number
    assert not await admin.fetchval("select exists (select from crm.companies where name = $1)", name)
    assert texts((await ask(pool, world.stranger, "select 'not sql'"))[0]) == ["not sql"]
    await nobody(pool)


@pytest.mark.parametrize("asked", ["run", "last"])
async def test_what_waits_for_the_commit_is_an_error_of_the_exchange(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]", asked: str
) -> None:
    name = uuid4().hex
    company = uuid4()
    await ask(pool, world.stranger, f"insert into crm.companies (id, name) values ('{company}', '{name}')")
    insert = f"insert into crm.deals (name, company_id) values ('{name}', '{company}')"
    gone = f"delete from crm.companies where id = '{company}'"
    unlink = "set constraints all deferred"

    async def work() -> None:
        async with pool.exchange(world.stranger.identity) as exchange:
            await exchange.run(Step(unlink), Step(insert))
            # Of what is not committed yet, the other side knows nothing.
            await ask(pool, world.stranger, gone)
            await getattr(exchange, asked)(Step("select 1"))

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await work()
    assert not await admin.fetchval("select exists (select from crm.deals where name = $1)", name)
    await nobody(pool)


@pytest.mark.parametrize("asked", ["run", "last"])
async def test_cancelling_cancels_the_statement_and_keeps_the_connection(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]", asked: str
) -> None:
    """A connection made anew would plan everything anew: whoever leaves shall not cost the others that."""
    (before,) = await ask(pool, world.owner, "select pg_backend_pid()::text")
    name = str(uuid4())

    async def work() -> None:
        async with pool.exchange(world.owner.identity) as exchange:
            await getattr(exchange, asked)(
                Step(f"insert into crm.companies (name) values ('{name}')"),
                Step("select pg_sleep(60) /* to be cancelled */"),
            )

    task = asyncio.create_task(work())
    await until_running(admin, "to be cancelled", running=True)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_running(admin, "to be cancelled", running=False)

    await nobody(pool)
    (after,) = await ask(pool, world.owner, "select pg_backend_pid()::text")
    assert texts(after) == texts(before)
    assert not await admin.fetchval("select exists (select from crm.companies where name = $1)", name)


async def test_who_leaves_between_two_round_trips_takes_the_connection_along(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    (before,) = await ask(pool, world.owner, "select pg_backend_pid()::text")
    name = str(uuid4())
    reached = asyncio.Event()

    async def work() -> None:
        async with pool.exchange(world.owner.identity) as exchange:
            await exchange.run(Step(f"insert into crm.companies (name) values ('{name}')"))
            reached.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await nobody(pool)
    (after,) = await ask(pool, world.owner, "select pg_backend_pid()::text")
    assert texts(after) != texts(before)
    assert not await admin.fetchval("select exists (select from crm.companies where name = $1)", name)


async def test_a_statement_that_takes_too_long_is_ended(world: World) -> None:
    options = PoolOptions(min_size=1, max_size=1, statement_timeout=0.05)
    async with Database.connected(world.database.gateway_dsn, options) as pool:
        with pytest.raises(asyncpg.QueryCanceledError):
            await ask(pool, world.owner, "select pg_sleep(60)")
        await nobody(pool)


async def test_a_restarted_server_is_not_noticed(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with pool.exchange(world.owner.identity) as one, pool.exchange(world.agent.identity) as other:
        await one.run(Step("select 1"))
        await other.run(Step("select 1"))
    assert pool.pipelines.counts()[0] == 2
    await end_backends(admin)

    (answer,) = await ask(pool, world.owner, "select access.user_id()::text")
    assert texts(answer) == [str(world.owner.user)]
    await nobody(pool)


@pytest.mark.parametrize("read_only", [True, False])
async def test_a_connection_that_dies_under_way_is_replaced_where_nothing_was_written(
    pool: Database, world: World, admin: "asyncpg.Connection[asyncpg.Record]", read_only: bool
) -> None:
    statement = "select pg_sleep(case when (select count(*) from crm.contacts) = 0 then 60 else 0 end) /* dies */"
    task = asyncio.create_task(ask(pool, world.stranger, statement, read_only=read_only))
    await until_running(admin, "/* dies */", running=True)
    await ask(pool, world.stranger, "insert into crm.contacts (last_name) values ('Here')")
    try:
        await end_backends(admin, "query like '%/* dies */%'")
        if read_only:
            assert len(await task) == 1
        else:
            with pytest.raises(Unavailable):
                await task
    finally:
        await ask(pool, world.stranger, "delete from crm.contacts where last_name = 'Here'")
    await nobody(pool)


async def test_no_server_is_unavailable_at_once_and_so_is_a_full_pool(world: World) -> None:
    options = PoolOptions(min_size=1, max_size=2, acquire_timeout=0.05)
    async with Database.connected(world.database.gateway_dsn, options) as pool:
        async with pool.exchange(world.owner.identity) as exchange:
            await exchange.run(Step("select 1"))
            with pytest.raises(LimitExceeded, match="open_requests"):
                await ask(pool, world.owner, "select 1")
            async with pool.exchange(world.agent.identity) as second:
                await second.run(Step("select 1"))
                with pytest.raises(Unavailable):
                    await ask(pool, world.stranger, "select 1")
            await ask(pool, world.stranger, "select 1")
        await nobody(pool)


async def test_a_transaction_of_its_own_does_not_go_back_to_the_pool(pool: Database, world: World) -> None:
    for statement in ("begin", "declare hers cursor with hold for select 1"):
        before = pool.pipelines.counts()
        with suppress(asyncpg.PostgresError):
            await ask(pool, world.owner, "begin", statement)
        assert pool.pipelines.counts()[0] == before[0] - 1
        await ask(pool, world.agent, WHO)
        await nobody(pool)


@pytest.mark.parametrize("statement", ["copy (select 1) to stdout", "copy crm.deals (name) from stdin"])
async def test_a_copy_ends_the_connection_and_not_the_pool(pool: Database, world: World, statement: str) -> None:
    with pytest.raises((asyncpg.PostgresError, Unavailable)):
        await ask(pool, world.owner, statement)
    (answer,) = await ask(pool, world.agent, WHO)
    assert texts(answer)[1:] == [str(world.agent.user), "2"]
    await nobody(pool)


async def test_a_changed_member_is_another_at_once(pool: Database, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Rule C8: nothing is done by statements that were made for another profile than the member's."""
    account = await admin.fetchval("select id from access.account where slug = 'acme'")
    roles = {
        name: await admin.fetchval(
            "select access.create_role($1, $2, $3)",
            account,
            name,
            f'[{{"module": "deals", "action": "view", "scopes": ["{scope}"]}}]',
        )
        for name, scope in (("Sees all", "all"), ("Sees own", "owned"))
    }
    user = await admin.fetchval(
        "select access.add_member($1, 'chameleon@acme.example', 'Chameleon', $2)", account, roles["Sees all"]
    )
    member = Member("acme", user, 5)
    seen = []
    for role in ("Sees all", "Sees own", "Sees all", "Sees own"):
        await admin.execute("select access.change_role($1, $2, $3)", account, user, roles[role])
        for _ in range(3):
            try:
                async with pool.exchange(member.identity, read_only=True) as exchange:
                    (answer,) = await exchange.last(Step(f"/* {exchange.profile.name} */ {WHO}"))
            except ProfileChangedError:
                seen.append("changed")
            else:
                assert texts(answer)[0] == exchange.profile.name
                seen.append(str(texts(answer)[2]))
    assert seen == ["5", "5", "5", "changed", "0", "0", "changed", "5", "5", "changed", "0", "0"]
    await nobody(pool)


async def test_no_row_crosses_between_users_of_one_pool(pool: Database, world: World) -> None:
    """Rule T1: thousands of interleaved exchanges, many of them aborted anywhere, and each sees its own rows."""
    chance = random.Random(11)
    members = [world.owner, world.agent, world.stranger]
    counts: Counter[str] = Counter()

    async def look(member: Member) -> None:
        async with pool.exchange(member.identity, read_only=chance.choice([True, False])) as exchange:
            statement = Step(f"{WHO} /* {chance.randrange(3)} */")
            answers = []
            if chance.randrange(2):
                answers += await exchange.run(statement)
                await asyncio.sleep(0)
            if chance.randrange(10) == 0:
                await exchange.run(Step("select 1 / 0"))
            answers += await exchange.last(statement, statement)
        for answer in answers:
            counts["looked"] += 1
            if texts(answer) != [exchange.profile.name, str(member.user), str(member.deals)]:
                counts["crossed"] += 1

    async def client() -> None:
        for _ in range(100):
            task = asyncio.create_task(look(chance.choice(members)))
            if chance.randrange(10) < 4:
                await asyncio.wait({task}, timeout=chance.random() * 0.02)
                task.cancel()
            try:
                await task
                counts["done"] += 1
            except (asyncio.CancelledError, asyncpg.DivisionByZeroError):
                counts["aborted"] += 1

    await asyncio.gather(*(client() for _ in range(20)))

    assert counts["crossed"] == 0
    assert counts["done"] + counts["aborted"] == 2000
    assert counts["done"] > 500
    assert counts["aborted"] > 300
    assert counts["looked"] > 1000
    await nobody(pool)

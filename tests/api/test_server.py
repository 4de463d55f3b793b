"""The gateway behind a real server: clients that go away, analysts that are watched, a stop that is orderly."""

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import httpx
import orjson
import pytest

import server
from gateway.watchdog import Watchdog
from resolvers.session import Database
from tests.api.conftest import Member, World, bearer, eventually, listening, populated, read, settings_for, talking
from tests.conftest import Clone

DEALS = {"query": "{ deals { totalCount } }"}
CREATE = {"query": 'mutation { createDeal(input: {name: "By nobody"}) { id } }'}

WAITING = (
    "from pg_stat_activity where usename = 'cloison_gateway' and datname = current_database() "
    "and wait_event_type = 'Lock'"
)


@pytest.fixture
def world(clone: Clone) -> Iterator[World]:
    with clone() as database:
        yield populated(database)


@pytest.fixture
async def admin(world: World) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await world.database.connect()
    yield connection
    await connection.close()


@asynccontextmanager
async def locked(world: World) -> AsyncIterator[None]:
    """Nobody reads deals while the block runs."""
    connection = await world.database.connect()
    async with connection.transaction():
        await connection.execute("lock table crm.deals in access exclusive mode")
        yield
    await connection.close()


async def send(url: str, headers: dict[str, str], body: object) -> asyncio.StreamWriter:
    """Send a request and read nothing."""
    parts = urlsplit(url)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    content = orjson.dumps(body)
    head = {"host": parts.netloc, "content-type": "application/json", "content-length": str(len(content))} | headers
    lines = ["POST /graphql HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    writer.write("\r\n".join(lines).encode() + content)
    await writer.drain()
    return writer


# uvicorn stops reading where a body is larger than it likes.
LARGE = {**DEALS, "extensions": {"filler": "x" * 100_000}}


@pytest.mark.parametrize("body", [DEALS, CREATE, LARGE], ids=["query", "mutation", "large"])
async def test_a_client_that_goes_away_takes_its_statement_along(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]", capsys: pytest.CaptureFixture[str], body: object
) -> None:
    async def is_waiting() -> bool:
        return bool(await admin.fetchval(f"select exists (select {WAITING})"))

    async def is_gone() -> bool:
        return not await is_waiting()

    async with listening(settings_for(world.database, statement_timeout=60, lock_timeout=60)) as (_, url):
        async with locked(world):
            writer = await send(url, bearer(world.owner), body)
            await eventually(is_waiting)

            writer.close()
            await writer.wait_closed()

            await eventually(is_gone)
        async with httpx.AsyncClient(base_url=url, headers=bearer(world.owner)) as client:
            answer = await client.post("/graphql", json=DEALS)

    assert answer.json() == {"data": {"deals": {"totalCount": world.owner.deals}}}
    assert '"outcome":"client gone"' in capsys.readouterr().err, "and not because a timeout ended it"


async def test_a_body_that_breaks_off_is_nobodys_trouble(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    async with listening(settings_for(world.database)) as (_, url):
        headers = bearer(world.owner) | {"content-length": "1000"}
        writer = await send(url, headers, {"query": "{"})
        writer.close()
        await writer.wait_closed()

        async def is_logged() -> bool:
            return '"outcome":"client gone"' in capsys.readouterr().err

        await eventually(is_logged)


async def test_a_connection_serves_several_requests(world: World) -> None:
    async with (
        listening(settings_for(world.database)) as (_, url),
        httpx.AsyncClient(base_url=url, headers=bearer(world.owner)) as client,
    ):
        answers = [await client.post("/graphql", json=DEALS) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]


def request(method: str, body: bytes, *lines: str) -> bytes:
    """A request as it goes over the wire."""
    head = [f"{method} /graphql HTTP/1.1", "host: x", f"content-length: {len(body)}", *lines]
    return "\r\n".join([*head, "content-type: application/json", "", ""]).encode() + body


async def test_requests_that_come_at_once_are_answered_in_their_order(world: World) -> None:
    (authorization,) = bearer(world.owner).values()
    queries = ["{ deals { totalCount } }", "{ __typename }", "{ viewer { account { slug } } }"]
    sent = [request("POST", orjson.dumps({"query": text}), f"authorization: {authorization}") for text in queries]
    last = request("POST", b"{}", f"authorization: {authorization}", "connection: close")
    async with listening(settings_for(world.database)) as (_, url):
        answer = await read(url, b"".join(sent) + last)

    heads = [part.split(b"\r\n\r\n")[0] for part in answer.split(b"HTTP/1.1 ")[1:]]
    bodies = [part.split(b"\r\n\r\n")[1] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert [orjson.loads(body).get("data") for body in bodies] == [
        {"deals": {"totalCount": world.owner.deals}},
        {"__typename": "Query"},
        {"viewer": {"account": {"slug": "acme"}}},
        None,
    ]
    assert [head[:3] for head in heads] == [b"200", b"200", b"200", b"400"]
    ids = {line for head in heads for line in head.split(b"\r\n") if line.startswith(b"x-request-id: ")}
    assert len(ids) == 4
    assert [b"connection: close" in head for head in heads] == [False, False, False, True]


async def test_an_answer_over_the_wire_has_what_an_answer_has(world: World) -> None:
    """What is written at once is what would have gone out in messages."""
    async with (
        listening(settings_for(world.database)) as (_, url),
        httpx.AsyncClient(base_url=url, headers=bearer(world.owner)) as client,
        talking(settings_for(world.database), **bearer(world.owner)) as other,
    ):
        given = {"x-request-id": "the-same"}
        straight = [await client.post("/graphql", json=body, headers=given) for body in (DEALS, {}, {"query": "{"})]
        usual = [await other.post("/graphql", json=body, headers=given) for body in (DEALS, {}, {"query": "{"})]

    for one, two in zip(straight, usual, strict=True):
        assert (one.status_code, one.content) == (two.status_code, two.content)
        assert {name: value for name, value in one.headers.items() if name not in {"date", "server"}} == dict(
            two.headers
        )
        assert "date" in one.headers


async def test_the_answer_to_head_has_no_body(world: World) -> None:
    (authorization,) = bearer(world.owner).values()
    async with listening(settings_for(world.database)) as (_, url):
        answer = await read(url, request("HEAD", b"", f"authorization: {authorization}", "connection: close"))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405")
    assert body == b""


async def test_a_connection_without_requests_is_closed_and_one_with_them_is_not(world: World) -> None:
    (authorization,) = bearer(world.owner).values()
    sent = request("POST", orjson.dumps(DEALS), f"authorization: {authorization}")
    async with listening(settings_for(world.database), keep_alive=1) as (_, url):
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        started = asyncio.get_running_loop().time()
        # For longer than a connection may be idle.
        for _ in range(7):
            writer.write(sent)
            await reader.readuntil(b"\r\n\r\n")
            await reader.readuntil(b"}}}")
            await asyncio.sleep(0.2)
        used = asyncio.get_running_loop().time() - started
        async with asyncio.timeout(10):
            rest = await reader.read()
        ended = asyncio.get_running_loop().time() - started
        writer.close()

    assert rest == b""
    assert used > 1
    assert ended - used < 5


async def test_what_stays_is_no_work_for_the_garbage_collector(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "for_serving", lambda: settings_for(world.database))
    before = gc.get_threshold()
    try:
        server.application()
        assert gc.get_freeze_count() > 50_000, "the schema among it"
        assert gc.get_threshold() > before
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


async def test_a_stop_lets_requests_end(world: World, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    async def is_waiting() -> bool:
        return bool(await admin.fetchval(f"select exists (select {WAITING})"))

    async with (
        listening(settings_for(world.database)) as (running, url),
        httpx.AsyncClient(base_url=url, headers=bearer(world.owner)) as client,
    ):
        async with locked(world):
            request = asyncio.create_task(client.post("/graphql", json=DEALS))
            await eventually(is_waiting)
            running.should_exit = True
        answer = await request

    assert answer.json() == {"data": {"deals": {"totalCount": world.owner.deals}}}
    assert not await admin.fetchval(
        "select count(*) from pg_stat_activity where usename = 'cloison_gateway' and datname = current_database()"
    ), "nothing is left open"


async def analyst(world: World, admin: "asyncpg.Connection[asyncpg.Record]") -> "asyncpg.Connection[asyncpg.Record]":
    account = await admin.fetchval("select id from access.account where slug = 'acme'")
    row = await admin.fetchrow("select * from access.create_analyst($1, $2)", account, world.agent.user)
    assert row is not None
    connection = await asyncpg.connect(world.database.login_dsn(row["login"], row["password"]))
    assert await connection.fetchval("select count(*) from deals") == world.agent.deals
    return connection


async def test_an_analyst_whose_rights_change_is_cut_off(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Rule C8: a revoked right stops working, also in a session that is open."""
    account = await admin.fetchval("select id from access.account where slug = 'acme'")
    async with listening(settings_for(world.database)):
        connection = await analyst(world, admin)
        assert not connection.is_closed(), "nothing has changed yet"

        await admin.execute("select access.set_status($1, $2, 'deactivated')", account, world.agent.user)

        async def is_cut_off() -> bool:
            return connection.is_closed()

        await eventually(is_cut_off)


async def test_an_analyst_whose_statement_takes_too_long_is_cut_off(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with listening(settings_for(world.database, analyst_timeout=0.2)):
        connection = await analyst(world, admin)

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await connection.fetchval("select pg_sleep(60)")


async def test_a_watchdog_that_cannot_see_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    class Blind(Watchdog):
        async def look(self) -> int:
            raise asyncpg.TooManyConnectionsError

    async with Database.connected(world.database.gateway_dsn) as database:
        watchdog = Blind(database, timedelta(seconds=1), timedelta(days=30))
        probe = watchdog.probe()
        watchdog.start()

        async def is_known() -> bool:
            return await probe() is not None

        await eventually(is_known)
        await watchdog.stop()
    assert capsys.readouterr().err.count("cannot watch") == 1


async def test_what_is_unused_is_removed_now_and_then(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile that nobody has had for a day is gone soon after the start, and its role with it."""
    monkeypatch.setattr("gateway.watchdog.TIDYING_INTERVAL", 0.01)
    account = await admin.fetchval("select id from access.account where slug = 'acme'")
    cells = '[{"module": "tickets", "action": "view", "scopes": ["created"]}]'
    role = await admin.fetchval("select access.create_role($1, 'For a day', $2)", account, cells)
    member = await admin.fetchval("select access.add_member($1, 'max@acme.example', 'Max', $2)", account, role)
    unused = await admin.fetchval("select profile from access_private.session_profile where user_id = $1", member)
    await admin.execute("select access.set_status($1, $2, 'deactivated')", account, member)
    assert await admin.fetchval("select exists (select from pg_roles where rolname = $1)", unused)

    async def is_gone() -> bool:
        # As if it had been unused for two days: the first time that it is seen unused, it is only noted.
        await admin.execute(
            "update access_private.profile set unused_since = unused_since - interval '2 days' where name = $1", unused
        )
        return not await admin.fetchval("select exists (select from pg_roles where rolname = $1)", unused)

    async with Database.connected(world.database.gateway_dsn) as database:
        watchdog = Watchdog(database, timedelta(seconds=1), timedelta(days=30))
        watchdog.start()
        await eventually(is_gone)
        assert await watchdog.probe()() is None
        await watchdog.stop()


async def test_the_trash_is_purged_by_a_running_gateway(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.watchdog.TIDYING_INTERVAL", 0.01)
    async with admin.transaction():
        await admin.execute("set local role cloison_engine; delete from crm.deals")
    deleted: int = await admin.fetchval("select count(*) from access.trash where module = 'deals'")
    assert deleted > 0
    old = "select id from access.trash where module = 'deals' limit 1"
    await admin.execute(f"update access.trash set deleted_at = now() - interval '8 days' where id in ({old})")

    async def is_gone() -> bool:
        left: int = await admin.fetchval("select count(*) from access.trash where module = 'deals'")
        return left == int(deleted) - 1

    async with Database.connected(world.database.gateway_dsn) as database:
        watchdog = Watchdog(database, timedelta(seconds=1), timedelta(days=7))
        watchdog.start()
        await eventually(is_gone)
        assert await watchdog.purge() == 0, "the others are not old enough"
        await watchdog.stop()


async def test_what_cannot_be_removed_keeps_nobody_from_watching(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    class Untidy(Watchdog):
        async def tidy(self) -> int:
            raise asyncpg.LockNotAvailableError

    async with Database.connected(world.database.gateway_dsn) as database:
        watchdog = Untidy(database, timedelta(seconds=1), timedelta(days=30))
        watchdog.start()

        async def is_said() -> bool:
            return "cannot remove what is unused" in said()

        heard: list[str] = []

        def said() -> str:
            heard.append(capsys.readouterr().err)
            return "".join(heard)

        await eventually(is_said)
        assert await watchdog.probe()() is None
        assert await watchdog.look() == 0
        await watchdog.stop()


async def test_no_answer_crosses_between_users_of_one_server(world: World) -> None:
    """Rule T1: requests of three users, interleaved, many of them aborted; each answer is its user's."""
    chance = random.Random(11)
    members = [world.owner, world.agent, world.stranger]
    query = {"query": "{ viewer { account { slug } user { id } } deals { totalCount nodes { name } } }"}
    done = aborted = 0

    async def ask(client: httpx.AsyncClient, member: Member) -> None:
        data = (await client.post("/graphql", json=query, headers=bearer(member))).json()["data"]
        assert data["viewer"] == {"account": {"slug": member.account}, "user": {"id": f"Person:{member.user}"}}
        assert data["deals"]["totalCount"] == len(data["deals"]["nodes"]) == member.deals

    async def browse(client: httpx.AsyncClient) -> None:
        nonlocal done, aborted
        for _ in range(40):
            task = asyncio.create_task(ask(client, chance.choice(members)))
            if chance.randrange(10) < 4:
                await asyncio.wait({task}, timeout=chance.random() * 0.03)
                task.cancel()
            try:
                await task
                done += 1
            except asyncio.CancelledError:
                aborted += 1

    async with (
        listening(settings_for(world.database, pool_max=3)) as (_, url),
        httpx.AsyncClient(base_url=url, timeout=30) as client,
    ):
        await asyncio.gather(*(browse(client) for _ in range(20)))

    assert done + aborted == 800
    assert done > 200
    assert aborted > 100

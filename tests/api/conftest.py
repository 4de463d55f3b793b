"""A small world of two accounts, and the application on top of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import anyio
import asyncpg
import httpx
import jwt
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.protocol import BoundedProtocol
from gateway.settings import Settings
from resolvers.session import Identity
from tests.conftest import Clone
from tests.support.databases import TestDatabase

SECRET = "a secret of the tests, thirty-two bytes or more"
CURSOR_SECRET = "another secret of the tests, for cursors"


@dataclass(frozen=True)
class Member:
    """A member of an account of the world, and how many deals they see there."""

    account: str
    user: UUID
    deals: int

    @property
    def identity(self) -> Identity:
        return Identity(self.account, self.user)


@dataclass(frozen=True)
class World:
    """Account `acme` with an owner, an agent (sees their own deals) and somebody deactivated; `bolt` with an owner."""

    database: TestDatabase
    owner: Member
    agent: Member
    former: Member
    stranger: Member


@pytest.fixture(scope="module")
def world(clone: Clone) -> Iterator[World]:
    with clone() as database:
        yield populated(database)


def populated(database: TestDatabase) -> World:
    """Fill a migrated database with accounts, members and deals."""
    return anyio.run(_populate, database)


async def _populate(database: TestDatabase) -> World:
    admin = await database.connect()
    try:
        acme = await admin.fetchval("select access.create_account('acme', 'Acme', 'olive@acme.example', 'Olive')")
        bolt = await admin.fetchval("select access.create_account('bolt', 'Bolt', 'boris@bolt.example', 'Boris')")
        role = await admin.fetchval(
            "select access.create_role($1, 'Agent', $2)",
            acme,
            """[{"module": "deals", "action": "view", "scopes": ["owned"]},
                {"module": "deals", "action": "create"},
                {"module": "deals", "action": "update", "scopes": ["owned"]}]""",
        )
        agent = await admin.fetchval("select access.add_member($1, 'ann@acme.example', 'Ann', $2)", acme, role)
        former = await admin.fetchval("select access.add_member($1, 'finn@acme.example', 'Finn', $2)", acme, role)
        await admin.execute("select access.set_status($1, $2, 'deactivated')", acme, former)
        olive = await _user(admin, "olive@acme.example")
        boris = await _user(admin, "boris@bolt.example")
    finally:
        await admin.close()
    gateway = await asyncpg.connect(database.gateway_dsn)
    try:
        for account, user, names in (
            ("acme", olive, ["Anvils", "Rockets", "Magnets"]),
            ("acme", agent, ["Springs", "Skates"]),
            ("bolt", boris, ["Nuts"]),
        ):
            async with gateway.transaction():
                await gateway.execute("select access.enter($1, $2)", account, user)
                await gateway.executemany("insert into crm.deals (name) values ($1)", [(name,) for name in names])
    finally:
        await gateway.close()
    assert bolt != acme
    return World(
        database,
        owner=Member("acme", olive, 5),
        agent=Member("acme", agent, 2),
        former=Member("acme", former, 0),
        stranger=Member("bolt", boris, 1),
    )


async def _user(admin: "asyncpg.Connection[asyncpg.Record]", email: str) -> UUID:
    found: UUID = await admin.fetchval("select id from access.app_user where email = $1", email)
    return found


@pytest.fixture
async def admin(world: World) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of the superuser's to the world's database."""
    connection = await world.database.connect()
    yield connection
    await connection.close()


def strangers(world: World) -> list[Identity]:
    """Whom nothing lets in: deactivated, of another account, unknown, of no account, and no slug at all."""
    return [
        world.former.identity,
        Identity("bolt", world.owner.user),
        Identity("acme", uuid4()),
        Identity("nowhere", world.owner.user),
        Identity("acme'; select 1 --", world.owner.user),
        Identity("", world.owner.user),
    ]


async def until_running(admin: "asyncpg.Connection[asyncpg.Record]", marker: str, *, running: bool) -> None:
    """Wait for a statement to run, or to be gone."""

    async def reached() -> bool:
        found = await admin.fetchval(
            "select exists (select from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() "
            "and query like '%' || $1 || '%')",
            marker,
        )
        return found is running

    await eventually(reached)


def settings_for(database: TestDatabase, **overrides: Any) -> Settings:
    """Settings of a gateway on `database`, whatever the environment says."""
    given: dict[str, Any] = {
        "gateway_url": SecretStr(database.gateway_dsn),
        "database_url": SecretStr(database.gateway_dsn),
        "jwt_secret": SecretStr(SECRET),
        "cursor_secret": SecretStr(CURSOR_SECRET),
        "pool_min": 1,
        "pool_max": 5,
        "shutdown_timeout": 2,
    }
    return Settings(**(given | overrides))


def token(member: Member, *, key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A token of a member; a claim that is given as None is left out."""
    now = int(time.time())
    payload: dict[str, Any] = {
        "sub": str(member.user),
        "account": member.account,
        "iss": "cloison",
        "aud": "cloison",
        "iat": now,
        "exp": now + 600,
    }
    payload = {name: value for name, value in (payload | claims).items() if value is not None}
    headers = {"kid": payload.pop("kid")} if "kid" in payload else None
    return jwt.encode(payload, key, algorithm, headers=headers)


def bearer(member: Member, **claims: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {token(member, **claims)}"}


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Wait until a condition holds, and fail if it does not within a few seconds."""
    async with asyncio.timeout(seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Starlette]:
    """An application whose lifespan has begun."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def listening(settings: Settings, *, keep_alive: int = 75) -> AsyncIterator[tuple[uvicorn.Server, str]]:
    """A server on a free port of the loopback, and its address."""
    config = uvicorn.Config(
        create_app(settings),
        port=0,
        http=BoundedProtocol,
        lifespan="on",
        access_log=False,
        log_config=None,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())

    async def started() -> bool:
        if task.done():
            await task
        return server.started

    await eventually(started)
    try:
        (port,) = {sock.getsockname()[1] for listener in server.servers for sock in listener.sockets}
        yield server, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def talking(settings: Settings, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application of its own."""
    async with (
        serving(settings) as app,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://gateway.example", headers=headers
        ) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with talking(settings_for(world.database)) as found:
        yield found


async def read(url: str, *parts: bytes) -> bytes:
    """Send parts of a request, and read until the server closes the connection."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    answer = b""
    with suppress(ConnectionError):
        async with asyncio.timeout(10):
            for part in parts:
                writer.write(part)
                await writer.drain()
            answer = await reader.read()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return answer

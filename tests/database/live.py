"""Real sessions beside one another: connections that commit, waits that are bounded by the server's clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from migrations.audit import ask
from migrations.definitions import rendered
from tests.database.world import World
from tests.support.databases import TestDatabase

# How the driver says that the server has ended the session, whatever it was doing.
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection for the time of the block, whatever became of it."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def analyst_of(
    database: TestDatabase, world: World, name: str
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A session of a member's analyst login, as psql would open it."""
    async with connected(database.login_dsn(*world.analysts[name])) as connection:
        yield connection


async def eventually(
    connection: "asyncpg.Connection[asyncpg.Record]", question: str, *arguments: Any, seconds: float = 10
) -> None:
    """Wait until the server answers yes; AssertionError after so many seconds of its clock."""
    start = await connection.fetchval("select clock_timestamp()")
    while not await connection.fetchval(question, *arguments):
        late = await connection.fetchval("select extract(epoch from clock_timestamp() - $1) > $2", start, seconds)
        assert not late, f"not within {seconds} s: {question}"
        await connection.execute("select pg_sleep(0.01)")


WAITS = "select wait_event_type = 'Lock' from pg_stat_activity where pid = $1"


async def violations(admin: "asyncpg.Connection[asyncpg.Record]", *names: str) -> list[str]:
    """What the audits of these names find."""
    files = {f"audit/{name}.sql" for name in names}
    return [line for each in rendered("audit") if each.path in files for line in await ask(admin, each)]


async def rewrite(admin: "asyncpg.Connection[asyncpg.Record]", function: str, old: str, new: str) -> None:
    """Replace text in a function's definition: how a test breaks what a contract demands."""
    definition: str = await admin.fetchval("select pg_get_functiondef($1::text::regprocedure)", function)
    assert old in definition, f"{function} does not say {old!r} any more"
    await admin.execute(definition.replace(old, new))

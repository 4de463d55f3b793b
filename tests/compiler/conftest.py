"""One database of the compiler's tests: they read the same world."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from resolvers.operations import Compiler, Result
from resolvers.session import Database
from tests.compiler import large
from tests.compiler.planner import Planner
from tests.compiler.world import World, build
from tests.conftest import Clone
from tests.support.databases import TestDatabase

SECRET = b"a secret of the tests, 32 bytes!"


@pytest.fixture(scope="package")
def world_database(clone: Clone) -> Iterator[TestDatabase]:
    with clone() as database:
        yield database


@pytest.fixture(scope="package")
async def world(world_database: TestDatabase) -> World:
    admin = await world_database.connect()
    try:
        return await build(admin)
    finally:
        await admin.close()


@pytest.fixture
async def gateway_pool(world: World, world_database: TestDatabase) -> AsyncIterator[Database]:  # noqa: ARG001
    async with Database.connected(world_database.gateway_dsn) as database:
        yield database


@pytest.fixture(scope="session")
def compiler() -> Compiler:
    return Compiler(SECRET)


class Client:
    """Asks as a person of the world."""

    def __init__(self, compiler: Compiler, database: Database, world: World) -> None:
        self.compiler = compiler
        self.database = database
        self.world = world

    async def ask(self, who: str, text: str, variables: dict[str, Any] | None = None) -> Result:
        request = self.compiler.prepare(text, None).bind(variables or {}, self.world.identity(who))
        return await request.run(self.database)


@pytest.fixture
def client(compiler: Compiler, gateway_pool: Database, world: World) -> Client:
    return Client(compiler, gateway_pool, world)


@pytest.fixture(scope="package")
def large_database(clone: Clone) -> Iterator[TestDatabase]:
    with clone() as database:
        yield database


@pytest.fixture(scope="package")
async def account(large_database: TestDatabase) -> large.Large:
    admin = await large_database.connect()
    try:
        return await large.build(admin)
    finally:
        await admin.close()


@pytest.fixture
async def gateway(large_database: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(large_database.gateway_dsn, server_settings={"jit": "off"})
    yield connection
    await connection.close()


@pytest.fixture
def planner(gateway: "asyncpg.Connection[asyncpg.Record]", account: large.Large, compiler: Compiler) -> Planner:
    return Planner(gateway, account, compiler)

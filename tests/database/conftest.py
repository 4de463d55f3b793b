"""Fixtures of the database's tests: a world that everybody reads, in transactions that are rolled back."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import anyio
import asyncpg
import pytest

from tests.conftest import Clone
from tests.database.world import World, build, rolled_back
from tests.support.databases import TestDatabase


@dataclass(frozen=True)
class Kept:
    """A database with a world in it that no test changes for the next one."""

    database: TestDatabase
    world: World


@pytest.fixture(scope="session")
def kept(clone: Clone) -> Iterator[Kept]:
    """The world. Only for tests that commit nothing: the others build their own in `database`."""

    async def make(database: TestDatabase) -> World:
        connection = await database.connect()
        try:
            return await build(connection)
        finally:
            await connection.close()

    with clone() as database:
        yield Kept(database, anyio.run(make, database))


@pytest.fixture
def world(kept: Kept) -> World:
    """Ids of the world, by name."""
    return kept.world


@pytest.fixture
async def trial(kept: Kept) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A superuser's connection to the world, in a transaction of which nothing stays."""
    connection = await asyncpg.connect(kept.database.admin_dsn, statement_cache_size=0)
    try:
        async with rolled_back(connection):
            yield connection
    finally:
        await connection.close()

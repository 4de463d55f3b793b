"""An account to import into, files to import, and the published data set."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import asyncpg
import pytest

from importers import Summary, run
from importers.loading import load, parse
from importers.mapping import Mapping
from resolvers.session import Database, Identity, PoolOptions, Session
from tests.conftest import Clone
from tests.support.databases import TestDatabase

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "importers" / "examples" / "crm_sales_opportunities.toml"
PUBLISHED = ROOT.parent / "shared" / "data" / "crm_sales_opportunities"

needs_published = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published data set is not beside the checkout, in ../shared/data"
)


@dataclass(frozen=True)
class Account:
    """An account in a database of its own, with its owner."""

    database: TestDatabase
    slug: str
    id: UUID
    owner: UUID

    def identity(self, user: UUID | None = None) -> Identity:
        """A member of the account, by default its owner."""
        return Identity(self.slug, user or self.owner)

    async def bring(
        self, mapping: Mapping | dict[str, Any], data: Path, *, user: UUID | None = None, **options: Any
    ) -> Summary:
        """Import as a member, by default the owner; refused lines go beside the data."""
        plan = mapping if isinstance(mapping, Mapping) else parse(mapping, "test.toml")
        options = {"rejects": data / "rejects.csv"} | options
        async with Database.connected(self.database.gateway_dsn, PoolOptions(min_size=1)) as database:
            return await run(plan, data=data, identity=self.identity(user), database=database, **options)

    @asynccontextmanager
    async def acting(self, user: UUID | None = None) -> AsyncIterator[Session]:
        """A session as a member, by default the owner."""
        async with (
            Database.connected(self.database.gateway_dsn, PoolOptions(min_size=1)) as database,
            database.session(self.identity(user)) as session,
        ):
            yield session

    @asynccontextmanager
    async def operator(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection that sees everything."""
        connection = await self.database.connect()
        try:
            yield connection
        finally:
            await connection.close()

    async def user(self, email: str) -> UUID:
        """The user with this e-mail."""
        async with self.operator() as operator:
            found: UUID = await operator.fetchval("select id from access.app_user where email = $1", email)
        return found


async def make_account(database: TestDatabase, slug: str = "maven") -> Account:
    admin = await database.connect()
    try:
        email = f"owner@{slug}.example"
        account = await admin.fetchval("select access.create_account($1, $2, $3)", slug, slug.title(), email)
        owner = await admin.fetchval("select id from access.app_user where email = $1", email)
    finally:
        await admin.close()
    return Account(database, slug, account, owner)


@pytest.fixture
async def account(database: TestDatabase) -> Account:
    """An empty account of this test alone."""
    return await make_account(database)


@pytest.fixture(scope="module")
def maven(clone: Clone) -> Iterator[Account]:
    """The published data set, imported once for a module of tests that only read."""
    with clone() as database:
        yield anyio.run(_import_published, database)


async def _import_published(database: TestDatabase) -> Account:
    account = await make_account(database)
    summary = await account.bring(
        load(EXAMPLE), PUBLISHED, rejects=Path(tempfile.gettempdir()) / f"{database.name}.csv"
    )
    assert summary.refusals == []
    return account


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    """Writes CSV files, given by name without ending as text or bytes, and answers their directory."""

    def write(**contents: str | bytes) -> Path:
        for name, content in contents.items():
            (tmp_path / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return write

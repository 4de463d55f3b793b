"""The company of company.py, made once for all its matrices, and the doors to it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson
import pytest

from gateway import app
from resolvers.operations import Compiler
from resolvers.session import Database, Identity, PoolOptions
from tests.api.conftest import settings_for, talking
from tests.conftest import Clone
from tests.policies.company import COMPANY, RIVAL, WITNESS, row_name
from tests.policies.doors import (
    MODULES,
    NOTHING,
    Analyst,
    Door,
    GraphQL,
    Ids,
    Sql,
    TurnedAwayError,
    Verdicts,
    Visitor,
)
from tests.support.building import Built, build
from tests.support.databases import TestDatabase
from tests.support.model import Account, World
from tests.support.sql import acting
from tests.support.undoing import UndoingDatabase

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

COMPILER = Compiler(b"a secret of the tests, for cursors")
NOBODY = UUID(int=0)
IN = {account.name: account for account in COMPANY.accounts}


@dataclass
class Stage:
    """The company in a database. Verdicts are asked for once for each door, module and member."""

    admin: Connection
    built: Built
    doors: dict[str, Door]
    known: dict[tuple[str, str, str, str, tuple[str, ...]], Verdicts] = field(default_factory=dict)
    seen: dict[tuple[str, UUID], frozenset[str]] = field(default_factory=dict)

    def visitor(self, account: str, user: str) -> Visitor:
        """A member of an account."""
        return Visitor(self.built.slug(account), self.built.user(user))

    def rows(self, module: str, account: str, who: str, whose: tuple[str, ...]) -> Ids:
        """Ids of rows as the columns of a matrix call them; of another account is what is `foreign` to us."""
        return {
            key: self.built.row(RIVAL, f"{module} foreign")
            if key == "foreign"
            else self.built.row("acme" if account == RIVAL else account, row_name(module, key, who))
            for key in whose
        }

    async def verdicts(self, door: str, module: str, account: str, who: str, whose: tuple[str, ...]) -> Verdicts:
        """What the member may do with these rows."""
        key = door, module, account, who, whose
        if key not in self.known:
            rows = self.rows(module, account, who, whose)
            if IN[account].member(who).active:
                self.known[key] = await self.doors[door].verdicts(self.visitor(account, who), MODULES[module], rows)
            else:
                with pytest.raises(TurnedAwayError):
                    await self.doors[door].verdicts(self.visitor(account, who), MODULES[module], rows)
                self.known[key] = dict.fromkeys(rows, NOTHING)
        return self.known[key]

    async def witnesses(self, door: str, module: str, account: str, who: str, whose: tuple[str, ...]) -> Verdicts:
        """What the super admin of each row's own account may do with it, through the same door."""
        ids = self.rows(module, account, who, whose)
        for home in ("acme" if account == RIVAL else account, RIVAL):
            asked = {
                str(row): row
                for key, row in ids.items()
                if (key == "foreign") == (home == RIVAL) and (door, row) not in self.seen
            }
            if asked:
                visitor = self.visitor(home, WITNESS[home])
                found = await self.doors[door].verdicts(visitor, MODULES[module], asked)
                self.seen |= {(door, asked[key]): verdict for key, verdict in found.items()}
        return {key: self.seen[door, row] for key, row in ids.items()}


@pytest.fixture(scope="module")
def company_database(clone: Clone) -> Iterator[TestDatabase]:
    with clone() as database:
        yield database


@pytest.fixture(scope="module")
async def stage(company_database: TestDatabase) -> AsyncIterator[Stage]:
    admin = await company_database.connect()
    gateway = await asyncpg.connect(company_database.gateway_dsn)
    built = await build(admin, COMPANY)
    logins = await make_analysts(company_database, admin, built)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Database", UndoingDatabase)
        async with talking(settings_for(company_database)) as client:
            yield Stage(admin, built, {"sql": Sql(gateway), "analyst": Analyst(logins), "graphql": GraphQL(client)})
    await gateway.close()
    await admin.close()


async def make_analysts(database: TestDatabase, admin: Connection, built: Built) -> dict[Visitor, str]:
    """A login for every member, also for those who were deactivated later."""
    made = {}
    for account in COMPANY.accounts:
        here = built.accounts[account.name]
        for member in account.members:
            user = built.user(member.user)
            await admin.execute("select access.set_status($1, $2, 'active')", here, user)
            login = await admin.fetchrow("select login, password from access.create_analyst($1, $2)", here, user)
            assert login is not None
            made[Visitor(built.slug(account.name), user)] = database.login_dsn(login["login"], login["password"])
            if not member.active:
                await admin.execute("select access.set_status($1, $2, 'deactivated')", here, user)
    return made


@dataclass
class Play:
    """A small world of a test's own, in a database shared with other tests of its module."""

    database: TestDatabase
    admin: Connection
    gateway: Connection
    pool: Database
    built: Built = field(default_factory=Built)
    here: str = ""
    account: UUID = NOBODY

    async def begin(self, *accounts: Account, tier: str = "enterprise") -> None:
        """Make the world; the functions below mean its first account."""
        self.built = await build(self.admin, World(accounts), tier)
        self.here = accounts[0].name
        self.account = self.built.accounts[self.here]

    def team(self, name: str) -> UUID:
        """The id of a team."""
        return self.built.id("team", self.here, name)

    def role(self, name: str) -> UUID:
        """The id of a role."""
        return self.built.id("role", self.here, name)

    def row(self, name: str) -> UUID:
        """The id of a row."""
        return self.built.row(self.here, name)

    def acting(self, user: str, account: str | None = None) -> AbstractAsyncContextManager[Connection]:
        """A transaction of the gateway's login as a member, rolled back at the end."""
        return acting(self.gateway, self.built.slug(account or self.here), self.built.user(user))

    async def done(self, user: str, statement: str, *values: object) -> str:
        """How a statement of a member ends: `done`, `nothing` when it touches no row, or the SQLSTATE; then undone."""
        try:
            async with self.acting(user) as connection:
                status = await connection.execute(statement, *values)
                await connection.execute("set constraints all immediate")
        except asyncpg.PostgresError as error:
            return error.sqlstate or ""
        return "nothing" if status.endswith(" 0") else "done"

    async def commits(self, user: str, statement: str, *values: object) -> str:
        """The same, but what is done remains."""
        try:
            async with self.gateway.transaction():
                await self.gateway.execute(
                    "select access.enter($1, $2)", self.built.slug(self.here), self.built.user(user)
                )
                status = await self.gateway.execute(statement, *values)
        except asyncpg.PostgresError as error:
            return error.sqlstate or ""
        return "nothing" if status.endswith(" 0") else "done"

    async def refusal(self, user: str, text: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The extensions of the one error of a member's GraphQL operation."""
        identity = Identity(self.built.slug(self.here), self.built.user(user))
        (error,) = (await COMPILER.prepare(text, None).bind(variables, identity).run(self.pool)).errors
        return error.extensions or {}

    async def asks(self, user: str, text: str, variables: dict[str, Any] | None = None) -> tuple[Any, dict[str, str]]:
        """A member's GraphQL operation, undone: its data, and the codes of its errors by response key."""
        data, refused = await self.answers(user, text, variables)
        return data, {key: str(extensions["code"]) for key, extensions in refused.items()}

    async def answers(
        self, user: str, text: str, variables: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, dict[str, Any]]]:
        """The same with all that its errors tell machines."""
        identity = Identity(self.built.slug(self.here), self.built.user(user))
        result = await COMPILER.prepare(text, None).bind(variables, identity).run(self.pool)
        refused = {str(error.path[0]) if error.path else "": dict(error.extensions or {}) for error in result.errors}
        return orjson.loads(orjson.dumps(result.data)), refused

    async def sees(self, user: str, module: str) -> set[UUID]:
        """Ids of the rows of a module that a member sees."""
        async with self.acting(user) as connection:
            return {row["id"] for row in await connection.fetch(f"select id from crm.{module}")}


@pytest.fixture(scope="module")
async def playground(clone: Clone) -> AsyncIterator[Play]:
    with clone() as database:
        admin = await database.connect()
        gateway = await asyncpg.connect(database.gateway_dsn)
        async with UndoingDatabase.connected(database.gateway_dsn, PoolOptions(min_size=1, max_size=1)) as pool:
            yield Play(database, admin, gateway, pool)
        await gateway.close()
        await admin.close()


@pytest.fixture
def play(playground: Play) -> Play:
    """Where a test sets its own world."""
    return replace(playground)

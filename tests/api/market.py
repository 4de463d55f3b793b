"""An account with many deals, those who assign them, and workers that do it in batches."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson

from resolvers.jobs import Jobs
from resolvers.operations import Compiler
from resolvers.session import Database, Identity, PoolOptions
from tests.support.databases import TestDatabase

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
COMPILER = Compiler(b"a secret of the tests, for cursors")
START = """mutation ($input: AssignDealsInput!) {
  assignDeals(input: $input) { changed refusedCount refused { id } job { id status progress { total processed } } }
}"""
JOB = """query ($id: ID!) { job(id: $id) {
  id kind module status reason problemCode problemMessage startedAt finishedAt startedBy { email }
  progress { total processed remaining changed unchanged hidden refused } refused { id code message action }
} }"""
CHANGED = "select count(*) from crm.deals where owner_id = $1"
# Of a deal that was handed over once: its version, and what is kept of it.
ONCE = """select count(*) filter (where t.version = 2), count(*) filter (where t.version > 2),
  (select count(*) from access.access_log l where l.kind = 'assignment'),
  (select count(*) from access_private.past_assignment) from crm.deals t"""
ASSIGNER = """[{"module": "deals", "action": "view", "scopes": ["all"]},
  {"module": "deals", "action": "assign", "scopes": ["all"]}, {"module": "users", "action": "view"}]"""


@dataclass
class Market:
    """Account `acme` with its owner, two who may assign every deal and one who may look; `bolt` with an owner."""

    database: TestDatabase
    admin: Connection
    pool: Database
    account: UUID
    role: UUID
    users: dict[str, UUID]

    def identity(self, name: str) -> Identity:
        """Whom a name means."""
        return Identity("bolt" if name == "boris" else "acme", self.users[name])

    async def asks(self, name: str, text: str, **variables: Any) -> tuple[Any, list[dict[str, Any]]]:
        """A member's GraphQL operation: its data, and the extensions of its errors."""
        result = await COMPILER.prepare(text, None).bind(variables, self.identity(name)).run(self.pool)
        return orjson.loads(orjson.dumps(result.data)), [error.extensions or {} for error in result.errors]

    async def starts(self, name: str, to: str, **more: Any) -> str:
        """The id of a job that gives all deals to somebody."""
        wish = {"where": {}, "ownerId": f"Person:{self.users[to]}", "partial": True, "background": True, **more}
        data, errors = await self.asks(name, START, input=wish)
        assert errors == []
        found: str = data["assignDeals"]["job"]["id"]
        return found

    async def job(self, name: str, job: str) -> Any:
        """The job as somebody sees it."""
        data, errors = await self.asks(name, JOB, id=job)
        assert errors == []
        return data["job"]

    async def does(self, name: str, statement: str, *values: Any) -> None:
        """A member's SQL."""
        async with self.pool.session(self.identity(name)) as session:
            await session.connection.execute(statement, *values)

    async def deals(self, count: int) -> None:
        """More deals of the owner's."""
        await self.does(
            "olive", "insert into crm.deals (name) select 'Deal ' || n from generate_series(1, $1) n", count
        )


@asynccontextmanager
async def market(database: TestDatabase, deals: int) -> AsyncIterator[Market]:
    """Make it in a migrated database."""
    admin = await database.connect()
    account = await admin.fetchval("select access.create_account('acme', 'Acme', 'olive@acme.example', 'Olive')")
    await admin.execute("select access.create_account('bolt', 'Bolt', 'boris@bolt.example', 'Boris')")
    role = await admin.fetchval("select access.create_role($1, 'Assigner', $2)", account, ASSIGNER)
    looker = await admin.fetchval(
        """select access.create_role($1, 'Looker', '[{"module": "deals", "action": "view", "scopes": ["all"]}]')""",
        account,
    )
    for name, given in (("ann", role), ("amy", role), ("lou", looker)):
        await admin.execute("select access.add_member($1, $2, $3, $4)", account, f"{name}@acme.example", name, given)
    rows = await admin.fetch("select split_part(email, '@', 1) as name, id from access.app_user")
    async with Database.connected(database.gateway_dsn, PoolOptions(min_size=1, max_size=8, lock_timeout=60)) as pool:
        made = Market(database, admin, pool, account, role, {row["name"]: row["id"] for row in rows})
        await made.deals(deals)
        yield made
    await admin.close()


async def to_its_end(jobs: Jobs) -> int:
    """Take jobs and do them until there are none; how many batches that was."""
    batches = 0
    while (job := await jobs.take()) is not None:
        while (status := await jobs.step(job)) == "running":
            batches += 1
        batches += status == "done"
    return batches

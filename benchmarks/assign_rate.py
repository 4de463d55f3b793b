"""How fast many rows are assigned, beside one call for each row and a bare UPDATE in the same run.

    python -m benchmarks.assign_rate --rows 100000 --repeat 3

makes a server, a database and an account in a temporary directory: deals of 40 agents in 8 teams, and an administrator
who may assign them all. Each repetition updates a table with the columns and indexes of crm.deals but no policy,
trigger or foreign key (the bare UPDATE), assigns some deals one by one, some in one call, and then all of them by a
job, to another owner each time.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import asyncpg

from gateway.database import GATEWAY
from gateway.embedded import Server
from migrations import runner
from resolvers.jobs import Jobs
from resolvers.session import Database, Identity, PoolOptions
from schema.assignments import MOST_AT_ONCE

Operator: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

TEAMS, AGENTS, SINGLES = 8, 40, 500
PASSWORD = "benchmark"  # noqa: S105 - of a server that lives for a minute
SLUG = "bench"
ROLE = """[{"module": "deals", "action": "view", "scopes": ["all"]},
  {"module": "deals", "action": "assign", "scopes": ["all"]},
  {"module": "deals", "action": "create"}, {"module": "users", "action": "view"}]"""
FILL = """
insert into crm.deals (name, owner_id, amount_cents)
select 'Deal ' || n, ($2::uuid[])[1 + n % cardinality($2::uuid[])], n from generate_series(1, $1) n
"""


COPY = """
insert into public.equal (account_id, id, owner_id, created_by, team_id, name, amount_cents)
select account_id, id, owner_id, created_by, team_id, name, amount_cents from crm.deals
"""


@dataclass(frozen=True)
class Company:
    """Who assigns, and to whom."""

    administrator: Identity
    agents: list[UUID]


@dataclass(frozen=True)
class Sample:
    """Seconds for each row of one repetition, and of the longest batch of the job."""

    bare: float
    single: float
    at_once: float
    job: float
    start: float
    batch: float


async def make(operator: Operator, gateway: str, rows: int) -> Company:
    """The account with its people and deals."""
    account = await operator.fetchval("select access.create_account($1, 'Bench', 'owner@bench.example')", SLUG)
    role = await operator.fetchval("select access.create_role($1, 'Assigner', $2)", account, ROLE)
    teams = [await operator.fetchval("select access.create_team($1, $2)", account, f"Team {n}") for n in range(TEAMS)]
    add = "select access.add_member($1, $2, $2, $3, $4)"
    agents = [
        await operator.fetchval(add, account, f"agent{n}@bench.example", role, teams[n % TEAMS]) for n in range(AGENTS)
    ]
    options = PoolOptions(min_size=1, statement_timeout=600)
    async with (
        Database.connected(gateway, options) as database,
        database.session(Identity(SLUG, agents[0])) as session,
    ):
        await session.connection.execute(FILL, rows, agents)
    await operator.execute("create table public.equal (like crm.deals including all)")
    await operator.execute(COPY)
    await operator.execute("vacuum analyze")
    return Company(Identity(SLUG, agents[0]), agents)


async def measure(operator: Operator, gateway: str, rows: int, company: Company, owner: "cycle[UUID]") -> Sample:
    """One repetition."""
    await operator.execute("checkpoint")
    bare = await _timed(lambda: operator.execute("update public.equal set owner_id = $1", next(owner)))
    async with Database.connected(gateway, PoolOptions(min_size=1, statement_timeout=600)) as database:
        single = await _timed(lambda: _one_by_one(database, company, next(owner)))
        some = min(rows, MOST_AT_ONCE)
        at_once = await _timed(lambda: _at_once(database, company, next(owner), some))
        start = await _timed(lambda: _start(database, company, next(owner)))
        jobs, batches = Jobs(database), [0.0]
        began = time.perf_counter()
        taken = await jobs.take()
        status = "lost" if taken is None else "running"
        while taken is not None and status == "running":
            before = time.perf_counter()
            status = await jobs.step(taken)
            batches.append(time.perf_counter() - before)
        if status != "done":
            raise RuntimeError(f"the job is {status}")
        job = time.perf_counter() - began
    # What autovacuum would have done by then.
    await operator.execute("vacuum crm.deals, public.equal")
    return Sample(bare / rows, single / SINGLES, at_once / some, job / rows, start, max(batches))


async def _one_by_one(database: Database, company: Company, owner: UUID) -> None:
    async with database.session(company.administrator) as session:
        ids = [row["id"] for row in await session.connection.fetch("select id from crm.deals limit $1", SINGLES)]
    for row in ids:
        async with database.session(company.administrator) as session:
            await session.connection.execute("select access.assign_deals($1, $2)", row, owner)


async def _at_once(database: Database, company: Company, owner: UUID, rows: int) -> None:
    call = "select access.assign_many('deals', $1, array(select id from crm.deals limit $2))"
    async with database.session(company.administrator) as session:
        await session.connection.execute(call, json.dumps({"owner": str(owner)}), rows)


async def _start(database: Database, company: Company, owner: UUID) -> None:
    call = "select access.start_assignment('deals', $1, array(select id from crm.deals))"
    async with database.session(company.administrator) as session:
        await session.connection.execute(call, json.dumps({"owner": str(owner)}))


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def _all(admin: str, gateway: str, rows: int, repeat: int) -> tuple[str, list[Sample]]:
    await runner.upgrade(admin, PASSWORD)
    operator: Operator = await asyncpg.connect(admin)
    try:
        version: str = await operator.fetchval("show server_version")
        company = await make(operator, gateway, rows)
        owner = cycle(company.agents)
        # The first repetition warms caches and is not counted.
        await measure(operator, gateway, rows, company, owner)
        return version, [await measure(operator, gateway, rows, company, owner) for _ in range(repeat)]
    finally:
        await operator.close()


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="deals of the account")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions that count; one more goes before")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cloison-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        with Server(directory).hold() as address:
            urls = address.superuser_url(), address.login_url(GATEWAY, PASSWORD)
            version, samples = asyncio.run(_all(*urls, given.rows, given.repeat))
    result = summarize(given.rows, samples) | {"postgresql": version, "cpus": os.cpu_count(), "repeat": given.repeat}
    if given.json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{key:>24}  {value}\n" for key, value in result.items())


def summarize(rows: int, samples: list[Sample]) -> dict[str, object]:
    """Medians: rows a second of each way, and the seconds of a job from its start to its end."""

    def median(of: Callable[[Sample], float]) -> float:
        return round(statistics.median(of(sample) for sample in samples), 3)

    return {
        "rows": rows,
        "job_seconds": median(lambda sample: sample.job * rows),
        "job_seconds_spread": [round(bound(sample.job * rows for sample in samples), 3) for bound in (min, max)],
        "job_rows_per_second": median(lambda sample: 1 / sample.job),
        "longest_batch_seconds": median(lambda sample: sample.batch),
        "start_seconds": median(lambda sample: sample.start),
        "at_once_rows_per_second": median(lambda sample: 1 / sample.at_once),
        "single_rows_per_second": median(lambda sample: 1 / sample.single),
        "bare_update_rows_per_second": median(lambda sample: 1 / sample.bare),
    }


if __name__ == "__main__":
    main()

"""How fast an import is, beside a bare COPY of the same file in the same run.

    python -m benchmarks.import_rate --rows 100000 --repeat 3

makes a server, a database and the files in a temporary directory: deals of 40 agents in 8 teams, with companies, in
the shape of importers/examples. Each repetition copies the deals' file into a table without indexes, triggers or keys
(the bare COPY), inserts those rows into a table with the columns and indexes of crm.deals but no policy, trigger or
foreign key (the equal INSERT), and then imports everything into a new account.
"""

import argparse
import asyncio
import csv
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeAlias
from uuid import UUID

import asyncpg

from gateway.database import GATEWAY
from gateway.embedded import Server
from importers import Mapping, run
from importers.loading import parse
from migrations import runner
from resolvers.session import Database, Identity, PoolOptions

Operator: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

TEAMS, AGENTS, COMPANIES = 8, 40, 500
PASSWORD = "benchmark"  # noqa: S105 - of a server that lives for a minute
COLUMNS = ("id", "name", "agent", "stage", "product", "value", "engaged", "closed", "company")

MAPPING = {
    "version": 1,
    "name": "benchmark",
    "sources": {name: {"file": f"{name}.csv"} for name in ("agents", "companies", "deals")},
    "roles": [
        {
            "name": "Agent",
            "capabilities": [{"modules": ["deals", "companies"], "actions": ["view", "update"], "scopes": ["owned"]}],
        }
    ],
    "teams": [{"source": "agents", "name": "team"}],
    "members": [{"source": "agents", "name": "name", "email": "email", "role": "Agent", "team": "team"}],
    "rows": [
        {"module": "companies", "source": "companies", "key": "name", "open_to_all": True, "columns": {"name": "name"}},
        {
            "module": "deals",
            "source": "deals",
            "key": "id",
            "owner": "agent",
            "columns": {
                "name": "name",
                "stage": {"field": "stage", "lower": True},
                "product": "product",
                "amount_cents": {"field": "value", "multiply": 100},
                "engaged_on": "engaged",
                "closed_on": "closed",
                "company_id": "company",
            },
        },
    ],
}


EQUAL = """
insert into public.equal (
  account_id, owner_id, created_by, team_id, company_id, name, stage, product, amount_cents, engaged_on, closed_on
)
select md5('account')::uuid, md5(agent)::uuid, md5('owner')::uuid, md5(right(agent, 1))::uuid, md5(company)::uuid, name,
       lower(stage), product, value::bigint * 100, engaged::date, closed::date
  from bare
"""


@dataclass
class Watch:
    """Seconds spent in each task of an import."""

    seconds: dict[str, float] = field(default_factory=dict)

    def begin(self, task: str, total: int) -> None:  # noqa: ARG002 - as Progress has it
        """Start the clock."""
        self.seconds[task] = -time.perf_counter()

    def advance(self, task: str, by: int = 1) -> None:
        """Nothing is drawn."""

    def finish(self, task: str) -> None:
        """Stop the clock."""
        self.seconds[task] += time.perf_counter()


@dataclass(frozen=True)
class Sample:
    """Seconds of one repetition: bare COPY, equal INSERT, the whole import, and its parts but one.

    What remains of the import is the commit, with the foreign keys that are checked there.
    """

    copied: float
    inserted: float
    imported: float
    read: float
    people: float
    insert: float


def write(directory: Path, rows: int) -> None:
    """Make the three files."""
    chance = Random(1)  # noqa: S311 - the same rows in every run
    agents = [(f"Agent {n}", f"agent{n}@bench.example", f"Team {n % TEAMS}") for n in range(AGENTS)]
    companies = [(f"Company {n}",) for n in range(COMPANIES)]
    products = [f"Product {n}" for n in range(7)]
    deals = (
        (
            f"D{n:07}",
            f"{chance.choice(products)} for {chance.choice(companies)[0]}",
            agents[chance.randrange(AGENTS)][0],
            chance.choice(("Won", "Lost", "Engaging", "Prospecting")),
            chance.choice(products),
            chance.randrange(30_000),
            f"2017-{chance.randint(1, 6):02}-{chance.randint(1, 28):02}",
            f"2017-{chance.randint(7, 12):02}-{chance.randint(1, 28):02}",
            chance.choice(companies)[0],
        )
        for n in range(rows)
    )
    for name, header, lines in (
        ("agents", ("name", "email", "team"), agents),
        ("companies", ("name",), companies),
        ("deals", COLUMNS, deals),
    ):
        with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(lines)


async def measure(operator: Operator, gateway: str, directory: Path, number: int) -> Sample:
    """One repetition."""
    # Every repetition begins with empty tables; what the last one brought is nobody's.
    await operator.execute("truncate crm.companies, access.import_key cascade")
    await operator.execute("checkpoint")
    await operator.execute(f"create temporary table bare ({', '.join(f'{name} text' for name in COLUMNS)})")
    copied = await _timed(
        lambda: operator.copy_to_table("bare", source=directory / "deals.csv", format="csv", header=True)
    )
    # A table with all of the module's columns, defaults and indexes, and no policy, trigger or foreign key.
    await operator.execute("create table public.equal (like crm.deals including all)")
    inserted = await _timed(lambda: operator.execute(EQUAL))
    await operator.execute("drop table bare, public.equal")
    slug = f"bench-{number}"
    await operator.execute("select access.create_account($1, $1, 'owner@bench.example')", slug)
    owner: UUID = await operator.fetchval("select id from access.app_user where email = 'owner@bench.example'")
    await operator.execute("checkpoint")
    watch, mapping = Watch(), parse(MAPPING, "benchmark")
    async with Database.connected(gateway, PoolOptions(min_size=1)) as database:
        imported = await _timed(lambda: _import(mapping, directory, Identity(slug, owner), database, watch))
    return Sample(copied, inserted, imported, **watch.seconds)


async def _import(mapping: Mapping, directory: Path, identity: Identity, database: Database, watch: Watch) -> None:
    summary = await run(
        mapping, data=directory, identity=identity, database=database, rejects=directory / "r.csv", progress=watch
    )
    if summary.refusals:
        raise RuntimeError(f"lines were refused: {summary.refusals[0]}")


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def _all(admin: str, gateway: str, directory: Path, repeat: int) -> tuple[str, list[Sample]]:
    await runner.upgrade(admin, PASSWORD)
    operator: Operator = await asyncpg.connect(admin)
    try:
        version: str = await operator.fetchval("show server_version")
        # The first repetition warms caches and is not counted. Its rows are analyzed as autovacuum would have done a
        # minute later, somewhere in the midst of the others.
        await measure(operator, gateway, directory, 0)
        await operator.execute("analyze")
        return version, [await measure(operator, gateway, directory, number) for number in range(1, repeat + 1)]
    finally:
        await operator.close()


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="deals in the file")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions that count; one more goes before")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cloison-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        write(directory, given.rows)
        with Server(directory).hold() as address:
            urls = address.superuser_url(), address.login_url(GATEWAY, PASSWORD)
            version, samples = asyncio.run(_all(*urls, directory, given.repeat))
    result = summarize(given.rows, samples) | {"postgresql": version, "cpus": os.cpu_count(), "repeat": given.repeat}
    if given.json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{key:>24}  {value}\n" for key, value in result.items())


def summarize(rows: int, samples: list[Sample]) -> dict[str, object]:
    """Medians: rates in rows a second, the import's as a share of the bare COPY's, and the shares of its halves."""

    def median(of: Callable[[Sample], float]) -> float:
        return round(statistics.median(of(sample) for sample in samples), 4)

    def spread(of: Callable[[Sample], float]) -> list[float]:
        return [round(bound(of(sample) for sample in samples), 4) for bound in (min, max)]

    def to_copy(sample: Sample) -> float:
        return sample.copied / sample.imported

    def to_equal(sample: Sample) -> float:
        return sample.inserted / sample.imported

    return {
        "rows": rows,
        "import_to_copy": median(to_copy),
        "import_to_copy_spread": spread(to_copy),
        "import_to_equal_insert": median(to_equal),
        "import_to_equal_insert_spread": spread(to_equal),
        "import_rows_per_second": median(lambda sample: rows / sample.imported),
        "equal_insert_rows_per_second": median(lambda sample: rows / sample.inserted),
        "copy_rows_per_second": median(lambda sample: rows / sample.copied),
        "reading_share": median(lambda sample: sample.read / sample.imported),
        "people_share": median(lambda sample: sample.people / sample.imported),
        "inserting_share": median(lambda sample: sample.insert / sample.imported),
        "committing_share": median(lambda sample: 1 - (sample.read + sample.people + sample.insert) / sample.imported),
    }


if __name__ == "__main__":
    main()

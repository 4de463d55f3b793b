"""The account set: a large account (three fifths of everything) and seven smaller ones, the same in every run.

Rows come by INSERT ... SELECT with triggers, keys and secondary indexes out of the way, as a restore does it, and the
indexes are made afterwards. Kept between runs; made anew when this generator or the scale has changed.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from random import Random

import asyncpg
from mimesis import Address, Locale, Person

from benchmarks import people
from benchmarks.people import SMALLER_ACCOUNTS, Account, Operator
from benchmarks.problems import BenchmarkError
from demo.words import FIRMS, INDUSTRIES, PRODUCTS
from gateway.database import GATEWAY
from gateway.embedded import Server
from migrations import runner

# Count it up when other rows come of it: kept ones are then made anew.
GENERATOR = 2
MILLION = 1_000_000
# Of ten rows, so many are the large account's.
FIRST = 6
MARK = "benchmark.json"

CHECKOUT = Path(__file__).resolve().parents[1]
SQL = Path(__file__).with_name("sql")
PASSWORD = "benchmark"  # noqa: S105 - of a server on loopback that holds generated rows alone
TABLES = ("crm.companies", "crm.contacts", "crm.deals", "crm.deal_contacts")
LOCALES = (Locale.EN, Locale.DE, Locale.FR, Locale.ES, Locale.IT, Locale.NL, Locale.SV)
JOBS = (
    "Buyer",
    "Head of Sales",
    "Accountant",
    "Engineer",
    "Office Manager",
    "Managing Director",
    "Lawyer",
    "Architect",
)
PARAMETERS = {
    "shared_buffers": "1GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    # What is measured is the work of a request, not the disk of a shared machine; every peer has it so.
    "synchronous_commit": "off",
}


@dataclass(frozen=True)
class Size:
    """How much there is. More than the account set of the issue means more contacts, not more people."""

    contacts: int
    companies: int
    deals: int
    members: int
    teams: int

    @classmethod
    def at(cls, scale: float) -> "Size":
        """1: 1,000,000 contacts, 200,000 companies, 300,000 deals, 2,000 members, 200 teams.

        Above, more contacts, and no deals: what is asked of so many are contacts alone.
        """
        fewer = min(scale, 1)
        companies = max(400, round(200_000 * fewer))
        contacts = max(companies * 5, round(scale) * MILLION if scale > 1 else round(MILLION * scale))
        deals = 0 if scale > 1 else round(companies * 1.5)
        return cls(contacts, companies, deals, max(160, round(2000 * fewer)), max(24, round(200 * fewer)))


@dataclass(frozen=True)
class Database:
    """A server that runs, with the account set in it."""

    admin_url: str
    gateway_url: str
    directory: Path
    size: Size


@contextmanager
def held(directory: Path, scale: float) -> Iterator[Database]:
    """Have a server there while the block runs; rows of another generator or scale are removed first."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o711)
    size = Size.at(scale)
    mark, version = directory / MARK, json.dumps({"generator": GENERATOR, **asdict(size)})
    server = Server(directory, parameters=PARAMETERS)
    if mark.exists() and mark.read_text() != version:
        if not server.stop():
            raise InUseError(directory)
        shutil.rmtree(directory / "postgres")
    mark.write_text(version)
    with server.hold() as address:
        yield Database(address.superuser_url(), address.login_url(GATEWAY, PASSWORD), directory, size)


def postmaster(directory: Path) -> int:
    """Process id of the server in `directory`."""
    return int((directory / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


async def prepare(database: Database, say: Callable[[str], None]) -> None:
    """Bring the database to the present definitions, and make the rows if there are none."""
    await runner.upgrade(database.admin_url, PASSWORD)
    operator: Operator = await asyncpg.connect(database.admin_url)
    try:
        await operator.execute(sql("helpers"))
        if await operator.fetchval("select to_regclass('bench.made') is null"):
            if await operator.fetchval("select exists (select from access.account)"):
                # A run that was killed on the way: accounts cannot be deleted, but the directory can.
                raise HalfMadeError(database.directory)
            await fill(operator, database.size, await _accounts(operator, database.size, say), say)
            await operator.execute("create table bench.made ()")
        await operator.execute(sql("postgraphile"))
    finally:
        await operator.close()


class InUseError(BenchmarkError):
    """Another program uses the directory."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"Another program uses the server in {directory}: let it end, or name another directory.")


class HalfMadeError(BenchmarkError):
    """The rows were not made to their end."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"The rows in {directory} were not made to their end: remove it.")


async def _accounts(operator: Operator, size: Size, say: Callable[[str], None]) -> list[Account]:
    started = time.monotonic()
    accounts = [
        await people.make_account(operator, 0, size.members * 3 // 5, size.teams * 3 // 5),
        *[
            await people.make_account(
                operator, number, size.members * 2 // 5 // SMALLER_ACCOUNTS, size.teams * 2 // 5 // SMALLER_ACCOUNTS
            )
            for number in range(1, SMALLER_ACCOUNTS + 1)
        ],
    ]
    say(f"{size.members} members in {size.teams} teams of {len(accounts)} accounts: {time.monotonic() - started:.0f} s")
    return accounts


async def fill(
    operator: Operator, size: Size, accounts: Sequence[Account], say: Callable[[str], None], *, first: int = FIRST
) -> None:
    """Make the rows of some accounts, of which the first has `first` of ten."""
    started = time.monotonic()
    await operator.execute(
        "create table bench.place (number integer primary key, account_id uuid, people uuid[], teams uuid[])"
    )
    await operator.executemany(
        "insert into bench.place values ($1, $2, $3, $4)",
        [(number, each.id, each.people, each.places) for number, each in enumerate(accounts)],
    )
    words = _words()
    special = accounts[0].special
    shares = (first, len(accounts) - 1)
    indexes = await _drop_indexes(operator)
    for name, arguments in (
        ("companies", (size.companies, words["last"], list(FIRMS), words["city"], list(INDUSTRIES), *shares)),
        (
            "contacts",
            (
                min(size.contacts, MILLION), size.companies, words["first"], words["last"], words["city"], list(JOBS),
                special.get("archive"), special.get("fresh"), *shares,
            ),
        ),
        *([("more_contacts", (size.contacts // MILLION - 1,))] if size.contacts > MILLION else []),
        *(
            [
                ("deals", (size.deals, size.companies, [name for name, _ in PRODUCTS], *shares)),
                ("deal_contacts", (size.deals, size.companies, min(size.contacts, MILLION), *shares)),
            ]
            if size.deals
            else []
        ),
    ):  # fmt: skip
        begun = time.monotonic()
        async with operator.transaction():
            # As a restore does it: no triggers and no foreign keys. What is made refers to what was made.
            await operator.execute("set local session_replication_role = replica")
            status = await operator.execute(sql(name), *arguments)
        say(f"{name}: {status.rpartition(' ')[2]} rows, {time.monotonic() - begun:.0f} s")
    begun = time.monotonic()
    for statement in indexes:
        # Substring search is measured at scale 1; its index would be a third of a larger account set.
        if size.contacts <= MILLION or "_trigrams" not in statement:
            await operator.execute(statement)
    say(f"{len(indexes)} indexes, {time.monotonic() - begun:.0f} s")
    for table in TABLES:
        await operator.execute(f"vacuum analyze {table}")
    await operator.execute("analyze")
    # Else the server would write it all when it is stopped, and be cut off where that takes long.
    await operator.execute("checkpoint")
    say(f"made in {time.monotonic() - started:.0f} s")


async def _drop_indexes(operator: Operator) -> list[str]:
    """Drop what no constraint needs; how to make it again."""
    found = await operator.fetch(
        """
        select pg_get_indexdef(i.indexrelid) as statement, i.indexrelid::regclass::text as name
          from pg_index i
         where i.indrelid = any ($1::text[]::regclass[])
           and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
        """,
        list(TABLES),
    )
    for row in found:
        await operator.execute(f"drop index {row['name']}")
    return [row["statement"] for row in found]


@cache
def sql(name: str) -> str:
    """The text of `sql/NAME.sql`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _words() -> dict[str, list[str]]:
    """Names of people and cities, in an order in which the first are the most common."""
    first: set[str] = set()
    last: set[str] = set()
    city: set[str] = set()
    for locale in LOCALES:
        person, place = Person(locale, seed=7), Address(locale, seed=7)
        for _ in range(800):
            first.add(person.first_name())
            last.add(person.surname())
            city.add(place.city())
    mixed: dict[str, list[str]] = {}
    for name, words in (("first", first), ("last", last), ("city", city)):
        mixed[name] = sorted(words)
        Random(7).shuffle(mixed[name])  # noqa: S311 - the same in every run
    return mixed

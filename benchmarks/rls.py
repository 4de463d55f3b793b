"""Row-level security against the same SQL filtered by hand, by a role without it, in one transaction.

Both are prepared and run by turns; what EXPLAIN (ANALYZE, BUFFERS) says of the executions is compared: the indexes,
the buffers, the time. And the first page of a team whose rows are all old, to that of a team whose rows are new, with
the statement that Cloison sends.
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from benchmarks import statements
from benchmarks.data import Database
from benchmarks.members import Member, of_email
from benchmarks.operations import BY_NAME
from benchmarks.people import SCOPES
from benchmarks.report import TEMPLATES, table
from gateway.database import GATEWAY

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Prepared: TypeAlias = "PreparedStatement[asyncpg.Record]"

FIELDS = "id, first_name, last_name, email, job_title, created_at"
SHAPES = {
    "point": f"select {FIELDS} from crm.contacts where {{filter}} and id = {{row}}",
    "page": f"select {FIELDS} from crm.contacts where {{filter}} order by created_at desc, id desc limit 50",
    "count": "select count(*) from crm.contacts where {filter}",
}
# By the policies alone; and with the account named for each table, as the gateway's statements do.
FORMS = {"": "true", ", account named": "account_id = (select access.account_id())"}
BY_HAND = {
    "own": "account_id = $1 and owner_id = $2",
    "team": "account_id = $1 and (team_key = any ($3) or owner_id = $2)",
    "all": "account_id = $1",
}
# Not counted: the first executions, in which the server decides whether one plan is good for all parameters.
UNCOUNTED = 8
BATCHES = 5
REPEATS = {"point": 40, "page": 20, "count": 5}


@dataclass(frozen=True)
class Execution:
    """What EXPLAIN says of one execution, and how long another one took there and back; times in milliseconds."""

    indexes: frozenset[str]
    buffers: int
    time: float
    trip: float = 0


@dataclass(frozen=True)
class Compared:
    """Executions of a shape for a scope: with row-level security, and by hand. `form`: one of FORMS."""

    scope: str
    shape: str
    form: str
    rls: list[list[Execution]]
    hand: list[list[Execution]]

    @property
    def line(self) -> list[str]:
        """The line of a table."""
        one, other = self.rls[-1][-1], self.hand[-1][-1]
        return [
            f"{self.shape}, {self.scope}{self.form}",
            "same" if one.indexes == other.indexes else f"{_names(one)} for {_names(other)}",
            f"{one.buffers}",
            f"{one.buffers / max(1, other.buffers):.2f}",
            f"{median(each.time for batch in self.rls for each in batch):.3f}",
            self._ratio(lambda each: each.time),
            f"{median(each.trip for batch in self.rls for each in batch):.3f}",
            self._ratio(lambda each: each.trip),
        ]

    def _ratio(self, of: Callable[[Execution], float]) -> str:
        found = [median(map(of, rls)) / median(map(of, hand)) for rls, hand in zip(self.rls, self.hand, strict=True)]
        return f"{median(found):.2f} ({min(found):.2f} to {max(found):.2f})"


HEADER = ["", "index", "buffers", "to by hand", "executor ms", "to by hand", "round trip ms", "to by hand"]


def _names(execution: Execution) -> str:
    return ", ".join(sorted(execution.indexes)) or "none"


async def compare(database: Database, members: Sequence[Member]) -> list[Compared]:
    """All shapes, for a member of each scope."""
    found = []
    for scope in SCOPES:
        member = typical(members, scope)
        for shape in SHAPES:
            for form in FORMS:
                async with _transaction(database, member) as both:
                    found.append(Compared(scope, shape, form, *await both.run(scope, shape, form)))
    return found


def typical(members: Sequence[Member], scope: str) -> Member:
    """Of the members with a scope in the large account, the one with the middle number of rows."""
    found = sorted(
        (each for each in members if (each.scope, each.slug) == (scope, "bench-0")), key=lambda each: each.rows
    )
    return found[len(found) // 2]


class _Both:
    """One transaction that is the member's and the superuser's by turns."""

    def __init__(self, connection: Connection, member: Member, keys: list[UUID]) -> None:
        self._connection = connection
        self._member = member
        self._keys = keys

    async def run(self, scope: str, shape: str, form: str) -> tuple[list[list[Execution]], list[list[Execution]]]:
        """Prepare both, and execute them by turns."""
        row, member = f"'{self._member.sample[0]}'", self._member
        rls = SHAPES[shape].format(filter=FORMS[form], row=row)
        hand = SHAPES[shape].format(filter=BY_HAND[scope], row=row)
        # Parameters of a type each, and as many as there are.
        values = (member.account, member.user, self._keys)[: {"own": 2, "team": 3, "all": 1}[scope]]
        types = ("uuid", "uuid", "uuid[]")[: len(values)]
        literals = [f"'{{{','.join(map(str, each))}}}'" if isinstance(each, list) else f"'{each}'" for each in values]
        await self._become_member()
        await self._connection.execute(f"prepare rls as {rls}")
        as_member = await self._connection.prepare(rls)
        await self._become_superuser()
        await self._connection.execute(f"prepare hand ({', '.join(types)}) as {hand}")
        by_hand = await self._connection.prepare(hand)
        execute = f"execute hand ({', '.join(literals)})"
        found: tuple[list[list[Execution]], list[list[Execution]]] = ([], [])
        for batch in range(BATCHES + 1):
            times = REPEATS[shape] if batch else UNCOUNTED
            await self._become_member()
            one = [await self._measure("execute rls", as_member) for _ in range(times)]
            await self._become_superuser()
            other = [await self._measure(execute, by_hand, *values) for _ in range(times)]
            if batch:
                found[0].append(one)
                found[1].append(other)
        return found

    async def _become_member(self) -> None:
        await self._connection.execute(f"set local session authorization {GATEWAY}")
        await self._connection.execute(f"set local role {self._member.profile.name}")

    async def _become_superuser(self) -> None:
        await self._connection.execute("reset session authorization")

    async def _measure(self, text: str, prepared: Prepared, *values: Any) -> Execution:
        told = await explained(self._connection, text)
        started = time.perf_counter()
        await prepared.fetch(*values)
        return replace(told, trip=(time.perf_counter() - started) * 1000)


async def explained(connection: Connection, statement: str, *values: Any) -> Execution:
    """Execute a statement; how it was done."""
    text: str = await connection.fetchval(
        f"explain (analyze, buffers, verbose, timing off, format json) {statement}", *values
    )
    (told,) = json.loads(text)
    root = told["Plan"]
    indexes = frozenset(
        node["Index Name"] for node in _nodes(root) if node.get("Index Name", "").startswith("contacts")
    )
    return Execution(indexes, root["Shared Hit Blocks"] + root["Shared Read Blocks"], told["Execution Time"])


def _nodes(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield root
    for child in root.get("Plans", ()):
        yield from _nodes(child)


@asynccontextmanager
async def _transaction(database: Database, member: Member) -> AsyncIterator[_Both]:
    connection: Connection = await asyncpg.connect(database.admin_url, server_settings={"jit": "off"})
    try:
        async with connection.transaction(readonly=True):
            await connection.execute(f"set local session authorization {GATEWAY}")
            await connection.execute("select access.enter($1, $2)", member.slug, member.user)
            keys: list[UUID] = await connection.fetchval("select access.team_keys()")
            yield _Both(connection, member, keys)
    finally:
        await connection.close()


async def old_and_new(database: Database) -> list[list[str]]:
    """The first page of either team, by the statement that Cloison sends: lines of a table."""
    gateway: Connection = await asyncpg.connect(database.gateway_url, server_settings={"jit": "off"})
    admin: Connection = await asyncpg.connect(database.admin_url)
    found: dict[str, list[Execution]] = {}
    try:
        for name in ("fresh", "archive"):
            member = await of_email(admin, gateway, "bench-0", name)
            sent = await statements.transaction(BY_NAME["Q2"], member, 0)
            (page,) = sent.statements
            async with gateway.transaction(readonly=True):
                await gateway.execute("select access.enter($1, $2)", member.slug, member.user)
                found[name] = [await explained(gateway, page.text, *page.values) for _ in range(UNCOUNTED * 2)]
    finally:
        await gateway.close()
        await admin.close()
    times = {name: median(each.time for each in runs[UNCOUNTED:]) for name, runs in found.items()}
    return [
        [
            f"first page of a team whose rows are all {word}",
            _names(found[name][-1]),
            f"{found[name][-1].buffers}",
            f"{times[name]:.2f}",
            f"{times[name] / times['fresh']:.2f}",
        ]
        for name, word in (("fresh", "new"), ("archive", "old"))
    ]


def section(command: str, database: Database, members: Sequence[Member], compared: Sequence[Compared],
            teams: list[list[str]]) -> str:  # fmt: skip
    """The section of RESULTS.md."""
    chosen = [typical(members, scope) for scope in SCOPES]
    return (
        (TEMPLATES / "rls.md")
        .read_text(encoding="utf-8")
        .format(
            contacts=database.size.contacts,
            command=command,
            shares=", ".join(f"{each.scope}: {each.rows:,} rows" for each in chosen),
            batches=BATCHES,
            compared=table(HEADER, [each.line for each in compared]),
            teams=table(["", "index", "buffers", "ms", "to new"], teams),
        )
    )

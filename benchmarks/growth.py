"""What grows with what: a world and one with ten times as much of one thing, measured by turns.

What is read is what Cloison sends; buffers and time are those that EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) says of the
execution. Changes are an operator's, each undone again.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import TypeAlias
from uuid import UUID

import asyncpg
import psutil

from benchmarks import members, people, statements, worlds
from benchmarks.members import CURSOR_SECRET, Member
from benchmarks.operations import BY_NAME, Operation, document
from benchmarks.people import SCOPES
from benchmarks.problems import BenchmarkError
from benchmarks.report import TEMPLATES, table
from benchmarks.rls import Connection, explained
from benchmarks.worlds import Shape, World
from resolvers.operations import Compiler
from resolvers.session import Database, Identity, PoolOptions

BASE = Shape()
MANY_TEAMS = replace(BASE, teams=400)
MANY_ROLES = replace(BASE, roles=200)
SHARED = replace(BASE, shared=10)
SHARES = replace(BASE, shares=2_000)
# Each with what it is compared to; the first, the base once more, is the noise.
GROWN: dict[str, tuple[str, Shape, Shape]] = {
    "noise": ("nothing: the same once more", BASE, BASE),
    "rows": ("rows", BASE, replace(BASE, contacts=500_000)),
    "members": ("members", BASE, replace(BASE, members=2400)),
    "teams": ("teams", BASE, MANY_TEAMS),
    "keys": ("teams that the member reaches", MANY_TEAMS, replace(MANY_TEAMS, keys=40)),
    "depth": ("depth of the tree", BASE, replace(BASE, depth=40)),
    "roles": ("roles", BASE, MANY_ROLES),
    "profiles": ("profiles", MANY_ROLES, replace(MANY_ROLES, profiles=200)),
    "shares": ("shares among others", SHARES, replace(SHARES, shares=20_000)),
    "shared": ("shares with who asks", SHARED, replace(SHARED, shared=100)),
    # Each account as large as before.
    "accounts": ("accounts", BASE, replace(BASE, accounts=80, contacts=300_000, first=1)),
}

READ = {"point": BY_NAME["Q1"], "page": BY_NAME["Q2"], "count": Operation("count", "how many rows")}
CHANGES = ("move", "role", "team", "tree")
TITLES = {
    "enter": "`access.enter`",
    **{f"{scope} {shape}": f"{shape}, {scope}" for shape in READ for scope in SCOPES},
    "move": "move a member",
    "role": f"change a role of {worlds.CHANGED}",
    "team": "make a team",
    "tree": "move a team",
    "row": "bytes a row",
}
# In a transaction: executions in which the server decides about plans, and those that count.
UNCOUNTED, COUNTED = 8, 12
ENTRANCES, CHANGED = 20, 3
ROUNDS = 3
# Documents of which a connection keeps statements for every profile.
DOCUMENTS = ("Q1", "Q2", "count")


@dataclass(frozen=True)
class Cost:
    """Buffers, and milliseconds in the executor; for what is no statement, both are the same number."""

    buffers: float
    time: float


Costs: TypeAlias = Mapping[str, Cost]


@dataclass(frozen=True)
class Grown:
    """What was found of a base and of its tenfold, a round each."""

    title: str
    base: Sequence[Costs]
    tenfold: Sequence[Costs]

    def at_base(self, name: str, of: Callable[[Cost], float], form: str) -> str:
        """The plain number of the base."""
        return form.format(median(of(costs[name]) for costs in self.base))

    def ratio(self, name: str, of: Callable[[Cost], float]) -> str:
        """Tenfold to base, medians of the rounds."""
        one, other = (median(of(costs[name]) for costs in rounds) for rounds in (self.tenfold, self.base))
        return f"{one / other:.1f}" if other else "-"


async def run(names: Sequence[str], say: Callable[[str], None]) -> list[Grown]:
    """Measure; BenchmarkError for something that does not grow here."""
    if unknown := set(names) - set(GROWN):
        raise BenchmarkError(f"There is no {', '.join(sorted(unknown))}: {', '.join(GROWN)}.")
    chosen = {name: each for name, each in GROWN.items() if name in names or not names}
    found: dict[str, Grown] = {}
    for base in dict.fromkeys(base for _, base, _ in chosen.values()):
        async with _observed(base) as one:
            for name, (title, of, tenfold) in chosen.items():
                if of == base:
                    async with _observed(tenfold) as other:
                        found[name] = await _compare(title, one, other)
                    say(f"{title}: {', '.join(f'{each} {found[name].ratio(each, _buffers)}' for each in TITLES)}")
    return [found[name] for name in chosen]


async def _compare(title: str, one: "_Observed", other: "_Observed") -> Grown:
    rounds = [(await one.costs(), await other.costs()) for _ in range(ROUNDS)]
    return Grown(title, *zip(*rounds, strict=True))


@asynccontextmanager
async def _observed(shape: Shape) -> AsyncIterator["_Observed"]:
    async with worlds.running(shape) as world, _connected(world) as observed:
        yield observed


@asynccontextmanager
async def _connected(world: World) -> AsyncIterator["_Observed"]:
    admin: Connection = await asyncpg.connect(world.database.admin_url)
    gateway: Connection = await asyncpg.connect(world.database.gateway_url, server_settings={"jit": "off"})
    try:
        asking = {scope: await members.of_email(admin, gateway, "bench-0", scope) for scope in SCOPES}
        yield _Observed(world, admin, gateway, asking)
    finally:
        await gateway.close()
        await admin.close()


@dataclass(frozen=True)
class _Observed:
    """A world with connections to it, and who asks there."""

    world: World
    admin: Connection
    gateway: Connection
    asking: Mapping[str, Member]

    async def costs(self) -> Costs:
        """What everything costs now, with nothing left behind by what was undone before."""
        await self.admin.execute("vacuum")
        found = {"enter": _cost([await self._enter(self.asking["own"]) for _ in range(ENTRANCES)])}
        for scope, member in self.asking.items():
            for shape, operation in READ.items():
                found[f"{scope} {shape}"] = await self._read(member, operation)
        for name in CHANGES:
            found[name] = _cost([await self._change(name) for _ in range(CHANGED)])
        size: float = await self.admin.fetchval(
            "select pg_total_relation_size('crm.contacts')::float8 / count(*) from crm.contacts"
        )
        return found | {"row": Cost(size, size)}

    async def _enter(self, member: Member) -> Cost:
        async with self.gateway.transaction(readonly=True):
            return await self._explained(self.gateway, "select access.enter($1, $2)", member.slug, member.user)

    async def _read(self, member: Member, operation: Operation) -> Cost:
        sent = await statements.transaction(operation, member, 0)
        async with self.gateway.transaction(readonly=True):
            await self.gateway.execute("select access.enter($1, $2)", member.slug, member.user)
            runs = [
                [await self._explained(self.gateway, each.text, *each.values) for each in sent.statements]
                for _ in range(UNCOUNTED + COUNTED)
            ]
        return _cost([Cost(sum(map(_buffers, run)), sum(map(_time, run))) for run in runs[UNCOUNTED:]])

    async def _change(self, name: str) -> Cost:
        """A change, undone again."""
        world = self.world
        account = self.asking["own"].account
        cells = [cell for cell in people.cells_of("own") if cell["action"] != "export"]
        changes: dict[str, tuple[str, tuple[UUID | str, ...]]] = {
            "move": ("select access.join_team($1, $2, $3, true)", (account, world.mover, world.goal)),
            "role": ("select access.set_role_cells($1, $2, $3)", (account, world.role, json.dumps(cells))),
            "team": ("select access.create_team($1, 'One more', $2)", (account, world.goal)),
            "tree": ("select access.move_team($1, $2, null)", (account, world.leaf)),
        }
        statement, values = changes[name]
        transaction = self.admin.transaction()
        await transaction.start()
        try:
            return await self._explained(self.admin, statement, *values)
        finally:
            await transaction.rollback()

    async def _explained(self, connection: Connection, statement: str, *values: object) -> Cost:
        told = await explained(connection, statement, *values)
        return Cost(told.buffers, told.time)


def _cost(found: Sequence[Cost]) -> Cost:
    return Cost(median(map(_buffers, found)), median(map(_time, found)))


def _buffers(cost: Cost) -> float:
    return cost.buffers


def _time(cost: Cost) -> float:
    return cost.time


@dataclass(frozen=True)
class Held:
    """Memory of a connection's backend, in MiB, once members of so many profiles have asked over it."""

    kept: int
    profiles: int
    mebibytes: float


async def plans(shape: Shape, kept: Sequence[int], steps: Sequence[int]) -> list[Held]:
    """One connection for members of ever more profiles, who all ask the same documents."""
    found = []
    async with worlds.running(shape) as world:
        for most in kept:
            options = PoolOptions(min_size=1, max_size=1, statement_cache_size=most)
            async with Database.connected(world.database.gateway_url, options) as database:
                asked = 0
                for step in steps:
                    for user in world.users[asked:step]:
                        await _ask(database, user)
                    asked = step
                    found.append(Held(most, step, await _memory(world)))
    return found


_COMPILER = Compiler(CURSOR_SECRET.encode())


async def _ask(database: Database, user: UUID) -> None:
    """Often enough that a plan for all parameters is kept where the server keeps one."""
    identity = Identity("bench-0", user)
    for name in DOCUMENTS:
        variables = {"id": f"Contact:{user}"} if name == "Q1" else {}
        operation = _COMPILER.prepare(document(name, "cloison"), None)
        for _ in range(UNCOUNTED):
            result = await operation.bind(variables, identity).run(database)
            if result.errors:
                raise BenchmarkError(f"{name}: {result.errors[0].message}")


async def _memory(world: World) -> float:
    """Of the gateway's backend that has the most for itself: the other does nothing."""
    admin: Connection = await asyncpg.connect(world.database.admin_url)
    try:
        rows = await admin.fetch("select pid from pg_stat_activity where usename = 'cloison_gateway'")
    finally:
        await admin.close()
    return max(psutil.Process(row["pid"]).memory_full_info().uss for row in rows) / 2**20


def section(command: str, found: Sequence[Grown], held: Sequence[Held]) -> str:
    """The section of RESULTS.md."""
    text = (TEMPLATES / "growth.md").read_text(encoding="utf-8")
    return text.format(
        command=command,
        base=BASE,
        smaller=worlds.SMALLER,
        among=(MANY_TEAMS.teams, MANY_ROLES.roles),
        shares=(SHARES.shares, SHARED.shared),
        rounds=ROUNDS,
        buffers=_table("buffers", found, _buffers, "{:.0f}"),
        time=_table("ms", found, _time, "{:.2f}"),
        documents=len(DOCUMENTS),
        plans=_memories(held),
    )


def _table(unit: str, found: Sequence[Grown], of: Callable[[Cost], float], form: str) -> str:
    """A line for each thing that grows, a column for each thing that costs."""
    names = [name for name in TITLES if name != "row" or unit == "buffers"]
    first = next((each for each in found if each.base), None)
    lines = [[f"at base, {unit}", *(first.at_base(name, of, form) for name in names)]] if first else []
    lines += [[each.title, *(each.ratio(name, of) for name in names)] for each in found]
    return table(["ten times as many", *(TITLES[name] for name in names)], lines)


def _memories(held: Sequence[Held]) -> str:
    kept = list(dict.fromkeys(each.kept for each in held))
    lines = [
        [f"{profiles}", *(f"{each.mebibytes:.1f}" for each in held if each.profiles == profiles)]
        for profiles in dict.fromkeys(each.profiles for each in held)
    ]
    return table(["profiles met", *(f"{each} statements kept" for each in kept)], lines)

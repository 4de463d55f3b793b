"""Small account sets for the question what grows with what: each a server of its own, and one thing in it tenfold.

Rows and the smaller accounts are those of the account set, in other numbers. The large account is made here, so that
those who ask find the same whatever grows beside them: one who owns a sixtieth of the rows, one whose teams own a
sixth, one who sees all.
"""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg

from benchmarks import data, people
from benchmarks.data import Database, Size
from benchmarks.people import SCOPES, SMALLER_ACCOUNTS, Account, Cell, Operator
from gateway.database import GATEWAY
from gateway.embedded import Server
from migrations import runner

# Owners and teams of rows in turn: the same shares for those who ask, however many members and teams there are.
PLACES = 1200
OWN, BY_TEAM = 60, 6
# Members and teams of each other account.
SMALLER = (20, 6)
# Members whose role is changed.
CHANGED = 5
# What tells one set of capabilities from another: each of these held or not.
TOLD_BY = [(module, action) for module in ("deals", "tickets") for action in people.ON_ROWS[1:]]
PARAMETERS = data.PARAMETERS | {"shared_buffers": "256MB"}


@dataclass(frozen=True)
class Shape:
    """How much of what there is: accounts and contacts in all, the rest in the large account.

    `keys`: teams that the asking member with scope team reaches. `depth`: so many teams stand below each other, the
    last one his; 0: five below each. `profiles`: different sets of capabilities that its roles have. `first`: of ten
    rows, so many are the large account's. `shared`: single rows of others that are shared with each of those who ask,
    but not with who sees all; `shares`: such that are shared among all other members.
    """

    contacts: int = 50_000
    accounts: int = SMALLER_ACCOUNTS + 1
    first: int = data.FIRST
    members: int = 240
    teams: int = 40
    keys: int = 4
    depth: int = 0
    roles: int = 20
    profiles: int = 20
    shared: int = 0
    shares: int = 0

    @property
    def size(self) -> Size:
        """The same as the generator of rows takes it."""
        return Size(self.contacts, self.contacts // 5, 0, self.members, self.teams)


@dataclass(frozen=True)
class World:
    """A server that runs, with what changes are made to: somebody and the team that he goes to, a role, a team."""

    database: Database
    shape: Shape
    mover: UUID
    goal: UUID
    role: UUID
    leaf: UUID
    users: Sequence[UUID] = field(repr=False)


@asynccontextmanager
async def running(shape: Shape) -> AsyncIterator[World]:
    """A world of this shape, made anew, for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="cloison-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)  # noqa: ASYNC240 - nobody else runs in this loop
        with Server(directory, parameters=PARAMETERS).hold() as address:
            database = Database(
                address.superuser_url(), address.login_url(GATEWAY, data.PASSWORD), directory, shape.size
            )
            await runner.upgrade(database.admin_url, data.PASSWORD)
            operator: Operator = await asyncpg.connect(database.admin_url)
            try:
                await operator.execute(data.sql("helpers"))
                world = await _made(operator, database, shape)
            finally:
                await operator.close()
            yield world


async def _made(operator: Operator, database: Database, shape: Shape) -> World:
    large = await people.open_account(operator, 0)
    reached, others = await _teams(operator, large, shape)
    roles = [
        await people.make_role(operator, large, f"Role {number}", _cells(number % shape.profiles))
        for number in range(shape.roles)
    ]
    asking = {scope: await people.make_role(operator, large, scope, people.cells_of(scope)) for scope in SCOPES}
    role = await people.make_role(operator, large, "changed", people.cells_of("own"))
    places = [
        reached[place // BY_TEAM % len(reached)] if place % BY_TEAM == 0 else others[place % len(others)]
        for place in range(PLACES)
    ]
    owner = await people.hire(operator, large, "own", asking["own"], others[0])
    leader = await people.hire(operator, large, "team", asking["team"], reached[0])
    await people.hire(operator, large, "all", asking["all"], others[0])
    for number in range(CHANGED):
        await people.hire(operator, large, f"changed-{number}", role, others[number])
    users = [
        await people.hire(operator, large, f"member-{number}", roles[number % len(roles)], places[number % PLACES])
        for number in range(shape.members)
    ]
    # A place after one of the reached teams, so that he who owns reaches by owning alone.
    large.people += [owner if place % OWN == 1 else users[place % len(users)] for place in range(PLACES)]
    large.places += places
    smaller = [await people.make_account(operator, number, *SMALLER) for number in range(1, shape.accounts)]
    await data.fill(operator, shape.size, [large, *smaller], lambda _: None, first=shape.first)
    if shape.shared or shape.shares:
        await _share(operator, large, [owner, leader], users, shape)
    return World(database, shape, users[2], others[3], role, others[-1], users)


async def _share(
    operator: Operator, account: Account, asking: Sequence[UUID], users: Sequence[UUID], shape: Shape
) -> None:
    """Rows that somebody else owns, each with one receiver; none twice with the same one."""
    share = data.sql("shares")
    for user in asking:
        await operator.execute(share, account.id, [user], shape.shared)
    await operator.execute(share, account.id, list(users), shape.shares)
    await operator.execute("vacuum analyze access.share")


async def _teams(operator: Operator, account: Account, shape: Shape) -> tuple[list[UUID], list[UUID]]:
    """Teams that the asking member reaches, his own first, and all others."""
    others: list[UUID] = []
    for number in range(shape.teams - shape.keys):
        if shape.depth:
            above = others[-1] if number % shape.depth else None
        else:
            above = others[(number - 1) // people.BRANCHES] if number else None
        others.append(await people.make_team(operator, account, f"Team {number}", above))
    # His own at such a place that the last below it is as deep as the tree is.
    top = others[shape.depth - shape.keys - 1] if shape.depth else others[1]
    reached: list[UUID] = []
    for number in range(shape.keys):
        above = top if not reached else reached[-1] if shape.depth else reached[0]
        reached.append(await people.make_team(operator, account, f"Reached {number}", above))
    return reached, others


def _cells(number: int) -> list[Cell]:
    """What members see of contacts is alike; what else they may is another set for each number."""
    told = [pair for bit, pair in enumerate(TOLD_BY) if (number + 1) >> bit & 1]
    return [
        {"module": module, "action": action, "scopes": ["owned"]}
        for module, action in [*(("contacts", action) for action in people.ON_ROWS), *told]
    ]

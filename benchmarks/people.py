"""Accounts of the benchmark: teams in a tree, roles of three scopes, members. Made by the operator, like anybody's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

import asyncpg

Operator: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Cell: TypeAlias = Mapping[str, object]

SCOPES = ("own", "team", "all")
SCOPE_CELLS = {"own": "owned", "team": "team", "all": "all"}
MODULES = ("contacts", "companies", "deals", "tickets")
ON_ROWS = ("view", "update", "delete", "assign", "export", "clone")
# Members with each scope, of a hundred.
SHARES = {"own": 60, "team": 32, "all": 8}
SMALLER_ACCOUNTS = 7
# A team has at most so many below it.
BRANCHES = 5
HUBS = ("marketing", "sales", "service")


@dataclass
class Account:
    """An account while it is being made: `people` and `places` (their main teams) are as long as each other."""

    slug: str
    id: UUID
    people: list[UUID] = field(default_factory=list)
    places: list[UUID] = field(default_factory=list)
    special: dict[str, UUID] = field(default_factory=dict)


async def make_account(operator: Operator, number: int, members: int, teams: int) -> Account:
    """Account `bench-NUMBER`, whose members' e-mails tell their scope: `team-17@bench-0.example`."""
    account = await open_account(operator, number)
    roles = {scope: await make_role(operator, account, scope, cells_of(scope)) for scope in SCOPES}
    # Teams first: each change of the tree looks at everybody who is there.
    tree = await _teams(operator, account, teams)
    for name in ("archive", "fresh"):
        account.special[name] = await make_team(operator, account, name)
    for place in range(members):
        scope = _scope(place)
        # Everybody with rows of his own is in a team; of those who see their teams' rows, some stand high in the tree.
        team = tree[place % len(tree)] if scope == "own" else tree[(place * 7) % len(tree)]
        account.people.append(await hire(operator, account, f"{scope}-{place}", roles[scope], team))
        account.places.append(team)
    for name, team in account.special.items():
        await hire(operator, account, name, roles["team"], team)
    return account


def _scope(place: int) -> str:
    """Scopes in turn, in the shares above."""
    step = place * 37 % 100
    return "own" if step < SHARES["own"] else "team" if step < SHARES["own"] + SHARES["team"] else "all"


async def open_account(operator: Operator, number: int) -> Account:
    """Account `bench-NUMBER` with its owner alone."""
    slug = f"bench-{number}"
    account = Account(
        slug, await operator.fetchval("select access.create_account($1, $1, $2)", slug, f"boss@{slug}.example")
    )
    for hub in HUBS:
        await operator.execute("select access.set_account_tier($1, $2, 'enterprise')", account.id, hub)
    return account


def cells_of(scope: str) -> list[Cell]:
    """What a member with a scope holds."""
    cells: list[Cell] = []
    for module in MODULES:
        cells += [{"module": module, "action": name, "scopes": [SCOPE_CELLS[scope]]} for name in ON_ROWS]
        cells.append({"module": module, "action": "create"})
    return cells


async def make_role(operator: Operator, account: Account, name: str, cells: Sequence[Cell]) -> UUID:
    """A role of the account."""
    role: UUID = await operator.fetchval("select access.create_role($1, $2, $3)", account.id, name, json.dumps(cells))
    return role


async def make_team(operator: Operator, account: Account, name: str, parent: UUID | None = None) -> UUID:
    """A team of the account."""
    team: UUID = await operator.fetchval("select access.create_team($1, $2, $3)", account.id, name, parent)
    return team


async def _teams(operator: Operator, account: Account, teams: int) -> list[UUID]:
    tree: list[UUID] = []
    for number in range(teams):
        parent = tree[(number - 1) // BRANCHES] if number else None
        tree.append(await make_team(operator, account, f"Team {number}", parent))
    return tree


async def hire(operator: Operator, account: Account, name: str, role: UUID, team: UUID) -> UUID:
    """A member `NAME@SLUG.example` with this role and main team."""
    user: UUID = await operator.fetchval(
        "select access.add_member($1, $2, $3, $4, $5)", account.id, f"{name}@{account.slug}.example", name, role, team
    )
    return user

"""Roles, teams and members of a mapping: found where they are, made where they are not, by the member who imports.

Whether that member may is the database's answer: the functions of schema `access` bind whoever calls them.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from importers.errors import ImportFailed
from importers.mapping import Mapping, Role
from importers.people import People
from importers.values import shown
from resolvers.session import Connection
from schema.registry import Scope

NOT_FOUND = "U0404"


@dataclass(slots=True)
class Count:
    """How many of something are new, and how many were there."""

    inserted: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Settled:
    """Ids by key, and what had to be made."""

    teams: dict[str, UUID] = field(default_factory=dict)
    members: dict[str, UUID] = field(default_factory=dict)
    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in ("roles", "teams", "members")})


async def settle(connection: Connection, account: UUID, mapping: Mapping, people: People) -> Settled:
    """Find or make roles, teams and members; the transaction acts as the importing member already."""
    settled = Settled()
    roles = await _roles(connection, account, mapping, people, settled)
    await _teams(connection, account, people, settled)
    await _members(connection, account, people, roles, settled)
    return settled


async def _roles(
    connection: Connection, account: UUID, mapping: Mapping, people: People, settled: Settled
) -> dict[str, UUID]:
    declared = {role.name: role for role in mapping.roles}
    needed = dict.fromkeys([*declared, *(member.role for member in people.members.values())])
    roles: dict[str, UUID] = {}
    for name in needed:
        found = await _role_id(connection, account, name)
        if found is not None:
            settled.counts["roles"].unchanged += name in declared
        elif name in declared:
            held = json.dumps(cells(declared[name]))
            found = UUID(str(await connection.fetchval("select access.create_role($1, $2, $3)", account, name, held)))
            settled.counts["roles"].inserted += 1
        else:
            raise ImportFailed(f"There is no role {shown(name)} in the account, and the mapping describes none.")
        roles[name] = found
    return roles


async def _role_id(connection: Connection, account: UUID, name: str) -> UUID | None:
    await connection.execute("savepoint role_id")
    try:
        found: UUID = await connection.fetchval("select access.role_id($1, $2)", account, name)
    except asyncpg.PostgresError as error:
        if error.sqlstate != NOT_FOUND:
            raise
        await connection.execute("rollback to savepoint role_id")
        return None
    await connection.execute("release savepoint role_id")
    return found


async def _teams(connection: Connection, account: UUID, people: People, settled: Settled) -> None:
    if not people.teams:
        return
    rows = await connection.fetch(
        "select id, name, parent_id from crm.teams where account_id = $1 order by id", account
    )
    known: dict[tuple[UUID | None, str], UUID] = {}
    for row in rows:
        known.setdefault((row["parent_id"], row["name"]), row["id"])
    for key, team in people.teams.items():
        parent = settled.teams[team.parent] if team.parent is not None else None
        count = settled.counts["teams"]
        if (found := known.get((parent, team.name))) is None:
            found = await connection.fetchval("select access.create_team($1, $2, $3)", account, team.name, parent)
            known[parent, team.name] = found
            count.inserted += 1
        else:
            count.unchanged += 1
        settled.teams[key] = found


async def _members(
    connection: Connection, account: UUID, people: People, roles: dict[str, UUID], settled: Settled
) -> None:
    emails = [member.email for member in people.members.values()]
    rows = await connection.fetch(
        "select id, email from crm.people where account_id = $1 and email = any ($2::text[])", account, emails
    )
    known: dict[str, UUID] = {row["email"]: row["id"] for row in rows}
    for key, member in people.members.items():
        if (found := known.get(member.email)) is not None:
            settled.counts["members"].unchanged += 1
        else:
            role, main = roles[member.role], settled.teams[member.team] if member.team else None
            found = await connection.fetchval(
                "select access.add_member($1, $2, $3, $4, $5)",
                account,
                member.email,
                member.name,
                role,
                main,
            )
            for team in member.extra_teams:
                await connection.execute(
                    "select access.join_team($1, $2, $3, false)", account, found, settled.teams[team]
                )
            settled.counts["members"].inserted += 1
        settled.members[key] = found


def cells(role: Role) -> list[dict[str, object]]:
    """A role's capabilities as `access.create_role` reads them; scopes of one action are joined, as C1 has it."""
    scopes: dict[tuple[str, str], Counter[str]] = {}
    for capability in role.capabilities:
        for module in capability.modules:
            for action in capability.actions:
                scopes.setdefault((module, action), Counter()).update(capability.scopes)
    return [
        {"module": module, "action": action, "scopes": [scope.value for scope in Scope if scope in held]}
        for (module, action), held in scopes.items()
    ]

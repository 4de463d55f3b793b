"""Two accounts that know nothing of each other, for attacks from within one on the other and on oneself."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from resolvers.operations import Compiler, Result
from resolvers.session import Database, Identity
from tests.support.databases import TestDatabase

SECRET = b"a secret of the tests, 32 bytes!"

# What each role holds: module, action, scopes.
ROLES: dict[str, list[tuple[str, str, list[str]]]] = {
    "Rep": [("deals", action, ["owned"]) for action in ("view", "update", "delete", "assign")]
    + [("deals", "create", []), ("contacts", "view", ["owned"])],
    "Helper": [(tool, "configure", []) for tool in ("users", "teams", "roles")]
    + [("deals", "view", ["team"]), ("companies", "view", ["owned"])],
}


@dataclass
class World:
    """Ids by name. `hidden` is a deal that the rep may not see, `foreign` one of the other account."""

    account: UUID
    people: dict[str, UUID]
    teams: dict[str, UUID]
    roles: dict[str, UUID]
    deals: dict[str, UUID]
    contacts: dict[str, UUID]


class Attacker:
    """Asks as a member of the account `acme`: in GraphQL, or in SQL as the compiled statements do."""

    def __init__(self, database: Database, world: World) -> None:
        self._database = database
        self._compiler = Compiler(SECRET)
        self.world = world

    async def ask(self, who: str, text: str) -> Result:
        """The answer to an operation."""
        identity = Identity("acme", self.world.people[who])
        return await self._compiler.prepare(text, None).bind({}, identity).run(self._database)

    async def call(self, who: str, sql: str, *values: Any) -> Any:
        """The first value of a statement in a transaction of the member's own."""
        async with self._database.session(Identity("acme", self.world.people[who])) as session:
            return await session.connection.fetchval(sql, *values)

    async def refused(self, who: str, sql: str, *values: Any) -> str:
        """The SQLSTATE with which a statement ends; empty if it is let through."""
        try:
            await self.call(who, sql, *values)
        except asyncpg.PostgresError as error:
            return error.sqlstate or ""
        return ""


@pytest.fixture
async def world(admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase) -> World:
    account: UUID = await admin.fetchval("select access.create_account('acme', 'Acme', 'owner@acme.example', 'Olive')")
    await admin.execute("select access.create_account('bolt', 'Bolt', 'carla@bolt.example', 'Carla')")
    teams = {
        name: await admin.fetchval("select access.create_team($1, $2)", account, name) for name in ("North", "South")
    }
    roles = {
        name: await admin.fetchval(
            "select access.create_role($1, $2, $3::jsonb)",
            account,
            name,
            json.dumps([{"module": m, "action": a, "scopes": s} for m, a, s in cells]),
        )
        for name, cells in ROLES.items()
    }
    people = {
        "owner": await admin.fetchval("select id from access.app_user where email = 'owner@acme.example'"),
        "carla": await admin.fetchval("select id from access.app_user where email = 'carla@bolt.example'"),
    }
    for name, role, team in (("rep", "Rep", "North"), ("mate", "Rep", "North"), ("helper", "Helper", "North")):
        people[name] = await admin.fetchval(
            "select access.add_member($1, $2, $3, $4, $5)",
            account,
            f"{name}@acme.example",
            name,
            roles[role],
            teams[team],
        )
    found = World(account, people, teams, roles, {}, {})
    async with Database.connected(database.gateway_dsn) as gateway:
        attacker = Attacker(gateway, found)
        insert = "insert into crm.{} (name, owner_id) values ($1, $2) returning id".format
        for key, owner in (("own", "rep"), ("hidden", "owner")):
            found.deals[key] = await attacker.call("owner", insert("deals"), key, people[owner])
            found.contacts[key] = await attacker.call(
                "owner",
                "insert into crm.contacts (last_name, owner_id) values ($1, $2) returning id",
                key,
                people[owner],
            )
        async with gateway.session(Identity("bolt", people["carla"])) as session:
            found.deals["foreign"] = await session.connection.fetchval(insert("deals"), "foreign", people["carla"])
    return found


@pytest.fixture
async def attacker(world: World, database: TestDatabase) -> AsyncIterator[Attacker]:
    async with Database.connected(database.gateway_dsn) as gateway:
        yield Attacker(gateway, world)

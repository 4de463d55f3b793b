"""A company of 200,000 deals, and what EXPLAIN says of reading them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from tests.database.world import cells
from tests.support.vacuuming import vacuum

DEALS = 200_000
OWNERS = 300
TEAMS = 60
ROLES = {
    scope: [*cells(("deals",), "view update", scope), {"module": "deals", "action": "create"}]
    for scope in ("owned", "created", "team", "all")
}
# Everybody has his share of deals: owners, creators and teams are spread evenly over time, each by itself.
LOAD = """
insert into crm.deals (account_id, id, owner_id, created_by, team_id, name, created_at, amount_cents)
select $1, access.uuid_v7(), ($2::uuid[])[1 + (hashint8extended(i, 1) & 65535) % $3],
       ($2::uuid[])[1 + (hashint8extended(i, 2) & 65535) % $3],
       ($4::uuid[])[1 + (hashint8extended(i, 3) & 65535) % $5], 'Deal ' || (i::bigint * 7919) % $6,
       timestamptz '2024-01-01' + i * interval '1 minute', i
  from generate_series(1, $6::int) i
"""


@dataclass
class Company:
    """The account, and a member for each scope (and his id)."""

    account: UUID
    members: dict[str, UUID]
    # Login and password of an analyst for each.
    logins: dict[str, tuple[str, str]]


@dataclass
class Plan:
    """What EXPLAIN (ANALYZE, BUFFERS) says."""

    root: dict[str, Any]

    @property
    def nodes(self) -> Iterator[dict[str, Any]]:
        """Every node."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.get("Plans", [])

    @property
    def indexes(self) -> set[str]:
        """Indexes of deals that were read."""
        return {name for node in self.nodes if (name := node.get("Index Name", "")).startswith("deals_")}

    @property
    def whole_table(self) -> bool:
        """Whether some table of rows was read from end to end."""
        return any(node["Node Type"] == "Seq Scan" and node.get("Schema", "crm") == "crm" for node in self.nodes)

    @property
    def buffers(self) -> int:
        """Pages that were looked at."""
        return int(self.root["Shared Hit Blocks"]) + int(self.root["Shared Read Blocks"])


async def build(admin: "asyncpg.Connection[asyncpg.Record]") -> Company:
    """Make the company; `admin` is a superuser."""
    await admin.execute("select access.create_account('big', 'Big', 'boss@big.example')")
    await admin.execute("select access.create_account('small', 'Small', 'boss@small.example')")
    account = await admin.fetchval("select id from access.account where slug = 'big'")
    other = await admin.fetchval("select id from access.account where slug = 'small'")
    async with admin.transaction():
        teams = [await admin.fetchval("select access.create_team($1, $2)", account, f"T{i}") for i in range(TEAMS)]
        members = {}
        for scope, held in ROLES.items():
            role = await admin.fetchval(
                "select access.create_role($1, $2, $3::jsonb)", account, scope, json.dumps(held)
            )
            members[scope] = await admin.fetchval(
                "select access.add_member($1, $2, $2, $3, $4)", account, f"{scope}@big.example", role, teams[0]
            )
        await admin.execute("select access.join_team($1, $2, $3)", account, members["team"], teams[1])
        logins = {}
        for scope, member in members.items():
            login = await admin.fetchrow("select * from access.create_analyst($1, $2)", account, member)
            assert login is not None
            logins[scope] = (login["login"], login["password"])
        owners = [*members.values(), *(UUID(int=number) for number in range(1, OWNERS + 1 - len(members)))]
        # What waits for the commit is written by triggers that a replica has not.
        await admin.execute("set constraints all immediate")
        # As a restore does it: no triggers, no keys; and the index of substrings is not asked about here.
        await admin.execute("set local session_replication_role = replica; drop index crm.deals_trigrams")
        await admin.execute(LOAD, account, owners, OWNERS, teams, TEAMS, DEALS)
        await admin.execute(LOAD, other, owners, OWNERS, teams, TEAMS, DEALS // 20)
    await vacuum(admin, "crm.deals")
    return Company(account, members, logins)


async def explain(connection: "asyncpg.Connection[asyncpg.Record]", statement: str, *arguments: Any) -> Plan:
    """Run a statement and see how; a second time, so that nothing is counted that a session does once."""
    explained = f"explain (analyze, buffers, verbose, timing off, format json) {statement}"
    await connection.fetchval(explained, *arguments)
    found: str = await connection.fetchval(explained, *arguments)
    return Plan(json.loads(found)[0]["Plan"])

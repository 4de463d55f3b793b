"""T1, C9: what an analyst's statement costs does not tell what hidden rows hold.

PostgreSQL may run a comparison that gives nothing away before the policies; EXPLAIN ANALYZE, and its counters of scans,
would tell whether a row came as far as the policies, and so a value, one comparison after the other.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import TypeAlias

import asyncpg
import pytest

from tests.attacks.conftest import World
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

WHATEVER_IS_FASTER = (
    "reset all",
    "set enable_indexscan = off; set enable_bitmapscan = off; set enable_indexonlyscan = off",
    "set enable_seqscan = off",
)
# What somebody hides, and conditions of which the first finds it and the second nothing.
HIDDEN: dict[str, tuple[str, str, str]] = {
    "a name in another account": ("deals", "name = 'foreign'", "name = 'foreigm'"),
    "a range of names": ("deals", "name >= 'foreign' and name < 'foreigo'", "name >= 'foreigm' and name < 'foreign'"),
    "a beginning": ("deals", "name_lower ^@ 'forei'", "name_lower ^@ 'forex'"),
    "a name in the same account": ("deals", "name = 'hidden'", "name = 'hiddeo'"),
    "a masked column": ("deals_sensitive", "cost_cents < 43", "cost_cents < 42"),
    "an address": ("people", "email = 'carla@bolt.example'", "email = 'carlo@bolt.example'"),
    "an id": ("deals", "id = '{row}'", "id = '00000000-0000-7000-8000-000000000000'"),
}


@pytest.fixture
async def hidden(world: World, admin: Connection, gateway: Connection) -> str:
    """The deals of `world`, whose sensitive column somebody who may has written; the id of the foreign one."""
    async with gateway.transaction():
        await gateway.execute("select access.enter('acme', $1)", world.people["owner"])
        await gateway.execute(
            "insert into crm.deals_sensitive (id, cost_cents) select id, 42 from crm.deals on conflict do nothing"
        )
    found = await admin.fetch("select name from crm.deals order by 1")
    assert [each["name"] for each in found] == ["foreign", "hidden", "own"]
    # Whoever may see it does.
    for slug, who, seen in (("acme", "owner", (2, 2, 0)), ("bolt", "carla", (1, 0, 1))):
        async with gateway.transaction():
            await gateway.execute("select access.enter($1, $2)", slug, world.people[who])
            found = await gateway.fetch(
                "select (select count(*) from crm.deals),"
                " (select count(*) from crm.deals_sensitive where cost_cents = 42),"
                " (select count(*) from crm.people where email = 'carla@bolt.example')"
            )
            assert tuple(found[0]) == seen
    return str(world.deals["foreign"])


@pytest.fixture
async def analyst(world: World, database: TestDatabase, admin: Connection) -> AsyncIterator[Connection]:
    login = await admin.fetchrow("select * from access.create_analyst($1, $2)", world.account, world.people["rep"])
    assert login is not None
    connection = await asyncpg.connect(database.login_dsn(login["login"], login["password"]))
    yield connection
    await connection.close()


SCANS = "select relname, seq_scan + coalesce(idx_scan, 0) as scans from pg_stat_xact_user_tables"


async def cost(analyst: Connection, table: str, condition: str) -> tuple[list[str], Counter[str]]:
    """What EXPLAIN ANALYZE says of a statement but for the condition itself, and scans by table."""
    async with analyst.transaction():
        before = Counter({row["relname"]: row["scans"] for row in await analyst.fetch(SCANS)})
        lines = await analyst.fetch(
            f"explain (analyze, costs on, timing off, summary off, buffers off) select from {table} where {condition}"
        )
        after = Counter({row["relname"]: row["scans"] for row in await analyst.fetch(SCANS)})
    said = [line[0] for line in lines if not line[0].strip().startswith(("Filter:", "Index Cond:"))]
    assert any("actual" in line for line in said)
    return said, after - before


async def answers(analyst: Connection, what: str, row: str) -> list[tuple[list[str], Counter[str]]]:
    table, hit, miss = HIDDEN[what]
    # What a session looks up but once is looked up before.
    await cost(analyst, table, "true")
    found = [await cost(analyst, table, condition.format(row=row)) for condition in (hit, miss)]
    assert all(scans for _, scans in found)
    return found


@pytest.mark.parametrize("settings", WHATEVER_IS_FASTER, ids=["as it is", "no index", "an index"])
@pytest.mark.parametrize("what", HIDDEN)
async def test_a_condition_costs_the_same_whatever_hidden_rows_hold(
    analyst: Connection, hidden: str, what: str, settings: str
) -> None:
    await analyst.execute(settings)
    table, hit, _ = HIDDEN[what]
    assert await analyst.fetch(f"select from {table} where {hit.format(row=hidden)}") == []

    found, nothing = await answers(analyst, what, hidden)

    assert found == nothing


async def test_without_its_fence_a_view_would_tell(analyst: Connection, hidden: str, admin: Connection) -> None:
    """Broken once: the same statements differ where the planner may run a condition first."""
    what = "a masked column"
    table = HIDDEN[what][0]
    definition = await admin.fetchval("select pg_get_viewdef($1::text::regclass)", f"analyst.{table}")
    await admin.execute(
        f"create or replace view analyst.{table} with (security_barrier = true) as "
        + re.sub(r"\s+OFFSET 0;$", "", definition)
    )

    await analyst.execute(WHATEVER_IS_FASTER[1])

    found, nothing = await answers(analyst, what, hidden)

    assert found != nothing

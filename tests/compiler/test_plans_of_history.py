"""Plans of the history of access: each filter reads an index, in its order, and few rows of it."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from resolvers.operations import Compiler
from tests.compiler import large
from tests.compiler.planner import Node, Planner
from tests.conftest import Clone
from tests.support.databases import TestDatabase
from tests.support.vacuuming import vacuum

MODES = ("force_custom_plan", "force_generic_plan")
CHANGES, DEALS, PEOPLE = 120_000, 4_000, 600


def ids(kind: int, number: str) -> str:
    """A made-up id."""
    return f"('00000000-0000-7000-800{kind}-' || lpad(({number})::text, 12, '0'))::uuid"


LOG = f"""
insert into access.access_log (
  account_id, at, kind, actor, operator, user_id, team_id, role_id, module, row_id, before, after
)
select $1, timestamptz '2024-01-01' + i * interval '1 minute', k.kind,
       case when i % 50 <> 0 then {ids(0, f"i * 7 % {PEOPLE}")} end, case when i % 50 = 0 then 'postgres' end,
       case when k.kind = 'membership' then {ids(0, f"i % {PEOPLE}")} end,
       case when k.kind = 'team' then {ids(1, "i % 90")} end,
       case when k.kind = 'membership' then {ids(2, "i % 70")} end,
       case when k.kind = 'assignment' then case when i % 400 = 6 then 'tickets' else 'deals' end end,
       case when k.kind = 'assignment' then {ids(3, f"i % {DEALS}")} end,
       '{{}}', '{{"name": "x"}}'
  from generate_series(1, {CHANGES}) i,
       lateral (
         select case when i % 20 = 0 then 'membership' when i % 20 = 1 then 'team' when i % 30000 = 2 then 'tier'
                     else 'assignment' end as kind
       ) k
"""
ROWS = f"""
insert into crm.deals (account_id, id, name, created_by, owner_id)
select $1, {ids(3, "i")}, 'x', $2, case when i % 40 = 3 then $3::uuid else $2 end
  from generate_series(0, {DEALS} - 1) i
"""
CELLS = """[
  {"module": "settings", "action": "view"}, {"module": "deals", "action": "view", "scopes": ["owned"]}
]"""
WANTS = "nodes { id at kind actor { name } before after } pageInfo { hasNextPage endCursor }"
PERSON, TEAM = "Person:00000000-0000-7000-8000-000000000120", "Team:00000000-0000-7000-8001-000000000011"
ROLE, DEAL = "Role:00000000-0000-7000-8002-000000000010", "Deal:00000000-0000-7000-8003-000000000003"
# The index that serves a filter; where several do, the one with fewer rows.
FILTERS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, {"access_log_page"}),
    "a rare kind": ({"kind": "TIER"}, {"access_log_kind"}),
    "a common kind": ({"kind": "ASSIGNMENT"}, {"access_log_kind", "access_log_page"}),
    "who": ({"actor": PERSON}, {"access_log_actor"}),
    "whose": ({"member": PERSON}, {"access_log_user"}),
    "a team": ({"team": TEAM}, {"access_log_team"}),
    "a role": ({"role": ROLE}, {"access_log_role"}),
    "a module": ({"module": "tickets"}, {"access_log_module"}),
    "a row": ({"row": DEAL}, {"access_log_row"}),
    "a day": ({"since": "2024-02-01T00:00:00Z", "until": "2024-02-02T00:00:00Z"}, {"access_log_page"}),
    "who on a day": (
        {"actor": PERSON, "since": "2024-02-01T00:00:00Z", "until": "2024-02-02T00:00:00Z"},
        {"access_log_actor", "access_log_page"},
    ),
}


@pytest.fixture(scope="module")
def history_database(clone: Clone) -> Iterator[TestDatabase]:
    with clone() as database:
        yield database


@pytest.fixture(scope="module")
async def history(history_database: TestDatabase) -> large.Large:
    """An account with a long history: `all` administers it, `own` views settings and his own deals."""
    admin = await history_database.connect()
    try:
        account = await admin.fetchval(
            "select access.create_account($1, 'Large', 'all@large.example', 'All')", large.SLUG
        )
        boss = await admin.fetchval("select id from access.app_user where email = 'all@large.example'")
        role = await admin.fetchval("select access.create_role($1, 'own', $2)", account, CELLS)
        own: UUID = await admin.fetchval("select access.add_member($1, 'own@large.example', 'own', $2)", account, role)
        async with admin.transaction():
            await admin.execute("set local session_replication_role = replica")
            await admin.execute(LOG, account)
            await admin.execute(ROWS, account, boss, own)
        await vacuum(admin, "access.access_log, crm.deals")
        return large.Large(account, {"all": boss, "own": own})
    finally:
        await admin.close()


@pytest.fixture
async def historian(history: large.Large, history_database: TestDatabase, compiler: Compiler) -> AsyncIterator[Planner]:
    connection = await asyncpg.connect(history_database.gateway_dsn, server_settings={"jit": "off"})
    yield Planner(connection, history, compiler)
    await connection.close()


def scan(nodes: list[Node]) -> Node:
    """How the history is read."""
    (found,) = [node for node in nodes if node.get("Relation Name") == "access_log"]
    return found


def looked_at(node: Node) -> int:
    """Rows of a scan that were kept and that were not."""
    return int(node["Actual Rows"] + node.get("Rows Removed by Filter", 0))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_reads_an_index_in_its_order(historian: Planner, name: str, mode: str) -> None:
    where, indexes = FILTERS[name]
    text = f"query ($where: AccessLogWhere) {{ accessLog(where: $where) {{ {WANTS} }} }}"
    nodes = await historian.nodes("all", mode, text, {"where": where})
    found = scan(nodes)
    assert found["Index Name"] in indexes
    assert 0 < found["Actual Rows"] <= 21
    assert looked_at(found) <= 2000
    assert all(node["Actual Rows"] <= 20 for node in nodes if node["Node Type"] == "Sort"), "the page alone is sorted"


@pytest.mark.parametrize("mode", MODES)
async def test_a_cursor_is_where_the_walk_begins(historian: Planner, mode: str) -> None:
    cursor = None
    text = f"query ($after: String) {{ accessLog(first: 100, after: $after) {{ {WANTS} }} }}"
    for _ in range(3):
        answer = await historian.answer("all", text, {"after": cursor})
        cursor = answer["accessLog"]["pageInfo"]["endCursor"]
    found = scan(await historian.nodes("all", mode, text, {"after": cursor}))
    assert found["Index Name"] == "access_log_page"
    assert "ROW(at, id) < ROW(" in found["Index Cond"]
    assert looked_at(found) == 101


@pytest.mark.parametrize("mode", MODES)
async def test_of_rows_that_one_sees_a_page_is_found_by_walking(historian: Planner, mode: str) -> None:
    """Row by row, since whether a row is seen is asked under its own policies; a row's own history is read alone."""
    text = "query ($where: AccessLogWhere) { accessLog(first: 5, where: $where) { nodes { id module } } }"
    walked = scan(await historian.nodes("own", mode, text, {"where": {"kind": "ASSIGNMENT"}}))
    assert walked["Index Name"] in {"access_log_kind", "access_log_page"}
    assert walked["Actual Rows"] == 5
    assert looked_at(walked) < 1000, "one in forty"
    alone = scan(await historian.nodes("own", mode, text, {"where": {"row": DEAL}}))
    assert (alone["Index Name"], alone["Actual Rows"]) == ("access_log_row", 5)
    assert looked_at(alone) <= CHANGES // DEALS

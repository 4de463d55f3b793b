"""Plans of compiled statements over a large account: which indexes serve, with plans for given and for all values."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import orjson
import pytest

from resolvers.compiler import plan
from resolvers.compiler.render import for_profile
from resolvers.compiler.render.conditions import condition
from resolvers.compiler.render.context import Context
from resolvers.operations import Compiler
from tests.compiler import large
from tests.conftest import Clone
from tests.support.databases import TestDatabase

Node = dict[str, Any]

# A driver's prepared statement has plans for its values at first; later perhaps one for all of them.
MODES = ("force_custom_plan", "force_generic_plan")
SCOPES = ("own", "made", "team", "all")


@pytest.fixture(scope="module")
def large_database(clone: Clone) -> Iterator[TestDatabase]:
    with clone() as database:
        yield database


@pytest.fixture(scope="module")
async def account(large_database: TestDatabase) -> large.Large:
    admin = await large_database.connect()
    try:
        return await large.build(admin)
    finally:
        await admin.close()


@pytest.fixture
async def gateway(large_database: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(large_database.gateway_dsn, server_settings={"jit": "off"})
    yield connection
    await connection.close()


class Planner:
    """Explains operations as the gateway would send them."""

    def __init__(self, gateway: "asyncpg.Connection[asyncpg.Record]", account: large.Large, compiler: Compiler) -> None:
        self._gateway = gateway
        self._account = account
        self._compiler = compiler

    async def nodes(self, who: str, mode: str, text: str, variables: dict[str, Any] | None = None) -> list[Node]:
        """All nodes of the plan for a member's operation, as it was executed."""
        request = self._compiler.prepare(text, None).bind(variables or {}, self._account.identity(who))
        rendered = request.variant.parts[""].rendered
        async with self._gateway.transaction(readonly=True):
            profile = await self._gateway.fetchval("select access.enter($1, $2)", large.SLUG, request.identity.user)
            await self._gateway.execute(f"set local plan_cache_mode = {mode}")
            statement = for_profile(rendered.text, profile)
            await self._gateway.execute(f"prepare operation as {statement}")
            values = [await self._literal(value) for value in request.values(rendered.slots)]
            given = f"({', '.join(values)})" if values else ""
            explain = f"explain (analyze, buffers, timing off, format json) execute operation{given}"
            # What a new session reads of the catalogue is not the statement's: the second time counts.
            await self._gateway.execute(explain)
            explained = await self._gateway.fetchval(explain)
            await self._gateway.execute("deallocate operation")
        return list(_walk(orjson.loads(explained)[0]["Plan"]))

    async def answer(self, who: str, text: str, variables: dict[str, Any] | None = None) -> Any:
        """What a member is answered."""
        request = self._compiler.prepare(text, None).bind(variables or {}, self._account.identity(who))
        rendered = request.variant.parts[""].rendered
        async with self._gateway.transaction(readonly=True):
            await self._gateway.fetchval("select access.enter($1, $2)", large.SLUG, request.identity.user)
            row = await self._gateway.fetchrow(rendered.text, *request.values(rendered.slots))
        assert row is not None
        return orjson.loads(row["data"])

    async def _literal(self, value: object) -> str:
        if isinstance(value, bytes):
            return f"'\\x{value.hex()}'"
        return str(await self._gateway.fetchval("select quote_literal($1::text)", str(value)))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)


def scans(nodes: list[Node], table: str) -> list[Node]:
    """How a table of the statement itself is read; what only policies read has other aliases."""
    return [node for node in nodes if re.fullmatch(rf"{table}\$\d+", node.get("Alias", ""))]


def buffers(nodes: list[Node]) -> int:
    """Pages that the whole statement touched."""
    return int(nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"])


def only(nodes: list[Node]) -> Node:
    (node,) = nodes
    return node


@pytest.fixture
def planner(gateway: "asyncpg.Connection[asyncpg.Record]", account: large.Large, compiler: Compiler) -> Planner:
    return Planner(gateway, account, compiler)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("who", "index"), [("own", "deals_owner"), ("made", "deals_creator"), ("team", "deals_page"), ("all", "deals_page")]
)
async def test_the_first_page_walks_the_index_of_the_scope(who: str, index: str, mode: str, planner: Planner) -> None:
    nodes = await planner.nodes(who, mode, "{ deals { nodes { id name } pageInfo { hasNextPage } } }")
    scan = only(scans(nodes, "deals"))
    assert scan["Index Name"] == index
    assert scan["Actual Rows"] == 21, "the page and one row more, in their order"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("who", "index"), [("own", "deals_owner"), ("made", "deals_creator"), ("team", "deals_page"), ("all", "deals_page")]
)
async def test_a_cursor_is_where_the_walk_begins(who: str, index: str, mode: str, planner: Planner) -> None:
    found = await planner.answer(who, "{ deals(first: 40) { edges { cursor } } }")
    cursor = found["deals"]["edges"][-1]["cursor"]
    text = "query ($after: String) { deals(after: $after) { nodes { id name } } }"
    scan = only(scans(await planner.nodes(who, mode, text, {"after": cursor}), "deals"))
    assert scan["Index Name"] == index
    assert "ROW(created_at, id) < ROW(" in scan["Index Cond"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("who", "index"), [("own", "deals_owner"), ("made", "deals_creator")])
async def test_a_count_reads_no_more_than_the_scope(who: str, index: str, mode: str, planner: Planner) -> None:
    nodes = await planner.nodes(who, mode, "{ deals { totalCount } }")
    assert index in {node.get("Index Name") for node in nodes}
    most = large.DEALS // large.MEMBERS + 1
    assert all(node["Actual Rows"] * node["Actual Loops"] <= most for node in nodes)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
@pytest.mark.parametrize(
    "text",
    [
        "query ($text: String) { deals(where: {name: {startsWith: $text}}) { nodes { id } } }",
        "query ($text: String) { deals(where: {name: {startsWith: $text}}, orderBy: [NAME_ASC]) { nodes { id } } }",
        "query ($text: String) { deals(where: {name: {startsWith: $text}}) { totalCount } }",
    ],
)
async def test_a_prefix_is_a_range_of_an_index_or_filters_the_few_of_a_scope(
    text: str, who: str, mode: str, planner: Planner
) -> None:
    scan = only(scans(await planner.nodes(who, mode, text, {"text": "ABc"}), "deals"))
    if scan["Index Name"] == "deals_name_lower":
        assert "name_lower >=" in scan["Index Cond"]
        assert "name_lower <=" in scan["Index Cond"]
    else:
        assert (who, scan["Index Name"]) in {("own", "deals_owner"), ("made", "deals_creator")}
    assert scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) < large.DEALS // 200


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("{ deals { nodes { id contacts(first: 5) { nodes { id } } } } }", "deal_contacts_pkey"),
        ("{ deals { nodes { id contacts { totalCount } } } }", "deal_contacts_pkey"),
        ("{ contacts { nodes { id deals(first: 5) { nodes { id } } } } }", "deal_contacts_contact"),
    ],
)
async def test_pairs_of_a_page_are_looked_up(text: str, pairs: str, who: str, mode: str, planner: Planner) -> None:
    """The policy of pairs asks for both ends: by their keys, or in a hash of the few rows that are one's own."""
    nodes = await planner.nodes(who, mode, text)
    assert only([node for node in nodes if node.get("Relation Name") == "deal_contacts"])["Index Name"] == pairs
    ends = [node for node in nodes if re.fullmatch(r"t(_\d+)?", node.get("Alias", ""))]
    by_key = {"deals_pkey", "contacts_pkey"}
    own = {"own": {"deals_owner", "contacts_owner"}, "made": {"deals_creator", "contacts_creator"}}.get(who, set())
    assert len(ends) == 2
    for end in ends:
        assert end["Index Name"] in by_key | own
        assert end["Actual Rows"] <= (large.DEALS // large.MEMBERS + 1 if end["Index Name"] in own else 1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
async def test_related_rows_of_a_page_are_read_by_their_key(who: str, mode: str, planner: Planner) -> None:
    nodes = await planner.nodes(who, mode, "{ companies { nodes { id deals(first: 5) { nodes { id name } } } } }")
    assert only(scans(nodes, "deals"))["Index Name"] == "deals_company"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
async def test_one_row_is_read_by_its_key(who: str, mode: str, planner: Planner) -> None:
    found = await planner.answer(who, "{ deals(first: 1) { nodes { id } } }")
    variables = {"id": found["deals"]["nodes"][0]["id"]}
    nodes = await planner.nodes(
        who, mode, "query ($id: ID!) { deal(id: $id) { id name stage owner { name } } }", variables
    )
    scan = only(scans(nodes, "deals"))
    assert (scan["Index Name"], scan["Actual Rows"]) == ("deals_pkey", 1)
    assert buffers(nodes) < 40


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
async def test_a_page_far_behind_costs_what_the_first_one_does(who: str, mode: str, planner: Planner) -> None:
    text = "query ($after: String) { deals(first: 20, after: $after) { nodes { id name } } }"
    far = "{ deals(last: 100, orderBy: [CREATED_AT_DESC]) { edges { cursor } } }"
    cursor = (await planner.answer(who, far))["deals"]["edges"][0]["cursor"]
    first, last = [await planner.nodes(who, mode, text, {"after": after}) for after in (None, cursor)]
    assert only(scans(last, "deals"))["Index Name"] == only(scans(first, "deals"))["Index Name"]
    assert only(scans(last, "deals"))["Actual Rows"] == 20
    # Within one page of the index, and what lies between rows of other teams.
    assert buffers(last) <= buffers(first) * (1.5 if who in {"own", "made", "all"} else 3) + 10


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
async def test_buttons_cost_no_pages(who: str, mode: str, planner: Planner) -> None:
    """Rule X3: what one may do with a row is told by the row."""
    plain = "{ deals(first: 50) { nodes { id name } } }"
    buttons = "{ deals(first: 50) { nodes { id name access { canUpdate canDelete canAssign } } } }"
    without, with_ = [await planner.nodes(who, mode, text) for text in (plain, buttons)]
    assert only(scans(with_, "deals"))["Index Name"] == only(scans(without, "deals"))["Index Name"]
    assert buffers(with_) <= buffers(without) + 20


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", ["own", "made"])
async def test_a_filter_in_another_order_reads_no_more_than_the_scope(who: str, mode: str, planner: Planner) -> None:
    text = """query ($stage: DealStage!) {
      deals(first: 50, where: {stage: {eq: $stage}}, orderBy: [AMOUNT_CENTS_DESC]) {
        totalCount nodes { id name amountCents } } }"""
    nodes = await planner.nodes(who, mode, text, {"stage": "WON"})
    most = large.DEALS // large.MEMBERS + 1
    found = scans(nodes, "deals")
    assert found
    for scan in found:
        assert scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) <= most


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
async def test_a_part_of_a_text_is_looked_for_among_candidates(who: str, mode: str, planner: Planner) -> None:
    text = "query ($text: String!) { deals(where: {name: {contains: $text}}) { nodes { id } } }"
    nodes = await planner.nodes(who, mode, text, {"text": "ABcd"})
    for scan in scans(nodes, "deals"):
        assert scan["Actual Rows"] * scan["Actual Loops"] + scan.get("Rows Removed by Filter", 0) < large.DEALS // 20


@pytest.mark.parametrize("prefix", ["", "a", "é", "ab", "a\U0010ffff", "\U0010ffff"])
async def test_the_range_leaves_no_text_out(prefix: str, gateway: "asyncpg.Connection[asyncpg.Record]") -> None:
    last = "\U0010ffff"
    texts = ["", "a", "ab", "a" * 9, "a" + last * 8, last * 9, "ab" + last, "b", "A", "é", "éa", "\U0001d11e", "a\x01"]
    context = Context()
    rendered = condition(context, plan.Prefix("text", plan.Param(0, 0, "text"), 9), "given")
    found = await gateway.fetch(
        f'select text from (select t collate "C" as text from unnest($2::text[]) t) given where {rendered}',
        prefix,
        texts,
    )
    assert [row["text"] for row in found] == [text for text in texts if text.startswith(prefix)]

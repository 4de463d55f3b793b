"""Plans of compiled statements over a large account: which indexes serve, with plans for given and for all values."""

import re

import asyncpg
import pytest

from resolvers.compiler import plan
from resolvers.compiler.render.conditions import condition
from resolvers.compiler.render.context import Context
from resolvers.profile import Profile
from tests.compiler import large
from tests.compiler.planner import Node, Planner
from tests.database.live import connected
from tests.support.databases import TestDatabase

# A driver's prepared statement has plans for its values at first; later perhaps one for all of them.
MODES = ("force_custom_plan", "force_generic_plan")
SCOPES = ("own", "made", "team", "old", "mixed", "all")
# Their rows are in no one index by age: ids are found first, and rows by their key.
FOUND = ("team", "old", "mixed")


def scans(nodes: list[Node], table: str) -> list[Node]:
    """How a table of the statement itself is read; what only policies read has other aliases."""
    return [node for node in nodes if re.fullmatch(rf"{table}\$\d+", node.get("Alias", ""))]


def buffers(nodes: list[Node]) -> int:
    """Pages that the whole statement touched."""
    return int(nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"])


def only(nodes: list[Node]) -> Node:
    (node,) = nodes
    return node


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("who", "index"), [("own", "deals_owner"), ("made", "deals_creator"), ("all", "deals_page")])
async def test_the_first_page_walks_the_index_of_the_scope(who: str, index: str, mode: str, planner: Planner) -> None:
    nodes = await planner.nodes(who, mode, "{ deals { nodes { id name } pageInfo { hasNextPage } } }")
    scan = only(scans(nodes, "deals"))
    assert scan["Index Name"] == index
    assert scan["Actual Rows"] == 21, "the page and one row more, in their order"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", FOUND)
async def test_a_page_of_teams_or_several_scopes_is_found_first(who: str, mode: str, planner: Planner) -> None:
    """However old the rows are: a bounded walk, a few pages for each team, three or four for each row of the page."""
    nodes = await planner.nodes(who, mode, "{ deals(first: 20) { nodes { id name } pageInfo { hasNextPage } } }")
    scan = only(scans(nodes, "deals"))
    assert (scan["Index Name"], scan["Actual Rows"]) == ("deals_pkey", 21)
    assert buffers(nodes) < 600


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("who", "index"), [("own", "deals_owner"), ("made", "deals_creator"), ("all", "deals_page")])
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
    assert buffers(last) <= buffers(first) * (3 if who in FOUND else 1.5) + 10


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
@pytest.mark.parametrize("who", SCOPES)
async def test_a_page_with_its_relations_costs_the_page_and_some_pages_a_row(
    who: str, mode: str, planner: Planner
) -> None:
    """The company of a row by its key, its deals by their pairs: nothing that grows with the tables."""
    alone = "{ contacts(first: 20) { nodes { id firstName lastName } } }"
    text = """{ contacts(first: 20) { nodes { id firstName lastName
      company { id name city } deals(first: 5) { nodes { id name stage amountCents } } } } }"""
    page, nodes = [await planner.nodes(who, mode, asked) for asked in (alone, text)]
    assert only(scans(nodes, "contacts")).get("Index Name") == only(scans(page, "contacts")).get("Index Name")
    company, deals, pairs = [only(scans(nodes, table)) for table in ("companies", "deals", "deal_contacts")]
    assert (company["Index Name"], deals["Index Name"]) == ("companies_pkey", "deals_pkey")
    assert (pairs["Index Name"], pairs["Actual Loops"]) == ("deal_contacts_contact", 20)
    assert company["Actual Loops"] <= 20
    assert deals["Actual Loops"] <= 20 * 8, "no more than a contact has deals"
    assert buffers(nodes) <= buffers(page) + 20 * 80


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
async def test_a_filter_in_another_order_reads_the_scope_once(who: str, mode: str, planner: Planner) -> None:
    """Page and count of one scan: of the rows that the member reaches, and no others."""
    text = """query ($stage: DealStage!) {
      deals(first: 50, where: {stage: {eq: $stage}}, orderBy: [AMOUNT_CENTS_DESC]) {
        totalCount nodes { id name amountCents } } }"""
    nodes = await planner.nodes(who, mode, text, {"stage": "WON"})
    found = [scan for scan in scans(nodes, "deals") if scan.get("Index Name") != "deals_pkey"]
    read = sum((scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) * scan["Actual Loops"] for scan in found)
    reached = (await planner.answer(who, "{ deals { totalCount } }"))["deals"]["totalCount"]
    assert read == reached > 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
async def test_rows_are_counted_as_they_are_sorted(who: str, mode: str, planner: Planner) -> None:
    text = "{ deals(first: 20, orderBy: [AMOUNT_CENTS_DESC]) { totalCount nodes { id name } } }"
    found = scans(await planner.nodes(who, mode, text), "deals")
    by_key = [scan for scan in found if scan.get("Index Name") == "deals_pkey"]
    assert [scan["Actual Rows"] * scan["Actual Loops"] for scan in by_key] == [20]
    counted = (await planner.answer(who, text))["deals"]["totalCount"]
    alone = (await planner.answer(who, "{ deals { totalCount } }"))["deals"]["totalCount"]
    assert counted == alone
    assert sum(scan["Actual Rows"] * scan["Actual Loops"] for scan in found if scan not in by_key) == counted


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", SCOPES)
async def test_a_part_of_a_text_is_looked_for_among_candidates(who: str, mode: str, planner: Planner) -> None:
    """By the index of trigrams, in the function that finds them: its pages count with the statement's."""
    text = "query ($text: String!) { contacts(where: {lastName: {contains: $text}}) { nodes { id } } }"
    nodes = await planner.nodes(who, mode, text, {"text": "ABcde"})
    for scan in scans(nodes, "contacts"):
        assert scan["Actual Rows"] * scan["Actual Loops"] + scan.get("Rows Removed by Filter", 0) < large.CONTACTS // 20
    assert buffers(nodes) < 700


async def test_without_the_index_of_trigrams_all_pages_are_read(planner: Planner, large_database: TestDatabase) -> None:
    """That the bound above tells one from the other."""
    text = "query ($text: String!) { contacts(where: {lastName: {contains: $text}}) { nodes { id } } }"
    async with connected(large_database.admin_dsn) as admin:
        definition = await admin.fetchval("select pg_get_indexdef('crm.contacts_trigrams'::regclass)")
        await admin.execute("drop index crm.contacts_trigrams")
        try:
            nodes = await planner.nodes("all", "force_custom_plan", text, {"text": "ABcde"})
        finally:
            await admin.execute(definition)
    assert buffers(nodes) > 1400


@pytest.mark.parametrize("prefix", ["", "a", "é", "ab", "a\U0010ffff", "\U0010ffff"])
async def test_the_range_leaves_no_text_out(prefix: str, gateway: "asyncpg.Connection[asyncpg.Record]") -> None:
    last = "\U0010ffff"
    texts = ["", "a", "ab", "a" * 9, "a" + last * 8, last * 9, "ab" + last, "b", "A", "é", "éa", "\U0001d11e", "a\x01"]
    context = Context(Profile("nobody", {}))
    rendered = condition(context, plan.Prefix("text", plan.Param(0, 0, "text"), 9), "given")
    found = await gateway.fetch(
        f'select text from (select t collate "C" as text from unnest($2::text[]) t) given where {rendered}',
        prefix,
        texts,
    )
    assert [row["text"] for row in found] == [text for text in texts if text.startswith(prefix)]

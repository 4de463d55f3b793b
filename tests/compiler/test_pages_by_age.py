"""Pages whose ids are found past the policies have the rows, and the order, that the policies alone give."""

from itertools import product
from typing import Any

import orjson
import pytest

from resolvers.compiler.arguments import PageSite
from resolvers.operations import Compiler
from tests.compiler.conftest import SECRET, Client
from tests.compiler.planner import Planner
from tests.support.databases import TestDatabase

PEOPLE = ("team", "old", "mixed", "wide", "own", "all")
FOUND = ("team", "old", "mixed", "wide")
PAGE = """query ($first: Int, $last: Int, $order: [DealOrder!], $after: String, $before: String) {
  deals(first: $first, last: $last, orderBy: $order, after: $after, before: $before) {
    nodes { id } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }"""
ORDERS = ("CREATED_AT_DESC", "CREATED_AT_ASC")
SIZES = (0, 1, 7, 100)


async def ask(planner: Planner, who: str, **variables: Any) -> Any:
    return (await planner.answer(who, PAGE, variables))["deals"]


async def requests(planner: Planner, who: str) -> list[dict[str, Any]]:
    """Pages from both ends in both orders, each with what follows, what precedes, and what is between two cursors."""
    found: list[dict[str, Any]] = []
    for order, size, end in product(ORDERS, SIZES, ("first", "last")):
        plain = {"order": [order], end: size}
        info = (await ask(planner, who, **plain))["pageInfo"]
        found.append(plain)
        if size:
            found += [{**plain, "after": info["endCursor"]}, {**plain, "before": info["startCursor"]}]
            found += [{**plain, "after": info["startCursor"], "before": info["endCursor"]}]
    return found


@pytest.mark.parametrize("who", PEOPLE)
async def test_finding_ids_first_changes_no_page(who: str, planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python finds, Postgres proves: the same pages come of the policies alone."""
    asked = await requests(planner, who)
    found = [await ask(planner, who, **variables) for variables in asked]
    assert sum(len(page["nodes"]) for page in found) > 500
    assert planner.sent("page_of_deals") is (who in FOUND)

    monkeypatch.setattr(PageSite, "_finder", lambda *_: None)
    alone = planner.with_compiler(Compiler(SECRET))
    assert [await ask(alone, who, **variables) for variables in asked] == found
    assert not alone.sent("page_of_deals")


async def test_a_page_is_whole_where_few_rows_are_left(planner: Planner) -> None:
    """The end of a list whose newest rows are other teams'."""
    everything = []
    after = None
    while True:
        page = await ask(planner, "old", first=100, after=after)
        everything += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    counted = await planner.answer("old", "{ deals { totalCount } }")
    assert len(everything) == len(set(everything)) == counted["deals"]["totalCount"]
    assert len(everything) > 300


async def test_the_function_tells_nobody_of_rows_that_he_does_not_see(planner: Planner) -> None:
    """A definer function: whoever calls it by himself gets what the policies show, and of other profiles nothing."""
    for who in PEOPLE:
        found, seen = await planner.ids_by_function(who, 101)
        assert len(found) == 101
        assert found == seen, who
        more, _ = await planner.ids_by_function(who, 10_000)
        assert more == found, "a page, never a whole table"
    found, seen = await planner.ids_by_function("blind", 101)
    assert (found, seen) == ([], [])


async def test_ids_of_rows_that_are_not_seen_show_nothing(client: Client, world_database: TestDatabase) -> None:
    """The database decides: were the function to tell every id there is, the policies would let no more through."""
    text = "{ deals(first: 100) { nodes { id } } }"
    seen = orjson.loads(orjson.dumps((await client.ask("lead", text)).data))["deals"]["nodes"]
    admin = await world_database.connect()
    try:
        everything = await admin.fetchval("select count(*) from crm.deals")
        signature = "access.page_of_deals(integer,timestamptz,uuid,timestamptz,uuid,boolean)"
        definition = await admin.fetchval("select pg_get_functiondef($1::text::regprocedure)", signature)
        body = "begin return query select t.id from crm.deals t; end"
        await admin.execute(definition.partition("AS $function$")[0] + f"as $function${body}$function$")
        try:
            result = await client.ask("lead", text)
        finally:
            await admin.execute(definition)
    finally:
        await admin.close()
    assert orjson.loads(orjson.dumps(result.data))["deals"]["nodes"] == seen
    assert 0 < len(seen) < everything

"""What a mutation did to lists and counts is under `query` of its payload, in the same transaction."""

from dataclasses import replace

import pytest
from graphql import parse

from gateway.measure import Measurer
from resolvers.errors import RequestErrors
from resolvers.root import GRAPHQL
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

SELLER = frozenset(("deals", action, "team") for action in ("view", "update", "delete")) | {("deals", "create", "all")}
SHOP = Account(
    "shop",
    (Member("root", "Owner", super_admin=True), Member("ada", "seller", "north"), Member("ben", "seller", "south")),
    (Team("north"), Team("south")),
    (("seller", SELLER),),
    rows=(Row("of north", "deals", "root", "ada", ("north",)), Row("of south", "deals", "root", "ben", ("south",))),
)


@pytest.fixture(scope="module")
async def shop(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(SHOP)
    return play


async def test_lists_are_as_the_mutation_leaves_them(shop: Play) -> None:
    """Under the policies of who asks: the row of the other team is not counted."""
    text = """
      mutation {
        createDeal(input: {name: "New"}) {
          deal { name }
          query {
            all: deals(orderBy: [NAME_ASC]) { totalCount nodes { name } }
            some: deals(where: {name: {startsWith: "of"}}) { totalCount }
            viewer { user { name } }
            teams { name }
          }
        }
      }
    """
    data, codes = await shop.asks("ada", text)
    assert codes == {}
    assert data["createDeal"] == {
        "deal": {"name": "New"},
        "query": {
            "all": {"totalCount": 2, "nodes": [{"name": "New"}, {"name": "of north"}]},
            "some": {"totalCount": 1},
            "viewer": {"user": {"name": "ada"}},
            "teams": [{"name": "north"}],
        },
    }


async def test_a_row_that_is_gone_is_counted_no_more(shop: Play) -> None:
    text = "mutation ($id: ID!) { deleteDeal(input: {id: $id}) { deletedId query { deals { totalCount } } } }"
    data, codes = await shop.asks("ada", text, {"id": f"Deal:{shop.row('of north')}"})
    assert codes == {}
    assert data["deleteDeal"]["query"] == {"deals": {"totalCount": 0}}
    assert shop.row("of north") in await shop.sees("ada", "deals")


async def test_administration_answers_alike(shop: Play) -> None:
    text = 'mutation { createTeam(input: {name: "New"}) { query { teams { name } __typename } } }'
    data, codes = await shop.asks("root", text)
    assert (data, codes) == (
        {
            "createTeam": {
                "query": {"teams": [{"name": name} for name in ("New", "north", "south")], "__typename": "Query"}
            }
        },
        {},
    )


async def test_what_one_may_not_query_is_refused_there_and_the_change_is_done(shop: Play) -> None:
    """A2: the error has its path; what else was asked is answered."""
    text = 'mutation { createDeal(input: {name: "New"}) { deal { name } query { tickets { totalCount } } } }'
    data, codes = await shop.asks("ada", text)
    assert data == {"createDeal": {"deal": {"name": "New"}, "query": {"tickets": None}}}
    assert codes == {"createDeal": "FORBIDDEN"}


async def test_arguments_are_read_there_as_anywhere(shop: Play) -> None:
    text = 'mutation ($n: Int) { createDeal(input: {name: "New"}) { query { deals(first: $n) { nodes { name } } } } }'
    assert (await shop.asks("ada", text, {"n": 1}))[0] == {
        "createDeal": {"query": {"deals": {"nodes": [{"name": "New"}]}}}
    }
    data, codes = await shop.asks("ada", text, {"n": 101})
    assert (data, codes) == ({"createDeal": {"query": {"deals": None}}}, {"createDeal": "BAD_USER_INPUT"})


async def test_the_schema_is_not_asked_for_there(shop: Play) -> None:
    with pytest.raises(RequestErrors):
        await shop.asks("ada", 'mutation { createDeal(input: {name: "New"}) { query { __schema { __typename } } } }')


def test_its_fields_count_as_root_fields() -> None:
    """Limits hold there, too, within a fragment as well."""
    text = """
      mutation { createDeal(input: {name: "New"}) { query { deals { totalCount } ...more } } }
      fragment more on Query { teams { id } roles { id } }
    """
    assert Measurer(GRAPHQL).operations(parse(text))[None].root_fields == 4

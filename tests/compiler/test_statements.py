"""How often the database is asked, and with which texts."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from resolvers.compiler.render import for_profile
from resolvers.operations import Compiler, Request
from resolvers.profile import Profile
from resolvers.session import Database, Exchange, Identity
from resolvers.session.pipeline import End, Outcome, Step
from tests.compiler import corpus, corpus_lists
from tests.compiler.conftest import Client
from tests.compiler.corpus import Case
from tests.support.profiles import sent

CASES = [*corpus.CASES, *corpus_lists.CASES]


class Watched(Database):
    """A database that notes what it is asked: each round trip with the statements that follow the entrance."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.connections, database.pipelines, database.options)
        self.profiles, self.turns = database.profiles, database.turns
        self.read_only: list[bool] = []
        self.trips: list[list[str]] = []

    @property
    def statements(self) -> list[str]:
        return [text for trip in self.trips for text in trip]

    def exchange(self, identity: Identity, *, read_only: bool = False) -> Exchange:
        self.read_only.append(read_only)
        trips = self.trips

        class WatchedExchange(Exchange):
            async def _outcome(self, steps: tuple[Step, ...], end: End, *, entering: bool) -> Outcome:
                trips.append([step.text for step in steps[entering:]])
                return await super()._outcome(steps, end, entering=entering)

        return WatchedExchange(
            self.pipelines,
            self.profiles,
            identity,
            self.turns.of(identity.user),
            read_only=read_only,
            attempts=1,
        )


async def run(request: Request, database: Database) -> Watched:
    watched = Watched(database)
    await request.run(watched)
    return watched


def request(client: Client, who: str, text: str, variables: dict[str, Any] | None = None) -> Request:
    return client.compiler.prepare(text, None).bind(variables or {}, client.world.identity(who))


@pytest.mark.parametrize("case", [case for case in CASES if not case.variables], ids=lambda case: case.name)
async def test_a_query_is_one_statement_in_one_round_trip(case: Case, client: Client) -> None:
    await client.ask("lead", "{ viewer { superAdmin } }")
    watched = await run(request(client, "lead", case.text), client.database)
    assert watched.read_only in ([True], [])
    assert [len(trip) for trip in watched.trips] == [1] * len(watched.read_only)


async def test_a_mutation_is_written_read_and_committed_in_one_round_trip(client: Client) -> None:
    await client.ask("owner", "{ viewer { superAdmin } }")
    text = 'mutation { createDeal(input: {name: "Trip"}) { deal { id } } }'
    watched = await run(request(client, "owner", text), client.database)
    assert watched.read_only == [False]
    assert [len(trip) for trip in watched.trips] == [2]


async def test_what_goes_with_a_change_waits_for_it(client: Client) -> None:
    """Nothing of a mutation is written where its version is not the row's, also what is in other tables."""
    made = await client.ask("owner", 'mutation { createDeal(input: {name: "Trips"}) { deal { id } } }')
    assert made.data
    deal = orjson.loads(orjson.dumps(made.data))["createDeal"]["deal"]["id"]
    text = """mutation ($id: ID!, $version: Int!) {
      updateDeal(input: {id: $id, expectedVersion: $version, name: "Changed", sensitive: {costCents: 7}}) {
        deal { name sensitive { costCents } } } }"""
    query = "query ($id: ID!) { deal(id: $id) { name sensitive { costCents } } }"
    stale = await run(request(client, "owner", text, {"id": deal, "version": 5}), client.database)
    assert [len(trip) for trip in stale.trips] == [1, 1]
    read = await client.ask("owner", query, {"id": deal})
    assert orjson.loads(orjson.dumps(read.data))["deal"] == {"name": "Trips", "sensitive": None}
    right = await run(request(client, "owner", text, {"id": deal, "version": 1}), client.database)
    assert [len(trip) for trip in right.trips] == [1, 2]
    read = await client.ask("owner", query, {"id": deal})
    assert orjson.loads(orjson.dumps(read.data))["deal"] == {"name": "Changed", "sensitive": {"costCents": 7}}


@pytest.mark.parametrize(
    "text", ["{ __typename }", "{ __schema { queryType { name } } __typename }", '{ deal(id: "x") { id } }']
)
async def test_what_needs_no_row_opens_no_session(text: str, client: Client) -> None:
    assert (await run(request(client, "lead", text), client.database)).read_only == []


async def test_each_profile_has_statements_of_its_own(client: Client) -> None:
    text = "{ deals(first: 1) { nodes { id } } }"
    for who in ("owner", "lead", "rep"):
        await client.ask(who, "{ viewer { superAdmin } }")
    sent = {
        who: (await run(request(client, who, text), client.database)).statements for who in ("owner", "lead", "rep")
    }
    texts = {who: statements[0] for who, statements in sent.items()}
    assert len({each.partition("*/")[0] for each in texts.values()}) == 3
    assert all(each.startswith("/* cloison_p_") for each in texts.values())


@pytest.mark.parametrize("profile", ["", "x */ drop table y; /*", "a-b", "ä b"])
def test_only_the_name_of_a_profile_enters_the_comment(profile: str) -> None:
    with pytest.raises(ValueError, match="profile"):
        for_profile("select 1", Profile(profile, {}))


async def test_of_a_stranger_the_profile_is_asked_first(client: Client) -> None:
    watched = await run(request(client, "rep", "{ deals { totalCount } }"), client.database)
    assert [len(trip) for trip in watched.trips] == [1, 1]
    assert watched.trips[0] == ["select access.reaches()"]
    again = await run(request(client, "rep", "{ deals { totalCount } }"), client.database)
    assert [len(trip) for trip in again.trips] == [1]


ANYBODY = Identity("acme", UUID("01900000-0000-7000-8000-000000000001"))
SEES_DEALS = Profile("cloison_p_0", {"deals:view": 1})
PARAMETERS = """query ($where: DealWhere, $order: [DealOrder!], $first: Int, $id: ID!) {
  deal(id: $id) { id } deals(where: $where, orderBy: $order, first: $first) { nodes { id } } }"""


def sql(compiler: Compiler, **variables: Any) -> str:
    variables.setdefault("id", "Deal:00000000-0000-4000-8000-000000000000")
    request = compiler.prepare(PARAMETERS, None).bind(variables, ANYBODY)
    return sent(request, SEES_DEALS)[0].text


def test_values_are_parameters_and_do_not_change_the_text(compiler: Compiler) -> None:
    one = sql(compiler, where={"name": {"eq": "secret-one"}, "amountCents": {"gt": 1}})
    other = sql(
        compiler,
        where={"name": {"eq": "secret-two"}, "amountCents": {"gt": 2}},
        id="Deal:" + "1" * 8 + "-0000-4000-8000-000000000000",
    )
    assert one is other
    assert "secret" not in one


@pytest.mark.parametrize(
    "variables",
    [
        {"where": {"name": {"ne": "x"}}},
        {"where": {"name": {"eq": "x"}, "stage": {"eq": "WON"}}},
        {"where": {"not": {"name": {"eq": "x"}}}},
        {"order": ["NAME_ASC"]},
        {"first": 3},
        {"id": "nonsense"},
    ],
)
def test_what_changes_the_statement_changes_the_text(variables: dict[str, Any], compiler: Compiler) -> None:
    assert sql(compiler, **variables) != sql(compiler, where={"name": {"eq": "x"}})


def test_no_literal_of_a_document_enters_the_text(compiler: Compiler) -> None:
    where = """{name: {contains: "o'drop"}, or: [{product: {startsWith: "o'drop"}}]}"""
    text = f"{{ deals(first: 1, where: {where}) {{ nodes {{ id }} }} }}"
    rendered, _ = sent(compiler.prepare(text, None).bind({}, ANYBODY), SEES_DEALS)
    assert "find_deals" in rendered.text
    assert "drop" not in rendered.text


def test_known_documents_and_variants_are_bounded() -> None:
    compiler = Compiler(b"secret", documents=10, document_characters=10_000, sql_characters=30_000)
    for number in range(200):
        operation = compiler.prepare(f"query ($n: Int) {{ a{number}: deals(first: $n) {{ totalCount }} }}", None)
        for first in range(3):
            operation.bind({"n": first}, ANYBODY)
    assert len(compiler._documents) <= 10
    assert 0 < compiler._shared.variants.weight <= 60_000


def test_a_known_document_is_not_parsed_again(compiler: Compiler) -> None:
    seen: list[object] = []
    text = "query Once { deals(first: 1) { totalCount } }"
    first = compiler.prepare(text, None, seen.append)
    assert compiler.prepare(text, None, seen.append) is first
    assert len(seen) == 1

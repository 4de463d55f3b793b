"""How often the database is asked, and with which texts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import pytest
from asyncpg.connection import LoggedQuery

from resolvers.compiler.render import for_profile
from resolvers.operations import Compiler, Request
from resolvers.session import Database, Identity, Session
from tests.compiler import corpus, corpus_lists
from tests.compiler.conftest import Client
from tests.compiler.corpus import Case

CASES = [*corpus.CASES, *corpus_lists.CASES]


class Watched:
    """A database that notes what its sessions are asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.sessions: list[bool] = []
        self.statements: list[str] = []

    @asynccontextmanager
    async def session(self, identity: Identity, *, read_only: bool = False) -> AsyncIterator[Session]:
        self.sessions.append(read_only)

        def note(query: LoggedQuery) -> None:
            self.statements.append(query.query)

        async with self._database.session(identity, read_only=read_only) as session:
            session.connection.add_query_logger(note)
            yield session
            session.connection.remove_query_logger(note)


async def run(request: Request, database: Database) -> Watched:
    watched = Watched(database)
    await request.run(cast("Database", watched))
    return watched


def request(client: Client, who: str, text: str, variables: dict[str, Any] | None = None) -> Request:
    return client.compiler.prepare(text, None).bind(variables or {}, client.world.identity(who))


@pytest.mark.parametrize("case", [case for case in CASES if not case.variables], ids=lambda case: case.name)
async def test_a_query_is_one_statement_in_one_read_only_session(case: Case, client: Client) -> None:
    watched = await run(request(client, "lead", case.text), client.database)
    assert watched.sessions in ([True], [])
    assert len(watched.statements) == len(watched.sessions)


@pytest.mark.parametrize(
    "text", ["{ __typename }", "{ __schema { queryType { name } } __typename }", '{ deal(id: "x") { id } }']
)
async def test_what_needs_no_row_opens_no_session(text: str, client: Client) -> None:
    assert (await run(request(client, "lead", text), client.database)).sessions == []


async def test_each_profile_has_statements_of_its_own(client: Client) -> None:
    text = "{ deals(first: 1) { nodes { id } } }"
    sent = {
        who: (await run(request(client, who, text), client.database)).statements for who in ("owner", "lead", "rep")
    }
    texts = {who: statements[0] for who, statements in sent.items()}
    assert len(set(texts.values())) == 3
    assert all(each.startswith("/* cloison_p_") for each in texts.values())
    assert len({each.partition("*/")[2] for each in texts.values()}) == 1


@pytest.mark.parametrize("profile", ["", "x */ drop table y; /*", "a-b", "ä b"])
def test_only_the_name_of_a_profile_enters_the_comment(profile: str) -> None:
    with pytest.raises(ValueError, match="profile"):
        for_profile("select 1", profile)


ANYBODY = Identity("acme", UUID("01900000-0000-7000-8000-000000000001"))
PARAMETERS = """query ($where: DealWhere, $order: [DealOrder!], $first: Int, $id: ID!) {
  deal(id: $id) { id } deals(where: $where, orderBy: $order, first: $first) { nodes { id } } }"""


def sql(compiler: Compiler, **variables: Any) -> str:
    variables.setdefault("id", "Deal:00000000-0000-4000-8000-000000000000")
    return compiler.prepare(PARAMETERS, None).bind(variables, ANYBODY).variant.parts[""].rendered.text


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
    assert "drop" not in compiler.prepare(text, None).bind({}, ANYBODY).variant.parts[""].rendered.text


def test_known_documents_and_variants_are_bounded() -> None:
    compiler = Compiler(b"secret", documents=10, document_characters=10_000, sql_characters=30_000)
    for number in range(200):
        operation = compiler.prepare(f"query ($n: Int) {{ a{number}: deals(first: $n) {{ totalCount }} }}", None)
        for first in range(3):
            operation.bind({"n": first}, ANYBODY)
    assert len(compiler._documents) <= 10
    assert compiler._shared.variants.weight <= 30_000


def test_a_known_document_is_not_parsed_again(compiler: Compiler) -> None:
    seen: list[object] = []
    text = "query Once { deals(first: 1) { totalCount } }"
    first = compiler.prepare(text, None, seen.append)
    assert compiler.prepare(text, None, seen.append) is first
    assert len(seen) == 1

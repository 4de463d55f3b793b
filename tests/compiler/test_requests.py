"""What is refused before anything runs, and what is known of an operation beforehand."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from graphql import DocumentNode, GraphQLError

from resolvers.compiler.conditions import LONGEST_TEXT, sent
from resolvers.errors import LONGEST_MESSAGE, BadUserInput, LimitExceeded, RequestErrors
from resolvers.operations import MOST_VALIDATION_ERRORS, Compiler, Request
from resolvers.session import Identity
from schema.registry import Column, Type
from tests.compiler.conftest import Client

QUERY_WHERE = "query ($w: DealWhere) { deals(where: $w) { totalCount } }"
ANYBODY = Identity("acme", UUID("01900000-0000-7000-8000-000000000001"))


def bind(compiler: Compiler, text: str, variables: dict[str, Any] | None = None, name: str | None = None) -> Request:
    return compiler.prepare(text, name).bind(variables, ANYBODY)


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("{", None, "Syntax Error"),
        ("", None, "Syntax Error"),
        ("{ nothing }", None, "Cannot query field 'nothing'"),
        ("{ deals }", None, "must have a selection of subfields"),
        ('{ deals(first: "x") { totalCount } }', None, "Int cannot represent"),
        ("query A { __typename } query B { __typename }", None, "several operations"),
        ("query A { __typename }", "B", "Unknown operation named 'B'"),
        ("fragment F on Deal { id }", None, "no operation"),
        ("subscription { x }", None, "no subscriptions"),
        ("query ($x: Nonsense) { __typename @skip(if: $x) }", None, "Unknown type 'Nonsense'"),
        ("{ ...F } fragment F on Query { ...F }", None, "Cannot spread fragment"),
        ("{ a: viewer { role } a: deals { totalCount } }", None, "conflict"),
        ("{ deals(where: {company: {nope: 1}}) { totalCount } }", None, "nope"),
        ("{ " + "deals { nodes { contacts { nodes " * 2000, None, ""),
    ],
)
def test_refused_documents(text: str, name: str | None, says: str, compiler: Compiler) -> None:
    with pytest.raises(RequestErrors) as caught:
        bind(compiler, text, None, name)
    assert says in str(caught.value)
    assert all((error.extensions or {})["code"] == "BAD_USER_INPUT" for error in caught.value.errors)


@pytest.mark.parametrize(
    ("declared", "variables", "says"),
    [
        ("$v: Int!", {}, "'$v' has invalid value"),
        ("$v: Int!", {"v": None}, "non-null type"),
        ("$v: Int", {"v": "5"}, "Int cannot represent"),
        ("$v: Int", {"v": 2**31}, "Int cannot represent"),
        ("$v: DealWhere", {"v": {"nope": 1}}, "nope"),
        ("$v: DealWhere", {"v": {"amountCents": {"eq": 2**53}}}, "53 bits"),
        ("$v: DealWhere", {"v": {"amountCents": {"eq": True}}}, "whole number"),
        ("$v: DealWhere", {"v": {"engagedOn": {"eq": "2026-02-30"}}}, "Date cannot represent"),
        ("$v: DealWhere", {"v": {"engagedOn": {"eq": "0001-01-01"}}}, "Date cannot represent"),
        ("$v: DealWhere", {"v": {"createdAt": {"eq": "2026-01-01T00:00:00"}}}, "DateTime cannot represent"),
        ("$v: DealWhere", {"v": {"createdAt": {"eq": "9999-12-31T23:00:00-02:00"}}}, "out of range"),
        ("$v: DealWhere", {"v": {"stage": {"eq": "won"}}}, "DealStage"),
        ("$v: DealWhere", {"v": []}, "DealWhere"),
        ("$v: [DealOrder!]", {"v": ["NAME_ASC", None]}, "non-null type"),
    ],
)
def test_refused_variables(declared: str, variables: dict[str, Any], says: str, compiler: Compiler) -> None:
    argument = {"Int": "first", "Dea": "where", "[De": "orderBy"}[declared.partition(": ")[2][:3]]
    with pytest.raises(RequestErrors) as caught:
        bind(compiler, f"query ({declared}) {{ deals({argument}: $v) {{ totalCount }} }}", variables)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (f"{{ deals(where: {{{','.join(f'nmae{i}: {{eq: 1}}' for i in range(350))}}}) {{ totalCount }} }}", {}),
        (f"{{ {'x' * 60_000} }}", {}),
        (QUERY_WHERE, {"w": {f"nmae{i}": {"eq": 1} for i in range(350)}}),
        (QUERY_WHERE, {"w": {"stage": {"in": ["x" * 200_000]}}}),
    ],
)
def test_what_is_said_of_a_bad_request_has_an_end(text: str, variables: dict[str, Any], compiler: Compiler) -> None:
    with pytest.raises(RequestErrors) as caught:
        bind(compiler, text, variables)
    assert len(caught.value.errors) <= MOST_VALIDATION_ERRORS + 1
    assert all(len(error.message) < LONGEST_MESSAGE + 5 for error in caught.value.errors)


def test_variables_nested_beyond_reason_are_refused(compiler: Compiler) -> None:
    where: dict[str, Any] = {}
    for _ in range(5000):
        where = {"not": where}
    with pytest.raises(RequestErrors):
        bind(compiler, "query ($v: DealWhere) { deals(where: $v) { totalCount } }", {"v": where})


def test_a_null_condition_is_refused(compiler: Compiler) -> None:
    with pytest.raises(RequestErrors):
        bind(compiler, "query ($v: Boolean = true) { deals @skip(if: $v) { totalCount } }", {"v": None})


def test_the_check_sees_a_document_before_it_is_validated(compiler: Compiler) -> None:
    def refuse(document: DocumentNode) -> None:
        assert document.definitions
        raise GraphQLError("too deep", original_error=LimitExceeded("depth", 1, 2))

    for _ in range(2):
        with pytest.raises(RequestErrors, match="too deep") as caught:
            compiler.prepare("{ nonsense }", None, refuse)
        assert (caught.value.errors[0].extensions or {})["code"] == "LIMIT_EXCEEDED"


def test_the_operation_is_chosen_by_name(compiler: Compiler) -> None:
    text = """
        query A { deals(first: 1) { ...F } }
        query B($x: Int!) { deals(first: 2) { ...F } contacts(first: $x) { ...G } }
        fragment F on DealConnection { nodes { id } }
        fragment G on ContactConnection { nodes { id deals(first: $x) { totalCount } } }
    """
    assert bind(compiler, text, None, "A").cost == 1
    assert bind(compiler, text, {"x": 3}, "B").cost == 2 + 3 * 2


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ __typename }", 0),
        ("{ viewer { role } }", 1),
        ("{ deals { nodes { id } } }", 20),
        ("{ deals(first: 5) { nodes { id company { id owner { id } } } } }", 15),
        ("{ deals(first: 5) { edges { node { contacts(first: 10) { nodes { id } } } } totalCount } }", 56),
        ("{ deals(first: 5) { nodes { id name product sensitive { negotiationNote } } } }", 60),
        ("{ landingPages(first: 5) { nodes { a: body b: body metaDescription } } }", 2005),
        ('{ nodes(ids: ["a", "b"]) { id } }', 2),
        ('mutation { createDeal(input: {name: "x"}) { deal { company { id } } } }', 12),
    ],
)
def test_cost_is_the_rows_that_an_answer_can_hold(text: str, cost: int, compiler: Compiler) -> None:
    assert bind(compiler, text).cost == cost


@pytest.mark.parametrize(
    ("text", "kind", "needs_database"),
    [
        ("{ __typename __schema { queryType { name } } }", "query", False),
        ("{ ...F } fragment F on Query { viewer { role } }", "query", True),
        ('mutation { deleteDeal(input: {id: "x"}) { deletedId } }', "mutation", True),
    ],
)
def test_what_is_known_of_an_operation(text: str, kind: str, needs_database: bool, compiler: Compiler) -> None:
    operation = compiler.prepare(text, None)
    assert (operation.kind, operation.needs_database) == (kind, needs_database)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"and": [{"name": {"eq": "x"}}] * 150}, "LIMIT_EXCEEDED"),
        ({"name": {"in": ["x"] * 1001}}, "LIMIT_EXCEEDED"),
        (
            {
                "not": {
                    "not": {
                        "not": {
                            "not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {}}}}}}}}}}
                        }
                    }
                }
            },
            "LIMIT_EXCEEDED",
        ),
        ({"name": {"contains": "a\0b"}}, "BAD_USER_INPUT"),
        ({"name": {"contains": "x" * 301}}, "BAD_USER_INPUT"),
        ({"name": {"startsWith": "x" * 301}}, "BAD_USER_INPUT"),
        ({"product": {"eq": "x" * 201}}, "BAD_USER_INPUT"),
        ({"not": {"product": {"in": ["x", "x" * 201]}}}, "BAD_USER_INPUT"),
        ({"contacts": {"some": {"phone": {"gt": "x" * 51}}}}, "BAD_USER_INPUT"),
        ({"company": None}, "BAD_USER_INPUT"),
        ({"contacts": {"some": None}}, "BAD_USER_INPUT"),
        ({"id": {"in": ["Contact:00000000-0000-4000-8000-000000000000"]}}, "BAD_USER_INPUT"),
    ],
)
async def test_a_filter_beyond_a_limit_is_an_error_of_its_field(
    where: dict[str, Any], code: str, client: Client
) -> None:
    text = "query ($w: DealWhere) { deals(where: $w) { totalCount } viewer { role } }"
    result = await client.ask("lead", text, {"w": where})
    (error,) = result.errors
    assert (error.path, (error.extensions or {})["code"]) == (["deals"], code)
    assert orjson.loads(orjson.dumps(result.data)) == {"deals": None, "viewer": {"role": "lead"}}


def test_a_text_has_an_end_where_its_column_has_none() -> None:
    free = Column("note", Type.TEXT, "")
    assert sent("x" * LONGEST_TEXT, "where.note.contains", free) == "x" * LONGEST_TEXT
    with pytest.raises(BadUserInput, match="at most"):
        sent("x" * (LONGEST_TEXT + 1), "where.note.contains", free)


def _frames(error: BaseException | None) -> int:
    count, trace = 0, error.__traceback__ if error else None
    while trace:
        count, trace = count + 1, trace.tb_next
    return count


@pytest.mark.parametrize(
    "text",
    [
        'mutation { deleteDeal(input: {id: "bad"}) { deletedId } }',
        '{ deal(id: "bad") { id } }',
        '{ nodes(ids: ["bad"]) { id } }',
        "{ deals(first: 1000) { totalCount } viewer { role } }",
    ],
)
async def test_a_constant_error_keeps_nothing_of_who_met_it(text: str, client: Client) -> None:
    request = client.compiler.prepare(text, None).bind({}, client.world.identity("lead"))
    for _ in range(3):
        result = await client.ask("lead", text)
        assert [(error.extensions or {})["code"] for error in result.errors] == ["BAD_USER_INPUT"]
    kept = [error for bound in request.bound for error in (bound.error, *bound.item_errors.values()) if error]
    assert kept
    assert [(_frames(error), error.__context__, error.__cause__) for error in kept] == [(0, None, None)] * len(kept)

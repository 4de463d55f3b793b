"""What one request may ask for: each limit is met by the document that it is there for.

Every hostile request here also has a bound on the processor time that it takes of the gateway, which no other work on
the machine can change: the promise is a second beyond the statement's own timeout.
"""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import orjson
import pytest
from graphql import get_introspection_query, parse

from gateway.limits import Guard, Limits
from resolvers.errors import LimitExceeded
from resolvers.root import GRAPHQL
from tests.api.conftest import World, bearer, settings_for, talking

RESPONSE = "application/graphql-response+json"
LIMITS = Limits()


@pytest.fixture(scope="module")
async def member(world: World) -> AsyncIterator[httpx.AsyncClient]:
    headers = bearer(world.owner) | {"accept": RESPONSE}
    async with talking(settings_for(world.database), **headers) as found:
        yield found


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """No test keeps the gateway busy for long, whatever it sends."""
    started = time.process_time()
    yield
    assert time.process_time() - started < 1


def doubling(levels: int, on: str = "Query", leaf: str = "deals { totalCount }") -> str:
    steps = "".join(f"fragment f{n} on {on} {{ ...f{n + 1} ...f{n + 1} }} " for n in range(levels))
    return f"{steps} fragment f{levels} on {on} {{ {leaf} }}"


def nested(levels: int) -> str:
    return "{ deals { nodes { " + "company { parent { " * levels + "id" + " } }" * levels + " } } }"


def repeated(text: str, times: int) -> str:
    return " ".join(text.replace("#", str(n)) for n in range(times))


BY_VARIABLE = (
    "query($n: Int) { companies(first: $n) { nodes { deals(first: $n) { nodes { contacts(first: $n) "
    "{ nodes { id } } } } } } }"
)

# name of the limit, its value, what is found, the document, its variables
REFUSED: dict[str, tuple[str, int, int, str, Any]] = {
    "too long": ("document", LIMITS.document, 65_600, "{ __typename }".ljust(65_600), None),
    "too many tokens": ("tokens", 4000, 4001, "{" + " a" * 4000 + "}", None),
    "too many tokens without spaces": ("tokens", 4000, 4001, "{" + "!" * 5000, None),
    "too deep": ("depth", 16, 23, nested(10), None),
    "too deep through fragments": (
        "depth",
        16,
        24,
        "{ deals { nodes { company { ...c0 } } } } "
        + repeated("fragment c# on Company { parent { parent { ...d# } } }", 10)
        + " fragment c10 on Company { id } "
        + "".join(f"fragment d{n} on Company {{ ...c{n + 1} }} " for n in range(10)),
        None,
    ),
    "25 doubling fragments": ("fields", 2000, 2**26, "{ ...f0 } " + doubling(25), None),
    "200 doubling fragments": ("fields", 2000, 2**53 - 1, "{ ...f0 } " + doubling(200), None),
    "doubling fragments further down": (
        "fields",
        2000,
        2**25 + 2,
        "{ deals { nodes { ...f0 } } } " + doubling(25, "Deal", "name"),
        None,
    ),
    "too many aliases": ("aliases", 50, 51, "{ deals { nodes { " + repeated("a#: name", 51) + " } } }", None),
    "too many aliases through fragments": (
        "aliases",
        50,
        60,
        "{ deals { nodes { ...n } } contacts { nodes { deals { nodes { ...n } } } } } "
        "fragment n on Deal { " + repeated("a#: name", 30) + " }",
        None,
    ),
    "too many root fields": ("root_fields", 20, 21, "{ " + "viewer { role } " * 21 + " }", None),
    "too many root fields through fragments": (
        "root_fields",
        20,
        32,
        "{ ...f0 } " + doubling(5, "Query", "viewer { role }"),
        None,
    ),
    "too many mutations": (
        "root_fields",
        20,
        21,
        "mutation { " + repeated('a#: createDeal(input: {name: "Refused #"}) { id }', 21) + " }",
        None,
    ),
    "too many directives": (
        "directives",
        100,
        120,
        "{ deals { nodes { " + "name @include(if: true) " * 120 + " } } }",
        None,
    ),
    "too deep a filter": (
        "input_depth",
        12,
        31,
        "{ deals(where: " + "{not: " * 30 + "{}" + "}" * 30 + ") { totalCount } }",
        None,
    ),
    "too deep a filter by variable": (
        "input_depth",
        12,
        14,
        "query($w: DealWhere) { deals(where: $w) { totalCount } }",
        {"w": {"and": [{"and": [{"and": [{"and": [{"and": [{"and": [{"not": {}}]}]}]}]}]}]}},
    ),
    "too long a list": (
        "list_length",
        1000,
        1001,
        "{ deals(where: {name: {in: [" + '"a" ' * 1001 + "]}}) { totalCount } }",
        None,
    ),
    "too long a list by variable": (
        "list_length",
        1000,
        1001,
        "query($l: [String!]) { deals(where: {name: {in: $l}}) { totalCount } }",
        {"l": ["a"] * 1001},
    ),
    "too many values": (
        "input_values",
        10000,
        10056,
        "query($a: [String!]) { deals(where: {or: [" + "{name: {in: $a}} " * 11 + "]}) { totalCount } }",
        {"a": ["a"] * 911},
    ),
    "a variable that is used too often": (
        "input_values",
        10000,
        20 * 2 + 20 * 601,
        "query($l: [String!]) { " + repeated("a#: deals(where: {name: {in: $l}}) { totalCount }", 20) + " }",
        {"l": ["a"] * 600},
    ),
    "a default that is used too often": (
        "input_values",
        10000,
        20 * 2 + 20 * 601,
        "query($l: [String!] = ["
        + '"a" ' * 600
        + "]) { "
        + repeated("a#: deals(where: {name: {in: $l}}) { totalCount }", 20)
        + " }",
        None,
    ),
    "too many rows": (
        "cost",
        50_000,
        1_010_100,
        "{ companies(first: 100) { nodes { deals(first: 100) { nodes { contacts(first: 100) { nodes { id } } } } } } }",
        None,
    ),
    "too many rows by variable": (
        "cost",
        50_000,
        1_010_100,
        BY_VARIABLE,
        {"n": 100},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_limit_is_named_with_its_value(member: httpx.AsyncClient, name: str) -> None:
    limit, value, actual, query, variables = REFUSED[name]

    answer = await member.post("/graphql", json={"query": query, "variables": variables})

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": limit, "value": value, "actual": actual}
    assert limit in error["message"]
    assert str(value) in error["message"]


async def test_a_document_that_is_known_is_still_judged_by_its_variables(member: httpx.AsyncClient) -> None:
    codes = []
    for first in (1, 100, 2, 100):
        answer = await member.post("/graphql", json={"query": BY_VARIABLE, "variables": {"n": first}})
        codes.append(answer.json().get("errors", [{}])[0].get("extensions", {}).get("limit"))

    assert codes == [None, "cost", None, "cost"]


async def test_a_long_body_is_refused_before_it_is_read(member: httpx.AsyncClient) -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 10_000
            yield b"x" * 10_000

    announced = await member.post("/graphql", content=b"x" * 300_000, headers={"content-type": "application/json"})
    streamed = await member.post("/graphql", content=body(), headers={"content-type": "application/json"})

    for answer, actual in ((announced, 300_000), (streamed, 270_000)):
        assert answer.status_code == 413
        assert answer.headers["connection"] == "close"
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {
            "code": "LIMIT_EXCEEDED",
            "limit": "body",
            "value": LIMITS.body,
            "actual": actual,
        }
    assert sent < 300_000 + 10_000


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        (b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 40 + b"]" * 40 + b"}}", "json_depth"),
        (b'{"query": "{ __typename }", "extensions": ' + b'{"a": ' * 40 + b"1" + b"}" * 41, "json_depth"),
        (orjson.dumps([{"query": "{ __typename }"}] * 2), "batch"),
    ],
    ids=["deep variables", "deep extensions", "batch"],
)
async def test_a_body_of_a_strange_shape_is_refused(member: httpx.AsyncClient, body: bytes, limit: str) -> None:
    answer = await member.post("/graphql", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["limit"] == limit


async def test_nesting_beyond_what_the_parser_takes_is_no_json(member: httpx.AsyncClient) -> None:
    answer = await member.post("/graphql", content=b"[" * 200_000, headers={"content-type": "application/json"})

    assert answer.status_code == 400


# Documents that are within the limits, or that only validation refuses, and that are slow to refuse elsewhere.
SLOW_ELSEWHERE = {
    "the same field": "{ deals { nodes { " + "name " * 1900 + "} } }",
    "the same connection": "{ deals { " + "nodes { name company { name } } " * 240 + "} }",
    "conflicting fields": "{ deals { nodes { " + "stage name " * 20 + repeated("x: name x: stage", 20) + " } } }",
    "unknown fields": "{ deals { nodes { " + repeated("nam#e", 1900) + " } } }",
    "unknown arguments": "{ deals { nodes { " + repeated("company(argument#: 1) { id }", 400) + " } } }",
    "unknown types": repeated("fragment f# on Dea# { id }", 500) + " { deals { totalCount } }",
    "unused variables": "query(" + repeated("$v#: Int", 900) + ") { deals { totalCount } }",
    "unused fragments": repeated("fragment f# on Deal { id }", 500) + " { deals { totalCount } }",
    "cyclic fragments": "{ deals { nodes { ...f0 } } } "
    + "".join(f"fragment f{n} on Deal {{ ...f{(n + 1) % 400} }} " for n in range(400)),
    "cyclic fragments that branch": "{ deals { nodes { ...f0 } } } "
    + "".join(f"fragment f{n} on Deal {{ ...f{(n + 1) % 150} ...f{(n * 7) % 150} }} " for n in range(150)),
    "fragments that all spread each other": "{ deals { nodes { ...f0 } } } "
    + "".join(f"fragment f{n} on Deal {{ id {' '.join(f'...f{m}' for m in range(n + 1, 8))} }} " for n in range(8)),
    "overlapping fragments": "{ companies { nodes { ...f0 } } } "
    + "".join(f"fragment f{n} on Company {{ name parent {{ name }} ...f{n + 1} ...f{n + 1} }} " for n in range(7))
    + "fragment f7 on Company { name }",
    "many operations": repeated("query q# { deals { totalCount } }", 500),
    "many operations with fragments": repeated("query q# { ...f }", 700)
    + " fragment f on Query { deals { nodes { name company { name } } } }",
    "a deep list": "{ deals(where: {and: " + "[" * 500 + "]" * 500 + "}) { totalCount } }",
    "a long integer": "{ deals(first: " + "9" * 60_000 + ") { totalCount } }",
    "a long exponent": "{ deals(first: 1e" + "9" * 60_000 + ") { totalCount } }",
    "a long name": "{ " + "a" * 60_000 + " }",
    "a long string": '{ deals(after: "' + "\\u0041" * 10_000 + '") { totalCount } }',
    "a long block string": '{ deals(after: """' + "\n    a" * 10_000 + '""") { totalCount } }',
    "comments": "#\n" * 30_000 + "{ __typename }",
    "commas": "," * 60_000 + "{ __typename }",
    "nothing but openings": "{a" * 1900,
    "inline fragments": "{ deals { nodes { " + "... on Deal { " * 180 + "id" + " }" * 180 + " } } }",
    "wrong inline fragments": "{ deals { nodes { " + "... on Contact { id } " * 500 + " } } }",
    "wrong enums": "{ deals(orderBy: [" + "NAME_AS " * 900 + "]) { totalCount } }",
    "wrong input fields": "{ deals(where: {" + repeated("nam#: {eq: 1}", 380) + "}) { totalCount } }",
    "repeated input fields": "{ deals(where: {" + 'name: {eq: "a"} ' * 380 + "}) { totalCount } }",
    "repeated arguments": "{ deals(" + "first: 1 " * 900 + ") { totalCount } }",
    "nested filters": "{ deals(where: {or: ["
    + '{not: {company: {name: {contains: "a"}}}} ' * 180
    + "]}) { totalCount } }",
    "much introspection": "{ " + repeated("a#: __schema { types { name fields { name type { name } } } }", 5) + " }",
}


@pytest.mark.parametrize("name", SLOW_ELSEWHERE)
async def test_a_document_that_is_slow_elsewhere_is_answered_soon(member: httpx.AsyncClient, name: str) -> None:
    answer = await member.post("/graphql", json={"query": SLOW_ELSEWHERE[name]})

    assert answer.status_code in {200, 400}
    codes = {error["extensions"]["code"] for error in answer.json().get("errors", [])}
    assert codes <= {"BAD_USER_INPUT", "LIMIT_EXCEEDED"}
    assert len(answer.content) < 1_000_000


async def test_introspection_has_a_limit_of_its_own(member: httpx.AsyncClient) -> None:
    bomb = (
        "{ " + repeated("a#: __schema { types { fields { type { fields { type { fields { name } } } } } } }", 20) + " }"
    )

    answer = await member.post("/graphql", json={"query": bomb})

    assert answer.json()["errors"][0]["extensions"]["limit"] == "introspection"


@pytest.mark.parametrize("options", [{}, {"input_value_deprecation": True, "specified_by_url": True}])
async def test_the_introspection_of_tools_is_within_the_limits(
    member: httpx.AsyncClient, options: dict[str, bool]
) -> None:
    answer = await member.post("/graphql", json={"query": get_introspection_query(**options)})

    assert answer.status_code == 200
    assert "errors" not in answer.json()


async def test_introspection_can_be_switched_off(world: World) -> None:
    settings = settings_for(world.database, introspection=False)
    async with talking(settings, **bearer(world.owner), accept=RESPONSE) as client:
        refused = [
            await client.post("/graphql", json={"query": query})
            for query in (
                "{ __schema { queryType { name } } }",
                '{ deals { totalCount } ...f } fragment f on Query { x: __type(name: "Deal") { name } }',
            )
        ]
        allowed = await client.post("/graphql", json={"query": "{ __typename deals { __typename } }"})

    for answer in refused:
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"] == "Introspection is switched off."
    assert allowed.json()["data"] == {"__typename": "Query", "deals": {"__typename": "DealConnection"}}


async def test_limits_can_be_set(world: World) -> None:
    settings = settings_for(world.database, limit_root_fields=1)
    async with talking(settings, **bearer(world.owner), accept=RESPONSE) as client:
        answer = await client.post("/graphql", json={"query": "{ a: viewer { role } b: viewer { role } }"})

    assert answer.json()["errors"][0]["extensions"]["value"] == 1


def test_what_is_within_a_limit_passes() -> None:
    guard = Guard(Limits(root_fields=2, aliases=2, depth=2, fields=4), GRAPHQL)
    document = "{ a: viewer { role } b: viewer { role } }"

    guard.text(document)
    (measure,) = guard.document(parse(document)).values()

    assert (measure.root_fields, measure.aliases, measure.depth, measure.fields) == (2, 2, 2, 4)
    with pytest.raises(LimitExceeded, match="fields"):
        Guard(Limits(fields=3), GRAPHQL).document(parse(document))

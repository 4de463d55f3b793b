"""GraphQL over HTTP: methods, media types, parameters, statuses."""

from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import orjson
import pytest
from graphql import get_introspection_query, graphql_sync

from gateway.http import MediaType, negotiate
from resolvers.root import GRAPHQL
from tests.api.conftest import Member, World, bearer, settings_for, talking

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
TYPENAME = {"query": "{ __typename }"}
VIEWER = "{ viewer { account { slug } } }"


@pytest.fixture(scope="module")
async def member(world: World) -> Any:
    async with talking(settings_for(world.database), **bearer(world.owner)) as found:
        yield found


async def post(client: httpx.AsyncClient, content: bytes, **headers: str) -> httpx.Response:
    return await client.post("/graphql", content=content, headers={"content-type": JSON} | headers)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, {JSON}", RESPONSE),
        (f"{JSON}, {RESPONSE}", JSON),
        (f"{JSON};q=0.9, {RESPONSE}", RESPONSE),
        (f"{RESPONSE};q=0.1, {JSON};q=0.2", JSON),
        (f"{RESPONSE}, */*;q=0.1", RESPONSE),
        (f"*/*, {RESPONSE}", RESPONSE),
        (f"*/*, {JSON};q=0", RESPONSE),
        (f"{RESPONSE}; charset=utf-8, {JSON}; charset=utf-8", RESPONSE),
        (f"{RESPONSE}; charset=UTF-8", RESPONSE),
        (f"{RESPONSE}; charset=iso-8859-1", None),
        (f"{JSON};q=0", None),
        (f"{JSON};q=nonsense", None),
        ("text/html", None),
        ("image/*", None),
        (", ,", None),
    ],
)
def test_the_client_chooses_the_media_type(accept: str | None, chosen: str | None) -> None:
    assert negotiate(accept) == chosen


async def test_a_client_that_takes_neither_is_told(member: httpx.AsyncClient) -> None:
    answer = await member.post("/graphql", json=TYPENAME, headers={"accept": "text/csv"})

    assert answer.status_code == 406
    assert RESPONSE in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("accept", MediaType)
async def test_an_answer_says_what_it_is(member: httpx.AsyncClient, accept: str) -> None:
    answer = await member.post("/graphql", json={"query": VIEWER}, headers={"accept": accept})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert answer.content == b'{"data":{"viewer":{"account":{"slug":"acme"}}}}'


@pytest.mark.parametrize(
    ("query", "variables"),
    [("{", None), ("{ nothing }", None), ("", None), ("query($id: ID!) { deal(id: $id) { id } }", {"id": None})],
    ids=["syntax", "validation", "empty", "variables"],
)
async def test_a_request_error_has_a_status_where_a_status_can_be_trusted(
    member: httpx.AsyncClient, query: str, variables: Any
) -> None:
    body = {"query": query, "variables": variables}

    modern = await member.post("/graphql", json=body, headers={"accept": RESPONSE})
    legacy = await member.post("/graphql", json=body, headers={"accept": JSON})

    assert (modern.status_code, legacy.status_code) == (400, 200)
    assert modern.json() == legacy.json()
    assert "data" not in modern.json()
    assert {error["extensions"]["code"] for error in modern.json()["errors"]} == {"BAD_USER_INPUT"}


async def test_an_error_of_a_field_leaves_the_rest(member: httpx.AsyncClient) -> None:
    query = "{ viewer { account { slug } } deals(first: -1) { totalCount } }"

    answer = await member.post("/graphql", json={"query": query}, headers={"accept": RESPONSE})

    assert answer.status_code in {200, 400}
    assert answer.json()["errors"][0]["extensions"]["code"] in {"BAD_USER_INPUT", "LIMIT_EXCEEDED"}


@pytest.mark.parametrize(("operation", "status"), [("A", 200), ("B", 200), (None, 400), ("C", 400), ("", 400)])
async def test_the_operation_is_chosen_by_its_name(
    member: httpx.AsyncClient, operation: str | None, status: int
) -> None:
    document = "query A { viewer { account { slug } } } query B { viewer { role } }"

    answer = await member.post(
        "/graphql", json={"query": document, "operationName": operation}, headers={"accept": RESPONSE}
    )

    assert answer.status_code == status
    if operation == "B":
        assert answer.json() == {"data": {"viewer": {"role": "Owner"}}}


async def test_what_is_unknown_in_the_body_is_not_minded(member: httpx.AsyncClient) -> None:
    answer = await member.post("/graphql", json=TYPENAME | {"extensions": {"some": "value"}, "other": 1})

    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{ "not a JSON',
        b"[]",
        b"[{}]",
        b'"query"',
        b"null",
        b"{}",
        b'{"query": null}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "variables": [1]}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "extensions": true}',
        b'{"query": "{ __typename }"} {}',
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b'{"query": NaN}',
    ],
)
@pytest.mark.parametrize("accept", MediaType)
async def test_a_body_that_is_no_request_is_refused(member: httpx.AsyncClient, accept: str, body: bytes) -> None:
    answer = await post(member, body, accept=accept)

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith(accept)
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_byte_order_mark_is_not_minded(member: httpx.AsyncClient) -> None:
    answer = await post(member, b"\xef\xbb\xbf" + orjson.dumps(TYPENAME))

    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (JSON, 200),
        ("APPLICATION/JSON", 200),
        (f"{JSON}; charset=utf-8", 200),
        (f'{JSON}; charset="UTF-8"', 200),
        (f"{JSON}; charset=utf-16", 415),
        (f"{JSON}; charset=iso-8859-1", 415),
        ("application/graphql", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
    ],
)
async def test_a_body_is_json_in_utf_8(member: httpx.AsyncClient, content_type: str, status: int) -> None:
    answer = await post(member, orjson.dumps(TYPENAME), **{"content-type": content_type})

    assert answer.status_code == status


async def test_a_body_without_a_type_is_refused(member: httpx.AsyncClient) -> None:
    answer = await member.post("/graphql", content=orjson.dumps(TYPENAME))

    assert answer.status_code == 415


async def test_a_compressed_body_is_refused(member: httpx.AsyncClient) -> None:
    answer = await post(member, b"whatever", **{"content-encoding": "gzip"})

    assert answer.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def test_other_methods_are_refused(member: httpx.AsyncClient, method: str) -> None:
    answer = await member.request(method, "/graphql")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


async def get(client: httpx.AsyncClient, **parameters: str) -> httpx.Response:
    return await client.get(f"/graphql?{urlencode(parameters)}", headers={"accept": RESPONSE})


async def test_a_query_can_be_got(member: httpx.AsyncClient) -> None:
    query = "query A($first: Int) { deals(first: $first) { nodes { name } } } query B { viewer { role } }"

    answer = await get(member, query=query, operationName="A", variables='{"first": 1}', extensions="{}")

    assert answer.status_code == 200
    assert len(answer.json()["data"]["deals"]["nodes"]) == 1


async def test_in_an_address_empty_means_none(member: httpx.AsyncClient) -> None:
    answer = await get(member, query="{ __typename }", operationName="", variables="", extensions="")

    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "variables={}",
        "query={__typename}&variables={",
        "query={__typename}&variables=[]",
        "query={__typename}&query={__typename}",
        "query=%ff",
        "&".join(f"p{n}=1" for n in range(100)),
    ],
)
async def test_an_address_that_is_no_request_is_refused(member: httpx.AsyncClient, query_string: str) -> None:
    answer = await member.get(f"/graphql?{query_string}")

    assert answer.status_code == 400


async def test_a_mutation_cannot_be_got(member: httpx.AsyncClient, world: World) -> None:
    mutation = 'mutation { createDeal(input: {name: "By GET"}) { id } }'

    answer = await get(member, query=mutation)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    admin = await world.database.connect()
    assert not await admin.fetchval("select exists (select from crm.deals where name = 'By GET')")
    await admin.close()


async def test_an_answer_is_nobody_elses(member: httpx.AsyncClient) -> None:
    answer = await get(member, query=VIEWER)

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "strict-transport-security" not in answer.headers


async def test_over_tls_it_stays_with_tls(world: World) -> None:
    async with talking(settings_for(world.database)) as client:
        answer = await client.get("https://gateway.example/healthz")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("given", ["abc-DEF_1.2", "x" * 64])
async def test_a_request_id_is_passed_on(member: httpx.AsyncClient, given: str) -> None:
    answer = await member.post("/graphql", json=TYPENAME, headers={"x-request-id": given})

    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "new\tline", "über"])
async def test_a_strange_request_id_is_replaced(member: httpx.AsyncClient, given: str) -> None:
    answer = await member.post("/graphql", json=TYPENAME, headers={b"x-request-id": given.encode()})

    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


async def test_the_second_answer_is_as_the_first(member: httpx.AsyncClient) -> None:
    body = {"query": "{ viewer { user { name } } deals(first: 2) { totalCount nodes { name access { canUpdate } } } }"}

    first, second = [await member.post("/graphql", json=body) for _ in range(2)]

    assert first.json()["data"]["deals"]["totalCount"] == 5
    assert first.content == second.content


async def test_pages_of_other_origins_are_closed_out(member: httpx.AsyncClient) -> None:
    answer = await member.post("/graphql", json=TYPENAME, headers={"origin": "https://app.example"})
    preflight = await member.options(
        "/graphql", headers={"origin": "https://app.example", "access-control-request-method": "POST"}
    )

    for found in (answer, preflight):
        assert not [name for name in found.headers if name.startswith("access-control")]


async def test_pages_of_an_origin_that_is_named_are_let_in(world: World) -> None:
    settings = settings_for(world.database, cors_origins=("https://app.example",))
    async with talking(settings) as client:
        preflights = [
            await client.options(
                "/graphql",
                headers={
                    "origin": origin,
                    "access-control-request-method": "POST",
                    "access-control-request-headers": "authorization,content-type,x-cloison-account",
                },
            )
            for origin in ("https://app.example", "https://evil.example")
        ]
        answer = await client.post(
            "/graphql", json=TYPENAME, headers=bearer(world.owner) | {"origin": "https://app.example"}
        )

    assert [found.status_code for found in preflights] == [200, 400]
    assert preflights[0].headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-origin" not in preflights[1].headers
    assert "access-control-allow-credentials" not in preflights[0].headers
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    exposed = "x-request-id, retry-after, content-disposition, x-cloison-rows, x-cloison-left-out"
    assert answer.headers["access-control-expose-headers"] == exposed


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(),
        '{ __type(name: "Deal") { kind fields { name args { name defaultValue } } interfaces { name } } }',
        "query($name: String!) { type: __type(name: $name) { ...t } } fragment t on __Type { enumValues { name } }",
        "{ a: __typename ... on Query { b: __typename } c: __typename @skip(if: true) }",
        """query($name: String!) {
             __schema { directives { locations args { type { kind ofType { name ...k } } } } ...s @skip(if: false) }
             other: __type(name: $name) { __typename name @skip(if: true) enumValues(includeDeprecated: true) { ...e } }
             __type(name: "Nothing") { name }
           }
           fragment s on __Schema { __typename queryType { name } types { possibleTypes { name } kind isOneOf } }
           fragment k on __Type { kind ... on __Type { k: kind } } fragment e on __EnumValue { name isDeprecated }""",
    ],
    ids=["all", "type", "variable", "typename", "much"],
)
async def test_introspection_answers_as_graphql_core_does(member: httpx.AsyncClient, query: str) -> None:
    variables = {"name": "DealStage"} if "$name" in query else None
    expected = graphql_sync(GRAPHQL, query, variable_values=variables)
    assert expected.errors is None

    answers = [await member.post("/graphql", json={"query": query, "variables": variables}) for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"data": expected.data}] * 2


async def test_an_argument_of_introspection_that_is_null_is_refused(member: httpx.AsyncClient) -> None:
    query = "query($d: Boolean = true) { __schema { types { fields(includeDeprecated: $d) { name } } } }"

    answer = await member.post("/graphql", json={"query": query, "variables": {"d": None}})

    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "'$d'" in error["message"]
    assert "data" not in answer.json()


async def test_who_has_another_role_by_now_is_answered_as_ever(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """What asks the database for nothing but who is asking must not say that something broke, nor hide what it says."""
    account = await admin.fetchval("select id from access.account where slug = 'acme'")
    cells = '[{"module": "deals", "action": "view", "scopes": ["%s"]}]'
    roles = [
        await admin.fetchval("select access.create_role($1, $2, $3)", account, f"Of {scope}", cells % scope)
        for scope in ("all", "owned")
    ]
    user = await admin.fetchval("select access.add_member($1, 'moves@acme.example', 'Moves', $2)", account, roles[0])
    async with talking(settings_for(world.database), **bearer(Member("acme", user, 0))) as client:
        for number, query in enumerate(("{ __typename }", "{ nonsense }", "{ __schema { queryType { name } } }", "{")):
            before = (await client.post("/graphql", json={"query": query})).json()
            await admin.execute("select access.change_role($1, $2, $3)", account, user, roles[1 - number % 2])
            assert (await client.post("/graphql", json={"query": query})).json() == before
            assert "INTERNAL" not in str(before)

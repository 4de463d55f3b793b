"""What the client hears when something goes wrong, and what the log says of it."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from starlette.types import Receive, Scope, Send

from tests.api.conftest import World, bearer, eventually, populated, settings_for, talking
from tests.conftest import Clone

RESPONSE = "application/graphql-response+json"
PRODUCTS = {"query": "query Products { deals { nodes { product } } }"}
VALUE = "a value that nobody may log"


@pytest.fixture
def world(clone: Clone) -> Iterator[World]:
    """A world of its own for each test: they break it."""
    with clone() as database:
        yield populated(database)


@pytest.fixture
async def member(world: World) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(world.database, statement_timeout=0.5)
    async with talking(settings, **bearer(world.owner), accept=RESPONSE) as found:
        yield found


@pytest.fixture
async def admin(world: World) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await world.database.connect()
    yield connection
    await connection.close()


def lines(text: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in text.splitlines() if line.startswith("{")]


async def test_what_is_not_the_clients_business_is_masked_under_an_id_that_is_in_the_log(
    member: httpx.AsyncClient, admin: "asyncpg.Connection[asyncpg.Record]", capsys: pytest.CaptureFixture[str]
) -> None:
    assert "errors" not in (await member.post("/graphql", json=PRODUCTS)).json()
    await admin.execute("alter table crm.deals rename column product to wares")

    answer = await member.post("/graphql", json=PRODUCTS | {"variables": {"unused": VALUE}})

    (error,) = answer.json()["errors"]
    assert set(error["extensions"]) == {"code", "id"}
    assert error["extensions"]["code"] == "INTERNAL"
    for told in ("product", "wares", "crm", "column"):
        assert told not in error["message"]
    logged = lines(capsys.readouterr().err)
    (cause,) = (line for line in logged if error["extensions"]["id"] in line.values())
    assert cause["request_id"] == answer.headers["x-request-id"]
    assert cause["sqlstate"] == "42703"


async def test_a_request_is_logged_in_one_line_without_values(
    member: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    body = {
        "query": "query Named($name: String) { deals(where: {name: {eq: $name}}) { totalCount } }",
        "operationName": "Named",
        "variables": {"name": VALUE},
    }
    capsys.readouterr()

    answer = await member.post("/graphql", json=body)

    text = capsys.readouterr().err
    (line,) = (found for found in lines(text) if found["event"] == "request")
    assert VALUE not in text
    assert {name: line[name] for name in ("method", "path", "status", "operation", "kind", "request_id")} == {
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation": "Named",
        "kind": "query",
        "request_id": answer.headers["x-request-id"],
    }
    assert line["milliseconds"] > 0
    assert line["profile"].startswith("cloison_p_")
    assert line["bytes"] == len(answer.content)


async def test_an_exception_is_logged_without_its_message(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError(VALUE) from KeyError(VALUE)

    monkeypatch.setattr("gateway.view.GraphQLEndpoint._prepare", fail)
    async with talking(settings_for(world.database), **bearer(world.owner), accept=RESPONSE) as member:
        answer = await member.post("/graphql", json=PRODUCTS)

    text = capsys.readouterr().err
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert VALUE not in answer.text
    assert VALUE not in text
    (line,) = (found for found in lines(text) if "error" in found)
    assert line["error"] == ["RuntimeError", "KeyError"]
    assert any("view.py" in place for place in line["where"])


@pytest.mark.parametrize("place", ["gateway.app.Gateway._route", "gateway.view.GraphQLEndpoint._answer"])
async def test_what_fails_outside_of_the_endpoint_is_masked_too(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError(VALUE)

    monkeypatch.setattr(place, fail)
    async with talking(settings_for(world.database), **bearer(world.owner), accept=RESPONSE) as member:
        answer = await member.post("/graphql", json=PRODUCTS)

    logged = lines(capsys.readouterr().err)
    (error,) = answer.json()["errors"]
    assert answer.status_code == 500
    assert answer.headers["content-type"] == RESPONSE
    assert error["extensions"]["code"] == "INTERNAL"
    assert VALUE not in answer.text
    (cause,) = (line for line in logged if error["extensions"]["id"] in line.values())
    assert cause["request_id"] == answer.headers["x-request-id"]
    (line,) = (line for line in logged if line["event"] == "request")
    assert (line["status"], line["code"]) == (500, "INTERNAL")


async def test_half_an_answer_is_not_mended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_: Any, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 (as it is called)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError(VALUE)

    monkeypatch.setattr("gateway.app.Gateway._route", fail)
    async with talking(settings_for(world.database), **bearer(world.owner)) as member:
        with pytest.raises(RuntimeError, match=VALUE):
            await member.post("/graphql", json=PRODUCTS)


async def test_a_statement_that_takes_too_long_is_a_limit(
    member: httpx.AsyncClient, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with admin.transaction():
        await admin.execute("lock table crm.deals in access exclusive mode")
        answer = await member.post("/graphql", json=PRODUCTS)

    assert answer.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "errors" not in (await member.post("/graphql", json=PRODUCTS)).json()


async def test_without_a_database_the_gateway_is_unavailable_and_then_available(
    world: World, member: httpx.AsyncClient
) -> None:
    name = world.database.name
    elsewhere = await asyncpg.connect(world.database.address.superuser_url("postgres"))
    try:
        await elsewhere.execute(f'alter database "{name}" allow_connections false')
        await elsewhere.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = 'cloison_gateway'",
            name,
        )
        answers = [
            await member.post("/graphql", json=PRODUCTS, headers={"accept": accept})
            for accept in (RESPONSE, "application/json")
        ]
        ready = await member.get("/readyz")
        alive = await member.get("/healthz")
    finally:
        await elsewhere.execute(f'alter database "{name}" allow_connections true')
        await elsewhere.close()

    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "failed")
    assert alive.status_code == 200
    assert (await member.post("/graphql", json=PRODUCTS)).status_code == 200

    async def is_ready() -> bool:
        return (await member.get("/readyz")).status_code == 200

    await eventually(is_ready)


async def test_a_member_who_is_deactivated_is_out_with_the_next_request(
    world: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Rule C8: nothing is remembered about a member."""
    account = await admin.fetchval("select id from access.account where slug = 'acme'")
    async with talking(settings_for(world.database), **bearer(world.agent)) as agent:
        assert (await agent.post("/graphql", json=PRODUCTS)).status_code == 200

        await admin.execute("select access.set_status($1, $2, 'deactivated')", account, world.agent.user)
        refused = await agent.post("/graphql", json=PRODUCTS)
        await admin.execute("select access.set_status($1, $2, 'active')", account, world.agent.user)
        back = await agent.post("/graphql", json=PRODUCTS)

    assert (refused.status_code, back.status_code) == (401, 200)

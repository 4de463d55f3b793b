"""Errors of the database as errors of the API."""

from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from resolvers.compiler.render import Rendered
from resolvers.errors import from_postgres
from schema.errors import BY_CODE, Conflict, Forbidden, GatewayError, Internal, LimitExceeded, NotFound
from tests.compiler.conftest import Client


def raised(sqlstate: str, message: str = "oh, /etc/secret", **fields: str) -> asyncpg.PostgresError:
    """An error as the server sends it."""
    return asyncpg.PostgresError.new({"S": "ERROR", "C": sqlstate, "M": message, **fields})


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        ("28000", "UNAUTHENTICATED"),
        ("U0403", "FORBIDDEN"),
        ("U0404", "NOT_FOUND"),
        ("U0400", "BAD_USER_INPUT"),
        ("U0409", "CONFLICT"),
        ("U0413", "LIMIT_EXCEEDED"),
        ("42501", "FORBIDDEN"),
        ("23502", "BAD_USER_INPUT"),
        ("23503", "CONFLICT"),
        ("23505", "CONFLICT"),
        ("23514", "BAD_USER_INPUT"),
        ("22001", "BAD_USER_INPUT"),
        ("22021", "BAD_USER_INPUT"),
        ("22P02", "BAD_USER_INPUT"),
        ("40001", "CONFLICT"),
        ("40P01", "CONFLICT"),
        ("55P03", "CONFLICT"),
        ("57014", "LIMIT_EXCEEDED"),
        ("54001", "LIMIT_EXCEEDED"),
        ("54011", "LIMIT_EXCEEDED"),
        ("57P01", "UNAVAILABLE"),
        ("08006", "UNAVAILABLE"),
        ("53300", "UNAVAILABLE"),
        ("08P01", "INTERNAL"),
        ("42P01", "INTERNAL"),
        ("XX000", "INTERNAL"),
    ],
)
def test_each_sqlstate_has_a_code(sqlstate: str, code: str) -> None:
    with capture_logs():
        error = from_postgres(raised(sqlstate))
    assert error.code == code == error.extensions["code"]
    assert sqlstate.startswith("U") or "secret" not in error.message


@pytest.mark.parametrize(
    ("fields", "extensions"),
    [
        (
            {"C": "U0403", "D": '{"module": "deals", "action": "update", "requestable": true}'},
            {"code": "FORBIDDEN", "module": "deals", "action": "update", "requestable": True},
        ),
        (
            {
                "C": "U0403",
                "D": '{"module": "landing_pages", "action": "assign", "requestable": false, "tier": "professional"}',
            },
            {
                "code": "FORBIDDEN",
                "module": "landing_pages",
                "action": "assign",
                "requestable": False,
                "tier": "professional",
            },
        ),
        ({"C": "U0403"}, {"code": "FORBIDDEN", "requestable": True}),
        ({"C": "U0403", "D": "not json"}, {"code": "FORBIDDEN", "requestable": True}),
        (
            {"C": "U0404", "D": '{"module": "companies", "field": "company_id"}'},
            {"code": "NOT_FOUND", "module": "companies", "field": "companyId", "requestable": True},
        ),
        (
            {"C": "U0400", "D": '{"fields": {"company_id": "is gone"}}'},
            {"code": "BAD_USER_INPUT", "fields": {"companyId": "is gone"}},
        ),
        (
            {"C": "23514", "t": "deals", "n": "deals_amount_cents_check"},
            {"code": "BAD_USER_INPUT", "fields": {"amountCents": "is not an allowed value"}},
        ),
        (
            {"C": "23502", "t": "deals", "c": "name"},
            {"code": "BAD_USER_INPUT", "fields": {"name": "is required"}},
        ),
        ({"C": "23514", "t": "deals", "n": "something_else"}, {"code": "BAD_USER_INPUT"}),
    ],
)
def test_details_become_extensions(fields: dict[str, str], extensions: dict[str, Any]) -> None:
    error = from_postgres(asyncpg.PostgresError.new({"S": "ERROR", "M": "x", **fields}))
    assert error.extensions == extensions


@pytest.mark.parametrize("error", [raised("XX000", "column secret"), ValueError("secret"), KeyError("secret")])
def test_the_unknown_is_masked_and_logged_under_its_id(error: Exception) -> None:
    with capture_logs() as logs:
        masked = from_postgres(error)
    (entry,) = logs
    assert masked.code == "INTERNAL"
    assert "secret" not in f"{masked.message} {masked.extensions}"
    assert entry["error_id"] == masked.extensions["id"]
    assert entry["exc_info"] is error


@pytest.mark.parametrize(
    ("sqlstate", "limit"),
    [
        ("57014", "statement_timeout"),
        ("25P03", "transaction_timeout"),
        ("53400", "database_resources"),
        ("54011", "statement_size"),
    ],
)
def test_limits_of_the_database_have_names_like_the_others(sqlstate: str, limit: str) -> None:
    assert from_postgres(raised(sqlstate)).extensions == {"code": "LIMIT_EXCEEDED", "limit": limit}


@pytest.mark.parametrize("error", [LimitExceeded("cost", 5, 7), NotFound(module="deals"), Internal("7"), Conflict()])
def test_a_fresh_error_says_the_same(error: GatewayError) -> None:
    fresh = error.fresh()
    assert fresh is not error
    assert (type(fresh), str(fresh), fresh.message) == (type(error), str(error), error.message)
    assert fresh.extensions == error.extensions


def test_hidden_and_absent_say_the_same() -> None:
    assert NotFound(module="deals").message == NotFound(module="contacts").message


def test_a_code_has_one_class() -> None:
    documented = "UNAUTHENTICATED UNAVAILABLE FORBIDDEN NOT_FOUND BAD_USER_INPUT CONFLICT LIMIT_EXCEEDED INTERNAL"
    assert set(BY_CODE) == set(documented.split())
    with pytest.raises(TypeError, match="repeats"):
        type("Again", (GatewayError,), {"code": Forbidden.code})


async def test_an_answer_that_is_too_large_is_not_sent(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "query TooLarge { deals { nodes { id name } } }"
    monkeypatch.setattr("resolvers.compiler.render.LARGEST_ANSWER", 1000)
    result = await client.ask("owner", text)
    assert result.data is None
    (error,) = result.errors
    extensions = error.extensions or {}
    assert (extensions["code"], extensions["limit"], extensions["value"]) == ("LIMIT_EXCEEDED", "answer", 1000)
    assert extensions["actual"] > 1000

    few = await client.ask("owner", "query { deals(first: 2) { nodes { id name } } }")
    assert not few.errors


async def test_a_statement_that_fails_is_an_error_of_the_whole(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await client.ask("lead", "{ viewer { superAdmin } }")
    failing = Rendered("select pg_sleep(1, 2)", ())
    monkeypatch.setattr("resolvers.variants.statement", lambda _planned, _profile: failing)
    with capture_logs() as logs:
        result = await client.ask("lead", "query Fails { deals { totalCount } }")
    assert result.data is None
    (error,) = result.errors
    assert (error.path, error.extensions and error.extensions["code"]) == (None, "INTERNAL")
    assert logs

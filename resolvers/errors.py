"""Errors of the database as errors of the API: one table by SQLSTATE; everything else is masked and logged.

Server messages change with the locale and name columns, so they are never shown; what the product raises itself (U0...)
carries a sentence for people and JSON for machines.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import structlog
from graphql import GraphQLError, Node

from schema.errors import (
    BadUserInput,
    Conflict,
    Forbidden,
    GatewayError,
    Internal,
    LimitExceeded,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from schema.names import camel

__all__ = [
    "BadUserInput",
    "Conflict",
    "Forbidden",
    "GatewayError",
    "Internal",
    "LimitExceeded",
    "NotFound",
    "RequestErrors",
    "Unauthenticated",
    "Unavailable",
    "as_graphql_error",
    "from_postgres",
]

log = structlog.get_logger("cloison.errors")

LONGEST_MESSAGE = 500


class RequestErrors(Exception):
    """The request is no operation that could run: syntax, validation, an unknown operation, unfit variables."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = [with_code(error, "BAD_USER_INPUT") for error in errors]


def with_code(error: GraphQLError, code: str) -> GraphQLError:
    """Give an error of graphql-core a code, unless it has one, and an end: it repeats the values of a request."""
    if len(error.message) > LONGEST_MESSAGE:
        error.message = error.message[:LONGEST_MESSAGE].rstrip() + " ..."
    original = error.original_error
    known = original.extensions if isinstance(original, GatewayError) else {"code": code}
    error.extensions = {**known, **(error.extensions or {})}
    return error


def as_graphql_error(
    error: Exception, nodes: Sequence[Node] | None = None, path: Sequence[str | int] | None = None
) -> GraphQLError:
    """An error at a place of the answer, with its extensions; what is not a GatewayError is translated or masked."""
    known = error if isinstance(error, GatewayError) else from_postgres(error)
    return GraphQLError(
        known.message,
        nodes=nodes,
        path=list(path) if path is not None else None,
        original_error=known,
        extensions=known.extensions,
    )


def from_postgres(error: Exception) -> GatewayError:
    """Translate by SQLSTATE. What the table does not know is logged under an id and answered as Internal."""
    if isinstance(error, GatewayError):
        return error
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        translate = BY_SQLSTATE.get(state) or BY_CLASS.get(state[:2])
        if translate is not None and state not in OURS:
            return translate(error)
    error_id = str(uuid4())
    log.error("internal_error", error_id=error_id, sqlstate=getattr(error, "sqlstate", None), exc_info=error)
    return Internal(error_id)


def _detail(error: asyncpg.PostgresError) -> dict[str, Any]:
    """DETAIL of an error that the product raised: a JSON object."""
    try:
        detail = orjson.loads(error.detail or "{}")
    except orjson.JSONDecodeError:
        return {}
    return detail if isinstance(detail, dict) else {}


def _sentence(error: asyncpg.PostgresError) -> str | None:
    message = error.message
    return message[:1].upper() + message[1:] + ("" if message.endswith(".") else ".") if message else None


def _forbidden(error: asyncpg.PostgresError) -> GatewayError:
    detail = _detail(error)
    plainly = detail.get("module") and not detail.get("tier") and not detail.get("refused")
    return Forbidden(
        None if plainly else _sentence(error),
        module=detail.get("module"),
        action=detail.get("action"),
        requestable=bool(detail.get("requestable", True)),
        tier=detail.get("tier"),
        hubs=detail.get("hubs"),
        refused=detail.get("refused"),
        refused_count=detail.get("refusedCount"),
    )


def _not_found(error: asyncpg.PostgresError) -> GatewayError:
    detail = _detail(error)
    column = detail.get("field")
    return NotFound(
        _sentence(error) if detail.get("refused") else None,
        module=detail.get("module"),
        field=input_field(column) if column else None,
        refused=detail.get("refused"),
        refused_count=detail.get("refusedCount"),
    )


def _bad_input(error: asyncpg.PostgresError) -> GatewayError:
    fields = _detail(error).get("fields") or {}
    return BadUserInput(fields={input_field(name): reason for name, reason in fields.items()} or None)


def _too_much(error: asyncpg.PostgresError) -> GatewayError:
    detail = _detail(error)
    return LimitExceeded(str(detail.get("limit")), detail.get("value"), detail.get("actual"), detail.get("hint"))


def _conflict(error: asyncpg.PostgresError) -> GatewayError:
    return Conflict(_sentence(error))


def _privilege(_: asyncpg.PostgresError) -> GatewayError:
    return Forbidden()


def _violated(error: asyncpg.PostgresError) -> GatewayError:
    """A check or a not-null: the field is known by the column or by the constraint's name."""
    column = error.column_name or _column_of(error.table_name, error.constraint_name)
    if not column:
        return BadUserInput()
    reason = "is required" if error.sqlstate == "23502" else "is not an allowed value"
    return BadUserInput(fields={input_field(column): reason})


def _referenced(_: asyncpg.PostgresError) -> GatewayError:
    """A foreign key, looked at when the transaction ends: somebody deleted what the row refers to meanwhile."""
    return Conflict("A row that this one refers to is gone. Read it again, then retry.")


def _column_of(table: str | None, constraint: str | None) -> str | None:
    """Constraints are named `<table>_<column>_check`."""
    if not table or not constraint or not constraint.startswith(f"{table}_") or not constraint.endswith("_check"):
        return None
    return constraint.removeprefix(f"{table}_").removesuffix("_check")


def input_field(column: str) -> str:
    """How the inputs call a column."""
    return camel(column)


def _limit(name: str) -> Callable[[asyncpg.PostgresError], GatewayError]:
    return lambda _: LimitExceeded(name)


def _retry(_: asyncpg.PostgresError) -> GatewayError:
    return Conflict("Somebody else is changing the same rows. Try again.")


def _unfit(_: asyncpg.PostgresError) -> GatewayError:
    return BadUserInput("A value is out of range or not in the form that its type needs.")


def _unique(_: asyncpg.PostgresError) -> GatewayError:
    return Conflict("There is such a row already.")


def _unavailable(_: asyncpg.PostgresError) -> GatewayError:
    return Unavailable()


BY_SQLSTATE: Mapping[str, Callable[[asyncpg.PostgresError], GatewayError]] = {
    "28000": lambda _: Unauthenticated(),
    "U0403": _forbidden,
    "U0404": _not_found,
    "U0400": _bad_input,
    "U0409": _conflict,
    "U0413": _too_much,
    "42501": _privilege,
    "23502": _violated,
    "23514": _violated,
    "23503": _referenced,
    "23505": _unique,
    "23P01": _unique,
    "40001": _retry,
    "40P01": _retry,
    "55P03": _retry,
    "57014": _limit("statement_timeout"),
    "53400": _limit("database_resources"),
    "53100": _unavailable,
    "53200": _unavailable,
    "53300": _unavailable,
    "57P01": _unavailable,
    "57P02": _unavailable,
    "57P03": _unavailable,
    "25P03": _limit("transaction_timeout"),
}
# Of a class that is the server's trouble, and yet said of what we sent it: the protocol was not kept to.
OURS = frozenset({"08P01"})
BY_CLASS: Mapping[str, Callable[[asyncpg.PostgresError], GatewayError]] = {
    "22": _unfit,
    "54": _limit("statement_size"),
    "08": _unavailable,
}

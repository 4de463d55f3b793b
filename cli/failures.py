"""From an error of the driver or the operating system to the sentence that says what to do."""

import sys

import asyncpg
import orjson

from gateway.problems import Problem
from importers.errors import ImportFailed
from resolvers.errors import GatewayError

CHECK_URL = "check CLOISON_DATABASE_URL"

# Sentences by SQLSTATE, or by the class that its first two characters are; {} is what the server said.
BY_SQLSTATE = {
    "28": "The database refuses the login ({}): check user and password in CLOISON_DATABASE_URL.",
    "3D000": "There is no such database ({}): create it with `createdb`, or " + CHECK_URL + ".",
    "42501": "The database's administrator lacks a permission ({}): name a superuser in CLOISON_DATABASE_URL.",
    "53300": "The database has no connection left ({}): close some, or raise its max_connections.",
    "53100": "The database's disk is full ({}): make room.",
    "25006": "The database is read-only: name the primary server, not a standby, in CLOISON_DATABASE_URL.",
    "55P03": "Somebody else is changing the same thing ({}): run the command again.",
    "40": "Somebody else is changing the same thing ({}): run the command again.",
    "57": "The database is starting, stopping or was interrupted ({}): run the command again in a moment.",
    "22": "The database cannot take this value ({}).",
    "23": "The database refuses this ({}).",
}


def problem(error: BaseException) -> str | None:
    """Say what an operator should do about `error`; None for what is a bug of ours."""
    match error:
        case Problem() | ImportFailed():
            return str(error)
        case GatewayError():
            return f"{error}"
        case asyncpg.PostgresError():
            return _of_postgres(error)
        case asyncpg.InterfaceError() | TimeoutError() | OSError():
            return _of_connection(error)
    # Where nothing was migrated, neither Alembic nor SQLAlchemy has been loaded, which takes longer than most commands.
    return _of_migration(error) if "alembic" in sys.modules else None


def _of_migration(error: BaseException) -> str | None:
    from alembic.util.exc import CommandError
    from sqlalchemy.exc import DBAPIError

    match error:
        case CommandError():
            return (
                f"The database does not fit this checkout ({error}): use the version that migrated it, or a later one."
            )
        case DBAPIError():
            return problem(error.orig.__cause__) if error.orig is not None and error.orig.__cause__ else None
    return None


def _of_connection(error: asyncpg.InterfaceError | OSError) -> str:
    if isinstance(error, asyncpg.ClientConfigurationError):
        return f"The database's URL cannot be used ({error}): {CHECK_URL}."
    if isinstance(error, asyncpg.InterfaceError):
        return f"The connection to the database was lost ({error}): see whether the server still runs."
    if isinstance(error, TimeoutError):
        return f"The database does not answer: see whether the server runs, and {CHECK_URL}."
    if error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    return f"The database cannot be reached ({error.strerror or error}): see whether the server runs, and {CHECK_URL}."


def _of_postgres(error: asyncpg.PostgresError) -> str | None:
    state = error.sqlstate or ""
    said = str(error.args[0]).strip().rstrip(".")
    if state == "U0400":
        return f"{_fields(error) or _sentence(said)}."
    if state in {"U0403", "U0404", "U0409"}:
        return f"{_sentence(said)}."
    known = BY_SQLSTATE.get(state) or BY_SQLSTATE.get(state[:2])
    return known.format(said) if known else None


def _fields(error: asyncpg.PostgresError) -> str | None:
    """Read which field is wrong and why from the error's detail."""
    try:
        fields = orjson.loads(error.detail or "")["fields"]
        return "; ".join(f"{name}: {reason}" for name, reason in fields.items())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:]

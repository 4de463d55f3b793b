"""Transactions of as many round trips as whoever holds them likes: for imports, demo accounts and upkeep."""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, TypeVar

import asyncpg
from structlog.contextvars import bind_contextvars

from resolvers.errors import GatewayError, Unauthenticated, Unavailable
from resolvers.session.connections import Connection, Connections
from resolvers.session.options import Identity
from resolvers.session.turns import Turn

T = TypeVar("T")

# What the driver says of a connection that went away; the same words are for its being asked in a wrong way.
_CUT_OFF = (ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass(frozen=True, slots=True)
class Session:
    """An open transaction of a member. `profile` is the role in force; do not begin, commit or set anything here."""

    connection: Connection
    profile: str


@dataclass(slots=True)
class Staging:
    """An open transaction of the gateway's login, before it becomes a member's: for private staging of an import."""

    connection: Connection

    async def enter(self, identity: Identity) -> str:
        """Become the member for the rest of the transaction; returns the profile. Unauthenticated for a stranger."""
        try:
            profile: str = await self.connection.fetchval(
                "select access.enter($1, $2)", identity.account, identity.user
            )
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise Unauthenticated from error
        return profile


class Transaction(Generic[T]):
    """An open transaction as an asynchronous context manager; what it yields is made from the connection."""

    __slots__ = ("_connection", "_connections", "_make", "_opening", "_reuse", "_turn")

    def __init__(
        self,
        connections: Connections,
        opening: str,
        make: Callable[[Connection], T],
        *,
        reuse: bool = True,
        turn: Turn | None = None,
    ) -> None:
        self._connections = connections
        self._opening = opening
        self._make = make
        self._reuse = reuse
        self._turn = turn

    async def __aenter__(self) -> T:
        if self._turn is not None:
            await self._turn.take()
        try:
            self._connection = await self._connections.begin(self._opening)
        except BaseException:
            if self._turn is not None:
                self._turn.give()
            raise
        return self._make(self._connection)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        failure = error
        try:
            if error is None:
                try:
                    await self._commit()
                except BaseException as refused:  # noqa: BLE001 - raised below, when the connection has been left
                    failure = refused
            lost = isinstance(failure, _CUT_OFF) and _is_lost(self._connection)
            await self._leave(failure)
        finally:
            if self._turn is not None:
                self._turn.give()
        if lost:
            raise Unavailable from failure
        if failure is not None and failure is not error:
            raise failure

    async def _commit(self) -> None:
        # A transaction in which a statement failed answers COMMIT with ROLLBACK, and no error.
        if await self._connection.execute("commit") != "COMMIT":
            raise RuntimeError("a failed transaction was left as if it had succeeded")

    async def _leave(self, error: BaseException | None) -> None:
        # Cancelled, timed out or broken between request and answer, the state of the protocol is not worth trusting.
        trusted = error is None or isinstance(error, asyncpg.PostgresError | GatewayError)
        await self._connections.leave(self._connection, reuse=self._reuse and trusted)


def member_session(connection: Connection) -> Session:
    """The session that `opening` made."""
    profile = connection.get_settings().application_name
    bind_contextvars(profile=profile)
    return Session(connection, profile)


def opening(identity: Identity, *, read_only: bool, begin: str | None = None) -> str:
    """Begin and enter in one message: the simple protocol takes several statements, but no parameters.

    The profile comes back as the reported setting `application_name`, since that protocol hands no rows out; it is
    also what `pg_stat_activity` then shows. Both literals are safe: a slug that was matched, a UUID that was parsed.
    """
    begin = begin or ("begin read only" if read_only else "begin")
    account = "null" if identity.account is None else f"'{identity.checked_account}'"
    enter = f"access.enter({account}, '{identity.user}')"
    return f"{begin}; select set_config('application_name', {enter}, true)"


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # it has left the pool already
        return True

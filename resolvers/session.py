"""The only place that acquires a connection: one transaction, one identity.

Identity is transaction-local (SET LOCAL, by `access.enter`), so that whatever ends the transaction ends the identity.
asyncpg's own reset of a returned connection does not reset the role, hence nothing here relies on it: a connection
goes back to the pool only when the server says that no transaction is open, and is closed otherwise.

Behind PgBouncer in transaction mode: name the settings of `PoolOptions.server_settings` in its
`ignore_startup_parameters` and give them to the login with `alter role cloison_gateway set ...`; below PgBouncer 1.21
also set `statement_cache_size` to 0.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Self, TypeAlias, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from structlog.contextvars import bind_contextvars

from resolvers.errors import GatewayError, LimitExceeded, Unauthenticated, Unavailable
from resolvers.releases import UnsupportedServerError, require_supported

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

T = TypeVar("T")

_SLUG = re.compile(r"[a-z0-9-]{1,63}")

# What a server that is starting, stopping, full or gone answers, or what is heard of it when it does not answer.
_UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    # How the driver's own state machine takes it when a server said goodbye to an idle connection.
    asyncpg.InternalClientError,
)

# What the driver says of a connection that went away; the same words are for its being asked in a wrong way.
_CUT_OFF = (ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a transaction acts for. `account` is a slug; None means the only account of the user."""

    account: str | None
    user: UUID


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Sizes and times (seconds) of the pool and of every transaction in it."""

    min_size: int = 2
    max_size: int = 20
    acquire_timeout: float = 5.0
    connect_timeout: float = 5.0
    close_timeout: float = 5.0
    statement_timeout: float = 5.0
    lock_timeout: float = 2.0
    idle_in_transaction_timeout: float = 10.0
    statement_cache_size: int = 256
    attempts: int = 3

    @property
    def per_user(self) -> int:
        """How many transactions of one user are open at a time, so that nobody holds the whole pool."""
        return max(1, self.max_size // 2)

    def server_settings(self) -> dict[str, str]:
        """What each connection starts with."""
        return {
            "application_name": "cloison",
            "timezone": "UTC",
            "datestyle": "ISO, YMD",
            "search_path": "pg_catalog",
            "standard_conforming_strings": "on",
            "default_transaction_isolation": "read committed",
            "statement_timeout": _milliseconds(self.statement_timeout),
            "lock_timeout": _milliseconds(self.lock_timeout),
            "idle_in_transaction_session_timeout": _milliseconds(self.idle_in_transaction_timeout),
            # A gateway that was killed leaves no statement running.
            "client_connection_check_interval": "1000",
            # Answers are small and their statements many: compiling costs more than it saves.
            "jit": "off",
        }


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


class Database:
    """The gateway's pool of connections."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", options: PoolOptions) -> None:
        self._pool = pool
        self._options = options
        self._leaving: set[asyncio.Task[None]] = set()
        # Lives as long as somebody holds or awaits a turn.
        self._turns: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()

    @classmethod
    async def open(cls, dsn: str, options: PoolOptions | None = None) -> Self:
        """Connect as the gateway's login. Unavailable without a server, UnsupportedServerError with too old a one."""
        options = options or PoolOptions()
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=options.min_size,
                max_size=options.max_size,
                timeout=options.connect_timeout,
                statement_cache_size=options.statement_cache_size,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
                server_settings=options.server_settings(),
                connect=_connect,
                init=require_supported,
                reset=_nothing_to_reset,
            )
        except (*_UNREACHABLE, TimeoutError) as error:
            raise Unavailable from error
        return cls(pool, options)

    @classmethod
    @asynccontextmanager
    async def connected(cls, dsn: str, options: PoolOptions | None = None) -> AsyncIterator[Self]:
        """`open` and `close` around a block."""
        database = await cls.open(dsn, options)
        try:
            yield database
        finally:
            await database.close()

    @property
    def options(self) -> PoolOptions:
        """What the pool was opened with."""
        return self._options

    def counts(self) -> dict[str, int]:
        """Connections that are open, and those of them that are idle."""
        return {"open": self._pool.get_size(), "idle": self._pool.get_idle_size()}

    def session(self, identity: Identity, *, read_only: bool = False) -> "Transaction[Session]":
        """Open a transaction as a member: Unauthenticated for a stranger, Unavailable without a server.

        Leaving commits (what is deferred to the commit is raised there), an exception rolls back, cancellation also
        cancels the statement that runs. Unavailable, too, when the connection is lost meanwhile. A user has at most
        half of the pool: further transactions wait for their turn, and are LimitExceeded when it does not come in time.
        """
        turn = self._turns.get(identity.user)
        if turn is None:
            turn = self._turns[identity.user] = asyncio.Semaphore(self._options.per_user)
        return Transaction(self, _opening(identity, read_only=read_only), _session, turn=turn)

    def staging(self, *, statement_timeout: float | None = None) -> "Transaction[Staging]":
        """Open a transaction as the gateway's login; `statement_timeout` (seconds) is that of its statements.

        The connection is closed afterwards: what COPY leaves in the driver and temporary tables in the catalog cache
        must not meet another member.
        """
        limit = _milliseconds(self._options.statement_timeout if statement_timeout is None else statement_timeout)
        opening = (
            f"begin; set local statement_timeout = {limit}; set local idle_in_transaction_session_timeout = {limit}"
        )
        return Transaction(self, opening, Staging, reuse=False)

    def anonymous(self) -> "Transaction[Connection]":
        """Open a transaction of the gateway's login without identity: for probes and upkeep, never for rows."""
        return Transaction(self, "begin", _itself)

    async def close(self) -> None:
        """Wait for open transactions as long as the options say, then cut what is left."""
        try:
            async with asyncio.timeout(self._options.close_timeout):
                await asyncio.gather(*self._leaving, return_exceptions=True)
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def take(self, turn: asyncio.Semaphore) -> None:
        """Wait for one of the transactions that a user may have open: for `Transaction`."""
        try:
            async with asyncio.timeout(self._options.acquire_timeout):
                await turn.acquire()
        except TimeoutError:
            raise LimitExceeded("open_requests", self._options.per_user) from None

    async def begin(self, opening: str) -> Connection:
        """Run the statements that open a transaction, on a connection that lives: for `Transaction`.

        Nothing has been done before them, so that a connection which turns out to be dead (the server was restarted)
        is replaced without anybody noticing.
        """
        lost: BaseException | None = None
        for _ in range(self._options.attempts):
            connection = await self._acquire()
            try:
                await connection.execute(opening)
            except asyncpg.InvalidAuthorizationSpecificationError as error:
                await self.leave(connection, reuse=True)
                raise Unauthenticated from error
            except _UNREACHABLE as error:
                await self.leave(connection, reuse=False)
                lost = error
            except BaseException:
                await self.leave(connection, reuse=False)
                raise
            else:
                return connection
        raise Unavailable from lost

    async def leave(self, connection: Connection, *, reuse: bool) -> None:
        """Give a connection back, or close it: for `Transaction`. Ends also if whoever waits for it is cancelled."""
        if reuse and _is_idle(connection):
            await self._pool.release(connection)
            return
        task = asyncio.create_task(self._clean(connection, reuse=reuse))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        await asyncio.shield(task)

    async def _acquire(self) -> Connection:
        try:
            if self._pool.get_idle_size():
                connection: Connection = await self._pool.acquire()
            else:
                async with asyncio.timeout(self._options.acquire_timeout):
                    connection = await self._pool.acquire()
        # Whatever a server says to a login that it does not let in, it is not the member's fault.
        except (asyncpg.PostgresError, UnsupportedServerError, *_UNREACHABLE, TimeoutError) as error:
            raise Unavailable from error
        return connection

    async def _clean(self, connection: Connection, *, reuse: bool) -> None:
        timeout = self._options.close_timeout
        try:
            if reuse and connection.is_in_transaction():
                await connection.execute("rollback", timeout=timeout)
            if not reuse or connection.is_in_transaction():
                # Waits until the server has acknowledged the cancellation of what still runs.
                await connection.close(timeout=timeout)
        except (asyncpg.PostgresError, *_UNREACHABLE, TimeoutError):
            # One that was lost has already left the pool, and answers this, too, with InterfaceError.
            with suppress(asyncpg.InterfaceError):
                connection.terminate()
        finally:
            await self._pool.release(connection)


class Transaction(Generic[T]):
    """An open transaction as an asynchronous context manager; what it yields is made from the connection."""

    __slots__ = ("_connection", "_database", "_make", "_opening", "_reuse", "_turn")

    def __init__(
        self,
        database: Database,
        opening: str,
        make: Callable[[Connection], T],
        *,
        reuse: bool = True,
        turn: asyncio.Semaphore | None = None,
    ) -> None:
        self._database = database
        self._opening = opening
        self._make = make
        self._reuse = reuse
        self._turn = turn

    async def __aenter__(self) -> T:
        if self._turn is not None:
            await self._database.take(self._turn)
        try:
            self._connection = await self._database.begin(self._opening)
        except BaseException:
            if self._turn is not None:
                self._turn.release()
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
                self._turn.release()
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
        await self._database.leave(self._connection, reuse=self._reuse and trusted)


def _is_idle(connection: Connection) -> bool:
    try:
        return not connection.is_closed() and not connection.is_in_transaction()
    except asyncpg.InterfaceError:  # lost: it has left the pool already
        return False


def _is_lost(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # it has left the pool already
        return True


def _session(connection: Connection) -> Session:
    profile = connection.get_settings().application_name
    bind_contextvars(profile=profile)
    return Session(connection, profile)


def _itself(connection: Connection) -> Connection:
    return connection


def _opening(identity: Identity, *, read_only: bool) -> str:
    """Begin and enter in one message: the simple protocol takes several statements, but no parameters.

    The profile comes back as the reported setting `application_name`, since that protocol hands no rows out; it is
    also what `pg_stat_activity` then shows. Both literals are safe: a slug that was matched, a UUID that was parsed.
    """
    if identity.account is not None and not _SLUG.fullmatch(identity.account):
        raise Unauthenticated
    begin = "begin read only" if read_only else "begin"
    account = "null" if identity.account is None else f"'{identity.account}'"
    enter = f"access.enter({account}, '{identity.user}')"
    return f"{begin}; select set_config('application_name', {enter}, true)"


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


async def _connect(*arguments: Any, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect. Whoever is cancelled meanwhile lets it come to its end: half a connection cannot be left tidily."""
    task = asyncio.create_task(asyncpg.connect(*arguments, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_terminate)
        raise


def _terminate(task: "asyncio.Task[asyncpg.Connection[asyncpg.Record]]") -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().terminate()


async def _nothing_to_reset(_: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Everything that a transaction here sets is local to it."""

"""The pool of connections for transactions of several round trips."""

import asyncio
from contextlib import suppress
from typing import Any, Self, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from resolvers.errors import Unauthenticated, Unavailable
from resolvers.releases import UnsupportedServerError, require_supported
from resolvers.session.options import PoolOptions

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

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


class Connections:
    """asyncpg's pool, from which nobody gets a connection that is not clean."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", options: PoolOptions) -> None:
        self._pool = pool
        self._options = options
        self._leaving: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, dsn: str, options: PoolOptions) -> Self:
        """Connect as the gateway's login. Unavailable without a server, UnsupportedServerError with too old a one.

        One connection is there from the start; others come as they are needed.
        """
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=options.sessions_max_size or options.max_size,
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

    def counts(self) -> tuple[int, int]:
        """Connections that are open, and those of them that are idle."""
        return self._pool.get_size(), self._pool.get_idle_size()

    async def close(self) -> None:
        """Wait for open transactions."""
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await self._pool.close()

    def terminate(self) -> None:
        """Cut what is still open."""
        self._pool.terminate()

    async def begin(self, opening: str) -> Connection:
        """Run the statements that open a transaction, on a connection that lives.

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
        """Give a connection back, or close it. Ends also if whoever waits for it is cancelled."""
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


def _is_idle(connection: Connection) -> bool:
    try:
        return not connection.is_closed() and not connection.is_in_transaction()
    except asyncpg.InterfaceError:  # lost: it has left the pool already
        return False


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

"""The pool of connections in pipeline mode.

A pool of psycopg's own kind reconnects in the background and lets whoever asks wait meanwhile; here a server that is
away is said to be away at once, and one that is back is used at once.
"""

import asyncio
from collections import deque
from typing import Self

import psycopg
from asyncpg.types import ServerVersion
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from resolvers.errors import Unavailable
from resolvers.releases import UnsupportedServerError, require
from resolvers.session.options import PoolOptions
from resolvers.session.pipeline import Pipeline
from resolvers.session.places import Places


class Pipelines:
    """Connections in pipeline mode, at most `max_size` at a time; those that are idle are kept."""

    def __init__(self, dsn: str, options: PoolOptions) -> None:
        self._conninfo = _conninfo(dsn, options)
        self._options = options
        # The one that came back last goes out first: its statements are the most likely to be prepared.
        self._idle: deque[Pipeline] = deque()
        self._places = Places(options.max_size)
        self._open = 0
        self._leaving: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, dsn: str, options: PoolOptions) -> Self:
        """Open the least number of connections. Unavailable without a server, or with one of a refused release."""
        pool = cls(dsn, options)
        try:
            for _ in range(options.min_size):
                pool._idle.append(await pool._connect())
        except BaseException:
            await pool.close()
            raise
        return pool

    def counts(self) -> tuple[int, int]:
        """Connections that are open, and those of them that are idle."""
        return self._open, len(self._idle)

    async def take(self) -> Pipeline:
        """A connection that is usable as far as one can tell; Unavailable when there is none in time."""
        if not self._places.take_free():
            try:
                await self._places.wait(self._options.acquire_timeout)
            except TimeoutError:
                raise Unavailable from None
        try:
            while self._idle:
                connection = self._idle.pop()
                connection.look()
                if connection.usable:
                    return connection
                await self._close(connection)
            return await self._connect()
        except BaseException:
            self._places.give()
            raise

    async def give(self, connection: Pipeline) -> None:
        """Take a connection back; what still runs on it is cancelled, and one that is not idle after that is ended."""
        if connection.usable:
            self._idle.append(connection)
            self._places.give()
            return
        task = asyncio.create_task(self._end(connection))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        await asyncio.shield(task)

    async def close(self) -> None:
        """Close what is idle, and wait for what is being ended."""
        await asyncio.gather(*self._leaving, return_exceptions=True)
        while self._idle:
            await self._close(self._idle.pop())

    async def _end(self, connection: Pipeline) -> None:
        try:
            await connection.abandon(self._options.close_timeout)
        finally:
            if connection.usable:
                self._idle.append(connection)
            else:
                self._open -= 1
            self._places.give()

    async def _close(self, connection: Pipeline) -> None:
        self._open -= 1
        await connection.close()

    async def _connect(self) -> Pipeline:
        """Connect; whoever is cancelled meanwhile lets it come to its end, and be closed."""
        task = asyncio.create_task(Pipeline.connect(self._conninfo, autocommit=True))
        try:
            connection = await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._unwanted)
            raise
        except (psycopg.Error, OSError) as error:
            raise Unavailable from error
        try:
            version = connection.pgconn.server_version
            require(ServerVersion(version // 10_000, 0, version % 10_000, "final", 0))
        except UnsupportedServerError as error:
            await connection.close()
            raise Unavailable from error
        connection.begin(self._options.statement_cache_size, self._options.texts_per_connection)
        self._open += 1
        return connection

    def _unwanted(self, task: "asyncio.Task[Pipeline]") -> None:
        if not task.cancelled() and task.exception() is None:
            closing = asyncio.create_task(task.result().close())
            self._leaving.add(closing)
            closing.add_done_callback(self._leaving.discard)


def _conninfo(dsn: str, options: PoolOptions) -> str:
    """The connection string with the settings that each connection starts with."""
    settings = options.server_settings()
    name = settings.pop("application_name")
    given = conninfo_to_dict(dsn).get("options")
    flags = [f"-c {key}={_escaped(value)}" for key, value in settings.items()]
    return make_conninfo(
        dsn,
        application_name=name,
        connect_timeout=max(1, round(options.connect_timeout)),
        client_encoding="UTF8",
        options=" ".join([*([str(given)] if given else []), *flags]),
    )


def _escaped(value: str) -> str:
    """A value within `options`, where a space would be the end of it."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")

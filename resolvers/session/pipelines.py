"""The pool of connections in pipeline mode.

A pool of psycopg's own kind reconnects in the background and lets whoever asks wait meanwhile; here a server that is
away is said to be away at once, and one that is back is used at once.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import AsyncExitStack
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
        self._closed = False
        self._leaving: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, dsn: str, options: PoolOptions) -> Self:
        """Open the least number of connections. Unavailable without a server, or with one of a refused release."""
        pool = cls(dsn, options)
        async with AsyncExitStack() as taken:
            try:
                for _ in range(min(options.min_size, options.max_size)):
                    taken.push_async_callback(pool.give, await pool.take())
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
        except BaseException:
            self._places.give()
            raise
        return await self._new()

    async def give(self, connection: Pipeline) -> None:
        """Take a connection back; what still runs on it is cancelled, and one that is not idle after that is ended."""
        if connection.usable and not self._closed:
            self._idle.append(connection)
            self._places.give()
            return
        await asyncio.shield(self._follow(self._end(connection)))

    async def close(self) -> None:
        """Close what is idle, and wait for what is being opened or ended; what comes back later is closed then."""
        self._closed = True
        while self._idle:
            await self._close(self._idle.pop())
        await asyncio.gather(*self._leaving, return_exceptions=True)

    def _follow(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        """Do what nobody may interrupt, and what closing waits for."""
        task = asyncio.create_task(work)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        return task

    async def _end(self, connection: Pipeline) -> None:
        try:
            await connection.abandon(self._options.cancel_timeout)
            if self._closed:
                await connection.close()
        finally:
            if connection.usable:
                self._idle.append(connection)
            else:
                self._open -= 1
            self._places.give()

    async def _close(self, connection: Pipeline) -> None:
        self._open -= 1
        await connection.close()

    async def _new(self) -> Pipeline:
        """A new connection for who has a place.

        Who is cancelled leaves the place with the connecting, which comes to its end: else clients that hang up
        would have more connections opened at a time than there are places.
        """
        task = asyncio.create_task(self._connect())
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._follow(self._unwanted(task))
            raise
        except BaseException:
            self._places.give()
            raise

    async def _connect(self) -> Pipeline:
        try:
            connection = await Pipeline.connect(self._conninfo, autocommit=True)
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

    async def _unwanted(self, task: "asyncio.Task[Pipeline]") -> None:
        try:
            connection = await task
        except BaseException as error:
            self._places.give()
            if not isinstance(error, Unavailable):
                raise
        else:
            await self.give(connection)


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

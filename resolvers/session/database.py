"""The gateway's connections, and the transactions that are made of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self, TypeVar

from psycopg.pq.abc import PGresult

from resolvers.errors import Unavailable
from resolvers.session.connections import Connection, Connections
from resolvers.session.exchange import Exchange, ProfileChangedError
from resolvers.session.options import Identity, PoolOptions, milliseconds
from resolvers.session.pipeline import End, LostError, Step
from resolvers.session.pipelines import Pipelines
from resolvers.session.profiles import Profiles
from resolvers.session.transactions import Session, Staging, Transaction, member_session, opening
from resolvers.session.trial import Trial
from resolvers.session.turns import Turns

T = TypeVar("T")
# A profile that changes this often while one request is asked is somebody's doing.
_PROFILES_OF_A_REQUEST = 3


class Database:
    """The gateway's two pools: one for requests, and one for transactions of several round trips."""

    def __init__(self, connections: Connections, pipelines: Pipelines, options: PoolOptions) -> None:
        self.connections = connections
        self.pipelines = pipelines
        self._options = options
        self.turns = Turns(options.per_user, options.acquire_timeout)
        self.profiles = Profiles()

    @classmethod
    async def open(cls, dsn: str, options: PoolOptions | None = None) -> Self:
        """Connect as the gateway's login. Unavailable without a server, UnsupportedServerError with too old a one."""
        options = options or PoolOptions()
        connections = await Connections.open(dsn, options)
        try:
            pipelines = await Pipelines.open(dsn, options)
        except BaseException:
            connections.terminate()
            raise
        return cls(connections, pipelines, options)

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
        """What the pools were opened with."""
        return self._options

    def counts(self) -> dict[str, int]:
        """Connections that are open, and those of them that are idle."""
        both = zip(self.connections.counts(), self.pipelines.counts(), strict=True)
        return dict(zip(("open", "idle"), map(sum, both), strict=True))

    def exchange(self, identity: Identity, *, read_only: bool = False) -> Exchange:
        """Open a transaction as a member, with its first statements: for requests.

        A user has at most half of the pool: further transactions wait for their turn, and are LimitExceeded when it
        does not come in time. Unavailable without a server, and when the connection is lost meanwhile.
        """
        return Exchange(
            self.pipelines,
            self.profiles,
            identity,
            self.turns.of(identity.user),
            read_only=read_only,
            attempts=self._options.attempts,
        )

    async def exchanged(
        self, identity: Identity, ask: Callable[[Exchange], Awaitable[T]], *, read_only: bool = False
    ) -> T:
        """Ask within an `exchange`; again, if the member's profile was not what it had been. Raises as `exchange`."""
        for _ in range(_PROFILES_OF_A_REQUEST):
            try:
                async with self.exchange(identity, read_only=read_only) as exchange:
                    return await ask(exchange)
            except ProfileChangedError:
                continue
        raise Unavailable

    async def asked(self, identity: Identity, step: Step) -> PGresult:
        """Ask a function of the gateway's login, for a person who has signed in and need not be a member.

        Bounded as `exchange`. What the function raises is raised, and Unavailable without a server.
        """
        turn = self.turns.of(identity.user)
        await turn.take()
        try:
            connection = await self.pipelines.take()
            try:
                outcome = await connection.run((step,), End.COMMIT)
            except LostError as error:
                raise Unavailable from error
            finally:
                await self.pipelines.give(connection)
        finally:
            turn.give()
        if outcome.error is not None:
            raise outcome.error
        return outcome.answers[0]

    async def tried(self, identity: Identity, ask: Callable[[Exchange], Awaitable[T]]) -> T:
        """Ask within a `Trial`, of which nothing stays; otherwise as `exchanged`."""
        for _ in range(_PROFILES_OF_A_REQUEST):
            trial = Trial(
                self.pipelines,
                self.profiles,
                identity,
                self.turns.of(identity.user),
                read_only=False,
                attempts=self._options.attempts,
            )
            try:
                async with trial as exchange:
                    return await ask(exchange)
            except ProfileChangedError:
                continue
        raise Unavailable

    def session(self, identity: Identity, *, read_only: bool = False) -> Transaction[Session]:
        """Open a transaction as a member, of several round trips; bounded as `exchange`.

        Leaving commits (what is deferred to the commit is raised there), an exception rolls back, cancellation also
        cancels the statement that runs. Unauthenticated for a stranger; Unavailable without a server, and when the
        connection is lost meanwhile.
        """
        turn = self.turns.of(identity.user)
        return Transaction(self.connections, opening(identity, read_only=read_only), member_session, turn=turn)

    def snapshot(self, identity: Identity, *, statement_timeout: float, idle_timeout: float) -> Transaction[Session]:
        """Open a transaction as a member that only reads, and reads one moment's rows; the times are in seconds.

        The connection is closed afterwards: what cursors leave in the driver must not meet another member.
        """
        begin = (
            "begin isolation level repeatable read read only; "
            f"set local statement_timeout = {milliseconds(statement_timeout)}; "
            f"set local idle_in_transaction_session_timeout = {milliseconds(idle_timeout)}"
        )
        return Transaction(
            self.connections, opening(identity, read_only=True, begin=begin), member_session, reuse=False
        )

    def batch(self, identity: Identity, *, statement_timeout: float) -> Transaction[Session]:
        """Open a transaction as a member whose statements may take longer (seconds); as `session`, but of no turn."""
        begin = f"begin; set local statement_timeout = {milliseconds(statement_timeout)}"
        return Transaction(self.connections, opening(identity, read_only=False, begin=begin), member_session)

    def staging(self, *, statement_timeout: float | None = None) -> Transaction[Staging]:
        """Open a transaction as the gateway's login; `statement_timeout` (seconds) is that of its statements.

        The connection is closed afterwards: what COPY leaves in the driver and temporary tables in the catalog cache
        must not meet another member.
        """
        limit = milliseconds(self._options.statement_timeout if statement_timeout is None else statement_timeout)
        begin = f"begin; set local statement_timeout = {limit}; set local idle_in_transaction_session_timeout = {limit}"
        return Transaction(self.connections, begin, Staging, reuse=False)

    def anonymous(self) -> Transaction[Connection]:
        """Open a transaction of the gateway's login without identity: for probes and upkeep, never for rows."""
        return Transaction(self.connections, "begin", _itself)

    async def close(self) -> None:
        """Wait for what comes to its end, as long as the options say, then cut what is left."""
        try:
            async with asyncio.timeout(self._options.close_timeout):
                await asyncio.gather(self.pipelines.close(), self.connections.close())
        except TimeoutError:
            self.connections.terminate()


def _itself(connection: Connection) -> Connection:
    return connection

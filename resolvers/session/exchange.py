"""A transaction of one member in as few round trips as it can have: a read has one.

Entering, the statements and the commit go out together. Identity is set by `access.enter` for the transaction that
begins by itself with the first of them, and ends with it.
"""

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import asyncpg
from psycopg.pq.abc import PGresult
from structlog.contextvars import bind_contextvars

from resolvers.cache import Bounded
from resolvers.errors import GatewayError, Unauthenticated, Unavailable
from resolvers.session.options import Identity
from resolvers.session.pipeline import End, LostError, Outcome, Pipeline, Step
from resolvers.session.pipelines import Pipelines
from resolvers.session.turns import Turn

_ENTER = "select access.enter($1, $2)"
_ENTER_READ_ONLY = "select access.enter($1, $2) from set_config('transaction_read_only', 'on', true)"


class Exchange:
    """An open transaction of a member, as an asynchronous context manager.

    `run` sends statements and leaves the transaction open, `last` commits with its statements. Leaving commits what is
    open; an exception rolls it back, cancellation also cancels the statement that runs. The first statements carry the
    entrance: they raise Unauthenticated for a stranger.
    """

    def __init__(
        self,
        pipelines: Pipelines,
        profiles: Bounded[Identity, str],
        identity: Identity,
        turn: Turn,
        *,
        read_only: bool,
        attempts: int,
    ) -> None:
        self._pipelines = pipelines
        self._profiles = profiles
        self._identity = identity
        self._turn = turn
        self._read_only = read_only
        self._attempts = attempts
        self._entrance = Step(_ENTER_READ_ONLY if read_only else _ENTER, (identity.checked_account, identity.user))
        self._connection: Pipeline | None = None
        self._entered = False
        # The one that the member had last: by it statements are prepared, and by nothing are they judged.
        self.profile = profiles.get(identity)
        # The number of the statement, among those last sent, in which the error was that was raised.
        self.failed: int | None = None

    async def __aenter__(self) -> Self:
        await self._turn.take()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._entered and error is None:
                await self._send((), End.COMMIT)
            elif self._entered and isinstance(error, GatewayError):
                with suppress(asyncpg.PostgresError, Unavailable):
                    await self._send((), End.ROLLBACK)
        finally:
            try:
                if self._connection is not None:
                    await self._pipelines.give(self._connection)
            finally:
                self._turn.give()

    async def run(self, *steps: Step) -> list[PGresult]:
        """Send statements, and leave the transaction open."""
        return await self._send(steps, End.OPEN)

    async def last(self, *steps: Step) -> list[PGresult]:
        """Send the last statements of the transaction: what is deferred to the commit is raised here, too."""
        return await self._send(steps, End.COMMIT)

    def step(self, text: str, values: Sequence[Any] = ()) -> Step:
        """A statement that is prepared for the profile; before it is known, one that is not prepared at all."""
        return Step(text, values, keep=self.profile is not None)

    async def _send(self, steps: tuple[Step, ...], end: End) -> list[PGresult]:
        entering = not self._entered
        sent = (self._entrance, *steps) if entering else steps
        outcome = await self._outcome(sent, end, entering=entering)
        if outcome.error is not None:
            self._entered = False
            self.failed = outcome.failed - entering
            if entering and outcome.failed == 0 and outcome.error.sqlstate == "28000":
                raise Unauthenticated from outcome.error
            raise outcome.error
        answers = outcome.answers
        if entering:
            profile = (answers[0].get_value(0, 0) or b"").decode()
            if profile != self.profile:
                self.profile = profile
                self._profiles.put(self._identity, profile)
            bind_contextvars(profile=profile)
            answers = answers[1:]
        self._entered = end is End.OPEN
        return answers

    async def _outcome(self, steps: tuple[Step, ...], end: End, *, entering: bool) -> Outcome:
        # Nothing has come of an entrance without an answer, unless a commit was on its way with it.
        repeatable = entering and (self._read_only or end is End.OPEN)
        for attempt in range(self._attempts, 0, -1):
            if self._connection is None:
                self._connection = await self._pipelines.take()
            try:
                return await self._connection.run(steps, end)
            except LostError as error:
                self._entered = False
                lost, self._connection = self._connection, None
                await self._pipelines.give(lost)
                if not repeatable or attempt == 1:
                    raise Unavailable from error
        raise Unavailable

"""A transaction of one member in as few round trips as it can have: a read has one.

Entering, the statements and the commit go out together. Identity is set by `access.enter` for the transaction that
begins by itself with the first of them, and ends with it. Statements are made for the profile that the member had last;
`access.enter` refuses when it is another one now. Of a member who is not known yet, the profile is asked first.
"""

from contextlib import suppress
from types import TracebackType
from typing import Self

import asyncpg
import orjson
from psycopg.pq.abc import PGresult
from structlog.contextvars import bind_contextvars, get_contextvars

from resolvers.errors import GatewayError, Unauthenticated, Unavailable
from resolvers.profile import Profile
from resolvers.session.options import Identity
from resolvers.session.pipeline import End, LostError, Outcome, Pipeline, Step
from resolvers.session.pipelines import Pipelines
from resolvers.session.profiles import Profiles
from resolvers.session.turns import Turn

_ENTER = "select access.enter($1, $2, $3)"
_ENTER_READ_ONLY = "select access.enter($1, $2, $3) from set_config('transaction_read_only', 'on', true)"
# Of a change, the history of access keeps under which id it is in the log.
_ENTER_TO_WRITE = "select access.enter($1, $2, $3) from set_config('cloison.request', $4, true)"
_REACHES = "select access.reaches()"


class ProfileChangedError(Exception):
    """The member has another profile than the one that the statements were made for. Nothing was done: ask again."""


class Exchange:
    """An open transaction of a member, as an asynchronous context manager.

    `run` sends statements and leaves the transaction open, `last` commits with its statements. Leaving commits what is
    open; an exception rolls it back, cancellation also cancels the statement that runs. The first statements carry the
    entrance: they raise Unauthenticated for a stranger (opening does, where no profile is known yet), and
    ProfileChangedError.
    """

    def __init__(
        self,
        pipelines: Pipelines,
        profiles: Profiles,
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
        self._known = profiles.of(identity)
        self._account = identity.checked_account
        self._connection: Pipeline | None = None
        self._entered = False
        self._entered_as = ""
        # Whether an idempotency key is claimed with the first statements: sent twice, they are done once.
        self.keyed = False
        # The number of the statement, among those last sent, in which the error was that was raised.
        self.failed: int | None = None

    async def __aenter__(self) -> Self:
        await self._turn.take()
        if self._known is None:
            try:
                await self._meet()
            except BaseException as error:
                await self._leave(error)
                raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._leave(error)

    @property
    def profile(self) -> Profile:
        """The profile that the statements have to be made for, once the exchange is open."""
        if self._known is None:
            raise RuntimeError("the exchange is not open")
        return self._known

    def _opening(self) -> tuple[Step, ...]:
        """What comes before the first statements; the entrance is the last of it."""
        return (self._entrance(),)

    async def _leave(self, error: BaseException | None) -> None:
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

    def _entrance(self) -> Step:
        expected = None if self._known is None else self._known.name
        values = (self._account, self._identity.user, expected)
        if self._read_only:
            return Step(_ENTER_READ_ONLY, values)
        request = get_contextvars().get("request_id")
        return Step(_ENTER, values) if request is None else Step(_ENTER_TO_WRITE, (*values, request))

    async def _meet(self) -> None:
        """Learn the member's profile and what it holds, in a transaction of its own."""
        (told,) = await self._send((Step(_REACHES),), End.COMMIT)
        self._known = self._profiles.learn(self._identity, self._entered_as, orjson.loads(told.get_value(0, 0) or b""))

    async def _send(self, steps: tuple[Step, ...], end: End) -> list[PGresult]:
        entering = not self._entered
        opening = self._opening() if entering else ()
        outcome = await self._outcome((*opening, *steps), end, entering=entering)
        if outcome.error is not None:
            self._entered = False
            self.failed = outcome.failed - len(opening)
            if self.failed < 0:
                self._refuse(outcome.error)
            raise outcome.error
        answers = outcome.answers
        if entering:
            self._entered_as = (answers[len(opening) - 1].get_value(0, 0) or b"").decode()
            bind_contextvars(profile=self._entered_as)
            answers = answers[len(opening) :]
        self._entered = end is End.OPEN
        return answers

    def _refuse(self, error: asyncpg.PostgresError) -> None:
        """Raise what it means that the entrance failed, if that is for us to say."""
        if error.sqlstate == "28000":
            raise Unauthenticated from error
        if error.sqlstate == "U0307":
            self._profiles.forget(self._identity)
            raise ProfileChangedError from error

    async def _outcome(self, steps: tuple[Step, ...], end: End, *, entering: bool) -> Outcome:
        # Nothing has come of an entrance without an answer, unless a commit of changes was on its way with it.
        repeatable = entering and (self._read_only or end is End.OPEN or self._known is None or self.keyed)
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

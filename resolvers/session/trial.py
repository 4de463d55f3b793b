"""A transaction of a member that is always undone: what is done in it can be looked at, and is gone."""

from contextlib import suppress

import asyncpg
from psycopg.pq.abc import PGresult

from resolvers.errors import Unavailable
from resolvers.session.exchange import Exchange
from resolvers.session.pipeline import End, LostError, Step

# In a transaction that begins by itself there are no savepoints. The sync at its end does not end this one: ROLLBACK
# does, and a connection on which it stays open is closed.
_BEGIN = Step("begin", keep=False)


class Trial(Exchange):
    """An exchange that never commits: `last` leaves the transaction open, and leaving rolls back.

    Whatever is made for an exchange runs in it as it is.
    """

    def _opening(self) -> tuple[Step, ...]:
        return (_BEGIN, self._entrance())

    async def _send(self, steps: tuple[Step, ...], end: End) -> list[PGresult]:
        if self._entered and not steps and end is not End.ROLLBACK:
            # To nothing that leaves the transaction open there is no answer.
            return []
        return await super()._send(steps, End.ROLLBACK if end is End.ROLLBACK else End.OPEN)

    async def _leave(self, error: BaseException | None) -> None:
        try:
            # Also where a statement failed, which leaves the transaction open. Who is cancelled leaves the connection
            # as it is, and it is closed.
            if self._connection is not None and (error is None or isinstance(error, Exception)):
                with suppress(asyncpg.PostgresError, Unavailable, LostError):
                    await self._connection.run((), End.ROLLBACK)
            self._entered = False
        finally:
            await super()._leave(error)

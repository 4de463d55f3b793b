"""Jobs: taken from the database, and done batch by batch, each in a transaction of the member who asked for it.

How far a job has come is written with the batch, by the function that does it. So whoever works on it may be killed at
any moment: the job is taken again when its lease has run out, and goes on behind the last batch.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg

from resolvers.errors import Unauthenticated, Unavailable, from_postgres
from resolvers.session import Database, Identity

LEASE = timedelta(seconds=60)
# Seconds of one batch at most; a live worker never outstays its lease.
BATCH_SECONDS = 30.0
# Rows of one batch: some tenths of a second, by which a job that is cancelled or whose member has lost his rights ends.
BATCH_ROWS = 1000
# After what the next attempt may succeed: the first pause, which doubles each time.
PAUSE = timedelta(seconds=2)
LOST = "lost"

_TAKE = "select account_slug, member, job, taken from access.take_job($1)"
_RUN = "select access.run_job($1, $2, $3, $4)"
_LEAVE = "select access.leave_job($1, $2, $3, $4, $5, $6)"
# A lock that was not to be had, a deadlock, a server that goes: of no meaning for the job.
_PASSING = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "53400"})
_TAKEN_OVER = "U0410"
_TOO_LONG = "57014"


@dataclass(slots=True)
class Job:
    """A job that this process has taken, as attempt `taken`; `rows` of the next batch."""

    id: UUID
    identity: Identity
    taken: int
    rows: int = BATCH_ROWS


class Jobs:
    """Jobs of all accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self) -> Job | None:
        """Take the job that has waited longest, for as long as the lease; None where nothing waits."""
        async with self._database.anonymous() as connection:
            found = await connection.fetchrow(_TAKE, LEASE)
        if found is None or found["job"] is None:
            return None
        return Job(found["job"], Identity(found["account_slug"], found["member"]), found["taken"])

    async def step(self, job: Job) -> str:
        """Do the next batch; how the job stands then: running, done, or lost, where it is somebody else's by now.

        What keeps it from being done is written down: the status is then queued, to be tried again, or failed.
        """
        try:
            async with self._database.batch(job.identity, statement_timeout=BATCH_SECONDS) as session:
                status: str = await session.connection.fetchval(_RUN, job.id, job.taken, job.rows, LEASE)
        except Unauthenticated:
            return await self.leave(job, "UNAUTHENTICATED", "Who started it is not an active member any more.")
        except Unavailable:
            return await self.leave(job, Unavailable.code, str(Unavailable()), again=True)
        except asyncpg.PostgresError as error:
            if error.sqlstate == _TAKEN_OVER:
                return LOST
            if error.sqlstate == _TOO_LONG and job.rows > 1:
                # Much hangs on these rows: fewer at a time, from now on.
                job.rows = max(1, job.rows // 8)
                return "running"
            known = from_postgres(error)
            return await self.leave(job, known.code, known.message, again=error.sqlstate in _PASSING)
        return status

    async def leave(self, job: Job, code: str | None = None, reason: str | None = None, *, again: bool = False) -> str:
        """Give the job back, with what went wrong; its status then."""
        account = job.identity.account
        async with self._database.anonymous() as connection:
            status: str | None = await connection.fetchval(
                _LEAVE, account, job.id, job.taken, code, reason, PAUSE if again else None
            )
        return status or LOST

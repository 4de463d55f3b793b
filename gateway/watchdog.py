"""Ends sessions of analysts whose rights have changed (rule C8), and statements that run longer than they may.

A member of the gateway is checked with every transaction; an analyst's session is their own and stays open, so
somebody has to look. The database says who; this asks it, twice a second. Beside that it asks the database now and then
to remove profiles that nobody has any more, jobs that ended long ago, what has been in the trash for long, and
idempotency keys and invitations that are kept no longer.
"""

import asyncio
from datetime import timedelta

import structlog

from gateway.health import Probe
from resolvers.errors import from_postgres
from resolvers.session import Database

INTERVAL = 0.5
TIDYING_INTERVAL = 600.0
_WORST = 10.0

_END_STALE = "select access.end_stale_sessions($1::interval)"
_TIDY = "select access.remove_unused_profiles()"
_FORGET = "select access.forget_answers()"
_FORGOTTEN_AT_ONCE = 10_000
_FORGET_INVITATIONS = "select access.forget_invitations()"
_REMOVE_JOBS = "select access.remove_old_jobs()"
_PURGE = "select access.purge_trash($1::interval)"
# Rounds at a time, each of a thousand rows: the rest comes with the next.
_PURGES = 20

log = structlog.get_logger("cloison.watchdog")


class Watchdog:
    """Two tasks that ask the database: twice a second to end what must end, now and then to remove what is unused."""

    def __init__(self, database: Database, longest: timedelta, kept: timedelta) -> None:
        self._database = database
        self._longest = longest
        self._kept = kept
        self._watching: asyncio.Task[None] | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._failures = 0

    def start(self) -> None:
        """Begin to look and to tidy."""
        self._watching = asyncio.create_task(self._watch())
        self._tidying = asyncio.create_task(self._keep_tidy())

    async def stop(self) -> None:
        """Stop looking and tidying."""
        tasks = [task for task in (self._watching, self._tidying) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> int:
        """Ask once; returns how many sessions were ended."""
        async with self._database.anonymous() as connection:
            ended: int | None = await connection.fetchval(_END_STALE, self._longest)
        return ended or 0

    async def tidy(self) -> int:
        """Remove profiles that no member has had for a day, a thousand at most; returns how many."""
        async with self._database.anonymous() as connection:
            removed: int = await connection.fetchval(_TIDY)
        return removed

    async def forget(self) -> int:
        """Forget idempotency keys and invitations that are kept no longer; returns how many keys."""
        async with self._database.anonymous() as connection:
            await connection.fetchval(_FORGET_INVITATIONS)
        total = 0
        while True:
            async with self._database.anonymous() as connection:
                forgotten: int = await connection.fetchval(_FORGET)
            total += forgotten
            if forgotten < _FORGOTTEN_AT_ONCE:
                return total

    async def remove_old_jobs(self) -> int:
        """Remove jobs that ended a month ago, a hundred at most; returns how many."""
        async with self._database.anonymous() as connection:
            removed: int = await connection.fetchval(_REMOVE_JOBS)
        return removed

    async def purge(self) -> int:
        """Remove from the trash what was deleted too long ago, some twenty thousand rows at most; returns how many."""
        purged = 0
        for _ in range(_PURGES):
            async with self._database.anonymous() as connection:
                found: int = await connection.fetchval(_PURGE, self._kept)
            purged += found
            if not found:
                break
        return purged

    def probe(self) -> Probe:
        """Tell whether looking works. Tidying that fails keeps nobody from being served."""

        async def answer() -> str | None:
            running = self._watching is not None and not self._watching.done()
            return None if running and not self._failures else "sessions of analysts are not being watched"

        return answer

    async def _watch(self) -> None:
        while True:
            try:
                if ended := await self.look():
                    log.info("analysts' sessions ended", sessions=ended)
                if self._failures:
                    log.info("watching again")
                self._failures = 0
            except Exception as error:  # noqa: BLE001 - whatever happens to one look, there is a next
                if not self._failures:
                    log.warning("cannot watch analysts' sessions", code=from_postgres(error).code)
                self._failures += 1
            await asyncio.sleep(min(INTERVAL * 2**self._failures, _WORST) if self._failures else INTERVAL)

    async def _keep_tidy(self) -> None:
        while True:
            try:
                if removed := await self.tidy():
                    log.info("unused profiles removed", profiles=removed)
                if removed := await self.remove_old_jobs():
                    log.info("old jobs removed", jobs=removed)
            except Exception as error:  # noqa: BLE001 - it can wait until the next time
                log.warning("cannot remove what is unused", code=from_postgres(error).code)
            try:
                if purged := await self.purge():
                    log.info("trash purged", rows=purged)
            except Exception as error:  # noqa: BLE001 - the same
                log.warning("cannot purge the trash", code=from_postgres(error).code)
            try:
                if forgotten := await self.forget():
                    log.info("idempotency keys forgotten", keys=forgotten)
            except Exception as error:  # noqa: BLE001 - the same
                log.warning("cannot forget idempotency keys and invitations", code=from_postgres(error).code)
            await asyncio.sleep(TIDYING_INTERVAL)

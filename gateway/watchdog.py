"""Ends sessions of analysts whose rights have changed (rule C8), and statements that run longer than they may.

A member of the gateway is checked with every transaction; an analyst's session is their own and stays open, so
somebody has to look. The database says who; this asks it, twice a second.
"""

import asyncio
from datetime import timedelta

import structlog

from gateway.health import Probe
from resolvers.errors import from_postgres
from resolvers.session import Database

INTERVAL = 0.5
_WORST = 10.0

_END_STALE = "select access.end_stale_sessions($1::interval)"

log = structlog.get_logger("cloison.watchdog")


class Watchdog:
    """A task that asks the database, twice a second, to end what must end."""

    def __init__(self, database: Database, longest: timedelta) -> None:
        self._database = database
        self._longest = longest
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> int:
        """Ask once; returns how many sessions were ended."""
        async with self._database.anonymous() as connection:
            ended: int | None = await connection.fetchval(_END_STALE, self._longest)
        return ended or 0

    def probe(self) -> Probe:
        """Tell whether looking works."""

        async def answer() -> str | None:
            running = self._task is not None and not self._task.done()
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

"""Works on jobs while the process serves: so many at a time, each a task that takes a job and does it batch by batch.

Whoever looks for work asks the database once a second, by an index in which there are open jobs alone. A job is given
back after some seconds, so that many of them go forward side by side, whoever started them.
"""

import asyncio
import time
from contextlib import suppress

import structlog

from resolvers.errors import from_postgres
from resolvers.jobs import Job, Jobs
from resolvers.session import Database

INTERVAL = 1.0
TURN_SECONDS = 5.0
# A lease that nobody could renew, or a server that cannot be reached: seconds until the next look.
_AFTER_FAILURE = 5.0

log = structlog.get_logger("cloison.jobs")


class Workers:
    """Tasks that work on jobs, `count` of them."""

    def __init__(self, database: Database, count: int) -> None:
        self._jobs = Jobs(database)
        self._count = count
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to look for work."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._count)]

    async def stop(self, grace: float) -> None:
        """Give jobs back after the batch at hand; one that takes longer than `grace` seconds is undone."""
        self._stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self) -> None:
        failing = False
        while not self._stopping.is_set():
            try:
                job = await self._jobs.take()
                if job is not None:
                    await self._go_on(job)
                pause = 0.0 if job is not None else INTERVAL
                failing = False
            except Exception as error:  # noqa: BLE001 - whatever happens to one job, there is a next; its lease runs out
                if not failing:
                    log.warning("cannot work on jobs", code=from_postgres(error).code)
                failing, pause = True, _AFTER_FAILURE
            if pause:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), pause)

    async def _go_on(self, job: Job) -> None:
        """Work on a job until its end, or until it is another's turn."""
        turn = time.monotonic() + TURN_SECONDS
        status = "running"
        try:
            while status == "running" and time.monotonic() < turn and not self._stopping.is_set():
                status = await self._jobs.step(job)
        finally:
            if status == "running":
                await self._jobs.leave(job)
        if status not in ("running", "lost"):
            log.info("job", job=str(job.id), status=status)

"""A time limit that costs next to nothing when it is met, where asyncio's own costs more than to read a small body."""

import asyncio
from types import TracebackType


class Deadline:
    """Cancels the task that is within after so many seconds, and then raises TimeoutError."""

    __slots__ = ("_expired", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._expired = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("no task to cancel")
        self._task = task
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        # Ours alone, or also somebody else's, who then has to see it.
        if self._expired and self._task.uncancel() == 0 and isinstance(error, asyncio.CancelledError):
            raise TimeoutError from error

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()

"""Places: so many at a time, and a line for who comes later."""

import asyncio
from collections import deque
from contextlib import suppress


class Places:
    """A number of places. Who gives one gives it to the first in line, past whom nobody gets."""

    __slots__ = ("_free", "_most", "_waiting")

    def __init__(self, most: int) -> None:
        self._most = most
        self._free = most
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def unused(self) -> bool:
        """Whether nobody has a place."""
        return self._free == self._most

    def take_free(self) -> bool:
        """Take a place if one is free."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self, seconds: float) -> None:
        """Take the place that becomes free; TimeoutError when none does in time."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append(future)
        # Half of the cost of asyncio's own timeout, where under load every other request waits.
        timer = loop.call_later(seconds, _expire, future)
        try:
            await future
        except BaseException:
            if future.done() and not future.cancelled() and future.exception() is None:
                # It came after all, but too late for who stood here.
                self.give()
            else:
                with suppress(ValueError):
                    self._waiting.remove(future)
            raise
        finally:
            timer.cancel()

    def give(self) -> None:
        """Give a place to the first in line, or leave it free."""
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(None)
                return
        self._free += 1


def _expire(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_exception(TimeoutError())

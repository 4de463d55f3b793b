"""Turns: how many transactions of one user are open at a time."""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary

from resolvers.errors import LimitExceeded


class Turn:
    """Leave for one more transaction of a user."""

    __slots__ = ("_most", "_semaphore", "_timeout")

    def __init__(self, semaphore: asyncio.Semaphore, most: int, timeout: float) -> None:
        self._semaphore = semaphore
        self._most = most
        self._timeout = timeout

    async def take(self) -> None:
        """Wait for it; LimitExceeded when it does not come in time."""
        if not self._semaphore.locked():
            await self._semaphore.acquire()
            return
        try:
            async with asyncio.timeout(self._timeout):
                await self._semaphore.acquire()
        except TimeoutError:
            raise LimitExceeded("open_requests", self._most) from None

    def give(self) -> None:
        """Let another transaction have it."""
        self._semaphore.release()


class Turns:
    """The turns of all users; `most` at a time for each, within `timeout` seconds."""

    def __init__(self, most: int, timeout: float) -> None:
        self._most = most
        self._timeout = timeout
        # Lives as long as somebody holds or awaits a turn.
        self._semaphores: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, user: UUID) -> Turn:
        """The next turn of a user."""
        semaphore = self._semaphores.get(user)
        if semaphore is None:
            semaphore = self._semaphores[user] = asyncio.Semaphore(self._most)
        return Turn(semaphore, self._most, self._timeout)

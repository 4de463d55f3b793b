"""Work for a client that may go away before it is done."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from starlette.types import Receive, Scope

from gateway.http import ClientGoneError
from gateway.protocol import Client, client_of

T = TypeVar("T")

# Most answers are out before anybody would look. Those that are not are worth a task that does; and what a client that
# went away has left undone for longer is worth a cancellation.
_PATIENCE = 0.02


async def while_connected(scope: Scope, receive: Receive, work: Coroutine[object, object, T]) -> T:
    """Await `work`, and cancel it when the client closes the connection: then ClientGoneError.

    The body must have been received: what comes next can only be the end of the connection.
    """
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("no task to cancel")
    client = client_of(scope)
    watch = _Told(task, client) if client is not None else _Looking(task, receive)
    try:
        return await work
    except asyncio.CancelledError:
        # Ours alone, or also somebody else's, who then has to see it.
        if watch.gone and task.uncancel() == 0:
            raise ClientGoneError from None
        raise
    finally:
        watch.end()


class _Told:
    """Is told by the server that the client has gone; it costs nothing while they stay."""

    __slots__ = ("_client", "_task", "_timer", "gone")

    def __init__(self, task: "asyncio.Task[object]", client: Client) -> None:
        self.gone = False
        self._task = task
        self._client = client
        self._timer: asyncio.TimerHandle | None = None
        client.when_gone = self._begin
        client.listen()
        if client.gone:
            self._begin()

    def end(self) -> None:
        self._client.when_gone = None
        if self._timer is not None:
            self._timer.cancel()

    def _begin(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self._leave)

    def _leave(self) -> None:
        self.gone = True
        self._task.cancel()


class _Looking:
    """Looks whether the client has gone, where nobody tells."""

    __slots__ = ("_receive", "_task", "_timer", "_watcher", "gone")

    def __init__(self, task: "asyncio.Task[object]", receive: Receive) -> None:
        self.gone = False
        self._task = task
        self._receive = receive
        self._watcher: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self._begin)

    def end(self) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _begin(self) -> None:
        self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self._task.cancel()

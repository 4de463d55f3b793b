"""Work for a client that may go away before it is done."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from starlette.types import Receive

from gateway.http import ClientGoneError

T = TypeVar("T")

# Most answers are out before anybody would look; those that are not are worth a task that does.
_PATIENCE = 0.02


async def while_connected(receive: Receive, work: Coroutine[object, object, T]) -> T:
    """Await `work`, and cancel it when the client closes the connection: then ClientGoneError.

    The body must have been received: what comes next can only be the end of the connection.
    """
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("no task to cancel")
    gone = False
    watcher: asyncio.Task[None] | None = None

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        task.cancel()

    def begin() -> None:
        nonlocal watcher
        watcher = asyncio.create_task(watch())

    timer = asyncio.get_running_loop().call_later(_PATIENCE, begin)
    try:
        return await work
    except asyncio.CancelledError:
        # Ours alone, or also somebody else's, who then has to see it.
        if gone and task.uncancel() == 0:
            raise ClientGoneError from None
        raise
    finally:
        timer.cancel()
        if watcher is not None:
            watcher.cancel()

"""uvicorn's HTTP protocol with bounds that it lacks: on the length of a request's head, and on the time that it takes.

Without them, a client that never comes to the end of its headers is kept for ever, and all that it sends with it.
Beside that, it is spared what a small request need not pay for: an answer is one write, where uvicorn writes twice; the
whole of it can be given at once, and a body that is there be taken, without ASGI's messages; and times are kept by
timers that requests share.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

# In the extensions of a scope: the client of this request, a `Client`.
CLIENT = "cloison.client"


class Gathering:
    """A transport that sends what is written in one turn of the event loop at once; all else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send data, in this turn."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def write_now(self, data: bytes) -> None:
        """Send data behind what was written before, without waiting for more."""
        if self._parts:
            self._parts.append(data)
            self._flush()
        elif not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """Send what was written, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            self._parts.clear()
            if not self._transport.is_closing():
                self._transport.write(data)


class Client:
    """Who waits for the answer to one request, and what can be had of them more cheaply than by ASGI's messages."""

    __slots__ = ("_cycle", "_transport", "when_gone")

    def __init__(self, cycle: RequestResponseCycle, transport: Gathering) -> None:
        self._cycle = cycle
        self._transport = transport
        # Called when the connection is lost before the answer is out.
        self.when_gone: Callable[[], None] | None = None

    @property
    def gone(self) -> bool:
        """Whether the connection is lost."""
        return self._cycle.disconnected

    def body(self) -> bytes | None:
        """The body, if the whole of it has come."""
        cycle = self._cycle
        return None if cycle.more_body else bytes(cycle.body)

    def answer(self, status: int, head: bytes, body: bytes) -> bool:
        """Send a whole answer; False where that takes more than writing it, so that it has to go the usual way.

        `head`: lines of headers, with `content-length`; they must have been looked at.
        """
        cycle = self._cycle
        if cycle.response_started or cycle.disconnected or not cycle.keep_alive or cycle.flow.write_paused:
            return False
        if cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.message_event.set()
        own = b"".join([b"%b: %b\r\n" % header for header in cycle.default_headers])
        self._transport.write_now(b"%b%b%b\r\n%b" % (STATUS_LINE[status], own, head, body))
        cycle.on_response()
        return True

    def listen(self) -> None:
        """Go on reading, which a large body has stopped: else nobody would notice that the connection is lost."""
        self._cycle.flow.resume_reading()

    def leave(self) -> None:
        """Say that the connection is lost."""
        # uvicorn says so to the last request only, where a client has sent several at once.
        self._cycle.disconnected = True
        if self.when_gone is not None:
            self.when_gone()
        self.forget()

    def forget(self) -> None:
        """Let go of the request, which refers back here: who is in no circle needs no garbage collector."""
        self._cycle.scope.pop("extensions", None)


def client_of(scope: Mapping[str, Any]) -> Client | None:
    """The client, where the server is ours."""
    client: Client | None = scope.get("extensions", {}).get(CLIENT)
    return client


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a head of more than `head_bytes`, and closes a connection whose head takes longer than `head_seconds`.

    Of what is neither head nor a body that somebody waits for (trailers, sizes of chunks, the rest of a refused body)
    it takes `beside_bytes`.
    """

    head_bytes = 64 * 1024
    beside_bytes = 1024 * 1024
    head_seconds = 30.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_head = True
        self._head = 0
        self._beside = 0
        self._timer: asyncio.TimerHandle | None = None
        # Of requests that are not answered yet, in their order, which is that of the answers.
        self._clients: deque[Client] = deque()
        self._idle_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._gathering = Gathering(transport, self.loop)
        self.transport = self._gathering  # type: ignore[assignment]
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting, and tell those who work for the client."""
        self._stop_waiting()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)
        while self._clients:
            self._clients.popleft().leave()

    def data_received(self, data: bytes) -> None:
        """Parse, and count what has not become a whole head."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._timer is None:
                self._wait_for_head()
            if self._head > self.head_bytes and not self.transport.is_closing():
                self.send_400_response("The head of the request is too long.")
        else:
            self._beside += len(data)
            if self._beside > self.beside_bytes:
                self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a head, of the first or of a later request."""
        super().on_message_begin()
        self._idle_since = None
        self._in_head = True
        self._head = 0
        self._beside = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer comes the same way, and is none."""
        if self._in_head:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        if not self.cycle.response_complete:
            self._beside -= len(body)
        super().on_body(body)

    def on_headers_complete(self) -> None:
        """End a head."""
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()
        # It is the one before when this is the beginning of something else than HTTP.
        if getattr(self.cycle, "scope", None) is self.scope:
            client = Client(self.cycle, self._gathering)
            self._clients.append(client)
            self.scope["extensions"] = {CLIENT: client}

    def on_response_complete(self) -> None:
        """Go on with what the client has sent meanwhile, or wait for it."""
        if self._clients:
            self._clients.popleft().forget()
        if self.pipeline:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            self._idle_since = self.loop.time()
            if self.timeout_keep_alive_task is None:
                self._wait_for_request(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which there was nothing to do for long; look again where there was."""
        self.timeout_keep_alive_task = None
        if self._idle_since is not None:
            left = self._idle_since + self.timeout_keep_alive - self.loop.time()
            if left > 0:
                self._wait_for_request(left)
            else:
                super().timeout_keep_alive_handler()

    def _unset_keepalive_if_required(self) -> None:
        # The timer goes on: it is cheaper to let it find out than to have another one for each request. And what comes
        # may be no request at all.
        pass

    def _wait_for_request(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _wait_for_head(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        self.transport.close()

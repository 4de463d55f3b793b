"""What surrounds every request: its id, the headers of its answer, and its line in the log.

One layer, since each costs every request.
"""

import re
import time
from contextvars import ContextVar
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import STRUCTLOG_KEY_PREFIX, clear_contextvars
from uuid_utils import uuid7

from gateway import http
from gateway.headers import Lines, secured, secured_text
from gateway.protocol import client_of
from resolvers.errors import GatewayError, from_postgres

REQUEST_ID_HEADER = "x-request-id"
FACTS = "cloison.facts"

_REQUEST_ID = REQUEST_ID_HEADER.encode()
# What `bind_contextvars(request_id=...)` sets, after looking it up by its name.
_BOUND_ID: ContextVar[str] = ContextVar(STRUCTLOG_KEY_PREFIX + "request_id")
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger("cloison.request")


class Edge:
    """Gives each request an id, tells the client, and logs one line when the answer is out.

    What a line shall say besides is added by whoever answers, to the dictionary in `scope[FACTS]`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = time.perf_counter()
        request_id = _request_id(scope["headers"])
        facts: dict[str, Any] = {}
        scope[FACTS] = facts
        clear_contextvars()
        _BOUND_ID.set(request_id.decode())
        answer = _Answer(scope, send, request_id)
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            # Half an answer is ended by whoever serves, with the connection.
            if answer.begun and not answer.complete:
                raise
            problem = from_postgres(error)
            facts["code"] = problem.code
            if not answer.begun:
                await answer.refuse(problem)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=answer.status,
                milliseconds=round((time.perf_counter() - started) * 1000, 2),
                **facts,
            )


class _Answer:
    """Completes the headers of one answer on its way out; what comes in one piece goes out in one."""

    __slots__ = ("_headers", "_request_id", "_scope", "_send", "begun", "complete", "status")

    def __init__(self, scope: Scope, send: Send, request_id: bytes) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._headers: Lines | None = None
        self.status: int | None = None
        self.begun = False
        self.complete = False

    async def refuse(self, problem: GatewayError) -> None:
        """Answer in place of whatever failed before anything of its answer was out."""
        answer = http.refusal([http.formatted(problem)], http.MediaType.RESPONSE)
        headers = [(b"content-type", answer.media_type.encode()), (b"content-length", b"%d" % len(answer.body))]
        await self.send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
        await self.send({"type": "http.response.body", "body": answer.body})

    async def send(self, message: Message) -> None:
        """Pass on one message; the head waits for what follows it."""
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            self._headers = [*message.get("headers", ()), (_REQUEST_ID, self._request_id)]
            return
        self.begun = True
        self.complete = kind == "http.response.body" and not message.get("more_body")
        if self._headers is not None:
            headers, self._headers = self._headers, None
            tls = self._scope["scheme"] == "https"
            if self.complete and self._at_once(headers, message, tls):
                return
            await self._send(
                {"type": "http.response.start", "status": self.status, "headers": secured(headers, tls=tls)}
            )
        await self._send(message)

    def _at_once(self, headers: Lines, message: Message, tls: bool) -> bool:
        client = client_of(self._scope)
        if client is None:
            return False
        head = secured_text(headers, tls=tls)
        return head is not None and client.answer(self.status or 0, head, message.get("body", b""))


def _request_id(headers: Lines) -> bytes:
    for name, value in headers:
        if name == _REQUEST_ID:
            if _SANE_ID.fullmatch(value):
                return value
            break
    return uuid7().hex.encode()

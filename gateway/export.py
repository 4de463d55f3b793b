"""Files of rows: POST /export/{module}.csv or .jsonl, streamed under the member's policies.

What fails before the first row is answered with a status and an error, as GraphQL's are. What fails later cannot be:
the connection is closed before the end of the body, so that no client takes what it has for the whole. The headers tell
how many rows there are to come.
"""

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.types import Receive, Scope, Send

from gateway import http, limits
from gateway.auth import Authenticator
from gateway.deadline import Deadline
from gateway.disconnect import while_connected
from gateway.edge import FACTS
from gateway.files import Csv, JsonLines
from gateway.headers import RequestHeaders
from gateway.http import Answer, BadRequestError, ClientGoneError, MediaType
from gateway.limits import Guard
from gateway.protocol import client_of
from resolvers.compiler.exporting import Order
from resolvers.errors import BadUserInput, LimitExceeded, NotFound, RequestErrors, from_postgres
from resolvers.export_forms import form
from resolvers.exports import STALL_SECONDS, Exports, RightsChangedError, Stream
from resolvers.session import Identity

ROWS_HEADER = "x-cloison-rows"
LEFT_OUT_HEADER = "x-cloison-left-out"

_WISHES = frozenset({"where", "orderBy", "columns", "spreadsheet"})
_FORMATS: dict[str, Callable[[bool], Csv | JsonLines]] = {"csv": Csv, "jsonl": lambda _: JsonLines()}


class BrokenOffError(Exception):
    """A file ends before its end; why is in the log."""


class ExportEndpoint:
    """ASGI application of `/export/{module}.{form}`."""

    def __init__(self, exports: Exports, authenticator: Authenticator, guard: Guard) -> None:
        self._exports = exports
        self._authenticator = authenticator
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        facts: dict[str, Any] = scope.setdefault(FACTS, {})
        answering = _Answering(send)
        try:
            await self._serve(scope, receive, answering, facts)
        except ClientGoneError:
            facts["outcome"] = "client gone"
        except BadRequestError as error:
            facts["code"] = error.error.code
            await answering.whole(http.malformed(error, MediaType.JSON))
        except RequestErrors as error:
            facts["code"] = BadUserInput.code
            await answering.whole(http.refusal([dict(each.formatted) for each in error.errors], MediaType.RESPONSE))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an id and the log the rest
            await self._fail(error, answering, facts)

    async def _fail(self, error: Exception, answering: "_Answering", facts: dict[str, Any]) -> None:
        if isinstance(error, RightsChangedError):
            facts["outcome"] = "rights changed"
        elif isinstance(error, TimeoutError):
            facts["outcome"] = "too slow"
            error = LimitExceeded("export_timeout", self._exports.timeout)
        if answering.begun:
            if not isinstance(error, RightsChangedError):
                facts["code"] = from_postgres(error).code
            raise BrokenOffError(str(facts.get("code") or facts["outcome"])) from None
        problem = from_postgres(error)
        facts["code"] = problem.code
        answer = http.refusal([http.formatted(problem)], MediaType.RESPONSE)
        if problem.extensions.get("limit") == "open_exports":
            answer = answer._replace(status=HTTPStatus.TOO_MANY_REQUESTS)
        await answering.whole(answer)

    async def _serve(self, scope: Scope, receive: Receive, answering: "_Answering", facts: dict[str, Any]) -> None:
        if scope["method"] != "POST":
            raise BadRequestError(HTTPStatus.METHOD_NOT_ALLOWED, "Use POST.", allow="POST")
        headers = RequestHeaders(scope["headers"])
        identity = await self._authenticator.identify(headers)
        module, suffix = scope["path_params"]["module"], scope["path_params"]["form"]
        wishes = await self._wishes(scope, headers, receive)
        if suffix not in _FORMATS:
            raise NotFound("There are files ending in .csv and .jsonl.", requestable=False)
        spreadsheet = wishes.pop("spreadsheet", True)
        if not isinstance(spreadsheet, bool):
            raise BadUserInput(fields={"spreadsheet": "is true or false"})
        order = self._order(module, wishes)
        facts["operation"] = f"export {module}"
        with Deadline(self._exports.timeout):
            await while_connected(
                scope, receive, self._stream(identity, order, _FORMATS[suffix](spreadsheet), answering, facts)
            )

    async def _wishes(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> dict[str, Any]:
        http.check_content_type(headers.get("content-type"), headers.get("content-encoding"))
        client = client_of(scope)
        body = await http.read_body(
            receive,
            headers.get("content-length"),
            self._guard.limits.body,
            limits.BODY_SECONDS,
            client.body() if client is not None else None,
        )
        wishes = http.decode(body)
        if not isinstance(wishes, dict):
            raise BadRequestError(HTTPStatus.BAD_REQUEST, "A request is a JSON object.")
        self._guard.json(wishes, body)
        if unknown := sorted(set(wishes) - _WISHES):
            raise BadUserInput(fields={unknown[0][:100]: f"is none of {', '.join(sorted(_WISHES))}"})
        return wishes

    def _order(self, module: str, wishes: dict[str, Any]) -> Order:
        wanted = form(module)
        columns = wishes.pop("columns", None)
        if columns is not None and not (isinstance(columns, list) and all(isinstance(each, str) for each in columns)):
            raise BadUserInput(fields={"columns": "is a list of names"})
        self._guard.variables(self._guard.document(wanted.document)[None], wishes)
        return wanted.order(columns, wishes)

    async def _stream(
        self, identity: Identity, order: Order, file: Csv | JsonLines, answering: "_Answering", facts: dict[str, Any]
    ) -> None:
        async with self._exports.open(order, identity) as stream:
            facts["rows"], facts["left_out"] = stream.exported, stream.left_out
            await answering.begin(_head(stream, file))
            await answering.part(file.head(order.columns))
            async for batch in stream.batches():
                # A client that takes nothing for so long keeps a snapshot from which nothing can be cleaned away.
                with Deadline(STALL_SECONDS):
                    await answering.part(file.lines(order.columns, batch))
        await answering.end()


def _head(stream: Stream, file: Csv | JsonLines) -> list[tuple[bytes, bytes]]:
    now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"{stream.order.module.name}-{now}.{file.suffix}"
    headers = {
        "content-type": file.media_type,
        "content-disposition": f'attachment; filename="{name}"',
        ROWS_HEADER: str(stream.exported),
        LEFT_OUT_HEADER: str(stream.left_out),
    }
    return [(key.encode(), value.encode()) for key, value in headers.items()]


class _Answering:
    """One answer, whole or in parts."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def whole(self, answer: Answer) -> None:
        headers = [(b"content-type", MediaType.JSON.encode()), (b"content-length", b"%d" % len(answer.body))]
        headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await self._send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
        await self._send({"type": "http.response.body", "body": answer.body})

    async def begin(self, headers: list[tuple[bytes, bytes]]) -> None:
        self.begun = True
        await self._send({"type": "http.response.start", "status": int(HTTPStatus.OK), "headers": headers})

    async def part(self, content: bytes) -> None:
        await self._send({"type": "http.response.body", "body": content, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

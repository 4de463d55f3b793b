"""GraphQL over HTTP: from an HTTP request to the parameters of a GraphQL request, and back to an answer.

Follows the GraphQL-over-HTTP specification. Under `application/graphql-response+json` the status tells what happened;
under `application/json`, which legacy clients may get from anybody on the way, a well-formed request has status 200
unless it was not let in or the service is away.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from gateway.deadline import Deadline
from resolvers.errors import BadUserInput, GatewayError, LimitExceeded

_BOM = b"\xef\xbb\xbf"

_STATUS = {
    "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "CONFLICT": HTTPStatus.CONFLICT,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "INTERNAL": HTTPStatus.INTERNAL_SERVER_ERROR,
}
# Not about the contents of the request, so said by the status whatever the media type.
_ALWAYS = frozenset({"UNAUTHENTICATED", "UNAVAILABLE"})
_HEADERS = {
    "UNAUTHENTICATED": {"www-authenticate": 'Bearer realm="cloison"'},
    "UNAVAILABLE": {"retry-after": "1"},
}


HTML = "text/html"


class MediaType(StrEnum):
    """What an answer can be."""

    RESPONSE = "application/graphql-response+json"
    JSON = "application/json"


class Parameters(NamedTuple):
    """A well-formed GraphQL-over-HTTP request."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Answer(NamedTuple):
    """An HTTP response."""

    status: int
    body: bytes
    media_type: str = MediaType.JSON
    headers: Mapping[str, str] = _NO_HEADERS


class BadRequestError(Exception):
    """An HTTP request that is no well-formed GraphQL-over-HTTP request; `status` says why, whatever is accepted."""

    def __init__(self, status: HTTPStatus, error: str | GatewayError, **headers: str) -> None:
        self.error = BadUserInput(error) if isinstance(error, str) else error
        super().__init__(self.error.message)
        self.status = status
        self.headers = headers


class ClientGoneError(Exception):
    """The client closed the connection before it had its answer."""


@lru_cache(maxsize=256)
def negotiate(accept: str | None) -> MediaType | None:
    """Choose the media type of the answer; None when the client takes neither."""
    ranges = list(_ranges(accept or "*/*"))
    choices = []
    for kind in MediaType:
        matching = [
            (precise, -position, quality)
            for position, (name, quality, precise) in enumerate(ranges)
            if name in {kind, "application/*", "*/*"}
        ]
        if matching:
            precise, earliness, quality = max(matching)
            # Of equals the first that is named; whoever would take anything gets what every client can read.
            choices.append(((quality, precise == 2, earliness, kind is MediaType.JSON), kind))
    rank, kind = max(choices, default=((0.0, False, 0, False), MediaType.JSON))
    return kind if rank[0] > 0 else None


def accepts_html(accept: str | None) -> bool:
    """Whether the client is a browser that opens a page."""
    return any(name in {"text/html", "application/xhtml+xml"} and q > 0 for name, q, _ in _ranges(accept or ""))


def _ranges(accept: str) -> Iterable[tuple[str, float, int]]:
    """Media ranges of an Accept header: name, quality, and how precise it is (0 to 2)."""
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key == "q":
                try:
                    quality = min(1.0, max(0.0, float(value)))
                except ValueError:
                    quality = 0.0
            elif key == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
                quality = 0.0
        if name:
            yield name, quality, 2 - name.count("*")


@lru_cache(maxsize=256)
def check_content_type(content_type: str | None, encoding: str | None) -> None:
    """Refuse (415) a body that is not plain JSON in UTF-8."""
    name, *parameters = (piece.strip().lower() for piece in (content_type or "").split(";"))
    charsets = [value.strip('"') for key, _, value in (p.partition("=") for p in parameters) if key == "charset"]
    if name != MediaType.JSON:
        raise BadRequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json.")
    if any(charset not in {"utf-8", "utf8"} for charset in charsets):
        raise BadRequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body in UTF-8.")
    if encoding not in {None, "", "identity"}:
        raise BadRequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body without content encoding.")


async def read_body(
    receive: Receive, announced: str | None, most: int, seconds: float, there: bytes | None = None
) -> bytes:
    """Read a body of at most `most` bytes within so many seconds, and none of a longer one that says so.

    `there`: a body that need not be waited for. ClientGoneError if it breaks off.
    """
    if announced is not None and announced.isdecimal():
        _at_most(most, int(announced[:15]))
    if there is not None:
        _at_most(most, len(there))
        return there
    chunks: list[bytes] = []
    size = 0
    try:
        with Deadline(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                chunk = message.get("body", b"")
                size += len(chunk)
                _at_most(most, size)
                chunks.append(chunk)
                if not message.get("more_body", False):
                    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
    except TimeoutError:
        raise BadRequestError(
            HTTPStatus.REQUEST_TIMEOUT, "The body did not come to its end.", connection="close"
        ) from None


def _at_most(most: int, size: int) -> None:
    if size > most:
        # What is not read stays in the connection, which can serve nothing else then.
        error = LimitExceeded("body", most, size)
        raise BadRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error, connection="close")


def decode(body: bytes) -> Any:
    """Decode a body of JSON."""
    try:
        return orjson.loads(body.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from None


def decode_query_string(query_string: bytes) -> dict[str, Any]:
    """Decode the parameters of a GET request; JSON in those that hold JSON."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=16,
        )
    except ValueError:
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "The query string cannot be read.") from None
    parameters: dict[str, Any] = dict(pairs)
    if len(parameters) < len(pairs):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "A parameter is given twice.")
    for name in ("variables", "extensions"):
        if given := parameters.get(name):
            try:
                parameters[name] = orjson.loads(given)
            except orjson.JSONDecodeError:
                raise BadRequestError(HTTPStatus.BAD_REQUEST, f"Parameter '{name}' is not JSON.") from None
        else:
            parameters.pop(name, None)
    # In a URL, the empty string is how one says that there is none.
    parameters["operationName"] = parameters.get("operationName") or None
    return parameters


def parameters(decoded: Any) -> Parameters:
    """Check names and types of a request's parameters."""
    if not isinstance(decoded, dict):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "A request is a JSON object.")
    query = decoded.get("query")
    name = decoded.get("operationName")
    variables = decoded.get("variables")
    extensions = decoded.get("extensions")
    if not isinstance(query, str):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "Parameter 'query' must be a string.")
    if name is not None and not isinstance(name, str):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "Parameter 'operationName' must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "Parameter 'variables' must be an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequestError(HTTPStatus.BAD_REQUEST, "Parameter 'extensions' must be an object.")
    return Parameters(query, name, variables)


def success(data: orjson.Fragment | None, errors: list[dict[str, Any]], media_type: MediaType) -> Answer:
    """Answer with the result of an execution, with or without errors of fields."""
    content: dict[str, Any] = {"errors": errors, "data": data} if errors else {"data": data}
    return Answer(HTTPStatus.OK, orjson.dumps(content, default=str), media_type)


def refusal(errors: list[dict[str, Any]], media_type: MediaType) -> Answer:
    """Answer with why a well-formed request was not executed."""
    code = next((str(error.get("extensions", {}).get("code")) for error in errors), "INTERNAL")
    status = _STATUS.get(code, HTTPStatus.BAD_REQUEST)
    if media_type is MediaType.JSON and code not in _ALWAYS:
        status = HTTPStatus.OK
    return Answer(status, orjson.dumps({"errors": errors}, default=str), media_type, _HEADERS.get(code, _NO_HEADERS))


def formatted(error: GatewayError) -> dict[str, Any]:
    """An error as GraphQL shows it."""
    return {"message": error.message, "extensions": error.extensions}


def malformed(error: BadRequestError, media_type: MediaType) -> Answer:
    """Answer with why a request is not well-formed."""
    return Answer(error.status, orjson.dumps({"errors": [formatted(error.error)]}), media_type, error.headers)

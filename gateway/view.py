"""The GraphQL endpoint.

A known operation goes through here in a straight line: decode the body, look the operation up, judge and bind its
variables, run its statement, put the database's JSON into the answer. Only a document that is seen for the first time
is parsed, measured and validated.
"""

from collections import OrderedDict
from http import HTTPStatus
from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLError, Visitor, visit
from starlette.types import Receive, Scope, Send

from gateway import http, limits
from gateway.auth import Authenticator
from gateway.disconnect import while_connected
from gateway.edge import FACTS
from gateway.headers import RequestHeaders
from gateway.http import Answer, BadRequestError, ClientGoneError, MediaType, Parameters
from gateway.limits import Guard
from gateway.measure import Measure
from gateway.protocol import client_of
from resolvers.errors import BadUserInput, GatewayError, LimitExceeded, RequestErrors, from_postgres
from resolvers.operations import Compiler, Operation, Request, Result
from resolvers.session import Database, Exchange, Identity

_REMEMBERED = 1000
_REMEMBERED_ANSWERS = 16
_CONTENT_TYPES = {kind: f"{kind}; charset=utf-8".encode() for kind in (*MediaType, http.HTML)}

Key = tuple[str, str | None]


class GraphQLEndpoint:
    """ASGI application of one path: POST, and GET for queries."""

    def __init__(
        self,
        database: Database,
        compiler: Compiler,
        authenticator: Authenticator,
        guard: Guard,
        *,
        introspection: bool = True,
        page: Answer | None = None,
    ) -> None:
        self._database = database
        self._compiler = compiler
        self._authenticator = authenticator
        self._guard = guard
        self._introspection = introspection
        self._page = page
        self._measures: OrderedDict[Key, Measure] = OrderedDict()
        self._answers: OrderedDict[Key, Result] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        facts: dict[str, Any] = scope.setdefault(FACTS, {})
        try:
            answer = await self._answer(scope, receive, facts)
        except ClientGoneError:
            facts["outcome"] = "client gone"
            return
        facts["bytes"] = len(answer.body)
        headers = [
            (b"content-type", _CONTENT_TYPES[answer.media_type]),
            (b"content-length", b"%d" % len(answer.body)),
        ]
        if answer.headers:
            headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive, facts: dict[str, Any]) -> Answer:
        headers = RequestHeaders(scope["headers"])
        accept = ",".join(headers.getlist("accept")) or None
        if scope["method"] == "GET" and self._page and not scope["query_string"] and http.accepts_html(accept):
            return self._page
        accepted = http.negotiate(accept)
        media_type = accepted or MediaType.JSON
        try:
            if accepted is None:
                raise BadRequestError(HTTPStatus.NOT_ACCEPTABLE, f"Accept {' or '.join(MediaType)}.")
            return await self._graphql(scope, headers, receive, media_type, facts)
        except ClientGoneError:
            raise
        except BadRequestError as error:
            facts["code"] = error.error.code
            return http.malformed(error, media_type)
        except RequestErrors as error:
            facts["code"] = BadUserInput.code
            return http.refusal([dict(found.formatted) for found in error.errors], media_type)
        except GatewayError as error:
            return self._refuse(error, media_type, facts)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an id and the log the rest
            return self._refuse(from_postgres(error), media_type, facts)

    def _refuse(self, error: GatewayError, media_type: MediaType, facts: dict[str, Any]) -> Answer:
        facts["code"] = error.code
        if isinstance(error, LimitExceeded):
            facts["limit"] = error.extensions["limit"]
        return http.refusal([http.formatted(error)], media_type)

    async def _graphql(
        self, scope: Scope, headers: RequestHeaders, receive: Receive, media_type: MediaType, facts: dict[str, Any]
    ) -> Answer:
        method = scope["method"]
        if method not in {"GET", "POST"}:
            raise BadRequestError(HTTPStatus.METHOD_NOT_ALLOWED, "Use POST, or GET for queries.", allow="GET, POST")
        identity = await self._authenticator.identify(headers)
        parameters = await self._parameters(scope, headers, receive)
        try:
            operation, request = self._bind(parameters, identity, method, facts)
        except (BadRequestError, RequestErrors, GatewayError):
            # Who is no member learns that first, as from any other request.
            await while_connected(scope, receive, self._admit(identity))
            raise
        if operation.needs_database:
            result = await while_connected(scope, receive, request.run(self._database))
        else:
            await while_connected(scope, receive, self._admit(identity))
            result = await self._run_without_database(parameters, request)
        if not result.errors:
            return http.success(result.data, [], media_type)
        facts["code"] = _code(result.errors[0])
        facts["errors"] = len(result.errors)
        return http.success(result.data, [dict(error.formatted) for error in result.errors], media_type)

    def _bind(
        self, parameters: Parameters, identity: Identity, method: str, facts: dict[str, Any]
    ) -> tuple[Operation, Request]:
        operation, measure = self._prepare(parameters)
        facts["operation"] = parameters.operation_name
        facts["kind"] = operation.kind
        if method == "GET" and operation.kind != "query":
            raise BadRequestError(HTTPStatus.METHOD_NOT_ALLOWED, "Send a mutation by POST.", allow="POST")
        self._guard.variables(measure, parameters.variables)
        request = operation.bind(parameters.variables, identity)
        self._guard.cost(request.cost)
        return operation, request

    async def _run_without_database(self, parameters: Parameters, request: Request) -> Result:
        """Introspect. It takes long and always says the same: what takes no variables is remembered."""
        if parameters.variables:
            return await request.run(self._database)
        key = (parameters.query, parameters.operation_name)
        result = self._answers.get(key)
        if result is None:
            result = await request.run(self._database)
            _remember(self._answers, key, result, _REMEMBERED_ANSWERS)
        return result

    async def _admit(self, identity: Identity) -> None:
        """Make sure that the identity is a member's, where nothing else would."""
        await self._database.exchanged(identity, Exchange.last, read_only=True)

    async def _parameters(self, scope: Scope, headers: RequestHeaders, receive: Receive) -> Parameters:
        decoded: Any
        body: bytes | None = None
        if scope["method"] == "GET":
            decoded = http.decode_query_string(scope["query_string"])
        else:
            http.check_content_type(headers.get("content-type"), headers.get("content-encoding"))
            client = client_of(scope)
            body = await http.read_body(
                receive,
                headers.get("content-length"),
                self._guard.limits.body,
                limits.BODY_SECONDS,
                client.body() if client is not None else None,
            )
            decoded = http.decode(body)
        try:
            if isinstance(decoded, list):
                self._guard.batch(len(decoded))
            self._guard.json(decoded, body)
        except LimitExceeded as error:
            raise BadRequestError(HTTPStatus.BAD_REQUEST, error) from error
        return http.parameters(decoded)

    def _prepare(self, parameters: Parameters) -> tuple[Operation, Measure]:
        key = (parameters.query, parameters.operation_name)
        measure = self._measures.get(key)
        if measure is None:
            self._guard.text(parameters.query)
        else:
            self._measures.move_to_end(key)
        found: dict[str | None, Measure] = {}

        def check(document: DocumentNode) -> None:
            found.update(self._guard.document(document))
            if not self._introspection:
                visit(document, _NoIntrospection())

        operation = self._compiler.prepare(parameters.query, parameters.operation_name, check)
        if measure is None:
            measures = found or self._guard.document(operation.document)
            name = operation.definition.name
            measure = measures[name.value if name else None]
            _remember(self._measures, key, measure, _REMEMBERED)
        return operation, measure


class _NoIntrospection(Visitor):
    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in {"__schema", "__type"}:
            raise BadUserInput("Introspection is switched off.")


def _remember(cache: "OrderedDict[Key, Any]", key: Key, value: Any, size: int) -> None:
    cache[key] = value
    while len(cache) > size:
        cache.popitem(last=False)


def _code(error: GraphQLError) -> object:
    return (error.extensions or {}).get("code")

"""The composition root of the edge: settings, pool, schema, application."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import graphiql, logs
from gateway.auth import ACCOUNT_HEADER, Authenticator
from gateway.edge import REQUEST_ID_HEADER, Edge
from gateway.export import LEFT_OUT_HEADER, ROWS_HEADER, ExportEndpoint
from gateway.health import Probe, healthz, readyz
from gateway.jobs import Workers
from gateway.keys import KeySet
from gateway.limits import Guard, Limits
from gateway.problems import Problem
from gateway.settings import Settings
from gateway.view import GraphQLEndpoint
from gateway.watchdog import Watchdog
from resolvers.exports import Exports
from resolvers.operations import Compiler
from resolvers.releases import UnsupportedServerError
from resolvers.root import GRAPHQL
from resolvers.session import OWN_CONNECTIONS, Database, PoolOptions

_PATH = "/graphql"
_EXPORT = "/export/{module}.{form}"
_IN_FORCE = "select checksum from access_private.definition order by applied_at desc limit 1"

log = structlog.get_logger("cloison.app")


class _Late:
    """An ASGI application that is there once the lifespan has begun."""

    def __init__(self) -> None:
        self.endpoint: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.endpoint is None:
            raise RuntimeError("the application has not been started")
        await self.endpoint(scope, receive, send)


class Gateway(Starlette):
    """Starlette, past which the requests for `/graphql` go: its layers would cost each of them more than the rest."""

    def __init__(self, graphql: ASGIApp, settings: Settings, **options: Any) -> None:
        super().__init__(**options)
        self._graphql = graphql
        self._edge = Edge(_cors(self._route, settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan."""
        if scope["type"] == "http":
            await self._edge(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == _PATH:
            await self._graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(
    settings: Settings, *, definitions: str | None = None, probes: dict[str, Probe] | None = None
) -> Gateway:
    """Assemble the application. `settings` name the gateway's URL and all secrets; the lifespan opens the pool.

    `definitions` is the checksum of the `sql/` that has to be in force for /readyz to say yes (None: any), `probes` are
    further checks. The lifespan raises UnsupportedServerError, Unavailable, or what the
    server says to a login that it does not let in.
    """
    logs.configure(settings.log_level, settings.log_format)
    ready: dict[str, Probe] = dict(probes or {})
    graphql, export = _Late(), _Late()
    routes: list[BaseRoute] = [
        Route(_PATH, graphql),
        Route(_EXPORT, export),
        Route("/healthz", healthz),
        Route("/readyz", readyz(ready)),
    ]
    if settings.graphiql:
        routes.append(graphiql.files())
    return Gateway(graphql, settings, routes=routes, lifespan=_lifespan(settings, definitions, graphql, export, ready))


def _lifespan(
    settings: Settings, definitions: str | None, graphql: _Late, export: _Late, ready: dict[str, Probe]
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if settings.gateway_url is None or settings.cursor_secret is None:
            raise Problem("The gateway needs its URL and its secrets: start it with `cloison serve`.")
        authenticator = Authenticator(settings, _keys(settings))
        async with _connected(settings.gateway_url.get_secret_value(), _pool(settings)) as database:
            watchdog = Watchdog(
                database, timedelta(seconds=settings.analyst_timeout), timedelta(days=settings.trash_days)
            )
            watchdog.start()
            workers = Workers(database, settings.jobs)
            workers.start()
            ready.update(database=_database_probe(database, definitions), watchdog=watchdog.probe())
            guard = Guard(Limits.of(settings), GRAPHQL)
            exports = Exports(database, most=settings.exports, timeout=settings.export_timeout)
            export.endpoint = ExportEndpoint(exports, authenticator, guard)
            graphql.endpoint = GraphQLEndpoint(
                database,
                Compiler(settings.cursor_secret.get_secret_value().encode()),
                authenticator,
                guard,
                introspection=settings.introspection,
                page=graphiql.page() if settings.graphiql else None,
            )
            log.info("started", **database.counts())
            try:
                yield
            finally:
                graphql.endpoint = export.endpoint = None
                await asyncio.gather(watchdog.stop(), workers.stop(settings.shutdown_timeout))
                await authenticator.close()
        log.info("stopped")

    return lifespan


@asynccontextmanager
async def _connected(dsn: str, options: PoolOptions) -> AsyncIterator[Database]:
    try:
        database = await Database.open(dsn, options)
    except UnsupportedServerError as error:
        log.critical("cannot start", problem=str(error))
        raise
    try:
        yield database
    finally:
        await database.close()


def _pool(settings: Settings) -> PoolOptions:
    return PoolOptions(
        min_size=settings.pool_min,
        max_size=settings.pool_max,
        sessions_max_size=OWN_CONNECTIONS + settings.exports + settings.jobs,
        acquire_timeout=settings.pool_timeout,
        statement_timeout=settings.statement_timeout,
        lock_timeout=settings.lock_timeout,
        close_timeout=max(1.0, settings.shutdown_timeout),
        statement_cache_size=settings.statement_cache,
    )


def _keys(settings: Settings) -> KeySet | None:
    if settings.jwt_jwks_url is None:
        return None
    return KeySet(str(settings.jwt_jwks_url), frozenset(settings.algorithms))


def _cors(app: ASGIApp, settings: Settings) -> ASGIApp:
    if not settings.cors_origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", ACCOUNT_HEADER, REQUEST_ID_HEADER],
        expose_headers=[REQUEST_ID_HEADER, "retry-after", "content-disposition", ROWS_HEADER, LEFT_OUT_HEADER],
        max_age=600,
    )


def _database_probe(database: Database, definitions: str | None) -> Probe:
    async def answer() -> str | None:
        try:
            async with database.anonymous() as connection:
                in_force = await connection.fetchval(_IN_FORCE)
        except Exception as error:  # noqa: BLE001 - any failure is an answer
            return type(error).__name__
        if definitions not in {None, in_force}:
            return "the database is not that of this release: run `cloison migrate`, or serve the release it is of"
        return None

    return answer

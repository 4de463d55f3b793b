"""`cloison serve`: the gateway, on a database that is ready for it."""

import asyncio
import errno
import os
import socket
from typing import Annotated

import typer

from cli.administrator import Desk, connected, desk, require_current
from cli.connections import fit
from cli.output import say
from gateway import settings as configured
from gateway.problems import Problem
from gateway.settings import PREFIX, Settings

Host = Annotated[str | None, typer.Option(help="Address to listen on, else CLOISON_HOST or 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on, else CLOISON_PORT or 8000.")]


def serve(
    host: Host = None,
    port: Port = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes that serve, else CLOISON_WORKERS or 1.")
    ] = None,
) -> None:
    """Serve GraphQL at /graphql until Ctrl-C."""
    settings = prepare(host=host, port=port, workers=workers)
    with desk() as at:
        require_ready(at)
        say(f"GraphQL is served on {url(settings)}. Ctrl-C ends it.")
        run(settings)


def prepare(**overrides: object) -> Settings:
    """Put overrides into the environment, where worker processes find them too, and see that the port is free."""
    settings = configured.load(**overrides)
    for name, value in overrides.items():
        if value is not None:
            os.environ[PREFIX + name.upper()] = str(value)
    _require_free(settings.host, settings.port)
    return settings


def run(settings: Settings) -> None:
    """Serve until told to stop, which is no failure."""
    import server

    # Making the database or the demo took a while, in which another program may have come.
    _require_free(settings.host, settings.port)
    try:
        server.run(settings)
    except KeyboardInterrupt:
        pass
    except SystemExit as leaving:
        # SIGTERM, which uvicorn raises again after it has closed everything.
        if isinstance(leaving.code, int) and leaving.code < 128:
            raise


def url(settings: Settings) -> str:
    """Where the API is."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}/graphql"


def require_ready(at: Desk) -> None:
    """Refuse to serve from a database that is too old, not migrated, or does not let the gateway or all of it in."""
    asyncio.run(_require_ready(at))


async def _require_ready(at: Desk) -> None:
    if at.urls.admin_url is not None:
        async with connected(at.urls.admin_url) as connection:
            await require_current(connection)
    if lowered := await fit(at):
        say(lowered)


def _require_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Problem(_unusable(host, port, error)) from None


def _unusable(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is in use by another program: choose another one with --port or CLOISON_PORT."
        case errno.EACCES:
            return f"Port {port} is for root alone: choose one above 1023 with --port or CLOISON_PORT."
    return f"{host} is not an address of this machine: choose another one with --host or CLOISON_HOST."

"""Where a process of the gateway begins: settings, pool, schema, application."""

import uvicorn
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.database import for_serving
from gateway.settings import Settings
from migrations.definitions import checksum


def application() -> Starlette:
    """Build the application from the environment, for uvicorn's workers; the database must be there already."""
    return create_app(for_serving(), definitions=checksum())


def run(settings: Settings) -> None:
    """Serve until the process is told to stop: then open requests get `shutdown_timeout` seconds to end."""
    uvicorn.run(
        "server:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )

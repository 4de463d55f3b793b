"""Where a process of the gateway begins: settings, pool, schema, application."""

import uvicorn
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.database import for_serving
from gateway.protocol import BoundedProtocol
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
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        # Longer than a load balancer keeps an idle connection, so that it never sends into one that is being closed.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )

"""Where a process of the gateway begins: settings, pool, schema, application."""

import gc

import uvicorn
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.database import for_serving
from gateway.protocol import BoundedProtocol
from gateway.settings import Settings
from migrations.definitions import checksum


def application() -> Starlette:
    """Build the application from the environment, for uvicorn's workers; the database must be there already."""
    app = create_app(for_serving(), definitions=checksum())
    _settle()
    return app


def _settle() -> None:
    """Spare the garbage collector what stays as long as the process: the schema is hundreds of thousands of objects.

    To walk them took a tenth of a second, in which nobody was answered. What requests leave goes by reference counts
    nearly all, so that the rest can be looked for seldom.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 5)


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
        # Nothing that was bound to the log of one request is found in the next one's.
        reset_contextvars=True,
        # Longer than a load balancer keeps an idle connection, so that it never sends into one that is being closed.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )

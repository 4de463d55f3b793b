"""Whether this process lives, and whether it can serve."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse

log = structlog.get_logger("cloison.health")

# A sentence for the operator when the gateway cannot serve, None when it can.
Probe = Callable[[], Awaitable[str | None]]


async def healthz(_: Request) -> JSONResponse:
    """Answer as long as the event loop turns: a failure means that the process should be replaced."""
    return JSONResponse({"status": "ok"})


def readyz(probes: dict[str, Probe]) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Answer 200 when every probe passes, else 503 with the names of those that did not, and why in the log."""

    async def answer(_: Request) -> JSONResponse:
        checks: dict[str, str] = {}
        for name, probe in probes.items():
            problem = await probe()
            checks[name] = "ok" if problem is None else "failed"
            if problem is not None:
                log.warning("not ready", probe=name, problem=problem)
        ready = all(check == "ok" for check in checks.values())
        return JSONResponse({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)

    return answer

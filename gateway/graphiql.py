"""GraphiQL from files of our own, under a policy that lets a page load nothing else."""

from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway.http import HTML, Answer

_FILES = Path(__file__).parent / "static" / "graphiql"

# GraphiQL works under it as it is: the one inline style that it would make keeps a page from scrolling behind a dialog,
# and this page does not scroll. Pictures and fonts are in the style sheet as data.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page() -> Answer:
    """Build the page that a browser gets at the endpoint."""
    return Answer(200, (_FILES / "index.html").read_bytes(), HTML, {"content-security-policy": _POLICY})


def files() -> Mount:
    """Route what the page loads."""
    return Mount("/graphiql", app=_Files(directory=_FILES))


class _Files(StaticFiles):
    """Static files that a browser may keep, but asks about: they are renewed with the gateway."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response

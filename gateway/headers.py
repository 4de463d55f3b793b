"""Headers that every answer carries."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
# Answers are one member's, and nothing in them is a page.
_UNLESS_GIVEN = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """Adds what keeps a browser from guessing, framing, keeping or passing on an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                given += _ALWAYS
                given += [header for header in _UNLESS_GIVEN if header[0] not in names]
                if scope["scheme"] == "https":
                    given.append(_OVER_TLS)
                message["headers"] = given
            await send(message)

        await self._app(scope, receive, send_with_headers)

"""A line between the gateway and its server that breaks when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

# What the server says when a transaction has ended, committed or not, and it is ready for the next.
READY = b"Z\x00\x00\x00\x05I"


class Relay:
    """Passes on everything, but for the next `losing` times that the server says that it is ready: then it hangs up."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._lines: set[asyncio.Task[None]] = set()
        self.losing = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        from_server, to_server = await asyncio.open_connection(self._host, self._port)
        up = asyncio.create_task(_pass_on(reader, to_server))
        self._lines.add(up)
        try:
            while data := await from_server.read(65536):
                if self.losing and READY in data:
                    self.losing -= 1
                    break
                writer.write(data)
        finally:
            up.cancel()
            self._lines.discard(up)
            writer.transport.abort()
            to_server.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()


@asynccontextmanager
async def relayed(dsn: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to the server of `dsn`, and the URL by which one goes through it."""
    parts = urlsplit(dsn)
    relay = Relay(parts.hostname or "", parts.port or 5432)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    login = parts.netloc.rpartition("@")[0]
    try:
        yield relay, urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{port}"))
    finally:
        server.close()

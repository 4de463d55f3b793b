"""What clients send that is no request, or none that ends."""

import asyncio
from urllib.parse import urlsplit

import pytest

from gateway.protocol import BoundedProtocol
from tests.api.conftest import World, bearer, listening, read, settings_for


@pytest.mark.parametrize(
    "parts",
    [
        [b"GET /" + b"a" * 200_000],
        [b"GET / HTTP/1.1\r\nx: "] + [b"a" * 10_000] * 20,
        [b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000],
    ],
    ids=["address", "value", "headers"],
)
async def test_a_head_without_end_is_refused(world: World, parts: list[bytes]) -> None:
    async with listening(settings_for(world.database)) as (_, url):
        answer = await read(url, *parts)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nhost: "], ids=["nothing", "a part"])
async def test_a_head_that_does_not_come_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 0.2)
    async with listening(settings_for(world.database)) as (_, url):
        assert await read(url, sent) == b""


async def test_a_body_that_does_not_come_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.limits.BODY_SECONDS", 0.2)
    (authorization,) = bearer(world.owner).values()
    head = f"POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\n"
    head += "content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
    async with listening(settings_for(world.database)) as (_, url):
        answer = await read(url, head.encode())

    assert answer.startswith(b"HTTP/1.1 408")


CHUNKED = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


async def test_a_trailer_is_no_header(world: World) -> None:
    (authorization,) = bearer(world.owner).values()
    body = b'{"query": "{ __typename }"}'
    trailer = f"authorization: {authorization}\r\n\r\n".encode()
    async with listening(settings_for(world.database), keep_alive=1) as (_, url):
        answer = await read(url, CHUNKED + b"%x\r\n%b\r\n0\r\n" % (len(body), body) + trailer)
        head = CHUNKED.replace(b"host: x", b"host: x\r\nauthorization: " + authorization.encode())
        allowed = await read(url, head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

    assert answer.startswith(b"HTTP/1.1 401")
    assert allowed.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("part", [b"a: b\r\n" * 1000, b"a" * 6000], ids=["many", "one"])
async def test_trailers_without_end_are_not_taken(world: World, monkeypatch: pytest.MonkeyPatch, part: bytes) -> None:
    monkeypatch.setattr(BoundedProtocol, "beside_bytes", 100_000)
    async with listening(settings_for(world.database)) as (server, url):
        async with asyncio.timeout(20):
            await read(url, CHUNKED + b"1\r\n{\r\n0\r\na: ", *[part] * 1000)
        assert not server.server_state.connections, "the server has closed it"


async def test_what_is_no_request_holds_no_connection(world: World) -> None:
    async with listening(settings_for(world.database), keep_alive=1) as (_, url):
        place = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\r\n")
        async with asyncio.timeout(10):
            await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 200")

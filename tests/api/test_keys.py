"""The identity provider's keys: fetched rarely, trusted for a while, never anybody else's."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from gateway.keys import KeySet, KeysUnavailableError

URL = "https://id.example/keys"


def key(kid: str) -> dict[str, Any]:
    private = ec.generate_private_key(ec.SECP256R1())
    return {**ECAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": kid, "alg": "ES256"}


KEYS = {kid: key(kid) for kid in ("old", "new")}


class Provider:
    """An identity provider whose clock and keys a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.requests = 0
        self.answer: Callable[[], httpx.Response] = self.publish("old")
        self.keys = KeySet(
            URL,
            frozenset({"ES256"}),
            fresh=300,
            stale=3600,
            pause=30,
            transport=httpx.MockTransport(self._handle),
            clock=lambda: self.now,
        )

    @staticmethod
    def publish(*kids: str) -> Callable[[], httpx.Response]:
        return lambda: httpx.Response(200, json={"keys": [KEYS[kid] for kid in kids]})

    async def _handle(self, _: httpx.Request) -> httpx.Response:
        self.requests += 1
        await asyncio.sleep(0)
        return self.answer()

    async def knows(self, kid: str) -> bool:
        return await self.keys.get(kid) is not None

    async def settle(self) -> None:
        """Let a fetch in the background come to its end."""
        while self.keys._fetching is not None:
            await asyncio.gather(self.keys._fetching)


@pytest.fixture
async def provider() -> Any:
    found = Provider()
    yield found
    await found.keys.close()


async def test_many_requests_at_once_fetch_once(provider: Provider) -> None:
    known = await asyncio.gather(*(provider.knows("old") for _ in range(50)))

    assert all(known)
    assert provider.requests == 1


async def test_unknown_key_ids_fetch_once_in_a_while(provider: Provider) -> None:
    assert await provider.knows("old")
    provider.now += 31

    unknown = [await provider.knows(f"made up {n}") for n in range(100)]

    assert not any(unknown)
    assert provider.requests == 2


async def test_a_new_key_is_found_as_soon_as_it_is_used(provider: Provider) -> None:
    assert await provider.knows("old")
    provider.answer = provider.publish("old", "new")
    assert not await provider.knows("new"), "too early to ask again"

    provider.now += 31

    assert await provider.knows("new")


async def test_an_old_set_is_renewed_in_the_background(provider: Provider) -> None:
    assert await provider.knows("old")
    provider.answer = provider.publish("new")
    provider.now += 301

    assert await provider.knows("old"), "nobody waits for the renewal"
    await provider.settle()

    assert not await provider.knows("old"), "withdrawn"
    assert provider.requests == 2


async def test_an_outage_is_bridged_and_then_not(provider: Provider) -> None:
    assert await provider.knows("old")
    provider.answer = lambda: httpx.Response(503)
    provider.now += 3000
    assert await provider.knows("old")
    await provider.settle()

    provider.now += 601

    with pytest.raises(KeysUnavailableError):
        await provider.keys.get("old")


async def test_an_outage_is_not_asked_about_with_every_request(provider: Provider) -> None:
    provider.answer = lambda: httpx.Response(503)

    for _ in range(20):
        with pytest.raises(KeysUnavailableError):
            await provider.keys.get("old")

    assert provider.requests == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda: httpx.Response(302, headers={"location": "https://elsewhere.example/keys"}),
        lambda: httpx.Response(200, content=b"x" * 300_000),
        lambda: httpx.Response(200, content=b"not json"),
        lambda: httpx.Response(200, json=["no", "key", "set"]),
        lambda: httpx.Response(200, json={"keys": []}),
        lambda: httpx.Response(200, json={"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "old"}]}),
        lambda: httpx.Response(200, json={"keys": [KEYS["old"] | {"use": "enc"}]}),
        lambda: httpx.Response(200, json={"keys": [KEYS["old"] | {"x": "broken"}]}),
    ],
    ids=["redirect", "too long", "not json", "not a set", "empty", "symmetric", "for encryption", "broken"],
)
async def test_an_answer_that_is_no_key_set_is_not_used(
    provider: Provider, answer: Callable[[], httpx.Response]
) -> None:
    provider.answer = answer

    with pytest.raises(KeysUnavailableError):
        await provider.keys.get("old")


async def test_whoever_stops_waiting_does_not_stop_the_fetch(provider: Provider) -> None:
    impatient = asyncio.create_task(provider.knows("old"))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)

    assert await provider.knows("old")
    assert provider.requests == 1

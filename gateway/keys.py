"""The signing keys that an identity provider publishes as a JWKS, fetched as rarely as possible."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import orjson
import structlog

_MOST_BYTES = 256 * 1024
_KEY_TYPES = frozenset({"RSA", "EC", "OKP"})

log = structlog.get_logger("cloison.keys")


class KeysUnavailableError(Exception):
    """The key set could not be fetched, and none is at hand that may still be trusted."""


class KeySet:
    """Public keys by their id.

    A set is fetched when it is first needed, again in the background when it is older than `fresh` seconds, and for
    the sake of an unknown key id at most every `pause` seconds, however many tokens name one. Keys that were withdrawn
    stop working after `stale` seconds at the latest, also while the provider cannot be reached.
    """

    def __init__(
        self,
        url: str,
        algorithms: frozenset[str],
        *,
        fresh: float = 300,
        stale: float = 3600,
        pause: float = 30,
        timeout: float = 5,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._algorithms = algorithms
        self._fresh, self._stale, self._pause = fresh, stale, pause
        self._clock = clock
        self._url = url
        # A redirect could lead to somebody else's keys, so none is followed.
        self._client = httpx.AsyncClient(timeout=timeout, transport=transport, follow_redirects=False)
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._fetching: asyncio.Task[None] | None = None
        self.generation = 0

    async def get(self, key_id: str) -> jwt.PyJWK | None:
        """Return the key, or None if the provider has none of this id; KeysUnavailableError when nobody can say."""
        age = self._clock() - self._fetched
        if age > self._stale:
            await self._fetch()
            if self._clock() - self._fetched > self._stale:
                raise KeysUnavailableError
        elif age > self._fresh or key_id not in self._keys:
            fetching = self._begin()
            if key_id not in self._keys and fetching is not None:
                await asyncio.shield(fetching)
        return self._keys.get(key_id)

    async def close(self) -> None:
        """End a fetch that is under way, and the connection."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
        await self._client.aclose()

    async def _fetch(self) -> None:
        fetching = self._begin()
        if fetching is not None:
            await asyncio.shield(fetching)

    def _begin(self) -> asyncio.Task[None] | None:
        """Join the fetch that is under way or start one; None while it is too early for another."""
        if self._fetching is None and self._clock() - self._tried >= self._pause:
            self._tried = self._clock()
            self._fetching = asyncio.create_task(self._load())
            self._fetching.add_done_callback(self._done)
        return self._fetching

    def _done(self, _: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _load(self) -> None:
        try:
            keys = self._parse(await self._download())
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("keys not fetched", reason=type(error).__name__)
            return
        if not keys:
            log.warning("keys not fetched", reason="no usable key")
            return
        self._keys = keys
        self._fetched = self._clock()
        self.generation += 1
        log.info("keys fetched", keys=len(keys))

    async def _download(self) -> bytes:
        body = bytearray()
        async with self._client.stream("GET", self._url, headers={"accept": "application/json"}) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"status {response.status_code}")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ValueError("too long")
        return bytes(body)

    def _parse(self, body: bytes) -> dict[str, jwt.PyJWK]:
        document: Any = orjson.loads(body)
        entries = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise ValueError("not a key set")  # noqa: TRY004 - a value from outside
        keys: dict[str, jwt.PyJWK] = {}
        for entry in entries:
            # Never a symmetric key: published, it would let anybody sign.
            if not isinstance(entry, dict) or entry.get("kty") not in _KEY_TYPES or entry.get("use", "sig") != "sig":
                continue
            try:
                key = jwt.PyJWK(entry)
            except jwt.PyJWTError:
                continue
            if key.key_id and key.algorithm_name in self._algorithms:
                keys[key.key_id] = key
        return keys

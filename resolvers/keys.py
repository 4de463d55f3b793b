"""Doing once what comes with an idempotency key: the key is claimed first, and keeps what was made."""

from functools import lru_cache

import asyncpg
import orjson

from resolvers.compiler.keys import Key
from resolvers.compiler.render import for_profile, keys
from resolvers.profile import Profile
from resolvers.session.pipeline import Step

DONE_BEFORE = "U0308"
GONE = "This was done before, and what it made is gone, or you may not see it any more."


class DoneBeforeError(Exception):
    """The mutation was done before, under its key. Nothing was done now.

    `made` is what it made: an id, or what its function answered; `visible` whether who did it saw that at once.
    """

    def __init__(self, made: str | None, *, visible: bool) -> None:
        super().__init__(made)
        self.made = made
        self.visible = visible


def done_before(error: asyncpg.PostgresError) -> DoneBeforeError | None:
    """What the database says of a key that was used before; None of any other error."""
    if error.sqlstate != DONE_BEFORE:
        return None
    told = orjson.loads(error.detail or "{}")
    return DoneBeforeError(told.get("made"), visible=bool(told.get("visible")))


def claim(key: Key, profile: Profile) -> Step:
    """Claim the key, before anything else is done."""
    return Step(_sent(keys.CLAIM, profile), [key.text, key.mutation, key.fingerprint])


def keep(key: Key, made: str | None, profile: Profile) -> Step:
    """Keep what was made."""
    return Step(_sent(keys.keep(key.source), profile), [key.text, made])


def recall(key: Key, profile: Profile) -> Step:
    """Tell again what was told beside the answer."""
    return Step(_sent(keys.RECALL, profile), [key.text])


def seen(source: str, made: str | None, profile: Profile) -> Step:
    """Look whether what was made is seen now."""
    return Step(_sent(keys.seen(source), profile), [made])


@lru_cache(maxsize=4096)
def _sent(text: str, profile: Profile) -> str:
    """The same object each time, by which a prepared statement is found without reading the text."""
    return for_profile(text, profile)

"""From the input of a mutation to the idempotency key that comes with it."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from schema.idempotency import KEY, LONGEST_KEY


class Key(NamedTuple):
    """A key, and what it is for: a mutation, with a fingerprint of its input.

    `source` is where what the mutation makes is found by its id; None where it makes nothing that has one.
    """

    text: str
    mutation: str
    fingerprint: bytes
    source: str | None


def key_of(mutation: str, given: Mapping[str, Any], source: str | None) -> Key | None:
    """The key of an input, if one is given. The fingerprint tells nobody who has not the key what the input was."""
    text = given.get(KEY)
    if text is None:
        return None
    rest = {name: value for name, value in given.items() if name != KEY}
    canonical = json.dumps([text, mutation, rest], sort_keys=True, default=str, separators=(",", ":"))
    return Key(text, mutation, sha256(canonical.encode()).digest(), source)


def unfit(text: str) -> str | None:
    """Why a text is no key."""
    if not 1 <= len(text) <= LONGEST_KEY:
        return f"from 1 to {LONGEST_KEY} characters, not {len(text)}"
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        return "must be Unicode, without the character U+0000"
    return None

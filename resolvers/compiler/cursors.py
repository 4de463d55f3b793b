"""Cursors: the sort values and the id of a row, sealed for one member and one order.

A cursor is base64url of a seal of 16 bytes and a JSON array. The database makes it (render/pages.py), here it is read.
The seal is keyed per member and order: a cursor that was forged, altered, taken from another member or made for
another order is refused. It holds no secret: its values are of rows that the member has seen.

A member is a user and the account as the request names it: which account is meant where none is named, only the
database knows, and cursors are read before it is asked. So a cursor that a request with a named account was given is
refused in one without.
"""

import binascii
import datetime as dt
import hashlib
import hmac
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from resolvers.compiler.plan import SortKey
from schema.errors import BadUserInput

SEAL_BYTES = 16
LONGEST_CURSOR = 8192
READERS: dict[str, Callable[[Any], Any]] = {
    "text": str,
    "integer": int,
    "bigint": int,
    "boolean": bool,
    "date": dt.date.fromisoformat,
    "timestamptz": dt.datetime.fromisoformat,
    "uuid": UUID,
}


@dataclass(frozen=True, slots=True)
class Seal:
    """Stands among parameters for the key of a seal, which depends on who asks."""

    signature: bytes

    def key(self, secret: bytes, identity: bytes) -> bytes:
        """The key with which cursors of this order are sealed for this member."""
        return hmac.digest(secret, identity + b"\0" + self.signature, "sha256")


def seal_of(table: str, order: tuple[SortKey, ...]) -> Seal:
    """The seal for an order of a table's rows."""
    steps = ",".join(f"{key.column} {key.type} {key.descending}" for key in order)
    return Seal(f"{table}|{steps}".encode())


def mac(key: bytes, payload: bytes) -> bytes:
    """What the database computes too: two nested hashes under the key."""
    return hashlib.sha256(key + hashlib.sha256(key + payload).digest()).digest()[:SEAL_BYTES]


def read_cursor(cursor: str, key: bytes, order: tuple[SortKey, ...], argument: str) -> list[Any]:
    """The sort values and the id in a cursor; BadUserInput when it is not one of ours for this list."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError("too long")
        sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        seal, payload = sealed[:SEAL_BYTES], sealed[SEAL_BYTES:]
        if not hmac.compare_digest(seal, mac(key, payload)):
            raise ValueError("not sealed by us")
        *values, row_id = orjson.loads(payload)
        read = [None if value is None else READERS[step.type](value) for step, value in zip(order, values, strict=True)]
        return [*read, UUID(row_id)]
    except (ValueError, TypeError, binascii.Error):
        reason = "not a cursor of this list in this order"
        raise BadUserInput(f"{argument}: {reason}", fields={argument: reason}) from None

"""Ids of new rows: UUIDs of version 7 (RFC 9562), rising in the order in which they are made."""

import secrets
import time
from collections.abc import Iterator
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def rising() -> Iterator[UUID]:
    """New ids without end. The clock is read once; then 4,096 ids share a millisecond, told apart by a counter."""
    count = (time.time_ns() // 1_000_000) << 12
    while True:
        # One read of randomness serves many ids.
        pool = secrets.token_bytes(8 * 512)
        for at in range(0, len(pool), 8):
            noise = int.from_bytes(pool[at : at + 8]) >> 2
            yield UUID(int=(count >> 12) << 80 | _VERSION | (count & 0xFFF) << 64 | _VARIANT | noise)
            count += 1

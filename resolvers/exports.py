"""Rows for a file, a batch at a time: one snapshot, read under the member's policies while the rights stay.

The snapshot is one moment's, so that the number of rows is known before the first of them. Rights are not: what a
member may do is asked anew, in a transaction of its own, and a file of which the rights have changed is broken off.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import asyncpg

from resolvers.compiler.exporting import Order
from resolvers.compiler.render import exports
from resolvers.errors import Forbidden, LimitExceeded
from resolvers.profile import Profile
from resolvers.session import Database, Identity, ProfileChangedError, Session
from resolvers.session.pipeline import Step

# Seconds after which rights are asked for again: a right that is gone reaches no further than that (C8).
RIGHTS_SECONDS = 1.0
# Seconds that a client may take to let a batch through.
STALL_SECONDS = 30.0


class RightsChangedError(Exception):
    """The member's rights are not what they were when the file was begun."""


@dataclass(frozen=True, slots=True)
class _Rights:
    profile: str
    keys: str


class Stream:
    """A file that has been begun. `exported` rows are in it; `left_out` more are seen, and may not be taken out."""

    def __init__(
        self, order: Order, session: Session, present: Callable[[], Awaitable[_Rights]], *, exported: int, visible: int
    ) -> None:
        self.order = order
        self.exported = exported
        self.left_out = visible - exported
        self._session = session
        self._present = present

    async def batches(self) -> AsyncIterator[list[asyncpg.Record]]:
        """The rows in their order. RightsChangedError breaks them off."""
        connection = self._session.connection
        found = await connection.fetchrow(exports.RIGHTS)
        assert found is not None  # noqa: S101 - a select without a table has one row
        begun = _Rights(found["profile"], found["keys"])
        fetch = exports.fetch(self.order.batch)
        asked = time.monotonic()
        left = self.exported
        while batch := await connection.fetch(fetch):
            left -= len(batch)
            if time.monotonic() - asked >= RIGHTS_SECONDS:
                await self._check(begun)
                asked = time.monotonic()
            yield batch
        if left:
            raise RuntimeError(f"{left} rows were counted that are not in the file")

    async def _check(self, begun: _Rights) -> None:
        try:
            now = await self._present()
        except ProfileChangedError:
            # Not what it was when somebody last asked here, which may have been long before this file.
            now = await self._present()
        if now != begun:
            raise RightsChangedError


class Exports:
    """Files that are being streamed: `most` at a time, and one of each user's. `timeout`: seconds of one of them."""

    def __init__(self, database: Database, *, most: int, timeout: float) -> None:
        self.timeout = timeout
        self._database = database
        self._most = most
        self._users: set[UUID] = set()

    @asynccontextmanager
    async def open(self, order: Order, identity: Identity) -> AsyncIterator[Stream]:
        """Begin a file. Forbidden where nothing may be taken out, LimitExceeded where too many are under way."""
        if identity.user in self._users:
            raise LimitExceeded("open_exports", 1, 2, "You have an export under way: wait for it, or break it off.")
        if len(self._users) >= self._most:
            raise LimitExceeded("open_exports", self._most, self._most + 1)
        self._users.add(identity.user)
        try:
            async with self._database.snapshot(
                identity, statement_timeout=self.timeout, idle_timeout=2 * STALL_SECONDS
            ) as session:
                yield await self._begin(order, identity, session)
        finally:
            self._users.discard(identity.user)

    async def _begin(self, order: Order, identity: Identity, session: Session) -> Stream:
        connection = session.connection
        profile = Profile(session.profile, {})
        await connection.execute(exports.REQUIRE, order.module.governing, order.sensitive)
        for module in order.page.modules:
            if not await connection.fetchval("select access.reach($1, 'view')", module):
                raise Forbidden(module=module, action="view")
        text, slots = exports.counts(order, profile)
        numbers = await connection.fetchrow(text, *(order.values[slot.index] for slot in slots))
        assert numbers is not None  # noqa: S101 - a select without a table has one row
        text, slots = exports.rows(order, profile)
        await connection.execute(text, *(order.values[slot.index] for slot in slots))
        present = partial(self._present, identity)
        return Stream(order, session, present, exported=numbers["exported"], visible=numbers["visible"])

    async def _present(self, identity: Identity) -> _Rights:
        async with self._database.exchange(identity, read_only=True) as exchange:
            answered = (await exchange.last(Step(exports.RIGHTS)))[-1]
        return _Rights(*((answered.get_value(0, place) or b"").decode() for place in (0, 1)))

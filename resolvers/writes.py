"""Carrying out a write within an open session."""

from typing import Any

import asyncpg

from resolvers.compiler.render import for_profile, writes
from resolvers.compiler.writing import STATUS, Pairs, Write
from resolvers.session import Session
from schema.errors import Conflict, Forbidden, NotFound


class Writer:
    """Writes one mutation; raises GatewayError, or what the database raises."""

    def __init__(self, session: Session, write: Write) -> None:
        self._session = session
        self._write = write

    async def run(self) -> None:
        """Write everything that the mutation asks for; the caller's transaction makes it all or nothing."""
        match self._write.verb:
            case "create":
                await self._create()
            case "delete":
                await self._change(writes.delete(self._write.module), "delete")
            case "assign":
                await self._assign()
            case _:
                await self._update()
        if self._write.sensitive:
            text = writes.upsert_sensitive(self._write.module, tuple(self._write.sensitive))
            await self._execute(text, "view_sensitive", *self._write.sensitive.values())
        for pairs in self._write.pairs:
            await self._pair(pairs)

    async def _create(self) -> None:
        columns = {**self._write.columns, **self._write.reach}
        await self._execute(writes.insert(self._write.module, tuple(columns)), "create", *columns.values())

    async def _update(self) -> None:
        write = self._write
        version = () if write.expected_version is None else (write.expected_version,)
        text = writes.update(write.module, tuple(write.columns), versioned=bool(version))
        action = "publish" if write.verb in STATUS else "update"
        await self._change(text, action, *version, *write.columns.values())

    async def _assign(self) -> None:
        reach = self._write.reach
        text = writes.assign(self._write.module, tuple(reach))
        seen = await self._session.connection.fetchrow(self._sent(text), self._write.row_id, *reach.values())
        if seen is None:
            raise NotFound(module=self._write.module.name)

    async def _pair(self, pairs: Pairs) -> None:
        make = writes.add_pairs if pairs.add else writes.remove_pairs
        await self._execute(make(pairs.table, pairs.near, pairs.far), "update", pairs.ids)

    async def _change(self, text: str, action: str, *values: Any) -> None:
        """Change exactly the row. When that finds none, say why: hidden and absent are alike, seen is forbidden."""
        changed = await self._execute(text, action, *values)
        if changed:
            return
        write = self._write
        seen = await self._session.connection.fetchrow(self._sent(writes.look(write.module, action)), write.row_id)
        if seen is None:
            raise NotFound(module=write.module.name)
        if write.expected_version is not None and seen["version"] != write.expected_version:
            raise Conflict(
                f"Somebody else has changed the row: it has version {seen['version']}, not {write.expected_version}."
            )
        raise Forbidden(module=write.module.name, action=action)

    async def _execute(self, text: str, action: str, *values: Any) -> int:
        """Run a statement on the row; how many rows it changed. What a policy refuses is the action that it is."""
        try:
            status = await self._session.connection.execute(self._sent(text), self._write.row_id, *values)
        except asyncpg.InsufficientPrivilegeError:
            raise Forbidden(module=self._write.module.name, action=action) from None
        return int(status.rpartition(" ")[2])

    def _sent(self, text: str) -> str:
        return for_profile(text, self._session.profile)

"""Carrying out a write within the transaction of a member."""

from functools import lru_cache
from typing import Any

import asyncpg
from psycopg.pq.abc import PGresult

from resolvers.compiler.render import for_profile, writes
from resolvers.compiler.writing import MAKING, Write
from resolvers.keys import claim, keep
from resolvers.profile import Profile
from resolvers.session import Exchange
from resolvers.session.pipeline import Step
from schema.errors import Conflict, Forbidden, NotFound
from schema.verbs import SHARED

# Verbs that do not miss their row: they make it, or the function that they call raises.
FINDING = (*MAKING, *SHARED)


class Writer:
    """Writes one mutation; raises GatewayError, or what the database raises."""

    def __init__(self, write: Write) -> None:
        self._write = write

    async def run(self, exchange: Exchange, *reading: Step) -> PGresult:
        """Write everything that the mutation asks for, then read, and commit; the answer to the last statement.

        All goes out at once, unless some of it depends on what came of the rest.
        """
        write = self._write
        action, text, values = self._change()
        change = (action, self._step(exchange, text, values))
        more = self._more(exchange)
        read = [("view", step) for step in reading]
        before: list[tuple[str, Step]] = []
        if write.key is not None:
            exchange.keyed = True
            before = [("view", claim(write.key, exchange.profile))]
            read = [("view", keep(write.key, str(write.row_id), exchange.profile)), *read]
        if write.verb in FINDING:
            return (await self._send(exchange, *before, change, *more, *read, last=True))[-1]
        if not more and not before:
            answers = await self._send(exchange, change, *read, last=True)
            await self._found(exchange, action, answers[0])
            return answers[-1]
        # What goes with a change must not be written where the change found no row, nor its key be kept.
        changed = (await self._send(exchange, *before, change, last=False))[-1]
        await self._found(exchange, action, changed)
        return (await self._send(exchange, *more, *read, last=True))[-1]

    def _change(self) -> tuple[str, str, list[Any]]:
        """What changes the row itself: the action that it is, the statement and its values."""
        write = self._write
        module = write.module
        match write.verb:
            case "create":
                columns = {**write.columns, **write.reach}
                return "create", writes.insert(module, tuple(columns)), [*columns.values()]
            case "clone":
                return "clone", writes.clone(module), [write.original, write.columns.get(module.label)]
            case "delete":
                return "delete", writes.delete(module), []
            case "restore" | "purge":
                make = writes.restore if write.verb == "restore" else writes.purge
                return "delete", make(module, because="reason" in write.reach), [*write.reach.values()]
            case "assign":
                return "assign", writes.assign(module, tuple(write.reach)), [*write.reach.values()]
            case "share":
                return "assign", writes.share(module), [*write.reach.values()]
            case "unshare":
                text = writes.unshare(module, because="reason" in write.reach)
                return "assign", text, [*write.reach.values()]
        version = [] if write.expected_version is None else [write.expected_version]
        text = writes.update(module, tuple(write.columns), versioned=bool(version), unless=write.unless)
        return write.action, text, [*version, *write.columns.values()]

    def _more(self, exchange: Exchange) -> list[tuple[str, Step]]:
        """What goes with the row into other tables, each with the action that it is."""
        write = self._write
        more = []
        if write.sensitive:
            text = writes.upsert_sensitive(write.module, tuple(write.sensitive))
            more.append(("view_sensitive", self._step(exchange, text, [*write.sensitive.values()])))
        for pairs in write.pairs:
            make = writes.add_pairs if pairs.add else writes.remove_pairs
            text = make(pairs.table, pairs.near, pairs.far)
            more.append(("update", self._step(exchange, text, [pairs.ids])))
        return more

    async def _found(self, exchange: Exchange, action: str, changed: PGresult) -> None:
        """Accept a change of exactly the row. When it found none, say why: hidden and absent are alike.

        It makes no difference whether the transaction has ended meanwhile: nothing was changed. One in which a key was
        claimed is still open, so that the claim is undone.
        """
        if changed.command_tuples:
            return
        write = self._write
        if write.verb == "assign":
            raise NotFound(module=write.module.name)
        look = exchange.last if write.key is None else exchange.run
        (seen,) = await look(self._step(exchange, writes.look(write.module, action, write.unless), []))
        if not seen.ntuples:
            raise NotFound(module=write.module.name)
        version = int(seen.get_value(0, 0) or 0)
        if write.expected_version is not None and version != write.expected_version:
            raise Conflict(
                f"Somebody else has changed the row: it has version {version}, not {write.expected_version}."
            )
        if seen.get_value(0, 1) == b"t":
            raise Conflict("This was done already. Read the row again.")
        raise self._forbidden(action)

    async def _send(self, exchange: Exchange, *steps: tuple[str, Step], last: bool) -> list[PGresult]:
        """Send statements on the row. What a policy refuses is the action that the statement is."""
        send = exchange.last if last else exchange.run
        try:
            return await send(*(step for _, step in steps))
        except asyncpg.InsufficientPrivilegeError:
            failed = exchange.failed
            if failed is None or not 0 <= failed < len(steps) or steps[failed][0] == "view":
                raise
            raise self._forbidden(steps[failed][0]) from None

    def _forbidden(self, verb: str) -> Forbidden:
        module = self._write.module
        return Forbidden(module=module.governing, action=module.needed(verb))

    def _step(self, exchange: Exchange, text: str, values: list[Any]) -> Step:
        """A statement of which the row's id is the first value."""
        return Step(_sent(text, exchange.profile), [self._write.row_id, *values])


@lru_cache(maxsize=4096)
def _sent(text: str, profile: Profile) -> str:
    """The same object each time, by which a prepared statement is found without reading the text."""
    return for_profile(text, profile)

"""Staged rows become rows, a portion at a time; what the database refuses is traced to its line.

A portion that fails is taken back and halved until the line is found, so that one row that a policy, a trigger or a
constraint does not let in costs no other.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import asyncpg

from importers import statements
from importers.errors import ImportFailed
from importers.progress import Progress
from importers.rows import Block
from importers.structure import Count
from importers.values import shown
from importers.verdicts import Verdicts
from resolvers.session import Connection
from schema.modules import REGISTRY

PORTION = 5_000

# Beyond this, it is not some lines that are wrong but the import.
MOST_REFUSALS = 1_000

# Classes of SQLSTATE that speak of the statement's data: data exception, integrity, no privilege for this row, our own.
ABOUT_ROWS = ("22", "23", "U0")
ROW_POLICY = "42501"
FORBIDDEN = "U0403"
# Serialization, deadlock, lock timeout: two who want the same.
CROSSED = ("40001", "40P01", "55P03")


class Landing:
    """The second half of an import, for one connection that acts as the member already."""

    def __init__(
        self, connection: Connection, account: UUID, source: str, verdicts: Verdicts, progress: Progress
    ) -> None:
        self.connection, self.account, self.source = connection, account, source
        self.verdicts, self.progress = verdicts, progress
        self.refused = 0

    async def block(self, task: "Task") -> None:
        """Insert a block's rows, those that others stand below first, and count them."""
        for rank in range(task.depth + 1):
            await self._refuse_unresolved(task, rank)
            for first in range(0, task.rows, PORTION):
                last = min(first + PORTION, task.rows) - 1
                await self._portion(task, rank, first, last)
                if rank == 0:
                    self.progress.advance("insert", last - first + 1)

    async def _refuse_unresolved(self, task: "Task", rank: int) -> None:
        if not task.names_somebody:
            return
        for target in task.block.targets:
            await self.connection.execute(statements.keys(task.block, target), self.account, self.source, rank)
        for row in await self.connection.fetch(statements.for_block("unresolved", task.block), rank):
            field, name = row["field"], shown(row["name"])
            if field == "owner":
                reason = f"owner {name} is not a member"
            else:
                reason = f"{field} {name} is in none of the {task.target(field)} that were imported"
            self.verdicts.refuse(task.file, row["line"], reason)

    async def _portion(self, task: "Task", rank: int, first: int, last: int) -> None:
        await self.connection.execute("savepoint portion")
        try:
            eligible, inserted = await self._insert(task, rank, first, last)
        except asyncpg.PostgresError as error:
            if not about_rows(error):
                raise
            await self.connection.execute("rollback to savepoint portion")
            if first == last:
                await self._refuse(task, first, error)
                return
            middle = (first + last) // 2
            await self._portion(task, rank, first, middle)
            await self._portion(task, rank, middle + 1, last)
        else:
            await self.connection.execute("release savepoint portion")
            task.count.inserted += inserted
            task.count.unchanged += eligible - inserted

    async def _insert(self, task: "Task", rank: int, first: int, last: int) -> tuple[int, int]:
        place = (self.account, self.source, rank, first, last)
        (row,) = await self.connection.fetch(task.insert, *place, task.block.rows.open_to_all)
        if row["inserted"]:
            for text in task.companions:
                await self.connection.execute(text, *place)
        return row["eligible"], row["inserted"]

    async def _refuse(self, task: "Task", number: int, error: asyncpg.PostgresError) -> None:
        self.refused += 1
        if self.refused > MOST_REFUSALS:
            raise ImportFailed(
                f"The database refused more than {MOST_REFUSALS} lines; the last one: {sentence(error)}."
            )
        line = await self.connection.fetchval(statements.for_block("line", task.block), number)
        self.verdicts.refuse(task.file, line, sentence(error))


@dataclass(frozen=True)
class Task:
    """One block to land: the file it came from, how many rows are staged, how deep they stand, and their count."""

    block: Block
    file: str
    rows: int
    depth: int
    count: Count

    @property
    def names_somebody(self) -> bool:
        """Whether its lines name owners or other rows, which may not be there."""
        return bool(self.block.rows.owner is not None or self.block.references or self.block.links)

    @cached_property
    def insert(self) -> str:
        """The statement that makes staged rows rows."""
        return statements.for_block("insert", self.block)

    @cached_property
    def companions(self) -> tuple[str, ...]:
        """Statements that follow each insert: pairs of rows, and sensitive columns."""
        texts = [statements.for_links("links", self.block, relation) for relation, _ in self.block.links]
        return (*texts, *([statements.for_block("sensitive", self.block)] if self.block.sensitive else []))

    def target(self, field: str) -> str:
        """The module that a column or a relation leads to."""
        module = self.block.module
        found = {relation.column: relation.target for relation in module.to_one}
        found |= {relation.name: relation.target for relation in module.to_many}
        return found[field]


def about_rows(error: asyncpg.PostgresError) -> bool:
    """Whether an error may be the fault of single rows, rather than of the member's rights, the server or ourselves."""
    state = error.sqlstate or ""
    if state == FORBIDDEN:
        detail = _detail(error)
        catalogue = {(module, action): on_rows for module, action, on_rows in REGISTRY.catalogue()}
        return catalogue.get((str(detail.get("module")), str(detail.get("action"))), True)
    return state == ROW_POLICY or state[:2] in ABOUT_ROWS


def sentence(error: asyncpg.PostgresError) -> str:
    """What the database said, for whoever reads the verdict; never a value of another row."""
    state, detail = error.sqlstate or "", _detail(error)
    if state[:2] == "U0":
        message = error.args[0] if error.args else ""
        fields = detail.get("fields")
        if isinstance(fields, dict):
            return "; ".join(f"{field}: {reason}" for field, reason in fields.items())
        what = ", ".join(str(detail[key]) for key in ("module", "action", "field", "tier") if detail.get(key))
        return f"{message} ({what})" if what else str(message)
    if state == ROW_POLICY:
        return "a policy does not let the importing member insert this row"
    if state[:2] in ABOUT_ROWS:
        # The message of a constraint is ours to read; its detail would repeat values.
        return f"the database refuses it: {error.args[0] if error.args else state}"
    if state in CROSSED:
        return "somebody else is changing the same things; nothing was kept, so run the import again"
    return f"the database stopped the import ({state}): {error.args[0] if error.args else ''}"


def _detail(error: asyncpg.PostgresError) -> dict[str, object]:
    try:
        detail = json.loads(getattr(error, "detail", None) or "{}")
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}

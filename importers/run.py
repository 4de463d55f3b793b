"""An import from beginning to end: one transaction, so that it is there or it is not.

Files are copied into private staging tables as the gateway's login, because members never COPY; then the transaction
becomes the importing member's, and everything that stays is written under that member's policies and triggers.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import asyncpg

from importers import statements
from importers.errors import ImportFailed
from importers.landing import Landing, Task, sentence
from importers.mapping import Mapping
from importers.people import people
from importers.progress import SILENT, Progress
from importers.reader import Table, tables
from importers.rows import Block, Reading, Staging, blocks, ranks
from importers.structure import Count, settle
from importers.summary import Summary
from importers.verdicts import Refusal, Verdicts, write
from resolvers.session import Connection, Database, Identity

# An import may take its time; a statement of it that takes longer than this is stuck.
STATEMENT_TIMEOUT = 3600.0

# Foreign keys are checked for each row. Where a table is small, the planner would rather read all of it each time.
KEYED = "set local enable_seqscan = off"

# What waits for the commit is checked before it, so that a dry run sees it too.
CHECKED = "set constraints all immediate"


class _DryRun(Exception):
    """Everything was done and nothing is to stay."""


async def run(
    mapping: Mapping,
    *,
    data: Path,
    identity: Identity,
    database: Database,
    rejects: Path | None = None,
    dry_run: bool = False,
    progress: Progress = SILENT,
) -> Summary:
    """Import the files in `data` as the member and into the account that `identity` names.

    Lines that cannot go in are listed in the summary and in the file `rejects` (by default NAME.rejects.csv in the
    working directory); the others go in. ImportFailed says why nothing did. A dry run does all of it and keeps nothing.
    """
    started = time.perf_counter()
    rejects = rejects or Path.cwd() / f"{mapping.name}.rejects.csv"
    if not os.access(rejects.parent, os.W_OK):
        raise ImportFailed(f"{rejects.parent} cannot be written to; say with --rejects where refused lines go.")
    if rejects.exists() and not rejects.is_file():
        raise ImportFailed(f"{rejects} is no file; say with --rejects where refused lines go.")
    found, verdicts = tables(mapping.sources, data), Verdicts()
    reading = Reading(mapping, found, people(mapping, found, verdicts), verdicts)
    importing = _Import(reading, progress)
    summary = Summary(mapping.name, identity.account or "", committed=not dry_run)
    try:
        async with database.staging(statement_timeout=STATEMENT_TIMEOUT) as staging:
            await importing.stage(staging.connection)
            await staging.enter(identity)
            await importing.land(staging.connection, summary)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    except asyncpg.PostgresError as error:
        said = sentence(error)
        raise ImportFailed(f"{said[:1].upper()}{said[1:]}.") from error
    summary.refusals = _with_texts(verdicts, found)
    summary.refused = verdicts.by_file()
    if summary.refusals:
        write(rejects, summary.refusals)
        summary.rejects = rejects
    summary.seconds = time.perf_counter() - started
    return summary


class _Import:
    """The two halves of an import: before the transaction has an identity, and after."""

    def __init__(self, reading: Reading, progress: Progress) -> None:
        self.reading, self.progress = reading, progress
        self.blocks = blocks(reading.mapping)
        self.staged: dict[int, Staging] = {}
        self.depths: dict[int, int] = {}

    async def stage(self, connection: Connection) -> None:
        """Copy what the files say into staging tables."""
        self.progress.begin("read", sum(self.reading.tables[block.rows.source].size for block in self.blocks))
        targets = dict.fromkeys(target for block in self.blocks for target in block.targets)
        await connection.execute(statements.people(targets))
        for block in self.blocks:
            await self._stage_block(connection, block)
        self.progress.finish("read")

    async def land(self, connection: Connection, summary: Summary) -> None:
        """Make of it what stays, as the member that the transaction has become."""
        account: UUID = await connection.fetchval("select access.account_id()")
        for module in dict.fromkeys(block.module.name for block in self.blocks):
            # The database would refuse every line; one sentence says it better.
            for action in ("import", "create"):
                if not await connection.fetchval("select access.reach($1, $2)", module, action):
                    raise ImportFailed(f"The importing member may not {action} {module}.")
        named = self.reading.people
        self.progress.begin("people", len(named.teams) + len(named.members))
        settled = await settle(connection, account, self.reading.mapping, named)
        summary.structure = settled.counts
        await self._name_people(connection, account, settled.teams)
        self.progress.finish("people")
        self.progress.begin("insert", sum(staged.rows for staged in self.staged.values()))
        await connection.execute(KEYED)
        landing = Landing(connection, account, self.reading.mapping.name, self.reading.verdicts, self.progress)
        for block in self.blocks:
            file, count = (
                self.reading.tables[block.rows.source].file,
                summary.rows.setdefault(block.module.name, Count()),
            )
            rows, depth = self.staged[block.number].rows, self.depths[block.number]
            await landing.block(Task(block, file, rows, depth, count))
        await connection.execute(CHECKED)
        self.progress.finish("insert")

    async def _stage_block(self, connection: Connection, block: Block) -> None:
        table, staged = self.reading.tables[block.rows.source], Staging()
        await connection.execute(statements.for_block("stage", block))
        read = _in_portions(lambda size: self.progress.advance("read", size))
        rows = self.reading.records(block, staged, read)
        await connection.copy_records_to_table(
            block.table, schema_name="pg_temp", columns=list(block.staged), records=rows
        )
        rank, circles = ranks(staged)
        if rank or circles:
            await connection.execute(
                statements.for_block("rank", block), list(rank), list(rank.values()), list(circles)
            )
            for key, line in circles.items():
                self.reading.verdicts.refuse(table.file, line, f"{key!r} stands below itself")
        await connection.execute(statements.for_block("analyze", block))
        self.staged[block.number] = staged
        self.depths[block.number] = max(rank.values(), default=0)

    async def _name_people(self, connection: Connection, account: UUID, teams: dict[str, UUID]) -> None:
        await connection.execute(statements.teams(), list(teams), list(teams.values()))
        for block in self.blocks:
            if block.rows.owner is not None:
                await connection.execute(statements.for_block("owners", block), account)


def _in_portions(advance: Callable[[int], None], portion: int = 1 << 16) -> Callable[[int], None]:
    """The same, called once per `portion`: whoever watches need not hear of every line."""
    waiting = 0

    def read(size: int) -> None:
        nonlocal waiting
        waiting += size
        if waiting >= portion:
            advance(waiting)
            waiting = 0

    return read


def _with_texts(verdicts: Verdicts, found: dict[str, Table]) -> list[Refusal]:
    """Refusals in the order of their files and lines, each with the text of its line."""
    by_file = {table.file: table for table in found.values()}
    numbers: dict[str, set[int]] = {}
    for refusal in verdicts.refusals:
        if not refusal.text and refusal.file in by_file:
            numbers.setdefault(refusal.file, set()).add(refusal.line)
    texts = {file: by_file[file].texts(wanted) for file, wanted in numbers.items()}
    return sorted(
        Refusal(r.file, r.line, r.reason, r.text or texts.get(r.file, {}).get(r.line, "")) for r in verdicts.refusals
    )

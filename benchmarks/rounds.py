"""Rounds: every contender answers every operation for some seconds, in turn, and again in another order."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from benchmarks.contenders import Contender
from benchmarks.data import Database
from benchmarks.measure import spin
from benchmarks.operations import CREATED, Operation


@dataclass(frozen=True)
class Sample:
    """One contender, one operation, one round. CPU in microseconds a request; memory in MiB."""

    operation: str
    contender: str
    rate: float
    p50: float
    p99: float
    gateway_cpu: float
    database_cpu: float
    memory: float
    spin: float


async def run(
    contenders: Sequence[Contender],
    operations: Sequence[Operation],
    database: Database,
    *,
    rounds: int,
    done: Callable[[Sample], None],
) -> list[Sample]:
    """All rounds; the order of contenders is another one each time."""
    samples = []
    for number in range(rounds):
        for operation in operations:
            turn = number % len(contenders)
            for contender in (*contenders[turn:], *contenders[:turn]):
                sample = _sample(contender, operation)
                await settle(database)
                if operation.writes:
                    await tidy(database)
                samples.append(sample)
                done(sample)
    return samples


def _sample(contender: Contender, operation: Operation) -> Sample:
    speed = spin()
    found = contender.measure(operation)
    return Sample(
        operation.name,
        contender.name,
        found.answered.rate,
        found.answered.p50,
        found.answered.p99,
        found.gateway_cpu,
        found.database_cpu,
        found.memory,
        speed,
    )


async def settle(database: Database, seconds: float = 60) -> None:
    """Wait until the statements of requests that wrk left unanswered have ended: they are not the next one's."""
    connection = await asyncpg.connect(database.admin_url)
    try:
        ends = time.monotonic() + seconds
        # Nobody tells when other sessions are idle.
        while await connection.fetchval(_BUSY) and time.monotonic() < ends:  # noqa: ASYNC110 - a server has no event
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


_BUSY = """
select exists (
  select from pg_stat_activity
   where backend_type = 'client backend' and state <> 'idle' and pid <> pg_backend_pid()
)
"""


async def tidy(database: Database) -> None:
    """After writes: created rows go, and what they left behind, so that the next server finds what this one did."""
    connection = await asyncpg.connect(database.admin_url)
    try:
        async with connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            await connection.execute(
                """
                delete from crm.contacts
                 where account_id in (select id from access.account) and last_name_lower = $1 and last_name = $2
                """,
                CREATED.lower(),
                CREATED,
            )
        await connection.execute("vacuum crm.contacts")
    finally:
        await connection.close()


def by_contender(samples: Iterable[Sample]) -> Mapping[tuple[str, str], list[Sample]]:
    """Samples by operation and contender, rounds in order."""
    found: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        found.setdefault((sample.operation, sample.contender), []).append(sample)
    return found

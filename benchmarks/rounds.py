"""Rounds: every server answers every operation for some seconds, in turn, and again in another order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks import answers, load
from benchmarks.data import Database, postmaster
from benchmarks.load import Answered
from benchmarks.measure import Usage, memory, spin
from benchmarks.members import Member
from benchmarks.operations import CREATED, Operation
from benchmarks.peers import Peer

# Other variables for each member, so that a file has several hundred requests.
EACH = 20


@dataclass(frozen=True)
class Options:
    """How long and how much. The gateway has a core for itself; Postgres and wrk share the other."""

    rounds: int = 5
    seconds: float = 5
    connections: int = 16
    gateway_core: int = 0
    database_core: int = 1


@dataclass(frozen=True)
class Sample:
    """One server, one operation, one round. CPU in microseconds a request; memory in MiB."""

    operation: str
    peer: str
    rate: float
    p50: float
    p99: float
    gateway_cpu: float
    database_cpu: float
    memory: float
    spin: float


class Course:
    """The servers that run, and the requests that they are sent."""

    def __init__(self, database: Database, peers: Sequence[Peer], members: Sequence[Member], options: Options) -> None:
        self._database = database
        self._peers = peers
        self._members = members
        self._options = options
        self._server = postmaster(database.directory)

    def prepare(self, operations: Iterable[Operation]) -> None:
        """Write the files of requests."""
        for peer in self._peers:
            cursors: dict[str, str] = {}
            for operation in operations:
                if operation.name == "Q8":
                    cursors = {member.token: answers.cursor(peer, member) for member in self._members}
                load.write(self._path(operation, peer), operation, peer, self._members, cursors=cursors, each=EACH)

    def warm(self, operations: Iterable[Operation], seconds: float) -> None:
        """Let every server see every operation, looking at each answer for errors."""
        for operation in operations:
            for peer in self._peers:
                self._send(operation, peer, seconds, check=True)

    async def run(self, operations: Sequence[Operation], done: Callable[[Sample], None]) -> list[Sample]:
        """All rounds; the order of servers is another one each time."""
        samples = []
        for number in range(self._options.rounds):
            for operation in operations:
                turn = number % len(self._peers)
                for peer in (*self._peers[turn:], *self._peers[:turn]):
                    sample = self._measure(operation, peer)
                    if operation.writes:
                        await tidy(self._database)
                    samples.append(sample)
                    done(sample)
        return samples

    def _measure(self, operation: Operation, peer: Peer) -> Sample:
        speed = spin()
        gateway, server = Usage.of(peer.process), Usage.of(self._server)
        found = self._send(operation, peer, self._options.seconds)
        gateway_cpu, server_cpu = Usage.of(peer.process).since(gateway), Usage.of(self._server).since(server)
        return Sample(
            operation.name,
            peer.name,
            found.rate,
            found.p50,
            found.p99,
            gateway_cpu / found.requests * 1e6,
            server_cpu / found.requests * 1e6,
            memory(peer.process),
            speed,
        )

    def _send(self, operation: Operation, peer: Peer, seconds: float, *, check: bool = False) -> Answered:
        options = self._options
        return load.run(
            self._path(operation, peer),
            peer.url,
            seconds=seconds,
            connections=options.connections,
            core=options.database_core,
            check=check,
        )

    def _path(self, operation: Operation, peer: Peer) -> Path:
        return self._database.directory / f"{operation.name}.{peer.name}.requests"


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


def by_peer(samples: Iterable[Sample]) -> Mapping[tuple[str, str], list[Sample]]:
    """Samples by operation and server, rounds in order."""
    found: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        found.setdefault((sample.operation, sample.peer), []).append(sample)
    return found

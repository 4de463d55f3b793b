"""Who is measured: the servers behind wrk, and pgbench."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks import answers, ceiling, load, statements
from benchmarks.data import Database, postmaster
from benchmarks.load import Answered
from benchmarks.measure import Usage, memory
from benchmarks.members import Member
from benchmarks.operations import Operation
from benchmarks.peers import Peer

# Other variables for each member, so that a file has several hundred requests.
EACH = 20
# pgbench keeps prepared statements for each script and connection: of all members every so manieth, in each scope.
EVERY = 3


@dataclass(frozen=True)
class Options:
    """How long and how much, and how nice. A gateway has a core for itself; Postgres and wrk share the other."""

    rounds: int = 5
    seconds: float = 5
    connections: int = 16
    priority: int = 0
    gateway_core: int = 0
    database_core: int = 1


@dataclass(frozen=True)
class Course:
    """What all contenders share."""

    database: Database
    members: Sequence[Member]
    options: Options


@dataclass(frozen=True)
class Measured:
    """Microseconds of CPU a request, of the gateway and of Postgres; memory of the gateway in MiB."""

    answered: Answered
    gateway_cpu: float
    database_cpu: float
    memory: float


class Contender(Protocol):
    """Something that answers operations."""

    @property
    def name(self) -> str:
        """How tables call it."""

    async def prepare(self, operation: Operation) -> None:
        """What is made once before it answers an operation."""

    def warm(self, operation: Operation, seconds: float) -> None:
        """Answer for a while, with every answer looked at; nothing is measured."""

    def measure(self, operation: Operation) -> Measured:
        """Answer for the time that the options say."""


class Served:
    """A server that wrk asks."""

    def __init__(self, course: Course, peer: Peer, name: str = "") -> None:
        self.name = name or peer.name
        self._course = course
        self._peer = peer
        self._paths: dict[str, Path] = {}

    async def prepare(self, operation: Operation) -> None:
        """Write the file of requests."""
        path = self._course.database.directory / f"{operation.name}.{self._peer.name}.requests"
        cursors = {}
        if operation.name == "Q8":
            cursors = {member.token: answers.cursor(self._peer, member) for member in self._course.members}
        load.write(path, operation, self._peer, self._course.members, cursors=cursors, each=EACH)
        self._paths[operation.name] = path

    def warm(self, operation: Operation, seconds: float) -> None:
        """Ask for a while; LoadError when an answer holds an error."""
        self._send(operation, seconds, check=True)

    def measure(self, operation: Operation) -> Measured:
        """Ask for the time that the options say."""
        server = postmaster(self._course.database.directory)
        gateway, database = Usage.of(self._peer.process), Usage.of(server)
        found = self._send(operation, self._course.options.seconds)
        gateway_cpu, database_cpu = Usage.of(self._peer.process).since(gateway), Usage.of(server).since(database)
        each = 1e6 / found.requests
        return Measured(found, gateway_cpu * each, database_cpu * each, memory(self._peer.process))

    def at_half(self, operation: Operation) -> Answered:
        """Ask half as fast as it can answer."""
        connections, seconds = self._course.options.connections, self._course.options.seconds
        between = connections / (self._send(operation, seconds).rate / 2) * 1000
        # How long an answer takes then is seen from a first try.
        tried = self._send(operation, seconds, pause=between)
        return self._send(operation, seconds, pause=max(1, 2 * between - connections / tried.rate * 1000))

    def _send(self, operation: Operation, seconds: float, *, check: bool = False, pause: float = 0) -> Answered:
        options = self._course.options
        return load.run(
            self._paths[operation.name],
            self._peer.url,
            seconds=seconds,
            connections=options.connections,
            core=options.database_core,
            check=check,
            pause=pause,
        )


class Ceiling:
    """pgbench with the transactions that Cloison sends. Cursors are Cloison's."""

    def __init__(self, course: Course, name: str, cursor: Callable[[Member], str]) -> None:
        self.name = name
        self._course = course
        self._cursor = cursor
        self._scripts: dict[str, ceiling.Scripts] = {}

    async def prepare(self, operation: Operation) -> None:
        """Write the scripts."""
        scopes = {member.scope for member in self._course.members}
        members = [each for number, each in enumerate(self._course.members) if number // len(scopes) % EVERY == 0]
        sent = [
            await statements.transaction(
                operation, member, number, self._cursor(member) if operation.name == "Q8" else None
            )
            for number, member in enumerate(members)
        ]
        directory = Path(tempfile.mkdtemp(prefix="pgbench-", dir=self._course.database.directory))
        self._scripts[operation.name] = ceiling.write(directory, members, sent, pipelined=ceiling.FORMS[self.name])

    def warm(self, operation: Operation, seconds: float) -> None:
        """Each run warms itself."""

    def measure(self, operation: Operation) -> Measured:
        """Run the scripts."""
        options = self._course.options
        found = ceiling.run(
            self._scripts[operation.name], self._course.database, seconds=options.seconds, core=options.gateway_core
        )
        each = 1e6 / found.answered.requests
        return Measured(found.answered, found.own_cpu * each, found.database_cpu * each, 0)

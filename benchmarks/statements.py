"""The statements that Cloison sends for an operation, from its compiler, so that they do not drift."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from benchmarks.members import CURSOR_SECRET, Member
from benchmarks.operations import Operation
from resolvers.operations import Compiler
from resolvers.session import Connection, Identity, Session
from resolvers.writes import Writer

_COMPILER = Compiler(CURSOR_SECRET.encode())


@dataclass(frozen=True)
class Statement:
    """SQL and its parameters."""

    text: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Transaction:
    """What is between entering and the commit. `row`: the id of a row that it creates."""

    statements: tuple[Statement, ...]
    writes: bool
    row: str = ""


@dataclass
class _Recorder:
    """Stands for a connection: notes what is executed, and says that it changed one row."""

    sent: list[Statement] = field(default_factory=list)

    async def execute(self, text: str, *values: Any) -> str:
        self.sent.append(Statement(text, values))
        return "UPDATE 1"


async def transaction(operation: Operation, member: Member, number: int, cursor: str | None = None) -> Transaction:
    """What the gateway sends for the member."""
    variables = operation.variables("cloison", member, number, cursor)
    request = _COMPILER.prepare(operation.document("cloison"), None).bind(variables, Identity(member.slug, member.user))
    recorder = _Recorder()
    row = ""
    for part in request.variant.parts.values():
        if part.site >= 0:
            session = Session(cast("Connection", recorder), member.profile)
            write = request.bound[part.site].values[1]
            await Writer(session, write).run()
            row = str(write.row_id) if write.verb == "create" else ""
        text = request.operation.shared.text(part, member.profile)
        recorder.sent.append(Statement(text, request._values(part.rendered.slots)))  # noqa: SLF001
    return Transaction(tuple(recorder.sent), operation.writes, row)

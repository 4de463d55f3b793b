"""The statements that Cloison sends for an operation, from its compiler, so that they do not drift."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from benchmarks.members import CURSOR_SECRET, Member
from benchmarks.operations import Operation
from resolvers.operations import Compiler
from resolvers.profile import Profile
from resolvers.session import Exchange, Identity
from resolvers.session.pipeline import Step
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


class _Changed:
    """Stands for the server's answer: one row was changed."""

    command_tuples = 1


@dataclass
class _Recorder:
    """Stands for an exchange: notes what is sent."""

    profile: Profile
    failed: int | None = None
    sent: list[Statement] = field(default_factory=list)

    async def run(self, *steps: Step) -> list[_Changed]:
        self.sent += [Statement(step.text, step.values) for step in steps]
        return [_Changed()] * len(steps)

    last = run


async def transaction(operation: Operation, member: Member, number: int, cursor: str | None = None) -> Transaction:
    """What the gateway sends for the member."""
    variables = operation.variables("cloison", member, number, cursor)
    request = _COMPILER.prepare(operation.document("cloison"), None).bind(variables, Identity(member.slug, member.user))
    recorder = _Recorder(member.profile)
    row = ""
    for part in request.variant.parts.values():
        if part.site >= 0:
            write = request.bound[part.site].values[1]
            await Writer(write).run(cast("Exchange", recorder))
            row = str(write.row_id) if write.verb == "create" else ""
        rendered = request.operation.shared.statement(part, member.profile)
        recorder.sent.append(Statement(rendered.text, request.values(rendered.slots)))
    return Transaction(tuple(recorder.sent), operation.writes, row)

"""Everybody in place: the database, the members, the servers that answer alike, warmed."""

import fcntl
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from benchmarks import answers, data, measure, members
from benchmarks.ceiling import FORMS, allowed
from benchmarks.contenders import Ceiling, Contender, Course, Options, Served
from benchmarks.operations import Operation
from benchmarks.peers import KINDS, Peer, running
from benchmarks.problems import BenchmarkError
from benchmarks.rounds import settle, tidy

FIRST_PORT = 18700
# The first server a second time: what differs then is noise.
AGAIN = "again"
EVERYBODY = ("postgraphile", "strawberry", "cloison", *FORMS, AGAIN)
CLOISON = "cloison"


@asynccontextmanager
async def course(
    directory: Path, scale: float, scopes: Sequence[str], options: Options, say: Callable[[str], None]
) -> AsyncIterator[Course]:
    """The account set and who asks; Postgres on its core. One run at a time has a directory."""
    with _alone(directory), data.held(directory, scale) as database:
        await data.prepare(database, say)
        # What a run that was interrupted has left.
        await tidy(database)
        who = await members.find(database.admin_url, database.gateway_url, scopes)
        measure.pin(data.postmaster(directory), options.database_core, options.priority)
        measure.pin(os.getpid(), options.database_core, options.priority)
        try:
            yield Course(database, who, options)
        finally:
            await tidy(database)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True, mode=0o711)
    with (directory / "run.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BenchmarkError(f"Another run measures in {directory}: wait for it.") from None
        yield


@asynccontextmanager
async def contenders(
    around: Course, names: Sequence[str], operations: Sequence[Operation], warm: float, say: Callable[[str], None]
) -> AsyncIterator[list[Contender]]:
    """Those that are named, in that order; AnswersDifferError unless the servers answer alike."""
    async with AsyncExitStack() as stack:
        served: dict[str, Peer] = {}
        for number, name in enumerate(name for name in names if name in KINDS):
            starting = running(
                KINDS[name], around.database, around.members, FIRST_PORT + number, around.options.gateway_core
            )
            served[name] = stack.enter_context(starting)
            measure.pin(served[name].process, around.options.gateway_core, around.options.priority)
        for operation in operations:
            rows = answers.compare(operation, list(served.values()), around.members)
            say(f"{operation.name}: {len(served)} servers answer {len(around.members)} members alike, {rows} rows")
        await tidy(around.database)
        found: list[Contender] = []
        for name in names:
            if name in served:
                found.append(Served(around, served[name]))
            elif name == AGAIN:
                first = next(iter(served.values()))
                found.append(Served(around, first, f"{first.name} {AGAIN}"))
            elif name in FORMS:
                found.append(Ceiling(around, name, partial(answers.cursor, served[CLOISON])))
            else:
                raise BenchmarkError(f"Nobody is called {name!r}: {', '.join(EVERYBODY)}.")
        if any(name in FORMS for name in names):
            await stack.enter_async_context(allowed(around.database))
        for contender in found:
            for operation in operations:
                await contender.prepare(operation)
                contender.warm(operation, warm)
        await settle(around.database)
        await tidy(around.database)
        yield found

"""`python -m benchmarks`: Cloison beside others, on the same rows. benchmarks/README.md says more."""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from benchmarks import answers, data, machine, measure, members, report, rls, rounds as course_of, section
from benchmarks.ceiling import FORMS, allowed
from benchmarks.contenders import EACH, Ceiling, Contender, Course, Options, Served
from benchmarks.load import require_wrk
from benchmarks.operations import BY_NAME, OPERATIONS, Operation
from benchmarks.peers import KINDS, Peer, running
from benchmarks.people import SCOPES
from benchmarks.rounds import Sample, tidy
from benchmarks.summary import Requests

app = typer.Typer(add_completion=False, no_args_is_help=True)

DIRECTORY = Path(os.environ.get("CLOISON_BENCH_DIR", data.CHECKOUT / ".data" / "bench"))
FIRST_PORT = 18700
# The first server a second time: what differs then is noise.
AGAIN = "again"
EVERYBODY = ("postgraphile", "strawberry", "cloison", *FORMS, AGAIN)
Directory = Annotated[Path, typer.Option(help="Where the database is kept, else CLOISON_BENCH_DIR or .data/bench.")]
Write = Annotated[bool, typer.Option(help="Put the result into RESULTS.md.")]
Scale = Annotated[float, typer.Option(help="1 is 1,000,000 contacts.")]


@app.callback()
def main() -> None:
    """Cloison beside others, on the same rows. benchmarks/README.md says more."""


@app.command()
def requests(
    only: Annotated[str, typer.Option(help="Operations, such as Q1,Q2.")] = "",
    peers: Annotated[str, typer.Option(help="Who is measured, the base first.")] = ",".join(EVERYBODY),
    scope: Annotated[str, typer.Option(help="Members of these scopes alone: own, team, all.")] = "",
    rounds: int = 5,
    seconds: Annotated[float, typer.Option(help="For each operation, server and round.")] = 5,
    connections: int = 16,
    warm: Annotated[float, typer.Option(help="Seconds before, for each operation and server.")] = 3,
    scale: Scale = 1,
    directory: Directory = DIRECTORY,
    write: Write = False,
) -> None:
    """Requests a second, latencies, CPU and memory of each server."""
    require_wrk()
    operations = [BY_NAME[name] for name in _names(only)] or list(OPERATIONS)
    options = Options(rounds, seconds, connections)
    with data.held(directory, scale) as database:
        asyncio.run(data.prepare(database, typer.echo))
        # What a run that was interrupted has left.
        asyncio.run(tidy(database))
        who = asyncio.run(members.find(database.admin_url, database.gateway_url, _names(scope) or list(SCOPES)))
        measure.pin(data.postmaster(directory), options.database_core)
        measure.pin(os.getpid(), options.database_core)
        course = Course(database, who, options)
        found = Requests(asyncio.run(_measure(course, operations, _names(peers), warm)))
        typer.echo(f"\n{found.tables()}\n\nNoise: {found.noise()}.")
        if write:
            versions = asyncio.run(machine.versions(database))
            text = section.write(_repeat(), course, EACH, found, versions=versions, hardware=machine.hardware())
            report.write("requests", text)


@app.command("rls")
def row_level_security(scale: Scale = 1, directory: Directory = DIRECTORY, write: Write = False) -> None:
    """Policies beside the same SQL filtered by hand: indexes, buffers, time."""
    asyncio.run(_row_level_security(scale, directory, write=write))


async def _row_level_security(scale: float, directory: Path, *, write: bool) -> None:
    with data.held(directory, scale) as database:
        await data.prepare(database, typer.echo)
        await tidy(database)
        who = await members.find(database.admin_url, database.gateway_url)
        compared, teams = await rls.compare(database, who), await rls.old_and_new(database)
        text = rls.section(_repeat(), database, who, compared, teams)
        typer.echo(text)
        if write:
            report.write("rls-10" if scale > 1 else "rls", text)


def _repeat() -> str:
    """The command, as one would type it again."""
    return " ".join(["python -m benchmarks", *(quote(each) for each in sys.argv[1:])])


async def _measure(course: Course, operations: Sequence[Operation], names: Sequence[str], warm: float) -> list[Sample]:
    database, options = course.database, course.options
    async with AsyncExitStack() as stack:
        started = [
            stack.enter_context(
                running(KINDS[name], database, course.members, FIRST_PORT + number, options.gateway_core)
            )
            for number, name in enumerate(name for name in names if name in KINDS)
        ]
        for operation in operations:
            rows = answers.compare(operation, started, course.members)
            typer.echo(
                f"{operation.name}: {len(started)} servers answer {len(course.members)} members alike, {rows} rows"
            )
        await tidy(database)
        served: dict[str, Peer] = {peer.name: peer for peer in started}
        contenders: list[Contender] = [Served(course, served[name]) for name in names if name in served]
        if AGAIN in names:
            contenders.append(Served(course, started[0], f"{started[0].name} {AGAIN}"))
        if any(name in FORMS for name in names):
            await stack.enter_async_context(allowed(database))
            contenders += [
                Ceiling(course, name, partial(answers.cursor, served["cloison"])) for name in names if name in FORMS
            ]
        for contender in contenders:
            for operation in operations:
                await contender.prepare(operation)
                contender.warm(operation, warm)
        await tidy(database)
        return await course_of.run(contenders, operations, database, rounds=options.rounds, done=_tell)


def _tell(sample: Sample) -> None:
    typer.echo(
        f"{sample.operation:4} {sample.contender:18} {sample.rate:8.0f}/s  p50 {sample.p50 / 1000:6.1f} ms  "
        f"p99 {sample.p99 / 1000:6.1f} ms  gateway {sample.gateway_cpu:6.0f} us  Postgres {sample.database_cpu:6.0f} us"
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    app()

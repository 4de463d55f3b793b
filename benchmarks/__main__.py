"""`python -m benchmarks`: Cloison beside others, on the same rows. benchmarks/README.md says more."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from benchmarks import (
    arena,
    data,
    dry_runs,
    growth,
    half,
    machine,
    members,
    memory,
    report,
    rls,
    rounds as course_of,
    section,
)
from benchmarks.contenders import EACH, Options
from benchmarks.load import require_wrk
from benchmarks.operations import BY_NAME, OPERATIONS, Operation
from benchmarks.people import SCOPES
from benchmarks.problems import BenchmarkError
from benchmarks.rounds import Sample, tidy
from benchmarks.summary import Requests

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

DEFAULTS = Options()
DIRECTORY = Path(os.environ.get("CLOISON_BENCH_DIR", data.CHECKOUT / ".data" / "bench"))
Directory = Annotated[Path, typer.Option(help="Where the database is kept, else CLOISON_BENCH_DIR or .data/bench.")]
Scale = Annotated[float, typer.Option(help="1 is 1,000,000 contacts.")]
Write = Annotated[bool, typer.Option("--write", help="Put the result into RESULTS.md.")]
Only = Annotated[str, typer.Option(help="Operations, such as Q1,Q2; all of them by default.")]
Scope = Annotated[str, typer.Option(help="Members of these scopes alone: own, team, all.")]
Warm = Annotated[float, typer.Option(help="Seconds before, for each operation and server.")]
Seconds = Annotated[float, typer.Option(help="For each operation, contender and round.")]
Rounds = Annotated[int, typer.Option(help="How often.")]
Connections = Annotated[int, typer.Option(help="Of wrk to a server.")]
Priority = Annotated[int, typer.Option(help="Niceness of all that takes part, where the machine has other work.")]


@app.callback()
def main() -> None:
    """Cloison beside others, on the same rows. benchmarks/README.md says more."""


@app.command()
def requests(
    only: Only = "",
    peers: Annotated[str, typer.Option(help="Who is measured, the base first.")] = ",".join(arena.EVERYBODY),
    scope: Scope = "",
    rounds: Rounds = DEFAULTS.rounds,
    seconds: Seconds = DEFAULTS.seconds,
    connections: Connections = DEFAULTS.connections,
    priority: Priority = DEFAULTS.priority,
    warm: Warm = 3,
    scale: Scale = 1,
    directory: Directory = DIRECTORY,
    write: Write = False,
) -> None:
    """Requests a second, latencies, CPU and memory of each server."""
    require_wrk()
    options = Options(rounds, seconds, connections, priority)

    async def run() -> None:
        async with arena.course(directory, scale, _names(scope) or SCOPES, options, typer.echo) as course:
            operations = _operations(only)
            async with arena.contenders(course, _names(peers), operations, warm, typer.echo) as contenders:
                samples = await course_of.run(contenders, operations, course.database, rounds=rounds, done=_tell)
            found = Requests(samples)
            typer.echo(f"\n{found.tables()}\n\nNoise: {found.noise()}.")
            if write:
                versions = await machine.versions(course.database)
                text = section.write(_repeat(), course, EACH, found, versions=versions, hardware=machine.hardware())
                report.write("requests", text)

    asyncio.run(run())


@app.command("half-load")
def half_load(
    only: Only = "",
    peers: Annotated[str, typer.Option(help="Which servers.")] = "cloison,postgraphile",
    rounds: Rounds = 3,
    seconds: Seconds = DEFAULTS.seconds,
    connections: Connections = DEFAULTS.connections,
    priority: Priority = DEFAULTS.priority,
    warm: Warm = 3,
    scope: Scope = "",
    scale: Scale = 1,
    directory: Directory = DIRECTORY,
    write: Write = False,
) -> None:
    """Latencies of servers that get half of what they can answer."""
    require_wrk()
    options = Options(rounds, seconds, connections, priority)

    async def run() -> None:
        async with arena.course(directory, scale, _names(scope) or SCOPES, options, typer.echo) as course:
            operations = _operations(only)
            async with arena.contenders(course, _names(peers), operations, warm, typer.echo) as contenders:
                found = await half.run(course, contenders, operations, typer.echo)
            typer.echo(found)
            if write:
                report.write("half-load", half.section(_repeat(), rounds, found))

    asyncio.run(run())


@app.command("rls")
def row_level_security(scale: Scale = 1, directory: Directory = DIRECTORY, write: Write = False) -> None:
    """Policies beside the same SQL filtered by hand: indexes, buffers, time."""

    async def run() -> None:
        with data.held(directory, scale) as database:
            await data.prepare(database, typer.echo)
            await tidy(database)
            who = await members.find(database.admin_url, database.gateway_url)
            compared, teams = await rls.compare(database, who), await rls.old_and_new(database)
            text = rls.section(_repeat(), database, who, compared, teams)
            typer.echo(text)
            if write:
                report.write("rls-10" if scale > 1 else "rls", text)

    asyncio.run(run())


@app.command("dry-runs")
def what_trying_costs(scale: Scale = 1, directory: Directory = DIRECTORY, write: Write = False) -> None:
    """Dry runs of administration beside the changes themselves, and beside one count."""

    async def run() -> None:
        with data.held(directory, scale) as database:
            await data.prepare(database, typer.echo)
            await tidy(database)
            text = dry_runs.section(_repeat(), await dry_runs.run(database, typer.echo))
            typer.echo(text)
            if write:
                report.write("dry-runs", text)

    asyncio.run(run())


@app.command("growth")
def what_grows(
    only: Annotated[str, typer.Option(help=f"Of {', '.join(growth.GROWN)}; all of them by default.")] = "",
    write: Write = False,
) -> None:
    """What grows with what: ten times as many rows, members, teams, roles, profiles, shares, accounts."""

    async def run() -> None:
        found = await growth.run(_names(only), typer.echo)
        held = await growth.plans(growth.GROWN["profiles"][2], kept=(256, 64), steps=(1, 20, 100, 200))
        text = growth.section(_repeat(), found, held)
        typer.echo(text)
        if write:
            report.write("growth", text)

    asyncio.run(run())


@app.command("memory")
def what_stays(
    operations: Annotated[int, typer.Option(min=memory.READINGS, help="Different ones.")] = 100_000,
    write: Write = False,
) -> None:
    """Memory of a gateway and of its backends over ever different operations."""
    found = asyncio.run(memory.run(operations, typer.echo))
    text = memory.section(_repeat(), found)
    typer.echo(text)
    if write:
        report.write("memory", text)


def _repeat() -> str:
    """The command, as one would type it again."""
    return " ".join(["python -m benchmarks", *(quote(each) for each in sys.argv[1:])])


def _operations(only: str) -> Sequence[Operation]:
    unknown = set(_names(only)) - set(BY_NAME)
    if unknown:
        raise BenchmarkError(f"There is no {', '.join(sorted(unknown))}: {', '.join(BY_NAME)}.")
    return [BY_NAME[name] for name in _names(only)] or OPERATIONS


def _tell(sample: Sample) -> None:
    typer.echo(
        f"{sample.operation:4} {sample.contender:18} {sample.rate:8.0f}/s  p50 {sample.p50 / 1000:6.1f} ms  "
        f"p99 {sample.p99 / 1000:6.1f} ms  gateway {sample.gateway_cpu:6.0f} us  Postgres {sample.database_cpu:6.0f} us"
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    try:
        app()
    except BenchmarkError as problem:
        sys.exit(str(problem))

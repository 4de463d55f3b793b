"""`python -m benchmarks`: Cloison beside others, on the same rows. benchmarks/README.md says more."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import answers, data, measure, members, summary
from benchmarks.load import require_wrk
from benchmarks.members import Member
from benchmarks.operations import BY_NAME, OPERATIONS, Operation
from benchmarks.peers import KINDS, Peer, running
from benchmarks.people import SCOPES
from benchmarks.rounds import Course, Options, Sample, tidy

app = typer.Typer(add_completion=False, no_args_is_help=True)

DIRECTORY = Path(os.environ.get("CLOISON_BENCH_DIR", data.CHECKOUT / ".data" / "bench"))
FIRST_PORT = 18700
Directory = Annotated[Path, typer.Option(help="Where the database is kept, else CLOISON_BENCH_DIR or .data/bench.")]
Scale = Annotated[float, typer.Option(help="1 is 1,000,000 contacts.")]


@app.callback()
def main() -> None:
    """Cloison beside others, on the same rows. benchmarks/README.md says more."""


@app.command()
def requests(
    only: Annotated[str, typer.Option(help="Operations, such as Q1,Q2.")] = "",
    peers: Annotated[str, typer.Option(help="Servers, in this order.")] = "postgraphile,strawberry,cloison",
    scope: Annotated[str, typer.Option(help="Members of these scopes alone: own, team, all.")] = "",
    rounds: int = 5,
    seconds: Annotated[float, typer.Option(help="For each operation, server and round.")] = 5,
    connections: int = 16,
    warm: Annotated[float, typer.Option(help="Seconds before, for each operation and server.")] = 3,
    scale: Scale = 1,
    directory: Directory = DIRECTORY,
    write: Annotated[bool, typer.Option(help="Put the result into RESULTS.md.")] = False,
) -> None:
    """Requests a second, latencies, CPU and memory of each server."""
    require_wrk()
    operations = [BY_NAME[name] for name in _names(only)] or list(OPERATIONS)
    scopes = _names(scope) or list(SCOPES)
    options = Options(rounds, seconds, connections)
    with data.held(directory, scale) as database, ExitStack() as stack:
        asyncio.run(data.prepare(database, typer.echo))
        # What a run that was interrupted has left.
        asyncio.run(tidy(database))
        who = asyncio.run(members.find(database.admin_url, database.gateway_url, scopes))
        measure.pin(data.postmaster(directory), options.database_core)
        measure.pin(os.getpid(), options.database_core)
        started = [
            stack.enter_context(running(KINDS[name], database, who, FIRST_PORT + number, options.gateway_core))
            for number, name in enumerate(_names(peers))
        ]
        _compare(operations, started, who)
        asyncio.run(tidy(database))
        course = Course(database, started, who, options)
        course.prepare(operations)
        course.warm(operations, warm)
        asyncio.run(tidy(database))
        samples = asyncio.run(course.run(operations, _tell))
    typer.echo(summary.requests(samples, [peer.name for peer in started]))
    if write:
        typer.echo("not yet")


def _compare(operations: Sequence[Operation], peers: Sequence[Peer], who: Sequence[Member]) -> None:
    for operation in operations:
        rows = answers.compare(operation, peers, who)
        typer.echo(f"{operation.name}: {len(peers)} servers answer {len(who)} members alike, {rows} rows")


def _tell(sample: Sample) -> None:
    typer.echo(
        f"{sample.operation:4} {sample.peer:13} {sample.rate:8.0f}/s  p50 {sample.p50 / 1000:6.1f} ms  "
        f"p99 {sample.p99 / 1000:6.1f} ms  gateway {sample.gateway_cpu:6.0f} us  Postgres {sample.database_cpu:6.0f} us"
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    app()

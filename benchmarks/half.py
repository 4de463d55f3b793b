"""Latencies at half load: whether a server that is not pressed answers evenly."""

from collections.abc import Callable, Sequence
from statistics import median

from benchmarks.contenders import Contender, Course, Served
from benchmarks.load import Answered
from benchmarks.operations import BY_NAME, Operation
from benchmarks.report import TEMPLATES, table
from benchmarks.rounds import settle, tidy

HEADER = ["half load", "requests/s", "p50 ms", "p99 ms", "p99 to p50"]


async def run(
    course: Course, contenders: Sequence[Contender], operations: Sequence[Operation], say: Callable[[str], None]
) -> str:
    """A table: every server, every operation, medians of the rounds."""
    found: dict[tuple[str, str], list[Answered]] = {}
    for _ in range(course.options.rounds):
        for operation in operations:
            for contender in contenders:
                if isinstance(contender, Served):
                    answered = contender.at_half(operation)
                    found.setdefault((operation.name, contender.name), []).append(answered)
                    said = f"{operation.name:4} {contender.name:18} {answered.rate:6.0f}/s"
                    say(f"{said}  p50 {answered.p50 / 1000:.1f} ms  p99 {answered.p99 / 1000:.1f} ms")
                await settle(course.database)
                if operation.writes:
                    await tidy(course.database)
    return table(HEADER, [_line(*key, answered) for key, answered in sorted(found.items(), key=_place)])


def section(command: str, rounds: int, found: str) -> str:
    """The section of RESULTS.md."""
    text = (TEMPLATES / "half-load.md").read_text(encoding="utf-8")
    return text.format(command=command, rounds=rounds, table=found)


def _line(operation: str, contender: str, answered: Sequence[Answered]) -> list[str]:
    ratios = [each.p99 / each.p50 for each in answered]
    return [
        f"{operation} {contender}",
        f"{median(each.rate for each in answered):.0f}",
        f"{median(each.p50 for each in answered) / 1000:.1f}",
        f"{median(each.p99 for each in answered) / 1000:.1f}",
        f"{median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})",
    ]


def _place(entry: tuple[tuple[str, str], list[Answered]]) -> int:
    return list(BY_NAME).index(entry[0][0])

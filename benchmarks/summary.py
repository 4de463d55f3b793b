"""Samples as a table of ratios: what a server did, to what PostGraphile did in the same round."""

from collections.abc import Callable, Sequence
from statistics import median

from benchmarks.report import table
from benchmarks.rounds import Sample, by_contender

BASE = "postgraphile"
COLUMNS: dict[str, Callable[[Sample], float]] = {
    "requests/s": lambda sample: sample.rate,
    "p50": lambda sample: sample.p50,
    "p99": lambda sample: sample.p99,
    "CPU of gateway": lambda sample: sample.gateway_cpu,
    "CPU of Postgres": lambda sample: sample.database_cpu,
}


def requests(samples: Sequence[Sample]) -> str:
    """Absolute medians, and ratios to the base, of each operation and server."""
    found = by_contender(samples)
    peers = list(dict.fromkeys(sample.contender for sample in samples))
    operations = list(dict.fromkeys(sample.operation for sample in samples))
    base = BASE if BASE in peers else peers[0]
    ratios = [
        [
            f"{operation} {peer}",
            *(ratio(found[operation, peer], found[operation, base], column) for column in COLUMNS.values()),
        ]
        for operation in operations
        for peer in peers
        if peer != base
    ]
    medians = [
        [
            f"{operation} {peer}",
            *(f"{median(column(sample) for sample in found[operation, peer]):.0f}" for column in COLUMNS.values()),
            f"{max(sample.memory for sample in found[operation, peer]):.0f}",
        ]
        for operation in operations
        for peer in peers
    ]
    return "\n\n".join(
        (
            table([f"to {base}", *COLUMNS], ratios),
            table(["median", *COLUMNS, "MiB"], medians),
        )
    )


def ratio(samples: Sequence[Sample], base: Sequence[Sample], column: Callable[[Sample], float]) -> str:
    """Median of the rounds' ratios, with the lowest and the highest."""
    found = [column(one) / column(other) if column(other) else 0.0 for one, other in zip(samples, base, strict=True)]
    return f"{median(found):.2f} ({min(found):.2f} to {max(found):.2f})"

"""Samples as tables: what a contender did, to what another did in the same round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.operations import BY_NAME
from benchmarks.report import table
from benchmarks.rounds import Sample, by_contender

CEILING = "pgbench pipelined"
OURS = "cloison"

Column = Callable[[Sample], float]
COLUMNS: dict[str, Column] = {
    "requests/s": lambda sample: sample.rate,
    "p50": lambda sample: sample.p50,
    "p99": lambda sample: sample.p99,
    "CPU of gateway": lambda sample: sample.gateway_cpu,
    "CPU of Postgres": lambda sample: sample.database_cpu,
    "memory of gateway": lambda sample: sample.memory,
}
PLAIN: dict[str, tuple[str, Column]] = {
    "requests/s": ("{:.0f}", lambda sample: sample.rate),
    "p50 ms": ("{:.1f}", lambda sample: sample.p50 / 1000),
    "p99 ms": ("{:.1f}", lambda sample: sample.p99 / 1000),
    "CPU of gateway, µs": ("{:.0f}", lambda sample: sample.gateway_cpu),
    "CPU of Postgres, µs": ("{:.0f}", lambda sample: sample.database_cpu),
    "MiB": ("{:.0f}", lambda sample: sample.memory),
}


@dataclass(frozen=True)
class Requests:
    """Samples of a run, the base first."""

    samples: Sequence[Sample]

    @property
    def found(self) -> Mapping[tuple[str, str], list[Sample]]:
        """Samples by operation and contender."""
        return by_contender(self.samples)

    @property
    def contenders(self) -> list[str]:
        """Names, in the order of the first round."""
        return list(dict.fromkeys(sample.contender for sample in self.samples))

    @property
    def operations(self) -> list[str]:
        """Names, in order."""
        return list(dict.fromkeys(sample.operation for sample in self.samples))

    def ratios(self, whom: str, base: str) -> str:
        """A table of ratios, an operation a line."""
        found = self.found
        rows = [
            [
                f"{operation} {BY_NAME[operation].title}",
                *(ratio(found[operation, whom], found[operation, base], column) for column in COLUMNS.values()),
            ]
            for operation in self.operations
        ]
        return table([f"{whom} to {base}", *COLUMNS], rows)

    def medians(self) -> str:
        """A table of plain numbers."""
        found = self.found
        rows = [
            [
                f"{operation} {contender}",
                *(form.format(median(map(column, found[operation, contender]))) for form, column in PLAIN.values()),
            ]
            for operation in self.operations
            for contender in self.contenders
        ]
        return table(["medians", *PLAIN], rows)

    def tables(self) -> str:
        """All of them: to the base, ours to the ceiling, plain."""
        base = self.contenders[0]
        parts = [self.ratios(each, base) for each in self._to_base()]
        if OURS in self.contenders and CEILING in self.contenders:
            parts.append(self.ratios(OURS, CEILING))
        return "\n\n".join([*parts, self.medians()])

    def _to_base(self) -> list[str]:
        """Ours first. What runs in pgbench is compared with us alone."""
        others = [each for each in self.contenders[1:] if "pgbench" not in each]
        return sorted(others, key=lambda name: name != OURS)

    def noise(self) -> str:
        """How far the same work went apart: a loop of fixed work, and the base measured a second time."""
        speeds = sorted(sample.spin for sample in self.samples)
        middle = median(speeds)
        said = (
            f"a loop of fixed work before each sample made between {speeds[0] / middle:.2f} and "
            f"{speeds[-1] / middle:.2f} of its median"
        )
        again = [each for each in self.contenders if each.endswith(" again")]
        if again:
            found = self.found
            base = self.contenders[0]
            twice = sorted(
                one.rate / other.rate
                for operation in self.operations
                for one, other in zip(found[operation, again[0]], found[operation, base], strict=True)
            )
            said += (
                f"; {base}, measured a second time in each round, had {median(twice):.2f} of its own requests/s "
                f"(median; nine of ten between {_at(twice, 0.05):.2f} and {_at(twice, 0.95):.2f})"
            )
        return said


def ratio(samples: Sequence[Sample], base: Sequence[Sample], column: Column) -> str:
    """Median of the rounds' ratios, with the lowest and the highest; or nothing beside none (pgbench's memory)."""
    pairs = [(column(one), column(other)) for one, other in zip(samples, base, strict=True)]
    if not all(other for _, other in pairs):
        return ""
    found = [one / other for one, other in pairs]
    return f"{median(found):.2f} ({min(found):.2f} to {max(found):.2f})"


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[round(share * (len(ordered) - 1))]

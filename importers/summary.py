"""What an import did, for a person and for a script."""

from dataclasses import dataclass, field
from pathlib import Path

from importers.structure import Count
from importers.verdicts import Refusal


@dataclass(slots=True)
class Summary:
    """Counts of what went in and of what was there already, per kind and per module, and every line that was refused.

    `rejects` is the file that lists the refusals, None when there are none. `seconds` covers reading to commit.
    """

    mapping: str
    account: str
    committed: bool
    structure: dict[str, Count] = field(default_factory=dict)
    rows: dict[str, Count] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    rejects: Path | None = None
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """The summary as JSON would have it; refusals in full are in the rejects file."""
        return {
            "mapping": self.mapping,
            "account": self.account,
            "committed": self.committed,
            **{kind: _count(count) for kind, count in self.structure.items()},
            "rows": {module: _count(count) for module, count in self.rows.items()},
            "refused_lines": sum(self.refused.values()),
            "refused": [
                {"file": refusal.file, "line": refusal.line, "reason": refusal.reason} for refusal in self.refusals
            ],
            "rejects": None if self.rejects is None else str(self.rejects),
            "seconds": round(self.seconds, 3),
        }


def _count(count: Count) -> dict[str, int]:
    return {"inserted": count.inserted, "unchanged": count.unchanged}

"""What became of each line: refused with a reason, or taken. Refusals go to the summary and to a file."""

import csv
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HEADER = ("file", "line", "reason", "text")


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """A line that did not go in. `line` counts from 1 as an editor does; `text` is the line as it stands in the file.

    A line that serves several parts of a mapping can be refused by each of them.
    """

    file: str
    line: int
    reason: str
    text: str = ""


class Verdicts:
    """Refusals of one import, in the order in which they were found."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self._known: set[tuple[str, int, str]] = set()

    def refuse(self, file: str, line: int, reason: str, text: str = "") -> None:
        """Record that a line was refused; the same reason for the same line is recorded once."""
        key = (file, line, reason)
        if key not in self._known:
            self._known.add(key)
            self.refusals.append(Refusal(file, line, reason, text))

    def __len__(self) -> int:
        return len(self.refusals)

    def by_file(self) -> dict[str, int]:
        """Number of lines refused per file."""
        return dict(Counter(file for file, _ in {(refusal.file, refusal.line) for refusal in self.refusals}))


def write(path: Path, refusals: Iterable[Refusal]) -> None:
    """Write refusals as CSV to `path`, readable by its owner alone: lines of a CRM are personal data."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), 0o600)
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows((refusal.file, refusal.line, refusal.reason, refusal.text) for refusal in refusals)

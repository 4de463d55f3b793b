"""What became of each line: refused with a reason, or taken. Refusals go to the summary and to a file."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

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
    """Write refusals as CSV to `path`, readable by its owner alone: lines of a CRM are personal data.

    What was there is replaced, not written into: a link that somebody planted is gone, and its target as it was.
    """
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        draft = Path(file.name)
        try:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows((refusal.file, refusal.line, refusal.reason, refusal.text) for refusal in refusals)
            file.close()
            draft.replace(path)
        except BaseException:
            draft.unlink()
            raise

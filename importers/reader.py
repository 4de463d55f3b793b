"""CSV files, a line at a time: what can be read is handed on, what cannot is refused by its line number.

One bad line must not take its neighbours with it. So lines are decoded one by one, and after a quotation mark that is
never closed reading goes on with the next line instead of swallowing the rest of the file.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Mapping as Lookup
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from importers.errors import ImportFailed
from importers.expressions import Header
from importers.mapping import Source
from importers.verdicts import Verdicts

# The longest cell that a module takes is 200,000 characters; an unclosed quotation mark is noticed after as many.
LONGEST_CELL = 250_000


@dataclass(slots=True)
class Line:
    """A line that could be read: its number in the file, and its cells, corrected as the mapping says."""

    number: int
    cells: list[str]


def _unheard(size: int) -> None:
    """Nobody counts the bytes."""


class Lines:
    """Physical lines of a file, decoded one by one, with those that the current record consists of at hand."""

    def __init__(self, path: Path, encoding: str, read: Callable[[int], None]) -> None:
        self.record: list[tuple[int, str]] = []
        self.faults: dict[int, str] = {}
        self._encoding, self._read = encoding, read
        self._again: deque[tuple[int, str]] = deque()
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise ImportFailed(f"{path} cannot be read: {error.strerror}.") from None
        self._numbered = enumerate(self._file, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if self._again:
            number, text = self._again.popleft()
        else:
            number, raw = next(self._numbered)
            self._read(len(raw))
            text = self._decoded(number, raw)
        self.record.append((number, text))
        return text

    def resume_after_first(self) -> None:
        """Take the current record's lines, all but the first, again."""
        self._again.extendleft(reversed(self.record[1:]))
        self.record.clear()

    def fault(self) -> str | None:
        """Why the current record cannot be used as text; None when it can."""
        return next((self.faults[number] for number, _ in self.record if number in self.faults), None)

    def whole(self) -> str:
        """The current record as it stands in the file."""
        return "".join(text for _, text in self.record).rstrip("\r\n")

    def _decoded(self, number: int, raw: bytes) -> str:
        if b"\0" in raw:
            self.faults[number] = "holds a NUL character"
        # A byte order mark is Excel's way to say UTF-8; it stands before the first line and belongs to no cell.
        encoding = "utf-8-sig" if self._encoding == "utf-8" and number == 1 else self._encoding
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            offending = raw[error.start : error.start + 1].hex()
            self.faults[number] = f"is not {self._encoding}: byte {offending} at {error.start + 1}"
            return raw.decode(encoding, errors="backslashreplace")


class Table:
    """One source's file: `header` is known at once, `lines` reads it anew each time."""

    def __init__(self, source: Source, directory: Path) -> None:
        self.source, self.file, self.path = source, source.file, directory / source.file
        if not self.path.is_file():
            raise ImportFailed(f"{self.path} is not there; the mapping names {source.file} in the data directory.")
        self.size = self.path.stat().st_size
        self.header = self._header()
        for column in source.replace:
            self.header.position(column)

    def lines(self, verdicts: Verdicts, read: Callable[[int], None] = _unheard) -> Iterator[Line]:
        """Every line that can be read; the others go to `verdicts`. `read` is told the bytes taken from the file."""
        width = len(self.header.columns)
        clean = self._cleaner()
        with Lines(self.path, self.source.encoding, read) as lines:
            records = self._records(lines, verdicts)
            if self.source.columns is None:
                next(records)
            for cells in records:
                number = lines.record[0][0]
                if lines.faults and (fault := lines.fault()) is not None:
                    verdicts.refuse(self.file, number, fault, lines.whole())
                elif len(cells) == width:
                    yield Line(number, clean(cells))
                elif cells:
                    reason = f"has {len(cells)} cells where the file has {width} columns"
                    verdicts.refuse(self.file, number, reason, lines.whole())

    def texts(self, numbers: set[int]) -> dict[int, str]:
        """The text of single lines by number, read anew."""
        found: dict[int, str] = {}
        if numbers:
            with Lines(self.path, self.source.encoding, _unheard) as lines:
                for _ in self._records(lines, Verdicts()):
                    if lines.record[0][0] in numbers:
                        found[lines.record[0][0]] = lines.whole()
        return found

    def _header(self) -> Header:
        if self.source.columns is not None:
            return Header(self.file, self.source.columns)
        unreadable = Verdicts()
        with Lines(self.path, self.source.encoding, _unheard) as lines:
            for cells in self._records(lines, unreadable):
                reason = unreadable.refusals[0].reason if unreadable.refusals else lines.fault()
                if reason is not None:
                    raise ImportFailed(f"{self.path}: the first line, which names the columns, {reason}.")
                return Header(self.file, [cell.strip() for cell in cells])
        raise ImportFailed(f"{self.path} is empty; its first line should name its columns.")

    def _records(self, lines: Lines, verdicts: Verdicts) -> Iterator[list[str]]:
        # Process-wide, and only ever raised: nobody else in this process reads CSV with a limit of their own.
        csv.field_size_limit(LONGEST_CELL)
        while True:
            reader = csv.reader(lines, delimiter=self.source.delimiter, quotechar=self.source.quote, strict=True)
            try:
                for cells in reader:
                    yield cells
                    lines.record.clear()
                return
            except csv.Error as error:
                number, text = lines.record[0]
                verdicts.refuse(self.file, number, _unreadable(str(error)), text.rstrip("\r\n"))
                lines.resume_after_first()

    def _cleaner(self) -> Callable[[list[str]], list[str]]:
        blank = self.source.blank
        replaced = [(self.header.position(column), table) for column, table in self.source.replace.items()]

        def clean(cells: list[str]) -> list[str]:
            cells = [cell.strip() for cell in cells]
            for position, table in replaced:
                cells[position] = table.get(cells[position], cells[position])
            return ["" if cell in blank else cell for cell in cells] if blank else cells

        return clean


def tables(sources: Lookup[str, Source], directory: Path) -> dict[str, Table]:
    """The files of all sources, by the source's name."""
    return {name: Table(source, directory) for name, source in sources.items()}


def _unreadable(message: str) -> str:
    if "unexpected end of data" in message or "field larger than" in message:
        return "opens a quotation mark that is not closed"
    return f"is not CSV: {message}"

"""Rows as the bytes of a file: CSV for spreadsheets, CSV for programs, JSON lines.

A cell that begins like a formula is one to a spreadsheet, whoever wrote it: what a contact called `=HYPERLINK(...)`
says would be run by whoever opens the file. So CSV puts an apostrophe before it, unless the file is said to be for
programs; and before a cell that begins with an apostrophe, so that taking one away always gives the cell as it was.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

# What spreadsheets take for the beginning of a formula, or skip before one.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Csv:
    """RFC 4180, in UTF-8. `spreadsheet`: with a byte order mark, and with an apostrophe before what is a formula."""

    spreadsheet: bool = True
    media_type = "text/csv; charset=utf-8; header=present"
    suffix = "csv"

    def head(self, columns: Sequence[str]) -> bytes:
        """The line that names the columns."""
        return ((BOM if self.spreadsheet else "") + ",".join(columns) + "\r\n").encode()

    def lines(self, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:  # noqa: ARG002 (as JsonLines)
        """Rows, a record each."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows([self._cell(value) for value in row] for row in rows)
        return text.getvalue().encode()

    def _cell(self, value: Any) -> str:
        match value:
            case None:
                return ""
            case str():
                return f"'{value}" if self.spreadsheet and value.startswith(FORMULA) else value
            case bool():
                return "true" if value else "false"
            case dt.date():
                return value.isoformat()
            case list():
                return " ".join(value)
            case _:
                return str(value)


@dataclass(frozen=True, slots=True)
class JsonLines:
    """An object a line; values are what they are, and nobody takes them for formulas."""

    media_type = "application/jsonl; charset=utf-8"
    suffix = "jsonl"

    def head(self, columns: Sequence[str]) -> bytes:  # noqa: ARG002 (as Csv)
        """Nothing: each line names its columns."""
        return b""

    def lines(self, columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> bytes:
        """Rows, a line each."""
        return b"".join(
            orjson.dumps(dict(zip(columns, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE) for row in rows
        )

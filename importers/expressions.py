"""Expressions of a mapping, made into functions of a line's cells once per file, because they run once per line."""

import unicodedata
from collections.abc import Callable, Mapping as Lookup, Sequence
from functools import lru_cache

from importers.errors import ImportFailed, Refused
from importers.mapping import Expression
from importers.values import Value, converter, default, shown
from schema.registry import Column

Cells = Sequence[str]
Lookups = Lookup[str, Lookup[str, str]]
TextOf = Callable[[Cells], str | None]
ValueOf = Callable[[Cells], Value | None]


class Header:
    """The columns of one file, by name; `file` is what messages call it."""

    def __init__(self, file: str, columns: Sequence[str]) -> None:
        self.file = file
        self.columns = tuple(columns)
        self._position = {name: position for position, name in enumerate(self.columns)}
        if len(self._position) != len(self.columns):
            twice = next(name for name in self.columns if self.columns.count(name) > 1)
            raise ImportFailed(f"{file} has two columns called {twice!r}.")

    def position(self, name: str) -> int:
        """Where the column called `name` stands; ImportFailed when the file has none."""
        try:
            return self._position[name]
        except KeyError:
            raise ImportFailed(f"{self.file} has no column {name!r}; it has {', '.join(self.columns)}.") from None


def text_of(expression: Expression, header: Header, lookups: Lookups) -> TextOf:
    """The expression as a function from cells to text, None where there is nothing; it raises Refused."""
    alternatives = [_single(alternative, header, lookups) for alternative in expression.alternatives()]
    if len(alternatives) == 1:
        return alternatives[0]

    def first(cells: Cells) -> str | None:
        for alternative in alternatives:
            if found := alternative(cells):
                return found
        return None

    return first


def value_of(column: Column, expression: Expression | None, header: Header, lookups: Lookups) -> ValueOf:
    """The expression as a function from cells to a value of `column`; it raises Refused."""
    alternatives = [
        (_single(alternative, header, lookups), converter(column, alternative))
        for alternative in (expression.alternatives() if expression else ())
    ]
    otherwise, name, required = default(column), column.name, column.required

    def value(cells: Cells) -> Value | None:
        for text, convert in alternatives:
            if found := text(cells):
                return convert(found)
        if required and otherwise is None:
            raise Refused(f"{name} is missing")
        return otherwise if required else None

    return value


def _single(expression: Expression, header: Header, lookups: Lookups) -> TextOf:
    if expression.value is not None:
        constant = expression.value
        return lambda _: constant
    change = _change(expression, lookups)
    if expression.field is None:
        return _template(expression, header, change)
    only = header.position(expression.field)
    if change is None:
        return lambda cells: cells[only] or None
    return lambda cells: change(cells[only]) or None


def _template(expression: Expression, header: Header, change: Callable[[str], str] | None) -> TextOf:
    parts = [(before, header.position(name) if name else None) for before, name in expression.parts]

    def filled(cells: Cells) -> str | None:
        text = ""
        for before, position in parts:
            text += before
            if position is not None:
                cell = cells[position]
                if change is not None:
                    cell = change(cell)
                if not cell:
                    return None
                text += cell
        return text

    return filled


def _change(expression: Expression, lookups: Lookups) -> Callable[[str], str] | None:
    lookup = None if expression.lookup is None else lookups[expression.lookup]
    name, joint, lower = expression.lookup, expression.letters, expression.lower
    if lookup is None and joint is None and not lower:
        return None

    def change(cell: str) -> str:
        if not cell:
            return cell
        if lookup is not None:
            if cell not in lookup:
                raise Refused(f"{shown(cell)} is not in the lookup {name}")
            cell = lookup[cell]
        if joint is not None:
            cell = letters(cell, joint)
        return cell.lower() if lower else cell

    return change


@lru_cache(maxsize=10_000)
def letters(text: str, joint: str) -> str:
    """The letters a to z of each word, accents dropped, with `joint` between the words: Mei-Mei Johns, MeiMei.Johns."""
    plain = unicodedata.normalize("NFKD", text)
    words = ("".join(letter for letter in word if letter.isascii() and letter.isalpha()) for word in plain.split())
    return joint.join(word for word in words if word)

"""From the input of an import of many rows to what the database is asked for."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from graphql import FieldNode, GraphQLField

from resolvers.compiler.arguments import Asker, Bound, Site
from resolvers.compiler.keys import Key, key_of, unfit
from resolvers.compiler.writing import InputReader, fields_of
from schema.errors import BadUserInput, LimitExceeded
from schema.idempotency import KEY
from schema.imports import IMPORTED, LONGEST_EXTERNAL_ID, LONGEST_KEY, LONGEST_SOURCE, MOST_IMPORTED, import_name
from schema.preview import DRY_RUN
from schema.registry import Module

IMPORTS: dict[str, Module] = {import_name(module): module for module in IMPORTED}


class Unfit(NamedTuple):
    """A row that is not sent to the database, and why: reasons by the fields of its input."""

    place: int
    external_id: str
    fields: Mapping[str, str]


class Import(NamedTuple):
    """Rows to import. `items` are those that are acceptable, as the function takes them; `known` says which these are.

    `updates`: rows that are there get the values, too. `partial`: what is refused costs the others nothing.
    """

    module: Module
    source: str
    items: str
    known: tuple[tuple[int, str], ...]
    unfit: tuple[Unfit, ...]
    updates: bool
    partial: bool
    key: Key | None
    dry_run: bool


class ImportSite(Site):
    """A mutation that imports many rows."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode, module: Module) -> None:
        super().__init__(number, definition, node)
        self.module = module

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """The import; BadUserInput names every field that is not acceptable, LimitExceeded says of too many rows."""
        return Bound(self.module.name, [None, _read(self.module, values["input"])])


def _read(module: Module, given: Mapping[str, Any]) -> Import:
    rows = given["rows"]
    if len(rows) > MOST_IMPORTED:
        raise LimitExceeded("imported_rows", MOST_IMPORTED, len(rows))
    refused: dict[str, str] = {}
    if reason := _unfit_text(given["source"], LONGEST_SOURCE):
        refused["source"] = reason
    key = key_of(import_name(module), given, None)
    if key is not None and (reason := unfit(key.text)):
        refused[KEY] = reason
    partial, dry_run = given.get("partial") is True, given.get(DRY_RUN) is True
    items, known, unfit_rows = _rows(module, given["source"], rows)
    if not partial:
        refused |= {f"rows[{row.place}].{name}": reason for row in unfit_rows for name, reason in row.fields.items()}
    if refused:
        raise BadUserInput(fields=refused)
    return Import(
        module,
        given["source"],
        orjson.dumps(items).decode(),
        tuple(known),
        tuple(unfit_rows),
        given.get("update") is True,
        partial,
        None if dry_run else key,
        dry_run,
    )


def _rows(
    module: Module, source: str, rows: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[tuple[int, str]], list[Unfit]]:
    """Rows as the function takes them, with their places and external ids; and those that are not acceptable."""
    items, known, unfit_rows = [], [], []
    firsts: dict[str, int] = {}
    for place, row in enumerate(rows):
        external_id = row["externalId"]
        item, refused = RowReader(module, row).row()
        first = firsts.setdefault(external_id, place)
        if first != place:
            refused = {**refused, "externalId": f"is that of rows[{first}]"}
        elif len((source + external_id).encode()) > LONGEST_KEY:
            refused = {"externalId": f"at most {LONGEST_KEY} bytes with the source", **refused}
        if refused:
            unfit_rows.append(Unfit(place, external_id, refused))
        else:
            items.append(item)
            known.append((place, external_id))
    return items, known, unfit_rows


def _unfit_text(text: str, longest: int) -> str | None:
    if not 1 <= len(text) <= longest:
        return f"from 1 to {longest} characters, not {len(text)}"
    return "must not contain the character U+0000" if "\0" in text else None


class RowReader(InputReader):
    """Reads one row, as the input of a row that is created."""

    def __init__(self, module: Module, given: dict[str, Any]) -> None:
        super().__init__("import", module, given)

    def row(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The row as the function takes it, and what is refused of it: reasons by field."""
        given, known = self._given, fields_of(self._module)
        if reason := _unfit_text(given["externalId"], LONGEST_EXTERNAL_ID):
            self._refuse("externalId", reason)
        item = {"key": given["externalId"], **self._columns(known.own, given, ""), **self._reach()}
        if given.get("sensitive") is not None:
            item["sensitive"] = self._columns(known.sensitive, given["sensitive"], "sensitive.")
        for pairs in self._pairs(known.links) if known.links else ():
            item[pairs.far] = pairs.ids
        return item, self._refused

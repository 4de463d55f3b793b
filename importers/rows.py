"""Rows that a mapping takes from files: one staging table per `[[rows]]` of the mapping, filled line by line.

What the line itself shows to be wrong is refused here. Whether references lead anywhere is seen in the database, where
the rows of earlier imports are known too.
"""

from collections.abc import Callable, Iterator, Mapping as Lookup
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from importers.errors import Refused
from importers.expressions import Cells, TextOf, text_of, value_of
from importers.ids import rising
from importers.mapping import Links, Mapping, Rows
from importers.people import EMAIL, People
from importers.reader import Table
from importers.values import Value, shown
from importers.verdicts import Verdicts
from schema.addresses import address_key
from schema.modules import REGISTRY
from schema.registry import Column, Module, ToMany, ToOne, Type

# The ledger's own limit.
LONGEST_KEY = 500


@dataclass(frozen=True)
class Block:
    """One `[[rows]]`: its module, where it is staged, and which of the module's columns it fills."""

    number: int
    rows: Rows
    module: Module

    @property
    def table(self) -> str:
        """Name of the staging table, in the transaction's temporary schema."""
        return f"import_{self.number}"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the module's table that the block fills, in the order of the registry."""
        return tuple(c for c in self.module.inputs if c.name in self.rows.columns or (c.required and c.default))

    @cached_property
    def sensitive(self) -> tuple[Column, ...]:
        """Columns of the sensitive companion that the block fills."""
        return tuple(column for column in self.module.sensitive if column.name in self.rows.columns)

    @cached_property
    def references(self) -> tuple[ToOne, ...]:
        """Relations whose column the block fills."""
        return tuple(relation for relation in self.module.to_one if relation.column in self.rows.columns)

    @cached_property
    def links(self) -> tuple[tuple[ToMany, Links], ...]:
        """Relations by pairs that the block fills."""
        links = self.rows.links
        return tuple((each, links[each.name]) for each in self.module.to_many if each.name in links)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Modules whose rows the block's lines name."""
        referred = [relation.target for relation in self.references]
        linked = [relation.target for relation, _ in self.links]
        return tuple(dict.fromkeys(referred + linked))

    @cached_property
    def own_parent(self) -> int | None:
        """Where a record holds the key of a row of the same module; None when the module has no such column."""
        for relation in self.references:
            if relation.target == self.module.name:
                return len(FIXED) + [column.name for column in self.columns].index(relation.column)
        return None

    @property
    def staged(self) -> tuple[str, ...]:
        """Columns of the staging table that COPY fills, in the order of a record."""
        values = (f"c_{column.name}" for column in (*self.columns, *self.sensitive))
        return (*FIXED, *values, *(f"l_{relation.name}" for relation, _ in self.links))


FIXED = ("n", "line", "id", "key", "owner", "team")


@dataclass(slots=True)
class Staging:
    """What reading a block has shown: how many rows are staged, and which stand below which of the same module."""

    rows: int = 0
    parents: dict[str, tuple[str, int]] = field(default_factory=dict)


class Keys:
    """Which line used a key first, per module: a key names one row, whichever file it stands in."""

    def __init__(self) -> None:
        self._first: dict[str, dict[str, tuple[str, int]]] = {}

    def take(self, module: str, key: str | None, file: str, line: int) -> str:
        """The key, if no line has used it before; else Refused."""
        if not key:
            raise Refused("has no key")
        if len(key) > LONGEST_KEY:
            raise Refused(f"key {shown(key)} is {len(key)} characters long, {LONGEST_KEY} is the most")
        where = self._first.setdefault(module, {}).setdefault(key, (file, line))
        if where != (file, line):
            raise Refused(f"key {shown(key)} was used in {where[0]} line {where[1]} already")
        return key


def blocks(mapping: Mapping) -> list[Block]:
    """The mapping's blocks of rows, those that others refer to first."""
    found = [Block(number, rows, REGISTRY.by_name[rows.module]) for number, rows in enumerate(mapping.rows)]
    order = _order()
    return sorted(found, key=lambda block: order[block.module.name])


@dataclass(frozen=True)
class Reading:
    """What reading rows needs besides the block: the whole mapping, its files and people, keys used and verdicts."""

    mapping: Mapping
    tables: Lookup[str, Table]
    people: People
    verdicts: Verdicts
    keys: Keys = field(default_factory=Keys)
    ids: Iterator[UUID] = field(default_factory=rising)

    def records(self, block: Block, staging: Staging, read: Callable[[int], None]) -> Iterator[tuple[object, ...]]:
        """Records for the staging table, lazily: COPY takes them while the file is being read."""
        table, module = self.tables[block.rows.source], block.module.name
        value = self._values(block, table)
        key = text_of(block.rows.key, table.header, self.mapping.lookups)
        parent = block.own_parent
        for line in table.lines(self.verdicts, read):
            try:
                values = value(line.cells)
                named = self.keys.take(module, key(line.cells), table.file, line.number)
            except Refused as reason:
                self.verdicts.refuse(table.file, line.number, str(reason))
                continue
            record = (staging.rows, line.number, next(self.ids), named, *values)
            staging.rows += 1
            if parent is not None and isinstance(above := record[parent], str):
                staging.parents[named] = (above, line.number)
            yield record

    def _values(self, block: Block, table: Table) -> Callable[[Cells], list[Value | list[str] | None]]:
        header, lookups, rows = table.header, self.mapping.lookups, block.rows
        owner = _owner(None if rows.owner is None else text_of(rows.owner, header, lookups), self.people)
        team = _team(None if rows.team is None else text_of(rows.team, header, lookups), self.people)
        columns = [value_of(c, rows.columns.get(c.name), header, lookups) for c in (*block.columns, *block.sensitive)]
        links = [_links(text_of(links.keys, header, lookups), links.separator) for _, links in block.links]
        every: list[Callable[[Cells], Value | list[str] | None]] = [owner, team, *columns, *links]
        return lambda cells: [each(cells) for each in every]


def ranks(staging: Staging) -> tuple[dict[str, int], dict[str, int]]:
    """How far below others of their module rows stand (by key, only those above 0), and keys in a circle with lines."""
    rank: dict[str, int] = {}
    circles: dict[str, int] = {}
    parents = staging.parents
    for start in parents:
        path: dict[str, None] = {}
        key = start
        while key in parents and key not in rank and key not in circles and key not in path:
            path[key] = None
            key = parents[key][0]
        if key in circles or key in path:
            circles |= {each: parents[each][1] for each in path}
        else:
            base = rank.get(key, 0)
            rank |= {each: base + depth for depth, each in enumerate(reversed(path), 1)}
    return rank, circles


def _owner(text: TextOf | None, people: People) -> TextOf:
    if text is None:
        return _nobody
    emails = {key: member.email for key, member in people.members.items()}

    def owner(cells: Cells) -> str | None:
        named = text(cells)
        if named is None or named in emails:
            return emails[named] if named else None
        if EMAIL.fullmatch(named):
            return address_key(named)
        raise Refused(f"owner {shown(named)} is not a member")

    return owner


def _team(text: TextOf | None, people: People) -> TextOf:
    if text is None:
        return _nobody

    def team(cells: Cells) -> str | None:
        named = text(cells)
        if named is not None and named not in people.teams:
            raise Refused(f"there is no team {shown(named)}")
        return named

    return team


def _links(text: TextOf, separator: str) -> Callable[[Cells], list[str]]:
    def keys(cells: Cells) -> list[str]:
        named = text(cells) or ""
        return list(dict.fromkeys(key for part in named.split(separator) if (key := part.strip())))

    return keys


def _nobody(_: Cells) -> None:
    return None


def _order() -> dict[str, int]:
    """Modules by position, so that each comes after those that it refers to (itself left aside)."""
    waiting = {
        module.name: ({each.target for each in module.to_one} | {each.target for each in module.to_many})
        - {module.name}
        for module in REGISTRY.modules
    }
    order: dict[str, int] = {}
    while waiting:
        ready = [name for name, needed in waiting.items() if needed <= order.keys()]
        if not ready:
            raise RuntimeError(f"modules refer to each other in a circle: {', '.join(waiting)}")
        for name in ready:
            order[name] = len(order)
            del waiting[name]
    return order


def column_type(column: Column) -> str:
    """SQL type under which a column is staged: a reference is still the key that the file names."""
    return 'text collate "C"' if column.type in (Type.TEXT, Type.UUID) else column.type.value

"""Teams and members that a mapping takes from files: who is to be there, before anybody asks who is there already."""

import re
from collections.abc import Callable, Iterator, Mapping as Lookup
from dataclasses import dataclass
from typing import TypeVar

from importers.errors import Refused
from importers.expressions import Cells, Header, TextOf, text_of
from importers.mapping import Expression, Mapping, Members, Teams
from importers.reader import Line, Table
from importers.values import shown
from importers.verdicts import Verdicts
from schema.addresses import address_key, is_address

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
LONGEST_NAME, LONGEST_TEAM = 300, 200

NO_FILE = "the mapping"


@dataclass(frozen=True, slots=True)
class Team:
    """A team to find or to make; `parent` is the key of the team above it."""

    key: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member to find or to make; `team` and `extra_teams` are keys of teams."""

    key: str
    name: str
    email: str
    role: str
    team: str | None
    extra_teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Teams by key, parents before their children, and members by key."""

    teams: dict[str, Team]
    members: dict[str, Member]


Person = TypeVar("Person", Team, Member)


class _Reading:
    """One pass over the files, with what it has found so far and where."""

    def __init__(self, mapping: Mapping, tables: Lookup[str, Table], verdicts: Verdicts) -> None:
        self.mapping, self.tables, self.verdicts = mapping, tables, verdicts
        self.teams: dict[str, Team] = {}
        self.members: dict[str, Member] = {}
        self.emails: dict[str, str] = {}
        self.said: dict[tuple[str, str], tuple[str, int]] = {}

    def source(self, name: str | None) -> tuple[str, Header, Iterator[Line]]:
        """The file of a source, or a single line without cells where there is none."""
        if name is None:
            return NO_FILE, Header(NO_FILE, ()), iter([Line(1, [])])
        table = self.tables[name]
        return table.file, table.header, table.lines(self.verdicts)

    def text(self, expression: Expression | None, header: Header) -> TextOf:
        """The expression as a function; one that was left out gives nothing."""
        return _nothing if expression is None else text_of(expression, header, self.mapping.lookups)

    def take(self, kind: str, known: dict[str, Person], person: Person, file: str, line: int) -> None:
        """Remember whom a line tells of; Refused when an earlier one said otherwise."""
        earlier = known.setdefault(person.key, person)
        where, number = self.said.setdefault((kind, person.key), (file, line))
        if earlier != person:
            raise Refused(f"{kind} {shown(person.key)} is described otherwise in {where} line {number}")


def people(mapping: Mapping, tables: Lookup[str, Table], verdicts: Verdicts) -> People:
    """Read whom the mapping names; lines that contradict each other or name nobody go to `verdicts`."""
    reading = _Reading(mapping, tables, verdicts)
    for teams in mapping.teams:
        _teams(reading, teams)
    ordered = _ordered(reading)
    for members in mapping.members:
        _members(reading, members, ordered)
    return People(ordered, reading.members)


def _teams(reading: _Reading, block: Teams) -> None:
    file, header, lines = reading.source(block.source)
    name, parent = reading.text(block.name, header), reading.text(block.parent, header)
    key = name if block.key is None else reading.text(block.key, header)

    def take(cells: Cells, line: int) -> None:
        # A cell without a team is no mistake: not everybody has one.
        if (found := key(cells)) and (called := name(cells)):
            _short("team", called, LONGEST_TEAM)
            reading.take("team", reading.teams, Team(found, called, parent(cells)), file, line)

    _each(lines, take, file, reading.verdicts)


def _members(reading: _Reading, block: Members, teams: Lookup[str, Team]) -> None:
    file, header, lines = reading.source(block.source)
    name, email = reading.text(block.name, header), reading.text(block.email, header)
    key = name if block.key is None else reading.text(block.key, header)
    main = reading.text(block.team, header)
    extra = [reading.text(expression, header) for expression in block.extra_teams]

    def take(cells: Cells, line: int) -> None:
        found, called, address = key(cells), name(cells), address_key(email(cells) or "")
        if not found or not called:
            raise Refused("names no member")
        _short("member", called, LONGEST_NAME)
        if not is_address(address):
            raise Refused(f"{shown(address)} is not an e-mail address")
        named = [each(cells) for each in (main, *extra)]
        for team in named:
            if team and team not in teams:
                raise Refused(f"there is no team {shown(team)}")
        others = tuple(dict.fromkeys(team for team in named[1:] if team and team != named[0]))
        if reading.emails.setdefault(address, found) != found:
            raise Refused(f"{address} is already the address of {shown(reading.emails[address])}")
        reading.take(
            "member", reading.members, Member(found, called, address, block.role, named[0], others), file, line
        )

    _each(lines, take, file, reading.verdicts)


def _each(lines: Iterator[Line], take: Callable[[Cells, int], None], file: str, verdicts: Verdicts) -> None:
    for line in lines:
        try:
            take(line.cells, line.number)
        except Refused as reason:
            verdicts.refuse(file, line.number, str(reason))


def _ordered(reading: _Reading) -> dict[str, Team]:
    """Teams with parents first; those whose parents are missing or go round in a circle are refused."""
    waiting, ordered = dict(reading.teams), dict[str, Team]()
    while ready := [team for team in waiting.values() if team.parent is None or team.parent in ordered]:
        for team in ready:
            ordered[team.key] = waiting.pop(team.key)
    for team in waiting.values():
        file, line = reading.said["team", team.key]
        reason = "goes round in a circle" if team.parent in waiting else "is not there"
        reading.verdicts.refuse(file, line, f"team {shown(team.key)}: its parent {shown(team.parent or '')} {reason}")
    return ordered


def _short(kind: str, name: str, limit: int) -> None:
    if not name.isprintable():
        raise Refused(f"the name of the {kind} {shown(name)} is more than a line of text")
    if len(name) > limit:
        raise Refused(f"the name of the {kind} {shown(name)} is {len(name)} characters long, {limit} is the most")


def _nothing(_: Cells) -> None:
    return None

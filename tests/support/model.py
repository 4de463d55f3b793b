"""A world in plain data: accounts, teams, roles, members, rows; all by name, so that it can be read when printed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from schema.modules import REGISTRY

Cell = tuple[str, str, str]
"""Module, action, scope; the scope of an action that concerns no row is `all`."""


@dataclass(frozen=True)
class Team:
    """A team and the one that it stands below."""

    name: str
    parent: str | None = None


@dataclass(frozen=True)
class Exempt:
    """A personal exception, for good or until its end, which may have passed: `grant` or `deny` of a cell.

    Or what a set that was cut by G1 has left behind, `kept` beyond the role or `withheld` from it.
    """

    effect: str
    cell: Cell
    ends_in_hours: int | None = None

    @property
    def over(self) -> bool:
        """Whether it has no effect any more."""
        return self.ends_in_hours is not None and self.ends_in_hours < 0


@dataclass(frozen=True)
class Member:
    """A user in an account; the same user name in two accounts is one user."""

    user: str
    role: str
    main: str | None = None
    extras: tuple[str, ...] = ()
    exceptions: tuple[Exempt, ...] = ()
    active: bool = True
    super_admin: bool = False
    removed: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a module. `open`: to all teams (a record), not restricted (an asset). A record has one team or none.

    What belongs to a row names its `parent` where that is a row of the world, and says of itself what is true of that.
    """

    name: str
    module: str
    creator: str
    owner: str | None = None
    teams: tuple[str, ...] = ()
    open: bool = False
    parent: str | None = None


def brought(module: str, actions: Iterable[str]) -> set[str]:
    """Actions with what goes with them: `view`, and what is part of a wider one (C2, C3)."""
    return {"view", *actions, *(part for of, wider, part in REGISTRY.parts if of == module and wider in actions)}


@dataclass(frozen=True)
class Share:
    """A row shared with a user or with a team, for good or until its end, which may have passed (O8)."""

    row: str
    actions: tuple[str, ...]
    user: str | None = None
    team: str | None = None
    ends_in_hours: int | None = None

    @property
    def over(self) -> bool:
        """Whether it has no effect any more."""
        return self.ends_in_hours is not None and self.ends_in_hours < 0


@dataclass(frozen=True)
class Account:
    """A company. `team_roles` are (team, role). Built-in roles are there by their names, beside `roles`.

    `tiers` are (hub, tier), `listed` (contact list, contact); `plain` modules have no column that is masked.
    """

    name: str
    members: tuple[Member, ...]
    teams: tuple[Team, ...] = ()
    roles: tuple[tuple[str, frozenset[Cell]], ...] = ()
    team_roles: tuple[tuple[str, str], ...] = ()
    rows: tuple[Row, ...] = ()
    shares: tuple[Share, ...] = ()
    tiers: tuple[tuple[str, str], ...] = ()
    listed: tuple[tuple[str, str], ...] = ()
    plain: tuple[str, ...] = ()

    def member(self, user: str) -> Member:
        """The member who is this user."""
        return next(member for member in self.members if member.user == user)


class _Printer(Protocol):
    def text(self, text: str) -> None: ...


@dataclass(frozen=True, repr=False)
class World:
    """Accounts; a test looks at the first one's members. `former` is how access was set up in that one before."""

    accounts: tuple[Account, ...]
    former: Account | None = None

    @property
    def here(self) -> Account:
        """The account that is looked at."""
        return self.accounts[0]

    @property
    def rows(self) -> tuple[tuple[str, Row], ...]:
        """All rows with the name of their account."""
        return tuple((account.name, row) for account in self.accounts for row in account.rows)

    def _repr_pretty_(self, printer: _Printer, _: bool) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        lines = [line for account in self.accounts for line in _described(account)]
        if self.former:
            lines += ["before that:", *_described(self.former)]
        return "\n" + "\n".join(lines)


def _described(account: Account) -> Iterator[str]:
    yield f"account {account.name}" + "".join(f", {hub} {tier}" for hub, tier in account.tiers)
    for name in account.plain:
        yield f"  {name} masks nothing"
    for team in account.teams:
        yield f"  team {team.name}" + (f" below {team.parent}" if team.parent else "")
    for name, cells in account.roles:
        yield f"  role {name}: {', '.join('.'.join(cell) for cell in sorted(cells)) or 'nothing'}"
    for team_name, role in account.team_roles:
        yield f"  role {role} attached to {team_name}"
    for member in account.members:
        facts = [f"role {member.role}", *(f"main team {team}" for team in [member.main] if team)]
        facts += [f"extra team {team_name}" for team_name in member.extras]
        facts += [_exempt(each) for each in member.exceptions]
        facts += ["super admin"] * member.super_admin + ["deactivated"] * (not member.active)
        facts += ["removed"] * member.removed
        yield f"  member {member.user}: {', '.join(facts)}"
    for row in account.rows:
        reach = ["open"] * row.open + [f"of {team_name}" for team_name in row.teams] or ["no team"]
        of = f" of {row.parent}" if row.parent else ""
        yield f"  {row.module} {row.name}{of}: creator {row.creator}, owner {row.owner or 'nobody'}, {', '.join(reach)}"
    for share in account.shares:
        receiver = f"user {share.user}" if share.user else f"team {share.team}"
        yield f"  {share.row} shared with {receiver} for {', '.join(share.actions)}{_end(share.ends_in_hours)}"
    for list_name, contact in account.listed:
        yield f"  {contact} is on {list_name}"


def _exempt(exempt: Exempt) -> str:
    return f"{exempt.effect} {'.'.join(exempt.cell)}{_end(exempt.ends_in_hours)}"


def _end(hours: int | None) -> str:
    return "" if hours is None else f" (for {hours} h)"

"""What a demo account is made of, as plain data: teams, roles, people and rows. No database, no I/O."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from schema.modules import REGISTRY

# What the demo has rows of.
MODULES = tuple(REGISTRY.by_name[name] for name in ("contacts", "companies", "deals", "tickets", "landing_pages"))

Cells = dict[tuple[str, str], frozenset[str]]

# Built-in roles, as far as the demo's counts depend on them (mission, section 5).
BUILT_IN: dict[str, Cells] = {
    "Owner": {(module.name, "view"): frozenset({"all"}) for module in MODULES},
    "Administrator": {(module.name, "view"): frozenset({"all"}) for module in MODULES},
    "Member": {("deals", "view"): frozenset({"created"}), ("tickets", "view"): frozenset({"created"})},
}


@dataclass(frozen=True, slots=True)
class Team:
    """A team, named by its key; `parent` is the key of the team above it."""

    key: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A custom role: what it holds, by module and action; no scopes for actions that concern no row."""

    name: str
    cells: Cells


@dataclass(frozen=True, slots=True)
class Person:
    """A member. `team` is the main team; `remark` marks a persona of the tour and says what there is to notice."""

    name: str
    email: str
    role: str
    team: str | None = None
    extra_teams: tuple[str, ...] = ()
    active: bool = True
    remark: str | None = None


@dataclass(slots=True)
class Row:
    """A row with who made it and to whom it belongs; people by e-mail, teams by key, other rows by id.

    Records use `team` and `is_open` (to all teams); assets use `teams` and `restricted`.
    """

    module: str
    id: UUID
    creator: str
    owner: str | None
    values: dict[str, object]
    team: str | None = None
    is_open: bool = False
    teams: tuple[str, ...] = ()
    restricted: bool = False
    sensitive: dict[str, object] = field(default_factory=dict)
    contacts: tuple[UUID, ...] = ()


@dataclass
class Company:
    """A whole demo account. `tiers` are by hub; the first of `people` owns it."""

    slug: str
    name: str
    tiers: dict[str, str]
    teams: tuple[Team, ...]
    roles: tuple[Role, ...]
    people: tuple[Person, ...]
    rows: list[Row] = field(default_factory=list)

    @property
    def owner(self) -> Person:
        """Who subscribed the account."""
        return self.people[0]

    @cached_property
    def person(self) -> dict[str, Person]:
        """People by e-mail."""
        return {person.email: person for person in self.people}

    @cached_property
    def role(self) -> dict[str, Cells]:
        """What each role holds, by its name."""
        return BUILT_IN | {role.name: role.cells for role in self.roles}

    @cached_property
    def below(self) -> dict[str, frozenset[str]]:
        """For each team the teams that it reaches: itself and all below it (T4)."""
        parents = {team.key: team.parent for team in self.teams}
        reached: dict[str, set[str]] = {key: set() for key in parents}
        for key in parents:
            above: str | None = key
            while above is not None:
                reached[above].add(key)
                above = parents[above]
        return {key: frozenset(teams) for key, teams in reached.items()}

    def reach(self, person: Person) -> frozenset[str]:
        """Teams whose rows a person reaches (T4, T5)."""
        own = (*((person.team,) if person.team else ()), *person.extra_teams)
        return frozenset().union(*(self.below[team] for team in own))

    def within(self, *teams: str, role: str | None = None) -> Iterator[Person]:
        """People whose main team is one of `teams`, with a role."""
        return (p for p in self.people if p.team in teams and (role is None or p.role == role))


def cells(modules: str, actions: str, scopes: str = "") -> Cells:
    """Cells of a role, each argument a list of words."""
    return {(module, action): frozenset(scopes.split()) for module in modules.split() for action in actions.split()}


def expected(company: Company, person: Person) -> dict[str, int | None] | None:
    """How many rows of each module a person should see; None for a module without `view`, or for nobody's access.

    Computed from what was generated and from the rules, never from the database: the tour is a claim to be checked.
    """
    if not person.active:
        return None
    held = company.role[person.role]
    reach = company.reach(person)
    counts: dict[str, int | None] = {}
    for module in MODULES:
        scopes = held.get((module.name, "view"))
        counts[module.name] = None if scopes is None else 0
    for row in company.rows:
        scopes = held.get((row.module, "view"))
        if scopes is not None and _sees(company, person, reach, scopes, row):
            counts[row.module] = (counts[row.module] or 0) + 1
    return counts


def _sees(company: Company, person: Person, reach: frozenset[str], scopes: frozenset[str], row: Row) -> bool:
    mine = row.owner == person.email
    made = row.creator == person.email
    if row.module == "landing_pages":
        team = not row.restricted or bool(reach & set(row.teams)) or mine or made
    else:
        team = row.is_open or row.team in reach or mine
    return (
        "all" in scopes
        # Without teams, team scope is the whole account (T6).
        or ("team" in scopes and (team or not company.teams))
        or ("owned" in scopes and mine)
        or ("created" in scopes and made)
        or ("unassigned" in scopes and row.owner is None)
    )

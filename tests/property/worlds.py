"""Random worlds: small enough to read, strange enough to find what nobody thought of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from schema.modules import REGISTRY
from schema.registry import Kind, Scope
from tests.property.sources import Drawn, Source, once_in, some
from tests.support.model import Account, Cell, Exempt, Member, Row, Share, Team, World

ROOT = Member("root", "Owner", super_admin=True)
USERS = ("ana", "ben", "cleo", "dov")
BUILTIN = ("Owner", "Administrator", "Marketing manager", "Marketing team", "Member")
HUBS = ("marketing", "sales", "service", "operations")
TIERS = ("free", "professional", "enterprise", "enterprise")
TEAMS = ((0, 0), (1, 1), (2, 3), (4, 7))

ASSETS = tuple(module.name for module in REGISTRY.modules if module.kind is Kind.ASSET)
OTHERS = tuple(module.name for module in REGISTRY.modules if module.kind is not Kind.ASSET)
PARENTS = {module.name: tuple(link.target for link in module.parents) for module in REGISTRY.modules if module.parents}
# Modules with sensitive columns, which an account may have as ordinary ones.
MASKING = tuple(module.name for module in REGISTRY.modules if module.sensitive and not module.part_of)
# Whom one sends to.
LISTED = ("contact_lists", "contacts")
TOOLS = tuple((tool.name, action, "all") for tool in REGISTRY.tools for action in tool.actions)


@dataclass(frozen=True)
class Shape:
    """What worlds of one kind have: a module of assets and one of anything else, maybe more, and how many teams.

    `whole` worlds have all that there is: members who were removed, tiers, lists, and what was set up otherwise before.
    All were in what the trigger `turned` is for, if one is named, and in nothing else.
    Custom roles are out of the `pool`, where there is one: who holds the same as somebody else costs less.
    """

    module: str
    fewest_teams: int
    most_teams: int
    asset: str = "landing_pages"
    more: tuple[str, ...] = ()
    whole: bool = False
    turned: str = ""
    pool: tuple[frozenset[Cell], ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules of the rows."""
        return (self.module, self.asset, *self.more)


def any_shape(source: Source, module: str = "", asset: str = "", turned: str = "") -> Shape:
    """Modules of the registry that go together; those that are named, if any are, and what was otherwise before."""
    module, asset = module or source.pick(OTHERS), asset or source.pick((*ASSETS, "marketing_emails"))
    more = [source.pick(PARENTS[module])] if module in PARENTS else []
    if REGISTRY.by_name[asset].sends_to:
        more += LISTED
    least, most = source.pick(((3, 4),) if turned.startswith("team_edge") else TEAMS)
    return Shape(module, least, most, asset, tuple(dict.fromkeys(more)), whole=True, turned=turned)


def a_block(source: Source, modules: Sequence[str]) -> frozenset[Cell]:
    """Some actions of a module, all on the same scopes: as an administrator fills the matrix."""
    module = REGISTRY.by_name[REGISTRY.by_name[source.pick(modules)].governing]
    actions = some(source, module.actions, 4)
    scopes = some(source, [scope.value for scope in Scope], 2)
    return frozenset(
        (module.name, action.name, scope if action.on_rows else "all") for action in actions for scope in scopes
    )


def a_role(source: Source, modules: Sequence[str]) -> frozenset[Cell]:
    """Cells of a custom role: whatever, and in many what hardly comes by itself, of which rules speak (C2, C7, O5)."""
    cells = frozenset[Cell]().union(*(a_block(source, modules) for _ in range(source.number(0, 4))))
    if once_in(source, 2):
        cells |= a_keeper(source, modules)
    return cells | a_sender(source) if {*LISTED, "marketing_emails"} <= {*modules} and source.number(0, 2) else cells


def a_keeper(source: Source, modules: Sequence[str]) -> frozenset[Cell]:
    """Who assigns the rows that he has a part in, and no others."""
    found = [name for name in modules if "assign" in REGISTRY.by_name[name].action_names]
    scope = source.pick(["owned", "created", "team"])
    return frozenset((name, "assign", scope) for name in found)


def a_sender(source: Source) -> frozenset[Cell]:
    """Who sends to lists, of whose contacts he sees some."""
    seen = ("contacts", "view", source.pick(["created", "owned", "unassigned", "team"]))
    return frozenset(
        {seen, ("contact_lists", "view", "all"), ("marketing_emails", "send", source.pick(["all", "team"]))}
    )


def a_cell(source: Source, modules: Sequence[str]) -> Cell:
    """A cell of one of the modules."""
    module = REGISTRY.by_name[REGISTRY.by_name[source.pick(modules)].governing]
    action = source.pick(module.actions)
    return module.name, action.name, source.pick(list(Scope)).value if action.on_rows else "all"


def a_tree(source: Source, shape: Shape) -> tuple[Team, ...]:
    """Teams, each at the top or below an earlier one."""
    made: list[Team] = []
    for number in range(source.number(shape.fewest_teams, shape.most_teams)):
        made.append(Team(f"team{number}", source.pick([None, *(team.name for team in made)])))
    return tuple(made)


def a_member(source: Source, shape: Shape, user: str, roles: Sequence[str], teams: Sequence[str]) -> Member:
    """Somebody with a role, maybe with teams and exceptions."""
    exceptions = {}
    for _ in range(source.number(0, 2)):
        cell = source.pick(TOOLS) if shape.whole and once_in(source, 8) else a_cell(source, shape.modules)
        effects = ["grant", "deny"] if not shape.whole or source.number(0, 2) else ["kept", "withheld"]
        exceptions[cell] = Exempt(source.pick(effects), cell, source.pick([None, None, 1, -1]))
    return Member(
        user,
        source.pick(roles),
        source.pick([None, *teams]),
        tuple(some(source, teams, 2)),
        tuple(exceptions.values()),
        active=not once_in(source, 8),
        super_admin=once_in(source, 12),
        removed=shape.whole and once_in(source, 12),
    )


def a_row(source: Source, name: str, module: str, people: Sequence[str], teams: Sequence[str]) -> Row:
    """A row of the module; a record has one team or none, an asset any."""
    kind = REGISTRY.by_name[module].kind
    return Row(
        name,
        module,
        creator=source.pick(people),
        owner=source.pick([None, *people]),
        teams=tuple(some(source, teams, 2 if kind is Kind.ASSET else 1)),
        open=bool(source.number(0, 1)),
    )


def a_share(source: Source, rows: Sequence[Row], people: Sequence[str], teams: Sequence[str]) -> Share:
    """One of the rows shared with somebody, or with a team, for some actions; maybe with an end (O8)."""
    row = source.pick(rows)
    governing = REGISTRY.by_name[REGISTRY.by_name[row.module].governing]
    actions = [action for action in governing.row_actions if action != "assign"]
    user = source.pick([None, *people] if teams else people)
    team = source.pick(teams) if user is None else None
    return Share(row.name, tuple(sorted(some(source, actions, 3))), user, team, source.pick([None, None, 1, -1]))


def an_account(source: Source, shape: Shape) -> Account:
    """An account with its super admin, up to four other members, and up to twelve rows."""
    teams = a_tree(source, shape)
    names = [team.name for team in teams]
    custom = {
        f"role{number}": source.pick(shape.pool) if shape.pool else a_role(source, shape.modules)
        for number in range(source.number(1, 3))
    }
    roles = [*custom, *custom, *BUILTIN]
    users = [source.pick(USERS)]
    users += [user for user in some(source, USERS, 2 if shape.whole else 3) if user not in users]
    members = [a_member(source, shape, user, roles, names) for user in users]
    people = ["root", *users]
    rows: list[Row] = []
    for number in range(source.number(6 if {*LISTED} <= {*shape.modules} else 1, 12)):
        # A parent comes before what belongs to it.
        module = shape.more[0] if shape.more and number == 0 else source.pick(shape.modules)
        above = [each.name for each in rows if each.module in PARENTS.get(module, ())]
        row = a_row(source, f"row{number}", module, people, names)
        rows.append(replace(row, parent=source.pick(above)) if above else row)
    shared = [row for row in rows if REGISTRY.by_name[row.module].kind is not Kind.SHARED]
    shares = {
        (share.row, share.user, share.team): share
        for share in [a_share(source, shared, people, names) for _ in range(source.number(0, 3) if shared else 0)]
    }
    account = Account(
        "here",
        (ROOT, *members),
        teams,
        tuple(custom.items()),
        tuple((team, source.pick(roles)) for team in some(source, names, 2)),
        tuple(rows),
        tuple(shares.values()),
        tuple((hub, source.pick(TIERS)) for hub in ("cms", *some(source, HUBS, 1))) if shape.whole else (),
        tuple(
            (each.name, contact.name)
            for each in rows
            for contact in rows
            if (each.module, contact.module) == ("contact_lists", "contacts") and once_in(source, 2)
        ),
        tuple(name for name in MASKING if name in shape.modules and once_in(source, 3)) if shape.whole else (),
    )
    return settled(account)


def settled(account: Account) -> Account:
    """The account, in which what belongs to a row is there as long as that, and says of itself what is true of that."""
    by_name = {row.name: row for row in account.rows}
    there = {row.name for row in account.rows if row.parent is None or row.parent in by_name}
    of: dict[tuple[str, str | None, str | None], Share] = {}
    rows = []
    for row in account.rows:
        if row.name not in there:
            continue
        module, parent = REGISTRY.by_name[row.module], by_name.get(row.parent or "")
        if module.kind is Kind.SHARED:
            rows.append(replace(row, owner=None, teams=(), open=True))
        elif parent is None:
            rows.append(row)
        else:
            creator = row.creator if module.creator == "created_by" else parent.creator
            found = replace(
                row, parent=parent.name, creator=creator, owner=parent.owner, teams=parent.teams, open=parent.open
            )
            rows.append(found)
    settled_rows = {row.name: row for row in rows}
    for share in (share for share in account.shares if share.row in there):
        # Rows of one parent are shared together.
        row = settled_rows[share.row]
        of.setdefault((row.parent or row.name, share.user, share.team), share)
    listed = tuple(pair for pair in account.listed if there.issuperset(pair))
    return replace(account, rows=tuple(rows), shares=tuple(of.values()), listed=listed)


def bare(account: Account) -> Account:
    """The same people, who hold nothing and are nowhere."""
    return replace(
        account,
        tiers=tuple((hub, "free") for hub, _ in account.tiers),
        members=(ROOT, *(Member(member.user, "Member") for member in account.members[1:])),
        teams=tuple(Team(team.name) for team in account.teams),
        roles=tuple((name, frozenset[Cell]()) for name, _ in account.roles),
        team_roles=(),
        shares=(),
    )


def wide(account: Account) -> Account:
    """The same people, who hold everything and are everywhere."""
    names = tuple(team.name for team in account.teams)
    return replace(
        account,
        tiers=tuple((hub, "enterprise") for hub, _ in account.tiers),
        members=(
            ROOT,
            *(
                Member(member.user, "Owner", member.main, (*member.extras, *names), member.exceptions, super_admin=True)
                for member in account.members[1:]
            ),
        ),
        team_roles=tuple(dict.fromkeys((*account.team_roles, *((name, "Owner") for name in names)))),
    )


def turned(account: Account) -> Account:
    """The same people, each with what now is another's, in a tree that stands on its head."""
    members, names = account.members[1:], [team.name for team in account.teams]
    others = (*members[1:], *members[:1])
    cells = [cells for _, cells in account.roles]
    row = next((row for row in account.rows if REGISTRY.by_name[row.module].kind is not Kind.SHARED), None)
    taken = {(share.row, share.user) for share in account.shares}
    shares = tuple(
        Share(row.name, ("update", "delete"), member.user)
        for member in members
        if row and not row.parent and (row.name, member.user) not in taken
    )
    return replace(
        account,
        members=(
            ROOT,
            *(
                replace(
                    other,
                    user=member.user,
                    exceptions=tuple(
                        exempt
                        for exempt in other.exceptions
                        if exempt.cell not in {own.cell for own in member.exceptions}
                    ),
                    active=True,
                    removed=False,
                )
                for member, other in zip(members, others, strict=True)
            ),
        ),
        teams=tuple(Team(name, above) for name, above in zip(names, [*names[1:], None], strict=False)),
        roles=tuple(zip([name for name, _ in account.roles], [*cells[1:], *cells[:1]], strict=True)),
        team_roles=tuple((names[0], role) for _, role in account.team_roles[:1]),
        shares=shares,
    )


def once(source: Source, trigger: str, account: Account) -> Account:
    """The same, but for facts of one kind: there were more of these, or none. Nothing else that ends or begins helps.

    Where a trigger is named, of those that it is for.
    """
    members, names = account.members[1:], [team.name for team in account.teams]
    every = tuple(sorted(frozenset[Cell]().union(*(cells for _, cells in account.roles))))
    effect = source.pick(["grant", "deny"])

    def more_exceptions(member: Member) -> tuple[Exempt, ...]:
        own = {exempt.cell for exempt in member.exceptions}
        return member.exceptions + tuple(Exempt(effect, cell) for cell in every if cell not in own)

    def among(changed: Iterable[Member]) -> Account:
        return replace(account, members=(ROOT, *changed))

    attached = (*account.team_roles, *((team, role) for team in names for role, _ in account.roles))
    joined = [replace(each, extras=(*each.extras, *(name for name in names if name != each.main))) for each in members]
    # What is at the top, below the one before.
    chain = [
        replace(each, parent=each.parent or above) for each, above in zip(account.teams, [None, *names], strict=False)
    ]
    # By the trigger that has to do it alone: where there was more, something ends.
    ways = {
        "membership_updated": among(replace(each, role="Owner", active=True, removed=False) for each in members),
        "membership_inserted": among(replace(each, role="Member", active=True) for each in members),
        "exception_updated": among(replace(each, exceptions=more_exceptions(each)) for each in members),
        "exception_inserted": among(replace(each, exceptions=()) for each in members),
        "team_member_updated": among(joined),
        "team_member_inserted": among(replace(each, main=None, extras=()) for each in members),
        "role_cell_updated": replace(account, roles=tuple((name, frozenset(every)) for name, _ in account.roles)),
        "role_cell_inserted": replace(account, roles=tuple((name, frozenset[Cell]()) for name, _ in account.roles)),
        "team_role_updated": replace(account, team_roles=tuple(dict.fromkeys(attached))),
        "team_role_inserted": replace(account, team_roles=()),
        "team_edge_updated": replace(account, teams=tuple(chain)),
        "team_edge_inserted": replace(account, teams=tuple(Team(name) for name in names)),
        "share_inserted": replace(account, shares=()),
    }
    if trigger:
        return ways[trigger]
    return source.pick([way for way in ways.values() if way != account] or [account])


def a_world(source: Source, shape: Shape) -> World:
    """An account, and in some worlds another in which one of its users is somebody else (T1, T2)."""
    here = an_account(source, shape)
    former = None
    if shape.turned:
        former = once(source, shape.turned, here)
    elif shape.whole and once_in(source, 6):
        ways: list[Callable[[Account], Account]] = [bare, wide, turned, *[partial(once, source, "")] * 3]
        former = source.pick(ways)(here)
    if shape.whole and not once_in(source, 3):
        return World((here,), former)
    guests = [
        Member(member.user, source.pick(["Owner", "Administrator"]), super_admin=bool(source.number(0, 1)))
        for member in here.members[1:2]
    ]
    rows: list[Row] = []
    for number, module in enumerate(reversed(shape.modules)):
        above = [each.name for each in rows if each.module in PARENTS.get(module, ())]
        row = Row(f"there{number}", module, "root", source.pick([None, "root"]), open=True)
        rows.append(replace(row, parent=source.pick(above)) if above else row)
    there = settled(Account("there", (ROOT, *guests), rows=tuple(rows)))
    return World((here, there), former)


# For Hypothesis.


def cells(modules: tuple[str, ...]) -> SearchStrategy[Cell]:
    """A cell of one of the modules."""
    return _cells(modules)


@st.composite
def _cells(draw: DrawFn, modules: tuple[str, ...]) -> Cell:
    return a_cell(Drawn(draw), modules)


@st.composite
def roles(draw: DrawFn, modules: tuple[str, ...]) -> frozenset[Cell]:
    """Cells of a custom role."""
    return a_role(Drawn(draw), modules)


@st.composite
def accounts(draw: DrawFn, shape: Shape) -> Account:
    """An account of a shape."""
    return an_account(Drawn(draw), shape)


@st.composite
def worlds(draw: DrawFn, shape: Shape) -> World:
    """A world of a shape."""
    return a_world(Drawn(draw), shape)


@st.composite
def any_worlds(draw: DrawFn) -> World:
    """A world of any shape, with all that there is."""
    source = Drawn(draw)
    return a_world(source, any_shape(source))

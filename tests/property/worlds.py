"""Random worlds: small enough to read, strange enough to find what nobody thought of."""

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from schema.modules import REGISTRY
from schema.registry import Kind, Scope
from tests.support.model import Account, Cell, Exempt, Member, Row, Share, Team, World

ROOT = Member("root", "Owner", super_admin=True)
USERS = ("ana", "ben", "cleo", "dov")


@dataclass(frozen=True)
class Shape:
    """What worlds of one kind have: a module of records or what belongs to them, one of assets, and how many teams."""

    module: str
    fewest_teams: int
    most_teams: int
    asset: str = "landing_pages"


def cells(modules: tuple[str, ...]) -> SearchStrategy[Cell]:
    """A cell of one of the modules."""
    return blocks(modules).filter(bool).flatmap(lambda found: st.sampled_from(sorted(found)))


@st.composite
def blocks(draw: DrawFn, modules: tuple[str, ...]) -> frozenset[Cell]:
    """Some actions of a module, all on the same scopes: as an administrator fills the matrix."""
    module = REGISTRY.by_name[REGISTRY.by_name[draw(st.sampled_from(modules))].governing]
    actions = draw(st.frozensets(st.sampled_from(module.actions), max_size=4))
    scopes = draw(st.frozensets(st.sampled_from([scope.value for scope in Scope]), max_size=2))
    return frozenset(
        (module.name, action.name, scope if action.on_rows else "all") for action in actions for scope in scopes
    )


def roles(modules: tuple[str, ...]) -> SearchStrategy[frozenset[Cell]]:
    """Cells of a custom role."""
    return st.lists(blocks(modules), max_size=4).map(lambda found: frozenset[Cell]().union(*found))


@st.composite
def trees(draw: DrawFn, shape: Shape) -> tuple[Team, ...]:
    """Teams, each at the top or below an earlier one."""
    made: list[Team] = []
    for number in range(draw(st.integers(shape.fewest_teams, shape.most_teams))):
        parent = draw(st.sampled_from([None, *(team.name for team in made)]))
        made.append(Team(f"team{number}", parent))
    return tuple(made)


@st.composite
def accounts(draw: DrawFn, shape: Shape) -> Account:
    """An account with its super admin, up to four other members, and up to twelve rows."""
    modules = (shape.module, shape.asset)
    teams = draw(trees(shape))
    names = [team.name for team in teams]
    some_teams = st.lists(st.sampled_from(names), unique=True, max_size=2) if names else st.just([])
    custom = {f"role{number}": draw(roles(modules)) for number in range(draw(st.integers(1, 3)))}
    anyrole = st.sampled_from([*custom, *custom, "Owner", "Administrator", "Marketing manager", "Member"])
    exempts = st.builds(Exempt, st.sampled_from(["grant", "deny"]), cells(modules), st.sampled_from([None, 1, -1]))
    members = [
        Member(
            user,
            draw(anyrole),
            draw(st.sampled_from([None, *names])),
            tuple(draw(some_teams)),
            tuple(draw(st.lists(exempts, max_size=2, unique_by=lambda exempt: exempt.cell))),
            active=draw(st.integers(0, 7)) > 0,
            super_admin=draw(st.integers(0, 11)) == 0,
        )
        for user in draw(st.lists(st.sampled_from(USERS), unique=True, min_size=1, max_size=4))
    ]
    team_roles = [(team, draw(anyrole)) for team in draw(some_teams)]
    people = ["root", *(member.user for member in members)]
    rows = [
        draw(rows_of(f"row{number}", draw(st.sampled_from(modules)), people, names))
        for number in range(draw(st.integers(1, 12)))
    ]
    shares = draw(st.lists(shares_of(rows, people, names), max_size=3, unique_by=lambda share: (share.row, share.user)))
    return Account(
        "here", (ROOT, *members), teams, tuple(custom.items()), tuple(team_roles), tuple(rows), tuple(shares)
    )


@st.composite
def shares_of(draw: DrawFn, rows: list[Row], people: list[str], teams: list[str]) -> Share:
    """One of the rows shared with somebody, or with a team, for some actions; maybe with an end (O8)."""
    row = draw(st.sampled_from(rows))
    governing = REGISTRY.by_name[REGISTRY.by_name[row.module].governing]
    actions = st.sampled_from([action for action in governing.row_actions if action != "assign"])
    user = draw(st.sampled_from([None, *people] if teams else people))
    return Share(
        row.name,
        tuple(sorted(draw(st.frozensets(actions, max_size=3)))),
        user,
        draw(st.sampled_from(teams)) if user is None else None,
        draw(st.sampled_from([None, 1, -1])),
    )


@st.composite
def rows_of(draw: DrawFn, name: str, module: str, people: list[str], teams: list[str]) -> Row:
    """A row of the module; a record has one team or none, an asset any."""
    most = 2 if REGISTRY.by_name[module].kind is Kind.ASSET else 1
    assigned = draw(st.lists(st.sampled_from(teams), unique=True, max_size=most)) if teams else []
    return Row(
        name,
        module,
        creator=draw(st.sampled_from(people)),
        owner=draw(st.sampled_from([None, *people])),
        teams=tuple(assigned),
        open=draw(st.booleans()),
    )


@st.composite
def worlds(draw: DrawFn, shape: Shape) -> World:
    """An account, and another in which its users are somebody else (T1, T2)."""
    here = draw(accounts(shape))
    guests = [Member(member.user, "Owner", super_admin=draw(st.booleans())) for member in here.members[:2]]
    rows = [
        Row("there0", shape.module, "root", "root", open=True),
        Row("there1", shape.asset, "root", None, open=True),
    ]
    root = Member("root", "Owner", super_admin=True)
    there = Account("there", (root, *(guest for guest in guests if guest.user != "root")), rows=tuple(rows))
    return World((here, there))

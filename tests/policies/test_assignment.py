"""Who may hand a row over to whom, and where it then is (O4 to O6, T1): one's own row, and one that nobody owns.

+ done   F forbidden   N not found: the row, the person or the team is not one that he may know
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schema.modules import REGISTRY
from schema.names import GlobalId
from schema.registry import Kind
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member, Row, Team

pytestmark = pytest.mark.any_server

# Both rows are of the team of whoever acts; `mine` is his own, `pool` is nobody's.
TABLE = """
                     to_peer to_stranger to_former to_nobody into_child into_foreign opened
mine  views          F       F           F         F         F          F            F
mine  owned          +       N           N         +         +          N            +
mine  created        F       F           F         F         F          F            F
mine  team           +       N           N         +         +          N            +
mine  unassigned     F       F           F         F         F          F            F
mine  all            +       N           N         +         +          +            +
mine  owner          +       +           N         +         +          +            +
pool  views          F       F           F         F         F          F            F
pool  owned          F       F           F         F         F          F            F
pool  created        F       F           F         F         F          F            F
pool  team           +       N           N         +         +          N            +
pool  unassigned     +       N           N         +         +          N            +
pool  all            +       N           N         +         +          +            +
pool  owner          +       +           N         +         +          +            +
"""
# The functions are one template for records and one for assets.
MODULES = tuple(REGISTRY.by_name[name] for name in ("contacts", "deals", "invoices", "landing_pages", "web_pages"))
RECORDS = tuple(module.name for module in MODULES if module.kind is Kind.RECORD)
WHO = ("views", "owned", "created", "team", "unassigned", "all", "owner")
ROLES: dict[str, frozenset[Cell]] = {
    "views": every("view", "all"),
    **{scope: every("view", "all") | every("assign", scope) for scope in WHO[1:-1]},
}
TARGETS = {
    "to_peer": "peer",
    "to_stranger": "side",
    "to_former": "former",
    "to_nobody": None,
    "into_child": "oslo",
    "into_foreign": "south",
    "opened": None,
}
ENDS = {"+": {"done"}, "F": {"U0403"}, "N": {"U0404"}}
CODES = {"F": "FORBIDDEN", "N": "NOT_FOUND"}


def rows() -> Iterator[Row]:
    for module in MODULES:
        for who in WHO:
            yield Row(f"{module.name} mine {who}", module.name, "root", who, ("north",))
            yield Row(
                f"{module.name} pool {who}", module.name, "root", None, ("north",), open=module.kind is Kind.ASSET
            )


OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("peer", "views", "north"),
        Member("side", "views", "south"),
        Member("former", "views", "north", active=False),
        *(Member(role, role, "north") for role in ROLES),
        Member("owner", "Owner", "north"),
    ),
    (Team("north"), Team("oslo", "north"), Team("south")),
    tuple(ROLES.items()),
    rows=tuple(rows()),
)


Case = tuple[str, str, str, str, str]
"""Module, whose row, who acts, what he does, and how it ends."""


def cells() -> Iterator[Case]:
    head, *lines = TABLE.strip().splitlines()
    for line in lines:
        whose, who, *found = line.split()
        for what, cell in zip(head.split(), found, strict=True):
            yield from ((module.name, whose, who, what, cell) for module in MODULES)


CASES = list(cells())
PARAMETERS = pytest.mark.parametrize("case", CASES, ids=["-".join(case) for case in CASES])


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


@PARAMETERS
async def test_assignment(office: Play, case: Case) -> None:
    module, whose, who, what, cell = case
    row = office.row(f"{module} {whose} {who}")
    assert row in await office.sees("root", module)
    asset = REGISTRY.by_name[module].kind is Kind.ASSET
    keeps = None if whose == "pool" else office.built.user(who)
    values: list[object] = [row, keeps, None, None]
    match what.split("_"):
        case ["to", _]:
            target = TARGETS[what]
            values[1] = office.built.user(target) if target else None
        case ["into", _]:
            team = office.team(str(TARGETS[what]))
            values[2] = [team] if asset else team
        case _:
            values[3] = not asset

    end = await office.done(who, f"select access.assign_{module}($1, $2, $3, $4)", *values)

    assert end in ENDS[cell]


@PARAMETERS
async def test_assignment_in_graphql(office: Play, case: Case) -> None:
    module, whose, who, what, cell = case
    described = REGISTRY.by_name[module]
    asset = described.kind is Kind.ASSET
    given: dict[str, object] = {"id": str(GlobalId(described.type_name, office.row(f"{module} {whose} {who}")))}
    match what.split("_"):
        case ["to", _]:
            target = TARGETS[what]
            given["ownerId"] = f"Person:{office.built.user(target)}" if target else None
        case ["into", _]:
            team = f"Team:{office.team(str(TARGETS[what]))}"
            given |= {"teamIds": [team]} if asset else {"teamId": team}
        case _:
            given |= {"restricted": False} if asset else {"openToAll": True}
    name = described.type_name
    text = f"mutation ($input: Assign{name}Input!) {{ done: assign{name}(input: $input) {{ visible }} }}"

    data, codes = await office.asks(who, text, {"input": given})

    assert codes == ({} if cell == "+" else {"done": CODES[cell]})
    assert data["done"] == ({"visible": True} if cell == "+" else None)


@pytest.mark.parametrize("module", RECORDS)
@pytest.mark.parametrize(("who", "end"), [("owned", "U0403"), ("team", "done"), ("all", "done")])
async def test_who_gives_away_opens_what_stays_in_his_reach(office: Play, module: str, who: str, end: str) -> None:
    """O4: a record is opened by who may assign it as it is then; to give one's own away does not open it too."""
    row, peer = office.row(f"{module} mine {who}"), office.built.user("peer")
    assign = f"select access.assign_{module}($1, $2, null, $3)"
    assert await office.done(who, assign, row, peer, None) == "done"

    assert await office.done(who, assign, row, peer, True) == end


@pytest.mark.parametrize("module", RECORDS)
async def test_a_record_follows_its_new_owner_unless_a_team_is_named(office: Play, module: str) -> None:
    """O4."""
    row = office.row(f"{module} pool owner")
    look = f"select owner_id, team_id from crm.{module} where id = $1"
    for team, expected in ((None, "south"), (office.team("oslo"), "oslo")):
        async with office.acting("owner") as connection:
            await connection.execute(f"select access.assign_{module}($1, $2, $3)", row, office.built.user("side"), team)
            found = await connection.fetchrow(look, row)
        assert found is not None
        assert tuple(found) == (office.built.user("side"), office.team(expected))


async def test_a_row_of_a_team_is_reached_from_above(office: Play) -> None:
    """O6, T4: assigning to a team lets its ancestors' members reach it."""
    row = office.row("deals mine team")
    async with office.acting("team") as connection:
        assert await connection.fetchval(
            "select access.assign_deals($1, $2, $3)", row, office.built.user("peer"), office.team("oslo")
        )
        assert await connection.fetchval("select team_id from crm.deals where id = $1", row) == office.team("oslo")

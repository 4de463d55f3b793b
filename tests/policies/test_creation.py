"""Who may create what, for whom and where (C1, O1 to O4): one's own rows need `create`, any others `assign` too.

+ created   F forbidden   N not found, since who creates does not know the person or team that he names
"""

import json
from collections.abc import Iterator
from dataclasses import replace

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.names import GlobalId, camel
from schema.registry import Module
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member, Row, Team

pytestmark = pytest.mark.any_server

RECORDS = """
                      own for_peer for_stranger for_nobody in_main in_child in_foreign open
viewer                F   F        F            F          F       F        F          F
writer                +   F        N            F          +       F        N          F
assigns_owned         +   F        N            F          +       +        N          +
assigns_created       +   +        N            +          +       +        N          +
assigns_team          +   +        N            F          +       +        N          +
assigns_unassigned    +   F        N            +          +       F        N          F
assigns_all           +   +        N            +          +       +        N          +
owner                 +   +        +            +          +       +        +          +
member_of_no_team     +   N        N            F          N       N        N          F
"""
VALUES_OF_RECORDS: dict[str, dict[str, object]] = {
    "own": {},
    "for_peer": {"owner_id": "user peer"},
    "for_stranger": {"owner_id": "user side"},
    "for_nobody": {"owner_id": None},
    "in_main": {"team_id": "team north"},
    "in_child": {"team_id": "team oslo"},
    "in_foreign": {"team_id": "team south"},
    "open": {"open_to_all": True},
}

LANDING_PAGES = """
                      own for_peer for_stranger for_nobody restricted in_main in_foreign published inside with_domain
viewer                F   F        F            F          F          F       F          F         F      F
writer                +   F        N            F          +          F       N          F         F      F
assigns_created       +   +        N            +          +          +       N          F         F      F
assigns_team          +   +        N            +          +          +       N          F         F      F
publishes_created     +   F        N            F          +          F       N          +         +      F
publishes_inside      +   F        N            F          +          F       N          F         +      F
publishes_unassigned  +   F        N            F          +          F       N          F         F      F
domains_owned         +   F        N            F          +          F       N          F         F      +
owner                 +   +        +            +          +          +       +          +         +      +
"""
VALUES_OF_LANDING_PAGES: dict[str, dict[str, object]] = {
    "own": {},
    "for_peer": {"owner_id": "user peer"},
    "for_stranger": {"owner_id": "user side"},
    "for_nobody": {"owner_id": None},
    "restricted": {"restricted": True},
    "in_main": {"restricted": True, "team_ids": "teams north"},
    "in_foreign": {"restricted": True, "team_ids": "teams south"},
    "published": {"status": "published", "destination": "public"},
    "inside": {"status": "published", "destination": "internal"},
    "with_domain": {"domain": "www.example.com"},
}

CREATE = frozenset((module.name, "create", "all") for module in REGISTRY.modules)
ROLES: dict[str, frozenset[Cell]] = {
    "viewer": every("view update", "all"),
    "writer": CREATE,
    "assigns_owned": CREATE | every("assign", "owned"),
    "assigns_created": CREATE | every("assign", "created"),
    "assigns_team": CREATE | every("assign", "team"),
    "assigns_unassigned": CREATE | every("assign", "unassigned"),
    "assigns_all": CREATE | every("assign", "all"),
    "publishes_created": CREATE | every("publish", "created"),
    "publishes_inside": CREATE | every("publish_internal", "created"),
    "publishes_unassigned": CREATE | every("publish", "unassigned"),
    "domains_owned": CREATE | every("manage_domain", "owned"),
}
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("peer", "writer", "north"),
        Member("side", "writer", "south"),
        *(Member(role, role, "north") for role in ROLES),
        Member("owner", "Owner", "north"),
        Member("member_of_no_team", "writer"),
    ),
    (Team("north"), Team("oslo", "north"), Team("south")),
    tuple(ROLES.items()),
)
CODES = {"F": "FORBIDDEN", "N": "NOT_FOUND"}
STATES = {"+": {"done"}, "F": {"U0403", "42501"}, "N": {"U0404"}}


def cells(table: str, modules: tuple[str, ...]) -> Iterator[tuple[str, str, str, str]]:
    head, *lines = table.strip().splitlines()
    for line in lines:
        who, *found = line.split()
        for what, cell in zip(head.split(), found, strict=True):
            yield from ((module, who, what, cell) for module in modules)


RECORD_MODULES = ("contacts", "deals", "invoices", "conversations")
CASES = [*cells(RECORDS, RECORD_MODULES), *cells(LANDING_PAGES, ("landing_pages",))]


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


@pytest.mark.parametrize(("module", "who", "what", "cell"), CASES, ids=["-".join(case) for case in CASES])
async def test_creation(office: Play, module: str, who: str, what: str, cell: str) -> None:
    label = REGISTRY.by_name[module].label
    given = (VALUES_OF_LANDING_PAGES if module == "landing_pages" else VALUES_OF_RECORDS)[what]
    values: dict[str, object] = {label: "new", **{column: value_of(office, value) for column, value in given.items()}}
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))

    end = await office.done(who, f"insert into crm.{module} ({', '.join(values)}) values ({places})", *values.values())

    assert end in STATES[cell]


# A page is published by a mutation of its own.
IN_GRAPHQL = [case for case in CASES if case[2] not in ("published", "inside")]


@pytest.mark.parametrize(("module", "who", "what", "cell"), IN_GRAPHQL, ids=["-".join(case) for case in IN_GRAPHQL])
async def test_creation_in_graphql(office: Play, module: str, who: str, what: str, cell: str) -> None:
    described = REGISTRY.by_name[module]
    given = (VALUES_OF_LANDING_PAGES if module == "landing_pages" else VALUES_OF_RECORDS)[what]
    values = {
        camel(described.label): "new",
        **{camel(column): global_id(office, value) for column, value in given.items()},
    }
    name = described.type_name
    text = f"mutation ($input: Create{name}Input!) {{ made: create{name}(input: $input) {{ visible }} }}"

    data, codes = await office.asks(who, text, {"input": values})

    assert codes == ({} if cell == "+" else {"made": CODES[cell]})
    assert (data["made"] is not None) == (cell == "+")


def global_id(office: Play, value: object) -> object:
    match str(value).split():
        case ["user", name]:
            return f"Person:{office.built.user(name)}"
        case ["team", name]:
            return f"Team:{office.team(name)}"
        case ["teams", name]:
            return [f"Team:{office.team(name)}"]
    return value


def value_of(office: Play, value: object) -> object:
    match str(value).split():
        case ["user", name]:
            return office.built.user(name)
        case ["team", name]:
            return office.team(name)
        case ["teams", name]:
            return [office.team(name)]
    return value


@pytest.mark.parametrize("module", RECORD_MODULES)
async def test_a_record_starts_with_its_owners_main_team(office: Play, module: str) -> None:
    """O4, T5."""
    label = REGISTRY.by_name[module].label
    insert = f"insert into crm.{module} ({label}, owner_id) values ('new', $1)"
    for owner, team in (("assigns_all", office.team("north")), ("member_of_no_team", None)):
        async with office.acting("root") as connection:
            await connection.execute(insert, office.built.user(owner))
            row = await connection.fetchrow(f"select team_id, created_by from crm.{module} where {label} = 'new'")
            assert row is not None
            assert (row["team_id"], row["created_by"]) == (team, office.built.user("root"))


async def test_an_asset_starts_open_and_in_no_team(office: Play) -> None:
    """O3."""
    async with office.acting("writer") as connection:
        await connection.execute("insert into crm.landing_pages (title) values ('new')")
    async with office.acting("assigns_team") as connection:
        await connection.execute("insert into crm.landing_pages (title) values ('new')")
        row = await connection.fetchrow("select team_ids, restricted, owner_id from crm.landing_pages")
        assert row is not None
        assert (row["team_ids"], row["restricted"]) == ([], False)
        assert row["owner_id"] == office.built.user("assigns_team")


async def test_below_the_tier_nothing_is_restricted_and_the_refusal_names_the_tier(play: Play) -> None:
    """Mission, section 4."""
    await play.begin(OFFICE, tier="free")
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting("owner") as connection:
            await connection.execute("insert into crm.landing_pages (title, restricted) values ('new', true)")
    assert caught.value.sqlstate == "U0403"
    assert json.loads(str(caught.value.as_dict()["detail"]))["tier"] == "professional"


@pytest.mark.parametrize("module", REGISTRY.modules, ids=lambda module: module.name)
async def test_a_row_of_every_module_is_made_and_read_back(play: Play, module: Module) -> None:
    """With the least that it is made of: its name, and a parent where it has one."""
    parents = [Row(link.target, link.target, "root", "root") for link in module.parents[:1]]
    await play.begin(replace(OFFICE, rows=tuple(parents)))
    name, label, row = module.type_name, camel(module.label), camel(module.singular)
    given: dict[str, object] = {label: "new"}
    for link in module.parents[:1]:
        given[camel(link.column)] = str(GlobalId(REGISTRY.by_name[link.target].type_name, play.row(link.target)))
    text = f"mutation ($input: Create{name}Input!) {{ made: create{name}(input: $input) {{ {row} {{ {label} }} }} }}"

    data, codes = await play.asks("root", text, {"input": given})

    assert codes == {}
    assert data["made"] == {row: {label: "new"}}
    assert (await play.asks("viewer", text, {"input": given}))[1]["made"] in {"FORBIDDEN", "NOT_FOUND"}

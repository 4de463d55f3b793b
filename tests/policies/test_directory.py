"""Roles, teams and members as those may see them who view the tools: in GraphQL, in SQL, and as an analyst."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Exempt, Member, Team
from tests.support.sql import for_analysts

pytestmark = pytest.mark.any_server


def viewing(*tools: str) -> frozenset[tuple[str, str, str]]:
    return frozenset((tool, "view", "all") for tool in tools)


OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("clerk", "clerk"),
        Member("author", "author"),
        Member("agent", "agent", "north", ("south",), (Exempt("grant", ("deals", "view", "all")),)),
        Member("away", "agent", "oslo", active=False),
        Member("once", "agent", exceptions=(Exempt("deny", ("deals", "view", "team"), -1),)),
    ),
    (Team("north"), Team("oslo", "north"), Team("south")),
    (
        ("clerk", viewing("users")),
        ("author", viewing("roles")),
        ("agent", frozenset((("deals", "view", "team"), ("deals", "view", "created"), ("contacts", "import", "all")))),
        ("helper", frozenset((("deals", "view", "unassigned"),))),
    ),
    (("south", "helper"),),
)
ELSEWHERE = Account(
    "elsewhere",
    (Member("stranger", "theirs", "abroad", exceptions=(Exempt("grant", ("deals", "view", "all")),)),
     Member("boss", "Owner", super_admin=True)),
    (Team("abroad"),),
    (("theirs", frozenset((("deals", "view", "all"),))),),
    (("abroad", "theirs"),),
)  # fmt: skip
VIEWS = ("roles", "role_cells", "team_roles", "members", "member_teams", "exceptions", "invitations")
SEES = """
         roles role_cells team_roles members member_teams exceptions invitations
root     +     +          +          +       +            +          +
clerk    +     -          -          +       +            +          +
author   +     +          +          -       -            -          -
agent    -     -          -          -       -            -          -
"""
CASES = [
    (line.split()[0], view, cell == "+")
    for line in SEES.strip().splitlines()[1:]
    for view, cell in zip(VIEWS, line.split()[1:], strict=True)
]


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE, ELSEWHERE)
    for account, inviter in (("office", "root"), ("elsewhere", "boss")):
        await play.admin.execute(
            "insert into access.invitation (account_id, email, role_id, token_hash, invited_by, expires_at)"
            " values ($1, 'x@office.example', $2, sha256('x'), $3, now() + interval '1 day')",
            play.built.accounts[account],
            play.built.id("role", account, "Owner"),
            play.built.user(inviter),
        )
    return play


async def test_a_role_as_it_was_granted(office: Play) -> None:
    data, codes = await office.asks(
        "root", "query ($id: ID!) { role(id: $id) { name builtIn cells { module action scopes } teams { name } } }",
        {"id": f"Role:{office.role('agent')}"},
    )  # fmt: skip
    assert codes == {}
    assert data["role"] == {
        "name": "agent",
        "builtIn": False,
        "cells": [
            {"module": "contacts", "action": "import", "scopes": ["all"]},
            {"module": "deals", "action": "view", "scopes": ["created", "team"]},
        ],
        "teams": [],
    }


async def test_all_roles_by_name(office: Play) -> None:
    data, _ = await office.asks("root", "{ roles { name builtIn cells { module } teams { name } } }")
    roles = {role["name"]: role for role in data["roles"]}
    assert list(roles) == sorted(roles)
    assert {name for name, role in roles.items() if not role["builtIn"]} == {"agent", "author", "clerk", "helper"}
    assert roles["helper"]["teams"] == [{"name": "south"}]
    assert {cell["module"] for cell in roles["Owner"]["cells"]} > {
        cell["module"] for cell in roles["Administrator"]["cells"]
    }


async def test_the_tree_of_teams(office: Play) -> None:
    data, _ = await office.asks("root", "{ teams { name parent { name } children { name } roles { name } } }")
    assert data["teams"] == [
        {"name": "north", "parent": None, "children": [{"name": "oslo"}], "roles": []},
        {"name": "oslo", "parent": {"name": "north"}, "children": [], "roles": []},
        {"name": "south", "parent": None, "children": [], "roles": [{"name": "helper"}]},
    ]


async def test_members_with_all_that_they_have(office: Play) -> None:
    data, codes = await office.asks(
        "root",
        "{ members { totalCount nodes { person { name } status superAdmin role { name } teams { team { name } isMain }"
        " exceptions { module action scope effect until } } } }",
    )
    assert codes == {}
    assert data["members"]["totalCount"] == len(OFFICE.members)
    found = {each["person"]["name"]: each for each in data["members"]["nodes"]}
    assert list(found) == sorted(found)
    assert found["root"]["superAdmin"] is True
    assert found["away"]["status"] == "DEACTIVATED"
    assert found["once"]["exceptions"] == []
    assert {**found["agent"], "person": None} == {
        "person": None,
        "status": "ACTIVE",
        "superAdmin": False,
        "role": {"name": "agent"},
        "teams": [{"team": {"name": "north"}, "isMain": True}, {"team": {"name": "south"}, "isMain": False}],
        "exceptions": [{"module": "deals", "action": "view", "scope": "all", "effect": "GRANT", "until": None}],
    }


async def test_members_are_paged_and_searched(office: Play) -> None:
    page = (
        "query ($after: String) { members(first: 4, after: $after)"
        " { nodes { person { name } } pageInfo { endCursor hasNextPage } } }"
    )
    first, _ = await office.asks("root", page)
    second, _ = await office.asks("root", page, {"after": first["members"]["pageInfo"]["endCursor"]})
    names = [each["person"]["name"] for found in (first, second) for each in found["members"]["nodes"]]
    assert names == sorted(member.user for member in OFFICE.members)
    assert [found["members"]["pageInfo"]["hasNextPage"] for found in (first, second)] == [True, False]
    found, _ = await office.asks("root", '{ members(search: "AGEN") { totalCount nodes { person { name } } } }')
    assert found["members"] == {"totalCount": 1, "nodes": [{"person": {"name": "agent"}}]}
    none, _ = await office.asks("root", '{ members(search: "strange") { totalCount } }')
    assert none["members"] == {"totalCount": 0}


@pytest.mark.parametrize(
    ("who", "refused"), [("clerk", {"roles"}), ("author", {"members"}), ("agent", {"roles", "members"})]
)
async def test_who_may_not_view_a_tool_is_told_so(office: Play, who: str, refused: set[str]) -> None:
    data, codes = await office.asks(who, "{ roles { name } members { totalCount } teams { name } }")
    assert codes == dict.fromkeys(refused, "FORBIDDEN")
    assert {name for name, value in data.items() if value is None} == refused


async def test_who_views_users_alone_knows_roles_by_name(office: Play) -> None:
    text = '{ members(search: "agent") { nodes { role { name cells { module } teams { name } } } } }'
    identity_sees, codes = await office.asks("clerk", text)
    assert identity_sees["members"]["nodes"] == [{"role": {"name": "agent", "cells": None, "teams": None}}]
    assert codes == {"members": "FORBIDDEN"}


@pytest.mark.parametrize("kind", ["Role", "Member"])
async def test_node_finds_what_one_may_view(office: Play, kind: str) -> None:
    text = "query ($id: ID!) { node(id: $id) { id } }"
    own = f"{kind}:{office.role('agent') if kind == 'Role' else office.built.user('agent')}"
    theirs = office.built.id("role", "elsewhere", "theirs") if kind == "Role" else office.built.user("stranger")
    assert await office.asks("root", text, {"id": own}) == ({"node": {"id": own}}, {})
    assert await office.asks("root", text, {"id": f"{kind}:{theirs}"}) == ({"node": None}, {})
    assert await office.asks("agent", text, {"id": own}) == ({"node": None}, {"node": "FORBIDDEN"})


@pytest.mark.parametrize("door", ["member", "analyst"])
@pytest.mark.parametrize(("who", "view", "sees"), CASES, ids=["-".join(case[:2]) for case in CASES])
async def test_views_in_sql(office: Play, door: str, who: str, view: str, sees: bool) -> None:
    """T1: what there is of this account, and nothing of another."""
    statement = f"select account_id from crm.{view}"
    if door == "member":
        async with office.acting(who) as connection:
            rows: list[Any] = await connection.fetch(statement)
    else:
        login = await office.admin.fetchrow(
            "select login, password from access.create_analyst($1, $2)", office.account, office.built.user(who)
        )
        assert login is not None
        analyst = await asyncpg.connect(office.database.login_dsn(login["login"], login["password"]))
        rows = await analyst.fetch(for_analysts(statement))
        await analyst.close()
    assert {row["account_id"] for row in rows} == ({office.account} if sees else set())


async def test_what_is_past_is_in_no_table(office: Play) -> None:
    async with office.acting("root") as connection:
        await connection.execute(
            "select access.set_exception($1, $2, 'deals', 'view', 'all', 'none')",
            office.account,
            office.built.user("agent"),
        )
        assert await connection.fetch("select account_id from access.exception") == []

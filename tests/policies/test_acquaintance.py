"""Whom and which teams somebody knows of his account (T1, T4, C8): in every view, table and function that tells.

+ known   - not: himself, who is in a team that he reaches, and everybody with users view; teams likewise
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from tests.policies.company import every
from tests.policies.conftest import Connection, Play
from tests.support.model import Account, Member, Team
from tests.support.sql import for_analysts

pytestmark = pytest.mark.any_server

# `former` was in north and has left it, `away` is in north and deactivated.
PEOPLE = """
         root lead agent leaf side former away clerk planner
root     +    +    +     +    +    +      +    +     +
lead     -    +    +     +    +    -      +    -     -
agent    -    -    +     +    -    -      +    -     -
leaf     -    -    -     +    -    -      -    -     -
side     -    -    -     -    +    -      -    -     -
former   -    -    -     -    -    +      -    -     -
clerk    +    +    +     +    +    +      +    +     +
planner  -    -    -     -    -    -      -    -     +
"""
# `gone` has been deleted.
TEAMS = """
         region north oslo south desk gone
root     +      +     +    +     +    -
lead     +      +     +    +     -    -
agent    -      +     +    -     +    -
leaf     -      -     +    -     -    -
side     -      -     -    +     -    -
former   -      -     -    -     -    -
clerk    -      -     -    -     -    -
planner  +      +     +    +     +    -
"""
# Who knows both sees which team stands below which.
PARENTS = {
    "root": {"north": "region", "oslo": "north", "south": "region"},
    "lead": {"north": "region", "oslo": "north", "south": "region"},
    "agent": {"oslo": "north"},
    "leaf": {},
    "planner": {"north": "region", "oslo": "north", "south": "region"},
}
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("lead", "agent", "region"),
        Member("agent", "agent", "north", ("desk",)),
        Member("leaf", "agent", "oslo"),
        Member("side", "agent", "south"),
        Member("former", "agent", "north"),
        Member("away", "agent", "north", active=False),
        Member("clerk", "clerk"),
        Member("planner", "planner"),
    ),
    (
        Team("region"),
        Team("north", "region"),
        Team("oslo", "north"),
        Team("south", "region"),
        Team("desk"),
        Team("gone", "north"),
    ),
    (
        ("agent", every("view", "team")),
        ("clerk", frozenset({("users", "view", "all")})),
        ("planner", frozenset({("teams", "view", "all")})),
    ),
)
DOORS = pytest.mark.parametrize("door", ["gateway", "analyst"])


def known(table: str) -> dict[str, set[str]]:
    """By the first word of each line, the columns with a +."""
    head, *lines = table.strip("\n").splitlines()
    return {
        who: {name for name, cell in zip(head.split(), cells, strict=True) if cell == "+"}
        for who, *cells in (line.split() for line in lines)
    }


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(
        OFFICE, Account("rival", (Member("rita", "Owner", "theirs", super_admin=True),), (Team("theirs"),))
    )
    for call in (
        f"access.leave_team($1, '{play.built.user('former')}', '{play.team('north')}')",
        f"access.delete_team($1, '{play.team('gone')}')",
    ):
        await play.admin.execute(f"select {call}", play.account)
    return play


@asynccontextmanager
async def through(office: Play, door: str, who: str) -> AsyncIterator[Connection]:
    """A session of a member, as the gateway's or as an analyst's."""
    if door == "gateway":
        async with office.acting(who) as connection:
            yield connection
        return
    login = await office.admin.fetchrow(
        "select login, password from access.create_analyst($1, $2)", office.account, office.built.user(who)
    )
    assert login is not None
    analyst = await asyncpg.connect(office.database.login_dsn(login["login"], login["password"]))
    try:
        yield analyst
    finally:
        await analyst.close()


def names(office: Play, kind: str, ids: list[asyncpg.Record]) -> set[str]:
    everybody: dict[UUID, str] = (
        {office.built.user(member.user): member.user for member in OFFICE.members}
        if kind == "user"
        else {office.team(team.name): team.name for team in OFFICE.teams}
    )
    return {everybody[row[0]] for row in ids}


@DOORS
@pytest.mark.parametrize("who", known(PEOPLE))
async def test_people(office: Play, door: str, who: str) -> None:
    expected = known(PEOPLE)[who]
    rita = office.built.user("rita")
    assert await office.admin.fetchval("select count(*) from access.app_user where id = $1", rita) == 1
    async with through(office, door, who) as connection:
        tables = ("select id from access.app_user", "select user_id from access.member")
        for query in (
            "select id from crm.people" if door == "gateway" else "select id from people",
            *(tables if door == "gateway" else ()),
            "select unnest(access.known_people())",
        ):
            assert names(office, "user", await connection.fetch(query)) == expected, query
        for member in OFFICE.members:
            knows = await connection.fetchval("select access.knows_person($1)", office.built.user(member.user))
            assert knows is (member.user in expected), member.user
        assert await connection.fetchval("select access.knows_person($1)", rita) is False


@DOORS
@pytest.mark.parametrize("who", known(TEAMS))
async def test_teams(office: Play, door: str, who: str) -> None:
    expected = known(TEAMS)[who]
    assert await office.admin.fetchval("select count(*) from access.team where deleted_at is not null") > 0
    async with through(office, door, who) as connection:
        if door == "analyst":
            assert names(office, "team", await connection.fetch("select id from teams")) == expected
            return
        assert names(office, "team", await connection.fetch("select id from crm.teams")) == expected
        live = await connection.fetch("select id from access.team where deleted_at is null")
        assert names(office, "team", live) == expected


@DOORS
@pytest.mark.parametrize("who", PARENTS)
async def test_which_team_stands_below_which(office: Play, door: str, who: str) -> None:
    ids = {office.team(team.name): team.name for team in OFFICE.teams}
    parents = "select id, parent_id from crm.teams where parent_id is not null"
    edges = "select team_id, parent_id from access.team_edge where valid @> statement_timestamp()"
    for query in (parents, edges) if door == "gateway" else (for_analysts(parents),):
        async with through(office, door, who) as connection:
            found = {ids[row[0]]: ids[row[1]] for row in await connection.fetch(query)}
        assert found == PARENTS[who], query


@DOORS
@pytest.mark.parametrize(
    ("who", "main", "teams"), [("agent", "north", {"north", "desk"}), ("former", None, set()), ("clerk", None, set())]
)
async def test_ones_own_teams(office: Play, door: str, who: str, main: str | None, teams: set[str]) -> None:
    """T5."""
    async with through(office, door, who) as connection:
        schema = "crm" if door == "gateway" else "analyst"
        viewer = await connection.fetchrow(f"select user_id, main_team_id, team_ids from {schema}.viewer")
    assert viewer is not None
    assert viewer["user_id"] == office.built.user(who)
    assert viewer["main_team_id"] == (office.team(main) if main else None)
    assert set(viewer["team_ids"]) == {office.team(team) for team in teams}


async def test_a_row_of_a_former_main_team_starts_in_none(office: Play) -> None:
    """O4: the default for new rows is the main team of now."""
    insert = "insert into crm.deals (name, owner_id) values ('new', $1)"
    async with office.acting("root") as connection:
        for owner, team in (("former", None), ("agent", office.team("north"))):
            await connection.execute("delete from crm.deals")
            await connection.execute(insert, office.built.user(owner))
            assert await connection.fetchval("select team_id from crm.deals") == team

"""The tree of teams (T3 to T6): how it is changed, and what a change of it does to reach."""

import asyncpg
import pytest

from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

ROLES = (("agent", every("view update", "team")),)
ROOT = Member("root", "Owner", super_admin=True)
TREE = Account(
    "tree",
    (
        ROOT,
        Member("lead", "agent", "region"),
        Member("agent", "agent", "north"),
        Member("extra", "agent", None, ("south",)),
    ),
    (Team("region"), Team("north", "region"), Team("oslo", "north"), Team("south", "region"), Team("empty")),
    ROLES,
    rows=(
        Row("in oslo", "deals", "root", "root", ("oslo",)),
        Row("in south", "deals", "root", "root", ("south",)),
        Row("page of oslo", "landing_pages", "root", "root", ("oslo", "south")),
    ),
)
MOVE = "select access.move_team($1, $2, $3)"


@pytest.mark.parametrize(
    ("team", "parent"), [("region", "oslo"), ("region", "north"), ("north", "oslo"), ("north", "north")]
)
async def test_no_team_stands_below_itself(play: Play, team: str, parent: str) -> None:
    """T3."""
    await play.begin(TREE)
    assert await play.commits("root", MOVE, play.account, play.team(team), play.team(parent)) == "U0400"
    assert await play.sees("lead", "deals") == {play.row("in oslo"), play.row("in south")}


async def test_a_cycle_in_one_statement_is_refused_whoever_makes_it(play: Play) -> None:
    """T3: also past the functions."""
    await play.begin(TREE)
    with pytest.raises(asyncpg.PostgresError) as caught:
        await play.admin.execute(
            "insert into access.team_edge (account_id, team_id, parent_id) values ($1, $2, $3)",
            play.account,
            play.team("region"),
            play.team("oslo"),
        )
    assert caught.value.sqlstate == "U0400"


@pytest.mark.parametrize(
    ("team", "held"),
    [
        ("region", "the team holds 2 teams below it, 1 members; move them first"),
        ("north", "the team holds 1 teams below it, 1 members; move them first"),
        ("oslo", "the team holds 1 deals, 1 landing_pages; move them first"),
        ("south", "the team holds 1 members, 1 deals, 1 landing_pages; move them first"),
    ],
)
async def test_a_team_that_holds_something_says_what_and_stays(play: Play, team: str, held: str) -> None:
    """T3."""
    await play.begin(TREE)
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting("root") as connection:
            await connection.execute("select access.delete_team($1, $2)", play.account, play.team(team))
    assert caught.value.sqlstate == "U0409"
    assert str(caught.value).startswith(held)


async def test_an_empty_team_goes_and_cannot_be_used_any_more(play: Play) -> None:
    """T3."""
    await play.begin(TREE)
    gone = play.team("empty")
    assert await play.commits("root", "select access.delete_team($1, $2)", play.account, gone) == "done"
    for statement in (
        "select access.join_team($1, access.user_id(), $2)",
        "select access.move_team($1, $2, null)",
        "select access.create_team($1, 'below', $2)",
        "select access.delete_team($1, $2)",
    ):
        assert await play.done("root", statement, play.account, gone) == "U0404"
    insert = "insert into crm.deals (name, team_id) values ('new', $1)"
    assert await play.done("root", insert, gone) == "U0404"
    for module, team in (("deals", gone), ("landing_pages", [gone])):
        row = play.row("in oslo" if module == "deals" else "page of oslo")
        assign = f"select access.assign_{module}($1, access.user_id(), $2)"
        assert await play.done("root", assign, row, team) == "U0404"


async def test_a_moved_team_takes_what_it_holds_to_its_new_ancestors(play: Play) -> None:
    """T4, C8: reach follows the tree with the next statement."""
    await play.begin(TREE)
    assert await play.sees("agent", "deals") == {play.row("in oslo")}

    assert await play.commits("root", MOVE, play.account, play.team("oslo"), play.team("south")) == "done"

    assert await play.sees("agent", "deals") == set()
    assert await play.sees("extra", "deals") == {play.row("in oslo"), play.row("in south")}
    assert await play.sees("lead", "deals") == {play.row("in oslo"), play.row("in south")}

    assert await play.commits("root", MOVE, play.account, play.team("oslo"), None) == "done"

    assert await play.sees("lead", "deals") == {play.row("in south")}


async def test_an_extra_team_reaches_like_the_main_one_and_is_nobodys_default(play: Play) -> None:
    """T5."""
    await play.begin(TREE)
    assert await play.sees("extra", "deals") == {play.row("in south")}
    async with play.acting("root") as connection:
        await connection.execute("insert into crm.deals (name, owner_id) values ('new', $1)", play.built.user("extra"))
        assert await connection.fetchval("select team_id from crm.deals where name = 'new'") is None


async def test_a_second_main_team_replaces_the_first_and_keeps_reach_apart(play: Play) -> None:
    """T5: one main team at a time."""
    await play.begin(TREE)
    join = "select access.join_team($1, $2, $3, true)"
    agent = play.built.user("agent")
    assert await play.commits("root", join, play.account, agent, play.team("south")) == "done"

    assert await play.sees("agent", "deals") == {play.row("in south")}
    async with play.acting("agent") as connection:
        assert await connection.fetchval("select main_team_id from crm.viewer") == play.team("south")


async def test_the_first_team_narrows_team_scope_and_its_end_gives_back(play: Play) -> None:
    """T6: in an account without teams, team scope is the whole account."""
    row = Row("of nobody's team", "deals", "root", "root")
    await play.begin(Account("plain", (ROOT, Member("agent", "agent")), roles=ROLES, rows=(row,)))
    everything = {play.row(row.name)}
    assert await play.sees("agent", "deals") == everything

    team = await play.admin.fetchval("select access.create_team($1, 'first')", play.account)
    assert await play.sees("agent", "deals") == set()
    assert await play.sees("root", "deals") == everything, "the row exists"

    await play.admin.execute("select access.delete_team($1, $2)", play.account, team)
    assert await play.sees("agent", "deals") == everything


@pytest.mark.parametrize(
    "call",
    [
        "access.create_team($1, 'new', $2)",
        "access.move_team($1, access.create_team($1, 'new'), $2)",
        "access.join_team($1, access.user_id(), $2)",
        "access.add_member($1, 'new@tree.example', 'New', access.role_id($1, 'Member'), $2)",
    ],
)
async def test_a_team_of_another_account_is_not_there(play: Play, call: str) -> None:
    """T1."""
    await play.begin(TREE, Account("other", (Member("rita", "Owner", super_admin=True),), (Team("theirs"),)))
    theirs = play.built.id("team", "other", "theirs")
    assert await play.admin.fetchval("select true from access.team where id = $1", theirs)
    assert await play.done("root", f"select {call}", play.account, theirs) == "U0404"

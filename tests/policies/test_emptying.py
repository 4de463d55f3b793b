"""T3, T10: what a team or a member holds goes where the administrator says, within what he may assign himself."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

TOOLS = frozenset((tool, "configure", "all") for tool in ("users", "teams"))
DEALS = frozenset(("deals", action, "team") for action in ("view", "assign"))
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        # Assigns deals of his teams, and knows nothing of tickets.
        Member("clerk", "clerk", "region"),
        # Configures teams, and not who is in them.
        Member("planner", "planner", "region"),
        Member("ada", "seller", "north"),
        Member("ben", "seller", "south", ("north",)),
        Member("cleo", "seller", "north", ("south",)),
        Member("dov", "seller", None, ("north", "south")),
        Member("eva", "seller", "east"),
    ),
    (
        Team("region"),
        Team("north", "region"),
        Team("oslo", "north"),
        Team("south", "region"),
        Team("east", "region"),
        Team("bare", "region"),
        Team("far"),
    ),
    (
        ("clerk", DEALS | TOOLS),
        ("planner", DEALS | frozenset((("teams", "configure", "all"),))),
        ("seller", frozenset((("deals", "view", "team"),))),
    ),
    rows=(
        Row("deal", "deals", "root", "ada", ("north",)),
        Row("ticket", "tickets", "root", "ada", ("oslo",)),
        Row("open", "deals", "root", "ada", open=True),
        Row("page", "landing_pages", "root", "ada", ("north", "south")),
        Row("other", "deals", "root", "eva", ("east",)),
    ),
)
DELETE = "select access.delete_team($1, $2, $3)"
MERGE = "select access.merge_teams($1, array[$2::uuid], $3)"
REMOVE = "select access.remove_member($1, $2, $3)"
WHO_IS_WHERE = """
  select u.name, t.name, x.is_main from access.team_member x
    join access.member u on (u.account_id, u.user_id) = (x.account_id, x.user_id)
    join access.team t on (t.account_id, t.id) = (x.account_id, x.team_id)
   where x.account_id = $1 and x.valid @> clock_timestamp()
"""


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


async def refused(office: Play, who: str, statement: str, *values: object) -> asyncpg.PostgresError:
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with office.acting(who) as connection:
            await connection.execute(statement, office.account, *values)
    return caught.value


async def places(play: Play) -> dict[str, dict[str, bool]]:
    """Teams of each member, and whether they are the main one."""
    found: dict[str, dict[str, bool]] = {}
    for who, team, main in await play.admin.fetch(WHO_IS_WHERE, play.account):
        found.setdefault(who, {})[team] = main
    return found


async def row(play: Play, module: str, name: str, column: str) -> Any:
    return await play.admin.fetchval(f"select {column} from crm.{module} where id = $1", play.row(name))


@pytest.mark.parametrize(
    ("who", "team", "held"),
    [
        ("root", "north", "1 teams below it, 4 members, 1 deals, 1 landing_pages;"),
        ("clerk", "north", "1 teams below it, 4 members, 1 deals, rows that you may not see;"),
        ("root", "oslo", "1 tickets;"),
        ("clerk", "oslo", "rows that you may not see;"),
    ],
)
async def test_what_a_team_holds_is_said_as_far_as_one_may_know(office: Play, who: str, team: str, held: str) -> None:
    """T3."""
    error = await refused(office, who, "select access.delete_team($1, $2)", office.team(team))
    assert error.sqlstate == "U0409"
    assert str(error).startswith(f"the team holds {held}")


async def test_all_that_a_team_holds_moves(play: Play) -> None:
    """T3, T5: main stays main, and who is in both is in one."""
    await play.begin(OFFICE)
    assert await play.commits("root", DELETE, play.account, play.team("north"), play.team("south")) == "done"

    found = await places(play)
    assert {who: found[who] for who in ("ada", "ben", "cleo", "dov")} == {
        "ada": {"south": True},
        "ben": {"south": True},
        "cleo": {"south": True},
        "dov": {"south": False},
    }
    assert await row(play, "deals", "deal", "team_id") == play.team("south")
    assert await row(play, "landing_pages", "page", "team_ids") == [play.team("south")]
    above = "select parent_id from access.team_edge where team_id = $1 and valid @> clock_timestamp()"
    assert await play.admin.fetchval(above, play.team("oslo")) == play.team("south")
    assert await play.admin.fetchval(above, play.team("north")) is None
    assert play.row("deal") in await play.sees("ben", "deals")
    assert (
        await play.done("root", "select access.rename_team($1, $2, 'x')", play.account, play.team("north")) == "U0404"
    )


@pytest.mark.parametrize(
    "case",
    [
        # Of north, pages are beyond what the clerk may assign; what is in oslo he does not even see.
        ("clerk", "north", "south", "landing_pages"),
        ("clerk", "oslo", "south", "tickets"),
        ("clerk", "east", "south", ""),
        ("clerk", "east", "far", "teams"),
        ("clerk", "bare", "south", ""),
        ("planner", "east", "south", "users"),
        ("planner", "bare", "south", ""),
        ("root", "oslo", "far", ""),
    ],
    ids="-".join,
)
@pytest.mark.parametrize("statement", [DELETE, MERGE], ids=["delete", "merge"])
async def test_who_empties_a_team_does_what_he_could_do_by_hand(
    office: Play, statement: str, case: tuple[str, ...]
) -> None:
    """G1, C6."""
    who, team, target, end = case
    given = office.team(team), office.team(target)
    if not end:
        assert await office.done(who, statement, office.account, *given) == "done"
        return
    error = await refused(office, who, statement, *given)
    assert error.sqlstate == "U0403"
    assert f'"{end}"' in str(error.detail)
    assert await office.done("root", statement, office.account, *given) == "done"


async def test_content_below_its_tier_is_given_to_no_other_team(play: Play) -> None:
    await play.begin(OFFICE, tier="free")
    error = await refused(play, "root", DELETE, play.team("north"), play.team("south"))
    assert error.sqlstate == "U0403"
    assert '"tier": "professional"' in str(error.detail)


@pytest.mark.parametrize("statement", [DELETE, MERGE], ids=["delete", "merge"])
async def test_roles_of_a_team_go_to_the_one_that_takes_over(play: Play, statement: str) -> None:
    """C4: members of both hold them then."""
    await play.begin(OFFICE)
    made = "select access.attach_role_to_team($1, $2, access.role_id($1, 'Member'))"
    assert await play.commits("root", made, play.account, play.team("east")) == "done"
    assert await play.commits("root", statement, play.account, play.team("east"), play.team("south")) == "done"
    for who in ("ben", "eva"):
        async with play.acting(who) as connection:
            assert await connection.fetch("select module from crm.capabilities where module = 'leads'")


# T10


@pytest.mark.parametrize("new_owner", ["ben", None])
async def test_a_removed_members_rows_have_another_owner(play: Play, new_owner: str | None) -> None:
    """O4: records follow the new owner; without one they stay where they are."""
    await play.begin(OFFICE)
    owner = play.built.user(new_owner) if new_owner else None
    async with play.gateway.transaction():
        await play.gateway.execute("select access.enter($1, $2)", play.built.slug("office"), play.built.user("root"))
        assert await play.gateway.fetchval(REMOVE, play.account, play.built.user("ada"), owner) == 4

    assert await row(play, "deals", "deal", "owner_id") == owner
    assert await row(play, "tickets", "ticket", "owner_id") == owner
    assert await row(play, "deals", "deal", "team_id") == play.team("south" if new_owner else "north")
    assert await row(play, "landing_pages", "page", "team_ids") == [play.team("north"), play.team("south")]
    assert await row(play, "deals", "other", "owner_id") == play.built.user("eva")
    assert "ada" not in await places(play)
    async with play.acting("root") as connection:
        assert await connection.fetch("select from crm.members where id = $1", play.built.user("ada")) == []
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        async with play.acting("ada"):
            pass


async def test_who_removes_can_assign_what_is_owned(office: Play) -> None:
    ada, eva = office.built.user("ada"), office.built.user("eva")
    error = await refused(office, "clerk", REMOVE, ada, None)
    assert error.sqlstate == "U0403"
    assert '"assign"' in str(error.detail)
    assert await office.done("root", REMOVE, office.account, ada, None) == "done"
    assert await office.done("clerk", REMOVE, office.account, eva, ada) == "done"


async def test_who_comes_back_starts_anew(play: Play) -> None:
    """Nothing of a former membership waits: no team, no exception, no login."""
    await play.begin(OFFICE)
    ada = play.built.user("ada")
    grant = "select access.set_exception($1, $2, 'tickets', 'view', 'all', 'grant')"
    assert await play.commits("root", grant, play.account, ada) == "done"
    login = await play.admin.fetchrow("select login, password from access.create_analyst($1, $2)", play.account, ada)
    assert login is not None
    assert await play.commits("root", REMOVE, play.account, ada, None) == "done"
    address = await play.admin.fetchval("select email from access.app_user where id = $1", ada)
    add = "select access.add_member($1, $2, 'ada', $3)"
    assert await play.commits("root", add, play.account, address, play.role("seller")) == "done"

    async with play.acting("ada") as connection:
        held = await connection.fetch("select module, action from crm.capabilities")
        assert [tuple(each) for each in held] == [("deals", "view")]
        assert await connection.fetch("select from crm.teams") == []
    with pytest.raises(asyncpg.PostgresError):
        await asyncpg.connect(play.database.login_dsn(login["login"], login["password"]))

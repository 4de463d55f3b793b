"""T3, C5: what a team or a role holds beside rows and members is said, and goes where one says, as if by hand."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from resolvers.session import Database
from tests.policies.conftest import Play
from tests.policies.test_dry_run import ask, compared, real
from tests.policies.test_reorganisation import NOTHING, broken
from tests.support.model import Account, Member, Row, Share, Team

pytestmark = pytest.mark.any_server
__all__ = ["real"]

DEALS = frozenset(("deals", action, "team") for action in ("view", "update", "assign"))
TEAMS = frozenset((("teams", "configure", "all"),))
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        # Sets up everything, assigns deals of his teams, and holds no reports.
        Member("clerk", "clerk", "region"),
        # Sets up teams alone.
        Member("planner", "planner", "region"),
        Member("ben", "seller", "south"),
        Member("kid", "seller", "north"),
    ),
    (
        Team("region"),
        Team("north", "region"),
        Team("south", "region"),
        Team("lent", "region"),
        Team("ranked", "region"),
        Team("equal", "region"),
        Team("awaited", "region"),
        Team("far"),
    ),
    (
        (
            "clerk",
            DEALS
            | frozenset((tool, "configure", "all") for tool in ("users", "teams", "roles"))
            | frozenset((("deals", "view", "created"), ("landing_pages", "view", "created"))),
        ),
        ("planner", DEALS | TEAMS),
        ("seller", frozenset((("deals", "view", "created"), ("landing_pages", "view", "created")))),
        ("reporter", frozenset((("reports", "view", "all"),))),
        ("deputy", frozenset((("deals", "view", "team"),))),
        ("spare", frozenset((("deals", "view", "team"),))),
    ),
    team_roles=(("ranked", "reporter"), ("equal", "deputy")),
    rows=(
        Row("deal", "deals", "root", "root", ("region",)),
        Row("other", "deals", "root", "root", ("far",)),
        Row("page", "landing_pages", "root", "root", ("far",)),
        Row("southern", "deals", "root", "root", ("south",)),
        Row("report", "reports", "root", "root", open=True),
    ),
    shares=(
        Share("deal", ("update",), team="lent", ends_in_hours=5),
        Share("other", ("view",), team="lent"),
        Share("page", ("view",), team="lent"),
    ),
)
DELETE = "select access.delete_team($1, $2, $3)"
MERGE = "select access.merge_teams($1, array[$2::uuid], $3)"
SHARES = """
  select t.name, s.row_id, s.actions, upper_inf(s.valid) as for_good, s.given_by
    from access.share s join access.team t on (t.account_id, t.id) = (s.account_id, s.team_id)
   where s.account_id = $1 and s.valid @> clock_timestamp()
"""
GIVE = (
    "insert into access.share (account_id, module, row_id, team_id, actions, given_by, valid)"
    " values ($1, 'deals', $2, $3, $4, $5, tstzrange(clock_timestamp(), $6))"
)


async def begun(play: Play, **changes: Any) -> Play:
    """The office, with invitations: to the team that is awaited, one that is over, and one as a deputy."""
    await play.begin(replace(OFFICE, **changes))
    invite = "select access.invite_member($1, $2, 'New', $3, $4, $5)"
    south, awaited = play.team("south"), play.team("awaited")
    for name, role, main, teams in (
        ("main", "seller", awaited, [south]),
        ("extra", "seller", None, [awaited, south]),
        ("over", "seller", awaited, []),
        ("spare", "spare", None, []),
    ):
        values = (play.account, f"{name}-{play.built.salt.hex[:8]}@office.example", play.role(role), main, teams)
        assert await play.commits("root", invite, *values) == "done"
    await play.admin.execute(
        "update access.invitation set expires_at = clock_timestamp() - interval '1 hour', invited_at = invited_at -"
        " interval '1 day' where account_id = $1 and email like 'over%'",
        play.account,
    )
    return play


async def invitations(play: Play) -> dict[str, tuple[str, str | None, set[str]]]:
    """Role, main team and further teams, by whom they invite."""
    found = await play.admin.fetch(
        "select split_part(i.email, '-', 1) as who, r.name as role, m.name as main,"
        "  array(select t.name from access.team t"
        "         where t.account_id = i.account_id and t.id = any (i.team_ids)) as teams"
        "  from access.invitation i join access.role r on (r.account_id, r.id) = (i.account_id, i.role_id)"
        "  left join access.team m on (m.account_id, m.id) = (i.account_id, i.main_team_id) where i.account_id = $1",
        play.account,
    )
    return {row["who"]: (row["role"], row["main"], set(row["teams"])) for row in found}


async def shared(play: Play, team: str) -> dict[UUID, tuple[list[str], bool]]:
    """For what rows are shared with a team, and whether for good."""
    found = await play.admin.fetch(SHARES, play.account)
    return {row["row_id"]: (row["actions"], row["for_good"]) for row in found if row["name"] == team}


async def attached(play: Play, team: str) -> set[str]:
    """Roles of a team."""
    found = await play.admin.fetch(
        "select r.name from access.team_role x join access.role r on (r.account_id, r.id) = (x.account_id, x.role_id)"
        " where x.account_id = $1 and x.team_id = $2 and x.valid @> clock_timestamp()",
        play.account,
        play.team(team),
    )
    return {row["name"] for row in found}


async def answered(play: Play, who: str, statement: str, *values: object) -> dict[str, Any]:
    """What a function answers, for good."""
    async with play.gateway.transaction():
        await play.gateway.execute("select access.enter($1, $2)", play.built.slug(play.here), play.built.user(who))
        found: dict[str, Any] = json.loads(await play.gateway.fetchval(statement, play.account, *values))
    return found


async def refused(play: Play, who: str, statement: str, *values: object) -> asyncpg.PostgresError:
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting(who) as connection:
            await connection.execute(statement, play.account, *values)
    return caught.value


@pytest.mark.parametrize(
    ("who", "team", "held"),
    [
        ("root", "lent", "3 shares"),
        ("clerk", "lent", "3 shares"),
        ("root", "ranked", "1 attached roles"),
        ("clerk", "ranked", "1 attached roles"),
        ("root", "awaited", "2 open invitations"),
        ("planner", "awaited", "2 open invitations"),
    ],
)
async def test_a_team_that_holds_something_is_not_silently_lost(play: Play, who: str, team: str, held: str) -> None:
    """T3: each of it alone is said and refused; what is over holds nothing back."""
    await begun(play)
    error = await refused(play, who, "select access.delete_team($1, $2)", play.team(team))
    assert error.sqlstate == "U0409"
    assert str(error).startswith(f"the team holds {held};")


@pytest.mark.parametrize("statement", [DELETE, MERGE], ids=["delete", "merge"])
async def test_all_of_it_goes_to_the_other_team(play: Play, statement: str) -> None:
    """T3, O8, C4, T10."""
    await begun(play)
    south = play.team("south")
    deal, other, page = (play.row(name) for name in ("deal", "other", "page"))
    assert await shared(play, "lent") == {
        deal: (["update", "view"], False),
        other: (["view"], True),
        page: (["view"], True),
    }
    done = await answered(play, "root", statement, play.team("lent"), south)
    assert (done["shares_moved"], done["shares_ended"], done["roles_moved"], done["invitations"]) == (3, 0, 0, [])
    assert await shared(play, "lent") == {}
    assert await shared(play, "south") == {
        deal: (["update", "view"], False),
        other: (["view"], True),
        page: (["view"], True),
    }
    assert {deal, other} <= await play.sees("ben", "deals")
    assert deal not in await play.sees("kid", "deals")

    done = await answered(play, "root", statement, play.team("equal"), south)
    assert (done["roles_moved"], await attached(play, "equal"), await attached(play, "south")) == (
        1,
        set(),
        {"deputy"},
    )

    done = await answered(play, "root", statement, play.team("awaited"), south)
    assert len(done["invitations"]) == 2
    assert await invitations(play) == {
        "main": ("seller", "south", set()),
        "extra": ("seller", None, {"south"}),
        "over": ("seller", "south", set()),
        "spare": ("spare", None, set()),
    }


@pytest.mark.parametrize("statement", [DELETE, MERGE], ids=["delete", "merge"])
@pytest.mark.parametrize(
    ("who", "team", "missing"),
    [
        ("clerk", "ranked", "reports"),
        ("clerk", "equal", ""),
        ("planner", "equal", "roles"),
        ("planner", "awaited", "users"),
    ],
)
async def test_one_hands_on_what_one_could_by_hand(
    play: Play, statement: str, who: str, team: str, missing: str
) -> None:
    """G1, C6."""
    await begun(play)
    given = play.account, play.team(team), play.team("south")
    if not missing:
        assert await play.done(who, statement, *given) == "done"
        return
    error = await refused(play, who, statement, *given[1:])
    assert error.sqlstate == "U0403"
    assert f'"{missing}"' in str(error.detail)
    assert await play.done("root", statement, *given) == "done"


@pytest.mark.parametrize("over", [False, True], ids=["open", "over"])
async def test_who_invites_nobody_to_a_role_lets_nobody_wait_for_it_elsewhere(play: Play, over: bool) -> None:
    """G1: as if whoever is invited were put there by hand. An invitation that is over can be sent again."""
    await begun(play)
    assert await play.done("clerk", DELETE, play.account, play.team("awaited"), play.team("south")) == "done"
    await play.admin.execute(
        "update access.invitation set role_id = $2 where account_id = $1 and email like 'main%'",
        play.account,
        play.role("reporter"),
    )
    if over:
        await play.admin.execute(
            "update access.invitation set expires_at = clock_timestamp() - interval '1 hour',"
            " invited_at = invited_at - interval '1 month' where account_id = $1",
            play.account,
        )
    error = await refused(play, "clerk", DELETE, play.team("awaited"), play.team("south"))
    assert (error.sqlstate, '"reports"' in str(error.detail)) == ("U0403", True)
    assert await play.done("root", DELETE, play.account, play.team("awaited"), play.team("south")) == "done"


@pytest.mark.parametrize("statement", [DELETE, MERGE], ids=["delete", "merge"])
async def test_what_one_may_not_share_ends_and_is_said(play: Play, statement: str) -> None:
    """O8: the clerk may share the deal of his teams, and neither the one that is far nor the page."""
    await begun(play)
    async with play.acting("clerk") as connection:
        await connection.execute(statement, play.account, play.team("lent"), play.team("south"))
        (note,) = await connection.fetch("select code, count, message from access.notes()")
    assert tuple(note) == (
        "SHARES_END",
        2,
        "Of 3 shares with the team 2 end: you may not share these rows with the other team.",
    )
    done = await answered(play, "clerk", statement, play.team("lent"), play.team("south"))
    assert (done["shares_moved"], done["shares_ended"]) == (1, 2)
    assert await shared(play, "south") == {play.row("deal"): (["update", "view"], False)}
    (given,) = await play.admin.fetch(SHARES, play.account)
    assert given["given_by"] == play.built.user("clerk")


async def test_below_its_tier_what_is_shared_with_a_team_is_shared_with_no_other(play: Play) -> None:
    """Section 4: nothing is added. Records are for teams in every tier."""
    await begun(play)
    await play.admin.execute(
        "select access.set_account_tier($1, h, 'free') from unnest($2::text[]) h", play.account, HUBS
    )
    done = await answered(play, "root", DELETE, play.team("lent"), play.team("south"))
    assert (done["shares_moved"], done["shares_ended"]) == (2, 1)
    assert set(await shared(play, "south")) == {play.row("deal"), play.row("other")}


HUBS = ["marketing", "sales", "service", "cms", "operations"]


@pytest.mark.parametrize(
    ("actions", "hours", "outcome", "moved"),
    [
        (["delete", "update", "view"], None, (["delete", "update", "view"], True), 3),
        (["delete", "view"], 5, (["delete", "update", "view"], False), 3),
        (["view"], 2, (["update", "view"], False), 3),
        # What no single share says is not said.
        (["view"], None, (["view"], True), 2),
        (["delete", "view"], 2, (["delete", "view"], False), 2),
    ],
)
async def test_there_is_one_share_of_a_row_with_a_team(
    play: Play, actions: list[str], hours: int | None, outcome: tuple[list[str], bool], moved: int
) -> None:
    await begun(play)
    deal, south = play.row("deal"), play.team("south")
    end = await play.admin.fetchval(
        "select case $3::integer when 5 then upper(valid) else now() + $3 * interval '1 hour' end from access.share"
        " where account_id = $1 and row_id = $2 and valid @> clock_timestamp()",
        play.account,
        deal,
        hours,
    )
    await play.admin.execute(GIVE, play.account, deal, south, actions, play.built.user("root"), end)
    done = await answered(play, "root", DELETE, play.team("lent"), south)
    assert (done["shares_moved"], done["shares_ended"]) == (moved, 3 - moved)
    assert (await shared(play, "south"))[deal] == outcome


TEAM = "mutation ($input: {name}Input!) {{ {lower}(input: $input) {{ {answer} }} }}"
NUMBERS = "rolesMoved sharesMoved sharesEnded invitations { email mainTeam { name } teams { name } }"
PREVIEWED = """preview { members lines notes { code module count message }
  totals { module action gaining losing gained lost }
  changes { person { name } members module action gained lost held
    samplesGained { id label reason } samplesLost { id label reason } } }"""


@pytest.mark.parametrize("name", ["DeleteTeam", "MergeTeams"])
@pytest.mark.parametrize("team", ["lent", "ranked", "equal", "awaited"])
async def test_a_dry_run_says_what_comes(play: Play, real: Database, name: str, team: str) -> None:
    """X2: the payload is what it then is, and members gain and lose what is said."""
    await begun(play)
    lower = name[0].lower() + name[1:]
    given: dict[str, Any] = (
        {"teamId": f"Team:{play.team(team)}", "moveToId": f"Team:{play.team('south')}"}
        if name == "DeleteTeam"
        else {"teamIds": [f"Team:{play.team(team)}"], "intoId": f"Team:{play.team('south')}"}
    )
    text = TEAM.format(name=name, lower=lower, answer=f"{NUMBERS} {PREVIEWED}")
    tried, errors = await ask(play, real, "root", text, {**given, "dryRun": True})
    assert errors == []
    told = {
        "lent": (0, 3, 0, 0),
        "ranked": (1, 0, 0, 0),
        "equal": (1, 0, 0, 0),
        "awaited": (0, 0, 0, 2),
    }
    assert (tried["rolesMoved"], tried["sharesMoved"], tried["sharesEnded"], len(tried["invitations"])) == told[team]
    assert tried["preview"]["notes"] == []
    preview = await compared(play, real, text, given, ("deals", "landing_pages", "reports"))
    assert (preview["members"] > 0) is (team != "awaited")


async def test_a_dry_run_says_which_shares_end(play: Play, real: Database) -> None:
    """X2: in so many words, and as many as end then."""
    await begun(play)
    text = TEAM.format(name="DeleteTeam", lower="deleteTeam", answer=f"{NUMBERS} {PREVIEWED}")
    text = text.replace("invitations { email mainTeam { name } teams { name } }", "")
    given = {"teamId": f"Team:{play.team('lent')}", "moveToId": f"Team:{play.team('south')}"}
    tried, errors = await ask(play, real, "clerk", text, {**given, "dryRun": True})
    assert errors == []
    assert [(note["code"], note["count"]) for note in tried["preview"]["notes"]] == [("SHARES_END", 2)]
    before = len(await play.admin.fetch(SHARES, play.account))
    done, errors = await ask(play, real, "clerk", text, given)
    assert (errors, done["sharesEnded"], tried["sharesEnded"]) == ([], 2, 2)
    assert before - len(await play.admin.fetch(SHARES, play.account)) == 2


# Roles and their successors: C5.

ROLE = "select access.delete_role($1, $2, $3)"


async def test_a_role_that_an_invitation_names_is_in_use(play: Play) -> None:
    """C5: it is said, and with a successor the invitation names that."""
    await begun(play)
    error = await refused(play, "root", "select access.delete_role($1, $2)", play.role("spare"))
    assert (error.sqlstate, str(error).partition(":")[0]) == ("U0409", "1 open invitations have the role")

    done = await answered(play, "root", ROLE, play.role("spare"), play.role("deputy"))
    assert (done["members"], len(done["invitations"])) == ([], 1)
    assert (await invitations(play))["spare"] == ("deputy", None, set())


@pytest.mark.parametrize("column", ["expires_at", "revoked_at"])
async def test_what_is_over_holds_no_role(play: Play, column: str) -> None:
    await begun(play)
    await play.admin.execute(
        f"update access.invitation set {column} = clock_timestamp() - interval '1 minute',"
        " invited_at = invited_at - interval '1 day' where account_id = $1 and email like 'spare%'",
        play.account,
    )
    assert await play.done("root", "select access.delete_role($1, $2)", play.account, play.role("spare")) == "done"


async def test_who_names_a_successor_for_an_invitation_holds_it(play: Play) -> None:
    """G1: who is invited has no exceptions that would keep a cell from him."""
    await begun(play)
    given = play.role("spare"), play.role("reporter")
    error = await refused(play, "clerk", ROLE, *given)
    assert (error.sqlstate, '"reports"' in str(error.detail)) == ("U0403", True)
    assert await play.done("clerk", ROLE, play.account, given[0], play.role("deputy")) == "done"
    assert await play.done("root", ROLE, play.account, *given) == "done"


async def test_graphql_answers_whose_invitation_it_is_then(play: Play, real: Database) -> None:
    """X2: a dry run too, and nothing of that stays."""
    await begun(play)
    answer = "invitations { role { name } } members { id }"
    text = TEAM.format(name="DeleteRole", lower="deleteRole", answer=answer)
    given = {"roleId": f"Role:{play.role('spare')}", "successorId": f"Role:{play.role('deputy')}"}
    for dry_run in (True, False):
        assert (await invitations(play))["spare"][0] == "spare"
        done, errors = await ask(play, real, "root", text, {**given, "dryRun": dry_run})
        assert (done, errors) == ({"invitations": [{"role": {"name": "deputy"}}], "members": []}, [])
    assert (await invitations(play))["spare"][0] == "deputy"


# What guards it, broken once


async def test_sabotage_without_its_look_a_team_is_silently_lost(play: Play) -> None:
    await begun(play)
    look = "access_private.held_by_team(account uuid, team uuid)"
    gone = "select access.delete_team($1, $2)"
    for team in ("lent", "ranked", "awaited"):
        assert await play.done("root", gone, play.account, play.team(team)) == "U0409"
        blind = "returns text language plpgsql as 'begin return null; end'"
        assert await broken(play, look, blind, "root", gone, play.team(team)) == "done"


async def test_sabotage_without_its_bound_roles_go_beyond_what_one_holds(play: Play) -> None:
    await begun(play)
    given = play.team("ranked"), play.team("south")
    assert await play.done("clerk", DELETE, play.account, *given) == "U0403"
    bound = "access_private.bound_cells(cells text[], until timestamptz default null)"
    outcome = NOTHING
    assert await broken(play, bound, outcome, "clerk", DELETE, *given) != "done", "what comes of it is another wall"
    empty = play.team("ranked"), play.team("awaited")
    assert await play.done("clerk", DELETE, play.account, *empty) == "U0403"
    assert await broken(play, bound, outcome, "clerk", DELETE, *empty) == "done"


async def test_sabotage_without_its_bound_shares_are_given_by_who_may_not(play: Play) -> None:
    await begun(play)
    beyond = "access_private.beyond_deals(subject crm.deals, actions text[], span tstzrange)"
    share = "select access.share_deals($1, null, $2, array['delete'])"
    assert await play.commits("root", share, play.row("deal"), play.team("lent")) == "done"
    mine = "select 1 / (access.delete_team($1, $2, $3) ->> 'shares_moved')::integer"
    given = play.team("lent"), play.team("south")
    assert await play.done("clerk", mine, play.account, *given) == "22012", (
        "he deletes nothing, and hands that on to nobody"
    )
    assert (
        await broken(play, beyond, "returns text language plpgsql as 'begin return null; end'", "clerk", mine, *given)
        == "done"
    )


async def test_sabotage_without_its_look_a_role_is_lost_under_an_invitation(play: Play) -> None:
    await begun(play)
    gone = "select access.delete_role($1, $2)"
    assert await play.done("root", gone, play.account, play.role("spare")) == "U0409"
    look = "access_private.open_invitations(account uuid, team uuid default null, role uuid default null)"
    blind = "returns setof access.invitation language sql as 'select * from access.invitation where false'"
    assert await broken(play, look, blind, "root", gone, play.role("spare")) == "done"

"""Reorganisations: many teams change place at once, and the way back from the history (T3, T4, C6, X5)."""

import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

DEALS = frozenset((("deals", "view", "team"),))
PLANNER = DEALS | frozenset((("teams", "configure", "all"),))
ORG = Account(
    "org",
    (
        Member("root", "Owner", super_admin=True),
        # Configures teams, and reaches those of his region alone.
        Member("planner", "planner", "region"),
        Member("ada", "seller", "north"),
        Member("ben", "seller", "south"),
        Member("cleo", "seller", None, ("far",)),
    ),
    (
        Team("region"),
        Team("north", "region"),
        Team("oslo", "north"),
        Team("bergen", "north"),
        Team("south", "region"),
        Team("lima", "south"),
        Team("far"),
        # Nobody is in them, so that nobody reaches more or less by what becomes of them.
        Team("bare"),
        Team("hollow"),
    ),
    (("planner", PLANNER), ("seller", DEALS)),
    rows=(
        Row("of oslo", "deals", "root", "root", ("oslo",)),
        Row("of bergen", "deals", "root", "root", ("bergen",)),
        Row("of lima", "deals", "root", "root", ("lima",)),
    ),
)
ELSEWHERE = Account("elsewhere", (Member("stranger", "Owner", super_admin=True),), (Team("abroad"), Team("away")))
MOVE = "select access.move_teams($1, $2)"
UNDO = "select access.undo_reorganisation($1, $2)"
ABOVE = """
  select t.name as team, p.name as above from access.team t
    left join access.team_edge e
      on (e.account_id, e.team_id) = (t.account_id, t.id) and e.valid @> clock_timestamp()
    left join access.team p on (p.account_id, p.id) = (e.account_id, e.parent_id)
   where t.account_id = $1 and t.deleted_at is null
"""
BEFORE = {
    "region": None,
    "north": "region",
    "oslo": "north",
    "bergen": "north",
    "south": "region",
    "lima": "south",
    "far": None,
    "bare": None,
    "hollow": None,
}
STALE = """
  with expected as (
    select m.user_id, e.team_keys from access.member m, access_private.expected_profiles(m.account_id, m.user_id) e
     where m.account_id = $1
  )
  select count(*) from expected e full join (
    select s.user_id, s.team_keys from access_private.session_profile s where s.account_id = $1
  ) s using (user_id, team_keys) where e.user_id is null or s.user_id is null
"""


def moves(play: Play, **places: str | None) -> str:
    """Moves as the function takes them: each team with the one above."""
    return json.dumps(
        [
            {"team": str(play.team(team)), "parent": None if above is None else str(play.team(above))}
            for team, above in places.items()
        ]
    )


async def tree(play: Play) -> dict[str, str | None]:
    return {row["team"]: row["above"] for row in await play.admin.fetch(ABOVE, play.account)}


async def moved(play: Play, who: str = "root", **places: str | None) -> UUID:
    """A reorganisation that stays; its batch."""
    assert await play.commits(who, MOVE, play.account, moves(play, **places)) == "done"
    return await newest(play)


async def newest(play: Play) -> UUID:
    """The batch of what was done last."""
    found: UUID = await play.admin.fetchval(
        "select batch from access.access_log where account_id = $1 order by at desc, id desc limit 1", play.account
    )
    return found


async def refused(play: Play, who: str, statement: str, *values: object) -> tuple[str, str]:
    """SQLSTATE and sentence."""
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting(who) as connection:
            await connection.execute(statement, play.account, *values)
    return caught.value.sqlstate or "", str(caught.value)


@pytest.fixture
async def org(play: Play) -> Play:
    await play.begin(ORG, ELSEWHERE)
    return play


async def test_teams_move_at_once_and_only_where_they_end_up_counts(org: Play) -> None:
    """T3, T4: oslo and north change places, which one after the other is a cycle."""
    assert await org.sees("ada", "deals") == {org.row("of oslo"), org.row("of bergen")}
    assert (
        await org.done("root", "select access.move_team($1, $2, $3)", org.account, org.team("north"), org.team("oslo"))
        == "U0400"
    )

    await moved(org, north="oslo", oslo="region", bergen="south")

    assert await tree(org) == BEFORE | {"north": "oslo", "oslo": "region", "bergen": "south"}
    assert await org.sees("ada", "deals") == set()
    assert await org.sees("ben", "deals") == {org.row("of bergen"), org.row("of lima")}
    assert await org.sees("planner", "deals") == {org.row(f"of {team}") for team in ("oslo", "bergen", "lima")}
    assert await org.admin.fetchval(STALE, org.account) == 0


@pytest.mark.parametrize(
    ("places", "named"),
    [
        ({"north": "oslo"}, "north would stand below itself"),
        ({"north": "lima", "south": "oslo"}, " would stand below itself"),
        ({"far": "far"}, "far would stand below itself"),
    ],
)
async def test_a_cycle_in_the_end_is_refused_by_name(org: Play, places: dict[str, str], named: str) -> None:
    """T3."""
    state, sentence = await refused(org, "root", MOVE, moves(org, **places))
    assert state == "U0400"
    assert sentence.splitlines()[0].endswith(named)


async def test_a_reorganisation_is_all_or_nothing(org: Play) -> None:
    nobody = json.dumps([{"team": str(org.team("oslo")), "parent": None}, {"team": str(uuid4()), "parent": None}])
    assert await org.commits("root", MOVE, org.account, nobody) == "U0404"
    assert await tree(org) == BEFORE


@pytest.mark.parametrize("given", ["[]", '[{"parent": null}]', "twice"])
async def test_each_team_is_named_once(org: Play, given: str) -> None:
    if given == "twice":
        given = json.dumps([{"team": str(org.team("oslo")), "parent": None}] * 2)
    assert (await refused(org, "root", MOVE, given))[0] == "U0400"


@pytest.mark.parametrize(
    ("who", "places", "end"),
    [
        ("planner", {"oslo": "south", "lima": "north"}, "done"),
        ("planner", {"oslo": "south", "lima": "far"}, "U0403"),
        ("planner", {"oslo": "south", "far": "north"}, "U0403"),
        ("planner", {"oslo": "south", "lima": "abroad"}, "U0404"),
        ("ada", {"oslo": "bergen"}, "U0403"),
        ("root", {"oslo": "south", "lima": "abroad"}, "U0404"),
        ("root", {"oslo": "south", "lima": "far"}, "done"),
    ],
)
async def test_who_moves_many_is_bound_as_who_moves_one(org: Play, who: str, places: dict[str, str], end: str) -> None:
    """C6, G1, T4; T1: a team of another account is none."""
    given = json.loads(moves(org, **places))
    for move, above in zip(given, places.values(), strict=True):
        if above == "abroad":
            move["parent"] = str(org.built.id("team", "elsewhere", above))
    assert await org.done(who, MOVE, org.account, json.dumps(given)) == end


async def test_a_reorganisation_of_another_account_is_none(org: Play) -> None:
    """T1: not made, and not undone."""
    there = org.built.accounts["elsewhere"]
    abroad, away = (str(org.built.id("team", "elsewhere", name)) for name in ("abroad", "away"))
    given = json.dumps([{"team": abroad, "parent": away}])
    assert await org.done("root", MOVE, there, given) == "U0404"
    await org.admin.execute(MOVE, there, given)
    batch = await org.admin.fetchval(
        "select batch from access.access_log where account_id = $1 and kind = 'team_edge'", there
    )

    assert await org.done("root", UNDO, org.account, batch) == "U0404"
    assert await org.done("root", UNDO, org.account, uuid4()) == "U0404"
    await org.admin.execute(UNDO, there, batch)


async def test_a_reorganisation_is_undone_and_done_again(org: Play) -> None:
    """X5: the way back is in the history as the way there, and is taken back alike."""
    there = await moved(org, north="oslo", oslo="region", lima=None)
    after = await tree(org)

    assert await org.commits("root", UNDO, org.account, there) == "done"
    back = await newest(org)
    assert await tree(org) == BEFORE
    assert await org.sees("ada", "deals") == {org.row("of oslo"), org.row("of bergen")}
    assert await org.admin.fetchval(STALE, org.account) == 0

    assert await org.commits("root", UNDO, org.account, back) == "done"
    assert await tree(org) == after
    written = await org.admin.fetch(
        "select batch, count(*) from access.access_log where account_id = $1 and kind = 'team_edge' group by batch",
        org.account,
    )
    assert {row["count"] for row in written if row["batch"] in (there, back)} == {3}


async def test_a_single_move_is_undone_alike(org: Play) -> None:
    move = "select access.move_team($1, $2, $3)"
    assert await org.commits("root", move, org.account, org.team("oslo"), org.team("far")) == "done"
    assert await org.commits("root", UNDO, org.account, await newest(org)) == "done"
    assert await tree(org) == BEFORE


async def test_what_moved_a_team_twice_is_undone_to_where_it_was_first(org: Play) -> None:
    async with org.admin.transaction():
        for above in ("south", "far"):
            await org.admin.execute(MOVE, org.account, moves(org, oslo=above))
    batch = await newest(org)
    assert await org.commits("root", UNDO, org.account, batch) == "done"
    assert await tree(org) == BEFORE


ASTRAY = "these teams are not any more where that put them:"


@pytest.mark.parametrize(
    ("meanwhile", "sentence"),
    [
        ("select access.move_team($1, {oslo}, {bergen})", f"{ASTRAY} oslo;"),
        ("select access.delete_team($1, {oslo}, {far})", f"{ASTRAY} oslo;"),
        ("select access.delete_team($1, {north}, {far})", "these teams, below which some stood, are gone: north;"),
        ("select access.move_team($1, {south}, {lima})", "lima would stand below itself now;"),
        ("select access.undo_reorganisation($1, {batch})", f"{ASTRAY} lima, oslo;"),
    ],
)
async def test_nothing_is_undone_where_something_stands_elsewhere_now(org: Play, meanwhile: str, sentence: str) -> None:
    """T3: who undoes learns what is in the way."""
    batch = await moved(org, oslo="far", lima="far")
    names = {name: f"'{org.team(name)}'" for name in BEFORE} | {"batch": f"'{batch}'"}
    await org.admin.execute(meanwhile.format(**names), org.account)
    before = await tree(org)

    state, found = await refused(org, "root", UNDO, batch)

    assert state == "U0409"
    assert sentence in found
    assert await tree(org) == before


@pytest.mark.parametrize(
    "done",
    [
        "select access.create_team($1, 'new', {north})",
        "select access.delete_team($1, {north}, {south})",
        "select access.merge_teams($1, array[{north}]::uuid[], {south})",
    ],
)
async def test_what_did_more_than_move_teams_is_not_undone(org: Play, done: str) -> None:
    names = {name: f"'{org.team(name)}'" for name in BEFORE}
    await org.admin.execute(done.format(**names), org.account)
    assert (await refused(org, "root", UNDO, await newest(org)))[0] == "U0400"


async def test_what_moved_no_team_is_not_found(org: Play) -> None:
    await org.admin.execute("select access.rename_team($1, $2, 'Oslo')", org.account, org.team("oslo"))
    assert (await refused(org, "root", UNDO, await newest(org)))[0] == "U0404"


@pytest.mark.parametrize(
    ("places", "end"),
    [({"oslo": "south"}, "done"), ({"oslo": "far"}, "U0403"), ({"far": "south"}, "done")],
)
async def test_who_undoes_is_bound_as_who_moves(org: Play, places: dict[str, str], end: str) -> None:
    """C6, T4: he reaches what moves, and where it goes; and T3's top is nobody's."""
    batch = await moved(org, **places)
    assert await org.done("root", UNDO, org.account, batch) == "done"
    assert await org.done("planner", UNDO, org.account, batch) == end
    assert await org.done("ada", UNDO, org.account, batch) == "U0403"


async def test_one_transaction_is_one_batch_and_no_other_is(org: Play) -> None:
    """X5: and nobody says of which his changes are."""
    async with org.admin.transaction():
        await org.admin.execute("select access.rename_team($1, $2, 'Oslo')", org.account, org.team("oslo"))
        await org.admin.execute(MOVE, org.account, moves(org, oslo="south", lima="north"))
    first = await newest(org)
    second = await moved(org, lima="south")
    counted = "select count(*) from access.access_log where account_id = $1 and batch = $2"
    assert [await org.admin.fetchval(counted, org.account, batch) for batch in (first, second)] == [3, 1]
    async with org.admin.transaction():
        await org.admin.execute("set local role cloison_engine")
        forged = "insert into access.access_log (account_id, kind, batch, after) values ($1, 'team', $2, '{}')"
        assert await org.admin.fetchval(f"{forged} returning batch", org.account, second) != second


async def test_only_who_reaches_more_or_less_is_computed_anew(org: Play) -> None:
    """Of a whole account, a move concerns those above."""
    names = {org.built.user(member.user): member.user for member in ORG.members}

    async def stored() -> dict[str, str]:
        query = "select user_id, xmin::text as written from access_private.session_profile where account_id = $1"
        return {names[row["user_id"]]: row["written"] for row in await org.admin.fetch(query, org.account)}

    async def concerned(statement: str, *values: object) -> set[str]:
        before = await stored()
        await org.admin.execute(statement, org.account, *values)
        now = await stored()
        return {name for name in now if now[name] != before[name]}

    assert await concerned("select access.create_team($1, 'new', $2)", org.team("south")) == {"planner", "ben"}
    assert await concerned(MOVE, moves(org, oslo="bergen")) == set()
    assert await concerned(MOVE, moves(org, oslo="south")) == {"ada", "ben"}
    assert await concerned("select access.rename_team($1, $2, 'Oslo')", org.team("oslo")) == set()


# Through GraphQL


async def asked(play: Play, who: str, text: str, **variables: Any) -> tuple[Any, dict[str, dict[str, Any]]]:
    return await play.answers(who, text, variables)


MOVE_TEAMS = """
  mutation ($moves: [TeamMoveInput!]!) {
    moveTeams(input: {moves: $moves, reason: "Markets, not cities"}) {
      batchId teams { name parent { name } } parents { name children { name } }
    }
  }
"""


def given(play: Play, **places: str | None) -> list[dict[str, str | None]]:
    return [
        {"teamId": f"Team:{play.team(team)}", "parentId": None if above is None else f"Team:{play.team(above)}"}
        for team, above in places.items()
    ]


async def test_graphql_answers_what_stands_elsewhere_now(org: Play) -> None:
    found, errors = await asked(org, "root", MOVE_TEAMS, moves=given(org, oslo="south", lima=None))
    assert errors == {}
    assert found["moveTeams"].pop("batchId").startswith("AccessBatch:")
    assert found["moveTeams"] == {
        "teams": [{"name": "lima", "parent": None}, {"name": "oslo", "parent": {"name": "south"}}],
        "parents": [
            {"name": "north", "children": [{"name": "bergen"}]},
            {"name": "south", "children": [{"name": "oslo"}]},
        ],
    }


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ({"north": "oslo"}, {"code": "BAD_USER_INPUT", "fields": {"moves": "north would stand below itself"}}),
        ({}, {"code": "BAD_USER_INPUT", "fields": {"moves": "at least one team is moved"}}),
    ],
)
async def test_graphql_names_what_is_wrong(org: Play, places: dict[str, str], code: dict[str, Any]) -> None:
    assert (await asked(org, "root", MOVE_TEAMS, moves=given(org, **places)))[1] == {"moveTeams": code}


@pytest.mark.parametrize("wrong", ["teamId", "parentId"])
async def test_graphql_takes_teams_alone(org: Play, wrong: str) -> None:
    (move,) = given(org, oslo="south")
    move[wrong] = f"Role:{org.role('seller')}"
    found, errors = await asked(org, "root", MOVE_TEAMS, moves=[move])
    assert (found["moveTeams"], set(errors["moveTeams"]["fields"])) == (None, {"moves"})


async def test_the_history_says_what_can_be_undone(org: Play) -> None:
    """X5: by the id that a change of it has, or that the mutation answered."""
    batch = await moved(org, oslo="south", lima="north")
    log = "query ($batch: ID!) { accessLog(where: {batch: $batch}) { nodes { kind batchId team { name } } } }"
    found, errors = await asked(org, "root", log, batch=f"AccessBatch:{batch}")
    assert errors == {}
    assert sorted(node["team"]["name"] for node in found["accessLog"]["nodes"]) == ["lima", "oslo"]
    (named,) = {node["batchId"] for node in found["accessLog"]["nodes"]}

    undo = """
      mutation ($batch: ID!) {
        undoReorganisation(input: {batchId: $batch, reason: "A mistake"}) {
          batchId teams { name parent { name } } parents { name }
        }
      }
    """
    found, errors = await asked(org, "root", undo, batch=named)
    assert errors == {}
    assert found["undoReorganisation"].pop("batchId") != named
    assert found["undoReorganisation"] == {
        "teams": [{"name": "lima", "parent": {"name": "south"}}, {"name": "oslo", "parent": {"name": "north"}}],
        "parents": [{"name": "north"}, {"name": "south"}],
    }
    found, errors = await asked(org, "root", undo, batch=f"AccessBatch:{uuid4()}")
    assert errors == {
        "undoReorganisation": {"code": "NOT_FOUND", "module": "teams", "field": "batchId", "requestable": True}
    }


# What guards it, broken once


async def broken(play: Play, function: str, by: str, who: str, statement: str, *values: object) -> str:
    """How a member's statement ends where a function says nothing, in a transaction of which nothing stays."""
    await play.admin.execute("begin")
    try:
        await play.admin.execute(f"create or replace function {function} {by}")
        await play.admin.execute("set local session authorization cloison_gateway")
        await play.admin.execute("select access.enter($1, $2)", play.built.slug(play.here), play.built.user(who))
        await play.admin.execute(statement, play.account, *values)
    except asyncpg.PostgresError as error:
        return error.sqlstate or ""
    finally:
        await play.admin.execute("rollback")
    return "done"


NOTHING = "returns void language plpgsql as 'begin end'"


async def test_sabotage_without_its_bound_a_reorganisation_goes_beyond_ones_reach(org: Play) -> None:
    bound = "access_private.bound_tree(team uuid)"
    beyond = moves(org, bare="hollow")
    assert await org.done("planner", MOVE, org.account, beyond) == "U0403"
    assert await broken(org, bound, NOTHING, "planner", MOVE, beyond) == "done"

    batch = await moved(org, bare="hollow")
    assert await org.done("planner", UNDO, org.account, batch) == "U0403"
    assert await broken(org, bound, NOTHING, "planner", UNDO, batch) == "done"


async def test_sabotage_without_the_first_look_the_tree_itself_refuses_a_cycle(org: Play) -> None:
    """T3: two walls, either of which holds."""
    look = "access_private.below_itself(account uuid, teams uuid[], parents uuid[])"
    blind = "returns uuid language plpgsql as 'begin return null; end'"
    cycle = moves(org, north="lima", south="oslo")
    assert await broken(org, look, blind, "root", MOVE, cycle) == "U0400"
    tree = "access_private.refuse_cycle(account uuid)"
    assert await broken(org, tree, NOTHING, "root", MOVE, cycle) == "U0400"

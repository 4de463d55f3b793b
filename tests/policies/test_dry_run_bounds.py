"""Who is told what by a dry run, and what it answers beside that (X2)."""

from typing import Any

import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

DEALS = frozenset(("deals", action, "team") for action in ("view", "update", "assign"))
OWN = frozenset({("deals", "view", "owned")})
HOUSE = Account(
    "house",
    (
        Member("boss", "Owner", super_admin=True),
        Member("sharer", "sharer", "north"),
        Member("keeper", "keeper", "north"),
        Member("helper", "helper", "north"),
        Member("leader", "sharer", "region"),
        Member("receiver", "own", "south"),
        Member("idle", "nothing"),
    ),
    (Team("region"), Team("north", "region"), Team("oslo", "north"), Team("south")),
    (
        ("sharer", DEALS),
        ("keeper", DEALS | {("teams", "configure", "all")}),
        ("helper", OWN | {("users", "configure", "all")}),
        ("own", OWN),
        ("nothing", frozenset()),
    ),
    rows=(
        Row("of oslo", "deals", "boss", None, ("oslo",)),
        Row("of north", "deals", "boss", "sharer", ("north",)),
        Row("of idle", "deals", "boss", "idle", ("south",)),
    ),
)
PREVIEW = """preview {
  members
  changes { person { name } members module action gained lost samplesGained { label reason } }
}"""


async def asked(play: Play, who: str, name: str, given: dict[str, Any], selection: str = PREVIEW) -> Any:
    """A dry run: the payload."""
    text = f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {selection} }} }}"
    data, codes = await play.asks(who, text, {"input": {**given, "dryRun": True}})
    assert codes == {}
    return data[name]


def told(payload: Any) -> set[tuple[str | None, int, str, int, int]]:
    """Lines about views: person, members, module, gained, lost."""
    return {
        (line["person"] and line["person"]["name"], line["members"], line["module"], line["gained"], line["lost"])
        for line in payload["preview"]["changes"]
        if line["action"] == "view"
    }


async def test_sharing_is_no_way_to_learn_what_somebodys_role_knows(play: Play) -> None:
    """Whoever may not view users is told of himself; who may is told that the receiver gains the row."""
    await play.begin(HOUSE)
    share = {"id": f"Deal:{play.row('of north')}", "userId": f"Person:{play.built.user('leader')}", "actions": ["view"]}
    shared = {**share, "userId": f"Person:{play.built.user('receiver')}"}
    assert told(await asked(play, "boss", "shareDeal", shared)) == {("receiver", 1, "deals", 1, 0)}
    data = await asked(play, "sharer", "assignDeal", {"id": share["id"], "teamId": f"Team:{play.team('oslo')}"})
    assert data["preview"] == {"members": 0, "changes": []}


async def test_who_sets_up_teams_is_told_of_others_together(play: Play) -> None:
    await play.begin(HOUSE)
    given = {"teamId": f"Team:{play.team('oslo')}"}
    named = await asked(play, "boss", "moveTeam", given)
    assert told(named) == {(name, 1, "deals", 0, 1) for name in ("sharer", "keeper", "leader")}
    folded = await asked(play, "keeper", "moveTeam", given)
    assert told(folded) == {("keeper", 1, "deals", 0, 1), (None, 2, "deals", 0, 2)}
    assert named["preview"]["members"] == folded["preview"]["members"] == 3


async def test_samples_are_rows_that_the_caller_sees(play: Play) -> None:
    """The row is there, and its owner would see it; the helper, who may change the role, does not."""
    await play.begin(HOUSE)
    given = {"memberId": f"Member:{play.built.user('idle')}", "roleId": f"Role:{play.role('own')}"}
    assert play.row("of idle") in await play.sees("boss", "deals")
    assert play.row("of idle") not in await play.sees("helper", "deals")
    for who, samples in (("boss", [{"label": "of idle", "reason": "owner"}]), ("helper", [])):
        payload = await asked(play, who, "changeRole", given)
        assert told(payload) == {("idle", 1, "deals", 1, 0)}
        assert payload["preview"]["changes"][0]["samplesGained"] == samples


async def test_a_reason_is_the_path(play: Play) -> None:
    """T4: which team of the member's reaches the row; for what is lost, until now."""
    await play.begin(HOUSE)
    lost = await asked(
        play, "boss", "moveTeam", {"teamId": f"Team:{play.team('oslo')}"}, PREVIEW.replace("Gained", "Lost")
    )
    assert {
        (line["person"]["name"], line["samplesLost"][0]["label"], line["samplesLost"][0]["reason"])
        for line in lost["preview"]["changes"]
        if line["action"] == "view"
    } == {
        ("sharer", "of oslo", "team oslo, through north"),
        ("keeper", "of oslo", "team oslo, through north"),
        ("leader", "of oslo", "team oslo, through region"),
    }
    gained = await asked(
        play,
        "boss",
        "joinTeam",
        {"memberId": f"Member:{play.built.user('sharer')}", "teamId": f"Team:{play.team('south')}"},
    )
    (line,) = [line for line in gained["preview"]["changes"] if line["action"] == "view"]
    assert line["samplesGained"] == [{"label": "of idle", "reason": "team south"}]


async def test_the_payload_is_what_it_would_have_been(play: Play) -> None:
    await play.begin(HOUSE)
    given = {"memberId": f"Member:{play.built.user('idle')}", "teamId": f"Team:{play.team('oslo')}", "main": True}
    payload = await asked(
        play,
        "boss",
        "joinTeam",
        given,
        "first: preview { members } member { teams { team { name } isMain } } again: preview { members }",
    )
    assert payload == {
        "first": {"members": 0},
        "member": {"teams": [{"team": {"name": "oslo"}, "isMain": True}]},
        "again": {"members": 0},
    }
    assert list(payload) == ["first", "member", "again"]


async def test_it_is_refused_as_the_change_is(play: Play) -> None:
    await play.begin(HOUSE)
    text = "mutation ($input: MoveTeamInput!) { moveTeam(input: $input) { preview { members } } }"
    given = {"teamId": f"Team:{play.team('oslo')}", "dryRun": True}
    for who, of, code in (("sharer", {}, "FORBIDDEN"), ("boss", {"parentId": given["teamId"]}, "BAD_USER_INPUT")):
        data, codes = await play.asks(who, text, {"input": {**given, **of}})
        assert (data["moveTeam"], codes) == (None, {"moveTeam": code})
    # What was refused left the connection as it was.
    data, codes = await play.asks("boss", text, {"input": given})
    assert (data, codes) == ({"moveTeam": {"preview": {"members": 3}}}, {})

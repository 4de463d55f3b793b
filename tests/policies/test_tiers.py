"""Tiers (T8): below a module's tier its rows are given to no team, and what was given stays until it is undone."""

import json

import asyncpg
import pytest

from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("near", "viewer", "north"),
        Member("far", "viewer", "south"),
    ),
    (Team("north"), Team("south")),
    (("viewer", every("view", "team")),),
    rows=(Row("page", "landing_pages", "root", "root", ("north",)),),
)
ASSIGN = "select access.assign_landing_pages($1, access.user_id(), $2, $3)"
CREATE = "insert into crm.landing_pages (title, restricted) values ('new', true)"


async def subscribe(play: Play, tier: str, hub: str = "marketing") -> None:
    await play.admin.execute("select access.set_account_tier($1, $2, $3)", play.account, hub, tier)


async def told(play: Play, statement: str, *values: object) -> str | None:
    """The tier that a refusal names."""
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting("root") as connection:
            await connection.execute(statement, *values)
    assert caught.value.sqlstate == "U0403"
    found: str | None = json.loads(str(caught.value.as_dict()["detail"])).get("tier")
    return found


async def test_after_a_move_down_nothing_is_lost_and_nothing_becomes_wider(play: Play) -> None:
    await play.begin(OFFICE, tier="professional")
    page, north, south = play.row("page"), play.team("north"), play.team("south")
    assert await play.done("root", ASSIGN, page, [north, south], True) == "done"

    await subscribe(play, "free")

    assert await play.sees("near", "landing_pages") == {page}
    assert await play.sees("far", "landing_pages") == set()
    assert await told(play, ASSIGN, page, [north, south], True) == "professional"
    assert await told(play, CREATE) == "professional"
    for teams, restricted in (([north], True), ([], True), ([north], False), ([], False)):
        assert await play.done("root", ASSIGN, page, teams, restricted) == "done"
    assert await play.commits("root", ASSIGN, page, [], False) == "done"
    assert await play.sees("far", "landing_pages") == {page}
    assert await told(play, ASSIGN, page, [], True) == "professional"
    assert await told(play, ASSIGN, page, [north], False) == "professional"


@pytest.mark.parametrize("hub", ["marketing", "sales", "service", "cms", "operations"])
async def test_the_tier_of_any_hub_is_enough_where_none_is_named(play: Play, hub: str) -> None:
    await play.begin(OFFICE, tier="free")
    assert await told(play, CREATE) == "professional"
    await subscribe(play, "enterprise", hub)
    assert await play.done("root", CREATE) == "done"
    await subscribe(play, "free", hub)
    assert await told(play, CREATE) == "professional"


async def test_records_are_given_to_teams_at_every_tier(play: Play) -> None:
    await play.begin(OFFICE, tier="free")
    insert = "insert into crm.deals (name, team_id) values ('new', $1)"
    assert await play.done("root", insert, play.team("south")) == "done"


@pytest.mark.parametrize(
    "call",
    ["set_account_tier($1, 'moon', 'free')", "set_account_tier($1, 'cms', 'golden')", "set_account_kind($1, 'x')"],
)
async def test_there_are_no_other_hubs_tiers_and_kinds(play: Play, call: str) -> None:
    """T8."""
    await play.begin(OFFICE)
    with pytest.raises(asyncpg.CheckViolationError):
        await play.admin.execute(f"select access.{call}", play.account)
    for kind in ("solutions_partner", "provider", "customer"):
        await play.admin.execute("select access.set_account_kind($1, $2)", play.account, kind)
        async with play.acting("root") as connection:
            assert await connection.fetchval("select account_kind from crm.viewer") == kind

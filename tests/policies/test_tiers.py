"""Tiers (T8): below a module's tier its rows are given to no team, and what was given stays until it is undone."""

import json
import re
from typing import Any

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Kind
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
    return (await refused(play, statement, *values)).get("tier")


async def refused(play: Play, statement: str, *values: object) -> dict[str, Any]:
    """What a refusal tells machines."""
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting("root") as connection:
            await connection.execute(statement, *values)
    assert caught.value.sqlstate == "U0403"
    found: dict[str, Any] = json.loads(str(caught.value.as_dict()["detail"]))
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


# The promise, literally: the lowest subscription, of the named hubs or else of any, in which content is given to teams.
PROMISED = """
| crm_views | asset | free |
| contact_lists, forms, ctas, sequences | asset | professional |
| marketing_emails | asset | professional |
| ad_campaigns | asset | professional |
| social_posts | asset | professional |
| workflows | asset | professional |
| documents | asset | professional |
| reports | asset | professional |
| landing_pages | asset | professional |
| web_pages, blog_posts | asset | enterprise (cms or marketing) |
"""
HUBS = ["marketing", "sales", "service", "cms", "operations"]
TIERS = ["free", "professional", "enterprise"]


def promised() -> dict[str, tuple[str, list[str]]]:
    """For each module of content the tier, and the hubs of which any will do."""
    found = {}
    for modules, tier, hubs in re.findall(r"\| ([\w, ]+) \| asset \| (\w+)(?: \(([\w ]+)\))? \|", PROMISED):
        for module in modules.split(", "):
            found[module] = tier, hubs.split(" or ") if hubs else HUBS
    return found


def test_all_content_is_promised_a_tier_and_records_have_none() -> None:
    assert set(promised()) == {module.name for module in REGISTRY.modules if module.kind is Kind.ASSET}
    assert {module.tier for module in REGISTRY.modules if module.kind is not Kind.ASSET} == {"free"}


@pytest.mark.parametrize("module", promised())
async def test_a_refusal_names_the_module_the_tier_and_the_hubs(play: Play, module: str) -> None:
    """T8, A2: and with that tier in one of those hubs, and in no other, it is done."""
    needed, hubs = promised()[module]
    await play.begin(OFFICE, tier="free")
    create = f"insert into crm.{module} ({REGISTRY.by_name[module].label}, restricted) values ('new', true)"
    for hub in HUBS:
        for tier in TIERS:
            await subscribe(play, tier, hub)
            if TIERS.index(tier) >= TIERS.index(needed) and (hub in hubs or needed == "free"):
                assert await play.done("root", create) == "done"
            else:
                said = await refused(play, create)
                assert (said["module"], said["tier"], sorted(said["hubs"])) == (module, needed, sorted(hubs))
        await subscribe(play, "free", hub)


async def test_graphql_says_the_same(play: Play) -> None:
    await play.begin(OFFICE, tier="professional")
    mutation = 'mutation { createWebPage(input: {title: "new", restricted: true}) { webPage { id } } }'
    _, said = await play.answers("root", mutation)
    assert said["createWebPage"] == {
        "code": "FORBIDDEN",
        "module": "web_pages",
        "action": "assign",
        "requestable": True,
        "tier": "enterprise",
        "hubs": ["cms", "marketing"],
    }


# What is done to a landing page after a move below its tier: `narrow` is restricted to north, `wide` is open and
# assigned to north, `plain` is open; `done`, or refused with the tier. Nothing that is done lets anybody see more by
# itself: only opening does, which somebody who may assign says in so many words.
PATHS = {
    "create it open":                     ("done", "{create} (title) values ('new')"),
    "create it restricted":               ("tier", "{create} (title, restricted) values ('new', true)"),
    "create it for a team":               ("tier", "{create} (title, team_ids) values ('new', array[{north}])"),
    "restrict what is open":              ("tier", "{assign}({plain}, {root}, '{{}}', true)"),
    "restrict what is assigned":          ("tier", "{assign}({wide}, {root}, array[{north}], true)"),
    "assign a team":                      ("tier", "{assign}({plain}, {root}, array[{south}], false)"),
    "add a team":                         ("tier", "{assign}({narrow}, {root}, array[{north}, {south}], true)"),
    "put another team in its place":      ("tier", "{assign}({narrow}, {root}, array[{south}], true)"),
    "take the team away":                 ("done", "{assign}({narrow}, {root}, '{{}}', true)"),
    "open it":                            ("done", "{assign}({narrow}, {root}, array[{north}], false)"),
    "open it and take the team away":     ("done", "{assign}({narrow}, {root}, '{{}}', false)"),
    "give it another owner":              ("done", "{assign}({narrow}, {near}, array[{north}], true)"),
    "change what is in it":               ("done", "update crm.landing_pages set title = 'x' where id = {narrow}"),
    "delete it":                          ("done", "delete from crm.landing_pages where id = {narrow}"),
    "share it with a team":               ("tier", "{share}({narrow}, null, {south}, '{{view}}')"),
    "share it with a member":             ("done", "{share}({narrow}, {far}, null, '{{view}}')"),
    "copy what is restricted":            ("tier", "select access.clone_landing_pages({narrow})"),
    "copy what is open":                  ("done", "select access.clone_landing_pages({plain})"),
    "merge its team into another":        ("tier", "select access.merge_teams({account}, array[{north}], {south})"),
    "delete its team, and move it":       ("tier", "select access.delete_team({account}, {north}, {south})"),
}  # fmt: skip
DOWNGRADED = Account(
    OFFICE.name,
    OFFICE.members,
    OFFICE.teams,
    OFFICE.roles,
    rows=(
        Row("narrow", "landing_pages", "root", "root", ("north",)),
        Row("wide", "landing_pages", "root", "root", ("north",), open=True),
        Row("plain", "landing_pages", "root", "root", open=True),
    ),
)


def spelled(play: Play, statement: str) -> str:
    """A statement with the ids of what it names."""
    ids = {
        **{row.name: play.row(row.name) for row in DOWNGRADED.rows},
        **{member.user: play.built.user(member.user) for member in DOWNGRADED.members},
        **{team.name: play.team(team.name) for team in DOWNGRADED.teams},
        "account": play.account,
    }
    calls = {
        "create": "insert into crm.landing_pages",
        "assign": "select access.assign_landing_pages",
        "share": "select access.share_landing_pages",
    }
    return statement.format(**calls, **{name: f"'{found}'::uuid" for name, found in ids.items()})


@pytest.mark.parametrize("path", PATHS)
async def test_below_the_tier_what_exists_stays_and_can_only_be_removed(play: Play, path: str) -> None:
    """T8, section 4: on every path, the same is done before the move down."""
    end, statement = PATHS[path]
    await play.begin(DOWNGRADED, tier="professional")
    statement = spelled(play, statement)
    assert await play.done("root", statement) == "done"

    await subscribe(play, "free")

    assert await play.sees("near", "landing_pages") == {play.row(row.name) for row in DOWNGRADED.rows}
    assert await play.sees("far", "landing_pages") == {play.row("wide"), play.row("plain")}
    if end == "done":
        assert await play.done("root", statement) == "done"
    else:
        said = await refused(play, statement)
        assert (said["module"], said["tier"], said["hubs"]) == ("landing_pages", "professional", HUBS)


async def test_a_share_with_a_team_that_exists_stays_and_can_be_ended(play: Play) -> None:
    await play.begin(DOWNGRADED, tier="professional")
    shared = spelled(play, "select access.share_landing_pages({narrow}, null, {south}, '{{view}}')")
    assert await play.commits("root", shared) == "done"
    await subscribe(play, "free")
    assert play.row("narrow") in await play.sees("far", "landing_pages")
    assert (
        await play.commits("root", spelled(play, "select access.unshare_landing_pages({narrow}, null, {south})"))
        == "done"
    )
    assert play.row("narrow") not in await play.sees("far", "landing_pages")

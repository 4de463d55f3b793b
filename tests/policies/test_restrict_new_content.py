"""O3, "restrict new content": where new content starts when the account has switched it on, by every door."""

import json
from uuid import UUID, uuid4

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Kind
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member, Row, Team

pytestmark = pytest.mark.any_server

CONTENT = sorted(module.name for module in REGISTRY.modules if module.kind is Kind.ASSET)
MAKER = every("view", "team") | every("create", "all") | every("clone", "team") - {("pipelines", "create", "all")}
SETTINGS = frozenset((("settings", "configure", "all"),))
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("admin", "admin", "north"),
        Member("maker", "maker", "north", ("south",)),
        Member("mate", "maker", "north"),
        Member("far", "maker", "south"),
        Member("teamless", "maker"),
        Member("assigner", "assigner", "north", ("south",)),
    ),
    (Team("north"), Team("south")),
    (
        ("admin", SETTINGS),
        ("maker", MAKER),
        ("assigner", MAKER | every("assign", "all")),
    ),
    rows=(
        Row("open", "landing_pages", "root", "root", open=True),
        Row("narrow", "landing_pages", "root", "root", ("south",)),
    ),
)
SWITCH = "select access.set_restrict_new_content($1, $2)"
STARTS = "select restricted, team_ids from crm.landing_pages where id = $1"


async def switched_on(play: Play, tier: str = "enterprise") -> None:
    await play.begin(OFFICE, tier=tier)
    assert await play.commits("admin", SWITCH, play.account, True) == "done"


async def made(play: Play, who: str, columns: str = "", values: str = "") -> tuple[bool, list[UUID]] | str:
    """How a landing page starts that a member inserts by hand: restricted, and its teams; or the refusal."""
    row = uuid4()
    try:
        async with play.acting(who) as connection:
            await connection.execute(
                f"insert into crm.landing_pages (id, title{columns}) values ($1, 'new'{values})", row
            )
            found = await connection.fetchrow(STARTS, row)
            assert found is not None
            return found["restricted"], found["team_ids"]
    except asyncpg.PostgresError as error:
        return error.sqlstate or ""


async def test_it_takes_configure_on_settings(play: Play) -> None:
    """C6: and it is of one account."""
    await play.begin(OFFICE, Account("elsewhere", (Member("stranger", "Owner", super_admin=True),)))
    elsewhere = play.built.accounts["elsewhere"]
    for who, end in (("maker", "U0403"), ("admin", "done"), ("root", "done")):
        assert await play.done(who, SWITCH, play.account, True) == end
        assert await play.done(who, SWITCH, elsewhere, True) == "U0404"


async def test_new_content_starts_restricted_to_the_main_team_of_its_creator(play: Play) -> None:
    await play.begin(OFFICE)
    assert await made(play, "maker") == (False, [])
    assert await play.commits("admin", SWITCH, play.account, True) == "done"
    assert await made(play, "maker") == (True, [play.team("north")])

    row = uuid4()
    assert await play.commits("maker", "insert into crm.landing_pages (id, title) values ($1, 'new')", row) == "done"

    assert row in await play.sees("mate", "landing_pages")
    assert row in await play.sees("root", "landing_pages")
    assert row not in await play.sees("far", "landing_pages")
    assert row not in await play.sees("teamless", "landing_pages")
    assert play.row("open") in await play.sees("far", "landing_pages")


async def test_of_a_creator_without_a_main_team_it_is_restricted_to_nobody_else(play: Play) -> None:
    await switched_on(play)
    assert await made(play, "teamless") == (True, [])


# What is named beside it; what `maker`, who may not assign, and `assigner` get: restricted and teams, or the refusal.
NAMED = {
    "":                              ("restricted north", "restricted north"),
    "restricted=true":               ("restricted north", "restricted north"),
    "restricted=true teams=":        ("restricted",       "restricted"),
    "restricted=true teams=north":   ("restricted north", "restricted north"),
    "restricted=true teams=south":   ("U0403",            "restricted south"),
    "teams=south":                   ("U0403",            "restricted south"),
    "teams=":                        ("restricted",       "restricted"),
    "restricted=false":              ("U0403",            "open"),
    "restricted=false teams=north":  ("U0403",            "open north"),
}  # fmt: skip


@pytest.mark.parametrize("named", NAMED)
async def test_what_else_is_named_is_for_who_may_assign(play: Play, named: str) -> None:
    """O3, O4: what reaches fewer needs nothing."""
    await switched_on(play)
    given = dict(each.split("=") for each in named.split())
    columns = "".join(f", {column}" for column in ({"teams": "team_ids"}.get(key, key) for key in given))
    teams = f"'{{{play.team(given['teams'])}}}'" if given.get("teams") else "'{}'"
    values = "".join(f", {teams if key == 'teams' else value}" for key, value in given.items())
    for who, expected in zip(("maker", "assigner"), NAMED[named], strict=True):
        found = await made(play, who, columns, values)
        if isinstance(found, tuple):
            names = {play.team(name): name for name in ("north", "south")}
            found = " ".join([("open", "restricted")[found[0]], *(names[team] for team in found[1])])
        assert found == expected, who


CREATE = 'mutation { createLandingPage(input: {title: "new"%s}) { landingPage { restricted teams { name } } } }'


async def test_graphql_creates_and_clones_alike(play: Play) -> None:
    await switched_on(play)
    north = {"restricted": True, "teams": [{"name": "north"}]}
    data, codes = await play.asks("maker", CREATE % "")
    assert (data, codes) == ({"createLandingPage": {"landingPage": north}}, {})
    _, codes = await play.asks("maker", CREATE % ", restricted: false")
    assert codes == {"createLandingPage": "FORBIDDEN"}
    data, codes = await play.asks("assigner", CREATE % ", restricted: false")
    assert data == {"createLandingPage": {"landingPage": {"restricted": False, "teams": []}}}

    clone = 'mutation { cloneLandingPage(input: {id: "LandingPage:%s"}) { landingPage { restricted teams { name } } } }'
    data, codes = await play.asks("maker", clone % play.row("open"))
    assert (data, codes) == ({"cloneLandingPage": {"landingPage": north}}, {})
    # What few were to see is not shown to more by a copy.
    data, codes = await play.asks("maker", clone % play.row("narrow"))
    assert (data, codes) == ({"cloneLandingPage": {"landingPage": {"restricted": True, "teams": []}}}, {})


@pytest.mark.parametrize("module", CONTENT)
async def test_it_is_so_in_every_module_of_content(play: Play, module: str) -> None:
    await switched_on(play)
    label = REGISTRY.by_name[module].label
    found: dict[str, tuple[bool, list[UUID]]] = {}
    for who in ("maker", "teamless"):
        async with play.acting(who) as connection:
            row = await connection.fetchrow(
                f"insert into crm.{module} ({label}) values ('new') returning restricted, team_ids"
            )
        assert row is not None
        found[who] = row["restricted"], row["team_ids"]
    assert found == {"maker": (True, [play.team("north")]), "teamless": (True, [])}


# Which modules it is in effect in, by what the account subscribes to; in the others new content starts open, as they
# cannot be given to teams.
ALWAYS = {"crm_views"}
HIGHEST = {"web_pages", "blog_posts"}
IN_EFFECT = {
    "free": ALWAYS,
    "marketing=professional": set(CONTENT) - HIGHEST,
    "sales=professional": set(CONTENT) - HIGHEST,
    "marketing=enterprise": set(CONTENT),
    "cms=enterprise": set(CONTENT),
    "sales=enterprise": set(CONTENT) - HIGHEST,
    "operations=enterprise": set(CONTENT) - HIGHEST,
}


@pytest.mark.parametrize("subscribed", IN_EFFECT)
async def test_it_is_in_effect_where_the_tier_allows_teams(play: Play, subscribed: str) -> None:
    """T8; the account says which modules these are."""
    await switched_on(play, tier="free")
    if "=" in subscribed:
        await play.admin.execute("select access.set_account_tier($1, $2, $3)", play.account, *subscribed.split("="))
    data, _ = await play.asks("maker", "{ viewer { account { restrictNewContent restrictedModules } } }")
    assert data["viewer"]["account"] == {
        "restrictNewContent": True,
        "restrictedModules": sorted(IN_EFFECT[subscribed]),
    }
    started = {}
    async with play.acting("maker") as connection:
        for module in CONTENT:
            insert = f"insert into crm.{module} ({REGISTRY.by_name[module].label}) values ('new') returning restricted"
            started[module] = await connection.fetchval(insert)
    assert {module for module, restricted in started.items() if restricted} == IN_EFFECT[subscribed]


async def test_switching_is_in_the_history(play: Play) -> None:
    """X5."""
    await switched_on(play)
    assert await play.commits("root", SWITCH, play.account, False) == "done"
    assert await play.commits("root", SWITCH, play.account, False) == "done"
    assert await made(play, "maker") == (False, [])
    rows = await play.admin.fetch(
        "select actor, before, after from access.access_log where account_id = $1 and kind = 'setting' order by id",
        play.account,
    )
    on = {"name": "restrict_new_content"}
    assert [(row["actor"], *(row[key] and json.loads(row[key]) for key in ("before", "after"))) for row in rows] == [
        (play.built.user("admin"), None, on),
        (play.built.user("root"), on, None),
    ]


async def test_without_the_walls_question_a_creator_opens_what_he_makes(play: Play) -> None:
    """Sabotage: the wall's own question is what keeps new content from being open."""
    await switched_on(play)
    assert await made(play, "maker", ", restricted", ", false") == "U0403"
    source = await play.admin.fetchval(
        "select pg_get_functiondef('access_private.wall_inserted_landing_pages()'::regprocedure)"
    )
    question = "case when starts is null then n.team_ids = '{}' else n.restricted and n.team_ids <@ starts end"
    assert question in source
    await play.admin.execute(source.replace(question, "n.team_ids = '{}'"))
    try:
        assert await made(play, "maker", ", restricted", ", false") == (False, [])
    finally:
        await play.admin.execute(source)


def cells_of(found: frozenset[Cell]) -> set[str]:
    """Modules of cells."""
    return {module for module, _, _ in found}


def test_the_makers_make_content_everywhere() -> None:
    assert cells_of(MAKER) >= set(CONTENT)

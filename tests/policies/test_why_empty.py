"""Why a module is empty for a member (C4, T4, O3, O7): every wall in a line, and the policies agree."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.types.walls import CODES
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Exempt, Member, Row, Team

pytestmark = pytest.mark.any_server

CONTACTS_AND_PAGES = ("contacts", "landing_pages")


def views(*scopes: str) -> frozenset[Cell]:
    """The right to view contacts and landing pages on these scopes."""
    return frozenset((module, "view", scope) for module in CONTACTS_AND_PAGES for scope in scopes)


OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("clerk", "clerk", "south"),
        Member("desk", "desk", "south"),
        Member("spy", "team", "south"),
        Member("former", "all"),
        Member("away", "all", active=False),
        Member("waits", "idle", active=False),
        Member("idle", "idle"),
        Member("through", "idle", "attached"),
        Member("taken", "team", "north", exceptions=(Exempt("deny", ("contacts", "view", "team")),)),
        Member("ending", "all", exceptions=(Exempt("deny", ("contacts", "view", "all"), 5),)),
        Member("over", "all", exceptions=(Exempt("deny", ("contacts", "view", "all"), -5),)),
        Member("beside", "all", exceptions=(Exempt("deny", ("contacts", "update", "all")),)),
        Member("implied", "updater", exceptions=(Exempt("deny", ("contacts", "update", "all")),)),
        Member("above", "idle", exceptions=(Exempt("deny", ("contacts", "view", "all")),), super_admin=True),
        Member("loose", "team"),
        Member("far", "team", "empty"),
        Member("near", "team", "north"),
        Member("low", "team", "oslo"),
        Member("owns", "owned"),
        Member("made", "created"),
        Member("pool", "unassigned"),
        Member("all", "all"),
    ),
    (
        Team("north"),
        Team("oslo", "north"),
        Team("south"),
        Team("empty"),
        Team("attached"),
    ),
    (
        ("clerk", views("all") | {("users", "view", "all")}),
        ("desk", frozenset({("users", "view", "all")}) | {("contacts", "view", "owned")}),
        ("idle", frozenset({("deals", "view", "all")})),
        ("updater", frozenset({("contacts", "update", "all")})),
        *((scope, views(scope)) for scope in ("team", "owned", "created", "unassigned", "all")),
    ),
    (("attached", "all"),),
    rows=(
        Row("ours", "contacts", "root", "root", ("north",)),
        Row("low", "contacts", "root", "root", ("oslo",)),
        Row("theirs", "contacts", "root", "root", ("south",)),
        Row("page", "landing_pages", "root", "root", ("south",)),
        Row("own page", "landing_pages", "root", "root", ("north",)),
    ),
)
RIVAL = Account("rival", (Member("boss", "Owner", super_admin=True),), rows=(Row("x", "contacts", "boss", "boss"),))
ASK = "select code, sentence from access.why_empty($1, $2) order by place"


async def told(play: Play, asker: str, member: str, module: str = "contacts") -> list[tuple[str, str]]:
    """What the asker is told, by SQL."""
    async with play.acting(asker) as connection:
        rows = await connection.fetch(ASK, play.built.user(member), module)
    return [(row["code"], row["sentence"]) for row in rows]


def codes(lines: Iterable[tuple[str, str]]) -> list[str]:
    return [code for code, _ in lines]


# Member, module, and what is said, the last line being how far the member sees.
WALLS: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "deactivated": (
        "away",
        "contacts",
        [
            ("deactivated", "away is deactivated, and sees nothing until reactivated."),
            ("sees_none", "Of the 3 contacts that you see, away sees none."),
        ],
    ),
    "deactivated, and no role either": (
        "waits",
        "contacts",
        [
            ("deactivated", "waits is deactivated, and sees nothing until reactivated."),
            ("no_role", "waits has no role that gives view on contacts; the roles are: idle."),
            ("sees_none", "Of the 3 contacts that you see, waits sees none."),
        ],
    ),
    "no role": (
        "idle",
        "contacts",
        [
            ("no_role", "idle has no role that gives view on contacts; the roles are: idle."),
            ("sees_none", "Of the 3 contacts that you see, idle sees none."),
        ],
    ),
    "a role by team": (
        "through",
        "contacts",
        [("sees_all", "through sees all of the 3 contacts that you see.")],
    ),
    "exception": (
        "taken",
        "contacts",
        [
            ("exception", "An exception takes view on contacts (scope team) from taken."),
            ("sees_none", "Of the 3 contacts that you see, taken sees none."),
        ],
    ),
    "exception to what implies view": (
        "implied",
        "contacts",
        [
            ("exception", "An exception takes update on contacts (scope all) from implied."),
            ("sees_none", "Of the 3 contacts that you see, implied sees none."),
        ],
    ),
    "exception that is over": ("over", "contacts", [("sees_all", "over sees all of the 3 contacts that you see.")]),
    "exception to something else": (
        "beside",
        "contacts",
        [("sees_all", "beside sees all of the 3 contacts that you see.")],
    ),
    "exception to a super admin": (
        "above",
        "contacts",
        [("sees_all", "above sees all of the 3 contacts that you see.")],
    ),
    "no team": (
        "loose",
        "contacts",
        [
            ("no_team", "loose is in no team, so that scope team reaches only what is open to all teams."),
            (
                "no_row_of_teams",
                "Of the contacts that you see, none is of a team that loose reaches, or open to all teams.",
            ),
            ("sees_none", "Of the 3 contacts that you see, loose sees none."),
        ],
    ),
    "teams hold nothing": (
        "far",
        "contacts",
        [
            (
                "no_row_of_teams",
                "Of the contacts that you see, none is of a team that far reaches, or open to all teams.",
            ),
            ("sees_none", "Of the 3 contacts that you see, far sees none."),
        ],
    ),
    "downward only": ("low", "contacts", [("sees_some", "Of the 3 contacts that you see, low sees 1.")]),
    "own and below": ("near", "contacts", [("sees_some", "Of the 3 contacts that you see, near sees 2.")]),
    "restricted": (
        "near",
        "landing_pages",
        [
            (
                "restricted",
                "Restricted to others than near and the teams that near reaches: 1 of the landing pages that you see.",
            ),
            ("sees_some", "Of the 2 landing pages that you see, near sees 1."),
        ],
    ),
    "owns nothing": (
        "owns",
        "contacts",
        [
            ("owns_none", "owns owns none of the contacts that you see."),
            ("sees_none", "Of the 3 contacts that you see, owns sees none."),
        ],
    ),
    "created nothing": (
        "made",
        "contacts",
        [
            ("created_none", "made created none of the contacts that you see."),
            ("sees_none", "Of the 3 contacts that you see, made sees none."),
        ],
    ),
    "nothing unassigned": (
        "pool",
        "contacts",
        [
            ("none_unassigned", "Of the contacts that you see, none is without an owner and open."),
            ("sees_none", "Of the 3 contacts that you see, pool sees none."),
        ],
    ),
    "no rows": (
        "all",
        "tickets",
        [
            ("no_role", "all has no role that gives view on tickets; the roles are: all."),
            ("you_see_none", "You see no tickets yourself, so that nothing can be said of rows."),
        ],
    ),
}


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    await playground.begin(OFFICE, RIVAL)
    return playground


@pytest.mark.parametrize("wall", WALLS)
async def test_every_wall_is_named(office: Play, wall: str) -> None:
    member, module, expected = WALLS[wall]
    assert await told(office, "root", member, module) == expected


async def test_an_end_is_told(office: Play) -> None:
    (first, sentence), *_ = await told(office, "root", "ending")
    assert first == "exception"
    assert sentence.startswith("An exception takes view on contacts (scope all) from ending until 20")
    assert sentence.endswith(" UTC.")


async def test_who_was_a_member_is_none(play: Play) -> None:
    await play.begin(OFFICE)
    former = play.built.user("former")
    assert codes(await told(play, "root", "former")) == ["sees_all"]
    await play.admin.execute(
        "update access.membership set valid = tstzrange(lower(valid), clock_timestamp())"
        " where account_id = $1 and user_id = $2 and upper_inf(valid)",
        play.account,
        former,
    )
    assert await told(play, "root", "former") == [
        ("not_a_member", "former is no longer a member of this account."),
        ("sees_none", "Of the 3 contacts that you see, former sees none."),
    ]


async def test_the_tier_is_told_where_rows_stay_restricted(play: Play) -> None:
    await play.begin(OFFICE, tier="professional")
    for hub in ("marketing", "sales", "service", "cms", "operations"):
        await play.admin.execute("select access.set_account_tier($1, $2, 'free')", play.account, hub)
    assert (
        "tier",
        "Below tier professional, landing pages are restricted no further, and what was restricted stays so.",
    ) in await told(play, "root", "near", "landing_pages")
    # Records are given to teams at every tier.
    assert "tier" not in codes(await told(play, "root", "near"))


async def test_rows_are_counted_as_far_as_the_asker_sees_them(office: Play) -> None:
    assert await told(office, "clerk", "near") == [("sees_some", "Of the 3 contacts that you see, near sees 2.")]
    # The desk owns no contact, and learns of none: neither that there are any, nor that the other sees them.
    assert await told(office, "desk", "near") == [
        ("no_row_of_teams", "Of the contacts that you see, none is of a team that near reaches, or open to all teams."),
        ("you_see_none", "You see no contacts yourself, so that nothing can be said of rows."),
    ]


async def test_a_thousand_rows_are_counted_and_no_more(play: Play) -> None:
    rows = tuple(Row(f"r{number}", "contacts", "root", "root", ("north",)) for number in range(1001))
    await play.begin(Account("crowd", OFFICE.members, OFFICE.teams, OFFICE.roles, OFFICE.team_roles, rows))
    assert await told(play, "root", "near") == [
        ("sees_some", "Of the more than 1000 contacts that you see, near sees more than 1000.")
    ]
    assert (await told(play, "root", "all"))[-1][0] == "sees_all"
    assert (await told(play, "root", "far"))[-1] == (
        "sees_none",
        "Of the more than 1000 contacts that you see, far sees none.",
    )


async def refused(play: Play, asker: str, member: UUID, module: str) -> tuple[str | None, Any]:
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting(asker) as connection:
            await connection.execute(ASK, member, module)
    return caught.value.sqlstate, json.loads(str(caught.value.as_dict()["detail"]))


@pytest.mark.parametrize(
    "function",
    [
        "access.why_empty($1, 'contacts')",
        "access.rights_to_view($1, 'contacts')",
        "access.walls_of_rights($1, 'contacts')",
    ],
)
async def test_who_may_not_see_the_users_is_told_nothing(office: Play, function: str) -> None:
    member = office.built.user("near")
    for asker in ("all", "near"):
        assert await office.done(asker, f"select * from {function}", member) == "U0403"
    assert await office.done("desk", f"select count(*) from {function}", member) == "done"


async def test_members_of_other_accounts_look_absent(office: Play) -> None:
    boss = office.built.user("boss")
    assert await refused(office, "root", boss, "contacts") == await refused(office, "root", UUID(int=7), "contacts")
    assert (await refused(office, "root", boss, "contacts"))[0] == "U0404"
    async with office.acting("boss", "rival") as connection:
        rows = await connection.fetch(ASK, boss, "contacts")
    assert [row["code"] for row in rows] == ["sees_all"]


async def test_analysts_do_not_ask(office: Play) -> None:
    login = await office.admin.fetchrow(
        "select login, password from access.create_analyst($1, $2)", office.account, office.built.user("root")
    )
    assert login is not None
    connection = await asyncpg.connect(office.database.login_dsn(login["login"], login["password"]))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(ASK, office.built.user("near"), "contacts")
    finally:
        await connection.close()


QUERY = "query ($member: ID!, $module: String!) { whyEmpty(member: $member, module: $module) { code text: sentence } }"


@pytest.mark.parametrize("type_name", ["Person", "Member"])
async def test_the_query_says_the_same(office: Play, type_name: str) -> None:
    variables = {"member": f"{type_name}:{office.built.user('near')}", "module": "landing_pages"}
    data, errors = await office.asks("root", QUERY, variables)
    assert errors == {}
    assert [(line["code"].lower(), line["text"]) for line in data["whyEmpty"]] == WALLS["restricted"][2]


@pytest.mark.parametrize(
    ("asker", "member", "module", "code"),
    [
        ("all", "near", "contacts", {"whyEmpty": "FORBIDDEN"}),
        ("root", "near", "moon", {"whyEmpty": "BAD_USER_INPUT"}),
        ("root", "near", "settings", {"whyEmpty": "BAD_USER_INPUT"}),
        ("root", "boss", "contacts", {"": "NOT_FOUND"}),
    ],
)
async def test_refusals_of_the_query(office: Play, asker: str, member: str, module: str, code: dict[str, str]) -> None:
    variables = {"member": f"Person:{office.built.user(member)}", "module": module}
    data, errors = await office.asks(asker, QUERY, variables)
    assert errors == code
    assert not (data or {}).get("whyEmpty")


async def test_an_id_that_is_none_is_refused(office: Play) -> None:
    for member in ("Team:" + str(office.team("north")), "Person:x", ""):
        _, errors = await office.asks("root", QUERY, {"member": member, "module": "contacts"})
        assert errors == {"whyEmpty": "BAD_USER_INPUT"}


AGREEING = Account(
    "agreeing",
    (
        Member("root", "Owner", super_admin=True),
        *(
            Member(name, name, "north", ("west",))
            for name in ("team", "owned", "created", "unassigned", "all", "mixed")
        ),
        Member("none", "none", "north"),
        Member("below", "team", "oslo"),
        Member("elsewhere", "team", "west"),
        Member("outside", "team"),
        Member("without", "all", exceptions=tuple(Exempt("deny", cell) for cell in sorted(every("view", "all")))),
    ),
    (Team("north"), Team("oslo", "north"), Team("west")),
    (
        ("none", frozenset()),
        ("mixed", every("view", "owned", "unassigned")),
        *((scope, every("view", scope)) for scope in ("team", "owned", "created", "unassigned", "all")),
    ),
    rows=tuple(
        Row(f"{module} {owner} {team} {open_}", module, "created", owner, (team,) if team else (), open_)
        for module in ("contacts", "tickets", "landing_pages", "workflows")
        for owner in ("owned", "root", None)
        for team in ("north", "oslo", "west", None)
        for open_ in (False, True)
    ),
)


async def test_the_answer_agrees_with_the_policies(play: Play) -> None:
    """Every member and module: what is said of how far the member sees is what the member's own session sees."""
    await play.begin(AGREEING)
    met = set()
    for module in ("contacts", "tickets", "landing_pages", "workflows"):
        there = len(await play.sees("root", module))
        for member in AGREEING.members:
            seen = len(await play.sees(member.user, module))
            *_, (code, sentence) = await told(play, "root", member.user, module)
            assert code == ("sees_none" if seen == 0 else "sees_all" if seen == there else "sees_some")
            if code == "sees_some":
                assert sentence.endswith(f" sees {seen}.")
            met.add(code)
    assert met == {"sees_none", "sees_some", "sees_all"}


def test_every_code_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "why-empty.md").read_text()
    assert [code for code in CODES if f"`{code}`" not in page] == []


@pytest.mark.parametrize("module", REGISTRY.modules, ids=lambda module: module.name)
async def test_every_module_can_be_asked_about(office: Play, module: Any) -> None:
    lines = await told(office, "root", "root", module.name)
    assert len(lines) == 1
    assert {code.upper() for code, _ in lines} <= set(CODES)

"""X2, O3, section 4: before another tier or setting, it is said what will be different that no row of today shows."""

from typing import Any

import pytest

from resolvers.session import Database
from tests.policies.conftest import Play
from tests.policies.test_dry_run import ask, real
from tests.policies.test_reorganisation import NOTHING
from tests.support.model import Account, Member, Row, Share, Team

pytestmark = pytest.mark.any_server
__all__ = ["real"]

OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        # Of whom one is an operator, too, and sees forms of north alone.
        Member("olaf", "writer", "north"),
        Member("ben", "writer", "south"),
    ),
    (Team("north"), Team("south")),
    (("writer", frozenset((("forms", "view", "team"), ("forms", "create", "all")))),),
    rows=(
        Row("north", "forms", "root", "root", ("north",)),
        Row("north open", "forms", "root", "root", ("north",), open=True),
        Row("south", "forms", "root", "root", ("south",)),
        Row("plain", "forms", "root", "root", open=True),
        Row("site", "web_pages", "root", "root", ("north",)),
        Row("deal", "deals", "root", "root", ("north",)),
    ),
    shares=(Share("south", ("view",), team="north"), Share("plain", ("view",), user="ben")),
)
CLIENT = Account("client", (Member("boss", "Owner", super_admin=True),), (Team("east"),))
NOTES = "preview { notes { code module count message } }"
SET = f"mutation ($input: SetAccountInput!) {{ setAccount(input: $input) {{ kind {NOTES} }} }}"
RESTRICT = (
    "mutation ($input: SetRestrictNewContentInput!)"
    f" {{ setRestrictNewContent(input: $input) {{ account {{ id }} {NOTES} }} }}"
)
FREE = [{"hub": hub, "tier": "FREE"} for hub in ("MARKETING", "CMS", "SALES", "SERVICE", "OPERATIONS")]
# A new form says of itself whether it starts restricted.
CREATE = "insert into crm.forms (name) values ('New')"
FOR_TEAMS = [
    "ad_campaigns", "blog_posts", "contact_lists", "ctas", "documents", "forms", "landing_pages", "marketing_emails",
    "reports", "sequences", "social_posts", "web_pages", "workflows",
]  # fmt: skip


async def begun(play: Play) -> Play:
    await play.begin(OFFICE, CLIENT)
    for operator in ("olaf", "root"):
        await play.admin.execute("insert into access_private.operator (user_id) values ($1)", play.built.user(operator))
    return play


async def restrict(play: Play, account: str = "office") -> None:
    await play.admin.execute("select access.set_restrict_new_content($1, true)", play.built.accounts[account])


async def told(play: Play, pool: Database, who: str, text: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The notes of a dry run."""
    tried, errors = await ask(play, pool, who, text, {**given, "dryRun": True})
    assert errors == []
    found: list[dict[str, Any]] = tried["preview"]["notes"]
    return found


def of(notes: list[dict[str, Any]], module: str) -> dict[str, int | None]:
    return {note["code"]: note["count"] for note in notes if note["module"] == module}


async def starts(play: Play) -> tuple[bool, str]:
    """Whether a new form of ben starts restricted, and how restricting one to a team ends."""
    async with play.acting("ben") as connection:
        made = await connection.fetchval(CREATE + " returning id")
        restricted = await is_restricted(connection, made)
    assign = "select access.assign_forms($1, $2, array[$3::uuid])"
    ended = await play.done("root", assign, play.row("plain"), play.built.user("root"), play.team("north"))
    return restricted, ended


async def is_restricted(connection: Any, row: Any) -> bool:
    restricted: bool = await connection.fetchval("select restricted from crm.forms where id = $1", row)
    return restricted


async def test_a_lower_tier_says_what_is_different_from_then_on(play: Play, real: Database) -> None:
    """X2, O3: and when it is applied, that is what is different."""
    await begun(play)
    await restrict(play)
    assert await starts(play) == (True, "done")
    given = {"slug": play.built.slug("office"), "tiers": FREE}
    notes = await told(play, real, "root", SET, given)
    assert await starts(play) == (True, "done"), "nothing was changed"

    assert {note["module"] for note in notes} == set(FOR_TEAMS), "views and records are for teams in every tier"
    assert of(notes, "forms") == {
        "STARTS_OPEN": None, "NOT_FOR_TEAMS": None, "ASSIGNMENTS_ONLY_REMOVED": 3, "TEAM_SHARES_ONLY_END": 1,
    }  # fmt: skip
    assert of(notes, "web_pages") == {"STARTS_OPEN": None, "NOT_FOR_TEAMS": None, "ASSIGNMENTS_ONLY_REMOVED": 1}
    assert of(notes, "ctas") == {"STARTS_OPEN": None, "NOT_FOR_TEAMS": None}
    (said,) = [
        note["message"] for note in notes if (note["code"], note["module"]) == ("ASSIGNMENTS_ONLY_REMOVED", "forms")
    ]
    assert said == (
        "3 forms are restricted or given to teams, 2 of them restricted:"
        " that stays in force, and can only be taken away."
    )

    done, errors = await ask(play, real, "root", SET, given)
    assert (errors, done["preview"]) == ([], None)
    assert await starts(play) == (False, "U0403")
    kept = await play.admin.fetch("select name from crm.forms where account_id = $1 and team_ids <> '{}'", play.account)
    assert len(kept) == 3

    back = await told(play, real, "root", SET, {**given, "tiers": [{"hub": "MARKETING", "tier": "PROFESSIONAL"}]})
    assert of(back, "forms") == {"STARTS_RESTRICTED": None, "FOR_TEAMS": None}
    assert of(back, "web_pages") == {}, "they take a higher one"


async def test_only_what_changes_is_said(play: Play, real: Database) -> None:
    """Without the setting nothing starts otherwise; and another hub keeps a module for teams."""
    await begun(play)
    slug = play.built.slug("office")
    notes = await told(play, real, "root", SET, {"slug": slug, "tiers": FREE})
    assert of(notes, "ctas") == {"NOT_FOR_TEAMS": None}
    assert await told(play, real, "root", SET, {"slug": slug, "tiers": FREE[1:]}) == []
    assert await told(play, real, "root", SET, {"slug": slug, "kind": "PROVIDER"}) == []


async def test_the_setting_says_it_too(play: Play, real: Database) -> None:
    """O3."""
    await begun(play)
    assert await starts(play) == (False, "done")
    notes = await told(play, real, "root", RESTRICT, {"restrict": True})
    assert {note["module"]: note["code"] for note in notes} == dict.fromkeys(
        sorted([*FOR_TEAMS, "crm_views"]), "STARTS_RESTRICTED"
    )
    _, errors = await ask(play, real, "root", RESTRICT, {"restrict": True})
    assert (errors, await starts(play)) == ([], (True, "done"))
    assert await told(play, real, "root", RESTRICT, {"restrict": True}) == []
    notes = await told(play, real, "root", RESTRICT, {"restrict": False})
    assert {note["code"] for note in notes} == {"STARTS_OPEN"}


async def test_an_operator_counts_what_he_sees(play: Play, real: Database) -> None:
    """T1, X2: in his own account as everywhere."""
    await begun(play)
    notes = await told(play, real, "olaf", SET, {"slug": play.built.slug("office"), "tiers": FREE})
    assert of(notes, "forms") == {"NOT_FOR_TEAMS": None, "ASSIGNMENTS_ONLY_REMOVED": 2, "TEAM_SHARES_ONLY_END": 1}
    (said,) = [
        note["message"] for note in notes if note["code"] == "ASSIGNMENTS_ONLY_REMOVED" and note["module"] == "forms"
    ]
    assert "and some that you may not see" in said
    assert of(notes, "web_pages") == {"NOT_FOR_TEAMS": None, "ASSIGNMENTS_ONLY_REMOVED": 0}


async def test_of_another_account_he_learns_nothing_but_its_tiers(play: Play, real: Database) -> None:
    """T1: the same is said whatever is there, and whatever is set."""
    await play.begin(CLIENT, OFFICE)
    await play.admin.execute("insert into access_private.operator (user_id) values ($1)", play.built.user("boss"))
    given = {"slug": play.built.slug("office"), "tiers": FREE}
    notes = await told(play, real, "boss", SET, given)
    assert of(notes, "forms") == {"STARTS_OPEN": None, "NOT_FOR_TEAMS": None}
    assert of(notes, "ctas") == of(notes, "forms")
    await restrict(play, "office")
    assert await told(play, real, "boss", SET, given) == notes


async def test_by_sql_it_is_asked_for_in_the_same_transaction(play: Play) -> None:
    await begun(play)
    await restrict(play)
    async with play.acting("root") as connection:
        slug = play.built.slug("office")
        tiers = '[{"hub": "marketing", "tier": "free"}, {"hub": "cms", "tier": "free"}]'
        await connection.execute("select access.set_account($1, null, $2)", slug, tiers)
        codes = await connection.fetch("select code from access.notes() where module = 'ctas' order by place")
        assert [row["code"] for row in codes] == ["STARTS_OPEN", "NOT_FOR_TEAMS"]
    async with play.acting("root") as connection:
        assert await connection.fetch("select from access.notes()") == []


async def test_sabotage_without_the_sentence_a_lower_tier_is_wider_without_a_word(play: Play, real: Database) -> None:
    await begun(play)
    await restrict(play)
    says = "select pg_get_functiondef('access_private.note_new_content(uuid, text[], boolean)'::regprocedure)"
    former = await play.admin.fetchval(says)
    given = {"slug": play.built.slug("office"), "tiers": FREE}
    assert await told(play, real, "root", SET, given) != []
    silent = "access_private.note_new_content(account uuid, before text[], restricted_before boolean)"
    await play.admin.execute(f"create or replace function {silent} {NOTHING}")
    try:
        assert await told(play, real, "root", SET, given) == []
    finally:
        await play.admin.execute(former)

"""T8: kinds and tiers of accounts are set by operators, who are a fact of the database and get no rows by it."""

import json

import asyncpg
import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row

pytestmark = pytest.mark.any_server

ACCOUNTS = (
    Account(
        "office", (Member("root", "Owner", super_admin=True), Member("olaf", "Member"), Member("ada", "Administrator"))
    ),
    Account(
        "client",
        (Member("boss", "Owner", super_admin=True), Member("bea", "Member")),
        rows=(Row("page", "landing_pages", "boss", open=True),),
    ),
)
SET = "select access.set_account($1, $2, $3::jsonb)"
TEXT = "mutation ($input: SetAccountInput!) { setAccount(input: $input) { slug kind tiers { hub tier } } }"


async def begin(play: Play) -> str:
    """Two accounts, and an operator who is an ordinary member of the first; the slug of the other."""
    await play.begin(*ACCOUNTS)
    email = await play.admin.fetchval("select email from access.app_user where id = $1", play.built.user("olaf"))
    await play.admin.execute("select access.add_operator($1)", f" {email.upper()}")
    return play.built.slug("client")


async def facts(play: Play) -> list[tuple[str, dict[str, str]]]:
    """Kind and tiers of both accounts."""
    tiers = "select hub, tier from access.account_tier where account_id = $1 and valid @> clock_timestamp()"
    return [
        (
            await play.admin.fetchval("select kind from access.account where id = $1", account),
            {row["hub"]: row["tier"] for row in await play.admin.fetch(tiers, account)},
        )
        for account in play.built.accounts.values()
    ]


async def test_an_operator_sets_any_account(play: Play) -> None:
    client = await begin(play)
    given = {"slug": client, "kind": "PROVIDER", "tiers": [{"hub": "CMS", "tier": "ENTERPRISE"}]}
    data, codes = await play.asks("olaf", TEXT, {"input": given})
    assert codes == {}
    assert (data["setAccount"]["slug"], data["setAccount"]["kind"]) == (client, "PROVIDER")
    assert {each["hub"]: each["tier"] for each in data["setAccount"]["tiers"]} == {
        "MARKETING": "ENTERPRISE",
        "SALES": "FREE",
        "SERVICE": "FREE",
        "CMS": "ENTERPRISE",
        "OPERATIONS": "FREE",
    }
    before = await facts(play)
    assert await play.commits("olaf", SET, client, "provider", '[{"hub": "sales", "tier": "professional"}]') == "done"
    after = await facts(play)
    assert after == [before[0], ("provider", {**before[1][1], "sales": "professional"})]


@pytest.mark.parametrize("who", ["root", "ada"])
async def test_nobody_else_does_whatever_he_names(play: Play, who: str) -> None:
    """The same answer for an account that is there, his own, and none; by SQL as by GraphQL."""
    client = await begin(play)
    before = await facts(play)
    for slug in (client, play.built.slug("office"), "no-such-account"):
        assert await play.done(who, SET, slug, "provider", None) == "U0403"
        _, refused = await play.answers(who, TEXT, {"input": {"slug": slug, "kind": "PROVIDER"}})
        assert refused["setAccount"] == {"code": "FORBIDDEN", "requestable": False}
        assert await play.done(who, "select access.tiers_for_operator($1)", slug) == "U0403"
    assert await facts(play) == before
    # The operator's own answer to the same.
    assert await play.done("olaf", SET, client, "provider", None) == "done"
    assert await play.done("olaf", SET, "no-such-account", "provider", None) == "U0404"


async def test_an_operator_gets_no_rows_and_no_rights_by_it(play: Play) -> None:
    """T1: the other account stays closed, and in his own he is who he was."""
    client = await begin(play)
    assert await play.commits("olaf", SET, client, "provider", None) == "done"
    assert await play.sees("olaf", "landing_pages") == set()
    assert await play.done("olaf", "select access.enter($1, $2)", client, play.built.user("olaf")) == "42501"
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting("olaf", "client"):
            pass
    assert caught.value.sqlstate == "28000"
    for call in ("set_status($1, $2, 'deactivated')", "set_restrict_new_content($1, true)"):
        statement = f"select access.{call} from (values ($1::uuid, $2::uuid)) as given (a, b)"
        for name, whom, end, allowed in (("client", "bea", "U0404", "boss"), ("office", "ada", "U0403", "root")):
            given = play.built.accounts[name], play.built.user(whom)
            assert await play.done("olaf", statement, *given) == end
            # Whoever administers there does it.
            async with play.acting(allowed, name) as connection:
                assert await connection.execute(statement, *given) == "SELECT 1"
    async with play.acting("boss", "client") as connection:
        assert await connection.fetchval("select count(*) from crm.landing_pages") == 1


@pytest.mark.parametrize(
    "call", ["add_operator('x@y.example')", "remove_operator('x@y.example')", "set_account_tier($1, 'cms', 'free')"]
)
async def test_nobody_names_operators_from_within(play: Play, call: str) -> None:
    """Not even an operator."""
    await begin(play)
    for who in ("olaf", "root"):
        assert (
            await play.done(who, f"select access.{call} from (values ($1::uuid)) as given (a)", play.account) == "42501"
        )
        assert (
            await play.done(who, "select from access_private.operator where $1::uuid is null", play.account) == "42501"
        )


async def test_who_is_no_operator_any_more_is_refused_with_the_next_statement(play: Play) -> None:
    """C8."""
    client = await begin(play)
    email = await play.admin.fetchval("select email from access.app_user where id = $1", play.built.user("olaf"))
    assert await play.done("olaf", SET, client, "provider", None) == "done"
    await play.admin.execute("select access.remove_operator($1)", email)
    assert await play.done("olaf", SET, client, "provider", None) == "U0403"
    for call in ("remove_operator", "add_operator"):
        with pytest.raises(asyncpg.PostgresError) as caught:
            await play.admin.execute(f"select access.{call}('nobody@nowhere.example')")
        assert caught.value.sqlstate == "U0404"


async def test_the_history_of_the_account_concerned_says_who(play: Play) -> None:
    """X5: he is nobody there, so his address stands for him; what changes nothing is not written."""
    client = await begin(play)
    tiers = '[{"hub": "cms", "tier": "professional"}, {"hub": "marketing", "tier": "enterprise"}]'
    for _ in range(2):
        assert await play.commits("olaf", SET, client, "provider", tiers) == "done"
    rows = await play.admin.fetch(
        "select kind, actor, operator, after from access.access_log"
        " where account_id = $1 and kind in ('tier', 'account') and operator <> session_user order by kind",
        play.built.accounts["client"],
    )
    email = await play.admin.fetchval("select email from access.app_user where id = $1", play.built.user("olaf"))
    assert [(row["kind"], row["actor"], row["operator"], json.loads(row["after"])) for row in rows] == [
        ("account", None, email, {"kind": "provider"}),
        ("tier", None, email, {"hub": "cms", "tier": "professional"}),
    ]
    here = "select count(*) from access.access_log where account_id = $1 and kind in ('tier', 'account')"
    assert await play.admin.fetchval(f"{here} and operator = $2", play.account, email) == 0


@pytest.mark.parametrize(
    ("kind", "tiers", "field"),
    [
        (None, None, "kind"),
        ("friend", None, "kind"),
        (None, '[{"hub": "moon", "tier": "free"}]', "tiers"),
        (None, '[{"hub": "cms", "tier": "golden"}]', "tiers"),
        (None, '[{"hub": "cms"}]', "tiers"),
        (None, '[{"hub": "cms", "tier": "free"}, {"hub": "cms", "tier": "enterprise"}]', "tiers"),
    ],
)
async def test_what_makes_no_sense_is_refused_whole(
    play: Play, kind: str | None, tiers: str | None, field: str
) -> None:
    client = await begin(play)
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with play.acting("olaf") as connection:
            await connection.execute(SET, client, kind, tiers)
    assert caught.value.sqlstate == "U0400"
    assert set(json.loads(str(caught.value.as_dict()["detail"]))["fields"]) == {field}


async def test_without_its_question_anybody_sets_accounts(play: Play) -> None:
    """Sabotage: one function asks who is an operator."""
    client = await begin(play)
    name = "access_private.require_operator()"
    source = await play.admin.fetchval("select pg_get_functiondef($1::text::regprocedure)", name)
    await play.admin.execute(source.replace("session_user = 'cloison_gateway'", "false"))
    try:
        assert await play.done("ada", SET, client, "provider", None) == "done"
    finally:
        await play.admin.execute(source)
    assert await play.done("ada", SET, client, "provider", None) == "U0403"

"""Idempotency keys: what creates or sends is done once, however often and by how many it is sent."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg
import orjson
import pytest

from resolvers.session import Database, Identity, PoolOptions
from resolvers.session.pipeline import Pipeline
from schema.administration import ADMINISTRATION
from schema.errors import Unavailable
from schema.modules import REGISTRY
from schema.verbs import KEYED, verbs
from tests.api.conftest import eventually
from tests.policies.company import every
from tests.policies.conftest import COMPILER, Play
from tests.support.model import Account, Member, Row, Team
from tests.support.relay import relayed

pytestmark = pytest.mark.any_server

CREATOR = frozenset({("deals", "create", "all"), ("deals", "view", "owned"), ("deals", "delete", "owned")})
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("rep", "creator"),
        Member("peer", "creator"),
        Member("intake", "blind"),
    ),
    teams=(Team("oslo"),),
    roles=(
        ("creator", CREATOR),
        ("blind", frozenset({("deals", "create", "all")})),
        ("spare", every("view", "team")),
    ),
    rows=(
        Row("deal", "deals", "root", "root"),
        Row("mail", "marketing_emails", "root", "root", open=True),
        Row("list", "contact_lists", "root", "root", open=True),
        Row("reader", "contacts", "root", "root"),
    ),
    listed=(("list", "reader"),),
)
ELSEWHERE = Account("elsewhere", (Member("root", "Owner", super_admin=True),))
OPTIONS = PoolOptions(min_size=1, max_size=50, lock_timeout=20, statement_timeout=30)
# Mutation, input (a word and a name are an id), selection, and the table in which there is one row more.
ONCE: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("createDeal", {"name": "made"}, "id visible deal { name version }", "crm.deals"),
    ("cloneDeal", {"id": "Deal deal"}, "id deal { name }", "crm.deals"),
    ("shareDeal", {"id": "Deal deal", "userId": "Person rep", "actions": ["view"]}, "deal { id }", "access.share"),
    (
        "sendMarketingEmail",
        {"id": "MarketingEmail mail", "contactListId": "ContactList list"},
        "recipients leftOut marketingEmail { delivery version }",
        "access.outbox",
    ),
    ("createRole", {"name": "new", "cells": []}, "role { id name }", "access.role"),
    ("cloneRole", {"roleId": "Role spare", "name": "new"}, "role { id name }", "access.role"),
    ("createTeam", {"name": "new"}, "team { id name }", "access.team"),
    (
        "assignDeals",
        {"ids": ["Deal deal"], "ownerId": "Person rep", "partial": True, "background": True},
        "changed refused { id } job { id status progress { total } }",
        "access.job",
    ),
    ("addMember", {"email": "{new}", "roleId": "Role spare"}, "member { id }", "access.membership"),
)


class Done(NamedTuple):
    """A payload, or what the error says to machines."""

    payload: Any
    error: dict[str, Any]


@pytest.fixture
async def office(playground: Play) -> AsyncIterator[Play]:
    async with Database.connected(playground.database.gateway_dsn, OPTIONS) as pool:
        play = replace(playground, pool=pool)
        await play.begin(OFFICE, ELSEWHERE)
        yield play


def spelled(play: Play, value: Any) -> Any:
    """An id, where a word and a name are one."""
    if isinstance(value, str) and " " in value:
        type_name, name = value.split(" ")
        kinds = {"Person": play.built.user, "Role": play.role, "Team": play.team}
        return f"{type_name}:{kinds.get(type_name, play.row)(name)}"
    if isinstance(value, list):
        return [spelled(play, each) for each in value]
    return value.format(new=f"{uuid4()}@example.com") if isinstance(value, str) else value


async def do(
    play: Play, user: str, field: str, given: dict[str, Any], selection: str = "id", *, at: str = "office"
) -> Done:
    """One mutation, with an answer and its commit."""
    text = f"mutation ($input: {field[0].upper()}{field[1:]}Input!) {{ {field}(input: $input) {{ {selection} }} }}"
    identity = Identity(play.built.slug(at), play.built.user(user))
    try:
        result = await COMPILER.prepare(text, None).bind({"input": given}, identity).run(play.pool)
    except Unavailable as error:
        return Done(None, dict(error.extensions))
    payload = orjson.loads(orjson.dumps(result.data))[field]
    return Done(payload, dict(result.errors[0].extensions or {}) if result.errors else {})


async def rows(play: Play, table: str, at: str = "office") -> int:
    """How many rows of a table an account has."""
    found: int = await play.admin.fetchval(
        f"select count(*) from {table} where account_id = $1", play.built.accounts[at]
    )
    return found


async def keys(play: Play) -> int:
    """How many keys are kept."""
    return await rows(play, "access_private.answer")


def test_what_creates_or_sends_takes_a_key() -> None:
    for module in REGISTRY.modules:
        assert {"create", "clone", "share", "send"} >= set(KEYED) & set(verbs(module))
    assert {name for name, each in ADMINISTRATION.items() if each.keyed} >= {
        "createRole", "cloneRole", "createTeam", "addMember",
    }  # fmt: skip


@pytest.mark.parametrize(("field", "given", "selection", "table"), ONCE, ids=[each[0] for each in ONCE])
async def test_it_is_done_once_and_answered_alike(
    office: Play, field: str, given: dict[str, Any], selection: str, table: str
) -> None:
    """A retry gives the first answer; another selection of it is answered too."""
    keyed = {name: spelled(office, value) for name, value in given.items()} | {"idempotencyKey": "k"}
    before = await rows(office, table)
    first = await do(office, "root", field, keyed, selection)
    assert first.payload is not None, first.error
    assert await rows(office, table) == before + 1
    for _ in range(2):
        assert await do(office, "root", field, keyed, selection) == first
    assert (await do(office, "root", field, keyed, "__typename")).error == {}
    assert await rows(office, table) == before + 1
    assert await keys(office) == 1


async def test_without_a_key_nothing_is_kept(office: Play) -> None:
    first, second = [await do(office, "rep", "createDeal", {"name": "made"}) for _ in range(2)]
    assert first.payload["id"] != second.payload["id"]
    assert await keys(office) == 0


@pytest.mark.parametrize(
    ("field", "given", "plain", "keyed"),
    [
        ("createDeal", {"name": "made"}, 1, 1),
        ("sendMarketingEmail", {"id": "MarketingEmail mail", "contactListId": "ContactList list"}, 1, 2),
        ("createTeam", {"name": "new"}, 2, 2),
    ],
)
async def test_round_trips(  # noqa: PLR0917 (two fixtures, and a line of the table)
    office: Play, monkeypatch: pytest.MonkeyPatch, field: str, given: dict[str, Any], plain: int, keyed: int
) -> None:
    """Without a key as before; with one, what may turn out to have found nothing takes one more."""
    trips: Counter[str] = Counter()
    run = Pipeline.run

    async def counting(self: Pipeline, *arguments: Any, **named: Any) -> Any:
        trips["all"] += 1
        return await run(self, *arguments, **named)

    found = {name: spelled(office, value) for name, value in given.items()}
    await do(office, "root", "createDeal", {"name": "so that the profile is known"})
    monkeypatch.setattr(Pipeline, "run", counting)
    for more, expected in (({"idempotencyKey": "k"}, keyed), ({}, plain)):
        if field == "sendMarketingEmail":
            async with office.admin.transaction():
                await office.admin.execute("set local session_replication_role = replica")
                await office.admin.execute("update crm.marketing_emails set delivery = 'not_sent'")
                await office.admin.execute("delete from access.outbox")
                await office.admin.execute("delete from access.outbox_content")
        trips.clear()
        assert (await do(office, "root", field, {**found, **more}, "__typename")).error == {}
        assert trips["all"] == expected


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("createDeal", {"name": "something else"}),
        ("createDeal", {"name": "made", "product": None}),
        ("createContact", {"lastName": "made"}),
        ("createTeam", {"name": "made"}),
    ],
)
async def test_a_key_is_for_one_request(office: Play, field: str, given: dict[str, Any]) -> None:
    await do(office, "root", "createDeal", {"name": "made", "idempotencyKey": "k"})
    _, error = await do(office, "root", field, {**given, "idempotencyKey": "k"}, "__typename")
    assert error == {
        "code": "BAD_USER_INPUT",
        "fields": {"idempotencyKey": "was used for another request of yours, a createDeal: give each its own"},
    }


@pytest.mark.parametrize("key", ["", "x" * 256, "a\0b", "\ud800"])
async def test_what_is_no_key(office: Play, key: str) -> None:
    for field, given in (("createDeal", {"name": "made"}), ("createTeam", {"name": "made"})):
        _, error = await do(office, "root", field, {**given, "idempotencyKey": key}, "__typename")
        assert (error["code"], [*error["fields"]]) == ("BAD_USER_INPUT", ["idempotencyKey"])
    assert await keys(office) == 0


async def test_keys_of_others_are_others(office: Play) -> None:
    """T1: two members with one key make two rows; so does one user in two accounts."""
    given = {"name": "made", "idempotencyKey": "k"}
    made = [
        (await do(office, user, "createDeal", given, at=at)).payload["id"]
        for user, at in (("rep", "office"), ("peer", "office"), ("root", "office"), ("root", "elsewhere"))
    ]
    assert len(set(made)) == 4
    again = await do(office, "root", "createDeal", given, at="elsewhere")
    assert again.payload["id"] == made[3]


async def test_what_fails_keeps_nothing(office: Play) -> None:
    """Refused by input, by a right, by the action wall, by a row that is not there: the key is free."""
    mail = {"id": f"MarketingEmail:{office.row('mail')}", "contactListId": f"ContactList:{office.row('list')}"}
    deal = {"id": f"Deal:{office.row('deal')}"}
    share = {**deal, "userId": f"Person:{office.built.user('peer')}", "actions": ["view"]}
    for user, field, given, code in (
        ("root", "createDeal", {"name": ""}, "BAD_USER_INPUT"),
        ("rep", "createContact", {"lastName": "made"}, "FORBIDDEN"),
        ("rep", "sendMarketingEmail", mail, "NOT_FOUND"),
        ("root", "sendMarketingEmail", {**mail, "expectedVersion": 7}, "CONFLICT"),
        ("rep", "cloneDeal", deal, "NOT_FOUND"),
        ("rep", "shareDeal", share, "NOT_FOUND"),
        ("rep", "createTeam", {"name": "made"}, "FORBIDDEN"),
        ("root", "createTeam", {"name": " "}, "BAD_USER_INPUT"),
    ):
        _, error = await do(office, user, field, {**given, "idempotencyKey": "k"}, "__typename")
        assert error["code"] == code, field
        assert await keys(office) == 0, field
    assert (await do(office, "root", "sendMarketingEmail", {**mail, "idempotencyKey": "k"}, "recipients")).error == {}


async def test_a_dry_run_keeps_nothing(office: Play) -> None:
    """X2: neither key nor e-mail; the key is good for doing it."""
    team = {"name": "new", "idempotencyKey": "team"}
    invitation = {"email": f"{uuid4()}@example.com", "roleId": f"Role:{office.role('spare')}", "idempotencyKey": "mail"}
    for field, given in (("createTeam", team), ("inviteMember", invitation)):
        assert (await do(office, "root", field, {**given, "dryRun": True}, "__typename")).error == {}
        assert await keys(office) == 0
    assert await rows(office, "access_private.email") == await rows(office, "access.invitation") == 0
    first = await do(office, "root", "createTeam", team, "team { id }")
    assert await do(office, "root", "createTeam", team, "team { id }") == first
    assert await keys(office) == 1


async def test_a_retry_is_answered_under_the_rights_of_now(office: Play) -> None:
    """What is gone, and what was given away, are alike; what was never seen is answered as it was."""
    given = {"name": "made", "idempotencyKey": "k"}
    answers = []
    for user in ("rep", "peer"):
        made = (await do(office, user, "createDeal", given)).payload["id"]
        change = "delete from crm.deals" if user == "rep" else "update crm.deals set owner_id = null"
        async with office.admin.transaction():
            await office.admin.execute("set local session_replication_role = replica")
            assert await office.admin.execute(f"{change} where id = $1", made.removeprefix("Deal:")) in {
                "DELETE 1",
                "UPDATE 1",
            }
        answers.append(await do(office, user, "createDeal", given))
    assert answers[0] == answers[1] == Done(None, {"code": "NOT_FOUND", "requestable": True})

    unseen = await do(office, "intake", "createDeal", given, "visible id deal { id }")
    assert (unseen.payload["visible"], unseen.payload["deal"]) == (False, None)
    assert await do(office, "intake", "createDeal", given, "visible id deal { id }") == unseen
    assert await rows(office, "crm.deals") == 3


async def test_many_at_once_make_one_row(office: Play) -> None:
    """Those who come while somebody is at it wait, and get that answer; if that fails, one of them does it."""
    given = {"name": "made", "idempotencyKey": "k"}
    before = await rows(office, "crm.deals")
    await office.gateway.execute("begin")
    await office.gateway.execute("select access.enter($1, $2)", office.built.slug("office"), office.built.user("rep"))
    await office.gateway.execute("select access.claim('k', 'createDeal', 'another input, which fails')")
    asked = [asyncio.create_task(do(office, "rep", "createDeal", given)) for _ in range(20)]

    async def all_wait() -> bool:
        waiting: int = await office.admin.fetchval(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        return waiting == 20

    await eventually(all_wait)
    await office.gateway.execute("rollback")
    answers = await asyncio.gather(*asked)
    assert len({each.payload["id"] for each in answers}) == 1, answers
    assert await rows(office, "crm.deals") == before + 1


@asynccontextmanager
async def through_a_relay(office: Play) -> AsyncIterator[tuple[Any, Play]]:
    async with (
        relayed(office.database.gateway_dsn) as (relay, dsn),
        Database.connected(dsn, PoolOptions(min_size=0, max_size=4)) as pool,
    ):
        play = replace(office, pool=pool)
        await do(play, "root", "createTeam", {"name": "so that the profile is known"}, "__typename")
        yield relay, play


@pytest.mark.parametrize(("field", "given", "selection", "table"), ONCE, ids=[each[0] for each in ONCE])
async def test_the_answer_that_is_lost_is_given_to_the_retry(
    office: Play, field: str, given: dict[str, Any], selection: str, table: str
) -> None:
    """The line breaks after the commit and before the answer: the retry finds what was made, exactly once."""
    keyed = {name: spelled(office, value) for name, value in given.items()} | {"idempotencyKey": "k"}
    async with through_a_relay(office) as (relay, play):
        before = await rows(office, table)
        relay.losing = 2
        lost = await do(play, "root", field, keyed, selection)
        assert lost.error["code"] == "UNAVAILABLE"
        assert relay.losing in {0, 1}
        relay.losing = 0
        assert await rows(office, table) == before + 1, "it was done"
        again = await do(play, "root", field, keyed, selection)
        assert again.error == {}
        assert again == await do(play, "root", field, keyed, selection)
        assert await rows(office, table) == before + 1


async def test_the_gateway_itself_asks_again_where_there_is_a_key(office: Play) -> None:
    async with through_a_relay(office) as (relay, play):
        before = await rows(office, "crm.deals")
        relay.losing = 1
        assert (await do(play, "rep", "createDeal", {"name": "made", "idempotencyKey": "k"})).error == {}
        assert await rows(office, "crm.deals") == before + 1

        relay.losing = 1
        assert (await do(play, "rep", "createDeal", {"name": "made"})).error == {"code": "UNAVAILABLE"}
        await do(play, "rep", "createDeal", {"name": "made"})
        assert await rows(office, "crm.deals") == before + 3, "without a key it is done twice"


async def test_keys_are_forgotten_in_time(office: Play) -> None:
    """48 hours, whether or not somebody has tidied up by then; younger ones stay."""
    given = {"name": "made", "idempotencyKey": "old"}
    first = (await do(office, "rep", "createDeal", given)).payload
    await do(office, "rep", "createDeal", {**given, "idempotencyKey": "young"})
    age = "update access_private.answer set at = at - $1::interval where key = 'old' and account_id = $2"
    await office.admin.execute(age, timedelta(hours=47, minutes=59), office.account)
    assert (await do(office, "rep", "createDeal", given)).payload == first
    await office.admin.execute(age, timedelta(minutes=2), office.account)
    second = (await do(office, "rep", "createDeal", {**given, "name": "another"})).payload
    assert second["id"] != first["id"]
    assert (await do(office, "rep", "createDeal", {**given, "name": "another"})).payload == second

    await office.admin.execute(age, timedelta(hours=48), office.account)
    assert await office.gateway.fetchval("select access.forget_answers()") >= 1
    left = await office.admin.fetch("select key from access_private.answer where account_id = $1", office.account)
    assert [row["key"] for row in left] == ["young"]


async def test_by_hand_one_has_ones_own_keys_alone(office: Play) -> None:
    """Nobody reads the keys; a claim by hand is of oneself; what somebody says to have made shows nothing more."""
    await do(office, "root", "createDeal", {"name": "made", "idempotencyKey": "k"})
    assert await office.done("rep", "select * from access_private.answer") == "42501"
    assert await office.done("rep", "select access.forget_answers()") == "42501"
    assert await office.done("rep", "select access.claim('k', 'createDeal', 'x')") == "done"
    assert await office.done("root", "select access.claim('k', 'createDeal', 'x')") == "U0400"
    assert await office.commits("rep", "select access.keep_answer('k', 'forged', true)") == "done"
    assert await keys(office) == 1

    hidden = office.row("deal")
    given = {"name": "made", "idempotencyKey": "forged"}
    await do(office, "rep", "createDeal", given)
    await office.admin.execute("update access_private.answer set made = $1 where key = 'forged'", str(hidden))
    forged = await do(office, "rep", "createDeal", given, "deal { name }")
    assert forged == Done(None, {"code": "NOT_FOUND", "requestable": True})
    seen = await do(office, "root", "cloneDeal", {"id": f"Deal:{hidden}"}, "deal { name }")
    assert seen.payload["deal"]["name"] == "deal"


async def test_no_analyst_claims(office: Play) -> None:
    login = await office.admin.fetchrow(
        "select login, password from access.create_analyst($1, $2)", office.account, office.built.user("root")
    )
    assert login is not None
    analyst = await asyncpg.connect(office.database.login_dsn(login["login"], login["password"]))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await analyst.fetch("select access.claim('k', 'createDeal', 'x')")
    finally:
        await analyst.close()

"""People who have signed in and are no members: their accounts, subscribing one (T8), and all that is not for them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from resolvers.session import Database, Identity
from tests.policies.conftest import Play
from tests.policies.persons import OFFICE, OPTIONS, RIVAL, Answer, Desk, Person, sqlstate

pytestmark = pytest.mark.any_server

SUBSCRIBE = """mutation ($input: SubscribeAccountInput!) { subscribeAccount(input: $input) {
  account { __typename id slug name kind } } }"""
MINE = "{ myAccounts { slug name } }"
ME = "{ viewer { user { name email } role superAdmin account { slug kind } } }"


@pytest.fixture
async def desk(playground: Play) -> AsyncIterator[Desk]:
    play = replace(playground)
    await play.begin(OFFICE, RIVAL)
    await play.admin.execute("select access.allow_subscribing(true)")
    async with Database.connected(play.database.gateway_dsn, OPTIONS) as pool:
        yield Desk(play, pool)


@pytest.fixture
def grace() -> Person:
    return Person()


async def subscribes(desk: Desk, person: Person, slug: str, **more: Any) -> Answer:
    return await desk.ask(person.identity(), SUBSCRIBE, {"input": {"slug": slug, "name": "Tiny Ltd", **more}})


def slug() -> str:
    return f"tiny-{uuid4().hex[:12]}"


async def test_who_subscribes_an_account_owns_it(desk: Desk, grace: Person) -> None:
    """T8: owner and super admin of a customer, whose tiers are free; the history says who."""
    name = slug()
    made = await subscribes(desk, grace, name)
    account = made.data["account"]
    number = UUID(account.pop("id").removeprefix("Account:"))
    assert account == {"__typename": "AccountSummary", "slug": name, "name": "Tiny Ltd", "kind": "CUSTOMER"}
    me = await desk.ask(grace.identity(name), ME)
    assert me.data == {
        "user": {"name": (grace.email or "").partition("@")[0], "email": grace.email},
        "role": "Owner", "superAdmin": True, "account": {"slug": name, "kind": "CUSTOMER"},
    }  # fmt: skip
    assert (await desk.ask(grace.identity(), MINE)).data == [{"slug": name, "name": "Tiny Ltd"}]
    admin = desk.play.admin
    assert await admin.fetchval("select count(*) from access.account_tier where account_id = $1", number) == 0
    actors = await admin.fetch("select distinct actor, operator from access.access_log where account_id = $1", number)
    assert [tuple(row) for row in actors] == [(grace.user, None)]
    assert (await subscribes(desk, grace, slug())).error == {}, "a member may subscribe another one"


async def test_operators_allow_it_or_nobody_does(desk: Desk, grace: Person) -> None:
    """It fails closed: a database is made with it refused."""
    assert (
        await desk.play.admin.fetchval(
            "select column_default from information_schema.columns where table_name = 'installation'"
            " and column_name = 'subscribing'"
        )
        == "false"
    )
    await desk.play.admin.execute("select access.allow_subscribing(false)")
    name = slug()
    refused = await subscribes(desk, grace, name)
    assert refused.error == {"code": "FORBIDDEN", "requestable": False}
    assert await desk.play.admin.fetchval("select count(*) from access.app_user where id = $1", grace.user) == 0
    await desk.play.admin.execute("select access.allow_subscribing(true)")
    assert (await subscribes(desk, grace, name)).error == {}


async def test_slugs_are_everybodys(desk: Desk, grace: Person) -> None:
    """One has it, and who comes second is told in words; so are those who ask for what is none."""
    name = slug()
    people = [Person() for _ in range(4)]
    answers = await asyncio.gather(*(subscribes(desk, each, name) for each in people))
    assert sorted(answer.code for answer in answers) == ["", "CONFLICT", "CONFLICT", "CONFLICT"]
    assert {answer.message for answer in answers if answer.code} == {"There is an account with this slug."}
    for given, fields in (({"slug": "No Slug"}, ["slug"]), ({"name": " "}, ["name"]), ({"slug": "x" * 64}, ["slug"])):
        refused = await desk.ask(grace.identity(), SUBSCRIBE, {"input": {"slug": slug(), "name": "Tiny", **given}})
        assert (refused.code, [*refused.error["fields"]]) == ("BAD_USER_INPUT", fields)
    unverified = await subscribes(desk, Person(None), slug())
    assert unverified.code == "CONFLICT"
    assert unverified.message == "Your token names no e-mail address that was verified."


async def test_a_retry_makes_no_second_account(desk: Desk, grace: Person) -> None:
    """Under its key; which is for one request, and one's own."""
    name = slug()
    answers = await asyncio.gather(*(subscribes(desk, grace, name, idempotencyKey="k") for _ in range(4)))
    assert {str(answer) for answer in answers} == {str(answers[0])}
    assert answers[0].error == {}
    other = await subscribes(desk, grace, slug(), idempotencyKey="k")
    assert (other.code, [*other.error["fields"]]) == ("BAD_USER_INPUT", ["idempotencyKey"])
    assert (await subscribes(desk, Person(), slug(), idempotencyKey="k")).error == {}
    assert (await subscribes(desk, grace, name)).code == "CONFLICT"
    assert len((await desk.ask(grace.identity(), MINE)).data) == 1


async def test_one_is_told_of_ones_own_accounts(desk: Desk, grace: Person) -> None:
    """T1: those in which one can act; whichever the request names, and whether or not any."""
    built = desk.play.built
    both = [{"slug": built.slug(each), "name": each} for each in ("office", "rival")]
    for account in (None, built.slug("office"), built.slug("rival"), "nowhere"):
        assert (await desk.ask(Identity(account, built.user("root")), MINE)).data == both
    for user in (built.user("former"), grace.user):
        assert (await desk.ask(Identity(None, user), MINE)).data == []
    assert (await desk.ask(desk.member("seller"), MINE)).data == both[:1]
    text = """query Q { me: viewer { user { name } } ...F accounts: myAccounts { __typename id } }
      fragment F on Query { myAccounts { kind } __typename }"""
    result = await desk.ask(desk.member("seller"), text)
    assert result.data == {"user": {"name": "seller"}}
    stranger = Identity(built.slug("office"), grace.user)
    with pytest.raises(Exception, match="Sign in"):
        await desk.ask(stranger, "{ myAccounts { slug } viewer { role } }")


async def test_whose_address_is_somebody_elses_is_told_so(desk: Desk, grace: Person) -> None:
    """T2: an address is one user's; a subject that is not that user takes nothing over."""
    taken = Person(f"seller.{desk.play.built.salt.hex[:12]}@example.com")
    refused = await subscribes(desk, taken, slug())
    assert refused.code == "CONFLICT"
    assert refused.message.startswith("Your e-mail address is that of a user with another id")
    elsewhere = await desk.does(
        "rita", "inviteMember", "invitation { id }", "rival",
        email=taken.email, roleId=f"Role:{desk.play.built.id('role', 'rival', 'Member')}",
    )  # fmt: skip
    token = await desk.token(elsewhere.data["invitation"]["id"])
    assert (await desk.accepts(taken, token)).code == "CONFLICT"
    # The user's own address counts, whatever the token says.
    seller = Person(grace.email, desk.play.built.user("seller"))
    assert (await desk.accepts(Person(taken.email), token)).code == "CONFLICT"
    assert (await desk.accepts(seller, token)).error == {}


BY_HAND = {
    "open": "select access.open_token('x', access.user_id(), 'x@y')",
    "accept": "select access.accept_invitation('x', access.user_id(), 'x@y')",
    "subscribe": "select access.subscribe_account('by-hand', 'x', access.user_id(), 'x@y')",
    "accounts": "select access.accounts_of(access.user_id())",
    "allow": "select access.allow_subscribing(true)",
    "emails": "select * from access.take_emails()",
    "delivered": "select access.email_delivered(access.user_id())",
    "table": "select * from access_private.email",
    "key": "select * from access_private.answer",
    "forge": "insert into access.invitation (email) values ('x@y')",
    "change": "update access.invitation set acceptance = pg_current_xact_id()",
    "user": "insert into access.app_user (email) values ('x@y')",
}


@pytest.mark.parametrize("what", BY_HAND)
async def test_nothing_of_it_is_a_members(desk: Desk, what: str) -> None:
    """SQL by hand, as somebody who may do everything in the account."""
    assert await desk.play.done("root", BY_HAND[what]) == "42501"


async def test_an_invitation_is_not_fulfilled_by_hand(desk: Desk, grace: Person) -> None:
    """By the inviter or anybody else, for whomever, whatever settings say: it takes the token, and its person."""
    play = desk.play
    invitation = UUID((await desk.invites("root", grace.email)).data.partition(":")[2])
    token = await desk.token(f"Invitation:{invitation}")
    await play.admin.execute("insert into access.app_user (id, email) values ($1, $2)", grace.user, grace.email)
    for who in ("root", "second", "admin"):
        assert await play.done(who, "select access.fulfil_invitation($1, $2)", invitation, grace.user) == "U0404"
    setting = "select set_config('cloison.' || $1, $2, true)"
    root = str(play.built.user("root"))
    async with play.acting("root") as connection:
        for name in ("acceptance", "reason", "user_id"):
            await connection.execute(setting, name, root)
        found = await sqlstate(connection.execute("select access.fulfil_invitation($1, $2)", invitation, grace.user))
    assert found == "U0404"

    # The gateway's login: not with an identity, and not for somebody else in the same transaction.
    for function in ("accept_invitation", "open_token"):
        transaction = play.gateway.transaction()
        await transaction.start()
        await play.gateway.execute(setting, "user_id", root)
        asked = play.gateway.fetch(f"select access.{function}($1, $2, null)", token, grace.user)
        assert await sqlstate(asked) == "25001"
        await transaction.rollback()
    other = uuid4()
    made = "insert into access.app_user (id, email) values ($1, $2)"
    await play.admin.execute(made, other, f"{other}@people.example")
    transaction = play.gateway.transaction()
    await transaction.start()
    try:
        opened = await play.gateway.fetchrow("select * from access.open_token($1, $2, null)", token, grace.user)
        assert opened is not None
        await play.gateway.execute("select access.enter($1, $2)", opened["slug"], opened["inviter"])
        fulfil = "select access.fulfil_invitation($1, $2)"
        await play.gateway.execute("savepoint s")
        assert await sqlstate(play.gateway.execute(fulfil, invitation, other)) == "U0404"
        await play.gateway.execute("rollback to s")
        assert await sqlstate(play.gateway.execute(fulfil, invitation, grace.user)) == "done", "and so it is done"
    finally:
        await transaction.rollback()
    for table in ("access.invitation", "access.app_user", "access_private.email", "access_private.installation"):
        assert await sqlstate(play.gateway.fetch(f"select * from {table}")) == "42501"
    assert await desk.membership(grace) is None


async def test_an_analyst_has_nothing_of_it(desk: Desk, grace: Person) -> None:
    """Beside who was invited, which `view` on users shows."""
    await desk.invites("root", grace.email)
    login = await desk.play.admin.fetchrow(
        "select login, password from access.create_analyst($1, $2)", desk.play.account, desk.play.built.user("root")
    )
    assert login is not None
    analyst = await asyncpg.connect(desk.play.database.login_dsn(login["login"], login["password"]))
    try:
        built = desk.play.built
        for name, value in (("account_id", built.accounts["rival"]), ("user_id", built.user("rita"))):
            await analyst.execute("select set_config('cloison.' || $1, $2, false)", name, str(value))
        seen = await analyst.fetch("select email from invitations")
        assert [row["email"] for row in seen] == [grace.email]
        assert await sqlstate(analyst.fetch("select token_hash from access.invitation")) == "42501"
        await analyst.execute("set default_transaction_read_only = off")
        for statement in BY_HAND.values():
            assert await sqlstate(analyst.fetch(statement)) == "42501"
    finally:
        await analyst.close()


WALLS = {
    "the partition of accounts": (
        "drop policy account_partition on access.invitation; alter policy tool_view on access.invitation using (true)",
        "select count(*) from crm.invitations",
        1,
        2,
    ),
    "view on users": (
        "alter policy tool_view on access.invitation using (true)",
        "select count(*) from crm.invitations",
        0,
        1,
    ),
}


@pytest.mark.parametrize("wall", WALLS)
async def test_what_hides_invitations_is_these_policies(desk: Desk, grace: Person, wall: str) -> None:
    """Sabotage: without the wall, somebody sees what was hidden; and it comes back."""
    breaking, asked, before, after = WALLS[wall]
    who = "root" if before else "seller"
    await desk.invites("root", grace.email)
    await desk.does(
        "rita", "inviteMember", "__typename", "rival",
        email=grace.email, roleId=f"Role:{desk.play.built.id('role', 'rival', 'Member')}",
    )  # fmt: skip
    async with desk.play.acting(who) as connection:
        assert await connection.fetchval(asked) == before
    transaction = desk.play.admin.transaction()
    await transaction.start()
    try:
        await desk.play.admin.execute(breaking)
        await desk.play.admin.execute("set local session authorization cloison_gateway")
        await desk.play.admin.execute(
            "select access.enter($1, $2)", desk.play.built.slug("office"), desk.play.built.user(who)
        )
        assert await desk.play.admin.fetchval(asked) >= after
    finally:
        await transaction.rollback()


GUARDS = {
    "whose token it is": ("access.open_token(text, uuid, text)", "invited.email <> address", "false"),
    "who is nobody yet": ("access_private.require_nobody()", "is not null", "= 'x'"),
    "the transaction of the token": (
        "access.fulfil_invitation(uuid, uuid)",
        "and i.acceptance = pg_current_xact_id()",
        "",
    ),
    "what operators allow": (
        "access.subscribe_account(text, text, uuid, text, text)",
        "not (select i.subscribing from access_private.installation i)",
        "false",
    ),
}


@pytest.mark.parametrize("guard", GUARDS)
async def test_each_guard_is_what_refuses(desk: Desk, grace: Person, guard: str) -> None:
    """Sabotage: each check of the functions, taken out, lets through what it refused."""
    function, check, nothing = GUARDS[guard]
    play = desk.play
    invitation = UUID((await desk.invites("root", grace.email)).data.partition(":")[2])
    token = await desk.token(f"Invitation:{invitation}")
    await play.admin.execute("insert into access.app_user (id, email) values ($1, $2)", grace.user, grace.email)
    root, other = play.built.user("root"), uuid4()
    attempts: dict[str, tuple[str, ...]] = {
        "whose token it is": ("", "select access.open_token($1, $2, 'other@people.example')", token, str(other)),
        "who is nobody yet": (
            f"select set_config('cloison.user_id', '{root}', true)", "select access.open_token($1, $2, null)",
            token, str(grace.user),
        ),
        "the transaction of the token": (
            f"select access.enter('{play.built.slug('office')}', '{root}')",
            "select access.fulfil_invitation($1, $2)", str(invitation), str(grace.user),
        ),
        "what operators allow": ("", "select access.subscribe_account($1, 'x', $2, null)", slug(), str(grace.user)),
    }  # fmt: skip
    before, statement, *values = attempts[guard]

    async def tried(*, broken: bool) -> str:
        admin = play.admin
        transaction = admin.transaction()
        await transaction.start()
        try:
            await admin.execute("select access.allow_subscribing(false)")
            if broken:
                source = await admin.fetchval(f"select pg_get_functiondef('{function}'::regprocedure)")
                assert check in source
                source = source.replace(check, nothing)
                if guard == "whose token it is":
                    source = source.replace(" and i.email = address", "")
                await admin.execute(source)
            await admin.execute("set local session authorization cloison_gateway")
            if before:
                await admin.execute(before)
            return await sqlstate(admin.execute(statement, *values))
        finally:
            await transaction.rollback()

    assert await tried(broken=False) in {"U0404", "25001", "U0403"}
    assert await tried(broken=True) == "done"

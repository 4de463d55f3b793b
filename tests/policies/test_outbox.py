"""What is sent to a list: once, as it is then, with those on it whom the sender may view (C2, C3)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from resolvers.session import Database, Identity
from tests.policies.company import every
from tests.policies.conftest import COMPILER, Play
from tests.support.model import Account, Member, Row

pytestmark = pytest.mark.any_server

SENDS = frozenset({("marketing_emails", "send", "all")})
LISTS = frozenset({("contact_lists", "view", "all")})
MAILS = [f"mail {number}" for number in range(4)]

OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("sender", "sender"),
        Member("colleague", "sender"),
        Member("listless", "listless"),
        Member("reader", "reader"),
        Member("blind", "blind"),
    ),
    roles=(
        ("sender", SENDS | LISTS | {("contacts", "view", "owned")}),
        ("listless", SENDS),
        ("reader", every("view update", "all")),
        ("blind", frozenset({("deals", "view", "all")})),
    ),
    rows=(
        *(Row(name, "marketing_emails", "root", "root", open=True) for name in MAILS),
        Row("list", "contact_lists", "root", "root", open=True),
        Row("other list", "contact_lists", "root", "root", open=True),
        Row("found", "contact_lists", "root", "root", open=True),
        Row("nobody's", "contact_lists", "root", "root", open=True),
        Row("mine", "contacts", "root", "sender"),
        Row("also mine", "contacts", "root", "sender"),
        Row("hidden", "contacts", "root", "root"),
        Row("not on it", "contacts", "root", "sender"),
    ),
    listed=tuple(
        (name, contact) for name in ("list", "other list", "found") for contact in ("mine", "also mine", "hidden")
    ),
)
SEND = "update crm.marketing_emails set delivery = 'sent', contact_list_id = $2 where id = $1"
OUTBOX = "select row_id, list_id, sent_by, recipients, left_out from access.outbox"
MUTATION = """mutation ($id: ID!, $list: ID!) { sendMarketingEmail(input: {id: $id, contactListId: $list}) {
  recipients leftOut marketingEmail { delivery sentAt contactList { name } } } }"""


@pytest.fixture
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    async with play.admin.transaction():
        await play.admin.execute("set local session_replication_role = replica")
        await play.admin.execute("update crm.contact_lists set kind = 'dynamic' where id = $1", play.row("found"))
        await play.admin.execute(
            "update crm.marketing_emails set subject = 'Spring', body = 'As it was', sender_email = 'us@office.example'"
            " where account_id = $1",
            play.account,
        )
    return play


@pytest.fixture
async def second(office: Play) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Another connection of the gateway."""
    connection = await asyncpg.connect(office.database.gateway_dsn)
    yield connection
    await connection.close()


def variables(play: Play, mail: str = MAILS[0], to: str = "list") -> dict[str, Any]:
    return {"id": f"MarketingEmail:{play.row(mail)}", "list": f"ContactList:{play.row(to)}"}


async def outbox(play: Play) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await play.admin.fetch(f"{OUTBOX} where account_id = $1", play.account)
    return found


async def test_it_goes_to_those_whom_the_sender_may_view(office: Play) -> None:
    data, refused = await office.answers("sender", MUTATION, variables(office))
    assert refused == {}
    sent = data["sendMarketingEmail"]
    assert sent["marketingEmail"].pop("sentAt")
    assert sent == {
        "recipients": 2,
        "leftOut": 1,
        "marketingEmail": {"delivery": "SENT", "contactList": {"name": "list"}},
    }
    data, _ = await office.answers("root", MUTATION, variables(office))
    assert (data["sendMarketingEmail"]["recipients"], data["sendMarketingEmail"]["leftOut"]) == (3, 0)


async def test_in_sql_too(office: Play) -> None:
    """And who sent it sees that; colleagues do not."""
    mail = office.row(MAILS[0])
    assert await office.commits("sender", SEND, mail, office.row("list")) == "done"
    (sent,) = await outbox(office)
    reached = sorted(office.row(name) for name in ("mine", "also mine"))
    assert tuple(sent) == (mail, office.row("list"), office.built.user("sender"), reached, 1)
    for who, rows in (("sender", 1), ("colleague", 0), ("root", 0)):
        async with office.acting(who) as connection:
            assert len(await connection.fetch(OUTBOX)) == rows


async def test_a_row_that_is_made_as_sent_is_sent(office: Play) -> None:
    made = "insert into crm.marketing_emails (name, delivery, contact_list_id) values ('new', 'sent', $1)"
    assert await office.commits("root", made, office.row("list")) == "done"
    (sent,) = await outbox(office)
    assert (len(sent["recipients"]), sent["left_out"]) == (3, 0)
    assert await office.done("root", made, None) == "U0400"
    assert await office.done("reader", made, office.row("list")) in {"U0403", "42501"}


async def test_nothing_is_sent_without_the_action_or_to_a_list_that_is_not_seen(office: Play) -> None:
    mail, to = office.row(MAILS[0]), office.row("list")
    assert await office.done("reader", SEND, mail, to) == "U0403"
    assert await office.done("listless", SEND, mail, to) == "U0404"
    assert await office.done("sender", SEND, mail, None) == "U0400"
    _, refused = await office.answers("reader", MUTATION, variables(office))
    assert refused["sendMarketingEmail"]["code"] == "FORBIDDEN"
    _, refused = await office.answers("listless", MUTATION, variables(office))
    assert refused["sendMarketingEmail"]["code"] == "NOT_FOUND"
    assert refused["sendMarketingEmail"]["field"] == "contactListId"
    assert await outbox(office) == []
    assert await office.done("sender", SEND, mail, to) == "done"


async def test_what_was_sent_is_not_taken_back(office: Play) -> None:
    mail = office.row(MAILS[0])
    assert await office.commits("sender", SEND, mail, office.row("list")) == "done"
    assert await office.done("sender", SEND, mail, office.row("other list")) == "U0409"
    back = "update crm.marketing_emails set delivery = 'not_sent' where id = $1"
    assert await office.done("sender", back, mail) == "U0409"


async def test_nobody_writes_into_the_outbox(office: Play) -> None:
    forged = (
        "insert into access.outbox (account_id, module, row_id, list_id, sent_by, recipients, left_out)"
        " values ($1, 'marketing_emails', $2, $2, $3, '{}', 0)"
    )
    me = office.built.user("root")
    assert await office.done("root", forged, office.account, office.row(MAILS[0]), me) == "42501"
    assert await office.commits("root", SEND, office.row(MAILS[0]), office.row("list")) == "done"
    assert await office.done("root", "delete from access.outbox") == "42501"
    assert await office.done("root", "update access.outbox set left_out = 0") == "42501"


async def test_two_who_press_at_once_send_once_in_sql(
    office: Play, second: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The second waits for the first; then the e-mail is sent already, and nothing more is written."""
    mail, to = office.row(MAILS[0]), office.row("list")
    async with office.gateway.transaction():
        await office.gateway.execute(
            "select access.enter($1, $2)", office.built.slug("office"), office.built.user("sender")
        )
        assert await office.gateway.execute(SEND, mail, to) == "UPDATE 1"

        async def press() -> str:
            async with second.transaction():
                await second.execute(
                    "select access.enter($1, $2)", office.built.slug("office"), office.built.user("colleague")
                )
                return await second.execute(SEND, mail, to)

        pressed = asyncio.create_task(press())
        await waits_for(office, second)
    assert await pressed == "UPDATE 1"
    (sent,) = await outbox(office)
    assert sent["sent_by"] == office.built.user("sender")


async def waits_for(play: Play, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Until the connection waits for a lock that somebody holds."""
    waiting = "select cardinality(pg_blocking_pids($1)) > 0"
    async with asyncio.timeout(30):
        while not await play.admin.fetchval(waiting, connection.get_server_pid()):
            pass


async def test_many_who_press_at_once_send_once(office: Play) -> None:
    """As mutations, on connections of their own: one is done, all others are told."""
    async with Database.connected(office.database.gateway_dsn) as database:

        async def press(who: str, mail: str) -> tuple[str, str]:
            identity = Identity(office.built.slug("office"), office.built.user(who))
            result = await COMPILER.prepare(MUTATION, None).bind(variables(office, mail), identity).run(database)
            return mail, str((result.errors[0].extensions or {})["code"]) if result.errors else "done"

        ends = await asyncio.gather(
            *(press(who, mail) for _ in range(3) for mail in MAILS for who in ("sender", "colleague", "root"))
        )
    for mail in MAILS:
        of_mail = sorted(end for name, end in ends if name == mail)
        assert of_mail == ["CONFLICT"] * 8 + ["done"]
    sent = await outbox(office)
    assert sorted(row["row_id"] for row in sent) == sorted(office.row(mail) for mail in MAILS)


async def refusal(play: Play, who: str, text: str, *values: object) -> tuple[str, str]:
    """How a statement is refused, in a code and in words."""
    with pytest.raises(asyncpg.PostgresError) as refused:
        async with play.acting(who) as connection:
            await connection.execute(text, *values)
    said = refused.value.as_dict()
    return str(said["sqlstate"]), str(said["message"])


async def test_what_would_reach_nobody_is_not_sent(office: Play) -> None:
    """Of those left out, the sender is told as many as of those whom a sent one does not reach."""
    mail = office.row(MAILS[0])
    assert await refusal(office, "root", SEND, mail, office.row("nobody's")) == (
        "U0409",
        "it would reach nobody: there is nobody on the list",
    )
    revoke = "select access.set_exception($1, $2, 'contacts', 'view', 'owned', 'deny')"
    await office.admin.execute(revoke, office.account, office.built.user("sender"))
    code, said = await refusal(office, "sender", SEND, mail, office.row("list"))
    assert (code, "the list has 3, all of whom are left out" in said) == ("U0409", True)
    _, refused = await office.answers("sender", MUTATION, variables(office))
    assert refused["sendMarketingEmail"]["code"] == "CONFLICT"
    assert await office.commits("sender", SEND, mail, office.row("list")) == "U0409"
    assert await outbox(office) == []
    # It is not used up.
    assert await office.commits("root", SEND, mail, office.row("list")) == "done"
    assert len(await outbox(office)) == 1


async def test_whom_a_filter_finds_nobody_here_knows(office: Play) -> None:
    """A dynamic list is refused, whoever was put on it by hand; the same list is sent to when it is static."""
    mail, to = office.row(MAILS[0]), office.row("found")
    code, said = await refusal(office, "root", SEND, mail, to)
    assert (code, "list of kind dynamic" in said) == ("U0400", True)
    _, refused = await office.answers("root", MUTATION, variables(office, to="found"))
    assert refused["sendMarketingEmail"]["code"] == "BAD_USER_INPUT"
    assert "contactListId" in refused["sendMarketingEmail"]["fields"]
    made = "insert into crm.marketing_emails (name, delivery, contact_list_id) values ('new', 'sent', $1)"
    assert await office.done("root", made, to) == "U0400"
    assert await outbox(office) == []
    static = "update crm.contact_lists set kind = 'static' where id = $1"
    assert await office.commits("root", static, to) == "done"
    assert await office.commits("root", SEND, mail, to) == "done"
    assert len(await outbox(office)) == 1


SENT = "select subject, body, sender_email from crm.sent_marketing_emails where id = $1"
READ = "query ($id: ID!) { marketingEmail(id: $id) { subject sent { subject body senderEmail } } }"


async def test_what_was_sent_is_kept_for_who_may_view_the_mail(office: Play) -> None:
    """As it was, in the statement that sent it; the outbox itself is the sender's."""
    mail = office.row(MAILS[0])
    both = "update crm.marketing_emails set delivery = 'sent', contact_list_id = $2, body = 'Last word' where id = $1"
    assert await office.commits("root", both, mail, office.row("list")) == "done"
    kept = ("Spring", "Last word", "us@office.example")
    for who, expected in (("root", kept), ("reader", kept), ("colleague", kept), ("blind", None)):
        async with office.acting(who) as connection:
            found = await connection.fetchrow(SENT, mail)
            assert (tuple(found) if found else None) == expected, who
            assert bool(await connection.fetch(OUTBOX)) is (who == "root")
    data, refused = await office.answers("reader", READ, {"id": f"MarketingEmail:{mail}"})
    assert refused == {}
    sent = {"subject": "Spring", "body": "Last word", "senderEmail": "us@office.example"}
    assert data["marketingEmail"] == {"subject": "Spring", "sent": sent}
    data, _ = await office.answers("reader", READ, {"id": f"MarketingEmail:{office.row(MAILS[1])}"})
    assert data["marketingEmail"] == {"subject": "Spring", "sent": None}
    for text in ("insert into access.outbox_content values (null)", "delete from access.outbox_content"):
        assert await office.done("root", text) == "42501"
    # Whoever delivers it as the sender reads it, whatever became of the row.
    assert await office.commits("root", "delete from crm.marketing_emails where id = $1", mail) == "done"
    for who, there in (("root", True), ("reader", False)):
        async with office.acting(who) as connection:
            assert bool(await connection.fetch(SENT, mail)) is there


@pytest.mark.parametrize(
    ("rule", "to"), [("if reached = '{}' then", "nobody's"), ("if found_by is distinct from 'static' then", "found")]
)
async def test_without_the_rule_it_is_used_up(office: Play, rule: str, to: str) -> None:
    """Sabotage."""
    given = office.row(MAILS[0]), office.row(to)
    source = await office.admin.fetchval(
        "select pg_get_functiondef('access_private.outbox_marketing_emails()'::regprocedure)"
    )
    assert rule in source
    assert await office.done("root", SEND, *given) in {"U0400", "U0409"}
    await office.admin.execute(source.replace(rule, "if false then"))
    try:
        assert await office.done("root", SEND, *given) == "done"
    finally:
        await office.admin.execute(source)


async def test_a_snapshot_that_is_taken_of_the_row_as_it_was_before_is_another(office: Play) -> None:
    """Sabotage: of OLD, and not of NEW."""
    mail = office.row(MAILS[0])
    source = await office.admin.fetchval(
        "select pg_get_functiondef('access_private.outbox_marketing_emails()'::regprocedure)"
    )
    await office.admin.execute(source.replace("'body', new.body", "'body', old.body"))
    try:
        with pytest.raises(AssertionError):
            await test_what_was_sent_is_kept_for_who_may_view_the_mail(office)
    finally:
        await office.admin.execute(source)
    assert await office.done("root", SEND, mail, office.row("list")) == "done"

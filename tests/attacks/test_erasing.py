"""X5: whoever erases somebody chooses what he was called, and by that takes nothing from what others wrote."""

from typing import TypeAlias

import asyncpg
import pytest

from tests.attacks.conftest import Attacker, World

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

WRITTEN = (
    "Compliance incident 12, see boss@x.example",
    "the boss@x.example.au of theboss@x.example",
    "Boss@X.example!",
)
HISTORY = "select to_jsonb(l) as row from access.access_log l where l.account_id = $1 order by l.id"
FACTS = "select (to_jsonb(l) - 'reason')::text as row from access.access_log l where l.account_id = $1 order by l.id"


@pytest.fixture
async def said(attacker: Attacker, admin: Connection) -> None:
    """Messages of people outside, in conversations that the helper does not see, and reasons in the history."""
    world = attacker.world
    talk = await attacker.call("owner", "insert into crm.conversations (subject) values ('Hello') returning id")
    for number, text in enumerate(WRITTEN):
        async with admin.transaction():
            await admin.execute("select access.because($1)", text)
            await admin.execute("select access.create_team($1, $2)", world.account, f"team {number}")
        await attacker.call(
            "owner", "insert into crm.messages (conversation_id, body) values ($1, 'x') returning id", talk
        )
    await admin.execute("set session_replication_role = replica")
    rows = await admin.fetch("select id from crm.messages order by id")
    for row, text in zip(rows, WRITTEN, strict=True):
        await admin.execute("update crm.messages set sender = $1 where id = $2", text, row["id"])
    await admin.execute("set session_replication_role = origin")
    count = "select count(*) from crm.messages"
    assert (await attacker.call("helper", count), await attacker.call("owner", count)) == (0, len(WRITTEN))


async def texts(admin: Connection, world: World) -> tuple[list[str], list[str]]:
    """Senders, and reasons of teams, in order."""
    senders = await admin.fetch("select sender from crm.messages order by id")
    reasons = await admin.fetch(
        "select reason from access.access_log where account_id = $1 and kind = 'team' and reason is not null"
        " order by id", world.account,
    )  # fmt: skip
    return [row[0] for row in senders], [row[0] for row in reasons]


ADD = "select access.add_member($1, $2, $3, $4)"
ERASE = "select access.erase_member($1, $2)"


@pytest.mark.usefixtures("said")
@pytest.mark.parametrize("name", ["Compliance incident", ".example", "boss@x.example"])
@pytest.mark.parametrize("who", ["helper", "owner"])
async def test_a_name_takes_nothing_from_what_others_wrote(
    attacker: Attacker, admin: Connection, name: str, who: str
) -> None:
    world = attacker.world
    puppet = await attacker.call(who, ADD, world.account, "puppet@acme.example", name, world.roles["Helper"])
    before = await admin.fetch(HISTORY, world.account)
    assert await attacker.call(who, ERASE, world.account, puppet) == 0
    assert await texts(admin, world) == (list(WRITTEN), list(WRITTEN))
    assert (await admin.fetch(HISTORY, world.account))[: len(before)] == before
    assert await admin.fetchval("select name from access.member where user_id = $1", puppet) != name


REPLACED = ["Compliance incident 12, see [erased]", WRITTEN[1], "[erased]!"]


@pytest.mark.usefixtures("said")
async def test_an_address_is_taken_as_a_whole_and_by_who_may_know_of_it(attacker: Attacker, admin: Connection) -> None:
    """By who holds everything, and by operators; facts of the history stay as they are."""
    world = attacker.world
    add = (world.account, "boss@x.example", "Bo", world.roles["Helper"])
    puppet = await attacker.call("helper", ADD, *add)
    await attacker.call("helper", ERASE, world.account, puppet)
    assert await texts(admin, world) == (list(WRITTEN), list(WRITTEN))
    for who in ("owner", ""):
        async with admin.transaction():
            await admin.execute("savepoint before")
            puppet = await admin.fetchval(ADD, *add)
            facts = await admin.fetch(FACTS, world.account)
            if who:
                await admin.execute("set local session authorization cloison_gateway")
                await admin.execute("select access.enter('acme', $1)", world.people[who])
            await admin.execute(ERASE, world.account, puppet)
            await admin.execute("reset role; set local session authorization default")
            assert await texts(admin, world) == (REPLACED, REPLACED)
            assert (await admin.fetch(FACTS, world.account))[: len(facts)] == facts
            await admin.execute("rollback to before")


@pytest.mark.usefixtures("said")
async def test_a_contact_takes_its_address_from_conversations_and_not_from_reasons(
    attacker: Attacker, admin: Connection
) -> None:
    """Whoever erases it may delete every conversation; reasons are of whatever there is."""
    world = attacker.world
    cells = (
        '[{"module": "contacts", "action": "delete", "scopes": ["all"]}, {"module": "leads", "action": "delete",'
        ' "scopes": ["all"]}, {"module": "contacts", "action": "view_sensitive", "scopes": ["all"]},'
        ' {"module": "conversations", "action": "delete", "scopes": ["all"]}]'
    )
    role = await admin.fetchval("select access.create_role($1, 'Eraser', $2::jsonb)", world.account, cells)
    world.people["eraser"] = await admin.fetchval(ADD, world.account, "eraser@acme.example", "Ed", role)
    for email in ("example", ".example", "x.example"):
        contact = await attacker.call(
            "owner", "insert into crm.contacts (last_name, email) values ('incident', $1) returning id", email
        )
        await attacker.call("eraser", "select access.erase_contacts($1, $2)", world.account, contact)
        assert await texts(admin, world) == (list(WRITTEN), list(WRITTEN)), "that is no address"
    contact = await attacker.call(
        "owner", "insert into crm.contacts (last_name, email) values ('incident', 'boss@x.example') returning id"
    )
    assert await attacker.call("eraser", "select access.erase_contacts($1, $2)", world.account, contact) == 1
    assert await texts(admin, world) == (REPLACED, list(WRITTEN))


@pytest.mark.usefixtures("said")
async def test_what_an_erasure_leaves_is_found_by_operators(attacker: Attacker, admin: Connection) -> None:
    world = attacker.world
    found = await admin.fetch("select place, said from access.mentions($1, 'COMPLIANCE')", world.account)
    assert sorted(tuple(row) for row in found) == [("access.access_log", WRITTEN[0]), ("crm.messages", WRITTEN[0])]
    bolt = await admin.fetchval("select id from access.account where slug = 'bolt'")
    assert await admin.fetch("select from access.mentions($1, 'COMPLIANCE')", bolt) == []
    assert await attacker.refused("owner", "select access.mentions($1, 'a')", world.account) == "42501"


async def test_an_address_is_bounded_by_what_is_of_no_address(admin: Connection) -> None:
    for text, left in (
        ("a@x.example", "[erased]"),
        ("<A@X.Example>, 'b'", "<[erased]>, 'b'"),
        ("mailto:a@x.example?subject=b", "mailto:[erased]?subject=b"),
        ("write to a@x.example. Or not", "write to [erased]. Or not"),
        ("a@x.example a@x.example", "[erased] [erased]"),
        *(
            (same, same)
            for same in ("b.a@x.example", "+a@x.example", "a@x.example.au", "a@x.examples", "a@x.example-b")
        ),
        *((same, same) for same in ("a@xzexample", "aa@x.example", "a@x.example@y", "\u212a a@y.example")),
    ):
        assert await admin.fetchval("select access_private.without_address($1, 'a@x.example')", text) == left
    special = "select access_private.without_address('to a.+*^$|{}?b@x.example', 'a.+*^$|{}?b@x.example')"
    assert await admin.fetchval(special) == "to [erased]"

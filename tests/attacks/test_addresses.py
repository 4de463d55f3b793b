"""T2, T10: an address is one person's, and neither it nor a name carries more than itself into an e-mail."""

from typing import TypeAlias
from uuid import uuid4

import asyncpg
import orjson
import pytest

from schema.addresses import address_key, is_address
from tests.attacks.conftest import Attacker

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

BAD = "U0400"
KELVIN, DOTTED = "jac\u212a@x.example", "\u0130@x.example"
TAKEN = (
    "jack@x.example",
    "o'brien+crm=1@mail.x.example",
    "a_b-c.d@xn--bcher-kva.example",
    "1@localhost",
    "x" * 64 + "@x.example",
)
REFUSED = (
    *(KELVIN, DOTTED, "jos\u00e9@x.example", "jack@b\u00fccher.example", "jack\u00a0@x.example"),
    *("jack", "@x.example", "jack@", "jack@x@y.example", ".jack@x.example", "jack.@x.example", "ja..ck@x.example"),
    *("jack@-x.example", "jack@x-.example", "jack@x..example", "jack@.x.example", "jack@x.example."),
    "-oQ/tmp@x.example",
    "jack@x.example\r\nBcc: everybody@y.example",
    *("jack@x.example\n", "jack@x.example\t", "ja\tck@x.example", "jack @x.example", "jack@x.example, eve@y.example"),
    *("Jack <jack@x.example>", '"jack"@x.example', "jack@[127.0.0.1]", "jack(a)@x.example", "jack;eve@x.example"),
    *("x" * 65 + "@x.example", "x@" + "y." * 126 + "example", "x@" + "y" * 64 + ".example", "jack\x7f@x.example"),
)  # fmt: skip


async def state_of(connection: Connection, statement: str, *values: object) -> tuple[str, str | None]:
    """The SQLSTATE with which a statement ends, and the field that it names; what it did is undone."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement, *values)
    except asyncpg.PostgresError as error:
        return error.sqlstate or "", next(iter(orjson.loads(error.detail or "{}").get("fields", {})), None)
    else:
        return "", None
    finally:
        await transaction.rollback()


async def test_an_invitation_is_for_one_address(attacker: Attacker, admin: Connection, gateway: Connection) -> None:
    """Folding letters beyond ASCII makes one of two people's addresses."""
    world = attacker.world
    call = "select access.invite_member($1, $2, 'Jack', $3)"
    assert await attacker.call("owner", call, world.account, " JACK@x.example ", world.roles["Rep"])
    token = await admin.fetchval("select secret from access_private.email where recipient = 'jack@x.example'")
    accept = "select access.accept_invitation($1, $2, $3)"
    for wrong in (KELVIN, KELVIN.upper(), "jack@x.example.au", "jack@x.example\n"):
        assert (await state_of(gateway, accept, token, uuid4(), wrong))[0] == "U0404"
    assert (await state_of(gateway, accept, token, uuid4(), "Jack@X.example"))[0] == ""


async def doors(admin: Connection, attacker: Attacker, email: str, name: str) -> dict[str, tuple[str, str | None]]:
    """How each way in answers to an address and a name."""
    world = attacker.world
    invitation = (
        "insert into access.invitation (account_id, email, name, role_id, token_hash, invited_by, expires_at)"
        " values ($1, $2, $3, $4, sha256('x'), $5, now() + interval '1 day')"
    )
    role, owner = world.roles["Rep"], world.people["owner"]
    return {
        "add": await state_of(admin, "select access.add_member($1, $2, $3, $4)", world.account, email, name, role),
        "invite": await state_of(
            admin, "select access.invite_member($1, $2, $3, $4, inviter => $5)", world.account, email, name, role, owner
        ),
        "account": await state_of(admin, "select access.create_account('new', $2, $1)", email, name),
        "owner": await state_of(admin, "select access.create_account('new', 'New', $1, $2)", email, name),
        "invitation": await state_of(admin, invitation, world.account, email, name, role, owner),
    }


async def test_what_is_no_address_is_refused_through_every_door(attacker: Attacker, admin: Connection) -> None:
    insert = "insert into access.app_user (email) values ($1)"
    change = "update access.app_user set email = $1 where email = 'rep@acme.example'"
    invite = "select access.invite_member($1, $2, null, $3)"
    field = {"account": "owner_email", "owner": "owner_email"}
    for email in REFUSED:
        answers = await doors(admin, attacker, email, "Jack")
        assert answers == {door: (BAD, field.get(door, "email")) for door in answers}, email
        for statement in (insert, change):
            assert await state_of(admin, statement, email) == (BAD, "email"), email
        world = attacker.world
        assert await attacker.refused("helper", invite, world.account, email, world.roles["Rep"]) == BAD, email


async def test_what_is_an_address_is_taken(attacker: Attacker, admin: Connection) -> None:
    for email in TAKEN:
        answers = await doors(admin, attacker, email, "Jack O'Brien, Zo\u00eb \u65e5\u672c")
        assert set(answers.values()) == {("", None)}, email


async def test_a_name_is_one_line(attacker: Attacker, admin: Connection) -> None:
    for name in ("Jack\r\nBcc: x@y.example", "Ja\tck", "Jack\x85", "Jack\u2028", "\x1b[2J", "Ja\x7fck"):
        answers = await doors(admin, attacker, "jack@x.example", name)
        assert answers == dict.fromkeys(answers, (BAD, "name")), name
        for call in ("create_team($1, $2)", "create_role($1, $2, '[]')"):
            assert await state_of(admin, f"select access.{call}", attacker.world.account, name) == (BAD, "name"), name
        for table in ("account", "member", "team", "role"):
            assert await state_of(admin, f"update access.{table} set name = $1", name) == (BAD, "name"), name


async def test_a_person_whose_address_is_none_subscribes_nothing(admin: Connection, gateway: Connection) -> None:
    await admin.execute("select access.allow_subscribing(true)")
    subscribe = "select access.subscribe_account('mine', $1, $2, $3)"
    for email in ("jack@x.example\r\nBcc: y@y.example", KELVIN, None):
        assert (await state_of(gateway, subscribe, "Mine", uuid4(), email))[0] == "U0409"
    assert await state_of(gateway, subscribe, "Mine\nBcc: y", uuid4(), "jack@x.example") == (BAD, "name")
    assert (await state_of(gateway, subscribe, "Mine", uuid4(), "Jack@x.example"))[0] == ""


async def test_python_and_the_database_fold_alike(admin: Connection) -> None:
    asked = [*TAKEN, *REFUSED, " A@X.example ", "\u00c9@x.example"]
    found = await admin.fetch(
        "select k, access_private.is_address(k) as good"
        " from unnest($1::text[]) with ordinality e (email, place), access_private.address_key(e.email) k"
        " order by place",
        asked,
    )
    keys = [address_key(email) for email in asked]
    assert [(key, is_address(key)) for key in keys] == [tuple(row) for row in found]
    assert [is_address(key) for key in keys] == [*[True] * len(TAKEN), *[False] * len(REFUSED), True, False]


async def test_who_is_known_by_an_older_address_stays(attacker: Attacker, admin: Connection) -> None:
    """Byte for byte: rows of earlier times are neither refused nor taken for somebody else's."""
    world, old = attacker.world, "jos\u00e9@x.example"
    await admin.execute("set session_replication_role = replica")
    known = await admin.fetchval("insert into access.app_user (email) values ($1) returning id", old)
    await admin.execute("set session_replication_role = origin")
    add = "select access.add_member($1, $2, 'Jos\u00e9', $3)"
    assert await attacker.call("owner", add, world.account, "JOS\u00e9@x.example", world.roles["Rep"]) == known
    assert await attacker.refused("owner", add, world.account, "jose@x.example", world.roles["Rep"]) == ""
    assert await admin.fetchval("select access_private.address_of($1, 'other@x.example')", known) == old
    assert await admin.fetchval("select access.erase_person_everywhere($1)", old) == 1

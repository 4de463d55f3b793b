"""O8 where rows are not merely read and changed: files, copies, lists that are sent to, and why a module is empty."""

from dataclasses import replace

import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Share, Team

pytestmark = pytest.mark.any_server

OWN = frozenset(
    {
        *(("contacts", action, "owned") for action in ("view", "export", "clone")),
        ("contacts", "create", "all"),
        ("marketing_emails", "send", "all"),
        ("contact_lists", "view", "all"),
    }
)
NAMES = ("seen", "taken", "copied", "hidden")
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("agent", "agent", "north"),
        Member("beside", "agent", "north"),
        Member("clerk", "clerk"),
    ),
    (Team("north"),),
    roles=(("agent", OWN), ("clerk", frozenset({("users", "view", "all"), ("contacts", "view", "all")}))),
    rows=(
        *(Row(name, "contacts", "root", "root") for name in NAMES),
        Row("mail", "marketing_emails", "root", "root", open=True),
        Row("list", "contact_lists", "root", "root", open=True),
    ),
    shares=(
        Share("seen", ("view",), "agent"),
        Share("taken", ("view", "export"), "agent"),
        Share("copied", ("view", "clone"), "agent"),
        Share("hidden", ("view", "export", "clone"), "agent", ends_in_hours=-1),
    ),
)


@pytest.fixture
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


async def test_a_file_has_what_is_shared_for_files(office: Play) -> None:
    for who, expected in (("agent", ["taken"]), ("beside", []), ("root", sorted(NAMES))):
        async with office.acting(who) as connection:
            found = await connection.fetch("select id from access.exported_contacts()")
        assert {row["id"] for row in found} == {office.row(name) for name in expected}


async def test_a_copy_is_made_of_what_is_shared_for_copies(office: Play) -> None:
    copy = "select access.clone_contacts($1)"
    assert {name: await office.done("agent", copy, office.row(name)) for name in NAMES} == {
        "seen": "U0403",
        "taken": "U0403",
        "copied": "done",
        "hidden": "U0404",
    }
    assert await office.done("root", copy, office.row("hidden")) == "done"
    assert await office.done("beside", copy, office.row("copied")) == "U0404"


async def test_it_is_sent_to_those_who_are_shared_with_the_sender(office: Play) -> None:
    async with office.admin.transaction():
        await office.admin.execute("set local session_replication_role = replica")
        for name in NAMES:
            await office.admin.execute(
                "insert into crm.contact_list_members (account_id, contact_list_id, contact_id) values ($1, $2, $3)",
                office.account,
                office.row("list"),
                office.row(name),
            )
    send = "update crm.marketing_emails set delivery = 'sent', contact_list_id = $2 where id = $1"
    assert await office.commits("agent", send, office.row("mail"), office.row("list")) == "done"
    sent = await office.admin.fetchrow(
        "select recipients, left_out from access.outbox where account_id = $1", office.account
    )
    assert sent is not None
    assert (set(sent["recipients"]), sent["left_out"]) == (
        {office.row(name) for name in ("seen", "taken", "copied")},
        1,
    )


async def test_who_asks_why_a_module_is_empty_hears_of_shares(office: Play) -> None:
    said = {}
    for who in ("agent", "beside"):
        async with office.acting("clerk") as connection:
            found = await connection.fetch(
                "select code from access.why_empty($1, 'contacts') order by place", office.built.user(who)
            )
        said[who] = [row["code"] for row in found]
    assert said == {"agent": ["owns_none", "shared"], "beside": ["owns_none", "sees_none"]}
    async with office.acting("agent") as connection:
        assert await connection.fetchval("select count(*) from crm.contacts") == 3

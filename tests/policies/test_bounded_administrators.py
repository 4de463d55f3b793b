"""C6, C7, T9 through GraphQL: what is done here is committed, and the next operation meets it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from resolvers.session import Database, Identity
from schema.errors import Unauthenticated
from tests.policies.conftest import Play
from tests.policies.desks import DEAL, OFFICE, Desk

pytestmark = pytest.mark.any_server


@pytest.fixture
async def desk(play: Play) -> AsyncIterator[Desk]:
    await play.begin(OFFICE)
    async with Database.connected(play.database.gateway_dsn) as pool:
        yield Desk(play, pool)


async def test_nobody_lifts_himself(desk: Desk) -> None:
    """C6."""
    me, role, team = desk.id("Member", "admin"), desk.id("Role", "admin"), desk.id("Team", "north")
    ends = [
        await desk.do("admin", "setRoleCell", roleId=role, module="deals", action="view", scopes=["owned"]),
        await desk.do("admin", "changeRole", memberId=me, roleId=desk.id("Role", "seller")),
        await desk.do("admin", "setException", memberId=me, module="deals", action="view", effect="GRANT"),
        await desk.do("admin", "attachRoleToTeam", teamId=team, roleId=desk.id("Role", "seller")),
        await desk.do("admin", "joinTeam", memberId=me, teamId=desk.id("Team", "south")),
        await desk.do("admin", "deleteRole", roleId=role, successorId=desk.id("Role", "seller")),
        await desk.do("admin", "setSuperAdmin", memberId=me, superAdmin=True),
        await desk.do("admin", "removeMember", memberId=me),
    ]
    assert [said.split()[0] for _, said in ends] == ["FORBIDDEN"] * len(ends)
    # To somebody else he does what he holds.
    assert (
        await desk.do("admin", "changeRole", memberId=desk.id("Member", "seller"), roleId=desk.id("Role", "nothing"))
    )[1] == ""


# T9


async def test_the_last_super_admin_stays(desk: Desk) -> None:
    root = desk.id("Member", "root")
    for name, given in (("setSuperAdmin", {"superAdmin": False}), ("deactivateMember", {}), ("removeMember", {})):
        assert await desk.do("root", name, memberId=root, **given) == (None, "CONFLICT")
    data, _ = await desk.ask("root", "{ viewer { superAdmin } }")
    assert data == {"viewer": {"superAdmin": True}}


WAYS = {"setSuperAdmin": {"superAdmin": False}, "deactivateMember": {}, "removeMember": {}}


async def attempt(desk: Desk, who: str, name: str, whom: str) -> str:
    try:
        return (await desk.do(who, name, memberId=desk.id("Member", whom), **WAYS[name]))[1]
    except Unauthenticated:
        return "UNAUTHENTICATED"


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", WAYS)
async def test_two_who_shut_each_other_out_leave_one(desk: Desk, first: str, second: str) -> None:
    assert (await desk.do("root", "setSuperAdmin", memberId=desk.id("Member", "seller"), superAdmin=True))[1] == ""

    ends = await asyncio.gather(attempt(desk, "root", first, "seller"), attempt(desk, "seller", second, "root"))

    assert sorted(end == "" for end in ends) == [False, True], ends
    assert {end.split()[0] for end in ends if end} <= {"CONFLICT", "FORBIDDEN", "UNAUTHENTICATED"}
    left = await desk.play.admin.fetchval(
        "select count(*) from access.membership"
        " where account_id = $1 and super_admin and status = 'active' and valid @> clock_timestamp()",
        desk.play.account,
    )
    assert left == 1


# Two at once


async def test_a_role_is_deleted_or_given(desk: Desk) -> None:
    """One gives a role to somebody while another deletes it: nobody has a role that is not there."""
    for _ in range(10):
        made, _ = await desk.do("root", "createRole", "role { id }", name="Short-lived", cells=[DEAL])
        role = made["role"]["id"]
        ends = await asyncio.gather(
            desk.do("admin", "changeRole", memberId=desk.id("Member", "seller"), roleId=role),
            desk.do("twin", "deleteRole", roleId=role),
        )
        said = [end[1] for end in ends]
        assert said in (["", "CONFLICT"], ["NOT_FOUND roles", ""]), said
        await desk.do("root", "deleteRole", roleId=role, successorId=desk.id("Role", "seller"))
    data, _ = await desk.ask("root", '{ members(search: "seller") { nodes { role { name } } } }')
    assert data == {"members": {"nodes": [{"role": {"name": "seller"}}]}}


async def test_a_name_is_given_to_one_role(desk: Desk) -> None:
    ends = await asyncio.gather(
        *(desk.do(who, "createRole", name="Wanted", cells=[DEAL]) for who in ("admin", "twin", "root"))
    )
    assert sorted(said for _, said in ends) == ["", "CONFLICT", "CONFLICT"]


async def test_a_team_is_deleted_or_joined(desk: Desk) -> None:
    for _ in range(10):
        made, _ = await desk.do(
            "root", "createTeam", "team { id }", name="Short-lived", parentId=desk.id("Team", "north")
        )
        team = made["team"]["id"]
        ends = await asyncio.gather(
            desk.do("root", "joinTeam", memberId=desk.id("Member", "seller"), teamId=team),
            desk.do("root", "deleteTeam", teamId=team),
        )
        assert [end[1] for end in ends] in (["", "CONFLICT"], ["NOT_FOUND teams", ""])


# C7: two roles in a few clicks, and what they are good for.


async def newcomer(desk: Desk, name: str, role: str) -> Identity:
    """Somebody whom the super admin adds with a role."""
    address = f"{name}.{desk.play.built.salt.hex}@office.example"
    made, said = await desk.do("root", "addMember", "member { id }", email=address, name=name, roleId=role)
    assert said == ""
    user = await desk.play.admin.fetchval("select id from access.app_user where email = $1", address)
    assert made["member"]["id"] == f"Member:{user}"
    return Identity(desk.play.built.slug("office"), user)


async def test_customer_service_answers_and_edits_no_landing_page(desk: Desk) -> None:
    """C7."""
    made, _ = await desk.do("root", "createRole", "role { id }", name="Customer service", cells=[])
    role = made["role"]["id"]
    for action in ("view", "send"):
        given = {"module": "conversations", "action": action, "scopes": ["all"]}
        assert (await desk.do("root", "setRoleCell", roleId=role, **given))[1] == ""
    service = await newcomer(desk, "service", role)

    talk, page = f"Conversation:{desk.play.row('talk')}", f"LandingPage:{desk.play.row('page')}"
    found, errors = await desk.ask_as(service, "{ conversations { nodes { id access { canSend canUpdate } } } }")
    assert errors == []
    assert found["conversations"]["nodes"] == [{"id": talk, "access": {"canSend": True, "canUpdate": False}}]
    answer = 'mutation ($id: ID!) { createMessage(input: {conversationId: $id, body: "Hello"}) { message { body } } }'
    assert (await desk.ask_as(service, answer, {"id": talk}))[0] == {"createMessage": {"message": {"body": "Hello"}}}

    edit = 'mutation ($id: ID!) { updateLandingPage(input: {id: $id, title: "Mine"}) { landingPage { title } } }'
    _, errors = await desk.ask_as(service, edit, {"id": page})
    assert [error["code"] for error in errors] == ["NOT_FOUND"]
    data, errors = await desk.ask("root", edit, {"id": page})
    assert (data, errors) == ({"updateLandingPage": {"landingPage": {"title": "Mine"}}}, [])
    others = "{ landingPages { totalCount } deals { totalCount } roles { id } }"
    data, errors = await desk.ask("root", others)
    assert (data["landingPages"], data["deals"], errors) == ({"totalCount": 1}, {"totalCount": 1}, [])
    assert {"id": role} in data["roles"]
    data, errors = await desk.ask_as(service, others)
    assert data == {"landingPages": None, "deals": None, "roles": None}
    assert [(error["code"], error["module"]) for error in errors] == [
        ("FORBIDDEN", "landing_pages"),
        ("FORBIDDEN", "deals"),
        ("FORBIDDEN", "roles"),
    ]


async def test_an_external_collaborator_sees_contacts_and_sends_emails(desk: Desk) -> None:
    """C7."""
    cells = [
        {"module": "contacts", "action": "view", "scopes": ["all"]},
        {"module": "contact_lists", "action": "view", "scopes": ["all"]},
        {"module": "marketing_emails", "action": "send", "scopes": ["all"]},
    ]
    made, said = await desk.do("root", "createRole", "role { id }", name="External", cells=cells)
    assert said == ""
    external = await newcomer(desk, "external", made["role"]["id"])

    data, errors = await desk.ask_as(
        external,
        "{ viewer { capabilities { module actions { action } } }"
        " contacts { nodes { id access { canUpdate canExport } } }"
        " marketingEmails { nodes { access { canSend canUpdate canDelete } } } }",
    )
    assert errors == []
    assert data == {
        "viewer": {
            "capabilities": [
                {"module": "contact_lists", "actions": [{"action": "view"}]},
                {"module": "contacts", "actions": [{"action": "view"}]},
                {"module": "marketing_emails", "actions": [{"action": "send"}, {"action": "view"}]},
            ]
        },
        "contacts": {
            "nodes": [{"id": f"Contact:{desk.play.row('contact')}", "access": {"canUpdate": False, "canExport": False}}]
        },
        "marketingEmails": {"nodes": [{"access": {"canSend": True, "canUpdate": False, "canDelete": False}}]},
    }
    data, errors = await desk.ask_as(
        external, "{ deals { totalCount } tickets { totalCount } members { totalCount } teams { name } }"
    )
    assert data == {"deals": None, "tickets": None, "members": None, "teams": []}
    assert [error["code"] for error in errors] == ["FORBIDDEN"] * 3
    data, errors = await desk.ask(
        "root", "{ deals { totalCount } tickets { totalCount } members { totalCount } teams { name } }"
    )
    assert errors == []
    assert data == {
        "deals": {"totalCount": 1},
        "tickets": {"totalCount": 1},
        "members": {"totalCount": len(OFFICE.members) + 1},
        "teams": [{"name": "north"}, {"name": "south"}],
    }

    given = {"id": f"MarketingEmail:{desk.play.row('mailing')}", "list": f"ContactList:{desk.play.row('list')}"}
    edit = 'mutation ($id: ID!) { updateMarketingEmail(input: {id: $id, subject: "Mine"}) { id } }'
    _, errors = await desk.ask_as(external, edit, {"id": given["id"]})
    assert [(error["code"], error["action"]) for error in errors] == [("FORBIDDEN", "update")]
    assert (await desk.ask("root", edit, {"id": given["id"]}))[1] == []
    send = """mutation ($id: ID!, $list: ID!) {
      sendMarketingEmail(input: {id: $id, contactListId: $list}) { recipients leftOut } }"""
    data, errors = await desk.ask_as(external, send, given)
    assert (data, errors) == ({"sendMarketingEmail": {"recipients": 1, "leftOut": 0}}, [])


# Why


async def test_the_reason_is_known_while_the_change_is_made(desk: Desk) -> None:
    await desk.play.admin.execute(
        "create table if not exists public.said (reason text);"
        " create or replace function public.listen() returns trigger language plpgsql security definer as"
        " $$ begin insert into public.said values (current_setting('cloison.reason', true)); return null; end $$;"
        " create or replace trigger told after insert on access.role execute function public.listen()"
    )
    try:
        for given in ({"reason": " New people come. "}, {}):
            assert (await desk.do("root", "createRole", name=f"Told {len(given)}", cells=[], **given))[1] == ""
        said = await desk.play.admin.fetch("select reason from public.said")
    finally:
        await desk.play.admin.execute("drop function public.listen cascade; drop table public.said")
    assert [row["reason"] or None for row in said] == ["New people come.", None]

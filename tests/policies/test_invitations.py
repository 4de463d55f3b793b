"""Invitations (T10): by e-mail, for a time, once, kept as a hash; bound when made and when accepted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from resolvers.session import Database
from tests.policies.conftest import Play
from tests.policies.persons import OFFICE, OPTIONS, RIVAL, Desk, Person

pytestmark = pytest.mark.any_server

LISTED = """query ($status: InvitationStatus) { invitations(status: $status) { totalCount nodes { email status } } }"""
WHOLE = """query ($id: ID!) { invitation(id: $id) { email name status role { name } mainTeam { name } teams { name }
  invitedBy { name } acceptedBy { email } } }"""
ME = "{ viewer { user { name } role teams { name isMain } account { slug } } }"
NOT_FOUND = {"code": "NOT_FOUND", "module": "invitations", "requestable": True}
NO_MORE = "Who invited you may not give any more what the invitation says: ask for another one."


@pytest.fixture
async def desk(playground: Play) -> AsyncIterator[Desk]:
    play = replace(playground)
    await play.begin(OFFICE, RIVAL)
    async with Database.connected(play.database.gateway_dsn, OPTIONS) as pool:
        yield Desk(play, pool)


@pytest.fixture
def grace() -> Person:
    return Person()


async def test_who_is_invited_and_accepts_is_a_member(desk: Desk, grace: Person) -> None:
    """With role, teams and name; until then nothing of it holds, and the person is not even a user."""
    teams: dict[str, Any] = {"mainTeamId": desk.id("Team", "oslo"), "teamIds": [desk.id("Team", "south")]}
    invited = await desk.invites("root", f" {(grace.email or '').upper()} ", name=" Grace ", reason="Joins", **teams)
    token = await desk.token(invited.data)
    seen = await desk.ask(desk.member("root"), WHOLE, {"id": invited.data})
    told: dict[str, Any] = {
        "email": grace.email, "name": "Grace", "status": "OPEN", "role": {"name": "seller"},
        "mainTeam": {"name": "oslo"}, "teams": [{"name": "south"}], "invitedBy": {"name": "root"}, "acceptedBy": None,
    }  # fmt: skip
    assert seen.data == told
    assert await desk.play.admin.fetchval("select count(*) from access.app_user where email = $1", grace.email) == 0

    accepted = await desk.accepts(grace, token)
    assert accepted.data == {
        "account": {
            "id": f"Account:{desk.play.account}", "slug": desk.play.built.slug("office"), "name": "office",
            "kind": "CUSTOMER",
        }
    }  # fmt: skip
    me = await desk.ask(grace.identity(accepted.data["account"]["slug"]), ME)
    assert me.data == {
        "user": {"name": "Grace"}, "role": "seller", "account": {"slug": desk.play.built.slug("office")},
        "teams": [{"name": "oslo", "isMain": True}, {"name": "south", "isMain": False}],
    }  # fmt: skip
    seen = await desk.ask(desk.member("root"), WHOLE, {"id": invited.data})
    assert seen.data == {**told, "status": "ACCEPTED", "acceptedBy": {"email": grace.email}}
    history = await desk.play.admin.fetch(
        "select actor, reason from access.access_log where account_id = $1 and user_id = $2 and kind = 'membership'",
        desk.play.account, grace.user,
    )  # fmt: skip
    assert [tuple(row) for row in history] == [(desk.play.built.user("root"), "Joins")]


async def test_the_history_says_what_became_of_an_invitation(desk: Desk, grace: Person) -> None:
    """X5: made, sent again, accepted, each by whom and why; an acceptance is in the name of who invited."""
    root, second = desk.play.built.user("root"), desk.play.built.user("second")
    invited = await desk.invites("root", grace.email, reason="Joins")
    sent = await desk.does(
        "second", "resendInvitation", "invitation { id }", invitationId=invited.data, reason="it was lost"
    )
    assert sent.error == {}
    assert (await desk.accepts(grace, await desk.token(invited.data))).error == {}
    other = await desk.invites("root", Person().email, reason="Joins, too")
    revoked = await desk.does("root", "revokeInvitation", "invitation { id }", invitationId=other.data, reason="no")
    assert revoked.error == {}
    rows = await desk.play.admin.fetch(
        "select l.actor, l.user_id, l.before ->> 'status', l.after ->> 'status', l.after ->> 'invited_by', l.reason,"
        " l.row_id from access.access_log l where l.account_id = $1 and l.kind = 'invitation' order by l.at, l.id",
        desk.play.account,
    )
    number, another = (UUID(each.data.partition(":")[2]) for each in (invited, other))
    assert [tuple(row) for row in rows] == [
        (root, None, None, "open", str(root), "Joins", number),
        (second, None, "open", "open", str(second), "it was lost", number),
        (second, grace.user, "open", "accepted", str(second), "Joins", number),
        (root, None, None, "open", str(root), "Joins, too", another),
        (root, None, "open", "revoked", str(root), "no", another),
    ]
    assert str(grace.email) not in str(await desk.play.admin.fetch("select l::text from access.access_log l"))


async def test_the_token_is_in_the_email_alone(desk: Desk, grace: Person) -> None:
    """SHA-256 of it is kept; who takes the e-mail has it until it is delivered, and then nobody."""
    admin = desk.play.admin
    invitation = (await desk.invites("root", grace.email)).data
    token = await desk.token(invitation)
    assert len(token) == 64
    number = UUID(invitation.partition(":")[2])
    written = "select to_jsonb(i)::text as all, i.token_hash from access.invitation i where id = $1"
    row = await admin.fetchrow(written, number)
    assert row is not None
    assert row["token_hash"] == sha256(token.encode()).digest()
    assert token not in row["all"]
    for table in ("access.access_log", "access_private.answer", "access.invitation"):
        anywhere = f"select exists (select from {table} x where x::text like '%' || $1 || '%')"
        assert not await admin.fetchval(anywhere, token)

    (email,) = [each for each in await admin.fetch("select * from access.take_emails(1000)") if each["secret"] == token]
    assert (email["recipient"], email["kind"], email["attempts"]) == (grace.email, "invitation", 1)
    assert '"invitedBy": "root"' in email["details"]
    taken = await admin.fetch("select * from access.take_emails(1000)")
    assert email["id"] not in [each["id"] for each in taken], "it is being delivered"
    await admin.execute("update access_private.email set taken_until = clock_timestamp() where id = $1", email["id"])
    again = {each["id"]: each["attempts"] for each in await admin.fetch("select * from access.take_emails(1000)")}
    assert again[email["id"]] == 2
    assert await admin.fetchval("select access.email_delivered($1)", email["id"])
    assert not await admin.fetchval("select access.email_delivered($1)", email["id"])
    assert await admin.fetchval("select secret is null from access_private.email where id = $1", email["id"])
    assert (await desk.accepts(grace, token)).error == {}, "it is good all the same"


async def test_every_token_that_is_not_ones_own_is_answered_alike(desk: Desk, grace: Person) -> None:
    """Unknown, malformed, of another address, unverified, revoked, over, used: one answer, for what is else good."""
    other, admin = Person(), desk.play.admin
    token = await desk.invited("root", grace)
    wrong = [
        (grace, "x"),
        (grace, ""),
        (grace, "A" * 64),
        (grace, token[:-1] + ("A" if token[-1] != "A" else "B")),
        (grace, token.swapcase()),
        (other, token),
        (Person(None), token),
        (Person(f"{grace.email}.au"), token),
    ]
    answers = [await desk.accepts(person, text) for person, text in wrong]
    assert await desk.membership(grace) is None
    assert (await desk.accepts(grace, token)).error == {}, "and yet it is good"
    answers += [await desk.accepts(Person(grace.email), token), await desk.accepts(other, token)]

    for change, undone in (
        ("revoked_at = clock_timestamp()", "revoked_at = null"),
        ("expires_at = clock_timestamp()", "expires_at = clock_timestamp() + interval '1 hour'"),
    ):
        late = Person()
        invitation = (await desk.invites("root", late.email)).data
        token, number = await desk.token(invitation), UUID(invitation.partition(":")[2])
        await admin.execute(f"update access.invitation set {change} where id = $1", number)
        answers.append(await desk.accepts(late, token))
        assert await desk.membership(late) is None
        await admin.execute(f"update access.invitation set {undone} where id = $1", number)
        assert (await desk.accepts(late, token)).error == {}
    assert {str(answer) for answer in answers} == {str(answers[0])}
    assert answers[0].error == NOT_FOUND
    assert answers[0].message == "There is no such row, or you may not see it."


async def test_accepting_again_is_answered_again_and_does_nothing(desk: Desk, grace: Person) -> None:
    token = await desk.invited("root", grace)
    first = await desk.accepts(grace, token)
    assert await desk.accepts(grace, token) == first
    assert await desk.membership(grace) == ("active", "seller", 1)
    await desk.does("root", "removeMember", "removedId", memberId=f"Person:{grace.user}")
    assert (await desk.accepts(grace, token)).error == NOT_FOUND, "it has been used"
    assert await desk.membership(grace) is None


async def test_two_who_accept_at_once_are_one_member(desk: Desk, grace: Person) -> None:
    token = await desk.invited("root", grace)
    answers = await asyncio.gather(*(desk.accepts(grace, token) for _ in range(6)))
    assert {str(answer) for answer in answers} == {str(answers[0])}
    assert answers[0].error == {}
    assert await desk.membership(grace) == ("active", "seller", 1)

    subjects = [Person("twins@people.example") for _ in range(4)]
    token = await desk.invited("root", subjects[0])
    answers = await asyncio.gather(*(desk.accepts(each, token) for each in subjects))
    assert sorted(answer.code for answer in answers) == ["", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]
    assert len([each for each in subjects if await desk.membership(each)]) == 1


async def test_members_are_not_invited_and_do_not_accept(desk: Desk, grace: Person) -> None:
    """Who is or was deactivated is a member: neither joins twice, nor comes back by an invitation."""
    salt = desk.play.built.salt.hex[:12]
    for name in ("seller", "former"):
        assert (await desk.invites("root", f"{name}.{salt}@example.com")).code == "CONFLICT"
    token = await desk.invited("root", grace)
    await desk.play.admin.execute("insert into access.app_user (id, email) values ($1, $2)", grace.user, grace.email)
    await desk.does("root", "addMember", "member { id }", email=grace.email, roleId=desk.id("Role", "reporter"))
    refused = await desk.accepts(grace, token)
    assert (refused.code, refused.message) == ("CONFLICT", "You are a member of this account already.")
    await desk.does("root", "deactivateMember", "member { id }", memberId=f"Person:{grace.user}")
    refused = await desk.accepts(grace, token)
    assert refused.code == "CONFLICT"
    assert refused.message.startswith("You are a member of this account, and deactivated")
    assert await desk.membership(grace) == ("deactivated", "reporter", 1)


@pytest.mark.parametrize(
    ("who", "role", "given", "code"),
    [
        ("admin", "seller", {}, ""),
        ("admin", "seller", {"mainTeamId": "oslo"}, ""),
        ("admin", "reporter", {}, ""),
        ("admin", "Owner", {}, "FORBIDDEN"),
        ("admin", "seller", {"mainTeamId": "south"}, "FORBIDDEN"),
        ("admin", "seller", {"teamIds": ["south"]}, "FORBIDDEN"),
        ("admin", "seller", {"teamIds": ["oslo", "desk"]}, "FORBIDDEN"),
        ("twin", "seller", {}, ""),
        ("seller", "seller", {}, "FORBIDDEN"),
        ("root", "Owner", {"teamIds": ["desk", "oslo", "desk"], "mainTeamId": "oslo"}, ""),
        ("root", "Partner admin", {}, "BAD_USER_INPUT"),
    ],
)
async def test_one_invites_to_what_one_may_give(  # noqa: PLR0917 (two fixtures, and a line of the table)
    desk: Desk, grace: Person, who: str, role: str, given: dict[str, Any], code: str
) -> None:
    """C6, G1: as if the person were added; and whether it is tried or refused, nobody is a user by it."""
    spelled = {
        name: [desk.id("Team", each) for each in value] if isinstance(value, list) else desk.id("Team", value)
        for name, value in given.items()
    }
    admin = desk.play.admin
    before = await admin.fetchval("select count(*) from access_private.session_profile")
    answer = await desk.invites(who, grace.email, role, **spelled)
    assert answer.code == code, answer
    assert await admin.fetchval("select count(*) from access_private.session_profile") == before
    assert await admin.fetchval("select count(*) from access.app_user where email = $1", grace.email) == 0
    written = await admin.fetchval("select count(*) from access.invitation where email = $1", grace.email)
    assert written == (0 if code else 1)
    if not code:
        assert (await desk.accepts(grace, await desk.token(answer.data))).error == {}


SINCE: dict[str, tuple[str, dict[str, Any]]] = {
    "demoted": ("changeRole", {"memberId": "Person admin", "roleId": "Role seller"}),
    "shut out": ("deactivateMember", {"memberId": "Person admin"}),
    "gone": ("removeMember", {"memberId": "Person admin"}),
    "elsewhere": ("leaveTeam", {"memberId": "Person admin", "teamId": "Team north"}),
    "the team grew": ("attachRoleToTeam", {"teamId": "Team oslo", "roleId": "Role reporter"}),
    "the team is another": ("deleteTeam", {"teamId": "Team oslo", "moveToId": "Team desk"}),
}


@pytest.mark.parametrize("since", SINCE)
async def test_what_the_inviter_may_not_give_any_more_is_not_given(desk: Desk, grace: Person, since: str) -> None:
    """T10, G1: it is refused in words, and stays open: sent again by somebody who may, it is good."""
    invitation = (await desk.invites("admin", grace.email, mainTeamId=desk.id("Team", "oslo"))).data
    token = await desk.token(invitation)
    mutation, given = SINCE[since]
    spelled = {
        name: desk.id(*value.split()) if isinstance(value, str) and " " in value else value
        for name, value in given.items()
    }
    changed = await desk.does("root", mutation, "__typename", **spelled)
    assert changed.error == {}
    refused = await desk.accepts(grace, token)
    assert (refused.code, refused.message) == ("CONFLICT", NO_MORE)
    assert await desk.membership(grace) is None
    listed = await desk.ask(desk.member("root"), LISTED, {"status": "OPEN"})
    assert listed.data["nodes"] == [{"email": grace.email, "status": "OPEN"}]
    answered = "invitation { invitedBy { name } }"
    again = await desk.does("root", "resendInvitation", answered, invitationId=invitation)
    assert again.data == {"invitation": {"invitedBy": {"name": "root"}}}
    assert (await desk.accepts(grace, token)).error == NOT_FOUND, "the old link is void"
    assert (await desk.accepts(grace, await desk.token(invitation))).error == {}


async def test_who_is_invited_to_a_role_that_is_gone_gets_its_successor(desk: Desk, grace: Person) -> None:
    """C5, G1: of it what the inviter holds; and the team that takes over."""
    token = await desk.invited("admin", grace, mainTeamId=desk.id("Team", "oslo"))
    given = {"roleId": desk.id("Role", "seller"), "successorId": desk.id("Role", "reporter")}
    answered = "invitations { role { name } status }"
    gone = await desk.does("root", "deleteRole", answered, **given)
    assert gone.data == {"invitations": [{"role": {"name": "reporter"}, "status": "OPEN"}]}
    moved = {"teamId": desk.id("Team", "oslo"), "moveToId": desk.id("Team", "north")}
    assert (await desk.does("root", "deleteTeam", "deletedId", **moved)).error == {}

    accepted = await desk.accepts(grace, token)
    assert accepted.error == {}
    me = await desk.ask(grace.identity(accepted.data["account"]["slug"]), ME)
    assert (me.data["role"], me.data["teams"]) == ("reporter", [{"name": "north", "isMain": True}])
    held = await desk.ask(grace.identity(accepted.data["account"]["slug"]), HELD)
    assert [each["module"] for each in held.data["capabilities"]] == ["deals"], "he holds no reports to give"


HELD = "{ viewer { capabilities { module actions { action scopes } } } }"
LESS: dict[str, tuple[str, dict[str, Any], dict[str, list[str]]]] = {
    "nothing": ("renameTeam", {"teamId": "Team desk", "name": "desk"}, {"update": ["team"], "view": ["team"]}),
    "the inviter": (
        "setException",
        {"memberId": "Person admin", "module": "deals", "action": "update", "scope": "team", "effect": "DENY"},
        {"view": ["team"]},
    ),
    "the role": (
        "setRoleCells",
        {"roleId": "Role seller", "cells": [{"module": "deals", "action": "view", "scopes": ["all"]}]},
        {"view": ["team"]},
    ),
}


@pytest.mark.parametrize("changed", LESS)
async def test_of_a_role_is_given_what_the_inviter_holds_then(desk: Desk, grace: Person, changed: str) -> None:
    """T10, G1: and not what the inviter held, or the role said, when the invitation was sent."""
    token = await desk.invited("admin", grace, mainTeamId=desk.id("Team", "oslo"))
    mutation, given, expected = LESS[changed]
    spelled = {
        name: desk.id(*value.split()) if isinstance(value, str) and " " in value else value
        for name, value in given.items()
    }
    assert (await desk.does("root", mutation, "__typename", **spelled)).error == {}
    assert (await desk.accepts(grace, token)).error == {}
    held = (await desk.ask(grace.identity(desk.play.built.slug("office")), HELD)).data["capabilities"]
    assert {
        each["action"]: each["scopes"] for of in held if of["module"] == "deals" for each in of["actions"]
    } == expected


async def test_what_an_invitation_will_not_give_is_said(desk: Desk, grace: Person) -> None:
    """And said again to a retry, which gives the first answer."""
    given: dict[str, Any] = {"email": grace.email, "roleId": desk.id("Role", "reporter"), "idempotencyKey": "k"}
    selection = "invitation { id } withheld { module action scopes }"
    first = await desk.does("admin", "inviteMember", selection, **given)
    assert first.data["withheld"] == [{"module": "reports", "action": "view", "scopes": ["team"]}]
    assert await desk.does("admin", "inviteMember", selection, **given) == first
    assert (await desk.accepts(grace, await desk.token(first.data["invitation"]["id"]))).error == {}
    held = (await desk.ask(grace.identity(desk.play.built.slug("office")), HELD)).data["capabilities"]
    assert "reports" not in {each["module"] for each in held}


async def test_who_sends_an_invitation_again_has_to_hold_it(desk: Desk, grace: Person) -> None:
    invitation = (await desk.invites("root", grace.email, "Owner")).data
    token = await desk.token(invitation)
    assert (await desk.does("admin", "resendInvitation", "__typename", invitationId=invitation)).code == "FORBIDDEN"
    assert await desk.token(invitation) == token
    revoked = await desk.does("admin", "revokeInvitation", "invitation { status }", invitationId=invitation)
    assert revoked.data == {"invitation": {"status": "REVOKED"}}
    assert await desk.token(invitation) is None, "its e-mail is nobody's any more"
    assert (await desk.accepts(grace, token)).error == NOT_FOUND
    for mutation in ("revokeInvitation", "resendInvitation"):
        assert (await desk.does("root", mutation, "__typename", invitationId=invitation)).code == "CONFLICT"
    assert (await desk.invites("root", grace.email)).error == {}, "and may be invited anew"


async def test_an_address_is_invited_once_at_a_time(desk: Desk, grace: Person) -> None:
    """T1: and what another account does is not told."""
    elsewhere = await desk.does(
        "rita", "inviteMember", "invitation { id }", "rival",
        email=grace.email, roleId=f"Role:{desk.play.built.id('role', 'rival', 'Member')}",
    )  # fmt: skip
    assert elsewhere.error == {}
    assert (await desk.invites("root", grace.email)).error == {}
    assert (await desk.invites("root", (grace.email or "").upper())).code == "CONFLICT"

    foreign = elsewhere.data["invitation"]["id"]
    for mutation in ("revokeInvitation", "resendInvitation"):
        answers = [
            await desk.does("root", mutation, "__typename", invitationId=each)
            for each in (foreign, f"Invitation:{uuid4()}")
        ]
        assert answers[0] == answers[1]
        assert answers[0].error == {
            "code": "NOT_FOUND", "module": "users", "field": "invitationId", "requestable": True,
        }  # fmt: skip
    assert (await desk.ask(desk.member("root"), WHOLE, {"id": foreign})).data is None
    listed = await desk.ask(desk.member("root"), LISTED)
    assert listed.data == {"totalCount": 1, "nodes": [{"email": grace.email, "status": "OPEN"}]}
    listed = await desk.ask(desk.member("rita", "rival"), LISTED)
    assert listed.data["totalCount"] == 1
    assert (await desk.accepts(grace, await desk.token(foreign))).data["account"]["name"] == "rival"
    assert await desk.membership(grace) is None


@pytest.mark.parametrize("days", [-1, 0, 31])
async def test_invitations_end(desk: Desk, grace: Person, days: int) -> None:
    until = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    refused = await desk.invites("root", grace.email, until=until)
    assert (refused.code, [*refused.error["fields"]]) == ("BAD_USER_INPUT", ["until"])
    soon = (datetime.now(UTC) + timedelta(days=29)).isoformat()
    assert (await desk.invites("root", grace.email, until=soon)).error == {}


async def test_without_view_on_users_there_are_no_invitations(desk: Desk, grace: Person) -> None:
    invitation = (await desk.invites("root", grace.email)).data
    for text, variables in ((LISTED, {}), (WHOLE, {"id": invitation})):
        assert (await desk.ask(desk.member("seller"), text, variables)).code == "FORBIDDEN"
    async with desk.play.acting("seller") as connection:
        assert await connection.fetch("select id from crm.invitations") == []
    async with desk.play.acting("admin") as connection:
        assert len(await connection.fetch("select id from crm.invitations")) == 1
    assert await desk.play.done("admin", "select token_hash from access.invitation") == "42501"


async def test_an_invitation_is_sent_once_under_its_key(desk: Desk, grace: Person) -> None:
    first = await desk.invites("root", grace.email, idempotencyKey="k")
    assert await desk.invites("root", grace.email, idempotencyKey="k") == first
    number = UUID(first.data.partition(":")[2])
    emails = "select count(*) from access_private.email where about = $1"
    assert await desk.play.admin.fetchval(emails, number) == 1
    again = [
        await desk.does("root", "resendInvitation", "invitation { id }", invitationId=first.data, idempotencyKey="r")
        for _ in range(2)
    ]
    assert again[0] == again[1]
    assert await desk.play.admin.fetchval(emails, number) == 1


async def test_what_came_to_nothing_is_forgotten(desk: Desk, grace: Person) -> None:
    """Addresses of people who never came, after 90 days; who came is remembered."""
    came = Person()
    assert (await desk.accepts(came, await desk.invited("root", came))).error == {}
    await desk.invites("root", grace.email)
    left = "select array_agg(email) from access.invitation where account_id = $1 and email = any ($2)"
    for days, known in ((timedelta(days=96), {grace.email, came.email}), (timedelta(days=2), {came.email})):
        await desk.play.admin.execute(
            "update access.invitation set expires_at = expires_at - $2::interval where account_id = $1",
            desk.play.account,
            days,
        )
        await desk.play.gateway.fetchval("select access.forget_invitations()")
        assert set(await desk.play.admin.fetchval(left, desk.play.account, [grace.email, came.email])) == known


async def test_who_is_erased_was_never_invited(desk: Desk, grace: Person) -> None:
    """The address goes with the person, from invitations and e-mails too; others' stay."""
    other = Person()
    for person in (grace, other):
        assert (
            await desk.accepts(person, await desk.invited("root", person, reason=f"{person.email} joins"))
        ).error == {}
    admin = desk.play.admin
    known = "select array_agg(email) from access.invitation where account_id = $1"
    assert set(await admin.fetchval(known, desk.play.account)) == {grace.email, other.email}
    await admin.execute("select access.erase_member($1, $2)", desk.play.account, grace.user)
    assert await admin.fetchval(known, desk.play.account) == [other.email]
    for table in ("access.invitation", "access_private.email"):
        there = f"select count(*) from {table} t where t::text like '%' || $1 || '%'"
        assert await admin.fetchval(there, grace.email) == 0

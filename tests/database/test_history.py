"""X5: every change of access is one row of the history: by whom, of whom, from what to what, why."""

from typing import Any

import asyncpg
import pytest

from schema.history import KINDS
from tests.database.history import change, flushed, names_of, written
from tests.database.world import World, entered, refused

pytestmark = pytest.mark.any_server

DEALS_EXPORT = "'deals', 'export', 'all'"
GRANT = f"select access.set_exception({{north}}, {{rolf}}, {DEALS_EXPORT}, 'grant')"
UNTIL = f"select access.set_exception({{north}}, {{rolf}}, {DEALS_EXPORT}, 'grant', '2999-01-01')"
EXPORT = {"action": "export", "scope": "all", "effect": "grant"}
FOR_LONG = {**EXPORT, "until": "2999-01-01T00:00:00+00:00"}
SOLO = "insert into access.team (account_id, id, name) values ({north}, '00000000-0000-7000-8000-000000000001', 'solo')"
SOLO_ID = "'00000000-0000-7000-8000-000000000001'"
AWAY = "select access.set_status({north}, {rolf}, 'deactivated')"
BACK = "select access.set_status({north}, {rolf}, 'active')"
CELLS = """'[{{"module": "deals", "action": "view", "scopes": ["all"]}}]'"""
SPARE_ID = "00000000-0000-7000-8000-000000000002"
SPARE = f"insert into access.role (account_id, id, name) values ({{north}}, '{SPARE_ID}', 'spare')"
REP = {"status": "active", "role_id": "role_rep", "super_admin": False}
WEST = {"owner_id": "rolf", "team_id": "team_west", "open_to_all": False}
PAGE = {"owner_id": "rolf", "team_ids": ["team_west"], "restricted": True}
SHARED = (
    "insert into access.share (account_id, module, row_id, user_id, actions, given_by)"
    " values ({north}, 'deals', {deal}, {ella}, '{{view}}', {olga})"
)
VIEW = {"actions": ["view"]}
OF_ELLA = {"user_id": "ella", "module": "deals", "row_id": "deal"}
INVITATION_ID = "00000000-0000-7000-8000-000000000003"
INVITED = (
    "insert into access.invitation (account_id, id, email, role_id, token_hash, invited_by, expires_at)"
    f" values ({{north}}, '{INVITATION_ID}', 'new@north.example', {{role_rep}}, sha256('x'), {{olga}}, '2999-01-01')"
)
OPEN = {"status": "open", "role_id": "role_rep", "team_ids": [], "invited_by": "olga", "until": "?"}
INVITATION = {"role_id": "role_rep", "row_id": "?"}

# What is so before, what olga does, the kind of the change, what it is about, what was, what is.
CHANGES: dict[str, tuple[str, str, str, dict[str, str], Any, Any]] = {
    "a role is given": (
        "", "select access.change_role({north}, {rolf}, {role_viewer})",
        "membership", {"user_id": "rolf", "role_id": "role_viewer"}, REP, {**REP, "role_id": "role_viewer"},
    ),
    "a member is deactivated": (
        "", AWAY,
        "membership", {"user_id": "rolf", "role_id": "role_rep"}, REP, {**REP, "status": "deactivated"},
    ),
    "a member is reactivated": (
        AWAY, BACK,
        "membership", {"user_id": "rolf", "role_id": "role_rep"}, {**REP, "status": "deactivated"}, REP,
    ),
    "a super admin is made": (
        "", "select access.set_super_admin({north}, {rolf}, true)",
        "membership", {"user_id": "rolf", "role_id": "role_rep"}, REP, {**REP, "super_admin": True},
    ),
    "a right is added to a member": (
        "", GRANT, "exception", {"user_id": "rolf", "module": "deals"}, None, EXPORT,
    ),
    "a right is added until an end": (
        "", UNTIL, "exception", {"user_id": "rolf", "module": "deals"}, None, FOR_LONG,
    ),
    "an end is named": (GRANT, UNTIL, "exception", {"user_id": "rolf", "module": "deals"}, EXPORT, FOR_LONG),
    "an end is taken away": (UNTIL, GRANT, "exception", {"user_id": "rolf", "module": "deals"}, FOR_LONG, EXPORT),
    "a right is denied to a member": (
        GRANT, GRANT.replace("'grant'", "'deny'"),
        "exception", {"user_id": "rolf", "module": "deals"}, EXPORT, {**EXPORT, "effect": "deny"},
    ),
    "an exception ends before its time": (
        UNTIL, GRANT.replace("'grant'", "'none'"), "exception", {"user_id": "rolf", "module": "deals"}, FOR_LONG, None,
    ),
    "a team is made": (
        "", "select access.create_team({north}, 'dock')", "team", {"team_id": "?"}, None, {"name": "dock"},
    ),
    "a team is deleted": (
        SOLO, f"select access.delete_team({{north}}, {SOLO_ID})", "team", {"team_id": "?"}, {"name": "solo"}, None,
    ),
    "a team is moved": (
        "", "select access.move_team({north}, {team_east}, {team_west})",
        "team_edge", {"team_id": "team_east"}, {"parent_id": "team_region"}, {"parent_id": "team_west"},
    ),
    "a team is moved to the top": (
        "", "select access.move_team({north}, {team_east}, null)",
        "team_edge", {"team_id": "team_east"}, {"parent_id": "team_region"}, None,
    ),
    "a team is put below another": (
        SOLO, f"select access.move_team({{north}}, {SOLO_ID}, {{team_west}})",
        "team_edge", {"team_id": "?"}, None, {"parent_id": "team_west"},
    ),
    "a member joins a team": (
        "", "select access.join_team({north}, {rolf}, {team_east})",
        "team_member", {"user_id": "rolf", "team_id": "team_east"}, None, {"is_main": False},
    ),
    "a team becomes an extra one": (
        "", "select access.join_team({north}, {rolf}, {team_west})",
        "team_member", {"user_id": "rolf", "team_id": "team_west"}, {"is_main": True}, {"is_main": False},
    ),
    "a member leaves a team": (
        "", "select access.leave_team({north}, {rolf}, {team_west})",
        "team_member", {"user_id": "rolf", "team_id": "team_west"}, {"is_main": True}, None,
    ),
    "a role is attached to a team": (
        "", "select access.attach_role_to_team({north}, {team_west}, {role_viewer})",
        "team_role", {"team_id": "team_west", "role_id": "role_viewer"}, None, {"role_id": "role_viewer"},
    ),
    "a role is detached from a team": (
        "select access.attach_role_to_team({north}, {team_west}, {role_viewer})",
        "select access.detach_role_from_team({north}, {team_west}, {role_viewer})",
        "team_role", {"team_id": "team_west", "role_id": "role_viewer"}, {"role_id": "role_viewer"}, None,
    ),
    "a role is made": (
        "", "select access.create_role({north}, 'spare', '[]')", "role", {"role_id": "?"}, None, {"name": "spare"},
    ),
    "a role gets a capability": (
        SPARE, f"select access.set_role_cells({{north}}, '{SPARE_ID}', {CELLS})",
        "role_cell", {"role_id": "?", "module": "deals"}, None, {"action": "view", "scope": "all"},
    ),
    "a role loses a capability": (
        f"{SPARE}; select access.set_role_cells({{north}}, '{SPARE_ID}', {CELLS})",
        f"select access.set_role_cells({{north}}, '{SPARE_ID}', '[]')",
        "role_cell", {"role_id": "?", "module": "deals"}, {"action": "view", "scope": "all"}, None,
    ),
    "sensitive columns become ordinary ones": (
        "", "select access.set_sensitive({north}, 'deals', false)",
        "sensitivity", {"module": "deals"}, None, {"sensitive": False},
    ),
    "ordinary columns become sensitive again": (
        "select access.set_sensitive({north}, 'deals', false)", "select access.set_sensitive({north}, 'deals', true)",
        "sensitivity", {"module": "deals"}, {"sensitive": False}, {"sensitive": True},
    ),
    "a record is handed over": (
        "", "select access.assign_deals({deal}, {ella})",
        "assignment", {"module": "deals", "row_id": "deal"}, WEST,
        {"owner_id": "ella", "team_id": "team_east", "open_to_all": False},
    ),
    "a record is opened to all": (
        "", "select access.assign_deals({deal}, {rolf}, null, true)",
        "assignment", {"module": "deals", "row_id": "deal"}, WEST, {**WEST, "open_to_all": True},
    ),
    "an asset gets other teams": (
        "", "select access.assign_landing_pages({page}, {rolf}, array[{team_east}::uuid], true)",
        "assignment", {"module": "landing_pages", "row_id": "page"},
        {**PAGE, "restricted": False}, {**PAGE, "team_ids": ["team_east"]},
    ),
    "a row is shared with somebody": (
        "", "select access.share_deals({deal}, {ella}, null, '{{update}}')",
        "share", OF_ELLA, None, {"actions": ["update", "view"]},
    ),
    "a row is shared with a team": (
        "", "select access.share_landing_pages({page}, null, {team_east}, '{{view}}', null, '2999-01-01')",
        "share", {"team_id": "team_east", "module": "landing_pages", "row_id": "page"},
        None, {**VIEW, "until": "2999-01-01T00:00:00+00:00"},
    ),
    "a row is shared for something else": (
        SHARED, "select access.share_deals({deal}, {ella}, null, '{{update}}', null, '2999-01-01')",
        "share", OF_ELLA, VIEW, {"actions": ["update", "view"], "until": "2999-01-01T00:00:00+00:00"},
    ),
    "a share is taken back": (
        SHARED, "select access.unshare_deals({deal}, {ella}, null)", "share", OF_ELLA, VIEW, None,
    ),
    "somebody is invited": (
        "", "select access.invite_member({north}, 'new@north.example', 'new', {role_rep}, {team_west})",
        "invitation", INVITATION, None, {**OPEN, "main_team_id": "team_west"},
    ),
    "an invitation is sent again": (
        INVITED, f"select access.resend_invitation({{north}}, '{INVITATION_ID}')", "invitation", INVITATION, OPEN, OPEN,
    ),
    "an invitation is revoked": (
        INVITED, f"select access.revoke_invitation({{north}}, '{INVITATION_ID}')",
        "invitation", INVITATION, OPEN, {**OPEN, "status": "revoked"},
    ),
}  # fmt: skip

# What operators alone do.
OPERATIONS: dict[str, tuple[str, str, str, dict[str, str], Any, Any]] = {
    "a hub gets a tier": (
        "", "select access.set_account_tier({north}, 'sales', 'professional')",
        "tier", {}, None, {"hub": "sales", "tier": "professional"},
    ),
    "a hub gets another tier": (
        "", "select access.set_account_tier({north}, 'cms', 'professional')",
        "tier", {}, {"hub": "cms", "tier": "enterprise"}, {"hub": "cms", "tier": "professional"},
    ),
    "an account becomes a partner's": (
        "", "select access.set_account_kind({north}, 'provider')",
        "account", {}, {"kind": "customer"}, {"kind": "provider"},
    ),
    "a setting is switched on": (
        "", "select access.set_restrict_new_content({north}, true)",
        "setting", {}, None, {"name": "restrict_new_content"},
    ),
    "an analyst's login is made": (
        "", "select access.create_analyst({north}, {rolf})", "analyst_login", {"user_id": "rolf"}, None, "?",
    ),
    "an analyst's login is revoked": (
        "", "select access.revoke_analyst(l.login) from access.analyst_login l where l.user_id = {vera}",
        "analyst_login", {"user_id": "vera"}, "?", None,
    ),
    "a team is renamed": (
        SOLO, f"update access.team set name = 'dock' where id = {SOLO_ID}",
        "team", {"team_id": "?"}, {"name": "solo"}, {"name": "dock"},
    ),
    "a role is renamed": (
        SPARE, f"update access.role set name = 'other' where id = '{SPARE_ID}'",
        "role", {"role_id": "?"}, {"name": "spare"}, {"name": "other"},
    ),
    "a role is deleted": (
        SPARE, f"delete from access.role where id = '{SPARE_ID}'", "role", {"role_id": "?"}, {"name": "spare"}, None,
    ),
    "a fact is rewritten by hand": (
        "", "update access.membership set role_id = {role_viewer} where user_id = {rolf} and account_id = {north}",
        "membership", {"user_id": "rolf", "role_id": "role_viewer"}, REP, {**REP, "role_id": "role_viewer"},
    ),
    "a fact is deleted by hand": (
        "", "delete from access.team_member where user_id = {rolf}",
        "team_member", {"user_id": "rolf", "team_id": "team_west"}, {"is_main": True}, None,
    ),
    "a share is deleted by hand": (
        SHARED, "delete from access.share where row_id = {deal}", "share", OF_ELLA, VIEW, None,
    ),
    "a share that is over is made to last": (
        SHARED.replace("given_by)", "given_by, valid)").replace("{olga})", "{olga}, '[2020-01-01,2021-01-01)')"),
        "update access.share set valid = '[2020-01-01,)' where row_id = {deal}", "share", OF_ELLA, None, VIEW,
    ),
    "an open invitation is gone": (
        INVITED, "delete from access.invitation", "invitation", INVITATION, OPEN, None,
    ),
}  # fmt: skip


def resolved(value: Any, names: dict[str, str]) -> Any:
    """An expectation with ids in the place of names."""
    if isinstance(value, dict):
        return {key: resolved(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [resolved(each, names) for each in value]
    return names[value].strip("'") if isinstance(value, str) and value in names else value


def matches(found: Any, expected: Any) -> bool:
    """Whether something is as expected, where `?` stands for anything that is there."""
    if expected == "?":
        return found is not None
    if isinstance(expected, dict) and isinstance(found, dict):
        return found.keys() == expected.keys() and all(matches(found[key], expected[key]) for key in expected)
    return bool((str(found) if isinstance(expected, str) else found) == expected)


def assert_said(found: dict[str, Any], expected: tuple[str, dict[str, str], Any, Any], names: dict[str, str]) -> None:
    for part, wanted in zip(change(found), expected, strict=True):
        assert matches(part, resolved(wanted, names)), (change(found), resolved(list(expected), names))


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_is_one_row(trial: "asyncpg.Connection[asyncpg.Record]", world: World, what: str) -> None:
    before, statement, *expected = CHANGES[what]
    names = names_of(world)
    if before:
        await trial.execute(before.format(**names))
    async with entered(trial, world, "olga"):
        await trial.execute("select access.because('as agreed'), set_config('cloison.request', 'request-1', true)")
        (found,) = await written(trial, statement.format(**names))

    assert_said(found, (expected[0], expected[1], expected[2], expected[3]), names)
    assert (found["actor"], found["operator"]) == (world.users["olga"], None)
    assert (found["account_id"], found["reason"], found["request"]) == (world.north, "as agreed", "request-1")
    assert found["tx"] == await trial.fetchval("select pg_current_xact_id()::text")


@pytest.mark.parametrize("what", OPERATIONS)
async def test_a_change_by_an_operator_names_his_login(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, what: str
) -> None:
    before, statement, *expected = OPERATIONS[what]
    names = names_of(world)
    if before:
        await trial.execute(before.format(**names))
    await trial.execute("select access.because('a ticket')")
    (found,) = await written(trial, statement.format(**names))

    assert_said(found, (expected[0], expected[1], expected[2], expected[3]), names)
    login = await trial.fetchval("select session_user::text")
    assert (found["actor"], found["operator"], found["reason"], found["request"]) == (None, login, "a ticket", None)


def test_every_kind_is_shown() -> None:
    # The others are told of in tests/policies/test_trash.py.
    of_the_trash = {"restoration", "purge", "erasure"}
    assert {each[2] for each in (*CHANGES.values(), *OPERATIONS.values())} == set(KINDS) - of_the_trash


# Each part of what happens is said; nothing besides.
SEVERAL: dict[str, tuple[str, list[tuple[str, Any]]]] = {
    "a member is added": (
        "select access.add_member({north}, 'new@north.example', 'new', {role_rep}, {team_west})",
        [("team_member", None), ("membership", None)],
    ),
    "another team becomes the main one": (
        "select access.join_team({north}, {rolf}, {team_east}, true)",
        [("team_member", {"is_main": True}), ("team_member", None)],
    ),
    "a role is made with capabilities": (
        f"select access.create_role({{north}}, 'spare', {CELLS})", [("role", None), ("role_cell", None)],
    ),
    "a fact becomes one of somebody else": (
        "update access.team_member set user_id = {bo} where user_id = {rolf}",
        [("team_member", {"is_main": True}), ("team_member", None)],
    ),
    "a share becomes one with somebody else": (
        f"{SHARED}; update access.share set user_id = {{bo}} where row_id = {{deal}}",
        [("share", None), ("share", VIEW), ("share", None)],
    ),
    "an invitation is opened by who has its token": (
        f"{INVITED}; update access.invitation set acceptance = '1', reason = 'x'",
        [("invitation", None)],
    ),
    "there and back in one transaction": (
        f"{AWAY}; {BACK}; {AWAY}",
        [
            ("membership", REP), ("membership", {**REP, "status": "deactivated"}), ("membership", REP),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SEVERAL)
async def test_what_happens_together_is_said_one_by_one(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, what: str
) -> None:
    statement, expected = SEVERAL[what]
    names = names_of(world)
    found = await written(trial, *statement.format(**names).split("; "))
    assert [(each["kind"], each["before"]) for each in found] == resolved_pairs(expected, names)


def resolved_pairs(expected: list[tuple[str, Any]], names: dict[str, str]) -> list[tuple[str, Any]]:
    return [(kind, resolved(before, names)) for kind, before in expected]


@pytest.mark.parametrize("savepoints", [False, True])
async def test_changes_that_are_looked_at_at_once_are_all_said(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, savepoints: bool
) -> None:
    """Nothing is lost where constraints are immediate, or a part of the change is in a savepoint."""
    names = names_of(world)
    if not savepoints:
        await trial.execute("set constraints all immediate")
        await trial.execute("select access.set_status({north}, {rolf}, 'deactivated')".format(**names))
        kinds = await trial.fetch("select before, after from access.access_log where at >= now() order by at, id")
        assert [(each["before"] is None, each["after"] is None) for each in kinds] == [(False, True), (False, False)]
        return
    statement = "select access.change_role({north}, {rolf}, {role_viewer})".format(**names)
    (found,) = await written(trial, "savepoint one", statement, "release savepoint one")
    assert (found["kind"], found["user_id"]) == ("membership", world.users["rolf"])


# What changes nobody's access.
NOTHING = {
    "a role that he has": "select access.change_role({north}, {rolf}, {role_rep})",
    "a status that he has": BACK,
    "a team in which he is": "select access.join_team({north}, {rolf}, {team_west}, true)",
    "a place where the team is": "select access.move_team({north}, {team_east}, {team_region})",
    "a tier that the hub has": "select access.set_account_tier({north}, 'cms', 'enterprise')",
    "a kind that the account is": "select access.set_account_kind({north}, 'customer')",
    "an owner and a team that the row has": "select access.assign_deals({deal}, {rolf}, {team_west})",
    "teams that the row has": "select access.assign_landing_pages({page}, {rolf}, array[{team_west}::uuid])",
    "another name of a deal": "update crm.deals set name = 'x' where id = {deal}",
    "a new deal": "insert into crm.deals (account_id, name, created_by, owner_id)"
    " values ({north}, 'x', {olga}, {rolf})",
    "a deal that is gone": "delete from crm.deals where id = {deal}",
    "a row of a fact set to what it is": "update access.team_member set is_main = is_main",
    "a reason of a share that is erased": "update access.share set reason = null",
    "a person's name": "update access.member set name = 'x' where user_id = {rolf}",
}


@pytest.mark.parametrize("what", NOTHING)
async def test_what_changes_nobodys_access_is_not_said(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, what: str
) -> None:
    # As the engine, whom no wall asks.
    statement = NOTHING[what].format(**names_of(world))
    if " crm." in statement:
        statement = f"set local role cloison_engine; {statement}; reset role"
    if "assign_" in statement:
        async with entered(trial, world, "olga"):
            assert await written(trial, statement) == []
        return
    assert await written(trial, statement) == []


async def test_the_same_exception_twice_is_said_once(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    names = names_of(world)
    assert len(await written(trial, UNTIL.format(**names), UNTIL.format(**names))) == 1
    assert await written(trial, UNTIL.format(**names)) == []


async def test_what_is_undone_was_never_said(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    names = names_of(world)
    undone = [statement.format(**names) for before, statement, *_ in CHANGES.values() if not before]
    assert len(undone) > 10
    for statement in undone:
        async with entered(trial, world, "olga"):
            assert await written(trial, "savepoint one", statement, "rollback to savepoint one") == []


async def test_a_row_goes_with_what_belongs_to_it_and_is_said_once(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    contact = world.row("contacts", "rolf")
    follows = "select count(*) from crm.interactions where contact_id = $1 and owner_id = $2"
    assert await trial.fetchval(follows, contact, world.users["rolf"]) == 1
    async with entered(trial, world, "olga"):
        statement = f"select access.assign_contacts('{contact}', '{world.users['ella']}')"
        (found,) = await written(trial, statement)
        assert await trial.fetchval(follows, contact, world.users["ella"]) == 1
    assert (found["module"], found["row_id"]) == ("contacts", contact)


async def test_many_rows_are_many_changes(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    bo = world.users["bo"]
    await trial.execute("set local role cloison_engine")
    await trial.execute(
        "insert into crm.deals (account_id, name, created_by, owner_id)"
        f" select '{world.north}', 'x', '{bo}', '{bo}' from generate_series(1, 50)"
    )
    taken = f"update crm.deals set owner_id = null where owner_id = '{bo}'"
    found = await written(trial, "set local role cloison_engine", taken, "reset role")
    assert len(found) == 50
    assert len({each["row_id"] for each in found}) == 50
    assert {(each["kind"], each["after"]["owner_id"], each["before"]["owner_id"]) for each in found} == {
        ("assignment", None, str(bo))
    }


# Why, and who


async def test_a_reason_has_an_end(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with entered(trial, world, "olga"):
        await refused(trial, "U0400", "select access.because(repeat('x', 1001))")
        await trial.execute("select access.because(repeat('x', 1000))")
        statement = AWAY.format(**names_of(world))
        (found,) = await written(trial, statement)
    assert found["reason"] == "x" * 1000


@pytest.mark.parametrize("nothing", ["null", "''", "'   '"])
async def test_a_reason_can_be_taken_back(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, nothing: str
) -> None:
    async with entered(trial, world, "olga"):
        await trial.execute(f"select access.because('why'), access.because({nothing})")
        statement = AWAY.format(**names_of(world))
        (found,) = await written(trial, statement)
    assert found["reason"] is None


async def test_a_setting_lies_about_the_reason_alone(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with entered(trial, world, "olga"):
        await trial.execute(
            "select set_config('cloison.reason', repeat('x', 5000), true),"
            " set_config('cloison.request', repeat('y', 5000), true), set_config('cloison.actor', $1, true),"
            " set_config('application_name', 'bo', true)".replace("$1", f"'{world.users['bo']}'")
        )
        statement = AWAY.format(**names_of(world))
        (found,) = await written(trial, statement)
    assert (found["actor"], found["operator"], found["kind"]) == (world.users["olga"], None, "membership")
    assert (found["reason"], found["request"]) == ("x" * 1000, "y" * 100)


async def test_an_operator_is_not_taken_for_a_member(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await trial.execute("select set_config('cloison.user_id', $1, true)".replace("$1", f"'{world.users['olga']}'"))
    statement = AWAY.format(**names_of(world))
    (found,) = await written(trial, statement)
    assert (found["actor"], found["operator"]) == (None, await trial.fetchval("select session_user::text"))


# What it costs


async def test_a_change_of_other_columns_queues_nothing(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    deal = world.row("deals", "rolf")
    async with entered(trial, world, "olga"):
        fired = {
            text: await trial.fetchval(f"explain (analyze, format json) {text}")
            for text in (
                f"update crm.deals set name = 'x' where id = '{deal}'",
                f"update crm.deals set amount_cents = 1, stage = stage where id = '{deal}'",
            )
        }
        for text, plan in fired.items():
            assert "a_stamp_updated" in plan, text
            assert "log_assigned" not in plan, text
    await trial.execute("set local role cloison_engine")
    assert "log_assigned" in await trial.fetchval(
        f"explain (analyze, format json) update crm.deals set owner_id = null where id = '{deal}'"
    )
    await flushed(trial)

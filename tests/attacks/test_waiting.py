"""C6, G1: what waits for somebody who is deactivated, or has left, is bound as if he were active."""

import json
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest

from tests.attacks.conftest import Attacker, World

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

FORBIDDEN, NOT_FOUND = "U0403", "U0404"
DEALS = json.dumps([{"module": "deals", "action": "view", "scopes": ["team"]}])
REACHED = "select distinct t.team_id from access.team_member t where t.user_id = $1 and t.valid @> clock_timestamp()"


@pytest.fixture
async def finn(admin: Connection, world: World) -> UUID:
    """Somebody with a role of his own, who is in the helper's team and in one that the helper does not reach."""
    for role, cells in (("Seller", DEALS), ("Idle", "[]"), ("Quiet", "[]")):
        world.roles[role] = await admin.fetchval(
            "select access.create_role($1, $2, $3::jsonb)", world.account, role, cells
        )
    world.teams["East"] = await admin.fetchval("select access.create_team($1, 'East')", world.account)
    finn: UUID = await admin.fetchval(
        "select access.add_member($1, 'finn@acme.example', 'Finn', $2, $3)",
        world.account, world.roles["Seller"], world.teams["North"],
    )  # fmt: skip
    await admin.execute("select access.join_team($1, $2, $3)", world.account, finn, world.teams["South"])
    idle: UUID = await admin.fetchval(
        "select access.add_member($1, 'idle@acme.example', 'Ida', $2, $3)",
        world.account, world.roles["Idle"], world.teams["South"],
    )  # fmt: skip
    world.people |= {"finn": finn, "idle": idle}
    return finn


# What a helper in North may not do to who is in South, or bring him there; `idle` holds nothing yet.
BEYOND = {
    "join a team": "join_team($1, $finn, $East)",
    "join a team as the main one": "join_team($1, $finn, $East, true)",
    "leave a team": "leave_team($1, $finn, $South)",
    "a role": "change_role($1, $idle, $Seller)",
    "an exception": "set_exception($1, $idle, 'deals', 'view', 'team', 'grant')",
    "a role of the team": "attach_role_to_team($1, $South, $Seller)",
    "cells of the role": "set_role_cells($1, $Idle, '" + DEALS + "')",
    "a cell of the role": "set_role_cell($1, $Idle, 'deals', 'view', '{team}')",
    "cells that are switched": "switch_role_cells($1, $Idle, '" + DEALS + "')",
    "the successor of the role": "delete_role($1, $Idle, $Seller)",
}


def written(world: World, call: str) -> str:
    """The call with the ids of those whom it names."""
    for name, each in sorted((world.people | world.teams | world.roles).items(), key=lambda each: -len(each[0])):
        call = call.replace(f"${name}", f"'{each}'")
    return f"select access.{call}"


@pytest.mark.parametrize("what", BEYOND)
async def test_who_is_deactivated_is_bound_as_who_is_active(
    attacker: Attacker, admin: Connection, finn: UUID, what: str
) -> None:
    world = attacker.world
    call = written(world, BEYOND[what])
    assert await attacker.refused("helper", call, world.account) == FORBIDDEN, "active"
    for person in (finn, world.people["idle"]):
        await admin.execute("select access.set_status($1, $2, 'deactivated')", world.account, person)
    assert await attacker.refused("helper", call, world.account) == FORBIDDEN, "deactivated"
    assert await attacker.refused("owner", call, world.account) == "", "and it can be done"


WITHIN = {
    "join a team": "join_team($1, $rep, $North)",
    "leave a team": "leave_team($1, $finn, $North)",
    "a main team": "set_main_team($1, $finn, $South)",
    "a role": "change_role($1, $finn, $Quiet)",
    "an exception": "set_exception($1, $finn, 'deals', 'view', 'team', 'deny')",
    "cells of the role": "set_role_cells($1, $Seller, '[]')",
    "back again": "set_status($1, $finn, 'active')",
    "gone": "remove_member($1, $finn)",
}


@pytest.mark.parametrize("what", WITHIN)
async def test_what_one_holds_and_reaches_may_be_done_to_who_is_deactivated(
    attacker: Attacker, admin: Connection, finn: UUID, what: str
) -> None:
    world = attacker.world
    await admin.execute("select access.set_exception($1, $2, 'deals', 'view', 'owned', 'grant')",
                        world.account, world.people["helper"])  # fmt: skip
    for person in (finn, world.people["rep"]):
        await admin.execute("select access.set_status($1, $2, 'deactivated')", world.account, person)
    if what == "join a team":
        # The rep holds more than the helper, active or not: somebody who does not is taken.
        world.people["rep"] = world.people["idle"]
    state = await attacker.refused("helper", written(world, WITHIN[what]), world.account)
    assert state == (FORBIDDEN if what == "back again" else "")


async def test_what_was_planted_on_who_is_deactivated_is_not_there_when_he_is_back(
    attacker: Attacker, admin: Connection, finn: UUID
) -> None:
    world = attacker.world
    await admin.execute("select access.set_status($1, $2, 'deactivated')", world.account, finn)
    assert await attacker.refused("helper", written(world, BEYOND["join a team"]), world.account) == FORBIDDEN
    assert await attacker.refused("owner", "select access.set_status($1, $2, 'active')", world.account, finn) == ""
    assert {row[0] for row in await admin.fetch(REACHED, finn)} == {world.teams["North"], world.teams["South"]}


FORMER = (
    "join_team($1, $finn, $North)",
    "leave_team($1, $finn, $North)",
    "set_main_team($1, $finn, null)",
    "set_exception($1, $finn, 'deals', 'view', 'team', 'grant')",
    "set_exception($1, $finn, 'deals', 'view', 'team', 'none')",
    "change_role($1, $finn, $Quiet)",
    "set_status($1, $finn, 'active')",
    "set_super_admin($1, $finn, true)",
    "remove_member($1, $finn)",
)


@pytest.mark.parametrize("call", FORMER)
async def test_who_has_left_is_changed_by_nobody(attacker: Attacker, admin: Connection, finn: UUID, call: str) -> None:
    """The same answers as for somebody who never was there; operators too."""
    world = attacker.world
    await admin.execute("select access.remove_member($1, $2)", world.account, finn)
    for who in ("helper", "owner"):
        known = await attacker.refused(who, written(world, call), world.account)
        world.people["finn"] = UUID(int=7)
        assert await attacker.refused(who, written(world, call), world.account) == known
        world.people["finn"] = finn
        assert known == NOT_FOUND
    with pytest.raises(asyncpg.PostgresError) as refusal:
        await admin.execute(written(world, call).replace("$1", f"'{world.account}'"))
    assert refusal.value.sqlstate == NOT_FOUND


async def test_who_is_added_anew_has_nothing_that_was_there_before(
    attacker: Attacker, admin: Connection, finn: UUID
) -> None:
    """T10, also of facts that somebody put there past the functions, while nobody was a member."""
    world = attacker.world
    await admin.execute(
        "select access.set_exception($1, $2, 'deals', 'export', 'all', 'grant', now() + interval '1 day')",
        world.account, finn,
    )  # fmt: skip
    await admin.execute("select access.remove_member($1, $2)", world.account, finn)
    for period in ("clock_timestamp(), null", "clock_timestamp() + interval '1 hour', null"):
        await admin.execute(
            "insert into access.team_member (account_id, user_id, team_id, is_main, valid)"
            f" values ($1, $2, $3, false, tstzrange({period}))",
            world.account, finn, world.teams["South" if "hour" in period else "East"],
        )  # fmt: skip
    await admin.execute(
        "insert into access.exception (account_id, user_id, module, action, scope, effect)"
        " values ($1, $2, 'deals', 'delete', 'all', 'grant')",
        world.account, finn,
    )  # fmt: skip
    call = "select access.add_member($1, 'finn@acme.example', 'Finn', $2)"
    assert await attacker.call("helper", call, world.account, world.roles["Seller"]) == finn
    held = "select module, action, scope from access_private.effective_cells($1, $2, clock_timestamp() + $3)"
    for later in ("0 h", "2 h"):
        cells = await admin.fetch(held.replace("$3", f"interval '{later}'"), world.account, finn)
        assert [tuple(cell) for cell in cells] == [("deals", "view", "team")]
        keys = "select cardinality(access_private.team_keys_of($1, $2, clock_timestamp() + $3))"
        assert await admin.fetchval(keys.replace("$3", f"interval '{later}'"), world.account, finn) == 1

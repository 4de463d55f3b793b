"""C6, G1, T9: nobody lifts himself, gives what he lacks, or leaves an account without a super admin."""

import asyncio
from typing import TypeAlias

import asyncpg
import pytest

from tests.attacks.conftest import Attacker

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

FORBIDDEN = "U0403"


LIFTS = (
    "join_team($1, $2, $3)",
    "set_exception($1, $2, 'deals', 'view', 'all', 'grant')",
    "set_exception($1, $2, 'deals', 'view', 'team', 'grant')",
    "set_super_admin($1, $2, true)",
    "change_role($1, $2, access.role_id($1, 'Owner'))",
    "change_role($1, $2, access.role_id($1, 'Rep'))",
    "add_member($1, 'puppet@acme.example', 'P', access.role_id($1, 'Helper'), $3)",
    "attach_role_to_team($1, $4, access.role_id($1, 'Helper'))",
    "set_role_cells($1, access.role_id($1, 'Helper'), '[]')",
    "move_team($1, $3, $4)",
)


async def test_a_helper_does_not_lift_himself(attacker: Attacker) -> None:
    world = attacker.world
    values = (world.account, world.people["helper"], world.teams["South"], world.teams["North"])
    # Each call is given all four, so that one statement serves them all.
    statement = "select access.{} from (values ($1::uuid, $2::uuid, $3::uuid, $4::uuid)) as given (a, b, c, d)"
    states = {call: await attacker.refused("helper", statement.format(call), *values) for call in LIFTS}
    assert states == dict.fromkeys(LIFTS, FORBIDDEN)


async def test_a_puppet_with_every_role_holds_no_more_than_who_made_it(attacker: Attacker, admin: Connection) -> None:
    """G1: a role is given as far as one holds it, whichever way the puppet came to it."""
    world = attacker.world
    puppet = await attacker.call(
        "helper",
        "select access.add_member($1, 'puppet@acme.example', 'P', access.role_id($1, 'Administrator'))",
        world.account,
    )
    held = (
        "select distinct c.module || '.' || c.action || '.' || c.scope"
        " from access_private.effective_cells($1, $2, clock_timestamp()) c"
    )
    mine = {row[0] for row in await admin.fetch(held, world.account, world.people["helper"])}
    for role in ("Administrator", "Marketing manager", "Partner admin", "Rep", "Administrator"):
        call = "select access.change_role($1, $2, access.role_id($1, $3))"
        assert await attacker.refused("helper", call, world.account, puppet, role) in {"", "U0400"}
        for again in ("deactivated", "active"):
            status = "select access.set_status($1, $2, $3)"
            assert await attacker.refused("helper", status, world.account, puppet, again) == ""
        assert {row[0] for row in await admin.fetch(held, world.account, puppet)} <= mine


async def test_a_right_for_an_hour_is_not_handed_on_for_good(attacker: Attacker, admin: Connection) -> None:
    world = attacker.world
    grant = "select access.set_exception($1, $2, 'deals', 'delete', 'team', 'grant', {})"
    await admin.execute(grant.format("now() + interval '1 hour'"), world.account, world.people["helper"])
    mate = (world.account, world.people["mate"])
    assert await attacker.refused("helper", grant.format("null"), *mate) == FORBIDDEN
    assert await attacker.refused("helper", grant.format("now() + interval '2 hours'"), *mate) == FORBIDDEN


async def test_an_exception_takes_no_more_than_one_holds(attacker: Attacker, admin: Connection) -> None:
    world = attacker.world
    victim = await admin.fetchval(
        "select access.add_member($1, 'adam@acme.example', 'Adam', access.role_id($1, 'Administrator'))", world.account
    )
    for module, scope in (("companies", "owned"), ("deals", "team")):
        deny = f"select access.set_exception($1, $2, '{module}', 'view', '{scope}', 'deny')"
        assert await attacker.refused("helper", deny, world.account, victim) == FORBIDDEN


async def test_adding_an_email_tells_nothing_of_other_accounts(attacker: Attacker) -> None:
    world = attacker.world
    for email in ("carla@bolt.example", "nobody@bolt.example"):
        member = await attacker.call(
            "owner", "select access.add_member($1, $2, 'given', access.role_id($1, 'Rep'))", world.account, email
        )
        assert await attacker.call("owner", "select name from crm.people where id = $1", member) == "given"
        assert member.version == 4  # one of version 7 would tell when the person was first known to anybody


async def test_demotions_in_a_ring_leave_a_super_admin(attacker: Attacker, admin: Connection) -> None:
    """T9: each of four takes the flag from the next, all at once, and then from himself."""
    world = attacker.world
    ring = ["owner", "mate", "rep", "helper"]
    flag = "select access.set_super_admin($1, $2, $3)"
    for name in ring[1:]:
        await admin.execute(flag, world.account, world.people[name], True)
    for step in (1, 0):
        victims = [world.people[ring[(place + step) % len(ring)]] for place in range(len(ring))]
        answers = await asyncio.gather(
            *(
                attacker.refused(name, flag, world.account, victim, False)
                for name, victim in zip(ring, victims, strict=True)
            )
        )
        assert set(answers) <= {"", FORBIDDEN, "U0409"}
    left = "select count(*) from access.membership where account_id = $1 and super_admin and upper_inf(valid)"
    assert await admin.fetchval(left, world.account) == 1


ODD_CELLS = (
    "null",
    '"x"',
    "{}",
    "[null]",
    "[1]",
    '[{"module": null, "action": "view"}]',
    '[{"module": "deals:view", "action": "all"}]',
    '[{"module": "deals", "action": "view", "scopes": "all"}]',
    '[{"module": "deals", "action": "view", "scopes": {"all": 1}}]',
    '[{"module": "deals", "action": "view", "scopes": [null]}]',
    '[{"module": "deals", "action": "view", "scopes": ["everything"]}]',
    '[{"module": "deals", "action": "create", "scopes": ["all"]}]',
)


async def test_odd_cells_grant_nothing(attacker: Attacker, admin: Connection) -> None:
    count = "select count(*) from access.role_cell"
    before = await admin.fetchval(count)
    for number, cells in enumerate(ODD_CELLS):
        create = f"select access.create_role($1, 'odd {number}', $2::jsonb)"
        await attacker.refused("helper", create, attacker.world.account, cells)
        assert await admin.fetchval(count) == before, cells


async def test_nothing_of_administration_reaches_another_account(attacker: Attacker, admin: Connection) -> None:
    bolt = await admin.fetchval("select id from access.account where slug = 'bolt'")
    carla = attacker.world.people["carla"]
    for call in (
        "create_team($1, 'x')",
        "role_id($1, 'Owner')",
        "create_role($1, 'x', '[]')",
        "set_status($1, $2, 'deactivated')",
        "set_exception($1, $2, 'deals', 'view', 'all', 'deny')",
        "set_super_admin($1, $2, false)",
    ):
        statement = f"select access.{call} from (values ($1::uuid, $2::uuid)) as given (a, b)"
        assert await attacker.refused("owner", statement, bolt, carla) == "U0404", call


async def test_an_invitation_that_is_over_gets_no_greater_role(attacker: Attacker, admin: Connection) -> None:
    """C6, G1: whoever sends it again may not look what it has come to say."""
    account = attacker.world.account
    intern = await admin.fetchval("select access.create_role($1, 'Intern', '[]')", account)
    cells = '[{"module": "deals", "action": "delete", "scopes": ["all"]}]'
    boss = await admin.fetchval("select access.create_role($1, 'Boss', $2::jsonb)", account, cells)
    invite = "select access.invite_member($1, 'x@acme.example', 'X', $2)"
    invitation = await attacker.call("owner", invite, account, intern)
    await admin.execute("update access.invitation set expires_at = clock_timestamp() where id = $1", invitation)
    delete = "select access.delete_role($1, $2, $3)"

    assert await attacker.refused("helper", delete, account, intern, boss) == FORBIDDEN
    # Who holds all of it may, and so may he who names what he holds.
    helper = attacker.world.roles["Helper"]
    assert await attacker.refused("helper", delete, account, intern, helper) == ""
    said = "select role_id from access.invitation where id = $1"
    assert await admin.fetchval(said, invitation) == helper
    assert await attacker.refused("owner", delete, account, helper, boss) == ""
    assert await admin.fetchval(said, invitation) == boss

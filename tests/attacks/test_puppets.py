"""C6, G1, T4: reach that one does not have is not given to somebody else either, in however many steps."""

import json
from typing import TypeAlias
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.attacks.conftest import Attacker

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

FORBIDDEN = "U0403"
VIEW_TEAM = '[{"module": "deals", "action": "view", "scopes": ["team"]}]'


@pytest.fixture
async def puppet(attacker: Attacker, admin: Connection) -> UUID:
    """A member of a team that the helper does not reach, with a role that holds nothing by team."""
    world = attacker.world
    plain = await admin.fetchval("select access.create_role($1, 'Plain', '[]')", world.account)
    found: UUID = await attacker.call(
        "helper",
        "select access.add_member($1, 'puppet@acme.example', 'P', $2, $3)",
        world.account,
        plain,
        world.teams["South"],
    )
    return found


async def test_a_role_that_reaches_a_far_team_is_not_given(attacker: Attacker, puppet: UUID) -> None:
    world = attacker.world
    role = await attacker.call("helper", "select access.create_role($1, 'Viewer', $2)", world.account, VIEW_TEAM)
    change = "select access.change_role($1, $2, $3)"

    assert await attacker.refused("helper", change, world.account, puppet, role) == FORBIDDEN
    # In a team that he does reach, the same is his to give.
    add = "select access.add_member($1, 'near@acme.example', 'N', $2, $3)"
    assert await attacker.refused("helper", add, world.account, role, world.teams["North"]) == ""
    assert await attacker.refused("owner", change, world.account, puppet, role) == ""


async def test_an_exception_that_reaches_a_far_team_is_not_given(attacker: Attacker, puppet: UUID) -> None:
    world = attacker.world
    grant = "select access.set_exception($1, $2, 'deals', 'view', 'team', 'grant')"

    assert await attacker.refused("helper", grant, world.account, puppet) == FORBIDDEN
    assert await attacker.refused("helper", grant, world.account, world.people["mate"]) == ""


async def test_a_role_is_not_attached_to_a_far_team(attacker: Attacker, puppet: UUID) -> None:
    world = attacker.world
    role = await attacker.call("helper", "select access.create_role($1, 'Viewer', $2)", world.account, VIEW_TEAM)
    attach = "select access.attach_role_to_team($1, $2, $3)"

    assert await attacker.refused("helper", attach, world.account, world.teams["South"], role) == FORBIDDEN
    assert puppet is not None


async def test_cells_are_not_added_to_a_role_that_a_far_member_has(
    attacker: Attacker, admin: Connection, puppet: UUID
) -> None:
    world = attacker.world
    role = await admin.fetchval("select access.role_id($1, 'Plain')", world.account)
    cells = "select access.set_role_cells($1, $2, $3)"

    assert await attacker.refused("helper", cells, world.account, role, VIEW_TEAM) == FORBIDDEN
    assert puppet is not None


async def test_a_grant_for_a_while_does_not_end_a_denial_for_good(attacker: Attacker, admin: Connection) -> None:
    world = attacker.world
    mate, helper = world.people["mate"], world.people["helper"]
    exception = "select access.set_exception($1, $2, 'deals', 'delete', 'owned', {})"
    await admin.execute(exception.format("'deny'"), world.account, mate)
    await admin.execute(exception.format("'grant', now() + interval '1 hour'"), world.account, helper)

    shortly = exception.format("'grant', now() + interval '10 minutes'")
    assert await attacker.refused("helper", shortly, world.account, mate) == FORBIDDEN
    assert await attacker.refused("owner", shortly, world.account, mate) == ""


async def test_a_member_has_ten_different_ends_at_most(attacker: Attacker) -> None:
    """Every end is a profile more, and profiles belong to the whole server."""
    world = attacker.world
    grant = "select access.set_exception($1, $2, 'deals', $3, $4, 'grant', now() + $5::integer * interval '1 hour')"
    actions = ("view", "update", "delete", "assign", "clone", "export")
    cells = [(action, scope) for action in actions for scope in ("owned", "created")]
    states = [
        await attacker.refused("owner", grant, world.account, world.people["mate"], *cell, hours)
        for hours, cell in enumerate(cells, start=1)
    ]
    assert states == [""] * 10 + ["U0400"] * 2


async def test_a_token_without_an_account_leads_nowhere_once_there_are_two(
    attacker: Attacker, admin: Connection
) -> None:
    """Anybody may have added the user to the second one; it must not be chosen for them."""
    world = attacker.world
    assert await enters(admin, world.people["carla"])
    await attacker.call(
        "owner",
        "select access.add_member($1, 'carla@bolt.example', 'C', access.role_id($1, 'Rep'))",
        world.account,
    )
    assert not await enters(admin, world.people["carla"])


async def enters(admin: Connection, user: UUID) -> bool:
    """Whether a token of the user that names no account leads anywhere."""
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute("set local session authorization cloison_gateway")
        await admin.fetchval("select access.enter(null, $1)", user)
    except asyncpg.InvalidAuthorizationSpecificationError:
        return False
    finally:
        await transaction.rollback()
    return True


async def test_the_last_team_is_not_deleted_by_who_does_not_reach_it(attacker: Attacker) -> None:
    world = attacker.world
    delete = "select access.delete_team($1, $2)"

    assert await attacker.refused("helper", delete, world.account, world.teams["South"]) == FORBIDDEN
    assert await attacker.refused("owner", delete, world.account, world.teams["South"]) == ""


async def test_a_restricted_page_without_owner_is_not_for_who_sees_the_unassigned(
    attacker: Attacker, admin: Connection
) -> None:
    """O3 over O7: a restricted asset is reached by its teams, owner, creator, and scope all."""
    world = attacker.world
    await admin.execute("select access.set_account_tier($1, 'marketing', 'professional')", world.account)
    cells = '[{"module": "landing_pages", "action": "view", "scopes": ["unassigned"]}]'
    role = await admin.fetchval("select access.create_role($1, 'Sorter', $2)", world.account, cells)
    world.people["sorter"] = await admin.fetchval(
        "select access.add_member($1, 'sorter@acme.example', 'S', $2)", world.account, role
    )
    for title, restricted in (("open", False), ("restricted", True)):
        await attacker.call(
            "owner",
            "insert into crm.landing_pages (title, owner_id, restricted, team_ids) values ($1, null, $2, $3)",
            title,
            restricted,
            [world.teams["South"]] if restricted else [],
        )
    titles = "select string_agg(title, ',' order by title) from crm.landing_pages"
    assert await attacker.call("owner", titles) == "open,restricted"
    assert await attacker.call("sorter", titles) == "open"


async def test_keys_of_imports_are_as_hidden_as_their_rows(attacker: Attacker, admin: Connection) -> None:
    world = attacker.world
    cells = '[{"module": "deals", "action": "view", "scopes": ["owned"]}, {"module": "deals", "action": "import"}]'
    role = await admin.fetchval("select access.create_role($1, 'Importer', $2)", world.account, cells)
    world.people["importer"] = await admin.fetchval(
        "select access.add_member($1, 'importer@acme.example', 'I', $2)", world.account, role
    )
    insert = "insert into access.import_key (source, module, key, row_id) values ('s', 'deals', $1, $2)"
    assert await attacker.refused("owner", insert, "K1", world.deals["hidden"]) == ""
    keys = "select count(*) from access.import_key"

    assert await attacker.call("owner", keys) == 1
    assert await attacker.call("importer", keys) == 0
    assert await attacker.refused("importer", insert, "K2", world.deals["hidden"]) == "U0404"
    assert await attacker.refused("importer", insert, "K3", uuid4()) == "U0404"


async def test_keys_are_read_and_made_for_modules_into_which_one_may_import(
    attacker: Attacker, admin: Connection
) -> None:
    """Two who see every deal and make them; one may import contacts alone."""
    world = attacker.world
    for name, module in (("of deals", "deals"), ("of contacts", "contacts")):
        cells = [
            {"module": "deals", "action": "view", "scopes": ["all"]},
            {"module": "deals", "action": "create"},
            {"module": module, "action": "import"},
        ]
        role = await admin.fetchval("select access.create_role($1, $2, $3)", world.account, name, json.dumps(cells))
        world.people[name] = await admin.fetchval(
            "select access.add_member($1, $2, $2, $3)", world.account, f"{module}@acme.example", role
        )
    made = "with made as (insert into crm.deals (name) values ('m') returning id)"
    insert = f"{made} insert into access.import_key (source, module, key, row_id) select 's', 'deals', $1, id from made"
    keys = "select count(*) from access.import_key"

    assert await attacker.refused("of deals", insert, "K1") == ""
    assert await attacker.call("of deals", keys) == 1
    assert await attacker.call("of contacts", "select count(*) from crm.deals where name = 'm'") == 1
    assert await attacker.call("of contacts", keys) == 0
    assert await attacker.refused("of contacts", insert, "K2") == "42501"

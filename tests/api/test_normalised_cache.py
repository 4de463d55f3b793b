"""A normalised cache of a front end (urql's) learns from payloads alone what a mutation has changed."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from tests.api.conftest import World, listening, settings_for, token
from tests.api.test_graphql_http import OLDEST_NODE, node_major, run

PACKAGE = Path(__file__).parents[1] / "graphql-cache"
CONTRACT = Path(__file__).parents[2] / "schema.graphql"

pytestmark = pytest.mark.skipif(node_major() < OLDEST_NODE, reason=f"needs Node {OLDEST_NODE} or later, and npm")

TREE = "{ teams { id name parent { id name } children { id name } } }"
DEALS = "{ deals(first: 100, orderBy: [NAME_ASC]) { totalCount nodes { id name owner { id name } } } }"
ROLES = "{ roles { id name builtIn cells { module action scopes } } }"
MEMBERS = "{ members(first: 100) { nodes { id status role { id name } teams { isMain team { id name } } } } }"
OWNED = "{ members(first: 100) { nodes { id owns { module count } } } }"
INVITED = "{ invitations(first: 100) { nodes { id role { id name } mainTeam { id name } } } }"
SHARES = "{ deals(first: 100, orderBy: [NAME_ASC]) { nodes { id shares { id actions user { id name } } } } }"


async def office(world: World, admin: "asyncpg.Connection[asyncpg.Record]") -> dict[str, str]:
    """Ids by words: teams REGION > NORTH > OSLO, REGION > SOUTH; a ROLE; a MEMBER in north; a DEAL of the owner."""
    acme = await admin.fetchval("select id from access.account where slug = 'acme'")
    named = {}
    made: dict[str | None, UUID] = {}
    for name, parent in (("region", None), ("north", "region"), ("south", "region"), ("oslo", "north")):
        made[name] = await admin.fetchval("select access.create_team($1, $2, $3)", acme, name, made.get(parent))
        named[name.upper()] = f"Team:{made[name]}"
    some = uuid4().hex
    role, spare = [
        await admin.fetchval("select access.create_role($1, $2, '[]')", acme, name) for name in (some, f"Spare {some}")
    ]
    member = await admin.fetchval(
        "select access.add_member($1, $2, 'Mia', $3, $4)", acme, f"{some}@acme.example", role, made["north"]
    )
    gateway = await asyncpg.connect(world.database.gateway_dsn)
    try:
        async with gateway.transaction():
            await gateway.execute("select access.enter('acme', $1)", world.owner.user)
            deal = await gateway.fetchval("insert into crm.deals (name) values ('Anchors') returning id")
            await gateway.execute("insert into crm.deals (name, owner_id) values ('Ropes', $1)", member)
    finally:
        await gateway.close()
    ranked, awaited = [
        await admin.fetchval("select access.create_team($1, $2)", acme, name) for name in ("ranked", "awaited")
    ]
    waiting = await admin.fetchval("select access.create_role($1, $2, '[]')", acme, f"Waiting {some}")
    await admin.execute("select access.attach_role_to_team($1, $2, $3)", acme, ranked, role)
    await admin.execute(
        "select access.invite_member($1, $2, 'Ida', $3, $4, inviter => $5)",
        acme, f"{some}@people.example", waiting, awaited, world.owner.user,
    )  # fmt: skip
    heir = await admin.fetchval(
        "select access.add_member($1, $2, 'Hal', $3, $4)", acme, f"heir-{some}@acme.example", role, made["north"]
    )
    named |= {"RANKED": f"Team:{ranked}", "AWAITED": f"Team:{awaited}", "WAITING": f"Role:{waiting}"}
    named |= {"HEIR": f"Person:{heir}"}
    return {**named, "ROLE": f"Role:{spare}", "MEMBER": f"Person:{member}", "DEAL": f"Deal:{deal}"}


def test_the_lock_file_names_no_address() -> None:
    lock = (PACKAGE / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert "resolved" not in lock
    assert "://" not in lock


# A mutation, whose ids are words in capitals, and the list that has to show what it did.
CASES = (
    (
        "moveTeam(input: {teamId: OSLO, parentId: SOUTH})",
        "team { id parent { id name children { id name } } } formerParent { id children { id } }",
        TREE,
    ),
    (
        "moveTeams(input: {moves: [{teamId: OSLO, parentId: REGION}, {teamId: NORTH, parentId: OSLO}]})",
        "teams { id parent { id name } } parents { id children { id name } }",
        TREE,
    ),
    ('renameTeam(input: {teamId: OSLO, name: "Oslo"})', "team { id name } query { teams { id } }", TREE),
    (
        'createTeam(input: {name: "New", parentId: NORTH})',
        f"team {{ id parent {{ id children {{ id name }} }} }} query {TREE}",
        TREE,
    ),
    (
        "deleteTeam(input: {teamId: NORTH, moveToId: SOUTH})",
        "movedTo { id children { id parent { id name } } } formerParent { id children { id } } query { teams { id } }",
        TREE,
    ),
    (
        "deleteTeam(input: {teamId: NORTH, moveToId: SOUTH})",
        "members { id teams { isMain team { id name } } }",
        MEMBERS,
    ),
    (
        "mergeTeams(input: {teamIds: [NORTH], intoId: SOUTH})",
        "team { id children { id parent { id name } } } parents { id children { id } } query { teams { id } }",
        TREE,
    ),
    (
        "mergeTeams(input: {teamIds: [NORTH], intoId: SOUTH})",
        "members { id teams { isMain team { id name } } }",
        MEMBERS,
    ),
    (
        'setRoleCells(input: {roleId: ROLE, cells: [{module: "deals", action: "create"}]})',
        "role { id cells { module action scopes } }",
        ROLES,
    ),
    ('renameRole(input: {roleId: ROLE, name: "A clerk"})', "role { id name } query { roles { id } }", ROLES),
    ("deleteRole(input: {roleId: ROLE})", "deletedId query { roles { id } }", ROLES),
    ("changeRole(input: {memberId: MEMBER, roleId: ROLE})", "member { id role { id name } }", MEMBERS),
    (
        "leaveTeam(input: {memberId: MEMBER, teamId: NORTH})",
        "member { id teams { isMain team { id name } } }",
        MEMBERS,
    ),
    ("deactivateMember(input: {memberId: MEMBER})", "member { id status }", MEMBERS),
    ("removeMember(input: {memberId: MEMBER})", "removedId query { members(first: 100) { nodes { id } } }", MEMBERS),
    (
        "removeMember(input: {memberId: MEMBER, newOwnerId: HEIR})",
        "removedId newOwner { id owns { module count } } query { members(first: 100) { nodes { id } } }",
        OWNED,
    ),
    (
        "deleteTeam(input: {teamId: RANKED, moveToId: SOUTH})",
        "movedTo { id roles { id } } query { teams { id } }",
        "{ teams { id roles { id } } }",
    ),
    (
        "deleteTeam(input: {teamId: AWAITED, moveToId: SOUTH})",
        "invitations { id role { id name } mainTeam { id name } }",
        INVITED,
    ),
    (
        "mergeTeams(input: {teamIds: [AWAITED], intoId: SOUTH})",
        "invitations { id role { id name } mainTeam { id name } }",
        INVITED,
    ),
    (
        "deleteRole(input: {roleId: WAITING, successorId: ROLE})",
        "invitations { id role { id name } mainTeam { id name } }",
        INVITED,
    ),
    ('createDeal(input: {name: "Wings"})', f"deal {{ id }} query {DEALS}", DEALS),
    ('updateDeal(input: {id: DEAL, name: "Wheels"})', f"deal {{ id name }} query {DEALS}", DEALS),
    ("assignDeal(input: {id: DEAL, ownerId: MEMBER})", "deal { id owner { id name } }", DEALS),
    (
        "assignDeals(input: {ids: [DEAL], ownerId: MEMBER})",
        "changed changedIds deals { id owner { id name } }",
        DEALS,
    ),
    ("assignDeals(input: {where: {}, ownerId: MEMBER})", "deals { id owner { id name } }", DEALS),
    ("deleteDeal(input: {id: DEAL})", f"deletedId query {DEALS}", DEALS),
    (
        'shareDeal(input: {id: DEAL, userId: MEMBER, actions: ["view"]})',
        "deal { id shares { id actions user { id name } } }",
        SHARES,
    ),
)


# What is not asked for is not known: the harness sees what is stale.
FORGETFUL = ("moveTeam(input: {teamId: OSLO, parentId: SOUTH})", "formerParent { id }", TREE)


def steps(case: tuple[str, str, str], named: dict[str, str]) -> list[dict[str, str]]:
    """What a front end shows, what it does, what its cache alone says then, and what the server says."""
    mutation, answered, shown = case
    for word, each in named.items():
        mutation = mutation.replace(word, f'"{each}"')
    return [
        {"kind": "query", "text": shown, "policy": "cache-first"},
        {"kind": "mutation", "text": f"mutation {{ {mutation} {{ {answered} }} }}", "policy": "network-only"},
        {"kind": "query", "text": shown, "policy": "cache-only"},
        {"kind": "query", "text": shown, "policy": "network-only"},
    ]


async def answers(world: World, directory: Path) -> list[list[dict[str, Any]]]:
    """What came of each case, one after the other, each with ids of its own and an empty cache."""
    admin = await world.database.connect()
    try:
        asked = [steps(case, await office(world, admin)) for case in (*CASES, FORGETFUL)]
    finally:
        await admin.close()
    async with listening(settings_for(world.database)) as (_, url):
        process = await asyncio.create_subprocess_exec(
            "node",
            "cache.mjs",
            f"{url}/graphql",
            str(CONTRACT),
            cwd=directory,
            env=os.environ | {"TOKEN": token(world.owner)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(orjson.dumps(asked))
    assert process.returncode == 0, err.decode()
    found: list[list[dict[str, Any]]] = orjson.loads(out)
    return found


@pytest.fixture(scope="module")
async def found(world: World, tmp_path_factory: pytest.TempPathFactory) -> list[list[dict[str, Any]]]:
    directory = shutil.copytree(PACKAGE, tmp_path_factory.mktemp("cache") / "graphql-cache")
    await run("npm", "ci", "--ignore-scripts", cwd=directory)
    return await answers(world, directory)


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{text.partition('(')[0]}-{n}" for n, (text, *_) in enumerate(CASES)]
)
async def test_what_a_payload_answers_is_what_lists_show(found: list[list[dict[str, Any]]], number: int) -> None:
    """The list from the cache after the mutation is what the server would answer now, and not what it was before."""
    before, done, after, truth = found[number]
    assert [step["error"] for step in found[number]] == [None] * 4
    assert [step["requests"] for step in found[number]] == [1, 1, 0, 1]
    assert done["data"] is not None
    assert after["data"] == truth["data"]
    assert after["data"] != before["data"]


async def test_sabotage_what_was_not_asked_for_is_stale_in_the_cache(found: list[list[dict[str, Any]]]) -> None:
    before, _, after, truth = found[-1]
    assert after["data"] == before["data"] != truth["data"]

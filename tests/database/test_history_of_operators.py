"""X5, T8: who is an operator, and whether people make accounts, is said where members of no account look."""

import json
from typing import Any

import asyncpg
import pytest

from tests.database.live import violations
from tests.database.world import World, entered, refused, rolled_back

pytestmark = pytest.mark.any_server

LOG = "select * from access_private.operator_log order by at, id"
ROLF = "rolf@north.example"
ADD, REMOVE = f"select access.add_operator('{ROLF}')", f"select access.remove_operator('{ROLF}')"
WRITES = {
    "insert": "insert into access_private.operator_log (kind, after, operator) values ('operator', '{}', 'x')",
    "update": "update access_private.operator_log set reason = 'x'",
    "delete": "delete from access_private.operator_log",
    "truncate": "truncate access_private.operator_log",
    "select": "select from access_private.operator_log",
}


async def said(trial: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[Any, ...]]:
    """Kind, user, before, after and why."""
    return [
        (
            each["kind"],
            each["user_id"],
            json.loads(each["before"] or "null"),
            json.loads(each["after"] or "null"),
            each["reason"],
        )
        for each in await trial.fetch(LOG)
    ]


async def test_each_change_is_one_row(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    rolf = world.users["rolf"]
    await trial.execute("select access.because('ticket 1')")
    for statement in (ADD, ADD, REMOVE):
        await trial.execute(statement)
    await trial.execute("select access.because(null)")
    for allowed in ("true", "true", "false"):
        await trial.execute(f"select access.allow_subscribing({allowed})")
    await trial.execute("update access_private.installation set registry_version = registry_version")
    assert await said(trial) == [
        ("operator", rolf, None, {"operator": True}, "ticket 1"),
        ("operator", rolf, {"operator": True}, None, "ticket 1"),
        ("subscribing", None, {"subscribing": False}, {"subscribing": True}, None),
        ("subscribing", None, {"subscribing": True}, {"subscribing": False}, None),
    ]
    (who,) = {each["operator"] for each in await trial.fetch(LOG)}
    assert who == await trial.fetchval("select session_user::text")
    assert await trial.fetchval(f"select bool_and(transaction_id = pg_current_xact_id()) from ({LOG}) l")


async def test_by_hand_too(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    rolf, ella = world.users["rolf"], world.users["ella"]
    await trial.execute("insert into access_private.operator (user_id) values ($1)", rolf)
    await trial.execute("update access_private.operator set user_id = $1", ella)
    await trial.execute("update access_private.operator set since = now()")
    await trial.execute("delete from access_private.operator")
    assert [(user, before is None) for _, user, before, _, _ in await said(trial)] == [
        (rolf, True), (rolf, False), (ella, True), (ella, False),
    ]  # fmt: skip


@pytest.mark.parametrize("verb", list(WRITES))
async def test_no_member_analyst_or_gateway_reads_or_writes_it(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, verb: str
) -> None:
    """Not even who holds everything in an account, nor an operator."""
    await trial.execute("select access.add_operator('olga@north.example')")
    assert len(await trial.fetch(LOG)) == 1
    async with entered(trial, world, "olga"):
        await refused(trial, "42501", WRITES[verb])
    for role in (world.analysts["vera"][0], "cloison_gateway"):
        async with rolled_back(trial):
            await trial.execute(f'set local session authorization "{role}"')
            await refused(trial, "42501", WRITES[verb])


@pytest.mark.parametrize("verb", ["insert", "update", "delete", "truncate"])
@pytest.mark.parametrize("role", ["cloison_owner", "cloison_engine", "postgres"])
async def test_not_even_who_owns_it_rewrites_it(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, role: str, verb: str
) -> None:
    assert world.users
    await trial.execute(ADD)
    if role == "postgres":
        role = await trial.fetchval("select current_user::text")
    for replicating in (False, True):
        if verb == "insert" and (replicating or role == "cloison_engine"):
            continue  # What replicates brings rows, and the engine's are signed.
        async with rolled_back(trial):
            if replicating:
                await trial.execute("set local session_replication_role = replica")
            await trial.execute(f'set local role "{role}"')
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
                await trial.execute(WRITES[verb])


async def test_an_accounts_history_has_nothing_of_it(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    count = "select count(*) from access.access_log"
    before = await trial.fetchval(count)
    assert world.users
    await trial.execute(f"{ADD}; select access.allow_subscribing(true)")
    assert await trial.fetchval(count) == before


@pytest.mark.parametrize("why", ["a ticket", "rolf@north.example is new"])
async def test_who_is_erased_everywhere_is_in_no_reason(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, why: str
) -> None:
    """Of his own rows none is left, and of others' all but his address. While another account knows him, all stay."""
    await trial.execute("select access.because($1)", why)
    await trial.execute(ADD)
    await trial.execute("select access.add_operator('ella@north.example'), access.because('request 1')")
    await trial.execute("select access.add_operator('bo@north.example'), access.because(null)")
    kept = why.replace(ROLF, "[erased]")
    for everywhere in (True, False):
        async with rolled_back(trial):
            if everywhere:
                await trial.execute("select access.erase_person_everywhere($1)", ROLF)
            else:
                await trial.execute(
                    "select access.add_member($1, $2, 'Rolf', access.role_id($1, 'Member'))", world.south, ROLF
                )
                await trial.execute("select access.erase_member($1, $2)", world.north, world.users["rolf"])
                assert [reason for *_, reason in await said(trial)] == [why, why, "request 1"]
                await trial.execute("select access.erase_member($1, $2)", world.south, world.users["rolf"])
            assert [reason for *_, reason in await said(trial)] == [None, kept, "request 1"]


async def test_a_grant_is_a_violation(trial: "asyncpg.Connection[asyncpg.Record]") -> None:
    assert await violations(trial, "private_grants") == []
    for grant in ("delete", "update", "update (before)"):
        async with rolled_back(trial):
            await trial.execute(f"grant {grant} on access_private.operator_log to cloison_engine")
            assert "operator_log" in str(await violations(trial, "private_grants"))

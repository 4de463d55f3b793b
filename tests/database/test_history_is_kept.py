"""X5: the history of access is append-only. Nobody writes, changes or empties it by any door."""

from pathlib import Path

import asyncpg
import pytest

from tests.database.history import names_of, written
from tests.database.live import violations
from tests.database.world import World, entered, refused, rolled_back

pytestmark = pytest.mark.any_server

PAGE = Path(__file__).parents[2] / "docs" / "history.md"

WRITES = {
    "insert": "insert into access.access_log (account_id, kind, after, operator) values ({north}, 'tier', '{{}}', 'x')",
    "update": "update access.access_log set reason = 'x'",
    "update of nothing": "update access.access_log set reason = 'x' where false",
    "delete": "delete from access.access_log",
    "truncate": "truncate access.access_log",
    "merge": "merge into access.access_log l using (values (1)) v on true when matched then delete",
    "upsert": "insert into access.access_log (account_id, id, kind, after, operator)"
    " select account_id, id, 'tier', '{{}}', 'x' from access.access_log limit 1"
    " on conflict (account_id, id) do update set reason = 'x'",
    "lock": "select from access.access_log for update",
}


@pytest.mark.parametrize("verb", list(WRITES))
async def test_no_member_analyst_or_gateway_writes_it(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, verb: str
) -> None:
    statement = WRITES[verb].format(**names_of(world))
    assert await trial.fetchval("select count(*) from access.access_log where account_id = $1", world.north) > 0
    async with entered(trial, world, "olga"):
        assert await trial.fetchval("select count(*) from access.access_log") > 0, "she sees it"
        await refused(trial, "42501", statement)
    for role in (world.analysts["vera"][0], "cloison_gateway"):
        async with rolled_back(trial):
            await trial.execute(f'set local session authorization "{role}"')
            await refused(trial, "42501", statement)


@pytest.mark.parametrize("verb", [verb for verb in WRITES if verb != "lock"])
@pytest.mark.parametrize("role", ["cloison_owner", "cloison_engine", "postgres"])
async def test_not_even_who_owns_it_rewrites_it(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, role: str, verb: str
) -> None:
    statement = WRITES[verb].format(**names_of(world))
    if role == "postgres":
        role = await trial.fetchval("select current_user::text")
    # It removes reasons for an erasure; an update of nothing changes nothing.
    engine = role == "cloison_engine"
    allowed = engine and verb in ("insert", "update of nothing")
    for replicating in (False, True):
        async with rolled_back(trial):
            if replicating:
                await trial.execute("set local session_replication_role = replica")
            await trial.execute(f'set local role "{role}"')
            # Signed, each row that the engine inserts has an id of its own, so that there is no conflict.
            if allowed or (replicating and verb == "insert") or (engine and verb == "upsert" and not replicating):
                # What replicates, or restores, brings rows; and what the engine writes, it writes as who it is.
                continue
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
                await trial.execute(statement)


async def test_what_the_engine_writes_is_signed(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    forged = (
        "insert into access.access_log (account_id, kind, after, actor, at, reason, transaction_id)"
        " values ({north}, 'tier', '{{}}', {bo}, '2000-01-01', 'x', '1')"
    )
    async with entered(trial, world, "olga"):
        # As if a function of ours let her choose what it writes.
        await trial.execute("reset role; set local session authorization default")
        await trial.execute(
            "create function access.oops() returns void language sql security definer begin atomic "
            + forged.format(**names_of(world))
            + "; end;"
            " alter function access.oops() owner to cloison_engine;"
            " grant execute on function access.oops() to cloison_member"
        )
        await trial.execute("set local session authorization cloison_gateway")
        (found,) = await written(trial, "select access.oops()")
    assert (found["actor"], found["operator"], found["reason"]) == (world.users["olga"], None, None)
    assert found["at"].year > 2000
    assert found["tx"] == await trial.fetchval("select pg_current_xact_id()::text")


@pytest.mark.parametrize("function", ["log_account", "log_membership", "log_assigned_deals", "log_team"])
async def test_nobody_borrows_what_writes_it(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, function: str
) -> None:
    """A definer function for triggers would write from a trigger on a table of one's own."""
    own = "create temp table mine (account_id uuid, id uuid, kind text)"
    lend = f"create trigger oops after insert on mine for each row execute function access_private.{function}()"
    database = await trial.fetchval("select current_database()")
    async with rolled_back(trial):
        await trial.execute(f"{own}; {lend}")  # The function is there, and a superuser may.
    await trial.execute(f'grant temporary on database "{database}" to public')
    for role in ("cloison_gateway", world.analysts["vera"][0]):
        async with rolled_back(trial):
            await trial.execute(f'set local session authorization "{role}"; set local transaction_read_only = off')
            await trial.execute(own)
            await refused(trial, "42501", lend)
    async with entered(trial, world, "olga"):
        await trial.execute(own)
        await refused(trial, "42501", lend)


async def test_no_function_lets_a_member_write_it_but_changes_of_access(
    trial: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    callers = await trial.fetch("""
        select p.oid::regprocedure::text as function, r.rolname
          from pg_proc p, pg_roles r
         where p.prosrc ~ '(into|update|delete from) access.access_log'
           and p.pronamespace in ('access'::regnamespace, 'access_private'::regnamespace)
           and r.rolname in ('cloison_gateway', 'cloison_member', 'cloison_reader', 'cloison_analyst')
           and has_function_privilege(r.oid, p.oid, 'execute')
        """)
    assert await trial.fetchval("select count(*) from pg_proc where prosrc ~ 'into access.access_log'") > 20
    assert callers == []


async def test_a_period_of_retention_ends_as_the_page_says(trial: "asyncpg.Connection[asyncpg.Record]") -> None:
    lines = [
        line.strip() for line in PAGE.read_text().partition("## Upkeep")[2].splitlines() if line.startswith("    ")
    ]
    assert len(lines) == 3
    count = "select count(*) from access.access_log"
    assert await trial.fetchval(count) > 0
    for line in lines:
        await trial.execute(line.replace("interval '10 years'", "interval '0'"))
    assert await trial.fetchval(count) == 0
    assert await violations(trial, "history") == []

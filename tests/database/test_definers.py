"""Contract: definer functions act as the engine, which alone sees every row; FORCE blinds the owner."""

import asyncpg
import pytest

from tests.database.checks import sabotage, succeeds
from tests.database.conftest import Kept
from tests.database.live import connected, rewrite
from tests.database.world import World, entered, logged_in, refused, rolled_back

pytestmark = pytest.mark.any_server

COUNT = "select count(*) from crm.deals"
PRIVATE = (
    "installation", "definition", "profile", "profile_capability", "session_profile", "team_closure", "login_change",
    "past_assignment", "revision", "operator", "operator_log", "answer", "email", "trash_link", "job_rows", "preview",
    "preview_profile", "preview_row", "waiting_profile",
)  # fmt: skip


async def the_owner_of_tables_sees_no_row(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    assert await trial.fetchval(COUNT) > 0
    async with rolled_back(trial):
        await trial.execute("set local role cloison_owner")
        assert await trial.fetchval(COUNT) == 0
        assert await trial.execute("update crm.deals set name = 'x'") == "UPDATE 0", "a backfill would say so to nobody"


async def test_force_blinds_the_owner(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await sabotage(trial, world, the_owner_of_tables_sees_no_row, "alter table crm.deals no force row level security")


async def a_lead_hands_a_deal_over(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with entered(trial, world, "lena"):
        assert await succeeds(
            trial, "select access.assign_deals($1, $2)", world.row("deals", "rolf"), world.users["ella"]
        )


@pytest.mark.parametrize(
    "broken",
    [
        "drop policy engine on crm.deals",
        "drop policy engine on access.team_member",
        "alter function access.assign_deals(uuid, uuid, uuid, boolean) security invoker",
    ],
)
async def test_the_engine_acts_by_a_policy_of_its_own(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, broken: str
) -> None:
    await sabotage(trial, world, a_lead_hands_a_deal_over, broken)


async def test_functions_take_the_profile_from_the_setting_that_a_definer_does_not_change(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await a_lead_hands_a_deal_over(trial, world)
    # Inside a definer function current_user is the engine.
    await rewrite(trial, "access.profile()", "(current_setting('role'::text))::name", "current_user::name")
    with pytest.raises((AssertionError, asyncpg.PostgresError)):
        await a_lead_hands_a_deal_over(trial, world)


async def the_private_tables_are_nobodys(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    for table in PRIVATE:
        statement = f"select from access_private.{table} limit 1"
        async with entered(trial, world, "olga"):
            await refused(trial, "42501", statement)
        async with logged_in(trial, world, "vera"):
            await refused(trial, "42501", statement)
        # To enter, and to tell whether the database is of this checkout.
        if table not in {"session_profile", "definition"}:
            async with rolled_back(trial):
                await trial.execute("set local session authorization cloison_gateway")
                await refused(trial, "42501", statement)


LOOK_IN = "grant usage on schema access_private to cloison_reader; "


@pytest.mark.parametrize(
    "broken",
    [
        LOOK_IN + "grant select on access_private.profile_capability to cloison_reader",
        "grant select on access_private.team_closure to cloison_gateway",
    ],
)
async def test_the_private_tables_are_nobodys(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, broken: str
) -> None:
    assert set(PRIVATE) == {
        row[0] for row in await trial.fetch("select tablename from pg_tables where schemaname = 'access_private'")
    }
    await sabotage(trial, world, the_private_tables_are_nobodys, broken)


async def test_the_gateways_login_reads_no_row_before_it_has_entered(
    trial: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    tables = await trial.fetch("""
        select c.oid::regclass::text from pg_class c
         where c.relkind in ('r', 'v') and c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace)
        """)
    assert len(tables) > 20
    for (table,) in tables:
        async with rolled_back(trial):
            await trial.execute("set local session authorization cloison_gateway")
            await refused(trial, "42501", f"select * from {table}")


async def test_a_member_calls_no_function_of_operators(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    async with entered(trial, world, "olga"):
        for call in (
            "access.create_account('x', 'x', 'x@x.example')",
            f"access.set_account_kind('{world.north}', 'provider')",
            f"access.set_account_tier('{world.north}', 'cms', 'free')",
            f"access.create_analyst('{world.north}', '{world.users['olga']}')",
            f"access.revoke_analyst('{world.analysts['vera'][0]}')",
            "access.enter('north', null)",
            "access.end_stale_sessions('0 s')",
            "access_private.refresh_all()",
            "access_private.make_login('cloison_a_00000000000000000000', 'x')",
        ):
            await refused(trial, "42501", f"select {call}")


async def a_callers_type_stands_in_for_none_of_ours(kept: Kept, *broken: str) -> bool:
    """Whether a function of ours works for a caller who has a type called uuid, made before it was ever called."""
    async with connected(kept.database.admin_dsn) as admin, rolled_back(admin):
        for statement in broken:
            await admin.execute(statement)
        await admin.execute("create temporary table uuid (stolen integer)")
        async with entered(admin, kept.world, "lena"):
            try:
                await admin.execute(
                    "select access.assign_deals($1::pg_catalog.uuid, $2::pg_catalog.uuid)",
                    kept.world.row("deals", "rolf"),
                    kept.world.users["ella"],
                )
            except asyncpg.PostgresError:
                return False
        return True


async def test_a_callers_type_stands_in_for_none_of_ours(kept: Kept) -> None:
    assert await a_callers_type_stands_in_for_none_of_ours(kept)


async def test_a_path_that_does_not_name_the_temporary_schema_begins_with_it(kept: Kept) -> None:
    signature = "access.assign_deals(pg_catalog.uuid, pg_catalog.uuid, pg_catalog.uuid, boolean)"
    assert not await a_callers_type_stands_in_for_none_of_ours(kept, f"alter function {signature} set search_path = ''")

"""X4, T1: what an analyst can do in SQL beside reading his rows: nothing."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TypeAlias

import asyncpg
import pytest

from migrations.audit import audit
from tests.attacks.conftest import World
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

REFUSED = (
    "set role cloison_member",
    "set role cloison_gateway",
    "set session authorization cloison_gateway",
    "create temporary table t (a integer)",
    "create table crm.t (a integer)",
    "create function public.f() returns integer language sql return 1",
    "create schema s",
    "create extension hstore",
    "insert into crm.deals (name) values ('x')",
    "insert into analyst.deals (name) values ('x')",
    "update crm.deals set name = 'x'",
    "update analyst.deals set name = 'x'",
    "delete from crm.deals",
    "delete from analyst.deals",
    "truncate crm.deals",
    "select id from crm.deals for update",
    "begin; lock table crm.deals in row exclusive mode",
    "copy (select 1) to program 'true'",
    "select pg_read_file('postgresql.conf')",
    "select pg_advisory_lock(1)",
    "select pg_try_advisory_lock(1, 2)",
    "select pg_advisory_xact_lock_shared(1)",
    "select lo_from_bytea(0, 'x')",
    "select lo_create(0)",
    "select pg_logical_emit_message(false, 'x', 'y')",
    "set temp_file_limit = -1",
    "alter role current_user set temp_file_limit = -1",
    "select rolpassword from pg_authid",
    "select * from access_private.session_profile",
    "select * from access.account_tier",
    "select * from access.import_key",
    "select access.enter('bolt', gen_random_uuid())",
    "select access.find_deals('name', 'a')",
    "select access.create_team(gen_random_uuid(), 'x')",
    "select access.end_stale_sessions('0')",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'cloison_gateway'",
    "select count(*) from crm.deals",
    "set row_security = off; select count(*) from analyst.deals",
)


@pytest.fixture
async def analyst(
    world: World, database: TestDatabase, admin: Connection, gateway: Connection
) -> AsyncIterator[Connection]:
    assert await gateway.fetchval("select 1") == 1  # whom one could try to terminate
    login = await admin.fetchrow("select * from access.create_analyst($1, $2)", world.account, world.people["rep"])
    assert login is not None
    connection = await asyncpg.connect(database.login_dsn(login["login"], login["password"]))
    await connection.execute("set default_transaction_read_only = off")
    yield connection
    await connection.close()


async def test_nothing_but_reading(analyst: Connection) -> None:
    assert await analyst.fetchval("select count(*) from analyst.deals") == 1
    let_through = []
    for statement in REFUSED:
        try:
            await analyst.execute(statement)
        except (asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError):
            # A view with an OFFSET is none that is written through.
            pass
        else:
            let_through.append(statement)
        await analyst.execute("rollback; reset row_security")
    assert let_through == []


async def test_a_statement_does_not_fill_the_disk(analyst: Connection) -> None:
    """Files of sorts and hashes: a bound that the login's owner cannot lift."""
    assert await analyst.fetchval("show temp_file_limit") == "8GB"


async def test_the_role_that_it_belongs_to_shows_no_more(analyst: Connection) -> None:
    """Below 16 no membership is without SET: it may become what it is a member of, and is looked up by its login."""
    version = int(await analyst.fetchval("show server_version_num"))
    for command in ("set role cloison_analyst", "set role none", "reset role"):
        if command.endswith("cloison_analyst") and version >= 160000:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await analyst.execute(command)
            continue
        await analyst.execute(command)
        assert [row["name"] for row in await analyst.fetch("select name from analyst.deals")] == ["own"]


@pytest.mark.parametrize("other", ["postgres", "template1"])
async def test_no_other_database_lets_an_analyst_in(
    world: World, database: TestDatabase, admin: Connection, other: str
) -> None:
    """Where they could fill the disk with temporary tables, or keep everybody from making databases."""
    login = await admin.fetchrow("select * from access.create_analyst($1, $2)", world.account, world.people["rep"])
    assert login is not None
    connection = await asyncpg.connect(database.login_dsn(login["login"], login["password"]))
    assert await connection.fetchval("select count(*) from deals") == 1
    await connection.close()
    assert not await admin.fetchval("select has_database_privilege($1, $2, 'temporary')", login["login"], other)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(database.address.login_url(login["login"], login["password"], other))


async def test_settings_of_somebody_else_change_nothing(analyst: Connection, world: World) -> None:
    for name, value in (
        ("account_id", str(world.account)),
        ("user_id", str(world.people["owner"])),
        ("team_keys", "{00000000-0000-0000-0000-000000000000,ffffffff-ffff-ffff-ffff-ffffffffffff}"),
    ):
        await analyst.execute(f"select set_config('cloison.{name}', '{value}', false)")
    assert [row["name"] for row in await analyst.fetch("select name from analyst.deals")] == ["own"]


async def test_statements_and_statistics_of_others_are_not_shown(analyst: Connection) -> None:
    shown = (
        "select count(*) from pg_stat_activity where usename <> session_user and query <> '<insufficient privilege>'"
    )
    assert await analyst.fetchval(shown) == 0
    assert await analyst.fetchval("select count(*) from pg_stats where schemaname in ('access', 'crm')") == 0


async def test_estimates_do_not_tell_what_another_account_holds(
    analyst: Connection, admin: Connection, gateway: Connection, world: World
) -> None:
    """The planner's statistics are over all accounts, and EXPLAIN is everybody's."""
    async with gateway.transaction():
        await gateway.execute("select access.enter('bolt', $1)", world.people["carla"])
        await gateway.execute("insert into crm.companies (name) select 'Secret' from generate_series(1, 500)")
    await admin.execute("analyze crm.companies, access.app_user, access.member")
    for source, column in (("companies", "name"), ("people", "email"), ("people", "name")):
        estimates = set()
        for value in ("Secret", "Carla", "carla@bolt.example", "a", "zzz"):
            for operator in ("=", "<"):
                text = f"explain (format json) select from {source} where {column} {operator} '{value}'"
                rows = json.loads(await analyst.fetchval(text))[0]["Plan"]["Plan Rows"]
                estimates.add((operator, rows))
        assert len(estimates) == 2, (source, column, estimates)


async def test_a_plan_of_former_rights_reads_nothing(analyst: Connection, admin: Connection, world: World) -> None:
    """C8, with the session's last resort: a plan that is never made again."""
    await analyst.execute("set plan_cache_mode = force_generic_plan")
    await analyst.execute("prepare p as select count(*) from analyst.deals")
    assert await analyst.fetchval("execute p") == 1
    await admin.execute(
        "select access.change_role($1, $2, access.role_id($1, 'Member'))", world.account, world.people["rep"]
    )
    # Refused, unless the server has thrown the plan away of itself: then it is one of the present rights.
    with suppress(asyncpg.InvalidAuthorizationSpecificationError):
        assert await analyst.fetchval("execute p") == 0
    assert await analyst.fetchval("select count(*) from analyst.deals") == 0


OF_ITS_OWN = (
    "alter default privileges grant select on tables to cloison_gateway",
    "alter default privileges grant select on tables to public",
    "alter default privileges grant execute on functions to cloison_member",
    "alter default privileges grant usage on schemas to public",
    "alter role current_user reset default_transaction_read_only",
    "alter role current_user set row_security = off",
    "alter role current_user set cloison.user_id = 'x'",
    "alter role current_user set role = 'cloison_analyst'",
    "alter role current_user reset all",
    "alter role current_user password 'another'",
)


async def test_what_an_analyst_sets_for_itself_does_not_make_the_audit_red(
    analyst: Connection, admin: Connection
) -> None:
    """It changes nothing, and is not for an operator to mend."""
    assert await violations(admin) == []
    done = []
    for statement in OF_ITS_OWN:
        with suppress(asyncpg.PostgresError):
            await analyst.execute(statement)
            done.append(statement)
    assert set(OF_ITS_OWN[:2]) < set(done)
    assert await violations(admin) == []
    assert [row["name"] for row in await analyst.fetch("select name from deals")] == ["own"]


async def test_default_privileges_of_an_analyst_who_may_make_something_are_told(
    analyst: Connection, admin: Connection
) -> None:
    await analyst.execute(OF_ITS_OWN[0])
    login = await analyst.fetchval("select session_user")
    assert not any("default privileges" in each for each in await violations(admin))
    for grant in ("create on schema public", "temporary on database {here}"):
        here = f'"{await admin.fetchval("select current_database()")}"'
        await admin.execute(f"grant {grant.format(here=here)} to {login}")
        assert any(f"default privileges of {login}: cloison_gateway" in each for each in await violations(admin))
        await admin.execute(f"revoke {grant.format(here=here)} from {login}")


async def violations(admin: Connection) -> list[str]:
    """What the audit finds."""
    return [line for lines in (await audit(admin)).values() for line in lines]

"""An analyst's login reads its member's rows and nothing else, whatever it sets, becomes, makes or calls (X4)."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schema.modules import REGISTRY
from tests.database.conftest import Kept
from tests.database.live import analyst_of
from tests.database.world import World, refused, rolled_back
from tests.support.sql import for_analysts

pytestmark = pytest.mark.any_server

# What lena may see of each table: of north, by her teams.
SEEN = (
    "select (select array_agg(id order by id) from analyst.deals),"
    " (select count(*) from analyst.people), (select count(*) from analyst.teams)"
)


@pytest.fixture
async def analyst(kept: Kept) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A real session of lena's analyst login, in a transaction that may write, were there anything to write."""
    async with analyst_of(kept.database, kept.world, "lena") as connection:
        assert await connection.fetchval("show transaction_read_only") == "on", "it begins read-only"
        await connection.execute("set default_transaction_read_only = off")
        async with rolled_back(connection):
            yield connection


def deals(world: World) -> list[UUID]:
    return sorted(world.row("deals", name) for name in ("rolf", "ella"))


async def test_sees_what_its_member_sees(analyst: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    assert list(await analyst.fetchrow(SEEN) or ()) == [deals(world), 6, 3]


def values(setting: asyncpg.Record) -> list[str]:
    """Legal values of a setting, other than the present one."""
    if setting["vartype"] == "bool":
        found = ["on", "off"]
    elif setting["vartype"] == "enum":
        found = list(setting["enumvals"])
    elif setting["vartype"] in {"integer", "real"}:
        found = [setting["min_val"], setting["max_val"]]
    else:
        found = ["", "crm", "public, pg_catalog", "C", "UTC", "on", "SQL_ASCII"]
    return [value for value in found if value != setting["setting"]]


async def test_no_setting_changes_what_it_sees(analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    before = await analyst.fetchrow(SEEN)
    # What is sent over the wire in another encoding or language is still what it is.
    settings = await analyst.fetch("select * from pg_settings where name not in ('client_encoding', 'lc_messages')")
    assert len(settings) > 300
    tried = 0
    for setting in settings:
        for value in values(setting):
            async with rolled_back(analyst):
                try:
                    await analyst.execute("select set_config($1, $2, true)", setting["name"], value)
                    seen = await analyst.fetchrow(SEEN)
                except asyncpg.PostgresError:
                    # Refused, or a limit that was reached, or row_security = off, which is an error and no row.
                    continue
                tried += 1
                assert seen == before, (setting["name"], value)
    assert tried > 100


async def test_settings_of_ours_are_not_believed(analyst: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    before = await analyst.fetchrow(SEEN)
    for name in ("account_id", "user_id", "team_keys", "profile", "role", "session_user", "super_admin"):
        for value in (world.south, world.users["olga"], "{" + str(world.teams["harbour"]) + "}", "on"):
            await analyst.execute("select set_config($1, $2, false)", f"cloison.{name}", str(value))
            assert await analyst.fetchrow(SEEN) == before


async def test_becomes_nobody_else(analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    login = await analyst.fetchval("select session_user")
    roles = [row[0] for row in await analyst.fetch("select rolname from pg_roles")]
    assert len(roles) > 20
    before = await analyst.fetchrow(SEEN)
    became = set()
    for role in roles:
        if role == login:
            continue
        await refused(analyst, "42501", f'set session authorization "{role}"')
        async with rolled_back(analyst):
            try:
                await analyst.execute(f'set role "{role}"')
            except asyncpg.InsufficientPrivilegeError:
                continue
            became.add(role)
            assert await analyst.fetchrow(SEEN) == before
    # Below 16 no membership is without SET: then it may be what it is a member of.
    version = await analyst.fetchval("show server_version_num")
    assert became <= ({"cloison_analyst"} if int(version) < 160000 else set())
    for command in ("reset role", "set role none", "reset session authorization", "discard plans"):
        await analyst.execute(command)
        assert await analyst.fetchrow(SEEN) == before


MAKES = {
    "a table": "create table crm.mine (id int)",
    "a table in public": "create table public.mine (id int)",
    "a temporary table": "create temporary table mine (id int)",
    "a schema": "create schema mine",
    "a function": "create function public.f() returns int language sql return 1",
    "a temporary function": "create function pg_temp.f() returns int language sql return 1",
    "a view": "create view public.mine as select 1",
    "a role": "create role mine",
    "an extension": "create extension dblink",
    "a policy": "create policy mine on crm.deals using (true)",
    "a publication": "create publication mine for table crm.deals",
    "a large object": "select lo_create(0)",
    "a large object of bytes": "select lo_from_bytea(0, 'x')",
    "an advisory lock": "select pg_advisory_lock(1)",
    "an advisory lock of the transaction": "select pg_advisory_xact_lock(5318008472001)",
    "a file": "copy crm.deals to '/tmp/deals'",
    "a process": "copy crm.deals to program 'cat'",
    "a lock on a table": "lock table crm.deals in access exclusive mode",
    "statistics": "create statistics public.mine on name, stage from crm.deals",
    "a grant": "grant cloison_member to session_user",
    "a password for the gateway": "alter role cloison_gateway password 'x'",
    "a default of its own": "alter database postgres set work_mem = '1MB'",
    "a truncated table": "truncate crm.deals",
    "a trigger": "create trigger t after insert on crm.deals for each row execute function access_private.actor()",
    "a read file": "select pg_read_file('PG_VERSION')",
    "a checkpoint": "checkpoint",
    "an ended session": "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
}


@pytest.mark.parametrize("what", MAKES)
async def test_makes_nothing(analyst: "asyncpg.Connection[asyncpg.Record]", what: str) -> None:
    async with rolled_back(analyst):
        with pytest.raises(
            (asyncpg.InsufficientPrivilegeError, asyncpg.FeatureNotSupportedError, asyncpg.InvalidObjectDefinitionError)
        ):
            await analyst.execute(MAKES[what])


async def test_writes_no_row(analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    tables = await analyst.fetch(
        "select schemaname || '.' || tablename from pg_tables where schemaname in ('crm', 'access')"
    )
    assert len(tables) > 20
    for (table,) in tables:
        await refused(analyst, "42501", f"delete from {table}")
        await refused(analyst, "42501", f"insert into {table} default values")
        column = await analyst.fetchval(
            "select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid"
            " where c.relnamespace::regnamespace || '.' || quote_ident(c.relname) = $1 and a.attnum > 1 limit 1",
            table,
        )
        await refused(analyst, "42501", f'update {table} set "{column}" = default')
    await refused(analyst, "42501", "select id from crm.deals for update")
    # A view with an OFFSET is none that is written through.
    for written in ("insert into deals default values", "update deals set name = 'x'", "delete from deals"):
        await refused(analyst, "55000", written)


async def test_reads_no_table_and_no_view_but_its_own(analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    await analyst.execute("set search_path = pg_catalog")
    readable = await analyst.fetch("""
        select c.oid::regclass::text from pg_class c
         where c.relkind in ('r', 'v', 'm', 'p', 'S')
           and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
           and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))
        """)
    tables = {
        *(module.table for module in REGISTRY.modules),
        *(module.sensitive_table for module in REGISTRY.modules if module.sensitive),
        *(f"crm.{link.through}" for module in REGISTRY.modules for link in module.to_many),
    }
    views = (
        "people teams capabilities viewer shares outbox roles role_cells team_roles members member_teams exceptions"
        " access_changes teams_of_history sensitive_modules invitations jobs job_refusals sent_marketing_emails"
    )
    expected = {for_analysts(table) for table in tables} | {f"analyst.{view}" for view in views.split()}
    assert {row[0] for row in readable} == expected
    # Who administers nothing, sent nothing and was given nothing sees nothing of that.
    empty = set(views.split()) - {"people", "teams", "teams_of_history", "capabilities", "viewer"}
    for view in views.split():
        assert bool(await analyst.fetch(f"select * from analyst.{view}")) is (view not in empty), view
    for table in (
        *tables,
        "access.app_user",
        "access.access_log",
        "access.share",
        "access.membership",
        "access.invitation",
    ):
        await refused(analyst, "42501", f"select from {table}")


# Every function that it may call, beside PostgreSQL's own, with what it might ask of others.
CALLS: dict[str, str] = {
    "access.has(text,text,text)": "select access.has('deals', 'view', 'all')",
    "access.has_on_any(text,text)": "select access.has_on_any('landing_pages', 'view')",
    "access.has_change(text,text)": "select access.has_change('deals', 'all')",
    "access.reach(text,text)": "select access.reach('landing_pages', 'view')",
    "access.reach_of_changes(text)": "select access.reach_of_changes('deals')",
    "access.scope_bit(text)": "select access.scope_bit('none')",
    "access.record_within(integer,uuid,uuid,uuid,uuid,uuid[])": (
        "select access.record_within(0, null, null, null, null, null)"
    ),
    "access.asset_within(integer,uuid,uuid,boolean,uuid[],uuid,uuid[])": (
        "select access.asset_within(0, null, null, true, null, null, null)"
    ),
    "access.shared_within(integer,uuid,uuid,uuid[])": "select access.shared_within(0, null, null, null)",
    "access.team_key(uuid,boolean)": "select access.team_key(null, false) is null",
    "access.analyst()": "select (access.analyst()).user_id <> {lena}",
    "access.analyst_account(name)": "select access.analyst_account((access.analyst()).profile) <> {north}",
    "access.account_of(name)": "select access.account_of(access.profile()) <> {north}",
    "access.planned_profile()": "select access.planned_profile() <> (access.analyst()).profile",
    "access.planned_for_gateway()": "select access.planned_for_gateway()",
    "access.policy_user_id()": "select access.policy_user_id() <> {lena}",
    "access.policy_team_keys()": "select {harbour} = any (access.policy_team_keys())",
    "access.profile()": "select access.profile() <> (access.analyst()).profile",
    "access.account_id()": "select access.account_id() <> {north}",
    "access.user_id()": "select access.user_id() <> {lena}",
    "access.team_keys()": "select {harbour} = any (access.team_keys())",
    "access.known_people()": "select {sven} = any (access.known_people())",
    "access.knows_person(uuid)": "select access.knows_person({sven})",
    "access.capabilities()": "select count(*) from access.capabilities() where module = 'landing_pages'",
    "access.kinds_of_history()": "select cardinality(access.kinds_of_history())",
    "access.sees_row(text,uuid)": "select access.sees_row('deals', {hidden})",
    "access.known_state(jsonb)": (
        "select access.known_state(jsonb_build_object('owner_id', {sven}, 'team_id', {harbour})) <> '{{}}'"
    ),
    "access.knows_team(uuid)": "select access.knows_team({harbour})",
    "access.shared_rows(text,text)": "select cardinality(access.shared_rows('deals', 'view'))",
    "access.shared_rows_to_change(text,text)": "select cardinality(access.shared_rows_to_change('deals', 'deals'))",
    "access.is_shared(text,text,text,uuid)": "select access.is_shared('deals', 'view', 'deals', {hidden})",
    "access.manages_shares(text,uuid)": "select access.manages_shares('deals', {hidden})",
    "access.viewer()": "select count(*) from access.viewer() where user_id <> {lena}",
    "access.known_addresses()": "select {sven} = any (access.known_addresses())",
    "access.address_of_nobody(uuid)": "select access.address_of_nobody({sven}) !~ '^erased-'",
    "access.restricts_new_content()": "select access.restricts_new_content()",
    "access.modules_restricted_anew()": "select cardinality(access.modules_restricted_anew())",
    "access.tiers()": "select count(*) from access.tiers() where hub is null",
    "access.owned_rows(uuid)": "select count(*) from access.owned_rows({sven})",
    "access.is_analyst()": "select not access.is_analyst()",
    "access.analyst_sees_row(text,uuid)": "select access.analyst_sees_row('deals', {hidden})",
    "access.analyst_known_state(jsonb)": (
        "select access.analyst_known_state(jsonb_build_object('owner_id', {sven}, 'team_id', {harbour})) <> '{{}}'"
    ),
    "access.analyst_knows_team(uuid)": "select access.analyst_knows_team({harbour})",
    "access.analyst_owned_rows(uuid)": "select count(*) from access.analyst_owned_rows({sven})",
    "access.refusal_in_words(text,text,text)": "select access.refusal_in_words('', '', null) = ''",
}


async def test_calls_no_function_that_tells_of_others(
    analyst: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Each answer is no, or nothing."""
    callable_ = await analyst.fetch("""
        select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
           and has_schema_privilege(p.pronamespace, 'usage') and has_function_privilege(p.oid, 'execute')
        """)
    assert {row[0] for row in callable_} == set(CALLS)
    ids: dict[str, Any] = {
        name: f"'{found}'::uuid"
        for name, found in {
            **world.users, "north": world.north, "harbour": world.teams["harbour"],
            "hidden": world.row("deals", "sven", "south"),
        }.items()
    }  # fmt: skip
    for call in CALLS.values():
        assert not await analyst.fetchval(call.format(**ids)), call


async def test_what_is_private_cannot_even_be_named(analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    await refused(analyst, "42501", "select * from access_private.session_profile")
    await refused(analyst, "42501", "select access_private.refresh_all()")
    await refused(analyst, "42501", "select extensions.similarity('a', 'b')")


async def test_sees_no_statistics_of_values(kept: Kept, analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    admin = await kept.database.connect()
    try:
        await admin.execute("analyze")
        assert await admin.fetchval("select count(*) from pg_stats where schemaname = 'crm'") > 0
        values = "select count(*) from pg_stats where schemaname = 'crm' and attname in ('name', 'name_lower')"
        assert await admin.fetchval(values) == 0, "none are kept of what people wrote"
    finally:
        await admin.close()
    assert await analyst.fetchval("select count(*) from pg_stats where schemaname in ('crm', 'access')") == 0
    await refused(analyst, "42501", "select stanullfrac from pg_statistic")
    await refused(analyst, "42501", "select stxoid from pg_statistic_ext_data")


async def test_estimates_tell_nothing_of_values_of_others(
    kept: Kept, analyst: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """EXPLAIN of a name that another account has, and of one that nobody has."""
    admin = await kept.database.connect()
    try:
        await admin.execute("analyze crm.deals")
        assert await admin.fetchval("select count(*) from crm.deals where name = 'sven'") == 1
    finally:
        await admin.close()
    estimates = []
    for name in ("sven", "nemo"):
        for condition in (f"name = '{name}'", f"name_lower ^@ '{name}'", f"name > '{name}'"):
            plan = await analyst.fetch(f"explain select from analyst.deals where {condition}")
            estimates.append([line[0].replace(name, "?").replace(name[:-1], "?") for line in plan])
    assert estimates[:3] == estimates[3:]


async def test_sees_no_statement_of_others(kept: Kept, analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    admin = await kept.database.connect()
    try:
        pid = admin.get_server_pid()
        await admin.fetchval("select 'a secret'")
        query = await analyst.fetchval("select query from pg_stat_activity where pid = $1", pid)
        assert query == "<insufficient privilege>"
    finally:
        await admin.close()


async def test_an_error_of_its_own_making_tells_of_no_hidden_row(
    trial: "asyncpg.Connection[asyncpg.Record]", analyst: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """A condition that fails on a row that it may not see is not asked there."""
    bomb = "select count(*) from crm.deals where 1 / (case when name in ('sven', 'nobody') then 0 else 1 end) = 1"
    await refused(trial, "22012", bomb)
    assert await analyst.fetchval(for_analysts(bomb)) == 2
    assert await analyst.fetchval("select count(*) from deals where name ~ '^(sven|nobody)'") == 0


async def test_copy_is_under_the_policies_too(analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    lines = bytearray()

    async def keep(data: bytes) -> None:
        lines.extend(data)

    await analyst.copy_from_query("select name from deals order by 1", output=keep)
    assert lines.decode().split() == ["ella", "rolf"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await analyst.copy_from_table("deals", schema_name="crm", columns=["name"], output=keep)


async def test_row_security_off_is_an_error_and_no_row(analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    await analyst.execute("set row_security = off")
    await refused(analyst, "42501", "select * from deals")


async def test_anonymous_code_has_no_more_rights(analyst: "asyncpg.Connection[asyncpg.Record]") -> None:
    await analyst.execute("do $$ begin if (select count(*) from deals) <> 2 then raise 'more'; end if; end $$")
    await refused(analyst, "42501", "do $$ begin execute 'alter table crm.deals disable row level security'; end $$")

"""Migrations: twice is once, a failure leaves nothing, drift is told and not mended by the telling."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from gateway.embedded import Address
from migrations import definitions, runner
from migrations.audit import audit
from migrations.catalogue import snapshot
from tests.database.live import connected, eventually
from tests.database.world import build
from tests.support import databases
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server


@pytest.fixture
def sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of sql/ that the test may change, in place of the checkout's."""
    copy = tmp_path / "sql"
    shutil.copytree(definitions.SQL, copy)
    monkeypatch.setattr(definitions, "SQL", copy)
    definitions.environment.cache_clear()
    yield copy
    definitions.environment.cache_clear()


@pytest.fixture
def bare(server: Address, template: TestDatabase) -> Iterator[TestDatabase]:
    """An empty database of a server that has our roles."""
    assert template.address == server
    with databases.empty(server, "bare") as name:
        yield TestDatabase(name, server)


async def profiles(admin: "asyncpg.Connection[asyncpg.Record]") -> list[asyncpg.Record]:
    return await admin.fetch("select * from access_private.session_profile order by account_id, user_id, valid")


async def test_migrating_twice_changes_nothing(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await runner.upgrade(database.admin_dsn)
    await build(admin)
    before = (await snapshot(admin), await profiles(admin))

    report = await runner.upgrade(database.admin_dsn)

    assert report == runner.Report(runner.head(), runner.head(), definitions_changed=False)
    assert (await snapshot(admin), await profiles(admin)) == before


async def test_what_is_in_force_is_told_by_files_and_else_by_what_they_say(
    admin: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that says the same in other words is no other definition; a database from before told nothing of files."""
    change = "update access_private.definition set {} = repeat('0', 64)"
    rendering = definitions.checksum
    monkeypatch.setattr(definitions, "checksum", lambda: pytest.fail("it is told by the files"))
    assert await definitions.is_current(admin)

    monkeypatch.setattr(definitions, "checksum", rendering)
    for statement in (change.format("sources"), "alter table access_private.definition drop column sources"):
        await admin.execute(statement)
        assert await definitions.is_current(admin)
    await admin.execute(change.format("checksum"))
    assert not await definitions.is_current(admin)


async def test_a_file_that_says_something_else_is_not_in_force(
    admin: "asyncpg.Connection[asyncpg.Record]", sql: Path
) -> None:
    assert await definitions.is_current(admin)
    (sql / "grants" / "060_everybody.sql").write_text("-- Concern: none.\n")
    assert not await definitions.is_current(admin)


async def test_an_empty_database_becomes_what_a_copy_of_the_template_is(
    bare: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    async with connected(bare.admin_dsn) as connection:
        assert await runner.check(bare.admin_dsn) == ["nothing is migrated yet: run `cloison migrate`"]
        report = await runner.upgrade(bare.admin_dsn)
        assert report == runner.Report(None, runner.head(), definitions_changed=True)
        assert await runner.check(bare.admin_dsn) == []
        assert await snapshot(connection) == await snapshot(admin)
        assert {path for path, found in (await audit(connection)).items() if found} == set()


VERSIONS = Path(runner.__file__).parent / "versions"
KEYS = (
    "select account_id, module, key, row_id, imported_by from access.import_key "
    "order by account_id, source, module, key"
)


async def test_keys_of_imports_learn_whose_they_are(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Revision 0003, over rows, and under the security that 0002 had; what is known of a key is not made up."""
    await build(admin)
    known = await admin.fetch(KEYS)
    assert known
    account, importer = known[0]["account_id"], known[0]["imported_by"]
    await admin.execute("alter table access.import_key drop column imported_by cascade")
    others = {row["imported_by"] for row in known if row["account_id"] == account}
    for source, key in (("crm", "of a row that is gone"), ("another", "of a source of which nothing is left")):
        await admin.execute(
            "insert into access.import_key (account_id, source, module, key, row_id) "
            "values ($1, $2, 'deals', $3, gen_random_uuid())",
            account,
            source,
            key,
        )

    async with admin.transaction():
        await admin.execute((VERSIONS / "0003_importers.sql").read_text())
    await runner.upgrade(database.admin_dsn)

    assert await runner.check(database.admin_dsn) == []
    assert {path for path, found in (await audit(admin)).items() if found} == set()
    learnt = await admin.fetch(KEYS)
    assert [row for row in learnt if not row["key"].startswith("of ")] == known
    assert [(row["key"], row["imported_by"]) for row in learnt if row["key"].startswith("of ")] == [
        ("of a row that is gone", min(others))
    ]
    assert importer in others


async def test_logins_of_readers_become_analysts(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Before there were views for them, analysts were readers of tables."""
    world = await build(admin)
    login, password = world.analysts["lena"]
    for command in (
        f"revoke cloison_analyst from {login} granted by cloison_role_maker",
        f"grant cloison_reader to {login}",
        f"alter role {login} set search_path = crm",
        f"grant connect on database {database.name} to cloison_reader",
    ):
        await admin.execute(command)
    async with connected(database.login_dsn(login, password)) as reader:
        assert await reader.fetchval("select count(*) from deals") == 2, "of the table"

    await runner.upgrade(database.admin_dsn)

    async with connected(database.login_dsn(login, password)) as analyst:
        assert await analyst.fetchval("select count(*) from deals") == 2
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await analyst.fetchval("select count(*) from crm.deals")
    assert {path: found for path, found in (await audit(admin)).items() if found} == {}
    await admin.execute("select access.revoke_analyst($1)", login)
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        async with connected(database.login_dsn(login, password)):
            pass


async def test_what_was_published_before_there_were_destinations_is_public(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Revision 0006, over rows, and with triggers and security as 0005 had them."""
    await build(admin)
    tables = ("crm.landing_pages", "crm.web_pages", "crm.blog_posts")
    for table in tables:
        await admin.execute(f"alter table {table} drop column destination cascade")
    await admin.execute("drop table access.outbox cascade")
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        for table in tables:
            await admin.execute(f"update {table} set status = 'published' where title <> 'rolf'")

    async with admin.transaction():
        await admin.execute((VERSIONS / "0006_destinations.sql").read_text())
    await runner.upgrade(database.admin_dsn)

    assert await runner.check(database.admin_dsn) == []
    assert {path for path, found in (await audit(admin)).items() if found} == set()
    for table in tables:
        found = await admin.fetch(f"select distinct status, destination from {table}")
        assert {tuple(row) for row in found} == {("published", "public"), ("draft", None)}


DRIFT = {
    "an altered policy": (
        "alter policy view_owned on crm.deals using (true)",
        "policy view_owned on crm.deals: differs from sql/",
    ),
    "an extra policy": (
        "create policy oops on crm.deals to cloison_reader using (true)",
        "policy oops on crm.deals: in the database, not in sql/",
    ),
    "a dropped policy": (
        "drop policy account_partition on crm.deals",
        "policy account_partition on crm.deals: in sql/, not in the database",
    ),
    "a dropped trigger": (
        "drop trigger z_action_wall on crm.deals",
        "trigger z_action_wall on crm.deals: in sql/, not in the database",
    ),
    "a disabled trigger": (
        "alter table crm.deals disable trigger z_action_wall",
        "trigger z_action_wall on crm.deals: differs from sql/",
    ),
    "an extra trigger": (
        "create trigger oops before update on crm.deals for each row execute function access_private.stamp_deals()",
        "trigger oops on crm.deals: in the database, not in sql/",
    ),
    "an extra grant": ("grant update on crm.deals to cloison_reader", "relation crm.deals: differs from sql/"),
    "a grant to a stranger": ("grant select on crm.deals to pg_monitor", "relation crm.deals: differs from sql/"),
    "a grant to everybody": ("grant select on access.member to public", "relation access.member: differs from sql/"),
    "a grant too many to the engine": ("grant truncate on crm.deals to cloison_engine", "relation crm.deals: differs"),
    "an extra grant of a column": (
        "grant update (owner_id) on crm.deals to cloison_member",
        "column crm.deals.owner_id: differs from sql/",
    ),
    "a grant taken": (
        "revoke select on crm.deals from cloison_reader",
        "relation crm.deals: differs from sql/",
    ),
    "an extra grant of a schema": (
        "grant usage on schema access_private to cloison_reader",
        "schema access_private: differs",
    ),
    "an extra grant of a function": (
        "grant execute on function access.create_analyst(uuid, uuid) to pg_monitor",
        "function access.create_analyst(uuid,uuid): differs from sql/",
    ),
    "an altered function": (
        "create or replace function access.team_key(team uuid, open_to_all boolean) returns uuid return team",
        "function access.team_key(uuid,boolean): differs from sql/",
    ),
    "a function that forgot its search_path": (
        "alter function access.viewer() reset search_path",
        "function access.viewer(): differs from sql/",
    ),
    "an extra function": (
        "create function access.oops() returns int language sql return 1",
        "function access.oops(): in the database, not in sql/",
    ),
    "a function of another owner": (
        "alter function access.viewer() owner to postgres",
        "function access.viewer(): differs from sql/",
    ),
    "row-level security not forced": (
        "alter table crm.deals no force row level security",
        "relation crm.deals: differs from sql/",
    ),
    "row-level security disabled": (
        "alter table access.team disable row level security",
        "relation access.team: differs from sql/",
    ),
    "a view of its owner's": (
        "alter view crm.people set (security_invoker = false)",
        "relation crm.people: differs from sql/",
    ),
    "an extra view": (
        "create view crm.oops as select * from crm.deals",
        "relation crm.oops: in the database, not in sql/",
    ),
}


@pytest.mark.parametrize("kind", DRIFT)
async def test_drift_is_told_and_nothing_is_changed(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]", kind: str
) -> None:
    broken, told = DRIFT[kind]
    await admin.execute(broken)
    drifted = await snapshot(admin)

    lines = await runner.check(database.admin_dsn)

    assert any(line.startswith(told) for line in lines), lines
    assert await snapshot(admin) == drifted


async def test_migrating_mends_every_drift(database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    before = await snapshot(admin)
    for kind, (broken, _) in DRIFT.items():
        if kind not in {"a dropped policy", "a disabled trigger"}:
            await admin.execute(broken)
    assert await snapshot(admin) != before

    await runner.upgrade(database.admin_dsn)

    assert await snapshot(admin) == before
    assert await runner.check(database.admin_dsn) == []


@pytest.mark.parametrize("stage", ["functions", "policies", "triggers", "grants"])
async def test_a_migration_that_fails_leaves_everything_as_it_was(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]", sql: Path, stage: str
) -> None:
    before = await snapshot(admin)
    (sql / "policies" / "record" / "view.sql").unlink()
    (sql / stage / "999_broken.sql").write_text("select 1 from nowhere.at_all;\n")

    with pytest.raises(asyncpg.PostgresError, match="nowhere") as failed:
        await runner.upgrade(database.admin_dsn)

    assert f"in sql/{stage}/999_broken.sql" in failed.value.__notes__
    assert await snapshot(admin) == before


async def test_a_first_migration_that_fails_leaves_nothing(bare: TestDatabase, sql: Path) -> None:
    (sql / "grants" / "999_broken.sql").write_text("select 1 from nowhere.at_all;\n")
    async with connected(bare.admin_dsn) as connection:
        schemas = "select array_agg(nspname order by 1) from pg_namespace"
        before = await connection.fetchval(schemas)

        with pytest.raises(asyncpg.PostgresError, match="nowhere"):
            await runner.upgrade(bare.admin_dsn)

        assert await connection.fetchval(schemas) == before
        assert await snapshot(connection) == {}
        assert await connection.fetchval("select count(*) from pg_extension where extname like 'btree%'") == 0


async def test_what_a_deleted_file_defined_is_gone(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]", sql: Path
) -> None:
    before = await snapshot(admin)
    (sql / "policies" / "record" / "view.sql").unlink()
    (sql / "triggers" / "super_admin.sql").unlink()
    (sql / "functions" / "999_of_yesterday.sql").write_text(
        "create or replace function access.of_yesterday() returns int language sql return 1;\n"
    )
    await runner.upgrade(database.admin_dsn)
    after = await snapshot(admin)
    assert "function access.of_yesterday()" in after
    gone = before.keys() - after.keys()
    assert "policy view_all on crm.deals" in gone
    assert "trigger membership_keeps_super_admin on access.membership" in gone
    assert not any(name.startswith("policy") and "landing_pages" in name for name in gone), "an asset's file is there"

    (sql / "functions" / "999_of_yesterday.sql").unlink()
    await runner.upgrade(database.admin_dsn)

    assert "function access.of_yesterday()" not in await snapshot(admin)


async def test_without_policies_there_are_no_rows(
    database: TestDatabase,
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    sql: Path,
) -> None:
    world = await build(admin)
    for path in sorted((sql / "policies" / "record").iterdir()):
        path.unlink()
    await runner.upgrade(database.admin_dsn)

    async with gateway.transaction():
        await gateway.execute("select access.enter('north', $1)", world.users["olga"])
        assert await gateway.fetchval("select count(*) from crm.deals") == 0
        assert await gateway.fetchval("select count(*) from crm.landing_pages") == 3
    assert await admin.fetchval("select count(*) from crm.deals") == 4


async def test_two_migrations_at_once_follow_each_other(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    before = await snapshot(admin)
    async with admin.transaction():
        await admin.execute("select pg_advisory_xact_lock($1)", runner.LOCK)
        both = [asyncio.create_task(runner.upgrade(database.admin_dsn)) for _ in range(2)]
        waiting = "select count(*) = 2 from pg_locks where locktype = 'advisory' and not granted"
        async with connected(database.admin_dsn) as onlooker:
            await eventually(onlooker, waiting)
    reports = await asyncio.gather(*both)

    assert [report.definitions_changed for report in reports] == [False, False]
    assert await snapshot(admin) == before


async def test_a_migration_does_not_wait_for_ever(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "50ms")
    before = await snapshot(admin)
    async with admin.transaction():
        await admin.execute("select count(*) from crm.deals")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await runner.upgrade(database.admin_dsn)
    assert await snapshot(admin) == before

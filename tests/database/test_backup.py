"""Backup and restore as docs/operations.md describes them (design, section 4: roles are not in a database's dump)."""

import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from gateway.embedded import Address
from gateway.embedded.binaries import PACKAGE
from migrations import runner
from tests.support import databases
from tests.support.databases import GATEWAY_PASSWORD, TestDatabase


@pytest.fixture(scope="module")
def elsewhere(programs: Path | None) -> Iterator[Address]:
    """A fresh server, which has never heard of any of our roles."""
    with databases.server(programs) as address:
        yield address


@pytest.fixture(scope="module")
def tools(programs: Path | None) -> Path:
    """The directory of pg_dump and its kin, of the server's own version."""
    if programs is not None:
        return programs
    package = find_spec(PACKAGE)
    assert package is not None
    assert package.submodule_search_locations
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def run(tools: Path, program: str, *arguments: str) -> None:
    subprocess.run([tools / program, *arguments], check=True, capture_output=True, text=True)


async def deals_of(dsn: str, member: UUID) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute("select access.enter('acme', $1)", member)
            count: int = await connection.fetchval("select count(*) from crm.deals")
            return count
    finally:
        await connection.close()


async def test_what_is_restored_elsewhere_is_governed_as_before(
    database: TestDatabase, elsewhere: Address, tools: Path, tmp_path: Path
) -> None:
    admin = await database.connect()
    account = await admin.fetchval("select access.create_account('acme', 'Acme', 'owner@acme.example')")
    role = await admin.fetchval("select access.role_id($1, 'Member')", account)
    member = await admin.fetchval("select access.add_member($1, 'rep@acme.example', 'Rep', $2)", account, role)
    analyst = await admin.fetchrow("select login, password from access.create_analyst($1, $2)", account, member)
    owner = await admin.fetchval("select user_id from access.member where user_id <> $1", member)
    for who, rows in ((member, 2), (owner, 3)):
        gateway = await asyncpg.connect(database.gateway_dsn)
        async with gateway.transaction():
            await gateway.execute("select access.enter('acme', $1)", who)
            for row in range(rows):
                await gateway.execute("insert into crm.deals (name) values ($1)", f"deal {row}")
        await gateway.close()
    await admin.close()
    assert await deals_of(database.gateway_dsn, member) == 2
    assert await deals_of(database.gateway_dsn, owner) == 5

    roles, dump = tmp_path / "roles.sql", tmp_path / "cloison.dump"
    run(tools, "pg_dumpall", "--roles-only", f"--dbname={database.admin_dsn}", f"--file={roles}")
    run(tools, "pg_dump", "--format=custom", f"--file={dump}", database.admin_dsn)
    restored = TestDatabase("restored", elsewhere)
    with databases.empty(elsewhere, restored.name):
        # The superuser is there already; everything else is new.
        run(tools, "psql", "--quiet", f"--file={roles}", elsewhere.superuser_url("postgres"))
        run(tools, "pg_restore", "--exit-on-error", f"--dbname={restored.admin_dsn}", str(dump))
        await runner.upgrade(restored.admin_dsn, GATEWAY_PASSWORD)

        assert await runner.check(restored.admin_dsn) == []
        assert await deals_of(restored.gateway_dsn, member) == 2
        assert await deals_of(restored.gateway_dsn, owner) == 5
        connection = await asyncpg.connect(restored.login_dsn(analyst["login"], analyst["password"]))
        assert await connection.fetchval("select count(*) from crm.deals") == 2
        await connection.close()

"""Backup and restore as docs/operations.md describes them (design, section 4: roles are not in a database's dump)."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from gateway.embedded import Address
from gateway.embedded.binaries import PACKAGE
from migrations import runner
from migrations.audit import audit
from tests.support import databases
from tests.support.databases import GATEWAY_PASSWORD, TestDatabase

pytestmark = pytest.mark.any_server


@pytest.fixture
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


async def violations(database: TestDatabase) -> dict[str, list[str]]:
    """What audits find."""
    admin = await database.connect()
    try:
        return {path: found for path, found in (await audit(admin)).items() if found}
    finally:
        await admin.close()


@dataclass(frozen=True)
class Company:
    """An account with two members, and what each of them should see."""

    member: UUID
    owner: UUID
    login: str
    password: str

    async def is_governed_as_before(self, found: TestDatabase) -> bool:
        return (await deals_of(found.gateway_dsn, self.member), await deals_of(found.gateway_dsn, self.owner)) == (2, 5)

    async def analyst_reads(self, found: TestDatabase) -> int:
        connection = await asyncpg.connect(found.login_dsn(self.login, self.password))
        try:
            count: int = await connection.fetchval("select count(*) from deals")
            return count
        finally:
            await connection.close()


@pytest.fixture
async def company(database: TestDatabase) -> Company:
    admin = await database.connect()
    account = await admin.fetchval("select access.create_account('acme', 'Acme', 'owner@acme.example')")
    role = await admin.fetchval("select access.role_id($1, 'Member')", account)
    member = await admin.fetchval("select access.add_member($1, 'rep@acme.example', 'Rep', $2)", account, role)
    login, password = (await admin.fetch("select login, password from access.create_analyst($1, $2)", account, member))[
        0
    ]
    owner = await admin.fetchval("select user_id from access.member where user_id <> $1", member)
    await admin.close()
    for who, rows in ((member, 2), (owner, 3)):
        gateway = await asyncpg.connect(database.gateway_dsn)
        async with gateway.transaction():
            await gateway.execute("select access.enter('acme', $1)", who)
            for row in range(rows):
                await gateway.execute("insert into crm.deals (name) values ($1)", f"deal {row}")
        await gateway.close()
    found = Company(member, owner, login, password)
    assert await found.is_governed_as_before(database)
    assert await found.analyst_reads(database) == 2
    return found


@pytest.fixture
def dump(database: TestDatabase, company: Company, tools: Path, tmp_path: Path) -> Path:  # noqa: ARG001 - it fills the database
    path = tmp_path / "cloison.dump"
    run(tools, "pg_dump", "--format=custom", f"--file={path}", database.admin_dsn)
    return path


async def test_what_is_restored_with_its_roles_is_governed_as_before(
    database: TestDatabase, company: Company, dump: Path, elsewhere: Address, tools: Path
) -> None:
    roles = dump.with_name("roles.sql")
    run(tools, "pg_dumpall", "--roles-only", f"--dbname={database.admin_dsn}", f"--file={roles}")
    restored = TestDatabase("restored", elsewhere)
    with databases.empty(elsewhere, restored.name):
        run(tools, "psql", "--quiet", f"--file={roles}", elsewhere.superuser_url("postgres"))
        run(tools, "pg_restore", "--exit-on-error", f"--dbname={restored.admin_dsn}", str(dump))
        await runner.upgrade(restored.admin_dsn, GATEWAY_PASSWORD)

        assert await runner.check(restored.admin_dsn) == []
        assert await violations(restored) == {}
        assert await company.is_governed_as_before(restored)
        assert await company.analyst_reads(restored) == 2


async def test_without_the_roles_members_are_governed_as_before_and_analysts_are_shut_out(
    company: Company, dump: Path, elsewhere: Address, tools: Path
) -> None:
    with databases.empty(elsewhere, "maker_of_roles"), databases.empty(elsewhere, "restored_alone"):
        await runner.upgrade(elsewhere.superuser_url("maker_of_roles"), GATEWAY_PASSWORD)
        restored = TestDatabase("restored_alone", elsewhere)
        run(tools, "pg_restore", "--exit-on-error", f"--dbname={restored.admin_dsn}", str(dump))
        await runner.upgrade(restored.admin_dsn, GATEWAY_PASSWORD)

        assert await violations(restored) == {}
        assert await company.is_governed_as_before(restored)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await company.analyst_reads(restored)

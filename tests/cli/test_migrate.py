import json
import secrets
from collections.abc import Iterator

import asyncpg
import psycopg
import pytest

from gateway.embedded import Address
from tests.cli.conftest import Cloison
from tests.support import databases


@pytest.fixture
def role(server: Address) -> Iterator[tuple[str, str]]:
    """A superuser with a password, as on a server of one's own: name and password."""
    name, password = f"admin_{secrets.token_hex(4)}", secrets.token_hex(8)
    with psycopg.connect(server.superuser_url("postgres"), autocommit=True) as connection:
        connection.execute(f"create role {name} login superuser password '{password}'".encode())
        yield name, password
        connection.execute(f"drop role {name}".encode())


@pytest.fixture
def own(server: Address, role: tuple[str, str], cloison: Cloison) -> Iterator[Cloison]:
    """The command on an empty database of a server of one's own."""
    with databases.empty(server, f"own_{secrets.token_hex(4)}") as name:
        url = server.login_url(*role, name)
        yield Cloison(cloison.directory, {"DATABASE_URL": url, "GATEWAY_PASSWORD": databases.GATEWAY_PASSWORD})


def test_a_database_is_brought_to_the_present_once(own: Cloison) -> None:
    assert "nothing is migrated" in own("migrate", "--check").answer
    first = json.loads(own.succeed("migrate", "--json"))
    assert first["before"] is None
    assert first["definitions_changed"]
    second = json.loads(own.succeed("migrate", "--json"))
    assert second == {"before": first["after"], "after": first["after"], "definitions_changed": False}
    assert own("migrate", "--check").code == 0
    assert not (own.directory / "postgres").exists(), "the embedded server is not asked"


async def test_drift_is_reported_and_left(own: Cloison) -> None:
    own.succeed("migrate")
    connection = await asyncpg.connect(own.settings["DATABASE_URL"])
    await connection.execute("drop policy account_partition on crm.deals")
    for _ in range(2):
        outcome = own("migrate", "--check", "--json")
        assert outcome.code == 1
        assert any("account_partition" in line for line in json.loads(outcome.answer)["drift"])
    own.succeed("migrate")
    found = await connection.fetchval("select count(*) from pg_policies where policyname = 'account_partition'")
    await connection.close()
    assert found > 0
    assert own("migrate", "--check").code == 0


async def test_a_database_of_a_later_version_is_left_alone(own: Cloison) -> None:
    own.succeed("migrate")
    connection = await asyncpg.connect(own.settings["DATABASE_URL"])
    await connection.execute("update access_private.revision set version_num = '9999'")
    said = own.refuse("migrate")
    revision = await connection.fetchval("select version_num from access_private.revision")
    await connection.close()
    assert "does not fit this checkout" in said
    assert revision == "9999"


async def test_who_is_no_superuser_is_told_so(own: Cloison, server: Address) -> None:
    connection = await asyncpg.connect(own.settings["DATABASE_URL"])
    await connection.execute("create role modest login createrole password 'modest'")
    database = await connection.fetchval("select current_database()")
    try:
        said = own.refuse("migrate", DATABASE_URL=server.login_url("modest", "modest", database))
        assert "modest is not a superuser" in said
        assert await connection.fetchval("select to_regnamespace('access')") is None, "nothing was changed"
    finally:
        await connection.execute("drop role modest")
        await connection.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("account", "create", "--slug=a", "--name=A", "--owner-email=a@a.example"),
        ("token", "--email=a@a.example"),
        ("serve", "--port=18999"),
    ],
)
def test_a_database_that_is_not_migrated_is_not_used(own: Cloison, arguments: tuple[str, ...]) -> None:
    assert "cloison migrate" in own.refuse(*arguments)

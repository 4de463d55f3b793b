import stat
from pathlib import Path

import asyncpg
import pytest

from gateway.embedded import Address, Server
from gateway.problems import Problem
from gateway.secrets_file import Secrets
from tests.support.places import AS_ROOT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_others_can_read_nothing_of_a_server(owned: Server, directory: Path) -> None:
    with owned.hold():
        home = directory / "postgres"
        assert mode(home / "data") == 0o700
        assert mode(home / "socket") == 0o700
        assert mode(home / "log") == 0o600
        assert mode(home) == 0o710
        assert mode(directory) == (0o711 if AS_ROOT else 0o700)


@pytest.mark.skipif(not AS_ROOT, reason="only root's server runs as another user")
def test_roots_server_runs_as_a_user_that_nobody_else_is(owned: Server, directory: Path) -> None:
    with owned.hold():
        data = (directory / "postgres" / "data").stat()
        assert data.st_uid not in {0, 65534}
        assert data.st_gid == data.st_uid == (directory / "postgres").stat().st_gid
        assert (directory / "postgres" / "postgresql.conf").stat().st_uid == 0, (
            "the server cannot change what it is told"
        )


def test_secrets_are_made_once_and_for_their_owner_alone(directory: Path) -> None:
    made = Secrets.open(directory)
    assert Secrets.open(directory) == made
    assert mode(directory / "secrets.json") == 0o600
    assert len({made.jwt_secret, made.cursor_secret, made.gateway_password}) == 3
    assert all(len(secret) >= 43 for secret in (made.jwt_secret, made.cursor_secret, made.gateway_password))


def test_secrets_that_others_could_read_are_refused(directory: Path) -> None:
    Secrets.open(directory)
    (directory / "secrets.json").chmod(0o640)
    with pytest.raises(Problem, match="Others may read"):
        Secrets.open(directory)


def test_a_damaged_secrets_file_is_not_replaced_silently(directory: Path) -> None:
    Secrets.open(directory)
    (directory / "secrets.json").write_text("{}")
    with pytest.raises(Problem, match="damaged"):
        Secrets.open(directory)


async def test_the_database_is_unicode_and_its_clock_utc(running: Address) -> None:
    connection = await asyncpg.connect(running.superuser_url())
    row = await connection.fetchrow(
        "select pg_encoding_to_char(encoding), datlocprovider, datlocale from pg_database where datname = 'cloison'"
    )
    assert row is not None
    assert tuple(row.values()) == ("UTF8", b"b", "C.UTF-8")
    assert await connection.fetchval("show timezone") == "UTC"
    assert await connection.fetchval("show data_checksums") == "on"
    assert await connection.fetchval("select lower('ÉCOLE')") == "école"
    await connection.close()


async def test_the_log_has_no_values(owned: Server, directory: Path) -> None:
    with owned.hold() as address:
        connection = await asyncpg.connect(address.superuser_url())
        await connection.execute("create table t (secret text unique)")
        await connection.execute("insert into t values ($1)", "mother's maiden name")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("insert into t values ($1)", "mother's maiden name")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("insert into t values ('mother''s maiden name')")
        await connection.close()
    log = (directory / "postgres" / "log").read_text()
    assert "maiden" not in log

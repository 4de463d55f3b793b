import os
import pwd
import subprocess
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from gateway.embedded import SUPERUSER, Address
from tests.support.places import AS_ROOT

NOBODY = 65534
as_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")

# Loaded as ourselves and run as another, who may not be able to read this environment.
KNOCK = """
import asyncio, os, sys
import asyncpg
url, user = sys.argv[1], int(sys.argv[2])
async def knock():
    await asyncpg.connect(url, timeout=5)
os.setgroups([]); os.setgid(user); os.setuid(user)
try:
    asyncio.run(knock())
except Exception as error:
    print(type(error).__name__, error)
else:
    print("came in")
"""


@pytest.fixture
async def superuser(running: Address) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(running.superuser_url())
    yield connection
    await connection.close()


@pytest.fixture
async def password(superuser: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[str]:
    await superuser.execute(f"create role visitor login password 'open sesame'; alter role {SUPERUSER} password 'x'")
    yield "open sesame"
    await superuser.execute("drop role visitor")


def knock_as(user: int, url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", KNOCK, url, str(user)], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


async def test_the_owner_is_superuser_by_the_socket(superuser: "asyncpg.Connection[asyncpg.Record]") -> None:
    assert await superuser.fetchval("select rolsuper from pg_roles where rolname = current_user")


@as_root
async def test_another_user_does_not_reach_the_socket(running: Address) -> None:
    assert knock_as(0, running.superuser_url()) == "came in"
    assert "Permission" in knock_as(NOBODY, running.superuser_url())


@as_root
async def test_another_user_is_refused_even_where_the_socket_is_open(running: Address) -> None:
    socket = running.socket_directory / f".s.PGSQL.{running.port}"
    home = running.socket_directory.parent
    opened = [home, running.socket_directory, socket]
    modes = [path.stat().st_mode for path in opened]
    for path in opened:
        path.chmod(0o777)
    try:
        assert "Peer authentication failed" in knock_as(NOBODY, running.superuser_url())
        server = running.socket_directory.stat().st_uid
        assert "Peer authentication failed" in knock_as(server, running.superuser_url()), "nor is the server's own user"
    finally:
        for path, mode in zip(opened, modes, strict=True):
            path.chmod(mode)


async def test_the_superuser_is_refused_over_the_network(running: Address, password: str) -> None:
    assert password
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="rejects"):
        await asyncpg.connect(running.login_url(SUPERUSER, "x"))


async def test_a_login_comes_in_over_loopback_with_its_password(running: Address, password: str) -> None:
    connection = await asyncpg.connect(running.login_url("visitor", password))
    assert await connection.fetchval("select session_user") == "visitor"
    await connection.close()


@pytest.mark.parametrize("database", ["postgres", "template1", "template0"])
async def test_a_login_comes_into_no_database_that_came_with_the_server(
    running: Address, password: str, database: str
) -> None:
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
        await asyncpg.connect(running.login_url("visitor", password, database))


@pytest.mark.parametrize("wrong", ["", "guess"])
async def test_a_login_is_refused_without_its_password(running: Address, password: str, wrong: str) -> None:
    assert password != wrong
    with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)):
        await asyncpg.connect(running.login_url("visitor", wrong))


async def test_a_login_is_refused_by_the_socket(running: Address, password: str) -> None:
    url = running.superuser_url().replace(f"{SUPERUSER}@", "visitor@")
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match=r"no pg_hba\.conf entry"):
        await asyncpg.connect(url, password=password)


async def test_passwords_are_kept_as_scram_verifiers(
    superuser: "asyncpg.Connection[asyncpg.Record]", password: str
) -> None:
    assert password
    kept = await superuser.fetchval("select rolpassword from pg_authid where rolname = 'visitor'")
    assert kept.startswith("SCRAM-SHA-256$")


async def test_it_listens_on_loopback_alone(superuser: "asyncpg.Connection[asyncpg.Record]") -> None:
    assert await superuser.fetchval("show listen_addresses") == "127.0.0.1"


async def test_every_other_way_in_is_closed(superuser: "asyncpg.Connection[asyncpg.Record]") -> None:
    rules = await superuser.fetch(
        "select type, database, user_name, address, auth_method from pg_hba_file_rules order by rule_number"
    )
    assert [tuple(rule.values()) for rule in rules] == [
        ("local", ["all"], ["postgres"], None, "peer"),
        ("host", ["all"], ["postgres"], "all", "reject"),
        ("host", ["all"], ["all"], "127.0.0.1", "scram-sha-256"),
    ]
    names = await superuser.fetch("select sys_name, pg_username from pg_ident_file_mappings")
    assert [tuple(name.values()) for name in names] == [(pwd.getpwuid(os.geteuid()).pw_name, "postgres")]

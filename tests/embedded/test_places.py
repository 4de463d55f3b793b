import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from gateway.embedded import Address, Server, account, binaries, home
from gateway.problems import Problem
from tests.support.databases import FAST
from tests.support.places import AS_ROOT, place

as_root = pytest.mark.skipif(not AS_ROOT, reason="only root's server is another user than the data's owner")


async def answers(address: Address) -> bool:
    connection = await asyncpg.connect(address.superuser_url())
    try:
        return bool(await connection.fetchval("select true"))
    finally:
        await connection.close()


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Root's state directory, for this test alone."""
    with place() as directory:
        for module in (account, binaries, home):
            monkeypatch.setattr(module, "STATE", directory / "cloison")
        yield directory / "cloison"


async def test_a_path_too_long_for_a_socket_works(directory: Path) -> None:
    long = directory / ("d" * 60) / ("e" * 60)
    with Server(long, parameters=FAST).hold() as address:
        assert await answers(address)
        assert stat.S_IMODE(address.socket_directory.stat().st_mode) == 0o700
        elsewhere = address.socket_directory
    assert not elsewhere.exists(), "it is removed with the server"
    with Server(long, parameters=FAST).hold() as address:
        assert await answers(address)


async def test_a_path_with_blanks_and_quotes_works(directory: Path) -> None:
    with Server(directory / 'it\'s "here" & ünïcode', parameters=FAST).hold() as address:
        assert await answers(address)


@as_root
async def test_root_can_start_it_below_a_private_directory(directory: Path, state: Path) -> None:
    directory.mkdir(mode=0o700)
    server = Server(directory / "checkout" / ".data", parameters=FAST)
    with server.hold() as address:
        assert await answers(address)
        assert (directory / "checkout" / ".data" / "postgres").resolve().is_relative_to(state)
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700, "nothing was opened for its sake"
    with server.hold() as again:
        assert await answers(again)
        assert again == address


@as_root
async def test_root_can_start_it_from_an_environment_that_others_cannot_read(
    directory: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.Account, "can_run", lambda *_: False)
    with Server(directory, parameters=FAST).hold() as address:
        assert await answers(address)
    copies = list((state / "binaries").iterdir())
    assert len(copies) == 1
    assert not any(path.stat().st_mode & 0o022 for path in copies[0].rglob("*") if not path.is_symlink())
    with Server(directory, parameters=FAST).hold() as address:
        assert await answers(address)
    assert list((state / "binaries").iterdir()) == copies


@as_root
async def test_a_copied_data_directory_is_adopted(owned: Server, directory: Path) -> None:
    with owned.hold():
        pass
    copy = directory.with_name("copy")
    shutil.copytree(directory, copy)
    with replace(owned, directory=copy).hold() as address:
        assert await answers(address)


def test_the_port_is_kept_across_restarts(owned: Server) -> None:
    with owned.hold() as first:
        pass
    with owned.hold() as second:
        assert first.port == second.port


def test_another_port_is_taken_when_the_kept_one_is_not_free(owned: Server) -> None:
    with owned.hold() as first:
        pass
    with socket.socket() as other:
        other.bind(("127.0.0.1", first.port))
        other.listen()
        with owned.hold() as second:
            assert second.port != first.port


def test_a_port_that_was_set_and_is_not_free_is_a_problem(owned: Server) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=f"Port {port} .* in use"), replace(owned, port=port).hold():
            pass
    with replace(owned, port=port).hold() as address:
        assert address.port == port


def test_another_port_than_the_running_servers_is_a_problem(owned: Server) -> None:
    with (
        owned.hold() as address,
        pytest.raises(Problem, match="cloison stop"),
        replace(owned, port=address.port - 1).hold(),
    ):
        pass


def test_data_of_another_major_version_is_left_alone(owned: Server, directory: Path) -> None:
    with owned.hold():
        pass
    version = directory / "postgres" / "data" / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(Problem, match="made by PostgreSQL 17"), owned.hold():
        pass
    version.write_text("18\n")
    with owned.hold():
        pass


def test_a_server_that_does_not_start_says_why(owned: Server, directory: Path) -> None:
    with owned.hold():
        pass
    (directory / "postgres" / "data" / "global" / "pg_control").unlink()
    with pytest.raises(Problem, match=r"did not start: .*pg_control"), owned.hold():
        pass

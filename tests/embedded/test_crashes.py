import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil

from gateway.embedded import Server

HOLD = """
import sys
from pathlib import Path
from gateway.embedded import Server
with Server(Path(sys.argv[1])).hold() as address:
    print(address.port, flush=True)
    sys.stdin.read()
"""


def postmaster(directory: Path) -> int:
    return int((directory / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def kill(process: int) -> None:
    found = psutil.Process(process)
    found.send_signal(signal.SIGKILL)
    psutil.wait_procs([found], timeout=30)


async def test_a_killed_server_is_recovered_with_what_was_committed(directory: Path) -> None:
    durable = Server(directory)
    with durable.hold() as address:
        connection = await asyncpg.connect(address.superuser_url())
        await connection.execute("create table kept as select 42 as answer")
        kill(postmaster(directory))
        connection.terminate()
        assert durable.address() is None
        assert (directory / "postgres" / "data" / "postmaster.pid").exists()
        with durable.hold() as again:
            connection = await asyncpg.connect(again.superuser_url())
            assert await connection.fetchval("select answer from kept") == 42
            await connection.close()
            assert again.port == address.port


def test_a_pid_file_whose_number_another_process_has_is_not_believed(owned: Server, directory: Path) -> None:
    with owned.hold():
        lines = (directory / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getpid())
    (directory / "postgres" / "data" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert owned.address() is None
    with owned.hold():
        assert postmaster(directory) != os.getpid()
    assert psutil.pid_exists(os.getpid())


def test_a_killed_command_leaves_the_server_to_the_next_one(directory: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    port = int(holder.stdout.readline())
    holder.kill()
    holder.communicate()
    server = Server(directory)
    address = server.address()
    assert address is not None
    assert address.port == port, "its server lives on"
    with server.hold() as found:
        assert found == address
    assert server.address() is None, "and the next command is the last"


def test_commands_in_two_processes_share_one_server(directory: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    port = int(holder.stdout.readline())
    server = Server(directory)
    with server.hold() as address:
        assert address.port == port
        holder.communicate("")
        assert holder.returncode == 0
        assert server.address() == address, "it does not stop while somebody else holds it"
    assert server.address() is None


def test_commands_that_start_together_start_one_server(directory: Path) -> None:
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    ports = {holder.stdout.readline() for holder in holders if holder.stdout is not None}
    assert len(ports) == 1
    for holder in holders:
        holder.communicate("")
    assert Server(directory).address() is None


def test_a_half_made_database_is_made_anew(owned: Server, directory: Path) -> None:
    home = directory / "postgres"
    with owned.hold():
        pass
    (home / "data").rename(home / "data.new")
    (home / "data.new" / "PG_VERSION").unlink()
    with replace(owned).hold():
        assert (home / "data" / "PG_VERSION").exists()
        assert not (home / "data.new").exists()

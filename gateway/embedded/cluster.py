"""One PostgreSQL server of our own: made, started, recovered and stopped."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil

from gateway.embedded import configuration
from gateway.embedded.binaries import Binaries
from gateway.embedded.home import Home
from gateway.problems import Problem

SUPERUSER = "postgres"
DATABASE = "cloison"
# The databases that come with a server are open to every login, to fill the disk with temporary tables or to keep
# others from making databases. One statement a line: there is no session yet.
FIRST_STATEMENTS = f"""\
create database {DATABASE};
revoke connect, temporary on database postgres, template1 from public;
"""
START_SECONDS = 300
STOP_SECONDS = 60
POLL_SECONDS = 0.02
LOG_BYTES = 10 * 1024 * 1024
COMPLAINT = re.compile(r"error|fatal|cannot|could not", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """Where a running server listens: for its superuser on a socket in a directory, for everyone else on loopback."""

    socket_directory: Path
    port: int

    def superuser_url(self, database: str = DATABASE) -> str:
        """URL of the superuser, which only the owning operating system user gets anything from."""
        directory = quote(str(self.socket_directory), safe="/")
        return f"postgresql://{SUPERUSER}@/{database}?host={directory}&port={self.port}"

    def login_url(self, user: str, password: str, database: str = DATABASE) -> str:
        """URL of a login with a password."""
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"


@dataclass(frozen=True)
class Cluster:
    """A server at `home`. `parameters` are settings of PostgreSQL beside our own; `port` None is any free one."""

    home: Home
    binaries: Binaries
    port: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def address(self) -> Address | None:
        """Where the server listens, or None if it does not run."""
        lines = self._pid_file()
        if self._postmaster() is None or len(lines) < 8 or lines[7] != "ready":
            return None
        return Address(Path(lines[4]), int(lines[3]))

    def start(self) -> Address:
        """Start the server if it does not run, making it first if need be. Recovers from a crash."""
        if (address := self.address()) is not None:
            return self._as_wanted(address)
        if (starting := self._postmaster()) is not None:
            return self._wait_until_ready(starting)
        self._clear_remains()
        if not (self.home.data / "PG_VERSION").exists():
            self._make()
        self._check_version()
        self._own_data()
        socket_directory = self.home.socket_directory()
        for attempt in range(5):
            port = self._choose_port(avoid_last=attempt > 0)
            configuration.write(self.home, port, socket_directory, self.parameters)
            offset = self._open_log()
            try:
                address = self._wait_until_ready(self._launch())
            except psutil.NoSuchProcess:
                complaint = self._complaint(offset)
                if "Address already in use" not in complaint:
                    raise Problem(f"The database server did not start: {complaint}") from None
                if self.port is not None:
                    raise Problem(_port_taken(port)) from None
            else:
                self.home.remember(port=port)
                return address
        raise Problem("Every free port was taken before the database server could use it: run the command again.")

    def stop(self) -> None:
        """Stop the server if it runs: sessions end, what is committed is on disk."""
        if (postmaster := self._postmaster()) is not None:
            for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
                with suppress(psutil.NoSuchProcess):
                    postmaster.send_signal(number)
                if _gone(postmaster, seconds):
                    break
            else:
                raise Problem(
                    f"The database server, process {postmaster.pid}, does not stop: look into {self.home.log}."
                )
        self.home.forget_socket()

    def _make(self) -> None:
        """Run initdb aside, so that a data directory is whole or absent."""
        draft = self.home.path / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        named = self.home.account.popen_named
        if named:
            os.chown(draft, named["user"], named["group"])
        self._run(
            [self.binaries.program("initdb"), *configuration.initdb(self.binaries.major, SUPERUSER), "-D", str(draft)],
            named,
        )
        self._run(
            [self.binaries.program("postgres"), "--single", "-D", str(draft), "template1"],
            named,
            FIRST_STATEMENTS,
        )
        if named:
            for path in [draft, *draft.rglob("*")]:
                self.home.account.owns(path)
        draft.rename(self.home.data)

    def _run(self, command: list[str], account: dict[str, object], stdin: str = "") -> None:
        done = subprocess.run(
            command,
            check=False,
            cwd="/",
            env=configuration.environment(),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **account,  # type: ignore[call-overload]
        )
        if done.returncode != 0 or "FATAL" in done.stdout or "ERROR" in done.stdout:
            lines = [line for line in done.stdout.splitlines() if COMPLAINT.search(line)]
            reason = (lines or done.stdout.splitlines() or ["it did not say why"])[0]
            raise Problem(f"A database could not be made in {self.home.path}: {reason.strip().rstrip('.')}.")

    def _check_version(self) -> None:
        made_by = int((self.home.data / "PG_VERSION").read_text())
        if made_by != self.binaries.major:
            raise Problem(
                f"The data in {self.home.path} was made by PostgreSQL {made_by}, and this is {self.binaries.major}: "
                "dump it with the former version, set CLOISON_DATA_DIR to a new directory, and restore it there."
            )

    def _own_data(self) -> None:
        if self.home.account.switches and self.home.data.stat().st_uid != self.home.account.uid:
            for path in [self.home.data, *self.home.data.rglob("*")]:
                self.home.account.owns(path)

    def _choose_port(self, *, avoid_last: bool) -> int:
        if self.port is not None:
            if not _is_free(self.port):
                raise Problem(_port_taken(self.port))
            return self.port
        last = self.home.port
        if last is not None and not avoid_last and _is_free(last):
            return last
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    def _open_log(self) -> int:
        """Begin a new log if the last has grown long; return where what follows begins."""
        log = self.home.log
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".1"))
        return log.stat().st_size if log.exists() else 0

    def _launch(self) -> psutil.Process:
        """Start postgres as nobody's child: it outlives us, and leaves no zombie when another command stops it."""
        command = [
            self.binaries.program("postgres"),
            "-D",
            str(self.home.data),
            "-c",
            f"config_file={self.home.path / configuration.SERVER}",
        ]
        descriptor = os.open(self.home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as log:
            printed = subprocess.run(
                ["/bin/sh", "-c", '"$@" </dev/null >&2 & echo $!', "sh", *command],
                check=True,
                cwd="/",
                env=configuration.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                **self.home.account.popen,
            ).stdout
        return psutil.Process(int(printed))

    def _wait_until_ready(self, process: psutil.Process) -> Address:
        """Wait until the server answers; psutil.NoSuchProcess if it exits instead."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if (address := self.address()) is not None:
                return address
            if process.status() == psutil.STATUS_ZOMBIE:
                raise psutil.NoSuchProcess(process.pid)
            time.sleep(POLL_SECONDS)
        raise Problem(f"The database server is not ready after {START_SECONDS} seconds: look into {self.home.log}.")

    def _as_wanted(self, address: Address) -> Address:
        if self.port not in {None, address.port}:
            raise Problem(
                f"The database server runs on port {address.port}, not {self.port}: stop it with `cloison stop` first."
            )
        return address

    def _pid_file(self) -> list[str]:
        """Lines of postmaster.pid: process, data, start, port, socket directory, address, shared memory, status."""
        try:
            return [line.strip() for line in (self.home.data / "postmaster.pid").read_text().splitlines()]
        except OSError:
            return []

    def _postmaster(self) -> psutil.Process | None:
        """Return the server's first process, if it lives and is not another that was given the same number since."""
        lines = self._pid_file()
        with suppress(psutil.Error, ValueError, IndexError):
            process = psutil.Process(int(lines[0]))
            if process.status() != psutil.STATUS_ZOMBIE and str(self.home.data) in process.cmdline():
                return process
        return None

    def _clear_remains(self) -> None:
        """Remove what a killed server left: sessions that still end, and a pid file whose number others may have."""
        if not self._pid_file():
            return
        remains = [process for process in psutil.process_iter() if self._is_session(process)]
        _, alive = psutil.wait_procs(remains, timeout=10)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=10)
        (self.home.data / "postmaster.pid").unlink(missing_ok=True)

    def _is_session(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            return process.uids().real == self.home.account.uid and Path(process.cwd()) == self.home.data
        return False

    def _complaint(self, offset: int) -> str:
        with self.home.log.open("rb") as log:
            log.seek(offset)
            text = log.read(100_000).decode(errors="replace")
        lines = re.findall(r"(?:FATAL|PANIC|ERROR|LOG|HINT|postgres): +(.*)", text)
        worst = re.findall(r"(?:FATAL|PANIC|could not|cannot).*", text)
        if any("Address already in use" in line for line in lines):
            return "Address already in use"
        return f"{(worst or lines or ['it did not say why'])[-1].strip().rstrip('.')} ({self.home.log})."


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As PostgreSQL does: connections of a former server that linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _port_taken(port: int) -> str:
    return (
        f"Port {port} of the embedded database is in use by another program: "
        "set CLOISON_EMBEDDED_PORT to a free one, or unset it."
    )


def _gone(process: psutil.Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(POLL_SECONDS)
    return False

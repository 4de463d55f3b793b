import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.embedded import Address, Server
from tests.support.databases import FAST
from tests.support.places import place

COMMAND = [sys.executable, "-m", "cli.main"]
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """How a command ended: exit code, what a script gets, what a person reads."""

    code: int
    answer: str
    said: str


@dataclass(frozen=True)
class Cloison:
    """The command, with settings of its own and none of this process."""

    directory: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CLOISON_")}
        chosen = {"DATA_DIR": str(self.directory), **self.settings, **settings}
        return kept | {"PYTHONPATH": str(CHECKOUT), "COLUMNS": "200"} | {f"CLOISON_{k}": v for k, v in chosen.items()}

    def __call__(self, *arguments: str, **settings: str) -> Outcome:
        """Run a command to its end."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
            env=self.environment(settings),
            stdin=subprocess.DEVNULL,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def succeed(self, *arguments: str, **settings: str) -> str:
        """Run a command that must succeed; return what it answered."""
        outcome = self(*arguments, **settings)
        assert outcome.code == 0, outcome.said
        return outcome.answer.strip()

    def refuse(self, *arguments: str, **settings: str) -> str:
        """Run a command that must fail as one sentence; return the sentence."""
        outcome = self(*arguments, **settings)
        assert outcome.code == 1, outcome
        assert outcome.answer == ""
        assert "Traceback" not in outcome.said
        lines = outcome.said.strip().splitlines()
        assert len(lines) == 1, outcome.said
        sentence = lines[0].removeprefix("error: ")
        assert sentence != lines[0]
        assert sentence.endswith((".", "`"))
        return sentence

    @contextmanager
    def start(self, *arguments: str, **settings: str) -> Iterator["subprocess.Popen[str]"]:
        """Run a command beside the block, and end it with Ctrl-C if it has not ended."""
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(settings),
            stdin=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


@pytest.fixture
def cloison() -> Iterator[Cloison]:
    """The command in a data directory of this test alone, where nothing is yet."""
    with place() as parent:
        yield Cloison(parent / ".data")


@pytest.fixture(scope="module")
def migrated() -> Iterator[Cloison]:
    """The command on an embedded database that is migrated and runs, for a module's tests together."""
    with place() as parent:
        found = Cloison(parent / ".data")
        with Server(found.directory, parameters=FAST).hold():
            found.succeed("migrate")
            yield found


@pytest.fixture(scope="module")
def company(migrated: Cloison) -> Cloison:
    """The same with an account `acme` of ada@acme.example."""
    migrated.succeed("account", "create", "--slug=acme", "--name=Acme", "--owner-email=ada@acme.example")
    return migrated


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def address(cloison: Cloison) -> Address | None:
    """Where the embedded server of a command listens, if it runs."""
    return Server(cloison.directory).address()

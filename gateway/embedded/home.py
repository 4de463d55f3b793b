"""Where a server's files lie, so that it and its owner reach them and nobody else does."""

import json
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from gateway.embedded.account import STATE, Account
from gateway.private import make_private
from gateway.problems import Problem

# sun_path has 104 bytes on macOS and 108 on Linux; PostgreSQL appends /.s.PGSQL.<port>, and C a zero byte.
LONGEST_SOCKET_DIRECTORY = 104 - len("/.s.PGSQL.65535") - 1


@dataclass(frozen=True)
class Home:
    """Files of one server. `path` belongs to whoever runs Cloison, what the server writes to the server's user."""

    path: Path
    account: Account

    @classmethod
    def at(cls, directory: Path) -> Self:
        """Open the home at `directory`, or make it; as root below a private directory, a link to one that works."""
        make_private(directory.parent)
        if not directory.exists():
            account = Account.for_home(directory)
            if account.can_enter(directory.parent):
                directory.mkdir(mode=0o700)
                os.chown(directory, -1, account.gid)
            else:
                directory.unlink(missing_ok=True)
                directory.symlink_to(_elsewhere(account))
        path = directory.resolve()
        if (owner := path.stat().st_uid) != os.geteuid():
            raise Problem(
                f"The database in {directory} belongs to user {owner}: run Cloison as that user, "
                "or set CLOISON_DATA_DIR to another directory."
            )
        account = Account.for_home(path)
        os.chown(path, -1, account.gid)
        path.chmod(0o710)
        return cls(path, account)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        """What the server has to say; readable to its owner alone."""
        return self.path / "log"

    @property
    def port(self) -> int | None:
        """The port of the last start."""
        return self._state().get("port")

    def socket_directory(self) -> Path:
        """Make the directory of the superuser's socket, which is elsewhere if the path here would be too long."""
        directory = self.path / "socket"
        if len(os.fsencode(directory)) > LONGEST_SOCKET_DIRECTORY:
            directory = self._short_socket_directory()
        directory.mkdir(mode=0o700, exist_ok=True)
        self.account.owns(directory)
        directory.chmod(0o700)
        return directory

    def remember(self, **facts: Any) -> None:
        """Keep facts for the next start."""
        draft = self.path / "state.new"
        draft.write_text(json.dumps(self._state() | facts))
        draft.replace(self.path / "state.json")

    def forget_socket(self) -> None:
        """Remove a socket directory that lies elsewhere, after the server has stopped."""
        if (directory := self._remembered_socket_directory()) is not None:
            for file in directory.iterdir():
                file.unlink()
            directory.rmdir()

    def _state(self) -> dict[str, Any]:
        try:
            state: dict[str, Any] = json.loads((self.path / "state.json").read_text())
        except (OSError, ValueError):
            return {}
        return state

    def _remembered_socket_directory(self) -> Path | None:
        """Return the directory elsewhere that an earlier start made, if it is still ours."""
        name = self._state().get("socket_directory")
        if name is None:
            return None
        try:
            status = os.lstat(name)
        except OSError:
            return None
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == self.account.uid
        return Path(name) if ours and stat.S_IMODE(status.st_mode) == 0o700 else None

    def _short_socket_directory(self) -> Path:
        if (directory := self._remembered_socket_directory()) is not None:
            return directory
        runtime = None if self.account.switches else os.environ.get("XDG_RUNTIME_DIR")
        for parent in (runtime, tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes it private
            if parent and len(os.fsencode(parent)) + 20 < LONGEST_SOCKET_DIRECTORY and Path(parent).is_dir():
                directory = Path(tempfile.mkdtemp(prefix="cloison-", dir=parent))
                self.remember(socket_directory=str(directory))
                return directory
        raise Problem(
            "There is no directory with a path short enough for a socket: set CLOISON_DATA_DIR to a short one."
        )


def _elsewhere(account: Account) -> Path:
    directory = STATE / "servers" / secrets.token_hex(8)
    try:
        for parent in (STATE, directory.parent):
            parent.mkdir(exist_ok=True)
            parent.chmod(0o711)
        directory.mkdir(mode=0o700)
        os.chown(directory, 0, account.gid)
    except OSError as error:
        raise Problem(
            f"Root's database server cannot reach the data directory, and {directory} cannot be made "
            f"({error.strerror}): set CLOISON_DATA_DIR to a directory that everybody may pass through."
        ) from None
    return directory

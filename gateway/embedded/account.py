"""The operating system user that the embedded server runs as.

PostgreSQL refuses to run as root. Root's server therefore runs under a user and group id that nobody else has: not
`nobody`, whose other processes could read the data, and not an entry in /etc/passwd, which a demo has no business to
change. Only initdb insists on a user with a name; it runs as `nobody`, in a directory that only the group can enter.
"""

import grp
import hashlib
import os
import pwd
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from gateway.problems import Problem

# Root keeps here what an unprivileged server could not reach in the checkout.
STATE = Path("/var/lib/cloison")

# Ids above those of people and packages, below the end of a user namespace of 16 bits.
FREE_IDS = range(61_184, 65_520)


@dataclass(frozen=True)
class Account:
    """Who runs the server: `uid` and `gid` are numbers of the system; `switches` tells whether we are root."""

    uid: int
    gid: int
    switches: bool

    @classmethod
    def for_home(cls, home: Path) -> Self:
        """Return the user for a server in `home`: ourselves, or for root the number that the home's group says."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), switches=False)
        group = home.stat().st_gid if home.exists() else 0
        number = group or _free_id(str(home))
        return cls(number, number, switches=True)

    @cached_property
    def popen(self) -> dict[str, Any]:
        """Arguments of subprocess that run a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switches else {}

    @cached_property
    def popen_named(self) -> dict[str, Any]:
        """The same for initdb, which needs a user with a name."""
        return self.popen | {"user": _named_id()} if self.switches else {}

    def owns(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.switches:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_enter(self, directory: Path) -> bool:
        """Whether the server could reach what is below `directory`."""
        return not self.switches or self._test("-x", directory)

    def can_run(self, program: Path) -> bool:
        """Whether the server could run `program`, which lies in an installation of PostgreSQL."""
        share = program.parent.parent / "share"
        return not self.switches or (
            self._test("-x", program) and (not share.exists() or self._test("-r", share / "postgresql.conf.sample"))
        )

    def _test(self, flag: str, path: Path) -> bool:
        command = ["/bin/sh", "-c", f'test {flag} "$1"', "sh", str(path)]
        try:
            return subprocess.run(command, check=False, cwd="/", **self.popen).returncode == 0
        except (PermissionError, OSError):
            raise Problem(
                "Root may not start a process as another user here: run Cloison as an ordinary user, "
                "or set CLOISON_DATABASE_URL to a server of your own."
            ) from None


def user_name() -> str:
    """Name of whoever runs this process, as PostgreSQL's peer authentication will see it."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise Problem(
            f"The operating system knows no name for user {os.geteuid()}, which PostgreSQL needs: run Cloison as a "
            "user of this machine, or set CLOISON_DATABASE_URL to a server of your own."
        ) from None


def _free_id(seed: str) -> int:
    """Choose a number that is neither a user nor a group, the same for the same seed as long as it is free."""
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
    for step in range(len(FREE_IDS)):
        number = FREE_IDS[(start + step) % len(FREE_IDS)]
        if _mapped(number) and not _known(number):
            return number
    raise Problem(
        "This container has too few user ids for a server of its own: run Cloison as an ordinary user, "
        "or set CLOISON_DATABASE_URL to a server of your own."
    )


def _known(number: int) -> bool:
    with suppress(KeyError):
        pwd.getpwuid(number)
        return True
    with suppress(KeyError):
        grp.getgrgid(number)
        return True
    return False


def _named_id() -> int:
    with suppress(KeyError):
        if (nobody := pwd.getpwnam("nobody").pw_uid) and _mapped(nobody):
            return nobody
    for entry in pwd.getpwall():
        if entry.pw_uid != 0 and _mapped(entry.pw_uid):
            return entry.pw_uid
    raise Problem("This machine knows no user but root: add one, or set CLOISON_DATABASE_URL to a server of your own.")


def _mapped(number: int) -> bool:
    """Whether the id exists in this user namespace."""
    try:
        ranges = Path("/proc/self/uid_map").read_text().splitlines()
    except OSError:
        return True
    return any(int(first) <= number < int(first) + int(count) for first, _, count in map(str.split, ranges))

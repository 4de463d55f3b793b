"""A PostgreSQL of our own for development: nothing to install, and still nobody gets in who should not.

Whoever needs the server holds it; the first to hold it starts it, and the last to let go stops it. A process that is
killed lets go by dying, since what it held is a lock of the operating system.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.embedded.binaries import Binaries
from gateway.embedded.cluster import DATABASE, SUPERUSER, Address, Cluster
from gateway.embedded.home import Home
from gateway.locks import Shared, exclusive
from gateway.private import make_private

__all__ = ["DATABASE", "SUPERUSER", "Address", "Server"]


@dataclass(frozen=True)
class Server:
    """The server whose files are in `directory`/postgres.

    `port` None is a free port, the same again after a restart where possible. `programs` is a directory with another
    PostgreSQL's initdb and postgres; `parameters` are settings of PostgreSQL that come after our own.
    """

    directory: Path
    port: int | None = None
    programs: Path | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def hold(self, *, keep: bool = False) -> Iterator[Address]:
        """Have the server run while the block runs. With `keep`, it goes on running afterwards, until `stop`."""
        make_private(self.directory)
        with exclusive(self._gate):
            address = self._cluster().start()
            held = Shared(self._holders)
        try:
            yield address
        finally:
            with exclusive(self._gate):
                if held.is_last():
                    if keep:
                        self._kept.touch()
                    elif not self._kept.exists():
                        self._cluster().stop()
                held.release()

    def address(self) -> Address | None:
        """Where it listens, or None if it does not run."""
        if not (self.directory / "postgres").exists():
            return None
        return self._cluster().address()

    def stop(self) -> bool:
        """Stop the server, even if it is meant to go on, unless somebody holds it; tell whether it stands still."""
        if not (self.directory / "postgres").exists():
            return True
        with exclusive(self._gate):
            held = Shared(self._holders)
            try:
                if not held.is_last():
                    return False
                self._kept.unlink(missing_ok=True)
                self._cluster().stop()
                return True
            finally:
                held.release()

    def _cluster(self) -> Cluster:
        home = Home.at(self.directory / "postgres")
        binaries = Binaries(self.programs) if self.programs else Binaries.packaged(home.account)
        return Cluster(home, binaries, self.port, self.parameters)

    @property
    def _gate(self) -> Path:
        return self.directory / "postgres.lock"

    @property
    def _holders(self) -> Path:
        return self.directory / "postgres.holders"

    @property
    def _kept(self) -> Path:
        return self.directory / "postgres.kept"

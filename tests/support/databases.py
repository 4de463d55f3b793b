"""Servers and databases for tests: one server per test process, one migrated template in it, clones of that."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from pytest_postgresql.janitor import DatabaseJanitor

from gateway.database import GATEWAY
from gateway.embedded import SUPERUSER, Address, Server

GATEWAY_PASSWORD = secrets.token_urlsafe(16)

# Tests need no durability: what a crash would lose is made anew.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True)
class TestDatabase:
    """A migrated database that one test has for itself."""

    __test__ = False

    name: str
    address: Address

    @property
    def admin_dsn(self) -> str:
        """URL of the superuser."""
        return self.address.superuser_url(self.name)

    @property
    def gateway_dsn(self) -> str:
        """URL of the gateway's login."""
        return self.login_dsn(GATEWAY, GATEWAY_PASSWORD)

    def login_dsn(self, user: str, password: str) -> str:
        """URL of any other login, such as an analyst's."""
        return self.address.login_url(user, password, self.name)

    @contextmanager
    def clone(self) -> Iterator["TestDatabase"]:
        """Copy this database, to which nobody may be connected, for the time of the block."""
        with clone_of(self) as copy:
            yield copy

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Open a connection as the superuser; the caller closes it."""
        return await asyncpg.connect(self.admin_dsn)


@contextmanager
def server(programs: Path | None) -> Iterator[Address]:
    """Run a server of its own in a directory that goes away with it."""
    directory = Path(tempfile.mkdtemp(prefix="cloison-test-"))
    directory.chmod(0o711)
    try:
        with Server(directory, programs=programs, parameters=FAST).hold() as address:
            yield address
    finally:
        shutil.rmtree(directory)


@contextmanager
def empty(address: Address, name: str, template: str | None = None, *, as_template: bool = False) -> Iterator[str]:
    """Make a database, from a template or empty, for the time of the block."""
    janitor = DatabaseJanitor(
        user=SUPERUSER,
        host=str(address.socket_directory),
        port=address.port,
        dbname=name,
        template_dbname=template,
        as_template=as_template,
    )
    with janitor:
        if template is not None:
            # A copy has everything of its template but what was granted on the database as a whole.
            with janitor.cursor() as cursor:
                name = janitor.dbname
                cursor.execute(f'revoke connect, temporary on database "{name}" from public')
                cursor.execute(f'grant connect on database "{name}" to cloison_analyst, {GATEWAY}')
                cursor.execute(f'grant temporary on database "{name}" to {GATEWAY}')
        yield janitor.dbname


@contextmanager
def clone_of(template: TestDatabase) -> Iterator[TestDatabase]:
    """Copy `template`, to which nobody may be connected, for the time of the block."""
    with empty(template.address, f"test_{secrets.token_hex(6)}", template.name) as name:
        yield TestDatabase(name, template.address)


def with_database(url: str, name: str) -> str:
    """Return `url` for another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))

"""Fixtures that every test may use; tests/README.md lists them."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import anyio
import asyncpg
import pytest

from gateway.embedded import Address
from migrations import runner
from tests.support import databases
from tests.support.databases import GATEWAY_PASSWORD, TestDatabase

Clone = Callable[[], AbstractContextManager[TestDatabase]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres",
        metavar="MAJOR|DIRECTORY",
        help="run the tests marked any_server on this PostgreSQL instead of the embedded one: 15 for Debian's, "
        "or a directory with initdb and postgres",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--postgres") is None:
        return
    kept = [item for item in items if item.get_closest_marker("any_server")]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what property tests have looked at, also when they ran in other processes; parts of one test together."""
    found: dict[str, Counter[str]] = {}
    for report in terminalreporter.getreports(""):
        if getattr(report, "when", None) == "teardown" and (counts := dict(report.user_properties).get("counts")):
            found.setdefault(report.nodeid.partition("[")[0], Counter()).update(counts)
    for test, counts in sorted(found.items()):
        terminalreporter.write_line(f"{test}: {', '.join(f'{number:,} {what}' for what, number in counts.items())}")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Python's own loop: uvloop's never closes over a connection that a failed test has left open."""
    return "asyncio"


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config) -> Path | None:
    """Where initdb and postgres are; None for the embedded ones."""
    choice = pytestconfig.getoption("--postgres")
    if choice is None:
        return None
    path = Path(f"/usr/lib/postgresql/{choice}/bin") if choice.isdigit() else Path(choice)
    if not (path / "initdb").exists():
        pytest.exit(f"There is no initdb in {path}: install that PostgreSQL, or name its directory.", returncode=4)
    return path


@pytest.fixture(scope="session")
def server(programs: Path | None) -> Iterator[Address]:
    """A server of this test process."""
    with databases.server(programs) as address:
        yield address


@pytest.fixture(scope="session")
def template(server: Address) -> Iterator[TestDatabase]:
    """The migrated database that others are copied from. Connect to a copy, never to this."""
    with databases.empty(server, "migrated", as_template=True) as name:
        found = TestDatabase(name, server)
        anyio.run(partial(runner.upgrade, found.admin_dsn, GATEWAY_PASSWORD))
        yield found


@pytest.fixture(scope="session")
def clone(template: TestDatabase) -> Clone:
    """Context manager that makes a migrated database, for fixtures of a wider scope than a test."""
    return partial(databases.clone_of, template)


@pytest.fixture
def database(clone: Clone) -> Iterator[TestDatabase]:
    """A migrated database of this test alone."""
    with clone() as found:
        yield found


@pytest.fixture
def admin_dsn(database: TestDatabase) -> str:
    """URL of the superuser of `database`."""
    return database.admin_dsn


@pytest.fixture
def gateway_dsn(database: TestDatabase) -> str:
    """URL of the gateway's login in `database`."""
    return database.gateway_dsn


@pytest.fixture
async def admin(database: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to `database` as the superuser."""
    connection = await database.connect()
    yield connection
    await connection.close()


@pytest.fixture
async def gateway(database: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to `database` as the gateway's login, nobody entered."""
    connection = await asyncpg.connect(database.gateway_dsn)
    yield connection
    await connection.close()

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.embedded import Address, Server
from tests.support.databases import FAST
from tests.support.places import place


@pytest.fixture(scope="module")
def running() -> Iterator[Address]:
    """A server that tests of a module only look at."""
    with place() as directory, Server(directory / ".data", parameters=FAST).hold() as address:
        yield address


@pytest.fixture
def directory() -> Iterator[Path]:
    """A data directory of this test alone, not made yet."""
    with place() as parent:
        yield parent / ".data"


@pytest.fixture
def owned(directory: Path) -> Server:
    """A server of this test alone, not started yet."""
    return Server(directory, parameters=FAST)

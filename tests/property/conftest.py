"""Databases and connections that last for many worlds, and what was found, told at the end of the run."""

import os
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from tests.conftest import Clone
from tests.property.asking import probes
from tests.property.doors import Doors
from tests.property.worlds import USERS
from tests.support.databases import TestDatabase

settings.register_profile(
    "cloison",
    derandomize=True,
    deadline=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
settings.register_profile("explore", settings.get_profile("cloison"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "cloison"))


@pytest.fixture(scope="module")
def worlds_database(clone: Clone) -> Iterator[TestDatabase]:
    with clone() as database:
        yield database


@pytest.fixture(scope="module")
async def doors(worlds_database: TestDatabase) -> AsyncIterator[Doors]:
    async with AsyncExitStack() as stack:

        async def connect(dsn: str, cache: int = 100) -> "asyncpg.Connection[asyncpg.Record]":
            connection = await asyncpg.connect(dsn, statement_cache_size=cache)
            stack.push_async_callback(connection.close)
            return connection

        admin = await connect(worlds_database.admin_dsn)
        await admin.execute(probes())
        analysts, logins = {}, {}
        for user in ("root", *USERS):
            # Roles belong to the server, which has such a database for each module of tests.
            name, password = f"cloison_a_{secrets.token_hex(10)}", f"password-of-{user}"
            await admin.execute("select access_private.make_login($1, $2)", name, password)
            # Without a cache: a plan that was made for another member is refused, as it should be.
            analysts[user] = await connect(worlds_database.login_dsn(name, password), cache=0)
            logins[user] = name
        yield Doors(worlds_database, admin, await connect(worlds_database.gateway_dsn), analysts, logins)


@pytest.fixture
def counts(record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """What a test has looked at; told at the end of the run."""
    found: Counter[str] = Counter()
    yield found
    record_property("counts", dict(found))

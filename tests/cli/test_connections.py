"""The workers' pools together never ask for more connections than the server lets the gateway's login have."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import httpx
import pytest

from cli.connections import Room, advice, fitting, room, wanted
from gateway.problems import Problem
from gateway.settings import Settings
from tests.api.conftest import eventually
from tests.cli.conftest import Cloison, address
from tests.cli.test_doctor import findings
from tests.cli.test_serve import wait_for
from tests.support.databases import TestDatabase


@pytest.mark.parametrize(
    ("workers", "pool_max", "connections", "fits"),
    [(1, 10, 97, 10), (8, 10, 128, 10), (8, 10, 127, 9), (8, 10, 56, 1), (1, 10, 7, 1), (256, 10, 197 * 256, 10)],
)
def test_the_largest_pool_that_fits_is_taken(workers: int, pool_max: int, connections: int, fits: int) -> None:
    settings, found = Settings(workers=workers, pool_max=pool_max), Room(connections, "raise it")

    assert fitting(settings, found) == fits
    assert wanted(settings, fits) <= connections
    assert (advice(settings, found) is None) == (fits == pool_max)


@pytest.mark.parametrize(("workers", "connections"), [(1, 6), (8, 55), (1, 0)])
def test_where_a_worker_would_have_no_connection_it_is_refused(workers: int, connections: int) -> None:
    with pytest.raises(Problem, match=f"{workers} workers? needs? .* have {connections}: raise it"):
        fitting(Settings(workers=workers), Room(connections, "raise it"))


LIMITED = [
    ("alter role cloison_gateway connection limit 14", "alter role cloison_gateway connection limit -1", "the login's"),
    ("alter database cloison connection limit 14", "alter database cloison connection limit -1", "the database's"),
]


async def ready(port: int) -> bool:
    """Whether a server has what it needs."""
    return (await asyncio.to_thread(wait_for, port)).status_code == 200


@pytest.mark.parametrize(("limit", "unlimit", "whose"), LIMITED, ids=["login", "database"])
async def test_serving_lowers_the_pool_to_what_the_server_lets_it_have_and_says_so(
    migrated: Cloison, free_port: int, limit: str, unlimit: str, whose: str
) -> None:
    async with altered(migrated, limit, unlimit):
        code, found = findings(migrated)
        assert code == 1
        assert "CLOISON_POOL_MAX + CLOISON_EXPORTS + CLOISON_JOBS + 3) is 16" in (found["connections"] or "")
        assert f"raise {whose} limit" in (found["connections"] or "")
        with migrated.start("serve", f"--port={free_port}", POOL_MIN="10") as process:
            # What doctor had open may be on its way out still.
            await eventually(partial(ready, free_port), seconds=60)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
        assert "Until then each worker opens 8 for requests." in said
        refused = migrated.refuse("serve", f"--port={free_port}", "--workers=4")
        assert "4 workers need 28 connections" in refused
        assert "lets the gateway have 14" in refused
    assert findings(migrated)[1]["connections"] is None


async def test_workers_open_no_more_than_they_may(migrated: Cloison, free_port: int) -> None:
    limit, unlimit, _ = LIMITED[0]
    async with altered(migrated, limit, unlimit) as admin:
        with migrated.start("serve", f"--port={free_port}", "--workers=2", POOL_MIN="10"):
            await asyncio.to_thread(wait_for, free_port)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port}") as client:
                answers = await asyncio.gather(*(client.get("/readyz") for _ in range(40)))
            assert {answer.status_code for answer in answers} == {200}
            opened = await admin.fetchval("select count(*) from pg_stat_activity where usename = 'cloison_gateway'")
            assert 2 * 3 <= opened <= 14


async def test_reserved_places_are_not_for_the_gateway(database: TestDatabase) -> None:
    gateway, admin = await asyncpg.connect(database.gateway_dsn), await database.connect()
    try:
        found = await room(gateway)
        assert found is not None
        most = await admin.fetchval("select current_setting('max_connections')::integer")
        assert found.connections == most - 3
        assert found.reason == "raise max_connections"
    finally:
        await gateway.close()
        await admin.close()


async def test_a_pooler_in_between_has_limits_of_its_own(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(database.gateway_dsn)
    try:
        answered: Callable[[], int] = connection.get_server_pid
        monkeypatch.setattr(type(connection), "get_server_pid", lambda _: answered() + 1)

        assert await room(connection) is None
        assert advice(Settings(workers=200), None) is None
    finally:
        await connection.close()


@asynccontextmanager
async def altered(cloison: Cloison, statement: str, back: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """With something changed for the time of the block."""
    found = address(cloison)
    assert found is not None
    connection = await asyncpg.connect(found.superuser_url())
    try:
        await connection.execute(statement)
        yield connection
    finally:
        await connection.execute(back)
        await connection.close()

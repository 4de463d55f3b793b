"""Worlds differ in the one thing that they say, and everything that costs is measured in both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest

from benchmarks import growth, members, worlds
from benchmarks.problems import BenchmarkError
from benchmarks.worlds import Shape, World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("benchmarks")]

TINY = Shape(contacts=10_000, accounts=3, members=24, teams=12, keys=2, roles=4, profiles=4)
DEEP = replace(TINY, teams=20, keys=4, depth=20, accounts=4, roles=6, profiles=3)
SHARED = "select count(*) from access.share where account_id = $1 and user_id = $2"
DEPTH = "select max(depth) + 1 from access_private.team_closure where account_id = $1"


@pytest.mark.parametrize("shape", [TINY, DEEP], ids=["wide", "deep"])
async def test_a_world_is_what_it_says(shape: Shape) -> None:
    async with looked_at(shape) as (world, admin, gateway):
        asking = {scope: await members.of_email(admin, gateway, "bench-0", scope) for scope in ("own", "team", "all")}
        account = asking["all"].account

        assert await admin.fetchval("select count(*) from access.account") == shape.accounts
        assert await admin.fetchval("select count(*) from crm.contacts") == shape.contacts
        assert await admin.fetchval("select count(*) from access.team where account_id = $1", account) == shape.teams
        assert len(world.users) == shape.members
        assert await admin.fetchval(DEPTH, account) == (shape.depth or 4)
        profiles = await admin.fetchval(
            "select count(distinct profile) from access_private.session_profile where user_id = any ($1)", world.users
        )
        assert profiles == shape.profiles
        # Rows that are open to everybody have a key of their own.
        assert asking["team"].team_keys.count("-") // 4 == shape.keys + 1
        everything = asking["all"].rows
        assert asking["own"].rows == pytest.approx(everything / worlds.OWN, rel=0.6)
        assert asking["team"].rows == pytest.approx(everything / worlds.BY_TEAM, rel=0.6)


async def test_rows_are_shared_with_those_who_ask_and_among_the_others() -> None:
    async with looked_at(replace(TINY, shared=7, shares=50)) as (_, admin, gateway):
        asking = {scope: await members.of_email(admin, gateway, "bench-0", scope) for scope in ("own", "team", "all")}
        account = asking["all"].account

        shared = {scope: await admin.fetchval(SHARED, account, member.user) for scope, member in asking.items()}
        assert shared == {"own": 7, "team": 7, "all": 0}
        assert await admin.fetchval("select count(*) from access.share where account_id = $1", account) == 64
        # What is shared is seen beside what is owned.
        owned = await admin.fetchval(
            "select count(*) from crm.contacts where account_id = $1 and owner_id = $2", account, asking["own"].user
        )
        assert asking["own"].rows == owned + 7


@asynccontextmanager
async def looked_at(
    shape: Shape,
) -> AsyncIterator[tuple[World, "asyncpg.Connection[asyncpg.Record]", "asyncpg.Connection[asyncpg.Record]"]]:
    """A world, with connections of its superuser and of the gateway."""
    async with worlds.running(shape) as world:
        admin = await asyncpg.connect(world.database.admin_url)
        gateway = await asyncpg.connect(world.database.gateway_url)
        try:
            yield world, admin, gateway
        finally:
            await gateway.close()
            await admin.close()


async def test_everything_that_costs_is_measured_in_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "GROWN", {"rows": ("rows", TINY, replace(TINY, contacts=100_000))})
    monkeypatch.setattr(growth, "ROUNDS", 1)
    (found,) = await growth.run(["rows"], lambda _: None)

    assert set(found.base[0]) == set(found.tenfold[0]) == set(growth.TITLES)
    assert found.tenfold[0]["all count"].buffers > 3 * found.base[0]["all count"].buffers
    assert found.tenfold[0]["own point"].buffers <= 2 * found.base[0]["own point"].buffers
    assert "| rows |" in growth.section("command", [found], [growth.Held(256, 1, 10.0)])


async def test_what_does_not_grow_here_is_named() -> None:
    with pytest.raises(BenchmarkError, match="no files: noise, rows, members"):
        await growth.run(["files"], lambda _: None)


async def test_a_connection_has_met_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "DOCUMENTS", ("Q2",))
    found = await growth.plans(TINY, kept=(256,), steps=(1, 4))

    assert [(each.kept, each.profiles) for each in found] == [(256, 1), (256, 4)]
    assert 0 < found[0].mebibytes <= found[1].mebibytes

"""What is sensitive in an account (C9): each guard is broken once, and what it is there for is seen to fail."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from tests.database.checks import sabotage
from tests.database.live import rewrite
from tests.database.world import World, entered, refused

pytestmark = pytest.mark.any_server

NORTH = "(select id from access.account where slug = 'north')"
VERA = "(select id from access.app_user where email = 'vera@north.example')"
COUNT = "select count(*) from crm.deals_sensitive"
UNMASK = f"select access.set_sensitive({NORTH}, 'deals', false)"
AGAIN = f"{UNMASK}; select access.set_sensitive({NORTH}, 'deals', true)"
EFFECTIVE = "access_private.effective_cells(uuid,uuid,timestamptz)"
EVERYBODY = f"select access_private.refresh({NORTH})"


def given(module: str, action: str) -> str:
    """A right of vera's own, who views everything and sees nothing sensitive."""
    return f"select access.set_exception({NORTH}, {VERA}, '{module}', '{action}', 'all', 'grant')"


async def it_is_masked(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with entered(trial, world, "olga"):
        assert await trial.fetchval(COUNT) == 3
    async with entered(trial, world, "vera"):
        assert await trial.fetchval("select count(*) from crm.deals") == 3
        assert await trial.fetchval(COUNT) == 0


async def settings_are_not_enough(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with entered(trial, world, "olga"):
        await trial.execute("select access.set_sensitive($1, 'deals', false)", world.north)
    async with entered(trial, world, "vera"):
        await refused(trial, "U0403", "select access.set_sensitive($1, 'deals', false)", world.north)


async def it_is_not_handed_on(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    give = "select access.set_exception($1, $2, 'deals', 'view_sensitive', 'owned', 'grant')"
    async with entered(trial, world, "vera"):
        assert await trial.fetchval(COUNT) == 3
        await refused(trial, "U0403", give, world.north, world.users["rolf"])


async def test_without_its_policy_everybody_reads(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await sabotage(trial, world, it_is_masked, "alter policy view_sensitive on crm.deals_sensitive using (true)")


async def test_without_the_bound_who_configures_settings_unmasks(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """G1."""
    await trial.execute(given("settings", "configure"))
    await settings_are_not_enough(trial, world)
    await rewrite(trial, "access.set_sensitive(uuid,text,boolean)", "access_private.bound_cells(", "cardinality(")
    with pytest.raises(AssertionError):
        await settings_are_not_enough(trial, world)


async def test_without_authority_anybody_unmasks(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await trial.execute(given("deals", "view_sensitive"))
    await settings_are_not_enough(trial, world)
    await rewrite(
        trial, "access.set_sensitive(uuid,text,boolean)",
        "access_private.authorize(account, 'settings')", "access_private.lock_account(account)",
    )  # fmt: skip
    with pytest.raises(AssertionError):
        await settings_are_not_enough(trial, world)


BREAKS: dict[str, tuple[str, str, str, Callable[["asyncpg.Connection[asyncpg.Record]", World], Awaitable[None]]]] = {
    "what is unmasked is held": (
        f"{UNMASK}; {given('users', 'configure')}",
        "'view_sensitive', 'unmasked'",
        "'view_sensitive', 'all'",
        it_is_not_handed_on,
    ),
    "what was unmasked once stays so": (AGAIN, "and s.valid @> at", "", it_is_masked),
    "a fact is taken for its contrary": (AGAIN, "and not s.sensitive", "", it_is_masked),
    "another account's fact counts": (
        UNMASK.replace("north", "south"), "s.account_id = account and", "", it_is_masked,
    ),
    "another module's fact counts": (
        UNMASK.replace("deals", "leads"), "and s.module = i.module", "", it_is_masked,
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BREAKS)
async def test_what_the_cells_say_is_said_by_the_facts(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, broken: str
) -> None:
    before, old, new, check = BREAKS[broken]
    await trial.execute(before)
    await trial.execute("set constraints all immediate; set constraints all deferred")
    await check(trial, world)
    await rewrite(trial, EFFECTIVE, old, new)
    await trial.execute(EVERYBODY)
    with pytest.raises(AssertionError):
        await check(trial, world)

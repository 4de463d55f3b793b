"""A dry run by hand: it is not committed, nobody acts as somebody else in it, and policies say what is counted (X2)."""

import json
from typing import Any, TypeAlias

import asyncpg
import pytest

from tests.database.checks import sabotage
from tests.database.checks_of_facts import a_dry_run_is_not_committed
from tests.database.conftest import Kept
from tests.database.live import connected, rewrite
from tests.database.world import World, entered, refused, rolled_back

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
MOVE = "select access.move_team(access.account_id(), $1, null)"


async def found(trial: Connection, world: World, who: str, statement: str, *values: Any) -> dict[str, Any]:
    """What a dry run of a statement says."""
    async with entered(trial, world, who):
        await trial.execute("select access.begin_preview()")
        await trial.execute("savepoint before_change")
        await trial.execute(statement, *values)
        after = await trial.fetchval("select access.preview_after()")
        await trial.execute("rollback to savepoint before_change")
        return dict(json.loads(await trial.fetchval("select access.preview_before($1::jsonb)", after)))


def counted(told: dict[str, Any], module: str, action: str = "view") -> tuple[int, int]:
    """Rows gained and lost by all members together."""
    for total in told["totals"]:
        if (total["module"], total["action"]) == (module, action):
            return total["gained"], total["lost"]
    return 0, 0


async def test_a_dry_run_is_not_committed(trial: Connection, world: World) -> None:
    await sabotage(
        trial,
        world,
        a_dry_run_is_not_committed,
        "drop trigger preview_undone on access_private.preview",
    )


async def test_a_commit_is_refused_whatever_was_done(kept: Kept) -> None:
    """On a connection of its own, to the very end: the team is where it was."""
    async with connected(kept.database.gateway_dsn) as gateway:
        await gateway.execute("begin")
        await gateway.execute("select access.enter('north', $1)", kept.world.users["olga"])
        await gateway.execute("select access.begin_preview()")
        await gateway.execute(MOVE, kept.world.teams["west"])
        with pytest.raises(asyncpg.PostgresError) as refusal:
            await gateway.execute("commit")
        assert refusal.value.sqlstate == "2D000"
        await gateway.execute("begin")
        await gateway.execute("select access.enter('north', $1)", kept.world.users["olga"])
        parent = await gateway.fetchval("select parent_id from crm.teams where id = $1", kept.world.teams["west"])
        assert parent == kept.world.teams["region"]


AS_ROLF = "select access.counted_as($1, 'deals', '{\"ids\": []}')"


async def nobody_is_acted_as_outside_of_a_dry_run(trial: Connection, world: World) -> None:
    async with entered(trial, world, "olga"):
        await refused(trial, "25001", "select profile from access.preview_identity($1)", world.users["rolf"])
        await refused(trial, "25001", AS_ROLF, world.users["rolf"])
        await refused(trial, "25001", "select access.preview_plan()")


async def who_may_not_know_acts_as_himself_alone(trial: Connection, world: World) -> None:
    """Lena sets up nothing and may not view users; Bo may."""
    async with entered(trial, world, "lena"):
        await trial.execute("select access.begin_preview()")
        assert await trial.fetchval("select profile from access.preview_identity($1)", world.users["lena"])
        await refused(trial, "25001", "select profile from access.preview_identity($1)", world.users["rolf"])
    async with entered(trial, world, "bo"):
        await trial.execute("select access.begin_preview()")
        assert await trial.fetchval("select profile from access.preview_identity($1)", world.users["rolf"])


async def nobody_is_acted_as_while_a_cursor_is_open(trial: Connection, world: World) -> None:
    async with entered(trial, world, "olga"):
        await trial.execute("select access.begin_preview()")
        await trial.fetchval(AS_ROLF, world.users["rolf"])
        await trial.execute("declare mine cursor for select name from crm.deals")
        await refused(trial, "25001", AS_ROLF, world.users["rolf"])


async def nobody_is_acted_as_in_another_account(trial: Connection, world: World) -> None:
    async with entered(trial, world, "olga"):
        await trial.execute("select access.begin_preview()")
        assert await trial.fetchval(AS_ROLF, world.users["sven"]) is None


@pytest.mark.parametrize(
    ("check", "condition", "instead"),
    [
        (nobody_is_acted_as_outside_of_a_dry_run, "access_private.present_preview() is null", "false"),
        (who_may_not_know_acts_as_himself_alone, "not access_private.previews_others()", "false"),
        (nobody_is_acted_as_while_a_cursor_is_open, "c.name <> ''", "false"),
    ],
    ids=["outside", "others", "cursors"],
)
async def test_nobody_acts_as_somebody_else(
    trial: Connection, world: World, check: Any, condition: str, instead: str
) -> None:
    await check(trial, world)
    await rewrite(trial, "access.preview_identity(uuid)", condition, instead)
    with pytest.raises(AssertionError):
        await check(trial, world)


async def test_members_of_other_accounts_are_nobody(trial: Connection, world: World) -> None:
    await nobody_is_acted_as_in_another_account(trial, world)


async def test_whoever_counts_is_himself_again(trial: Connection, world: World) -> None:
    """Also where what he asks makes no sense."""
    who = (
        "select current_user || session_user || access.user_id() || access.team_keys()::text || current_setting('role')"
    )
    async with entered(trial, world, "olga"):
        await trial.execute("select access.begin_preview()")
        before = await trial.fetchval(who), await trial.fetchval("select count(*) from crm.deals")
        assert before[1] == 3
        await trial.fetchval(AS_ROLF, world.users["rolf"])
        assert (await trial.fetchval(who), await trial.fetchval("select count(*) from crm.deals")) == before
        async with rolled_back(trial):
            with pytest.raises(asyncpg.PostgresError):
                await trial.fetchval(
                    "select access.counted_as($1, 'deals', '{\"ids\": [\"nonsense\"]}')", world.users["rolf"]
                )
        assert (await trial.fetchval(who), await trial.fetchval("select count(*) from crm.deals")) == before


async def test_an_analyst_tries_nothing(trial: Connection, world: World) -> None:
    name, _ = world.analysts["lena"]
    async with rolled_back(trial):
        await trial.execute(f"set local session authorization {name}")
        await refused(trial, "42501", "select access.begin_preview()")
        await refused(trial, "42501", "select profile from access.preview_identity($1)", world.users["rolf"])


async def test_the_policies_say_the_numbers(trial: Connection, world: World) -> None:
    """Without the policy of a scope, rows of that scope are neither gained nor lost."""
    west = world.teams["west"]
    assert counted(await found(trial, world, "olga", MOVE, west), "deals") == (0, 1)
    await trial.execute("drop policy view_team on crm.deals")
    assert counted(await found(trial, world, "olga", MOVE, west), "deals") == (0, 0)


@pytest.mark.parametrize(
    ("function", "condition", "instead"),
    [
        ("access.preview_of_deals(jsonb)", " and t.team_key = any ($6)", ""),
        ("access.preview_of_landing_pages(jsonb)", " and t.restricted and t.team_ids && $6", ""),
    ],
    ids=["record", "asset"],
)
async def test_conditions_only_find(
    trial: Connection, world: World, function: str, condition: str, instead: str
) -> None:
    """Taken away, no number changes."""
    told = await found(trial, world, "olga", MOVE, world.teams["west"])
    assert counted(told, "deals") == (0, 1)
    await rewrite(trial, function, condition, instead)
    assert (await found(trial, world, "olga", MOVE, world.teams["west"]))["totals"] == told["totals"]

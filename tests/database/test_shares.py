"""O8: shares end by the clock, in open sessions too; changes beside one another; what each policy is there for."""

import asyncio

import asyncpg
import pytest

from tests.database.live import GONE, WAITS, analyst_of, connected, eventually, rewrite, violations
from tests.database.test_ends import BY_ANALYST, COUNT, END, OF_ACCOUNT, seen
from tests.database.world import World, build, entered, rolled_back
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

OVER = "select clock_timestamp() > max(upper(valid)) from access.share where not upper_inf(valid)"
SHARE = "select access.share_deals($1, $2, null, $3, 'holiday', $4)"
UNSHARE = "select access.unshare_deals($1, $2, null)"
CHANGE = "update crm.deals set name = 'changed' where id = $1"
ACTIONS = "select actions::text from access.share where row_id = $1 and user_id = $2 and valid @> clock_timestamp()"
IN_FORCE = "select count(*) from access.share where row_id = $1 and user_id = $2 and valid @> clock_timestamp()"


async def made(admin: "asyncpg.Connection[asyncpg.Record]") -> World:
    """The world, without the share that the other tests' world has."""
    world = await build(admin)
    await admin.execute("delete from access.share")
    return world


async def give(
    admin: "asyncpg.Connection[asyncpg.Record]",
    world: World,
    row: str,
    name: str,
    seconds: float | None = None,
) -> None:
    """Olga shares somebody's deal to be seen, from now on for so many seconds."""
    async with admin.transaction():
        await admin.execute("set local session authorization cloison_gateway")
        await admin.execute("select access.enter('north', $1)", world.users["olga"])
        until = await admin.fetchval("select clock_timestamp() + $1 * interval '1 s'", seconds)
        await admin.fetchval(SHARE, world.row("deals", row), world.users[name], ["view"], until)


async def test_a_share_ends_without_anything_that_runs(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    world = await made(admin)
    await give(admin, world, "ella", "rolf", 2)
    assert await seen(gateway, world, "rolf") == 2

    await eventually(admin, OVER)

    assert await seen(gateway, world, "rolf") == 1
    assert await violations(admin, "session_profile") == []


async def around_the_end(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]", world: World
) -> tuple[int, int]:
    """What rolf sees before and after the end, in one transaction of his."""
    await give(admin, world, "ella", "rolf", 2)
    async with gateway.transaction():
        await gateway.execute("select access.enter('north', $1)", world.users["rolf"])
        before = await gateway.fetchval(COUNT)
        await eventually(admin, OVER)
        return before, await gateway.fetchval(COUNT)


async def test_the_time_of_the_statement_decides(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    assert await around_the_end(admin, gateway, await made(admin)) == (2, 1)


async def test_the_time_of_the_transaction_would_give_what_has_ended(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    world = await made(admin)
    await rewrite(admin, "access.shared_rows(text,text)", "statement_timestamp()", "now()")
    assert await around_the_end(admin, gateway, world) == (2, 2)


async def test_what_begins_later_is_without_effect_before(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    world = await made(admin)
    await give(admin, world, "ella", "rolf")
    await admin.execute("update access.share set valid = tstzrange(clock_timestamp() + interval '1 hour', null)")
    assert await seen(gateway, world, "rolf") == 1
    await admin.execute("update access.share set valid = tstzrange(clock_timestamp() - interval '1 hour', null)")
    assert await seen(gateway, world, "rolf") == 2


@pytest.mark.parametrize("how", ["its time", "taken back"])
async def test_an_analysts_open_session_ends_with_what_was_shared(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    how: str,
) -> None:
    world = await made(admin)
    await give(admin, world, "nobody", "lena", 2 if how == "its time" else None)
    await give(admin, world, "ella", "vera", 1)
    await gateway.fetchval(END)
    async with analyst_of(database, world, "lena") as analyst, analyst_of(database, world, "vera") as bystander:
        await analyst.execute(
            "begin isolation level repeatable read; declare kept cursor for select name from analyst.deals"
        )
        assert len(await analyst.fetch("fetch all from kept")) == OF_ACCOUNT
        if how == "its time":
            await eventually(admin, OVER)
        else:
            async with admin.transaction():
                await admin.execute("set local session authorization cloison_gateway")
                await admin.execute("select access.enter('north', $1)", world.users["olga"])
                await admin.fetchval(UNSHARE, world.row("deals", "nobody"), world.users["lena"])
            await eventually(admin, OVER)

        assert await gateway.fetchval(END) == 1

        with pytest.raises(GONE):
            await analyst.fetchval(BY_ANALYST)
        assert await bystander.fetchval(BY_ANALYST) == OF_ACCOUNT, "she sees everything anyway"
    async with analyst_of(database, world, "lena") as analyst:
        assert await analyst.fetchval(BY_ANALYST) == OF_ACCOUNT - 1


async def test_a_share_taken_back_stops_the_next_statement_of_an_analyst(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase
) -> None:
    world = await made(admin)
    await give(admin, world, "nobody", "lena")
    # Her profile stays as it is.
    await admin.execute(
        "insert into access.share (account_id, module, row_id, user_id, actions, given_by)"
        " select account_id, module, gen_random_uuid(), user_id, actions, given_by from access.share"
    )
    async with analyst_of(database, world, "lena") as analyst:
        kept = await analyst.prepare(BY_ANALYST)
        assert await kept.fetchval() == OF_ACCOUNT
        await admin.execute(
            "update access.share set valid = tstzrange(lower(valid), clock_timestamp()) where row_id = $1",
            world.row("deals", "nobody"),
        )
        assert await kept.fetchval() == OF_ACCOUNT - 1


async def test_of_two_who_share_at_once_the_later_stands(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase
) -> None:
    world = await made(admin)
    row, rolf = world.row("deals", "ella"), world.users["rolf"]
    async with connected(database.gateway_dsn) as first, connected(database.gateway_dsn) as second:
        async with first.transaction():
            await first.execute("select access.enter('north', $1)", world.users["olga"])
            await first.fetchval(SHARE, row, rolf, ["view"], None)

            async def later() -> None:
                async with second.transaction():
                    await second.execute("select access.enter('north', $1)", world.users["lena"])
                    await second.fetchval(SHARE, row, rolf, ["update"], None)

            waiting = asyncio.create_task(later())
            await eventually(admin, WAITS, second.get_server_pid())
        await waiting
    assert await admin.fetchval(ACTIONS, row, rolf) == "{update,view}"
    assert await admin.fetchval(IN_FORCE, row, rolf) == 1
    assert await violations(admin, "session_profile") == []


@pytest.mark.parametrize("deleted_first", [True, False])
async def test_a_row_that_is_deleted_meanwhile_is_not_left_shared(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, *, deleted_first: bool
) -> None:
    world = await made(admin)
    row, rolf = world.row("deals", "ella"), world.users["rolf"]
    give_it = f"select access.share_deals('{row}', '{rolf}', null, '{{view}}')"
    delete_it = f"delete from crm.deals where id = '{row}'"
    before, after = (delete_it, give_it) if deleted_first else (give_it, delete_it)
    async with connected(database.gateway_dsn) as first, connected(database.gateway_dsn) as second:
        for connection, name in ((first, "olga"), (second, "lena")):
            await connection.execute("begin")
            await connection.execute("select access.enter('north', $1)", world.users[name])
        await first.execute(before)
        waiting = asyncio.create_task(second.execute(after))
        await eventually(admin, WAITS, second.get_server_pid())
        await first.execute("commit")
        if deleted_first:
            with pytest.raises(asyncpg.PostgresError) as refused:
                await waiting
            assert refused.value.sqlstate == "U0404"
        else:
            await waiting
            await second.execute("commit")
    assert await admin.fetchval("select not exists (select from crm.deals where id = $1)", row)
    assert await admin.fetchval(IN_FORCE, row, rolf) == 0


GUARDED = {
    "delete": ("delete from crm.deals where id = '{row}'", "drop trigger a_lock_before_delete on crm.deals"),
    "share": ("select access.share_deals('{row}', '{lena}', null, '{{view}}')", ""),
}


@pytest.mark.parametrize("how", GUARDED)
@pytest.mark.parametrize("guarded", [True, False], ids=["as it is", "without the guard"])
async def test_the_account_is_waited_for_before_a_row_is_held(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, how: str, *, guarded: bool
) -> None:
    """Or whoever has the account and needs the row, as to empty its team, would wait for somebody who waits for him."""
    world = await made(admin)
    row, statement, broken = world.row("deals", "ella"), *GUARDED[how]
    await give(admin, world, "ella", "rolf")
    if not guarded and broken:
        await admin.execute(broken)
    elif not guarded:
        function = "access_private.row_to_share_deals(uuid)"
        await rewrite(admin, function, "perform access_private.lock_for_share('deals');", "")
    async with connected(database.gateway_dsn) as member, connected(database.admin_dsn) as onlooker:
        await admin.execute("begin")
        await admin.execute("select access_private.lock_account($1)", world.north)
        await member.execute("begin")
        await member.execute("select access.enter('north', $1)", world.users["olga"])
        waiting = asyncio.create_task(member.execute(statement.format(row=row, lena=world.users["lena"])))
        await eventually(onlooker, WAITS, member.get_server_pid())
        free = await onlooker.fetchval(
            "select exists (select from crm.deals where id = $1 for update skip locked)", row
        )
        await admin.execute("commit")
        await waiting
    assert free is guarded


# Each policy that shares brought or changed is broken once.


async def count_as(trial: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, statement: str) -> int:
    async with entered(trial, world, name):
        found: int = await trial.fetchval(statement)
        return found


async def changed_as(trial: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, statement: str) -> str:
    """How a write of ella's deal ends: how many rows, or the SQLSTATE."""
    async with entered(trial, world, name):
        try:
            return (await trial.execute(statement, world.row("deals", "ella"))).split()[-1]
        except asyncpg.PostgresError as error:
            return str(error.sqlstate)


async def given(trial: "asyncpg.Connection[asyncpg.Record]", world: World, actions: str) -> None:
    await trial.execute(
        "insert into access.share (account_id, module, row_id, user_id, actions, given_by)"
        f" values ($1, 'deals', $2, $3, '{actions}', $4)",
        world.north,
        world.row("deals", "ella"),
        world.users["rolf"],
        world.users["olga"],
    )


async def test_without_its_policy_a_shared_row_is_hidden(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await given(trial, world, "{view}")
    assert await count_as(trial, world, "rolf", COUNT) == 2
    await trial.execute("drop policy view_shared on crm.deals")
    assert await count_as(trial, world, "rolf", COUNT) == 1


async def test_a_policy_that_asked_for_no_row_would_show_all(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await given(trial, world, "{view}")
    await trial.execute("alter policy view_shared on crm.deals using (access.has('deals', 'view', 'shared'))")
    assert await count_as(trial, world, "rolf", COUNT) == OF_ACCOUNT


@pytest.mark.parametrize(
    ("actions", "statement", "end"),
    [
        ("{view}", CHANGE, "0"),
        ("{update,view}", CHANGE, "1"),
        ("{view}", "delete from crm.deals where id = $1", "0"),
        ("{update,view}", "delete from crm.deals where id = $1", "0"),
        ("{delete,view}", "delete from crm.deals where id = $1", "1"),
        ("{delete,view}", CHANGE, "0"),
        # Nothing is changed, and yet it would be a new version.
        ("{view}", "update crm.deals set name = name where id = $1", "0"),
    ],
)
async def test_what_is_shared_for_one_action_is_not_for_another(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, actions: str, statement: str, end: str
) -> None:
    await given(trial, world, actions)
    assert await changed_as(trial, world, "rolf", statement) == end
    assert await changed_as(trial, world, "olga", statement) == "1"


@pytest.mark.parametrize("wall", [True, False])
async def test_policy_and_wall_both_ask_for_the_shared_action(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, *, wall: bool
) -> None:
    """Whichever of the two is gone, the other is there."""
    await given(trial, world, "{delete,view}")
    if wall:
        await trial.execute("alter policy change_row on crm.deals using (true) with check (true)")
        assert await changed_as(trial, world, "rolf", CHANGE) == "U0403"
    else:
        await trial.execute("drop trigger z_action_wall on crm.deals")
        assert await changed_as(trial, world, "rolf", CHANGE) == "0"


LOOSENED = {
    "received": ("rolf", "given_by is not null"),
    "given": ("rolf", "true"),
    "managed": ("rolf", "true"),
}


@pytest.mark.parametrize("policy", LOOSENED)
async def test_who_may_not_know_of_a_share_is_told_by_a_loose_policy(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, policy: str
) -> None:
    who, condition = LOOSENED[policy]
    count = "select count(*) from access.share"
    assert await trial.fetchval(count + " where account_id = $1", world.north) == 1
    assert await count_as(trial, world, who, count) == 0
    await trial.execute(f"alter policy {policy} on access.share using ({condition})")
    assert await count_as(trial, world, who, count) == 1


@pytest.mark.parametrize(("policy", "who"), [("received", "rolf"), ("given", "lena"), ("managed", "lena")])
async def test_who_may_know_of_a_share_is_told_by_its_policy_alone(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, policy: str, who: str
) -> None:
    async with rolled_back(trial):
        await trial.execute("delete from access.share where account_id = $1", world.north)
        await given(trial, world, "{view}")
        # A row of nobody's, which lena does not reach: she gave it once.
        if policy == "given":
            await trial.execute(
                "update access.share set given_by = $1, row_id = $2 where account_id = $3",
                world.users["lena"],
                world.row("deals", "nobody"),
                world.north,
            )
        count = "select count(*) from crm.shares"
        assert await count_as(trial, world, who, count) == 1
        await trial.execute(f"drop policy {policy} on access.share")
        assert await count_as(trial, world, who, count) == 0

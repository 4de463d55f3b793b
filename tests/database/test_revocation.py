"""Contract: revocation reaches open sessions, and says so (C8, design section 4)."""

import asyncio

import asyncpg
import pytest

from tests.database.live import GONE, analyst_of, eventually, rewrite
from tests.database.world import World, build
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

COUNT = "select count(*) from crm.deals"
BY_ANALYST = "select count(*) from deals"
OF_ACCOUNT = 3
# With vera, for viewing.
SHARED = 1
DEACTIVATE = "select access.set_status($1, $2, 'deactivated')"
END = "select access.end_stale_sessions(null)"


@pytest.fixture
async def world(admin: "asyncpg.Connection[asyncpg.Record]") -> World:
    return await build(admin)


async def ended_within_a_second(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    analyst: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> bool:
    """Deactivate vera, ask the watchdog's question once, and see whether her analyst's backend goes."""
    pid = analyst.get_server_pid()
    await analyst.execute("begin isolation level repeatable read")
    assert await analyst.fetchval(BY_ANALYST) == OF_ACCOUNT
    await admin.execute(DEACTIVATE, world.north, world.users["vera"])
    if await gateway.fetchval(END) == 0:
        return False
    await eventually(admin, "select not exists (select from pg_stat_activity where pid = $1)", pid, seconds=1)
    return True


async def test_a_snapshot_from_before_is_ended(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
) -> None:
    async with analyst_of(database, world, "vera") as analyst:
        assert await ended_within_a_second(admin, gateway, analyst, world)
        with pytest.raises(GONE):
            await analyst.fetchval(BY_ANALYST)


async def test_a_change_that_does_not_name_its_logins_would_end_nothing(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
) -> None:
    await rewrite(admin, "access_private.write_profiles(uuid,uuid)", "if before is distinct from after", "if false")

    async with analyst_of(database, world, "vera") as analyst:
        assert not await ended_within_a_second(admin, gateway, analyst, world)
        assert await analyst.fetchval(BY_ANALYST) == OF_ACCOUNT, "which is why it must be ended"


# What is taken from lena, who goes on being a member.
LOSSES = {
    "another role": "access.change_role({north}, {lena}, {rep})",
    "cells of the role": "access.set_role_cells({north}, {lead}, '[]')",
    "a denial": "access.set_exception({north}, {lena}, 'deals', 'view', 'team', 'deny')",
    "the team": "access.leave_team({north}, {lena}, {region})",
    "a team below": "access.move_team({north}, {east}, null)",
    "the login": "access.revoke_analyst({login})",
}


@pytest.mark.parametrize("loss", LOSSES)
async def test_any_loss_ends_the_session(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
    loss: str,
) -> None:
    ids = {
        "north": world.north,
        "lena": world.users["lena"],
        "login": world.analysts["lena"][0],
        **world.roles,
        **world.teams,
    }
    await gateway.fetchval(END)
    async with analyst_of(database, world, "lena") as analyst, analyst_of(database, world, "vera") as bystander:
        await analyst.execute("begin isolation level repeatable read")
        assert await analyst.fetchval(BY_ANALYST) == OF_ACCOUNT - 1
        assert await gateway.fetchval(END) == 0

        await admin.execute("select " + LOSSES[loss].format_map({name: f"'{each}'" for name, each in ids.items()}))

        assert await gateway.fetchval(END) == 1
        with pytest.raises(GONE):
            await analyst.fetchval(BY_ANALYST)
        assert await bystander.fetchval(BY_ANALYST) == OF_ACCOUNT


async def test_what_is_masked_again_ends_the_session(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
) -> None:
    """C9: vera views every deal, and reads what is sensitive only while her account does not mask it."""
    sensitive = "select count(*) from deals_sensitive"
    await admin.execute("select access.set_sensitive($1, 'deals', false)", world.north)
    await gateway.fetchval(END)
    async with analyst_of(database, world, "vera") as analyst:
        await analyst.execute("begin isolation level repeatable read")
        assert await analyst.fetchval(sensitive) == OF_ACCOUNT
        assert await gateway.fetchval(END) == 0

        await admin.execute("select access.set_sensitive($1, 'deals', true)", world.north)

        assert await gateway.fetchval(END) == 1
        with pytest.raises(GONE):
            await analyst.fetchval(sensitive)


async def test_the_sessions_of_others_go_on(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
) -> None:
    async with analyst_of(database, world, "lena") as bystander, analyst_of(database, world, "vera") as analyst:
        assert await ended_within_a_second(admin, gateway, analyst, world)
        assert await bystander.fetchval(BY_ANALYST) == OF_ACCOUNT - 1
        assert await gateway.fetchval(END) == 0, "once is enough"


async def says_that_access_has_changed(database: TestDatabase, world: World) -> bool:
    """Whether a new session of vera's login is told, rather than shown nothing."""
    async with analyst_of(database, world, "vera") as analyst:
        try:
            assert await analyst.fetchval(BY_ANALYST) == 0, "shown rows"
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            return "your access has changed" in str(error)
        return False


async def test_a_login_that_may_not_act_is_told_and_not_shown_an_empty_table(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> None:
    await admin.execute(DEACTIVATE, world.north, world.users["vera"])

    assert await says_that_access_has_changed(database, world)


async def test_a_lookup_that_finds_nobody_silently_would_show_an_empty_table(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> None:
    await admin.execute(DEACTIVATE, world.north, world.users["vera"])
    await rewrite(admin, "access.analyst()", "not found and exists", "false and exists")
    await rewrite(admin, "access.analyst_account(name)", "analyst.profile is distinct from planned", "false")

    assert not await says_that_access_has_changed(database, world)


async def kept_plan_is_refused(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> bool:
    """Whether a generic plan made as a viewer of everything is refused to a rep."""
    # A profile that is made anew is a role that is made anew, by which every plan is out of date.
    viewer = await admin.fetchval(
        "select role_id from access.membership where user_id = $1 and upper_inf(valid)", world.users["vera"]
    )
    for role in (world.roles["rep"], viewer):
        await admin.execute("select access.change_role($1, $2, $3)", world.north, world.users["vera"], role)
    async with analyst_of(database, world, "vera") as analyst:
        await analyst.execute("set plan_cache_mode = force_generic_plan")
        kept = await analyst.prepare(BY_ANALYST)
        assert await kept.fetchval() == OF_ACCOUNT
        await admin.execute(
            "select access.change_role($1, $2, $3)", world.north, world.users["vera"], world.roles["rep"]
        )
        try:
            assert await kept.fetchval() == OF_ACCOUNT
        except asyncpg.InvalidAuthorizationSpecificationError:
            assert await analyst.fetchval(f"/* anew */ {BY_ANALYST}") == SHARED, (
                "a new statement reads by the new rights"
            )
            return True
        return False


async def test_a_kept_plan_of_other_rights_is_refused(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> None:
    assert await kept_plan_is_refused(admin, database, world)


async def test_a_plan_that_did_not_ask_whose_it_is_would_show_what_was_taken(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> None:
    await rewrite(admin, "access.analyst_account(name)", "analyst.profile is distinct from planned", "false")

    assert not await kept_plan_is_refused(admin, database, world)


async def test_one_generic_plan_counts_right_for_each_whom_the_gateway_enters(
    gateway: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await gateway.execute("set plan_cache_mode = force_generic_plan")
    kept = None
    for name, count in 3 * (("olga", 3), ("lena", 2), ("rolf", 1), ("edgar", 0), ("vera", 3)):
        async with gateway.transaction():
            await gateway.execute("select access.enter('north', $1)", world.users[name])
            kept = kept or await gateway.prepare(COUNT)
            assert await kept.fetchval() == count


async def test_the_gateway_enters_nobody_who_was_deactivated(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    enter = "select access.enter('north', $1)"
    async with gateway.transaction():
        await gateway.execute(enter, world.users["vera"])
    await admin.execute(DEACTIVATE, world.north, world.users["vera"])

    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="no such member"):
        async with gateway.transaction():
            await gateway.execute(enter, world.users["vera"])

    await admin.execute("select access.set_status($1, $2, 'active')", world.north, world.users["vera"])
    async with gateway.transaction():
        await gateway.execute(enter, world.users["vera"])
        assert await gateway.fetchval(COUNT) == OF_ACCOUNT


async def test_a_revoked_login_reads_nothing_and_opens_no_session(
    admin: "asyncpg.Connection[asyncpg.Record]", database: TestDatabase, world: World
) -> None:
    async with analyst_of(database, world, "vera") as analyst:
        assert await analyst.fetchval(BY_ANALYST) == OF_ACCOUNT
        await admin.execute("select access.revoke_analyst($1)", world.analysts["vera"][0])
        # The grant went with the login.
        with pytest.raises(
            (
                asyncpg.InsufficientPrivilegeError,
                asyncpg.UndefinedTableError,
                asyncpg.InvalidAuthorizationSpecificationError,
            )
        ):
            await analyst.fetchval(BY_ANALYST)
    with pytest.raises((asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InsufficientPrivilegeError)):
        async with analyst_of(database, world, "vera"):
            pass


async def test_nobody_who_may_not_act_is_given_a_login(
    admin: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    create = "select access.create_analyst($1, $2)"
    await admin.execute(DEACTIVATE, world.north, world.users["vera"])
    for account, user in ((world.north, world.users["vera"]), (world.south, world.users["rolf"])):
        assert await admin.fetchval("select count(*) from access.member where user_id = $1", user) > 0
        with pytest.raises(asyncpg.PostgresError) as caught:
            await admin.execute(create, account, user)
        assert caught.value.sqlstate == "U0404"
    with pytest.raises(asyncpg.PostgresError) as caught:
        await admin.execute("select access.revoke_analyst('cloison_gateway')")
    assert caught.value.sqlstate == "U0404"


async def test_a_statement_that_runs_too_long_is_ended_whatever_its_owner_set(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
) -> None:
    async with analyst_of(database, world, "vera") as analyst:
        await analyst.execute("set statement_timeout = 0")
        pid = analyst.get_server_pid()
        endless = asyncio.ensure_future(analyst.fetchval("select pg_sleep(600)"))
        running = "state = 'active' and query_start < clock_timestamp() - interval '0.1 s'"
        running = f"select {running} from pg_stat_activity where pid = $1"
        await eventually(admin, running, pid)
        assert await gateway.fetchval("select access.end_stale_sessions('1 hour')") == 0

        assert await gateway.fetchval("select access.end_stale_sessions('0.1 s')") == 1

        with pytest.raises(GONE):
            await endless


async def test_a_transaction_that_stays_open_is_ended_whatever_its_owner_set(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    database: TestDatabase,
    world: World,
) -> None:
    """It would keep VACUUM from old rows, and a migration from its locks."""
    async with analyst_of(database, world, "vera") as analyst, analyst_of(database, world, "lena") as bystander:
        await analyst.execute("set idle_in_transaction_session_timeout = 0; begin; select from deals")
        old = "select xact_start < clock_timestamp() - interval '0.12 s' from pg_stat_activity where pid = $1"
        await eventually(admin, old, analyst.get_server_pid())
        assert await gateway.fetchval("select access.end_stale_sessions('1 minute')") == 0

        assert await gateway.fetchval("select access.end_stale_sessions('0.01 s')") == 1

        with pytest.raises(GONE):
            await analyst.fetchval(BY_ANALYST)
        assert await bystander.fetchval(BY_ANALYST) == OF_ACCOUNT - 1

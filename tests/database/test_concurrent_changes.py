"""Contract: keeping session_profile right, beside others who change the same account (T9, design section 4)."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.database.live import WAITS, connected, eventually, rewrite, violations
from tests.database.world import World, build
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

LOCK = ("access_private.lock_account(uuid)", "for no key update", "")
EXPORT = "select access.set_exception($1, $2, 'deals', 'export', 'all', 'grant')"


@pytest.fixture
async def world(admin: "asyncpg.Connection[asyncpg.Record]") -> World:
    return await build(admin)


@pytest.fixture
async def other(database: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A second session of an operator."""
    async with connected(database.admin_dsn) as connection:
        yield connection


@pytest.fixture
async def third(database: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Who looks on."""
    async with connected(database.admin_dsn) as connection:
        yield connection


async def beside(
    first: "asyncpg.Connection[asyncpg.Record]",
    second: "asyncpg.Connection[asyncpg.Record]",
    onlooker: "asyncpg.Connection[asyncpg.Record]",
    changes: tuple[str, str],
    arguments: tuple[tuple[object, ...], tuple[object, ...]],
) -> BaseException | None:
    """Make a change, and another before the first is committed; what became of the other."""
    transaction = first.transaction()
    await transaction.start()
    await first.execute(changes[0], *arguments[0])
    later = asyncio.create_task(second.execute(changes[1], *arguments[1]))
    pid = second.get_server_pid()
    # Before the first is committed, the other has either come to its end or to the lock.
    while not later.done() and not await onlooker.fetchval(WAITS, pid):
        await onlooker.execute("select pg_sleep(0.005)")
    await transaction.commit()
    await asyncio.wait([later])
    return later.exception()


async def demote_and_grant(
    first: "asyncpg.Connection[asyncpg.Record]",
    second: "asyncpg.Connection[asyncpg.Record]",
    onlooker: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> None:
    lena = world.users["lena"]
    await beside(
        first,
        second,
        onlooker,
        ("select access.change_role($1, $2, $3)", EXPORT),
        ((world.north, lena, world.roles["viewer"]), (world.north, lena)),
    )


async def test_an_exception_beside_an_uncommitted_demotion_leaves_what_both_say(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> None:
    await demote_and_grant(admin, other, third, world)

    assert await violations(third, "session_profile") == []
    held = await third.fetch(
        "select c.module || ':' || c.action || ':' || c.scope from access_private.session_profile s"
        " join access_private.profile_capability c on c.profile = s.profile"
        " where s.user_id = $1 and c.module = 'deals' order by 1",
        world.users["lena"],
    )
    assert [row[0] for row in held] == ["deals:export:all", "deals:view:all"]


async def test_without_the_accounts_lock_they_leave_something_else(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> None:
    await rewrite(admin, *LOCK)

    await demote_and_grant(admin, other, third, world)

    assert await violations(third, "session_profile") != []


async def demote_each_other(
    first: "asyncpg.Connection[asyncpg.Record]",
    second: "asyncpg.Connection[asyncpg.Record]",
    onlooker: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> BaseException | None:
    await first.execute("select access.set_super_admin($1, $2, true)", world.north, world.users["lena"])
    demote = "select access.set_super_admin($1, $2, false)"
    people = ((world.north, world.users["olga"]), (world.north, world.users["lena"]))
    return await beside(first, second, onlooker, (demote, demote), people)


async def test_the_last_two_super_admins_cannot_both_be_demoted(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> None:
    refused = await demote_each_other(admin, other, third, world)

    assert isinstance(refused, asyncpg.PostgresError)
    assert refused.sqlstate == "U0409"
    assert await violations(third, "super_admins") == []


async def test_without_the_accounts_lock_and_the_look_at_the_end_both_are_demoted(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> None:
    await rewrite(admin, *LOCK)
    await admin.execute("drop trigger membership_keeps_super_admin on access.membership")

    await demote_each_other(admin, other, third, world)

    assert await violations(third, "super_admins") != []


BY_HAND = (
    "insert into access.exception (account_id, user_id, module, action, scope, effect)"
    " values ($1, $2, 'deals', 'export', 'team', 'grant')"
)
ISOLATION = ("access_private.lock_account(uuid)", "<> 'read committed'", "= 'none of them'")


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
@pytest.mark.parametrize("guarded", [True, False], ids=["as it is", "without the guard"])
async def test_access_is_changed_at_read_committed_only(
    admin: "asyncpg.Connection[asyncpg.Record]", world: World, isolation: str, *, guarded: bool
) -> None:
    if not guarded:
        await rewrite(admin, *ISOLATION)
    for change in (EXPORT, BY_HAND):
        await admin.execute(f"begin isolation level {isolation}")
        try:
            await admin.execute(change, world.north, world.users["rolf"])
            answer = None
        except asyncpg.PostgresError as error:
            answer = error.sqlstate
        await admin.execute("rollback")
        assert answer == ("25001" if guarded else None)


async def test_two_who_need_the_same_new_profile_make_one(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> None:
    # Sven holds everything already; in two accounts two members get the same set for the first time.
    cells = '[{"module": "deals", "action": "export", "scopes": ["created"]}]'
    roles = [
        await admin.fetchval("select access.create_role($1, 'clerk', $2::jsonb)", account, cells)
        for account in (world.north, world.south)
    ]
    add = "select access.add_member($1, $2, 'x', $3)"

    failed = await beside(
        admin,
        other,
        third,
        (add, add),
        ((world.north, "n@x.example", roles[0]), (world.south, "s@x.example", roles[1])),
    )

    assert failed is None
    assert await violations(third, "session_profile", "profiles", "profile_roles") == []


async def give_and_remove(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    onlooker: "asyncpg.Connection[asyncpg.Record]",
    world: World,
    *,
    giving_first: bool,
) -> BaseException | None:
    """Give rolf a profile that nobody has, beside somebody who removes such profiles; what became of the later one."""
    rolf = (world.north, world.users["rolf"])
    await admin.execute(EXPORT, *rolf)
    await admin.execute(EXPORT.replace("'grant'", "'none'"), *rolf)
    assert await admin.fetch("""
        select name from access_private.profile p
         where not exists (select from access_private.session_profile s where p.name in (s.profile, s.reader_profile))
        """), "there is a profile that nobody has"
    give, remove = (EXPORT, rolf), ("select access.remove_unused_profiles('0')", ())
    order = (give, remove) if giving_first else (remove, give)

    return await beside(admin, other, onlooker, (order[0][0], order[1][0]), (order[0][1], order[1][1]))


@pytest.mark.parametrize("giving_first", [True, False])
async def test_a_profile_that_is_being_removed_is_given_to_nobody_and_neither_fails(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
    *,
    giving_first: bool,
) -> None:
    assert await give_and_remove(admin, other, third, world, giving_first=giving_first) is None

    assert await violations(third, "session_profile", "profiles", "profile_roles") == []


async def test_without_the_lock_on_its_row_a_profile_is_given_that_is_gone(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
) -> None:
    await rewrite(admin, "access_private.profile_for(text[],boolean)", "p.sealed for key share", "p.sealed")

    failed = await give_and_remove(admin, other, third, world, giving_first=False)

    assert isinstance(failed, asyncpg.ForeignKeyViolationError)


@pytest.mark.parametrize("ascending", [True, False])
async def test_accounts_are_locked_in_ascending_order(
    admin: "asyncpg.Connection[asyncpg.Record]",
    other: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
    *,
    ascending: bool,
) -> None:
    """Or two statements that change facts of the same two accounts could wait for each other."""
    if not ascending:
        await rewrite(admin, "access_private.facts_changed()", "order by c.account_id loop", "order by 1 desc loop")
    first, last = sorted((world.north, world.south))
    lock = "select from access.account where id = $1 for no key update"
    async with admin.transaction():
        await admin.execute(lock, last)
        change = asyncio.create_task(other.execute("update access.membership set valid = valid"))
        await eventually(third, WAITS, other.get_server_pid())
        try:
            await third.execute(f"{lock} nowait", first)
        except asyncpg.LockNotAvailableError:
            held = True
        else:
            held = False
    await change
    assert held is ascending


MEANWHILE = {
    "a role without the right": "select access.change_role($1, $2, $3)",
    "no team": "select access.leave_team($1, $2, $4) from (values ($3::uuid)) as given (role)",
}
AGAIN = {
    "a role without the right": ("s.profile = access.profile()", "true"),
    "no team": ("@> access.team_keys()", "@> '{}'::uuid[]"),
}


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("again", [True, False])
async def test_who_waited_for_his_turn_is_judged_by_what_he_has_when_it_comes(
    admin: "asyncpg.Connection[asyncpg.Record]",
    gateway: "asyncpg.Connection[asyncpg.Record]",
    third: "asyncpg.Connection[asyncpg.Record]",
    world: World,
    what: str,
    *,
    again: bool,
) -> None:
    """C8: what is taken while somebody waits for the account's lock is gone when he gets it."""
    if not again:
        await rewrite(admin, "access_private.authorize(uuid,text)", *AGAIN[what])
    cells = '[{"module": "teams", "action": "configure"}]'
    planner = await admin.fetchval("select access.create_role($1, 'planner', $2)", world.north, cells)
    paul = await admin.fetchval(
        "select access.add_member($1, 'paul@north.example', 'paul', $2, $3)",
        world.north,
        planner,
        world.teams["region"],
    )
    taken = (world.north, paul, world.roles["viewer"], world.teams["region"])
    transaction = gateway.transaction()
    await transaction.start()
    await gateway.execute("select access.enter('north', $1)", paul)
    move = ("select access.move_team($1, $2, $3)", (world.north, world.teams["east"], world.teams["west"]))
    statement = MEANWHILE[what]

    refused = await beside(
        admin, gateway, third, (statement, move[0]), (taken if "$4" in statement else taken[:3], move[1])
    )

    await transaction.rollback()
    assert isinstance(refused, asyncpg.PostgresError) is again
    if isinstance(refused, asyncpg.PostgresError):
        assert refused.sqlstate == "U0403"

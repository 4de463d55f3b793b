"""T9 under two hundred concurrent attempts from both sides, on real connections: a gateway's GraphQL, and SQL.

Whoever attacks whom: never zero active super admins, at no moment; and no caller sees a deadlock or an internal error.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest

from resolvers.session import Database, Identity, PoolOptions
from schema.errors import Unauthenticated
from tests.policies.conftest import COMPILER, Connection, Play
from tests.support.model import Account, Member

pytestmark = pytest.mark.any_server

RING = tuple(f"admin{number}" for number in range(15))
OFFICE = Account("office", tuple(Member(user, "Owner", super_admin=True) for user in RING))
LEFT = """
  select count(*) from access.membership
   where account_id = $1 and super_admin and status = 'active' and valid @> clock_timestamp()
"""
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
SIDE = 8

# A way, as a mutation with its input and as SQL.
WAYS = {
    "demote": ("setSuperAdmin", ", superAdmin: false", "access.set_super_admin($1, $2, false)"),
    "deactivate": ("deactivateMember", "", "access.set_status($1, $2, 'deactivated')"),
    "remove": ("removeMember", "", "access.remove_member($1, $2)"),
    "change role": ("changeRole", ', roleId: "Role:%s"', "access.change_role($1, $2, access.role_id($1, 'Member'))"),
    "promote": ("setSuperAdmin", ", superAdmin: true", "access.set_super_admin($1, $2, true)"),
    "reactivate": ("reactivateMember", "", "access.set_status($1, $2, 'active')"),
}
TAKING = ("demote", "deactivate", "remove")

# How an attempt may end, in GraphQL and in SQL: he may not any more, may not even enter, would leave nobody, or meets
# nobody there.
CODES = {"", "FORBIDDEN", "UNAUTHENTICATED", "CONFLICT", "NOT_FOUND"}
STATES = {"", "U0403", "28000", "U0409", "U0404"}


class Arena:
    """Both sides' connections, and who looks on."""

    def __init__(self, play: Play, pool: Database, direct: list[Connection]) -> None:
        self.play = play
        self.pool = pool
        self.direct = direct

    async def by_graphql(self, actor: str, way: str, victim: str) -> str:
        name, more, _ = WAYS[way]
        given = more % self.play.role("Member") if "%s" in more else more
        whom = f'memberId: "Member:{self.play.built.user(victim)}"'
        text = f"mutation {{ {name}(input: {{{whom}{given}}}) {{ __typename }} }}"
        identity = Identity(self.play.built.slug("office"), self.play.built.user(actor))
        try:
            result = await COMPILER.prepare(text, None).bind({}, identity).run(self.pool)
        except Unauthenticated:
            return "UNAUTHENTICATED"
        return str((result.errors[0].extensions or {})["code"]) if result.errors else ""

    async def by_sql(self, connection: Connection, actor: str, way: str, victim: str) -> str:
        try:
            async with connection.transaction():
                await connection.execute(
                    "select access.enter($1, $2)", self.play.built.slug("office"), self.play.built.user(actor)
                )
                await connection.execute(f"select {WAYS[way][2]}", self.play.account, self.play.built.user(victim))
        except asyncpg.PostgresError as error:
            return error.sqlstate or "?"
        return ""

    async def left(self) -> int:
        found: int = await self.play.admin.fetchval(LEFT, self.play.account)
        return found

    async def fight(self, attempts: list[tuple[str, str, str]]) -> tuple[Counter[str], Counter[str]]:
        """All attempts, half of them through each side at the same time; how those of each side ended."""
        halves = attempts[::2], attempts[1::2]
        ends: tuple[Counter[str], Counter[str]] = Counter(), Counter()
        over = asyncio.Event()

        async def side(number: int, mine: list[tuple[str, str, str]], attack: Callable[..., Awaitable[str]]) -> None:
            for attempt in mine:
                ends[number][await attack(*attempt)] += 1

        async def look_on() -> None:
            while not over.is_set():
                assert await self.left() >= 1
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), 0.01)

        onlooker = asyncio.create_task(look_on())
        await asyncio.gather(
            *(side(0, halves[0][place::SIDE], self.by_graphql) for place in range(SIDE)),
            *(
                side(1, halves[1][place::SIDE], lambda *attempt, of=connection: self.by_sql(of, *attempt))
                for place, connection in enumerate(self.direct)
            ),
        )
        over.set()
        await onlooker
        return ends


@pytest.fixture
async def arena(play: Play) -> AsyncIterator[Arena]:
    await play.begin(OFFICE)
    # Whoever waits for his turn waits until it comes, as long as this machine may be busy.
    options = PoolOptions(max_size=SIDE, acquire_timeout=120, statement_timeout=120, lock_timeout=120)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(Database.connected(play.database.gateway_dsn, options))
        direct = []
        for _ in range(SIDE):
            connection = await asyncpg.connect(play.database.gateway_dsn)
            stack.push_async_callback(connection.close)
            direct.append(connection)
        yield Arena(play, pool, direct)


async def test_when_everybody_attacks_everybody_one_remains(arena: Arena) -> None:
    """Two hundred and ten attempts: of two who remained, one would have taken the other's flag."""
    attempts = [
        (actor, TAKING[(place + other) % 3], victim)
        for other, victim in enumerate(RING)
        for place, actor in enumerate(RING)
        if actor != victim
    ]
    random.Random(20).shuffle(attempts)
    deadlocks = await arena.play.admin.fetchval(DEADLOCKS)

    ends = await arena.fight(attempts)

    assert sum(map(Counter.total, ends)) == len(attempts) == 210
    assert set(ends[0]) <= CODES
    assert set(ends[1]) <= STATES
    assert all(each[""] and len(each) > 1 for each in ends), "both sides have had their way, and been refused"
    assert await arena.left() == 1
    assert await arena.play.admin.fetchval(DEADLOCKS) == deadlocks


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_they_do_to_one_another_and_to_themselves_somebody_remains(arena: Arena, seed: int) -> None:
    """Two hundred attempts: flags and status taken and given back, members removed, roles changed."""
    chance = random.Random(seed)
    ways = [*WAYS, "demote", "demote", "deactivate", "promote"]
    attempts = [(chance.choice(RING), chance.choice(ways), chance.choice(RING)) for _ in range(200)]
    deadlocks = await arena.play.admin.fetchval(DEADLOCKS)

    ends = await arena.fight(attempts)

    assert sum(map(Counter.total, ends)) == 200
    assert set(ends[0]) <= CODES
    assert set(ends[1]) <= STATES
    assert await arena.left() >= 1
    assert await arena.play.admin.fetchval(DEADLOCKS) == deadlocks
    # Whoever remains goes on to the last, and no further.
    for user in RING:
        if await arena.by_graphql(user, "demote", user) == "CONFLICT":
            break
    assert await arena.left() == 1


async def taken_at_once(arena: Arena) -> int:
    """Two take the flag from each other, each having asked T9 before either commits; how many are left.

    With the account's lock, the second does not come so far.
    """
    await arena.play.begin(Account("office", (OFFICE.members[0], OFFICE.members[1])))
    first, second = arena.direct[:2]
    transactions = first.transaction(), second.transaction()
    for one, actor, victim, transaction in zip((first, second), RING, (RING[1], RING[0]), transactions, strict=False):
        await transaction.start()
        await one.execute("set local lock_timeout = '300ms'")
        await one.execute("select access.enter($1, $2)", arena.play.built.slug("office"), arena.play.built.user(actor))
        try:
            await one.execute(f"select {WAYS['demote'][2]}", arena.play.account, arena.play.built.user(victim))
            await one.execute("set constraints all immediate")
        except asyncpg.LockNotAvailableError:
            await transaction.rollback()
            break
    else:
        await transactions[1].commit()
    await transactions[0].commit()
    return await arena.left()


async def test_without_the_accounts_lock_nobody_may_remain(arena: Arena) -> None:
    """Sabotage: the lock is what makes two changes of an account follow each other."""
    assert await taken_at_once(arena) == 1
    name = "access_private.lock_account(uuid)"
    source = await arena.play.admin.fetchval("select pg_get_functiondef($1::text::regprocedure)", name)
    assert "for no key update" in source
    await arena.play.admin.execute(source.replace("for no key update", ""))
    try:
        assert await taken_at_once(arena) == 0
    finally:
        await arena.play.admin.execute(source)

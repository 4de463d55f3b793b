"""T9: whatever is demoted, deactivated or removed, one active super admin remains, also under concurrent attempts."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from tests.policies.conftest import Connection, Play
from tests.support.model import Account, Member

pytestmark = pytest.mark.any_server

PAIR = Account("pair", (Member("ana", "Owner", super_admin=True), Member("ben", "Owner", super_admin=True)))
DEMOTE = "select access.set_super_admin($1, $2, false)"
DEACTIVATE = "select access.set_status($1, $2, 'deactivated')"
WAYS = {"demote": DEMOTE, "deactivate": DEACTIVATE}
LEFT = """
  select count(*) from access.membership
   where account_id = $1 and super_admin and status = 'active' and valid @> clock_timestamp()
"""

# What the one who comes too late is told: it would leave nobody, he may not any more, or he may not even enter.
REFUSALS = {"U0409", "U0403", "28000"}
ROUNDS = 25


@pytest.fixture
async def connections(playground: Play) -> AsyncIterator[list[Connection]]:
    """Connections of the gateway's login, as several gateways have them."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(4):
            connection = await asyncpg.connect(playground.database.gateway_dsn)
            stack.push_async_callback(connection.close)
            found.append(connection)
        yield found


async def attempt(play: Play, connection: Connection, actor: str, statement: str, victim: str) -> str:
    try:
        async with connection.transaction():
            await connection.execute("select access.enter($1, $2)", play.built.slug(play.here), play.built.user(actor))
            await connection.execute(statement, play.account, play.built.user(victim))
    except asyncpg.PostgresError as error:
        return error.sqlstate or ""
    return "done"


async def left(play: Play) -> int:
    found: int = await play.admin.fetchval(LEFT, play.account)
    return found


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("victim", ["ana", "ben"])
async def test_the_last_one_stays_even_if_he_asks_for_it(play: Play, way: str, victim: str) -> None:
    await play.begin(PAIR)
    assert await play.commits("ana", way, play.account, play.built.user("ben" if victim == "ana" else "ana")) == "done"

    end = await play.commits(victim, way, play.account, play.built.user(victim))

    assert end == "U0409"
    assert await left(play) == 1


@pytest.mark.parametrize("change", ["delete", "update", "end"])
async def test_no_statement_of_an_operator_takes_the_last_one_either(play: Play, change: str) -> None:
    await play.begin(Account("alone", (Member("ana", "Owner", super_admin=True),)))
    statement = {
        "delete": "delete from access.membership where account_id = $1",
        "update": "update access.membership set super_admin = false where account_id = $1",
        "end": "update access.membership set valid = tstzrange(lower(valid), clock_timestamp()) where account_id = $1",
    }[change]
    with pytest.raises(asyncpg.PostgresError) as caught:
        await play.admin.execute(statement, play.account)
    assert caught.value.sqlstate == "U0409"
    assert await left(play) == 1


@pytest.mark.parametrize(("first", "second"), list(itertools.product(WAYS, repeat=2)))
async def test_two_who_take_the_flag_from_each_other_leave_one(
    play: Play, connections: list[Connection], first: str, second: str
) -> None:
    for _ in range(ROUNDS):
        await play.begin(PAIR)

        ends = await asyncio.gather(
            attempt(play, connections[0], "ana", WAYS[first], "ben"),
            attempt(play, connections[1], "ben", WAYS[second], "ana"),
        )

        assert sorted(end == "done" for end in ends) == [False, True], ends
        assert {end for end in ends if end != "done"} <= REFUSALS
        assert await left(play) == 1


async def test_two_who_step_down_at_once_leave_one(play: Play, connections: list[Connection]) -> None:
    for _ in range(ROUNDS):
        await play.begin(PAIR)

        ends = await asyncio.gather(
            attempt(play, connections[0], "ana", DEMOTE, "ana"), attempt(play, connections[1], "ben", DEACTIVATE, "ben")
        )

        assert sorted(end == "done" for end in ends) == [False, True], ends
        assert await left(play) == 1


async def test_a_ring_of_four_leaves_one(play: Play, connections: list[Connection]) -> None:
    ring = ["ana", "ben", "cleo", "dov"]
    for _ in range(ROUNDS):
        await play.begin(Account("ring", tuple(Member(user, "Owner", super_admin=True) for user in ring)))

        ends = await asyncio.gather(
            *(
                attempt(play, connection, actor, DEMOTE, ring[number - 1])
                for number, (connection, actor) in enumerate(zip(connections, ring, strict=True))
            )
        )

        assert set(ends) <= {"done", *REFUSALS}
        assert await left(play) == len(ring) - ends.count("done") >= 1

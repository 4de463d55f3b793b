"""Many rows are locked in one order, and a batch of a job is its own worker's: what concurrent sessions rely on."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from tests.conftest import Clone
from tests.database.checks import sabotage
from tests.database.live import WAITS, connected, eventually, rewrite
from tests.database.world import World, build, entered, rolled_back
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

ASSIGN = "select access.assign_many('deals', $1, $2)"
ORDER = "order by t.id"
ROUNDS = 30


@pytest.fixture(scope="module")
def place(clone: Clone) -> Iterator[TestDatabase]:
    with clone() as database:
        yield database


@pytest.fixture(scope="module")
async def there(place: TestDatabase) -> World:
    admin = await place.connect()
    try:
        made = await build(admin)
        async with connected(place.gateway_dsn) as session, session.transaction():
            await enter(session, made, "olga")
            await session.execute("insert into crm.deals (name) select 'Deal ' || n from generate_series(1, 60) n")
        return made
    finally:
        await admin.close()


@pytest.fixture
async def admin(place: TestDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await place.connect()
    yield connection
    await connection.close()


async def enter(session: "asyncpg.Connection[asyncpg.Record]", world: World, name: str) -> None:
    await session.execute("select access.enter('north', $1)", world.users[name])


async def locked_below(
    place: TestDatabase, there: World, ids: list[UUID], statement: str, *arguments: object
) -> tuple[int, int]:
    """Of the rows below and above one that somebody holds: how many a statement of another holds while it waits for it.

    In `begin; ...; rollback`: nothing is changed.
    """
    middle = len(ids) // 2
    async with connected(place.admin_dsn) as holder, connected(place.gateway_dsn) as session:
        await holder.execute("begin")
        await holder.execute("select from crm.deals where id = $1 for update", ids[middle])
        await session.execute("begin")
        await enter(session, there, "olga")
        waiting = asyncio.create_task(session.execute(statement, *arguments))
        async with connected(place.admin_dsn) as watcher:
            await eventually(watcher, WAITS, session.get_server_pid())
            async with watcher.transaction():
                free = {
                    row["id"]
                    for row in await watcher.fetch(
                        "select id from crm.deals where id = any ($1) for update skip locked", ids
                    )
                }
        await holder.execute("rollback")
        await waiting
        await session.execute("rollback")
    return sum(row not in free for row in ids[:middle]), sum(row not in free for row in ids[middle + 1 :])


async def deals(admin: "asyncpg.Connection[asyncpg.Record]") -> list[UUID]:
    """The sixty of Olga, in the order of their ids."""
    return [row["id"] for row in await admin.fetch("select id from crm.deals where name like 'Deal %' order by id")]


async def check_order(
    place: TestDatabase,
    there: World,
    admin: "asyncpg.Connection[asyncpg.Record]",
    function: str,
    statement: str,
    *arguments: object,
) -> None:
    """Rows are locked in the order of their ids. Broken once: two who change the same rows could wait in a circle."""
    ids = await deals(admin)
    assert await locked_below(place, there, ids, statement, *arguments) == (30, 0)

    backwards = ORDER.replace("t.id", "t.id desc")
    await rewrite(admin, function, ORDER, backwards)
    try:
        assert await locked_below(place, there, ids, statement, *arguments) == (0, 29)
    finally:
        await rewrite(admin, function, backwards, ORDER)


async def test_rows_are_locked_in_the_order_of_their_ids(
    place: TestDatabase, there: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """In whatever order they are asked for."""
    function = "access_private.assign_rows_of_deals(jsonb,uuid[])"
    backwards = (await deals(admin))[::-1]
    await check_order(place, there, admin, function, ASSIGN, json.dumps({"owner": None}), backwards)


async def test_rows_of_who_leaves_are_locked_in_the_order_of_their_ids(
    place: TestDatabase, there: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    function = "access_private.hand_over_rows(uuid,uuid,uuid)"
    async with placed(place, there, await deals(admin), owner=there.users["rolf"]):
        arguments = (there.north, there.users["rolf"])
        await check_order(place, there, admin, function, "select access.remove_member($1, $2)", *arguments)


async def test_rows_of_a_team_that_ends_are_locked_in_the_order_of_their_ids(
    place: TestDatabase, there: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    function = "access_private.move_rows_of_team(uuid,uuid,uuid)"
    async with placed(place, there, await deals(admin), team=there.teams["west"]):
        arguments = (there.north, there.teams["west"], there.teams["east"])
        await check_order(place, there, admin, function, "select access.delete_team($1, $2, $3)", *arguments)


@asynccontextmanager
async def placed(place: TestDatabase, there: World, ids: list[UUID], **change: UUID) -> AsyncIterator[None]:
    """With Olga's deals somewhere else for the time of the block."""
    back = {"owner": there.users["olga"], "team": None}
    async with connected(place.gateway_dsn) as session:
        for wanted in (change, None):
            async with session.transaction():
                await enter(session, there, "olga")
                await session.execute(ASSIGN, json.dumps(wanted or back, default=str), ids)
            if wanted:
                yield


async def test_two_who_assign_overlapping_rows_at_once_meet_no_deadlock(
    place: TestDatabase, there: World, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """O5: each sees what the other has done before; nobody is told to try again."""
    ids = await deals(admin)

    async def again_and_again(name: str, mine: list[UUID], owners: list[str]) -> int:
        changed = 0
        async with connected(place.gateway_dsn) as session:
            for number in range(ROUNDS):
                async with session.transaction():
                    await enter(session, there, name)
                    given = json.dumps({"owner": str(there.users[owners[number % 2]])})
                    changed += json.loads(await session.fetchval(ASSIGN, given, mine))["changed"]
        return changed

    before = await admin.fetchval("select sum(version) from crm.deals")
    changed = await asyncio.gather(
        again_and_again("olga", ids[:40], ["rolf", "ella"]),
        again_and_again("olga", ids[20:][::-1], ["vera", "lena"]),
        again_and_again("olga", [*ids[50:], *ids[:10]], ["olga", "edgar"]),
    )
    assert await admin.fetchval("select sum(version) from crm.deals") == before + sum(changed)


# A job of Lena's that a worker has taken for the seventh time.
TAKEN = """
with job as (
  insert into access.job (account_id, user_id, kind, module, change, total, status, attempt)
  select $1, $2, 'assign', 'deals', '{"owner": null}', count(*), 'running', 7 from crm.deals where account_id = $1
  returning account_id, id
), rows as (
  insert into access_private.job_rows (account_id, job_id, portion, row_ids)
  select j.account_id, j.id, 0, array(select t.id from crm.deals t where t.account_id = j.account_id) from job j
  returning job_id
)
select r.job_id from rows r
"""
RUN = "select access.run_job($1, $2, 1000, '1 minute')"
# As if another worker took the job while a batch of the first one is under way.
OVERTAKEN = """
create function public.overtake() returns trigger language plpgsql security definer as $$
begin
  update access.job set attempt = attempt + 1;
  return null;
end $$;
create trigger zz_overtake after update on crm.deals for each statement execute function public.overtake();
"""


async def comes_to(trial: "asyncpg.Connection[asyncpg.Record]", world: World, job: UUID, attempt: int) -> str:
    """How a worker's next batch ends: the job's status, or the SQLSTATE."""
    async with entered(trial, world, "lena"):
        try:
            async with trial.transaction():
                status: str = await trial.fetchval(RUN, job, attempt)
        except asyncpg.PostgresError as error:
            return error.sqlstate or ""
    return status


async def a_worker_who_was_overtaken_writes_nothing(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with rolled_back(trial):
        job = await trial.fetchval(TAKEN, world.north, world.users["lena"])
        assert await comes_to(trial, world, job, 7) == "done"
        assert await comes_to(trial, world, job, 6) == "lost"
        await trial.execute(OVERTAKEN)
        assert await comes_to(trial, world, job, 7) == "U0410"


@pytest.mark.parametrize("guard", ["and j.attempt = taken", "or subject.attempt <> taken"])
async def test_a_batch_is_the_workers_who_has_the_job(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, guard: str
) -> None:
    """Asked before the batch, and again with what it writes: each is broken once."""
    await a_worker_who_was_overtaken_writes_nothing(trial, world)
    await rewrite(trial, "access.run_job(uuid,integer,integer,interval)", guard, "")
    with pytest.raises(AssertionError):
        await a_worker_who_was_overtaken_writes_nothing(trial, world)


async def others_jobs_are_hidden(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """Who may neither configure users nor has started it sees no job; what it was refused is the starter's alone."""
    async with rolled_back(trial):
        await trial.fetchval(TAKEN, world.north, world.users["lena"])
        await trial.execute(
            "insert into access.job_refusal (account_id, job_id, row_id, code) select account_id, id, id, 'NOT_FOUND'"
            " from access.job"
        )
        seen = {}
        for name in ("lena", "vera", "olga"):
            async with entered(trial, world, name):
                seen[name] = [
                    await trial.fetchval(f"select count(*) from crm.{view}") for view in ("jobs", "job_refusals")
                ]
    assert seen == {"lena": [1, 1], "vera": [0, 0], "olga": [1, 0]}


@pytest.mark.parametrize(
    "broken",
    [
        "alter policy own_jobs on access.job using (true)",
        "alter policy own_refusals on access.job_refusal using (true)",
        "drop policy administered_jobs on access.job",
    ],
)
async def test_jobs_are_their_starters_and_the_administrators(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, broken: str
) -> None:
    await sabotage(trial, world, others_jobs_are_hidden, broken)

"""Jobs: many rows are assigned in the background, in batches, each as the member who asked for it (O5)."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

import resolvers.jobs
from gateway.watchdog import Watchdog
from resolvers.jobs import Jobs
from resolvers.session import Database, PoolOptions
from tests.api.conftest import CURSOR_SECRET, SECRET, Member, bearer, eventually, settings_for, talking
from tests.api.market import CHANGED, JOB, ONCE, START, Market, market, to_its_end
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

CHECKOUT = Path(__file__).resolve().parents[2]
CANCEL = "mutation ($id: ID!) { cancelJob(input: {jobId: $id}) { job { id status progress { processed remaining } } } }"
RESUME = "mutation ($id: ID!) { resumeJob(input: {jobId: $id}) { job { id status problemCode } } }"
WAITING = """select exists (select from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' and query like '%run_job%')"""
# A row of the second batch; what an offset skips would be locked, too.
HELD = "select from crm.deals where id = (select id from crm.deals order by id offset 1500 limit 1) for update"
TIME_PASSES = "update access.job set leased_until = clock_timestamp() where leased_until is not null"


@pytest.fixture
async def place(database: TestDatabase) -> AsyncIterator[Market]:
    async with market(database, 2500) as found:
        yield found


@pytest.fixture
def jobs(place: Market) -> Jobs:
    return Jobs(place.pool)


async def until(condition: str, admin: "asyncpg.Connection[asyncpg.Record]", *values: object) -> None:
    """Wait for what another process does; one that starts on a busy machine takes its time."""

    async def reached() -> bool:
        return bool(await admin.fetchval(condition, *values))

    await eventually(reached, 120)


def uuid(job: str) -> UUID:
    return UUID(job.removeprefix("Job:"))


async def test_a_job_is_done_by_the_gateway_from_start_to_end(place: Market) -> None:
    """O5: started, looked at, done; each row with its history, and why."""
    ann, lou = place.users["ann"], place.users["lou"]
    async with talking(settings_for(place.database)) as client:

        async def ask(query: str, **variables: object) -> Any:
            headers = bearer(Member("acme", ann, 0)) | {"x-request-id": "the-request"}
            answer = await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
            return answer.json()["data"]

        wish = {"where": {}, "ownerId": f"Person:{lou}", "partial": True, "background": True, "reason": "Lou starts"}
        started = (await ask(START, input=wish))["assignDeals"]
        assert started == {
            "changed": None,
            "refusedCount": None,
            "refused": [],
            "job": {
                "id": started["job"]["id"],
                "status": "QUEUED",
                "progress": {"total": 2500, "processed": 0},
            },
        }
        job = started["job"]["id"]

        async def is_done() -> bool:
            return bool((await ask(JOB, id=job))["job"]["status"] == "DONE")

        await eventually(is_done)

    told = await place.job("ann", job)
    assert told["progress"] == {
        "total": 2500, "processed": 2500, "remaining": 0, "changed": 2500, "unchanged": 0, "hidden": 0, "refused": 0
    }  # fmt: skip
    assert (told["kind"], told["module"], told["reason"]) == ("ASSIGN", "deals", "Lou starts")
    assert told["startedBy"] == {"email": "ann@acme.example"}
    assert told["startedAt"] < told["finishedAt"]
    assert await place.admin.fetchval(CHANGED, lou) == 2500
    assert tuple(await place.admin.fetchrow(ONCE) or ()) == (2500, 0, 2500, 2500)
    logged = await place.admin.fetch(
        "select distinct actor, reason, request from access.access_log where kind = 'assignment'"
    )
    assert [tuple(row) for row in logged] == [(ann, "Lou starts", "the-request")]
    assert not await place.admin.fetchval("select exists (select from access_private.job_rows)")


async def test_rows_are_those_that_matched_when_it_started(place: Market, jobs: Jobs) -> None:
    job = await place.starts("ann", "lou", where={"name": {"startsWith": "Deal 1"}})
    matching = await place.admin.fetchval("select count(*) from crm.deals where name like 'Deal 1%'")
    await place.does("olive", "update crm.deals set name = 'Deal 1, too' where name = 'Deal 2'")

    await to_its_end(jobs)

    assert (await place.job("ann", job))["progress"]["changed"] == matching
    assert await place.admin.fetchval(CHANGED, place.users["lou"]) == matching


async def test_a_batch_is_judged_by_what_holds_when_it_is_done(place: Market, jobs: Jobs) -> None:
    """O5: a verdict for each row; one that went meanwhile is refused, one that is so already is not written."""
    job = await place.starts("ann", "lou")
    gone, already = await place.admin.fetch("select id from crm.deals order by id limit 2")
    await place.does("olive", "delete from crm.deals where id = $1", gone["id"])
    await place.does("olive", "select access.assign_deals($1, $2)", already["id"], place.users["lou"])

    await to_its_end(jobs)

    told = await place.job("ann", job)
    assert told["status"] == "DONE"
    assert {name: told["progress"][name] for name in ("changed", "unchanged", "refused")} == {
        "changed": 2498, "unchanged": 1, "refused": 1
    }  # fmt: skip
    assert told["refused"] == [
        {
            "id": f"Deal:{gone['id']}",
            "code": "NOT_FOUND",
            "message": "There is no such row, or you may not see it.",
            "action": None,
        }
    ]


async def test_a_cancelled_job_stops_and_is_resumed(place: Market, jobs: Jobs) -> None:
    job = await place.starts("ann", "lou")
    taken = await jobs.take()
    assert taken is not None
    assert await jobs.step(taken) == "running"

    data, _ = await place.asks("ann", CANCEL, id=job)

    assert data["cancelJob"]["job"] == {
        "id": job, "status": "CANCELLED", "progress": {"processed": 1000, "remaining": 1500}
    }  # fmt: skip
    assert await jobs.step(taken) == "lost"
    assert await jobs.take() is None
    assert await place.admin.fetchval(CHANGED, place.users["lou"]) == 1000

    data, _ = await place.asks("ann", RESUME, id=job)
    assert data["resumeJob"]["job"] == {"id": job, "status": "QUEUED", "problemCode": None}
    assert await to_its_end(jobs) == 2
    assert tuple(await place.admin.fetchrow(ONCE) or ()) == (2500, 0, 2500, 2500)


async def test_who_cancels_waits_for_no_batch_and_undoes_the_one_at_hand(place: Market, jobs: Jobs) -> None:
    job = await place.starts("ann", "lou")
    taken = await jobs.take()
    assert taken is not None
    other = await place.database.connect()
    async with other.transaction():
        await other.execute("select from crm.deals order by id limit 1 for update")
        step = asyncio.create_task(jobs.step(taken))
        await until(WAITING, place.admin)
        data, errors = await place.asks("ann", CANCEL, id=job)
        assert errors == []
        assert data["cancelJob"]["job"]["status"] == "CANCELLED"
    await other.close()

    assert await step == "lost"
    assert tuple(await place.admin.fetchrow(ONCE) or ()) == (0, 0, 0, 0)


async def test_a_job_that_has_ended_is_not_cancelled_and_one_that_has_not_is_not_resumed(
    place: Market, jobs: Jobs
) -> None:
    job = await place.starts("ann", "lou")
    _, errors = await place.asks("ann", RESUME, id=job)
    assert [error["code"] for error in errors] == ["CONFLICT"]

    await to_its_end(jobs)

    for text in (CANCEL, RESUME):
        _, errors = await place.asks("ann", text, id=job)
        assert [error["code"] for error in errors] == ["CONFLICT"]


async def test_who_lost_the_right_midway_changes_no_more(place: Market, jobs: Jobs) -> None:
    """C8: each batch is entered anew; the job says what is missing, and the rest is not done."""
    job = await place.starts("ann", "lou")
    taken = await jobs.take()
    assert taken is not None
    assert await jobs.step(taken) == "running"
    await place.admin.execute(
        "select access.set_exception($1, $2, 'deals', 'assign', 'all', 'deny')", place.account, place.users["ann"]
    )

    assert await jobs.step(taken) == "failed"

    told = await place.job("ann", job)
    assert (told["status"], told["problemCode"]) == ("FAILED", "FORBIDDEN")
    assert "'assign' on deals" in told["problemMessage"]
    assert (told["progress"]["changed"], told["progress"]["remaining"]) == (1000, 1500)
    assert await place.admin.fetchval(CHANGED, place.users["lou"]) == 1000
    _, errors = await place.asks("ann", RESUME, id=job)
    assert [(error["code"], error["action"]) for error in errors] == [("FORBIDDEN", "assign")]


async def test_whoever_is_shut_out_midway_changes_no_more(place: Market, jobs: Jobs) -> None:
    """C8, T10."""
    job = await place.starts("ann", "lou")
    taken = await jobs.take()
    assert taken is not None
    await jobs.step(taken)
    await place.admin.execute("select access.set_status($1, $2, 'deactivated')", place.account, place.users["ann"])

    assert await jobs.step(taken) == "failed"

    told = await place.job("olive", job)
    assert (told["status"], told["problemCode"], told["progress"]["remaining"]) == ("FAILED", "UNAUTHENTICATED", 1500)
    assert await place.admin.fetchval(CHANGED, place.users["lou"]) == 1000


async def test_a_new_owner_who_goes_midway_ends_the_job(place: Market, jobs: Jobs) -> None:
    job = await place.starts("ann", "lou")
    taken = await jobs.take()
    assert taken is not None
    await jobs.step(taken)
    await place.admin.execute("select access.set_status($1, $2, 'deactivated')", place.account, place.users["lou"])

    assert await jobs.step(taken) == "failed"

    assert (await place.job("ann", job))["problemCode"] == "NOT_FOUND"


async def test_a_job_is_one_workers_until_its_lease_ends(place: Market, jobs: Jobs) -> None:
    await place.starts("ann", "lou")
    first = await jobs.take()
    assert first is not None
    assert await jobs.take() is None

    await place.admin.execute(TIME_PASSES)
    second = await jobs.take()

    assert second is not None
    assert (second.id, second.taken) == (first.id, first.taken + 1)
    assert await jobs.step(first) == "lost"
    assert await jobs.step(second) == "running"


async def test_who_was_slow_writes_nothing_once_another_has_taken_the_job(place: Market, jobs: Jobs) -> None:
    """A lease that ends in the middle of a batch: the batch is undone when it wants to say how far it has come."""
    await place.starts("ann", "lou")
    slow = await jobs.take()
    assert slow is not None
    other = await place.database.connect()
    async with other.transaction():
        await other.execute("select from crm.deals order by id limit 1 for update")
        step = asyncio.create_task(jobs.step(slow))
        await until(WAITING, place.admin)
        await place.admin.execute(TIME_PASSES)
        quick = await jobs.take()
    await other.close()

    assert await step == "lost"
    assert tuple(await place.admin.fetchrow(ONCE) or ()) == (0, 0, 0, 0)
    assert quick is not None
    assert await jobs.step(quick) == "running"
    assert tuple(await place.admin.fetchrow(ONCE) or ()) == (1000, 0, 1000, 1000)


async def test_two_workers_do_each_row_once(place: Market) -> None:
    """Jobs of two members over the same rows, done by two processes' worth of workers side by side."""
    started = [
        await place.starts(who, to) for who, to in (("ann", "lou"), ("amy", "ann"), ("ann", "amy"), ("amy", "lou"))
    ]
    async with Database.connected(place.database.gateway_dsn, PoolOptions(min_size=1, max_size=4)) as second:
        batches = await asyncio.gather(to_its_end(Jobs(place.pool)), to_its_end(Jobs(second)))

    assert sum(batches) == 4 * 3
    told = [await place.job("olive", job) for job in started]
    assert {job["status"] for job in told} == {"DONE"}
    assert {job["progress"]["processed"] for job in told} == {2500}
    changed = sum(job["progress"]["changed"] for job in told)
    assert await place.admin.fetchval("select sum(version - 1) from crm.deals") == changed
    assert await place.admin.fetchval("select count(*) from access.access_log where kind = 'assignment'") == changed


async def test_what_takes_too_long_is_done_in_smaller_batches(
    place: Market, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.starts("ann", "lou")
    taken = await jobs.take()
    assert taken is not None
    monkeypatch.setattr(resolvers.jobs, "BATCH_SECONDS", 0.2)
    other = await place.database.connect()
    async with other.transaction():
        await other.execute("select from crm.deals order by id limit 1 for update")
        assert await jobs.step(taken) == "running"
    await other.close()

    assert taken.rows == 125
    monkeypatch.setattr(resolvers.jobs, "BATCH_SECONDS", 30.0)
    while await jobs.step(taken) == "running":
        pass
    assert tuple(await place.admin.fetchrow(ONCE) or ()) == (2500, 0, 2500, 2500)


async def test_a_passing_hindrance_is_tried_again_and_a_lasting_one_fails(place: Market) -> None:
    job = await place.starts("ann", "lou")
    options = PoolOptions(min_size=1, max_size=2, lock_timeout=0.02)
    other = await place.database.connect()
    async with Database.connected(place.database.gateway_dsn, options) as impatient, other.transaction():
        await other.execute("select from crm.deals order by id limit 1 for update")
        jobs = Jobs(impatient)
        for expected in ("queued", "queued", "queued", "queued", "failed"):
            taken = await jobs.take()
            assert taken is not None
            assert await jobs.step(taken) == expected
            assert await jobs.take() is None, "it waits before it is tried again"
            await place.admin.execute(TIME_PASSES)
    await other.close()

    told = await place.job("ann", job)
    assert (told["status"], told["problemCode"]) == ("FAILED", "CONFLICT")
    assert (await place.asks("ann", RESUME, id=job))[1] == []
    await to_its_end(Jobs(place.pool))
    assert (await place.job("ann", job))["status"] == "DONE"


async def test_jobs_are_their_starters_and_the_administrators(place: Market, jobs: Jobs) -> None:
    """T1: of others, also of other accounts, there is no job; what was refused is the starter's alone."""
    job = await place.starts("ann", "lou")
    await place.does("olive", "delete from crm.deals where id in (select id from crm.deals limit 1)")
    await to_its_end(jobs)
    absent = f"Job:{uuid4()}"

    assert (await place.job("ann", job))["refused"] != []
    assert (await place.job("olive", job))["progress"]["refused"] == 1
    assert (await place.job("olive", job))["refused"] == []
    for who in ("amy", "lou", "boris"):
        assert await place.job(who, job) is None
        data, _ = await place.asks(who, "{ jobs { totalCount nodes { id } } }")
        assert data["jobs"] == {"totalCount": 0, "nodes": []}
        for text in (CANCEL, RESUME):
            assert await place.asks(who, text, id=job) == await place.asks(who, text, id=absent)
    data, _ = await place.asks("ann", "{ jobs { totalCount nodes { id } } }")
    assert data["jobs"] == {"totalCount": 1, "nodes": [{"id": job}]}


async def test_who_administers_users_cancels_a_job_and_its_starter_alone_resumes_it(place: Market) -> None:
    job = await place.starts("ann", "lou")

    data, _ = await place.asks("olive", CANCEL, id=job)
    assert data["cancelJob"]["job"]["status"] == "CANCELLED"
    _, errors = await place.asks("olive", RESUME, id=job)
    assert [error["code"] for error in errors] == ["CONFLICT"]
    _, errors = await place.asks("ann", RESUME, id=job)
    assert errors == []


async def test_nobody_has_more_than_five_jobs_under_way(place: Market) -> None:
    for _ in range(5):
        await place.starts("ann", "lou")
    wish = {"where": {}, "ownerId": f"Person:{place.users['lou']}", "partial": True, "background": True}

    _, errors = await place.asks("ann", START, input=wish)

    assert errors == [{"code": "LIMIT_EXCEEDED", "limit": "open_jobs", "value": 5, "actual": 6}]
    assert await place.starts("amy", "lou")


async def test_who_may_assign_nothing_starts_no_job(place: Market) -> None:
    wish: dict[str, Any] = {"where": {}, "ownerId": None, "partial": True, "background": True}

    _, errors = await place.asks("lou", START, input=wish)

    assert [(error["code"], error["action"]) for error in errors] == [("FORBIDDEN", "assign")]


async def test_a_job_without_rows_is_done_at_once(place: Market) -> None:
    job = await place.starts("ann", "lou", where={"name": {"eq": "No such deal"}})

    assert (await place.job("ann", job))["status"] == "DONE"


async def test_a_job_that_is_asked_for_again_under_its_key_is_the_same(place: Market) -> None:
    first = await place.starts("ann", "lou", idempotencyKey="monday")

    assert await place.starts("ann", "lou", idempotencyKey="monday") == first
    assert await place.starts("ann", "lou") != first


async def test_jobs_of_last_month_are_removed(place: Market, jobs: Jobs) -> None:
    old, young = await place.starts("ann", "lou"), await place.starts("amy", "lou")
    await place.does("olive", "delete from crm.deals where id in (select id from crm.deals limit 1)")
    await to_its_end(jobs)
    await place.admin.execute(
        "update access.job set finished_at = clock_timestamp() - interval '31 days' where id = $1", uuid(old)
    )

    assert await Watchdog(place.pool, resolvers.jobs.LEASE, timedelta(days=30)).remove_old_jobs() == 1

    assert await place.job("ann", old) is None
    assert (await place.job("amy", young))["status"] == "DONE"
    assert await place.admin.fetchval("select count(distinct job_id) from access.job_refusal") == 1


# Real processes


@contextmanager
def gateway(database: TestDatabase, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`cloison serve` as a process of its own, ended after the block if it has not ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLOISON_")}
    settings = {
        "GATEWAY_URL": database.gateway_dsn,
        "JWT_SECRET": SECRET,
        "CURSOR_SECRET": CURSOR_SECRET,
        "PORT": str(port),
        "LOCK_TIMEOUT": "120",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "serve"],
        env=kept | {"PYTHONPATH": str(CHECKOUT)} | {f"CLOISON_{name}": value for name, value in settings.items()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_the_job_of_a_killed_worker_is_resumed_by_another(place: Market) -> None:
    """Killed in the middle of its second batch; the other process goes on with that batch, and no row is done twice."""
    job = await place.starts("ann", "lou")
    stop = await place.database.connect()
    async with stop.transaction():
        await stop.execute(HELD)
        with gateway(place.database, a_free_port()) as first:
            await until(WAITING, place.admin)
            first.kill()
            first.wait(timeout=60)
    await stop.close()
    told = await place.job("ann", job)
    assert (told["status"], told["progress"]["processed"]) == ("RUNNING", 1000)
    assert await place.admin.fetchval(CHANGED, place.users["lou"]) == 1000

    await place.admin.execute(TIME_PASSES)
    with gateway(place.database, a_free_port()):
        await until("select status = 'done' from access.job where id = $1", place.admin, uuid(job))

    assert (await place.job("ann", job))["progress"]["changed"] == 2500
    assert tuple(await place.admin.fetchrow(ONCE) or ()) == (2500, 0, 2500, 2500)


async def test_a_process_that_is_stopped_gives_its_job_back(place: Market) -> None:
    """After the batch at hand; nobody has to wait for the end of a lease."""
    job = await place.starts("ann", "lou")
    stop = await place.database.connect()
    async with stop.transaction():
        await stop.execute(HELD)
        with gateway(place.database, a_free_port()) as first:
            await until(WAITING, place.admin)
            first.send_signal(signal.SIGTERM)
            await until("select status = 'running' from access.job", place.admin)
            await stop.execute("commit; begin")
            first.wait(timeout=60)
    await stop.close()

    assert await place.admin.fetchval(
        "select leased_until is null or leased_until <= clock_timestamp() from access.job where id = $1", uuid(job)
    )
    await to_its_end(Jobs(place.pool))
    assert tuple(await place.admin.fetchrow(ONCE) or ()) == (2500, 0, 2500, 2500)

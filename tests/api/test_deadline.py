"""Deadlines: a task is cancelled in time, and nobody else's cancellation is taken for it."""

import asyncio

import pytest

from gateway.deadline import Deadline


async def test_what_takes_too_long_is_ended_and_the_task_goes_on() -> None:
    with pytest.raises(TimeoutError), Deadline(0.01):
        await asyncio.Event().wait()
    await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_what_is_done_in_time_is_left_alone() -> None:
    with Deadline(60):
        await asyncio.sleep(0)
    with pytest.raises(KeyError), Deadline(60):
        raise KeyError


async def test_a_cancellation_from_outside_is_not_a_timeout() -> None:
    entered = asyncio.Event()

    async def work() -> None:
        with Deadline(60):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_of_two_cancellations_the_other_one_is_seen() -> None:
    async def work() -> None:
        with Deadline(0):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                task.cancel()
                raise

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task

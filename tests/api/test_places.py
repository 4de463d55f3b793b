"""Places: never more than there are, in the order of those who wait, and none is lost with whoever goes away."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest

from resolvers.session.places import Places
from resolvers.session.turns import Turns


async def waiting(places: Places, seconds: float = 60) -> "asyncio.Task[None]":
    """Somebody who stands in line."""
    task = asyncio.create_task(places.wait(seconds))
    await asyncio.sleep(0)
    return task


async def test_a_place_goes_to_who_has_waited_longest() -> None:
    places = Places(1)
    assert places.take_free()
    assert not places.take_free()
    first, second = await waiting(places), await waiting(places)

    places.give()
    assert not places.take_free(), "nobody gets past the line"
    await first
    assert not second.done()

    places.give()
    await second
    assert not places.unused
    places.give()
    assert places.unused


async def test_who_waits_too_long_leaves_the_line() -> None:
    places = Places(1)
    places.take_free()
    with pytest.raises(TimeoutError):
        await places.wait(0.01)

    places.give()
    assert places.take_free()


@pytest.mark.parametrize("late", [False, True], ids=["before the place comes", "in the moment in which it comes"])
async def test_a_place_is_not_lost_with_who_is_cancelled(late: bool) -> None:
    places = Places(1)
    places.take_free()
    leaving, staying = await waiting(places), await waiting(places)

    if late:
        places.give()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    if not late:
        places.give()

    async with asyncio.timeout(5):
        await staying
    assert not places.take_free()
    places.give()
    assert places.unused


async def test_a_place_that_comes_with_the_end_of_patience_is_not_lost() -> None:
    places = Places(1)
    places.take_free()
    task = await waiting(places, seconds=0)
    places.give()

    await asyncio.wait([task])

    assert task.exception() is None
    places.give()
    assert places.unused


async def test_who_went_away_takes_nobody_elses_places_along() -> None:
    """A waiter whose time is up comes to know of it when the user has others already."""
    turns = Turns(1, 60)
    user = uuid4()
    first, late = turns.of(user), turns.of(user)
    await first.take()
    waiter = asyncio.create_task(late.take())
    await asyncio.sleep(0)
    waiter.cancel()
    first.give()
    next_ = turns.of(user)
    await next_.take()
    with suppress(asyncio.CancelledError):
        await waiter
    another = asyncio.create_task(turns.of(user).take())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not another.done(), "one at a time"
    next_.give()
    await another

"""Places: never more than there are, in the order of those who wait, and none is lost with whoever goes away."""

import asyncio

import pytest

from resolvers.session.places import Places


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

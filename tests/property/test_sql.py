"""Whoever asks in SQL, as a member over the gateway's login or as an analyst, gets what the oracle says.

Worlds are made and asked in batches, all in one database. One that disagrees is made smaller until nothing of it can be
left out, and printed.
"""

import os
import secrets
from collections import Counter
from collections.abc import Sequence

import pytest

from tests.property.doors import Doors
from tests.property.shrinking import shrunk
from tests.property.sources import Seeded
from tests.property.worlds import a_world, any_shape
from tests.support.model import World

pytestmark = pytest.mark.any_server

WORLDS = 2_000
PARTS = 8
BATCH = 25
# The same in every run, but where others are to be explored.
SEED = secrets.token_hex(4) if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else "cloison"


def world_of(seed: str) -> World:
    """The world that follows from a seed."""
    source = Seeded(seed)
    return a_world(source, any_shape(source))


@pytest.mark.parametrize("part", range(PARTS))
async def test_worlds_agree_with_the_oracle(doors: Doors, counts: Counter[str], part: int) -> None:
    doors.counts = counts
    for batch in range(WORLDS // PARTS // BATCH):
        seeds = [f"{SEED}-{part}-{batch}-{number}" for number in range(BATCH)]
        worlds = [world_of(seed) for seed in seeds]
        for seed, world, found in zip(seeds, worlds, await doors.disagreements(worlds), strict=True):
            if found:
                await fail(doors, seed, world)
        await doors.forget()
    assert counts["worlds"] * PARTS >= WORLDS


async def fail(doors: Doors, seed: str, world: World) -> None:
    """Tell of the smallest world in which something is wrong."""

    async def wrong(worlds: Sequence[World]) -> list[bool]:
        return [bool(found) for found in await doors.disagreements(worlds)]

    smallest = await shrunk(world, wrong)
    (found,) = await doors.disagreements([smallest])
    pytest.fail("\n".join([f"the world of seed {seed}, made smaller:{smallest}", *found]), pytrace=False)

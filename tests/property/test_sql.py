"""Whoever asks in SQL, as a member over the gateway's login or as an analyst, gets what the oracle says.

Worlds are made and asked in batches, all in one database. One that disagrees is made smaller until nothing of it can be
left out, and printed.
"""

import os
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.property.doors import Doors
from tests.property.shrinking import shrunk
from tests.property.sources import Seeded
from tests.property.worlds import a_role, a_world, any_shape
from tests.support.model import World

pytestmark = pytest.mark.any_server

# On the embedded server, and on one that is named, of which the embedded one has shown most already.
WORLDS, WORLDS_ELSEWHERE = 2_000, 400
PARTS = 16
BATCH = 25
# How many shapes the worlds of a batch have, and how many custom roles there are to a shape.
SHAPES, ROLES = 6, 6
# The same in every run, but where others are to be explored.
SEED = secrets.token_hex(4) if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else "cloison"


def worlds_of(seed: str, number: int = BATCH, module: str = "", asset: str = "", turned: str = "") -> list[World]:
    """The worlds that follow from a seed. Some have modules and roles in common, as accounts of one kind have."""
    source = Seeded(seed)
    shapes = []
    for _ in range(SHAPES):
        shape = any_shape(source, module, asset, turned)
        shapes.append(replace(shape, pool=tuple(a_role(source, shape.modules) for _ in range(ROLES))))
    return [a_world(source, source.pick(shapes)) for _ in range(number)]


@pytest.mark.parametrize("part", range(PARTS))
async def test_worlds_agree_with_the_oracle(
    doors: Doors, counts: Counter[str], part: int, pytestconfig: pytest.Config
) -> None:
    worlds_in_all = WORLDS if pytestconfig.getoption("--postgres") is None else WORLDS_ELSEWHERE
    doors.counts = counts
    for batch in range(worlds_in_all // PARTS // BATCH):
        worlds = worlds_of(f"{SEED}-{part}-{batch}")
        for world, found in zip(worlds, await doors.disagreements(worlds), strict=True):
            if found:
                await fail(doors, world, found)
        if batch % 4 == 3:
            await doors.forget()
    assert counts["worlds"] * PARTS >= worlds_in_all


async def fail(doors: Doors, world: World, found: list[str]) -> None:
    """Tell of the smallest world in which something is wrong."""
    if not any(await doors.disagreements([world], thorough=True)):
        pytest.fail("\n".join([f"once, and not again, in {world}", *found]), pytrace=False)

    async def wrong(worlds: Sequence[World]) -> list[bool]:
        return [bool(found) for found in await doors.disagreements(worlds, thorough=True)]

    smallest = await shrunk(world, wrong)
    (found,) = await doors.disagreements([smallest], thorough=True)
    pytest.fail("\n".join([f"seed {SEED}:{smallest}", *found]), pytrace=False)

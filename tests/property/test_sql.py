"""Whoever asks in SQL, as a member over the gateway's login or as an analyst, gets what the oracle says."""

from collections import Counter

import pytest
from hypothesis import given, note, settings

from tests.property import oracle
from tests.property.doors import Doors
from tests.property.worlds import Shape, worlds
from tests.support.building import build
from tests.support.model import World

pytestmark = pytest.mark.any_server

WORLDS = settings(max_examples=120)


async def agree(doors: Doors, counts: Counter[str], world: World) -> None:
    """Build the world, ask as each of its members, compare."""
    built = await build(doors.admin, world)
    await doors.bind_analysts(built, world)
    for member in world.here.members:
        note(f"as {member.user}")
        verdicts = oracle.verdicts(world, member)
        reads = {key: yes for key, yes in verdicts.items() if key[0] in {"view", "view_sensitive"}}
        assert await doors.analyst(built, world, member) == {key for key, yes in reads.items() if yes}
        assert await doors.sql(built, world, member) == {key for key, yes in verdicts.items() if yes}
        counts["verdicts"] += len(verdicts) + len(reads)
        counts["denials"] += sum(not yes for each in (verdicts, reads) for yes in each.values())
    counts["worlds"] += 1
    await doors.tidy()


@WORLDS
@given(world=worlds(Shape("contacts", 0, 0)))
async def test_accounts_without_teams_agree(doors: Doors, counts: Counter[str], world: World) -> None:
    await agree(doors, counts, world)


@WORLDS
@given(world=worlds(Shape("conversations", 1, 1, "ad_campaigns")))
async def test_accounts_of_one_team_agree(doors: Doors, counts: Counter[str], world: World) -> None:
    await agree(doors, counts, world)


@WORLDS
@given(world=worlds(Shape("interactions", 2, 3, "marketing_emails")))
async def test_accounts_of_few_teams_agree(doors: Doors, counts: Counter[str], world: World) -> None:
    await agree(doors, counts, world)


@WORLDS
@given(world=worlds(Shape("tickets", 4, 7, "workflows")))
async def test_accounts_of_many_teams_agree(doors: Doors, counts: Counter[str], world: World) -> None:
    await agree(doors, counts, world)

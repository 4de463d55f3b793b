"""Whatever is changed in whatever world: a dry run says what then comes, for every member, module and action (X2)."""

from collections import Counter
from typing import TypeAlias

import asyncpg
import orjson
import pytest
from hypothesis import given, note, settings, strategies as st
from hypothesis.strategies import DrawFn

from tests.property.changes import Change, changes
from tests.property.doors import Doors
from tests.property.worlds import Shape, worlds
from tests.support.building import Built, build
from tests.support.model import World
from tests.support.reached import Reached, difference, reached

pytestmark = pytest.mark.any_server

WORLDS = settings(max_examples=100)
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def tried(gateway: Connection, built: Built, change: Change) -> dict[str, object] | str:
    """What a dry run by the super admin says; or the SQLSTATE with which it is refused."""
    transaction = gateway.transaction()
    await transaction.start()
    try:
        await gateway.execute("select access.enter($1, $2)", built.slug("here"), built.user("root"))
        await gateway.execute("select access.begin_preview()")
        await gateway.execute("savepoint before_change")
        await gateway.execute(change.statement, *change.values(built))
        after = await gateway.fetchval("select access.preview_after()")
        await gateway.execute("rollback to savepoint before_change")
        return dict(orjson.loads(await gateway.fetchval("select access.preview_before($1::jsonb)", after)))
    except asyncpg.PostgresError as error:
        return error.sqlstate or ""
    finally:
        await transaction.rollback()


async def done(gateway: Connection, built: Built, change: Change) -> str:
    """Make the change; nothing, or the SQLSTATE with which it is refused."""
    try:
        async with gateway.transaction():
            await gateway.execute("select access.enter($1, $2)", built.slug("here"), built.user("root"))
            await gateway.execute(change.statement, *change.values(built))
    except asyncpg.PostgresError as error:
        return error.sqlstate or ""
    return ""


@st.composite
def attempts(draw: DrawFn, shape: Shape) -> tuple[World, Change]:
    """A world, and a change of it."""
    world = draw(worlds(shape))
    return world, draw(changes(world, shape))


async def agree(doors: Doors, counts: Counter[str], shape: Shape, attempt: tuple[World, Change]) -> None:
    """Build the world, try a change, make it, and look at it as each member."""
    world, change = attempt
    built = await build(doors.admin, world)
    note(f"{change.statement} {change.named}")
    members = [built.user(member.user) for member in world.here.members]

    async def seen() -> Reached:
        return await reached(doors.gateway, built.slug("here"), members, (shape.module, shape.asset))

    before = await seen()
    told = await tried(doors.gateway, built, change)
    refused = await done(doors.gateway, built, change)
    if isinstance(told, str):
        assert told == refused
        counts["refused"] += 1
    else:
        assert not refused
        changed = difference(before, await seen())
        lines = told["changes"]
        assert isinstance(lines, list)
        said = {
            (line["member"], line["module"], line["action"]): (
                line["gained"] + (line["held"] == "gained"),
                line["lost"] + (line["held"] == "lost"),
            )
            for line in lines
        }
        assert said == {
            (str(member), module, action): (len(gained), len(lost))
            for (member, module, action), (gained, lost) in changed.items()
        }
        counts["lines"] += len(lines)
        counts["rows"] += sum(gained + lost for gained, lost in said.values())
    counts["worlds"] += 1
    await doors.tidy()


WITHOUT = Shape("contacts", 0, 0)
FEW = Shape("deals", 2, 3, "documents")
MANY = Shape("interactions", 4, 7, "workflows")


@WORLDS
@given(attempt=attempts(WITHOUT))
async def test_without_teams(doors: Doors, counts: Counter[str], attempt: tuple[World, Change]) -> None:
    await agree(doors, counts, WITHOUT, attempt)


@WORLDS
@given(attempt=attempts(FEW))
async def test_with_few_teams(doors: Doors, counts: Counter[str], attempt: tuple[World, Change]) -> None:
    await agree(doors, counts, FEW, attempt)


@WORLDS
@given(attempt=attempts(MANY))
async def test_with_many_teams(doors: Doors, counts: Counter[str], attempt: tuple[World, Change]) -> None:
    await agree(doors, counts, MANY, attempt)

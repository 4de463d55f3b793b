"""However many different operations come, what is kept of them stays within bounds."""

import gc
from collections import Counter
from functools import partial

import httpx
import pytest

from benchmarks import documents
from gateway import app, view
from resolvers.operations import Compiler
from tests.api.conftest import World, bearer, settings_for, talking

# So little that a hundred operations fill everything.
KEPT = 20
OURS = ("gateway.", "graphql.", "resolvers.")
OPERATION = "resolvers.execution.Operation"


@pytest.mark.parametrize("bounded", [True, False], ids=["bounded", "what would be found otherwise"])
async def test_nothing_more_is_kept_after_more_operations(
    world: World, monkeypatch: pytest.MonkeyPatch, *, bounded: bool
) -> None:
    if bounded:
        compiler = partial(Compiler, documents=KEPT, document_characters=KEPT * 1000, sql_characters=KEPT * 3000)
        monkeypatch.setattr(app, "Compiler", compiler)
        monkeypatch.setattr(view, "_REMEMBERED", KEPT)
        monkeypatch.setattr(view, "_REMEMBERED_ANSWERS", 2)
    async with talking(settings_for(world.database), **bearer(world.owner)) as client:
        codes = await send(client, range(100))
        before = kept()
        codes |= await send(client, range(100, 400))
        after = kept()

    assert {"", "BAD_USER_INPUT", "LIMIT_EXCEEDED", "NOT_FOUND"} <= codes, "valid ones and such as fail"
    assert before[OPERATION] > 0
    # Documents are of different sizes: what is kept of as many is not quite as much.
    assert (after[OPERATION] < before[OPERATION] * 1.3) is bounded
    assert (after.total() < before.total() * 1.3) is bounded


async def send(client: httpx.AsyncClient, numbers: range) -> set[str]:
    """Send different operations; codes of their errors, and an empty one for those without."""
    codes = set()
    for number in numbers:
        answer = (await client.post("/graphql", json=documents.different(number))).json()
        codes |= {error["extensions"]["code"] for error in answer.get("errors", ())} or {""}
    return codes


def kept() -> Counter[str]:
    """How many objects there are of each class of ours and of the parser's."""
    gc.collect()
    names = (f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())
    return Counter(name for name in names if name.startswith(OURS))

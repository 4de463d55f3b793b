"""Trying a change and undoing it: what it would bring about (rule X2). The database counts, and undoes."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import orjson

from resolvers.session import Exchange
from resolvers.session.pipeline import Step

T = TypeVar("T")

_BEGIN = Step("select access.begin_preview()")
_SAVEPOINT = Step("savepoint before_change")
_AFTER = Step("select access.preview_after()")
_UNDO = Step("rollback to savepoint before_change")
_BEFORE = "select access.preview_before($1::jsonb)"


class Preview(NamedTuple):
    """What a dry run found: as JSON, and of it how many members it concerns and how many lines it has."""

    found: str
    members: int
    lines: int


async def previewed(exchange: Exchange, change: Callable[[Exchange], Awaitable[T]]) -> tuple[T, Preview]:
    """Carry a change out within a `Trial`, see what it brings about, and undo it.

    What the change answers, read while it was in force, and the preview. Afterwards the transaction is open, as it was
    before the change. Raises what the change raises, and LimitExceeded where there is too much to count.
    """
    await exchange.run(_BEGIN, _SAVEPOINT)
    answered = await change(exchange)
    after, _ = await exchange.run(_AFTER, _UNDO)
    (before,) = await exchange.run(Step(_BEFORE, [(after.get_value(0, 0) or b"").decode()]))
    found = before.get_value(0, 0) or b""
    told: dict[str, Any] = orjson.loads(found)
    return answered, Preview(found.decode(), told["members"], told["lines"])

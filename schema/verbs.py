"""What can be done to rows of a module: its mutations, and which change of columns each of them is."""

from functools import cache
from typing import NamedTuple

from schema.registry import OPPOSITES, Column, Kind, Module, Type

# With whom one row is shared, and no more (rule O8).
SHARED = ("share", "unshare")
# What can be tried and undone (rule X2): whatever says who reaches a row.
PREVIEWED = ("assign", *SHARED)

# What is done to rows in the trash, by who may delete such rows.
TRASHED = ("restore", "purge")


# What creates or sends, and so takes an idempotency key.
KEYED = ("create", "clone", "share", "send")


class Turn(NamedTuple):
    """A change that is an action of its own: `sets` are columns with their new values; those `named` the caller gives.

    `once` is the column and the value of a row that this was done to: it is not done again.
    """

    verb: str
    action: str
    sets: tuple[tuple[str, str | None], ...] = ()
    named: tuple[Column, ...] = ()
    once: tuple[str, str] | None = None


@cache
def turns(module: Module) -> dict[str, Turn]:
    """The turns of a module by their verbs, as its columns describe them: each has the action that changes it."""
    return {turn.verb: turn for column in module.columns for turn in _turns_of(module, column)}


def _turns_of(module: Module, column: Column) -> tuple[Turn, ...]:
    """On and off of a state; of a text that says through what a row works, named and taken back."""
    destination = module.destination
    if column.writable or column.since is not None or (destination and column.name == destination.column):
        return ()
    action, opposite = column.action, OPPOSITES.get(column.action)
    if column.choices:
        goes = destination is not None and destination.state == column.name
        named = (module.column(destination.column),) if destination and goes else ()
        done = column.name, column.choices[-1]
        on = Turn(action, action, (done,), named, once=done if goes and module.sends_to else None)
        off: str | None = column.choices[0]
    elif column.type is Type.TEXT:
        on, off = Turn(action, action, named=(column,)), None
    else:
        return ()
    return (on, Turn(opposite, action, ((column.name, off),))) if opposite else (on,)


def goes_out(module: Module, verb: str) -> bool:
    """Whether a verb sends rows to a list, by way of the outbox."""
    turn = turns(module).get(verb)
    return turn is not None and turn.once is not None


def verbs(module: Module) -> tuple[str, ...]:
    """Mutations of a module: those of every module; clone, assign, share where there are such actions; its turns."""
    return (
        *("create", "update", "delete", *TRASHED),
        *(verb for verb in ("clone", "assign") if verb in module.action_names),
        *(SHARED if module.kind in (Kind.RECORD, Kind.ASSET) else ()),
        *turns(module),
    )

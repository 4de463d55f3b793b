"""That changes of access are said and stay said, as checks that sabotage tests see fail."""

from collections.abc import Awaitable, Callable

import asyncpg

from schema.registry import Module
from tests.database.history import flushed, written
from tests.database.world import World, entered, refused, rolled_back

Check = Callable[["asyncpg.Connection[asyncpg.Record]", World], Awaitable[None]]


def is_said(statement: str) -> Check:
    """An operator's change of access."""

    async def check(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
        async with rolled_back(trial):
            assert len(await written(trial, statement)) == 1

    return check


def an_assignment_is_said(module: Module) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        row, ella = world.row(module.name, "rolf"), world.users["ella"]
        async with entered(trial, world, "olga"):
            found = await written(trial, f"select access.assign_{module.name}('{row}', '{ella}')")
            assert [(each["module"], each["row_id"]) for each in found] == [(module.name, row)]
            await flushed(trial)

    return check


async def history_is_not_forged(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    forged = (
        "insert into access.access_log (account_id, kind, after, operator)"
        f" values ('{world.north}', 'tier', '{{}}', 'somebody')"
    )
    await refused(trial, "55000", forged)


async def history_is_not_rewritten(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    for statement in (
        "update access.access_log set reason = 'x'", "delete from access.access_log", "truncate access.access_log",
    ):  # fmt: skip
        await refused(trial, "55000", statement)


async def the_engine_removes_reasons_alone(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    """An erasure removes what people wrote; nothing puts words into the history."""
    async with rolled_back(trial):
        await trial.execute("set local role cloison_engine")
        await trial.execute("reset role; select access.because('asked by a@x.example, (b@y.example)')")
        await trial.execute("update access.team set name = 'said' where name = 'west'; set local role cloison_engine")
        change = "update access.access_log set reason = '{}' where after ->> 'name' = 'said'"
        await trial.execute(change.format("asked by a@x.example, ([erased])"))
        for forged in (
            "x",
            "[erased]",
            "asked [erased] a@x.example, ([erased])",
            "asked by [erased]",
            "asked by c@x.example",
        ):
            await refused(trial, "55000", change.format(forged))
        await trial.execute(change.format("asked by [erased], ([erased])"))


OPERATORS = "select count(*) from access_private.operator_log"


def is_said_of_operators(statement: str) -> Check:
    """A change of what concerns all accounts."""

    async def check(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
        async with rolled_back(trial):
            before = await trial.fetchval(OPERATORS)
            await trial.execute(statement)
            assert await trial.fetchval(OPERATORS) == before + 1

    return check


async def operators_are_not_forged(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    forged = "insert into access_private.operator_log (kind, after, operator) values ('operator', '{}', 'somebody')"
    await refused(trial, "55000", forged)


async def operators_are_not_rewritten(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    for statement in (
        "update access_private.operator_log set reason = 'x'",
        "delete from access_private.operator_log",
        "truncate access_private.operator_log",
    ):
        await refused(trial, "55000", statement)


async def the_engine_removes_reasons_of_operators_alone(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    async with rolled_back(trial):
        await trial.execute("select access.because('a ticket'), access.add_operator('rolf@north.example')")
        await trial.execute("set local role cloison_engine")
        await refused(trial, "55000", "update access_private.operator_log set reason = 'x'")
        await trial.execute("update access_private.operator_log set reason = null")

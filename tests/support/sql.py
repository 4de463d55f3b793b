"""What a member's SQL may do: reads, and writes that are tried and undone."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import asyncpg

from schema.registry import Module

PROBE = Path(__file__).with_name("probe.sql").read_text(encoding="utf-8")

# No condition but the id: what is refused, the database refuses.
STATEMENTS = {
    "view": "select id from {table} where id = $1",
    "view_sensitive": "select id from {sensitive_table} where id = $1",
    "update": "update {table} set {label} = 'changed' where id = $1",
    "delete": "delete from {table} where id = $1",
    "assign": "select access.assign_{name}($1, access.user_id())",
    "publish": "update {table} set status = 'published' where id = $1",
    "manage_domain": "update {table} set domain = 'changed.example' where id = $1",
    "create": "insert into {table} (id, {label}) values ($1, 'made')",
}


class Probe(NamedTuple):
    """A statement to try on one row."""

    key: str
    statement: str
    id: UUID


def statement(module: Module, action: str) -> str:
    """The statement by which SQL does an action to the row `$1`."""
    return STATEMENTS[action].format(
        table=module.table, sensitive_table=module.sensitive_table, label=module.label, name=module.name
    )


@asynccontextmanager
async def acting(
    connection: "asyncpg.Connection[asyncpg.Record]", slug: str | None, user: UUID
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A transaction of the gateway's login as a member, rolled back at the end."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("select access.enter($1, $2)", slug, user)
        yield connection
    finally:
        await transaction.rollback()


async def tried(connection: "asyncpg.Connection[asyncpg.Record]", probes: Iterable[Probe]) -> dict[str, str]:
    """How each statement ended: how many rows it touched, or its SQLSTATE. Nothing of them remains."""
    todo = json.dumps([probe._asdict() for probe in probes], default=str)
    await connection.execute("select set_config('probe.todo', $1, true)", todo)
    await connection.execute(PROBE)
    done: dict[str, str] = json.loads(await connection.fetchval("select current_setting('probe.done')"))
    return done


@cache
def listing(modules: tuple[Module, ...]) -> str:
    """Every row that one sees of these modules: module, action (`view` or `view_sensitive`), id."""
    parts = [f"select '{module.name}' as module, 'view' as action, id from {module.table}" for module in modules]
    parts += [
        f"select '{module.name}', 'view_sensitive', id from {module.sensitive_table}"
        for module in modules
        if module.sensitive
    ]
    return "\nunion all\n".join(parts)


async def seen(
    connection: "asyncpg.Connection[asyncpg.Record]", modules: tuple[Module, ...]
) -> set[tuple[str, str, UUID]]:
    """Module, action and id of every row and every sensitive companion that the session reads."""
    return {(row["module"], row["action"], row["id"]) for row in await connection.fetch(listing(modules))}

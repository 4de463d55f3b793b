"""What a member's SQL may do: reads, and writes that are tried and undone."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import asyncpg
from jinja2 import Environment, StrictUndefined

from schema.modules import REGISTRY
from schema.registry import Module

PROBE = Environment(undefined=StrictUndefined, autoescape=False).from_string(
    Path(__file__).with_name("probe.sql.jinja").read_text(encoding="utf-8")
)

# No condition but the id: what is refused, the database refuses.
UPDATE = "update {m.table} set {column} = '{value}' where id = {id}"
PUBLISH = "update {m.table} set status = 'published', destination = '{value}' where id = {id}"
DELETE = "delete from {m.table} where id = {id}"
ASSIGN = "perform access.assign_{m.name}({id}, access.user_id())"
CREATE = "insert into {m.table} (id, {m.label}) values ({id}, 'made')"
WRITE_IN = "insert into {part.table} ({part.label}, {part.parent_columns[0]}) values ('made', {id})"


@cache
def writes_of(module: Module) -> dict[str, str]:
    """How each action that changes rows of a module is tried in SQL; `{id}` stands for the row."""
    found = {}
    for action in REGISTRY.buttons(module):
        columns = [column for column in module.columns if column.action == action and column.since is None]
        parts = [part for part in REGISTRY.modules if part.part_of == module.name and part.needed("create") == action]
        if action in ("update", "configure"):
            found[action] = UPDATE.format(m=module, column=module.label, value="changed", id="{id}")
        elif action == "delete":
            found[action] = DELETE.format(m=module, id="{id}")
        elif action == "assign":
            found[action] = ASSIGN.format(m=module, id="{id}")
        elif module.narrower and action in ("publish", module.narrower):
            value = "public" if action == "publish" else "internal"
            found[action] = PUBLISH.format(m=module, value=value, id="{id}")
        elif columns:
            column = next((each for each in columns if each.choices), columns[0])
            # The first that is not what rows begin with: what is sent has to name a list besides.
            value = column.choices[1] if column.choices else "changed.example"
            found[action] = UPDATE.format(m=module, column=column.name, value=value, id="{id}")
        elif parts:
            found[action] = WRITE_IN.format(part=parts[0], id="{id}")
    if "create" in module.action_names:
        found["create"] = CREATE.format(m=module, id="{id}")
    return found


class Probe(NamedTuple):
    """An action to try: `module.action` on the row with this id."""

    key: str
    act: str
    id: UUID


@cache
def _block(modules: tuple[Module, ...]) -> str:
    """The probe for these modules."""
    return PROBE.render(
        acts={
            f"{module.name}.{action}": text.format(id="todo.id")
            for module in modules
            for action, text in writes_of(module).items()
        }
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


async def tried(
    connection: "asyncpg.Connection[asyncpg.Record]", modules: tuple[Module, ...], probes: Iterable[Probe]
) -> dict[str, str]:
    """How each action ended: how many rows it touched, or its SQLSTATE. Nothing of them remains."""
    todo = json.dumps([probe._asdict() for probe in probes], default=str)
    await connection.execute("select set_config('probe.todo', $1, true)", todo)
    await connection.execute(_block(modules))
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
    connection: "asyncpg.Connection[asyncpg.Record]", modules: tuple[Module, ...], *, analyst: bool = False
) -> set[tuple[str, str, UUID]]:
    """Module, action and id of every row and every sensitive companion that the session reads."""
    statement = for_analysts(listing(modules)) if analyst else listing(modules)
    return {(row["module"], row["action"], row["id"]) for row in await connection.fetch(statement)}


def for_analysts(statement: str) -> str:
    """The same statement for an analyst, who reads views of the same names."""
    return statement.replace("crm.", "analyst.").replace("access.outbox", "analyst.outbox")

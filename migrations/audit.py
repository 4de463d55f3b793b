"""Asks every question of `sql/audit/`: each file states one invariant and answers with its violations."""

from typing import Any

from migrations.definitions import Connection, Definition, rendered
from schema.modules import REGISTRY
from schema.registry import Registry


async def audit(connection: Connection, registry: Registry = REGISTRY) -> dict[str, list[str]]:
    """What violates each invariant, by file (`audit/roles.sql`); an empty list where nothing does. Changes nothing.

    `connection` is a superuser's: anybody else would not see what is to be seen. A question that cannot be asked,
    because what it asks about is not there, is a violation too.
    """
    return {definition.path: await ask(connection, definition) for definition in rendered("audit", registry)}


async def ask(connection: Any, definition: Definition) -> list[str]:
    """What violates one invariant."""
    try:
        async with connection.transaction(readonly=True):
            # Names come out qualified, whatever path the administrator has.
            await connection.execute("set local search_path = pg_catalog")
            return [row["violation"] for row in await connection.fetch(definition.sql)]
    except Exception as error:  # noqa: BLE001 - whatever keeps the question from being asked
        return [f"could not be asked: {error}"]

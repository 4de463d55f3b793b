"""What the history of access says of a statement, in a transaction of which nothing stays."""

import json
from typing import Any
from uuid import UUID

import asyncpg

from tests.database.world import World

Connection = "asyncpg.Connection[asyncpg.Record]"
Said = dict[str, Any]


async def written(connection: "asyncpg.Connection[asyncpg.Record]", *statements: str) -> list[Said]:
    """Run statements as whoever the session is, as if they were committed; what is new in the history, in its order.

    The superuser behind the session reads it: `connection` is one as which others act.
    """
    await flushed(connection)
    seen = {each["id"] for each in await _all(connection)}
    for statement in statements:
        await connection.execute(statement)
    await flushed(connection)
    return [each for each in await _all(connection) if each["id"] not in seen]


async def flushed(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """What is looked at when a transaction commits is looked at now."""
    await connection.execute("set constraints all immediate; set constraints all deferred")


async def _all(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Said]:
    session, role = await connection.fetchrow("select session_user::text, current_setting('role')") or ("", "")
    await connection.execute("reset role; set local session authorization default")
    rows = await connection.fetch("select l.*, l.transaction_id::text as tx from access.access_log l order by at, id")
    if session != await connection.fetchval("select session_user::text"):
        await connection.execute(f'set local session authorization "{session}"; set local role "{role}"')
    return [
        {**each, "before": json.loads(each["before"] or "null"), "after": json.loads(each["after"] or "null")}
        for each in rows
    ]


def change(said: Said) -> tuple[str, dict[str, UUID | str], Any, Any]:
    """Of what kind a change is, what it is about, what was, and what is."""
    about = {
        name: said[name] for name in ("user_id", "team_id", "role_id", "module", "row_id") if said[name] is not None
    }
    return said["kind"], about, said["before"], said["after"]


def names_of(world: World) -> dict[str, str]:
    """Ids of the world by name, as literals: people by their names, the others after what they are."""
    return {
        "north": f"'{world.north}'",
        **{name: f"'{found}'" for name, found in world.users.items()},
        **{f"team_{name}": f"'{found}'" for name, found in world.teams.items()},
        **{f"role_{name}": f"'{found}'" for name, found in world.roles.items()},
        "deal": f"'{world.row('deals', 'rolf')}'",
        "page": f"'{world.row('landing_pages', 'rolf')}'",
    }

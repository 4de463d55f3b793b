"""How many connections the workers open between them, and how many the server lets the gateway's login have."""

import os
from dataclasses import dataclass

from cli.administrator import Connection, Desk, connected_as_gateway
from gateway.problems import Problem
from gateway.settings import PREFIX, Settings
from resolvers.session import OWN_CONNECTIONS

# Each of these is a limit of its own; -1 is none. Reserved are places that others are sure to have.
_LIMITS = """
select current_setting('max_connections')::integer
         - current_setting('superuser_reserved_connections')::integer
         - coalesce(current_setting('reserved_connections', true), '0')::integer as max_connections,
       r.rolconnlimit as login, d.datconnlimit as database, pg_backend_pid() as process
  from pg_catalog.pg_roles r, pg_catalog.pg_database d
 where r.rolname = session_user and d.datname = current_database()
"""


@dataclass(frozen=True)
class Room:
    """So many connections the gateway may have. `reason`: which limit it is that says so, and how it is raised."""

    connections: int
    reason: str


async def room(connection: Connection) -> Room | None:
    """What the server lets the login of a connection have; None where a pooler is between, which has its own limits."""
    row = await connection.fetchrow(_LIMITS)
    assert row is not None  # noqa: S101 - both are there while somebody is connected
    # A pooler answers for many: it gives its clients numbers of its own to cancel by.
    if row["process"] != connection.get_server_pid():
        return None
    limits = [
        Room(row["max_connections"], "raise max_connections"),
        Room(row["login"], "raise the login's limit (alter role ... connection limit)"),
        Room(row["database"], "raise the database's limit (alter database ... connection limit)"),
    ]
    return min((limit for limit in limits if limit.connections >= 0), key=lambda limit: limit.connections)


def wanted(settings: Settings, pool_max: int) -> int:
    """Connections that all workers have together when they have the most."""
    return settings.workers * (pool_max + _own(settings))


def _own(settings: Settings) -> int:
    """Connections of a worker beside those for requests."""
    return OWN_CONNECTIONS + settings.exports + settings.jobs


def fitting(settings: Settings, found: Room) -> int:
    """The largest CLOISON_POOL_MAX up to the one that is set with which all workers get what they want.

    Problem where not even one connection for requests is left to each.
    """
    most = min(settings.pool_max, found.connections // settings.workers - _own(settings))
    if most < 1:
        raise Problem(
            f"{settings.workers} {'worker needs' if settings.workers == 1 else 'workers need'} "
            f"{wanted(settings, 1)} connections at least, and the server lets the gateway have {found.connections}: "
            f"{found.reason}, or start fewer with --workers or CLOISON_WORKERS."
        )
    return most


def advice(settings: Settings, found: Room | None) -> str | None:
    """What to do where the settings ask for more than there is; None if nothing."""
    if found is None or wanted(settings, settings.pool_max) <= found.connections:
        return None
    return (
        f"CLOISON_WORKERS x (CLOISON_POOL_MAX + CLOISON_EXPORTS + CLOISON_JOBS + {OWN_CONNECTIONS}) is "
        f"{wanted(settings, settings.pool_max)}, and the server lets the gateway have {found.connections}: "
        f"{found.reason}, or lower one of them."
    )


async def fit(at: Desk) -> str | None:
    """Lower CLOISON_POOL_MAX for the worker processes where the server has not as many; what there is to say of it.

    A request that waits in the gateway for a connection is answered a little later; one that the server sends away is
    an error.
    """
    async with connected_as_gateway(at) as connection:
        found = await room(connection)
    said = advice(at.settings, found)
    if found is None or said is None:
        return None
    most = fitting(at.settings, found)
    os.environ[PREFIX + "POOL_MAX"] = str(most)
    os.environ[PREFIX + "POOL_MIN"] = str(min(at.settings.pool_min, most))
    return f"{said} Until then each worker opens {most} for requests."

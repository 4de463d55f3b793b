"""Which releases of PostgreSQL may be used."""

import asyncpg
from asyncpg.types import ServerVersion

# CVE-2024-10976: older releases reuse a plan of one role's policies for another role.
OLDEST_SUPPORTED = {15: 10, 16: 6, 17: 2}


class UnsupportedServerError(Exception):
    """The PostgreSQL server is of a version that must not serve row-level security under changing roles."""


def release(version: ServerVersion) -> tuple[int, int]:
    """Major and minor release, such as 18 and 6; asyncpg counts the latter as the third number, after a zero."""
    return version.major, version.micro


def supported(version: ServerVersion) -> bool:
    """Whether a server of this version may be used."""
    major, minor = release(version)
    return major > max(OLDEST_SUPPORTED) or minor >= OLDEST_SUPPORTED.get(major, 1_000)


async def require_supported(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Raise UnsupportedServerError where the connection is to a server that must not be used."""
    require(connection.get_server_version())


def require(version: ServerVersion) -> None:
    """Raise UnsupportedServerError for a version that must not be used."""
    if not supported(version):
        found = "{}.{}".format(*release(version))
        wanted = ", ".join(f"{major}.{minor}" for major, minor in OLDEST_SUPPORTED.items())
        raise UnsupportedServerError(
            f"PostgreSQL {found} mixes up the policies of roles (CVE-2024-10976): "
            f"use {wanted} or later of these, or {max(OLDEST_SUPPORTED) + 1}."
        )

"""On what was measured: versions, and how quiet the machine was."""

import os
import platform
import subprocess
from importlib.metadata import version

import asyncpg
import orjson

from benchmarks.data import Database
from benchmarks.load import require_wrk
from benchmarks.peers import NODE, POSTGRAPHILE

PACKAGES = ("strawberry-graphql", "graphql-core", "uvicorn", "uvloop", "psycopg", "asyncpg")


async def versions(database: Database) -> list[str]:
    """Name and version of everything that takes part."""
    connection = await asyncpg.connect(database.admin_url)
    try:
        server: str = await connection.fetchval("show server_version")
    finally:
        await connection.close()
    found = [f"PostgreSQL {server}", f"CPython {platform.python_version()}"]
    found += [f"{name} {version(name)}" for name in PACKAGES]
    lock = POSTGRAPHILE / "package-lock.json"
    packages = orjson.loads(lock.read_bytes())["packages"]
    found += [
        f"{name} {packages[f'node_modules/{name}']['version']}"
        for name in ("postgraphile", "postgraphile-plugin-connection-filter", "pg")
    ]
    if NODE.exists():
        found.append(f"Node {_printed(str(NODE), '--version').removeprefix('v')}")
    found.append(" ".join(_printed(require_wrk(), "-v").split()[:2]))
    return found


def hardware() -> str:
    """Cores and kernel."""
    return f"{os.cpu_count()} cores ({platform.machine()}), Linux {platform.release().partition('-')[0]}"


def _printed(*command: str) -> str:
    """What a program says first."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout.strip().splitlines()[0]

"""Brings a database to the present: roles, Alembic's revisions, then `sql/`; all in one transaction, or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SyncConnection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from migrations import definitions
from migrations.catalogue import snapshot

LOCK = 5_318_008_472_001
LOCK_TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class Report:
    """What `upgrade` did: revisions before (None: none) and after, and whether sql/ differed from what was in force."""

    before: str | None
    after: str
    definitions_changed: bool


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).resolve().parent))
    return config


def head() -> str:
    """The newest revision in migrations/versions."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None, "migrations/versions holds revisions"  # noqa: S101
    return found


@asynccontextmanager
async def _transaction(url: str) -> AsyncIterator[tuple[AsyncConnection, Any]]:
    """A transaction as the administrator, alone among migrations: SQLAlchemy's connection and asyncpg's below it.

    The lock is taken through SQLAlchemy, because only a statement of its own makes it send BEGIN: DDL on the driver's
    connection before that would survive a rollback.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://", poolclass=NullPool, async_creator=lambda: asyncpg.connect(url, timeout=30)
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
            raw = await connection.get_raw_connection()
            yield connection, raw.driver_connection
    finally:
        await engine.dispose()


def _current(connection: SyncConnection) -> str | None:
    context = MigrationContext.configure(
        connection, opts={"version_table": "revision", "version_table_schema": "access_private"}
    )
    return context.get_current_revision()


def _upgrade(connection: SyncConnection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def upgrade(url: str, gateway_password: str | None = None) -> Report:
    """Bring the database at `url` (an administrator's) to the present.

    `gateway_password` becomes the password of cloison_gateway; None leaves it as it is. Running it again changes
    nothing. Raises what asyncpg raises, and then nothing has changed.
    """
    async with _transaction(url) as (connection, driver):
        await definitions.run(driver, "roles")
        await driver.execute("create schema if not exists access_private authorization cloison_owner")
        before = await connection.run_sync(_current)
        last = await definitions.last_checksum(driver)
        await definitions.drop_windows(driver)
        await connection.run_sync(_upgrade)
        await definitions.apply(driver)
        if gateway_password is not None:
            await _set_gateway_password(driver, gateway_password)
    return Report(before, head(), last != definitions.checksum())


async def _set_gateway_password(driver: Any, password: str) -> None:
    # ALTER ROLE takes no parameters; a setting carries it past the text of the statement, and so past the log.
    await driver.execute("select set_config('cloison.new_password', $1, true)", password)
    await driver.execute("""
        do $$
        begin
          execute format('alter role cloison_gateway password %L', current_setting('cloison.new_password'));
        end $$
        """)


async def check(url: str) -> list[str]:
    """Differences between the database at `url` and what the checkout says, a line each; changes nothing.

    Present definitions are applied in a transaction that is rolled back, and the catalogue before is compared with
    the catalogue after: both have gone through the server's own normalisation.
    """
    drift: list[str] = []
    try:
        async with _transaction(url) as (connection, driver):
            if await driver.fetchval("select to_regnamespace('access_private')") is None:
                drift.append("nothing is migrated yet: run `cloison migrate`")
                raise _RollBackError
            current = await connection.run_sync(_current)
            if current != head():
                drift.append(f"revision {current} is in force, {head()} is the newest: run `cloison migrate`")
                raise _RollBackError
            before = await snapshot(driver)
            await definitions.run(driver, "roles")
            await definitions.apply(driver)
            after = await snapshot(driver)
            for name in sorted(before.keys() | after.keys()):
                if name not in after:
                    drift.append(f"{name}: in the database, not in sql/")
                elif name not in before:
                    drift.append(f"{name}: in sql/, not in the database")
                elif before[name] != after[name]:
                    drift.append(f"{name}: differs from sql/")
            raise _RollBackError
    except _RollBackError:
        return drift


class _RollBackError(Exception):
    """Ends a check without a trace."""

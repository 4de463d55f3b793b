"""Vacuum a database so that what plans read of it is the same each time."""

import asyncio

import asyncpg

AUTOVACUUM = "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'autovacuum worker'"
RUNS = "select exists (select from pg_stat_activity where backend_type like 'autovacuum %')"


async def vacuum(admin: "asyncpg.Connection[asyncpg.Record]", tables: str = "") -> None:
    """Vacuum and analyze `tables`, else all, while no worker of autovacuum looks at the database.

    Dead rows that a snapshot of such a worker may see would stay, and every plan would read them. `admin` is a
    superuser outside of a transaction. Raises TimeoutError where autovacuum does not end.
    """
    await admin.execute("alter system set autovacuum = off")
    await admin.execute("select pg_reload_conf()")
    try:
        async with asyncio.timeout(60):
            while await admin.fetchval(RUNS):
                await admin.execute(AUTOVACUUM)
                await asyncio.sleep(0.01)
        await admin.execute(f"vacuum (analyze) {tables}")
    finally:
        await admin.execute("alter system reset autovacuum")
        await admin.execute("select pg_reload_conf()")

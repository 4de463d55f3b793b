"""That facts of access, keys, teams and accounts are guarded, as checks that sabotage tests see fail."""

from typing import Any
from uuid import uuid4

import asyncpg

from migrations.audit import ask
from migrations.definitions import rendered
from tests.database.checks import GIVE, IN_FORCE, Check, succeeds
from tests.database.world import World, entered, refused, rolled_back

KEPT = ("audit/session_profile.sql", "audit/team_closure.sql")


async def profiles_and_closure_are_right(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    """What is derived from the facts is what they say."""
    assert [line for each in rendered("audit") if each.path in KEPT for line in await ask(trial, each)] == []


def after(fact: str) -> Check:
    """Make the derived tables follow a change of facts."""

    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with rolled_back(trial):
            changed = await trial.execute(fact)
            assert changed.split()[-1] not in {"0", "DO"}, "the change must be one"
            await profiles_and_closure_are_right(trial, world)

    return check


async def a_deleted_team_has_no_shares(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """Shares end with the team that has them."""
    row, lena = world.row("deals", "rolf"), world.users["lena"]
    async with rolled_back(trial):
        await trial.execute(GIVE, world.north, "deals", row, None, world.teams["east"], lena)
        await trial.execute("update access.team set deleted_at = clock_timestamp() where id = $1", world.teams["east"])
        assert await trial.fetchval(IN_FORCE, lena, row) == 0


async def who_is_no_member_has_no_shares(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """Shares end with the membership of who has them."""
    row, lena, ella = world.row("deals", "rolf"), world.users["lena"], world.users["ella"]
    async with rolled_back(trial):
        await trial.execute(GIVE, world.north, "deals", row, ella, None, lena)
        ends = "update access.membership set valid = tstzrange(lower(valid), clock_timestamp()) where user_id = $1"
        await trial.execute(ends, ella)
        await trial.execute("set constraints all immediate")
        assert await trial.fetchval(IN_FORCE, lena, row) == 0


def is_one_line(table: str, column: str) -> Check:
    """An address is an address, and a name a line of text, whoever writes it."""
    value = {"email": "'a,b@x.example'", "name": "E'a\\nb'"}[column]
    given = {"email": "'ann@x.example'", "name": "'Ann'"} | {column: value}

    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with rolled_back(trial):
            statement = f"update access.{table} set {column} = {value}"
            statement += f" where ctid = (select min(ctid) from access.{table})"
            if table == "invitation":
                statement = (
                    "insert into access.invitation"
                    " (account_id, email, name, role_id, token_hash, invited_by, expires_at)"
                    f" values ('{world.north}', {given['email']}, {given['name']}, '{world.roles['viewer']}',"
                    f" sha256('x'), '{world.users['olga']}', now() + interval '1 day')"
                )
            await refused(trial, "U0400", statement)

    return check


async def nobody_plants_keys(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """Nobody plants a key that another's import would take for its own work."""
    claim = "insert into access.import_key (source, module, key, row_id) values ('x', 'deals', 'x', $1)"
    async with entered(trial, world, "lena"):
        for row in (world.row("deals", "rolf"), world.row("deals", "nobody"), uuid4()):
            await refused(trial, "U0404", claim, row)
        own = await trial.fetchval("insert into crm.deals (name) values ('x') returning id")
        await succeeds(trial, f"{claim} returning 1", own)


async def a_profile_never_changes(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    """The planner takes what a profile holds for constants."""
    assert await trial.fetchval("select count(*) from access_private.profile_capability") > 0
    for statement in (
        "update access_private.profile_capability set scope = 'all' where scope <> 'all'",
        "delete from access_private.profile_capability",
        # An analyst's has no role that would show that somebody has it.
        "delete from access_private.profile_capability where profile like 'cloison\\_r\\_%'",
        "insert into access_private.profile_capability select name, 'x', 'x', 'all' from access_private.profile",
    ):
        await refused(trial, "55000", statement)


async def profiles_are_not_emptied(trial: "asyncpg.Connection[asyncpg.Record]", _: World) -> None:
    """TRUNCATE fires no trigger of a row."""
    await refused(trial, "55000", "truncate access_private.profile_capability")


async def an_account_keeps_a_super_admin(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """T9, whatever statement it is."""
    for statement in (
        "update access.membership set super_admin = false where account_id = $1",
        "update access.membership set status = 'deactivated' where account_id = $1",
        "delete from access.membership where account_id = $1 and super_admin",
    ):
        await refused(trial, "U0409", statement, world.north)


def no_careless_policy_shows_another_account(table: str) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        count = (
            "select count(*) filter (where account_id = $1) as own, count(*) filter (where account_id <> $1) as foreign"
            f" from {table}"
        )
        there = await trial.fetchrow(count, world.north)
        assert there is not None
        assert min(there) > 0, "there must be rows of both accounts"
        async with rolled_back(trial):
            await trial.execute(f"create policy careless on {table} for all to cloison_reader using (true)")
            async with entered(trial, world, "bo"):
                assert dict(await trial.fetchrow(count, world.north) or {}) == {"own": there["own"], "foreign": 0}

    return check


def no_careless_policy_writes_into_another_account(table: str, columns: str, values: str) -> Check:
    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        async with rolled_back(trial):
            # Without its triggers, and with every grant, the policy is the wall that is left.
            await trial.execute(
                f"create policy careless on {table} for all to cloison_reader using (true);"
                f" grant insert on {table} to cloison_member; alter table {table} disable trigger user"
            )
            statement = f"insert into {table} (account_id, {columns}) values ($1, {values})"
            async with entered(trial, world, "bo"):
                await trial.execute("set constraints all deferred")
                await succeeds_before_keys(trial, statement, world.north)
                await refused(trial, "42501", statement, world.south)

    return check


async def a_dry_run_is_not_committed(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """X2: whoever forgets to undo it."""
    async with entered(trial, world, "olga"):
        await trial.execute("select access.begin_preview()")
        await refused(trial, "2D000", "set constraints all immediate")


async def succeeds_before_keys(
    connection: "asyncpg.Connection[asyncpg.Record]", statement: str, *arguments: Any
) -> None:
    """Assert that policies let the statement pass; what it refers to is not looked at."""
    try:
        async with rolled_back(connection):
            await connection.execute(statement, *arguments)
    except asyncpg.ForeignKeyViolationError:
        return
    except asyncpg.PostgresError as error:
        raise AssertionError(f"{error.sqlstate}: {error}") from error

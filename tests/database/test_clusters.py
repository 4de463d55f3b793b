"""Contract: roles are cluster-wide, and two databases of one server never share a profile (design section 4)."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Clone
from tests.database.conftest import Kept
from tests.database.live import analyst_of, connected, rewrite, violations
from tests.database.world import World, build
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

PROFILES = "select array_agg(name::text order by name) from access_private.profile"


@pytest.fixture
async def neighbour(clone: Clone) -> AsyncIterator[TestDatabase]:
    """Another database of the same server."""
    with clone() as database:
        yield database


async def shared_profiles(kept: Kept, neighbour: TestDatabase, *, rebuilt: bool) -> set[str]:
    """Profiles of both databases, after the same world is made in the neighbour."""
    async with connected(neighbour.admin_dsn) as there, connected(kept.database.admin_dsn) as here:
        if rebuilt:
            await rewrite(there, "access_private.profile_name(text[],boolean)", "i.id::text", "''::text")
            await rewrite(there, "access_private.profile_name(text[],boolean)", "d.oid::text", "''::text")
        await build(there)
        names = await there.fetchval(PROFILES)
        assert len(names) > 5
        transaction = here.transaction()
        await transaction.start()
        if rebuilt:
            await rewrite(here, "access_private.profile_name(text[],boolean)", "i.id::text", "''::text")
            await rewrite(here, "access_private.profile_name(text[],boolean)", "d.oid::text", "''::text")
            await here.execute("select access_private.refresh_all()")
        found = set(await here.fetchval(PROFILES)) & set(names)
        await transaction.rollback()
        return found


async def test_the_same_rights_in_two_databases_are_two_profiles(kept: Kept, neighbour: TestDatabase) -> None:
    assert await shared_profiles(kept, neighbour, rebuilt=False) == set()


async def test_names_without_the_databases_id_would_be_shared(kept: Kept, neighbour: TestDatabase) -> None:
    assert await shared_profiles(kept, neighbour, rebuilt=True) != set()


async def test_a_profile_of_another_database_holds_nothing_here(kept: Kept, neighbour: TestDatabase) -> None:
    async with connected(neighbour.admin_dsn) as there:
        world = await build(there)
        profile = await there.fetchval(
            "select profile from access_private.session_profile where user_id = $1", world.users["olga"]
        )
    async with connected(kept.database.gateway_dsn) as gateway, gateway.transaction():
        await gateway.execute("select access.enter('north', $1)", kept.world.users["olga"])
        assert await gateway.fetchval("select count(*) from crm.deals") == 3
        await gateway.execute(f'set local role "{profile}"')
        assert await gateway.fetchval("select access.reach('deals', 'view')") == 0
        assert await gateway.fetchval("/* another plan */ select count(*) from crm.deals") == 0


async def test_an_analyst_of_another_database_is_nobody_here(kept: Kept, neighbour: TestDatabase) -> None:
    async with connected(neighbour.admin_dsn) as there:
        world = await build(there)
    stranger = World(analysts=world.analysts)
    async with analyst_of(kept.database, stranger, "vera") as analyst:
        assert await analyst.fetchval("select count(*) from analyst.deals") == 0
        assert await analyst.fetchval("select count(*) from analyst.viewer") == 0
        assert await analyst.fetchval("select count(*) from analyst.people") == 0


async def test_a_profile_is_removed_when_it_has_long_been_unused_and_not_before(clone: Clone) -> None:
    """Roles are the whole server's: what nobody has goes, and what is had for a moment each day stays."""
    with clone() as database:
        async with connected(database.admin_dsn) as admin:
            world = await build(admin)
            lena = (world.north, world.users["lena"])
            change = "select access.set_exception($1, $2, 'deals', 'export', 'all', $3)"
            remove = "select access.remove_unused_profiles('1 hour')"
            an_hour_goes_by = "update access_private.profile set unused_since = unused_since - interval '1 hour'"
            roles = "select count(*) from pg_roles where rolname = $1"
            held = await admin.fetchval(
                "select profile from access_private.session_profile where user_id = $1", lena[1]
            )

            await admin.execute(change, *lena, "grant")
            assert await admin.fetchval(remove) == 0, "it has just become unused"
            await admin.execute(an_hour_goes_by)
            await admin.execute(change, *lena, "none")
            assert await admin.fetchval(remove) == 0
            assert await admin.fetchval(roles, held) == 1, "it is had again"

            await admin.execute(change, *lena, "grant")
            assert await admin.fetchval(remove) == 0
            await admin.execute(an_hour_goes_by)
            assert await admin.fetchval(remove) > 0
            assert await admin.fetchval(roles, held) == 0
            assert await violations(admin, "profile_roles", "profiles", "session_profile") == []


async def test_whoever_watches_here_ends_no_session_there(kept: Kept, neighbour: TestDatabase) -> None:
    end = "select access.end_stale_sessions('0 s')"
    async with connected(neighbour.admin_dsn) as there:
        world = await build(there)
    async with analyst_of(neighbour, world, "vera") as analyst, connected(kept.database.gateway_dsn) as here:
        await analyst.execute("begin; select from analyst.deals")
        assert await here.fetchval(end) == 0
        assert await analyst.fetchval("select count(*) from analyst.deals") == 3
        async with connected(neighbour.gateway_dsn) as there:
            assert await there.fetchval(end) == 1


async def test_removing_profiles_here_leaves_those_of_a_neighbour(kept: Kept, neighbour: TestDatabase) -> None:
    async with connected(neighbour.admin_dsn) as there:
        world = await build(there)
        await there.execute(
            "select access.change_role($1, $2, $3)", world.north, world.users["lena"], world.roles["rep"]
        )
        assert await there.fetchval("select access.remove_unused_profiles('0')") > 0
        assert await violations(there, "profile_roles", "profiles", "session_profile") == []
    async with connected(kept.database.admin_dsn) as here:
        assert await violations(here, "profile_roles", "profiles", "session_profile") == []

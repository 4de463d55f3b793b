"""X5, O8: whatever gives, replaces or ends a share leaves one row; that it reaches its end leaves none."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.database.history import Said, flushed, written
from tests.database.world import World, entered, refused, rolled_back

pytestmark = pytest.mark.any_server

GIVE = """
insert into access.share (account_id, module, row_id, user_id, team_id, actions, given_by, reason, valid)
values ($1, 'deals', $2, $3, $4, '{view}', $5, $6, tstzrange(clock_timestamp(), $7))
"""
SOLO = UUID("00000000-0000-7000-8000-000000000001")


async def given(
    trial: "asyncpg.Connection[asyncpg.Record]",
    world: World,
    *,
    user: UUID | None = None,
    team: UUID | None = None,
    reason: str | None = None,
    until: Any = None,
) -> UUID:
    """Rolf's deal is shared by olga, and the history has told of it."""
    row = world.row("deals", "rolf")
    await trial.execute(GIVE, world.north, row, user, team, world.users["olga"], reason, until)
    await flushed(trial)
    return row


def shares(said: list[Said]) -> list[tuple[Any, Any, Any, Any, Any]]:
    """What is said of shares: of which row, with whom, before and after."""
    return [
        (each["row_id"], each["user_id"], each["team_id"], each["before"], each["after"])
        for each in said
        if each["kind"] == "share"
    ]


VIEW = {"actions": ["view"]}


async def test_of_a_deleted_team_it_is_told_where_its_shares_have_gone(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await trial.execute("insert into access.team (account_id, id, name) values ($1, $2, 'solo')", world.north, SOLO)
    row = await given(trial, world, team=SOLO)
    async with entered(trial, world, "olga"):
        await trial.execute("select access.because('moved out')")
        west = world.teams["west"]
        found = await written(trial, f"select access.delete_team('{world.north}', '{SOLO}', '{west}')")
    assert sorted(shares(found), key=str) == sorted(
        [(row, None, SOLO, VIEW, None), (row, None, west, None, VIEW)], key=str
    )
    assert {(each["actor"], each["reason"]) for each in found} == {(world.users["olga"], "moved out")}
    assert len({each["batch"] for each in found}) == 1


async def test_a_merged_team_too(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await trial.execute("insert into access.team (account_id, id, name) values ($1, $2, 'solo')", world.north, SOLO)
    row = await given(trial, world, team=SOLO)
    async with entered(trial, world, "olga"):
        west = world.teams["west"]
        found = await written(trial, f"select access.merge_teams('{world.north}', array['{SOLO}'::uuid], '{west}')")
    assert sorted(shares(found), key=str) == sorted(
        [(row, None, SOLO, VIEW, None), (row, None, west, None, VIEW)], key=str
    )


async def test_a_member_who_goes_too(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    ella = world.users["ella"]
    row = await given(trial, world, user=ella)
    async with entered(trial, world, "olga"):
        found = await written(trial, f"select access.remove_member('{world.north}', '{ella}')")
    assert shares(found) == [(row, ella, None, VIEW, None)]


@pytest.mark.parametrize("erased", [False, True], ids=["deleted", "erased"])
async def test_a_row_that_goes_too(trial: "asyncpg.Connection[asyncpg.Record]", world: World, erased: bool) -> None:
    contact, ella = world.row("contacts", "rolf"), world.users["ella"]
    give = GIVE.replace("'deals'", "'contacts'")
    await trial.execute(give, world.north, contact, ella, None, world.users["olga"], "he asked", None)
    await flushed(trial)
    async with entered(trial, world, "olga"):
        await trial.execute("select access.because('request 12')")
        goes = (
            f"select access.erase_contacts('{world.north}', '{contact}')"
            if erased
            else f"delete from crm.contacts where id = '{contact}'"
        )
        found = await written(trial, goes)
        await trial.execute("reset role; set local session authorization default")
        reasons = await trial.fetch(
            "select reason from access.access_log where kind = 'share' and row_id = $1 order by at, id", contact
        )
    assert shares(found) == [(contact, ella, None, VIEW, None)]
    assert [each["reason"] for each in reasons] == [None if erased else "he asked", "request 12"]


async def test_that_a_share_reaches_its_end_is_not_said(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Its end is in the row of its making. Whoever takes back what is over is told that there is nothing."""
    moment = await trial.fetchval("select clock_timestamp() + interval '1 second'")
    row = await given(trial, world, user=world.users["ella"], until=moment)
    made = await trial.fetchval(
        "select after ->> 'until' from access.access_log where kind = 'share' and row_id = $1", row
    )
    assert made is not None
    await trial.execute("select pg_sleep(extract(epoch from $1 - clock_timestamp()))", moment)
    async with entered(trial, world, "olga"):
        assert await written(trial, "select") == []
        await refused(trial, "U0404", f"select access.unshare_deals('{row}', '{world.users['ella']}', null)")


async def test_the_reason_of_a_share_is_that_of_its_row(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Of several in one transaction each has its own, or else the transaction's; replaced, it is the new one's."""
    deal, ella, bo, lena = world.row("deals", "rolf"), *(world.users[name] for name in ("ella", "bo", "lena"))
    async with entered(trial, world, "olga"):
        await trial.execute("select access.because('a ticket')")
        give = f"select access.share_deals('{deal}', '%s', null, array['view'], %s)"
        found = await written(trial, give % (ella, "'she stands in'"), give % (bo, "null"), give % (lena, "'audit'"))
        assert [(each["user_id"], each["reason"]) for each in found] == [
            (ella, "she stands in"), (bo, "a ticket"), (lena, "audit"),
        ]  # fmt: skip
        again = f"select access.share_deals('{deal}', '{ella}', null, array['update'], 'she helps')"
        (found_one,) = await written(trial, again)
        assert (found_one["before"], found_one["reason"]) == (VIEW, "she helps")
        (ended,) = await written(trial, f"select access.unshare_deals('{deal}', '{ella}', null)")
        assert (ended["after"], ended["reason"]) == (None, "a ticket")


async def test_the_same_share_again_is_not_said(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    deal, ella = world.row("deals", "rolf"), world.users["ella"]
    give = f"select access.share_deals('{deal}', '{ella}', null, array['view'])"
    async with entered(trial, world, "olga"):
        assert len(await written(trial, give)) == 1
        assert await written(trial, give) == []


async def test_many_shares_are_each_one_row_that_an_index_finds(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """What is looked for of each is looked for by its row: a thousand take no longer each than ten do."""
    ella, olga = world.users["ella"], world.users["olga"]
    await trial.execute(
        "insert into access.share (account_id, module, row_id, user_id, actions, given_by)"
        " select $1, 'deals', gen_random_uuid(), $2, '{view}', $3 from generate_series(1, 1000)",
        world.north, ella, olga,
    )  # fmt: skip
    await flushed(trial)
    count = f"select count(*) from access.access_log where kind = 'share' and user_id = '{ella}' and after is %s null"
    assert await trial.fetchval(count % "not") == 1000
    await trial.execute("update access.share set valid = tstzrange(lower(valid), clock_timestamp())")
    await flushed(trial)
    assert await trial.fetchval(count % "") == 1000


@pytest.mark.parametrize("door", ["select", "share", "unshare"])
async def test_who_may_not_share_writes_nothing(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, door: str
) -> None:
    row, bo, ella = world.row("deals", "rolf"), world.users["bo"], world.users["ella"]
    await given(trial, world, user=ella)
    statement = {
        "select": "select access_private.write_share(s, null, '{}') from access.share s",
        "share": f"select access.share_deals('{row}', '{bo}', null, array['view'])",
        "unshare": f"select access.unshare_deals('{row}', '{ella}', null)",
    }[door]
    async with rolled_back(trial):
        # The same is done by who may.
        if door != "select":
            async with entered(trial, world, "olga"):
                assert len(await written(trial, statement)) == 1
    before = await trial.fetchval("select count(*) from access.access_log")
    async with entered(trial, world, "vera"):
        with pytest.raises(asyncpg.PostgresError) as caught:
            async with trial.transaction():
                await trial.execute(statement)
        assert caught.value.sqlstate in ("42501", "U0403", "U0404")
    await flushed(trial)
    assert await trial.fetchval("select count(*) from access.access_log") == before

"""What administrators do at once, on real connections: no deadlock reaches them, and what is kept is what facts say."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg
import pytest

from tests.database.live import rewrite, violations
from tests.property.sources import Seeded, Source
from tests.support.building import Built, build
from tests.support.databases import TestDatabase
from tests.support.model import Account, Member, Row, Team, World

pytestmark = pytest.mark.any_server

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

ROUNDS, AT_ONCE, CHANGES = 40, 4, 4
# Refused, absent, malformed, in conflict with what is, or not let in any more: all of that is an answer.
ANSWERS = {"done", "U0403", "U0404", "U0400", "U0409", "28000"}
KEPT = ("session_profile", "team_closure", "super_admins")

BOSSES, STAFF = ("root", "olga", "paul", "rita"), ("ana", "ben", "cleo")
TEAMS = ("north", "oslo", "south", "west")
OFFICE = Account(
    "here",
    (
        *(Member(boss, "Owner", super_admin=boss != "rita") for boss in BOSSES),
        Member("ana", "clerk", "north"),
        Member("ben", "seller", "oslo", ("west",)),
        Member("cleo", "clerk", "south"),
    ),
    (Team("north"), Team("oslo", "north"), Team("south"), Team("west", "south")),
    (
        ("clerk", frozenset({("deals", "view", "team")})),
        ("seller", frozenset({("deals", "update", "owned"), ("deals", "assign", "team")})),
    ),
    (("west", "clerk"),),
    (Row("deal", "deals", "root", "ana", ("oslo",)), Row("other deal", "deals", "root", "ben", ("west",))),
)
CHANGE = {
    "change_role({here}, {user}, {role})": 2,
    "join_team({here}, {user}, {team}, {flag})": 2,
    "leave_team({here}, {user}, {team})": 1,
    "set_main_team({here}, {user}, {team})": 1,
    "set_status({here}, {user}, {status})": 2,
    "set_super_admin({here}, {boss}, {flag})": 2,
    "set_exception({here}, {user}, 'deals', 'export', {scope}, {effect}, now() + interval '1 hour')": 2,
    "set_role_cell({here}, {role}, 'deals', 'view', array[{scope}])": 2,
    "attach_role_to_team({here}, {team}, {role})": 1,
    "detach_role_from_team({here}, {team}, {role})": 1,
    "move_team({here}, {team}, {other_team})": 2,
    "delete_team({here}, {team}, {other_team})": 1,
    "merge_teams({here}, array[{team}], {other_team})": 1,
    "delete_role({here}, {role}, {other_role})": 1,
    "remove_member({here}, {user}, {boss})": 1,
    "assign_deals({row}, {user}, {team})": 2,
    "share_deals({row}, {user}, null, array['update'])": 2,
    "share_deals({row}, null, {team}, array['view'], null, now() + interval '1 hour')": 2,
    "unshare_deals({row}, null, {team})": 1,
    "delete from crm.deals where id = {row}": 1,
}
CHOICES = [call for call, weight in CHANGE.items() for _ in range(weight)]


@dataclass(frozen=True)
class Change:
    """A statement, by whom."""

    actor: str
    call: str


def a_change(source: Source, built: Built) -> Change:
    """Anything that an administrator does."""

    def of(kind: str, names: tuple[str, ...]) -> str:
        return f"'{built.id(kind, 'here', source.pick(names))}'::uuid"

    def user(names: tuple[str, ...]) -> str:
        return f"'{built.user(source.pick(names))}'::uuid"

    values: dict[str, Any] = {
        "here": f"'{built.accounts['here']}'::uuid",
        "user": user((*STAFF, *BOSSES[1:])),
        "boss": user(BOSSES),
        "team": of("team", TEAMS),
        "other_team": of("team", TEAMS),
        "role": of("role", ("clerk", "seller", "Member", "Owner")),
        "other_role": of("role", ("clerk", "Member")),
        "row": of("row", ("deal", "other deal")),
        "flag": source.pick(["true", "false"]),
        "status": source.pick(["'active'", "'deactivated'"]),
        "scope": source.pick(["'team'", "'owned'", "'all'"]),
        "effect": source.pick(["'grant'", "'deny'", "'none'"]),
    }
    call = source.pick(CHOICES).format(**values)
    return Change(source.pick(BOSSES), call if call.startswith("delete from") else f"select access.{call}")


@asynccontextmanager
async def gateways(database: TestDatabase) -> AsyncIterator[list[Connection]]:
    """Connections of the gateway's login, as several gateways have them."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(AT_ONCE):
            connection = await asyncpg.connect(database.gateway_dsn)
            stack.push_async_callback(connection.close)
            found.append(connection)
        yield found


async def carried_out(gateway: Connection, built: Built, changes: list[Change]) -> list[str]:
    """How changes ended, one after the other; what is done is committed."""
    ends = []
    for change in changes:
        try:
            async with gateway.transaction():
                await gateway.execute("select access.enter($1, $2)", built.slug("here"), built.user(change.actor))
                await gateway.execute(change.call)
            ends.append("done")
        except asyncpg.PostgresError as error:
            ends.append(error.sqlstate or "")
    return ends


async def all_at_once(
    admin: Connection, connections: list[Connection], seed: str
) -> tuple[list[list[Change]], list[list[str]]]:
    """An office, and what several of its administrators do there at once."""
    built, source = await build(admin, World((OFFICE,))), Seeded(seed)
    changes = [[a_change(source, built) for _ in range(CHANGES)] for _ in connections]
    ends = await asyncio.gather(
        *(carried_out(connection, built, todo) for connection, todo in zip(connections, changes, strict=True))
    )
    return changes, list(ends)


async def test_changes_at_once_leave_what_all_facts_say(
    database: TestDatabase, admin: Connection, counts: Counter[str]
) -> None:
    """T9, C8."""
    async with gateways(database) as connections:
        for number in range(ROUNDS):
            changes, ends = await all_at_once(admin, connections, f"at once {number}")
            assert {end for each in ends for end in each} <= ANSWERS, list(zip(changes, ends, strict=True))
            counts["changes at once"] += AT_ONCE * CHANGES
            counts["done"] += sum(each.count("done") for each in ends)
    assert await violations(admin, *KEPT) == []
    assert counts["done"] > counts["changes at once"] / 3


async def test_without_the_accounts_lock_they_leave_something_else(database: TestDatabase, admin: Connection) -> None:
    await rewrite(admin, "access_private.lock_account(uuid)", "for no key update", "")
    async with gateways(database) as connections:
        for number in range(ROUNDS):
            _, ends = await all_at_once(admin, connections, f"at once {number}")
            if await violations(admin, *KEPT) or {end for each in ends for end in each} - ANSWERS:
                return
    pytest.fail("nothing shows")

"""C8: what is taken stops with the next statement, on open connections and with prepared statements."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncpg
import pytest
from asyncpg.prepared_stmt import PreparedStatement

from tests.policies.company import every
from tests.policies.conftest import Connection, Play
from tests.support.model import Account, Exempt, Member, Row, Team
from tests.support.sql import for_analysts

pytestmark = pytest.mark.any_server

QUERY = "select count(*) from crm.deals"
BY_ANALYST = for_analysts(QUERY)

# Three deals: one that the agent owns, one of his team, one of the team below.
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("agent", "agent", "north", ("desk",), (Exempt("grant", ("deals", "view", "unassigned")),)),
    ),
    (Team("north"), Team("oslo", "north"), Team("desk"), Team("far")),
    (
        ("agent", every("view", "owned")),
        ("by team", every("view", "team")),
        ("nothing", frozenset()),
        ("everything", every("view", "all")),
    ),
    (("desk", "by team"),),
    (
        Row("own", "deals", "root", "agent", ("far",)),
        Row("team", "deals", "root", "root", ("north",)),
        Row("below", "deals", "root", "root", ("oslo",)),
        Row("unowned", "deals", "root", None, ("far",)),
        Row("far", "deals", "root", "root", ("far",)),
    ),
)
ALL_BUT_FAR = 4

# A change of facts by an operator, and how many of the deals remain; None: he may not come in any more.
CHANGES: dict[str, tuple[str, int | None]] = {
    "another role": ("select access.change_role($1, {agent}, {nothing})", 4),
    "a cell of the role": ("select access.set_role_cells($1, {role agent}, '[]')", 4),
    "the cells of the team's role": ("select access.set_role_cells($1, {by team}, '[]')", 2),
    "the team's role": ("select access.detach_role_from_team($1, {desk}, {by team})", 2),
    "the team that has a role": ("select access.leave_team($1, {agent}, {desk})", 2),
    "the main team": ("select access.leave_team($1, {agent}, {north})", 2),
    "the team below": ("select access.move_team($1, {oslo}, null)", 3),
    "an exception": ("select access.set_exception($1, {agent}, 'deals', 'view', 'unassigned', 'none')", 3),
    "a denial": ("select access.set_exception($1, {agent}, 'deals', 'view', 'team', 'deny')", 2),
    "a denial for an hour": (
        "select access.set_exception($1, {agent}, 'deals', 'view', 'team', 'deny', now() + interval '1 hour')",
        2,
    ),
    "the membership": ("select access.set_status($1, {agent}, 'deactivated')", None),
}


@dataclass
class Sessions:
    """Open connections of the agent's, each with a statement that has been planned: the gateway's, and his login's."""

    play: Play
    gateway: Connection
    by_gateway: "PreparedStatement[asyncpg.Record]"
    by_analyst: "PreparedStatement[asyncpg.Record]"
    analyst: Connection

    async def through_gateway(self, *, prepared: bool) -> int | None:
        try:
            async with self.gateway.transaction():
                await self.gateway.execute(
                    "select access.enter($1, $2)", self.play.built.slug("office"), self.play.built.user("agent")
                )
                found = await (self.by_gateway.fetchval() if prepared else self.gateway.fetchval(QUERY + " where true"))
        except asyncpg.InvalidAuthorizationSpecificationError:
            return None
        return int(found)

    async def as_analyst(self, *, prepared: bool) -> int | None:
        """None: told that access has changed."""
        try:
            found = await (
                self.by_analyst.fetchval() if prepared else self.analyst.fetchval(BY_ANALYST + " where true")
            )
        except asyncpg.InvalidAuthorizationSpecificationError:
            return None
        return int(found)

    async def change(self, statement: str) -> None:
        """Let an operator change facts."""
        play = self.play
        text = statement.format_map(
            {
                "agent": f"'{play.built.user('agent')}'",
                "role agent": f"'{play.role('agent')}'",
                **{name: f"'{play.role(name)}'" for name in ("nothing", "by team", "everything")},
                **{name: f"'{play.team(name)}'" for name in ("north", "oslo", "desk")},
            }
        )
        await play.admin.execute(text, play.account)


@pytest.fixture
async def sessions(play: Play) -> AsyncIterator[Sessions]:
    await play.begin(OFFICE)
    login = await play.admin.fetchrow(
        "select login, password from access.create_analyst($1, $2)", play.account, play.built.user("agent")
    )
    assert login is not None
    async with AsyncExitStack() as stack:
        gateway = await asyncpg.connect(play.database.gateway_dsn)
        stack.push_async_callback(gateway.close)
        analyst = await asyncpg.connect(
            play.database.login_dsn(login["login"], login["password"]), statement_cache_size=0
        )
        stack.push_async_callback(analyst.close)
        async with gateway.transaction():
            await gateway.execute("select access.enter($1, $2)", play.built.slug("office"), play.built.user("agent"))
            by_gateway = await gateway.prepare(QUERY)
            assert await by_gateway.fetchval() == ALL_BUT_FAR
        by_analyst = await analyst.prepare(BY_ANALYST)
        assert await by_analyst.fetchval() == ALL_BUT_FAR
        yield Sessions(play, gateway, by_gateway, by_analyst, analyst)


@pytest.mark.parametrize("what", CHANGES)
async def test_what_is_taken_stops_with_the_next_statement(sessions: Sessions, what: str) -> None:
    statement, left = CHANGES[what]

    await sessions.change(statement)

    assert len(await sessions.play.sees("root", "deals")) == len(OFFICE.rows), "all rows are still there"
    assert await sessions.through_gateway(prepared=True) == left
    assert await sessions.through_gateway(prepared=False) == left
    assert await sessions.as_analyst(prepared=False) == left
    # A plan that was made of other rights may be refused; it never shows what was taken.
    assert await sessions.as_analyst(prepared=True) in {left, None}


async def test_what_is_given_is_never_a_silent_lack_of_rows(sessions: Sessions) -> None:
    """A report must not say zero where somebody sees rows."""
    await sessions.change(CHANGES["the cells of the team's role"][0])
    await sessions.change("select access.set_exception($1, {agent}, 'deals', 'view', 'unassigned', 'none')")
    await sessions.change("select access.change_role($1, {agent}, {nothing})")
    none_yet = await sessions.analyst.prepare(BY_ANALYST + " where 1 = 1")
    assert await none_yet.fetchval() == 0

    await sessions.change("select access.change_role($1, {agent}, {everything})")

    assert await sessions.through_gateway(prepared=True) == len(OFFICE.rows)
    assert await sessions.as_analyst(prepared=False) == len(OFFICE.rows)
    try:
        assert await none_yet.fetchval() == len(OFFICE.rows)
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        assert "reconnect" in str(error)  # noqa: PT017 (either of two answers is right)


async def test_super_admin_until_the_flag_is_taken(sessions: Sessions) -> None:
    """T7."""
    await sessions.change("select access.set_super_admin($1, {agent}, true)")
    assert await sessions.through_gateway(prepared=True) == len(OFFICE.rows)
    assert await sessions.as_analyst(prepared=False) == len(OFFICE.rows)

    await sessions.change("select access.set_super_admin($1, {agent}, false)")

    assert await sessions.through_gateway(prepared=True) == ALL_BUT_FAR
    assert await sessions.as_analyst(prepared=False) == ALL_BUT_FAR


async def test_who_comes_back_finds_what_he_had(sessions: Sessions) -> None:
    """T10: deactivating changes nothing of what one owns."""
    await sessions.change("select access.set_status($1, {agent}, 'deactivated')")
    await sessions.change("select access.set_status($1, {agent}, 'active')")
    assert await sessions.through_gateway(prepared=True) == ALL_BUT_FAR
    assert await sessions.as_analyst(prepared=False) == ALL_BUT_FAR

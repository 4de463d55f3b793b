"""X5: who sees the history of access, through SQL as a member, as an analyst, and GraphQL.

Whoever may change something sees how it was changed; of rows, only those that they see.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from structlog.contextvars import bound_contextvars

from resolvers.session import Database, Identity, PoolOptions
from schema.history import KINDS
from schema.modules import REGISTRY
from tests.policies.conftest import COMPILER, Play
from tests.support.model import Account, Cell, Member, Row, Team

pytestmark = pytest.mark.any_server

SETTINGS = frozenset({("settings", "view", "all")})
MEMBERS = {"membership", "exception", "team_member", "analyst_login"}
# The others are told of in test_trash.py.
HAPPENED = set(KINDS) - {"restoration", "purge", "erasure"}
ROLES = {"role", "role_cell", "team_role"}
TEAMS = {"team", "team_edge"}
ACCOUNT = {"account", "tier", "setting", "sensitivity"}


def configures(tool: str) -> frozenset[Cell]:
    """To configure is to view."""
    return frozenset({(tool, "configure", "all"), (tool, "view", "all")})


def views(scope: str) -> frozenset[Cell]:
    """Settings, deals and landing pages."""
    return SETTINGS | {("deals", "view", scope), ("landing_pages", "view", scope)}


OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("people", "people", "north"),
        Member("roles", "roles", "north"),
        Member("teams", "teams", "north"),
        Member("settings", "settings", "north"),
        Member("everything", "everything", "north"),
        Member("own", "own", "north"),
        Member("near", "near", "north"),
        Member("agent", "agent", "north"),
        Member("far", "agent", "south"),
    ),
    (Team("region"), Team("north", "region"), Team("south", "region")),
    (
        ("people", configures("users")),
        ("roles", configures("roles")),
        ("teams", configures("teams")),
        ("settings", SETTINGS),
        ("everything", views("all")),
        ("own", views("owned")),
        ("near", views("team")),
        ("agent", frozenset({("deals", "view", "all"), ("deals", "assign", "all"), ("users", "view", "all")})),
    ),
    (("region", "agent"),),
    (
        Row("mine", "deals", "root", "own", ("north",)),
        Row("theirs", "deals", "root", "far", ("south",)),
        Row("gone", "deals", "root", "far", ("south",)),
        Row("page", "landing_pages", "root", "far", ("south",)),
    ),
)
RIVAL = Account("rival", (Member("boss", "Owner", super_admin=True), Member("twin", "agent")), roles=OFFICE.roles)
SEES = {
    "root": HAPPENED,
    "people": MEMBERS,
    "roles": ROLES,
    "teams": TEAMS,
    "settings": ACCOUNT,
    "everything": {*ACCOUNT, "assignment"},
    "own": {*ACCOUNT, "assignment"},
    "near": {*ACCOUNT, "assignment"},
    "agent": set(),
}
# Of which rows' assignments each is told.
ROWS: dict[str, set[str]] = {
    "root": {"mine", "theirs", "gone", "page"},
    "everything": {"mine", "theirs", "gone", "page"},
    "own": {"mine"},
    "near": {"mine"},
    "settings": set(),
    "agent": set(),
}


@dataclass
class Office:
    """The office in which something of every kind has happened since it was made, and a rival where it has too."""

    play: Play
    logins: dict[str, str]

    async def analyst(self, who: str) -> "asyncpg.Connection[asyncpg.Record]":
        """A session of a member's login."""
        return await asyncpg.connect(self.logins[who])


@pytest.fixture(scope="module")
async def opened(playground: Play) -> Office:
    """For tests that only read."""
    return await make(replace(playground))


@pytest.fixture
def office(opened: Office) -> Play:
    """The same, where no analyst comes."""
    return opened.play


@pytest.fixture
async def fresh(play: Play) -> Office:
    """For tests that commit."""
    return await make(play)


async def make(play: Play) -> Office:
    """What happens there."""
    await play.begin(OFFICE, RIVAL)
    here, far = play.account, play.built.user("far")
    for account in (here, play.built.accounts["rival"]):
        await play.admin.execute("select access.set_account_kind($1, 'provider')", account)
        await play.admin.execute("select access.set_sensitive($1, 'leads', false)", account)
        await play.admin.execute("select access.set_restrict_new_content($1, true)", account)
        await play.admin.execute("select access.set_restrict_new_content($1, false)", account)
    await play.admin.execute(
        "select access.set_exception($1, $2, 'deals', 'export', 'all', 'grant')", here, play.built.user("agent")
    )
    logins = {}
    for who in SEES:
        login = await play.admin.fetchrow("select * from access.create_analyst($1, $2)", here, play.built.user(who))
        assert login is not None
        logins[who] = play.database.login_dsn(login["login"], login["password"])
    root = play.built.user("root")
    for row, function, teams in (
        ("mine", "deals", play.team("north")),
        ("theirs", "deals", play.team("south")),
        ("gone", "deals", play.team("south")),
        ("page", "landing_pages", [play.team("south")]),
    ):
        owner = play.built.user("own") if row == "mine" else far
        restricted = "true" if row == "page" else "false"
        for taker, to in ((root, None), (owner, teams)):
            assert await play.commits(
                "root", f"select access.assign_{function}($1, $2, $3, {restricted})", play.row(row), taker, to
            ) == "done"  # fmt: skip
    assert await play.commits("root", "delete from crm.deals where id = $1", play.row("gone")) == "done"
    found = await play.admin.fetch("select distinct account_id, kind from access.access_log")
    assert {each["kind"] for each in found if each["account_id"] == here} == HAPPENED
    assert {each["account_id"] for each in found} >= set(play.built.accounts.values())
    return Office(play, logins)


async def kinds(
    connection: "asyncpg.Connection[asyncpg.Record]", play: Play, source: str = "access.access_log"
) -> tuple[set[str], set[str]]:
    """Kinds of changes that a session sees, and rows of whose assignments; nothing of another account."""
    found = await connection.fetch(f"select account_id, kind, row_id from {source}")
    assert {each["account_id"] for each in found} <= {play.account}
    rows = {play.row(name): name for name in ("mine", "theirs", "gone", "page")}
    return {each["kind"] for each in found}, {rows[each["row_id"]] for each in found if each["row_id"]}


@pytest.mark.parametrize("who", SEES)
async def test_who_may_change_something_sees_how_it_was_changed(office: Play, who: str) -> None:
    async with office.acting(who) as connection:
        seen, rows = await kinds(connection, office)
    assert seen == SEES[who] - ({"assignment"} if not rows else set())
    assert rows == ROWS.get(who, set())


@pytest.mark.parametrize("who", SEES)
async def test_an_analyst_sees_what_his_member_sees(opened: Office, who: str) -> None:
    """Also what he may administer, which no login of his could."""
    connection = await opened.analyst(who)
    try:
        seen, rows = await kinds(connection, opened.play, "access_changes")
    finally:
        await connection.close()
    assert seen == SEES[who] - ({"assignment"} if not rows else set())
    assert rows == ROWS.get(who, set())


async def test_a_right_that_ends_takes_the_history_with_it(fresh: Office) -> None:
    """Also from a session that is open."""
    play = fresh.play
    for who in ("people", "everything", "agent"):
        connection = await fresh.analyst(who)
        try:
            before, _ = await kinds(connection, play, "access_changes")
            assert bool(before) is bool(SEES[who])
            change = "select access.change_role($1, $2, $3)"
            await play.admin.execute(change, play.account, play.built.user(who), play.role("agent"))
            async with play.acting(who) as member:
                assert await kinds(member, play) == (set(), set())
            with suppress(asyncpg.InvalidAuthorizationSpecificationError):
                assert await kinds(connection, play, "access_changes") == (set(), set())
        finally:
            connection.terminate()


# GraphQL

LOG = """query ($where: AccessLogWhere, $first: Int, $after: String) {
  accessLog(where: $where, first: $first, after: $after) {
    nodes {
      id at kind actor { name } operator member { name } team { name } roleId module rowId before after reason request
    }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}"""


async def log(office: Play, who: str, first: int = 100, after: str | None = None, **where: Any) -> Any:
    """A page of the history as a member is answered."""
    data, codes = await office.asks(who, LOG, {"where": where, "first": first, "after": after})
    assert codes == {}, codes
    return data["accessLog"]


@pytest.mark.parametrize("who", SEES)
async def test_graphql_shows_what_sql_shows(office: Play, who: str) -> None:
    async with office.acting(who) as connection:
        ordered = await connection.fetch("select id from access.access_log order by at desc, id desc")
    if not SEES[who]:
        data, codes = await office.asks(who, LOG, {})
        assert (ordered, data, codes) == ([], {"accessLog": None}, {"accessLog": "FORBIDDEN"})
        return
    page = await log(office, who)
    assert [each["id"] for each in page["nodes"]] == [f"AccessChange:{each['id']}" for each in ordered][:100]
    assert page["totalCount"] == len(ordered)


async def test_a_refusal_names_the_capability(office: Play) -> None:
    identity = Identity(office.built.slug("office"), office.built.user("agent"))
    result = (
        await COMPILER.prepare("{ accessLog { totalCount } viewer { role } }", None).bind({}, identity).run(office.pool)
    )
    (error,) = result.errors
    assert error.path == ["accessLog"]
    assert {**(error.extensions or {})}.items() >= {"code": "FORBIDDEN", "module": "settings", "action": "view"}.items()


async def test_a_change_says_who_and_what(office: Play) -> None:
    own, north = office.built.user("own"), office.team("north")
    newest, older = (await log(office, "root", row=f"Deal:{office.row('mine')}"))["nodes"]
    assert {key: newest[key] for key in newest if key not in ("id", "at")} == {
        "kind": "ASSIGNMENT", "actor": {"name": "root"}, "operator": None, "member": None, "team": None,
        "roleId": None, "module": "deals", "rowId": f"Deal:{office.row('mine')}",
        "before": {"owner_id": str(office.built.user("root")), "team_id": None, "open_to_all": False},
        "after": {"owner_id": str(own), "team_id": str(north), "open_to_all": False},
        "reason": None, "request": None,
    }  # fmt: skip
    assert older["after"] == newest["before"]
    (kind,) = (await log(office, "root", kind="ACCOUNT"))["nodes"]
    assert (kind["actor"], kind["before"], kind["after"]) == (None, {"kind": "customer"}, {"kind": "provider"})
    assert kind["operator"] == await office.admin.fetchval("select session_user::text")
    (exempt,) = (await log(office, "people", kind="EXCEPTION"))["nodes"]
    assert (exempt["member"], exempt["module"], exempt["before"]) == ({"name": "agent"}, "deals", None)
    assert exempt["after"] == {"action": "export", "scope": "all", "effect": "grant"}


async def test_people_and_teams_whom_one_may_not_know_are_left_out(office: Play) -> None:
    """Who views settings and a row need not know who had it before, nor who handed it over."""
    row = f"LandingPage:{office.row('page')}"
    newest, _ = (await log(office, "root", row=row))["nodes"]
    far, south = str(office.built.user("far")), str(office.team("south"))
    assert (newest["actor"], newest["after"]["owner_id"], newest["after"]["team_ids"]) == (
        {"name": "root"},
        far,
        [south],
    )
    newest, _ = (await log(office, "everything", row=row))["nodes"]
    assert (newest["actor"], newest["after"]) == (None, {"team_ids": [], "restricted": True})
    deal, _ = (await log(office, "everything", row=f"Deal:{office.row('theirs')}"))["nodes"]
    assert deal["after"] == {"open_to_all": False}
    deal, _ = (await log(office, "everything", row=f"Deal:{office.row('mine')}"))["nodes"]
    assert deal["after"]["owner_id"] == str(office.built.user("own"))


FILTERS: dict[str, dict[str, str]] = {
    "kind": {"kind": "TEAM_MEMBER"},
    "actor": {"actor": "Person:{root}"},
    "member": {"member": "Person:{agent}"},
    "team": {"team": "Team:{north}"},
    "role": {"role": "Role:{role}"},
    "module": {"module": "deals"},
    "row": {"row": "Deal:{mine}"},
    "member and kind": {"member": "Person:{agent}", "kind": "MEMBERSHIP"},
    "another module's row": {"row": "LandingPage:{mine}"},
    "somebody of another account": {"member": "Person:{boss}"},
}
ASKS: dict[str, Any] = {
    "kind": lambda each, value: each["kind"] == value.lower(),
    "actor": lambda each, value: f"Person:{each['actor']}" == value,
    "member": lambda each, value: f"Person:{each['user_id']}" == value,
    "team": lambda each, value: f"Team:{each['team_id']}" == value,
    "role": lambda each, value: f"Role:{each['role_id']}" == value,
    "module": lambda each, value: each["module"] == value,
    "row": lambda each, value: (
        each["row_id"] is not None and f"{REGISTRY.by_name[each['module']].type_name}:{each['row_id']}" == value
    ),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_finds_what_it_asks_for(office: Play, name: str) -> None:
    ids: dict[str, UUID] = {
        "root": office.built.user("root"), "agent": office.built.user("agent"), "boss": office.built.user("boss"),
        "north": office.team("north"), "role": office.role("agent"), "mine": office.row("mine"),
    }  # fmt: skip
    where: dict[str, Any] = {key: value.format(**ids) for key, value in FILTERS[name].items()}
    rows = await office.admin.fetch("select * from access.access_log where account_id = $1", office.account)
    expected = {
        f"AccessChange:{row['id']}" for row in rows if all(ASKS[key](row, value) for key, value in where.items())
    }
    assert bool(expected) is (name not in ("another module's row", "somebody of another account"))
    assert {each["id"] for each in (await log(office, "root", **where))["nodes"]} == expected


async def test_since_and_until_are_bounds(office: Play) -> None:
    moments = [each["at"] for each in (await log(office, "root"))["nodes"]]
    middle = moments[len(moments) // 2]
    since = [each["at"] for each in (await log(office, "root", since=middle))["nodes"]]
    until = [each["at"] for each in (await log(office, "root", until=middle))["nodes"]]
    assert since
    assert until
    assert since + until == moments


async def test_pages_follow_each_other(office: Play) -> None:
    whole = await log(office, "root")
    found: list[str] = []
    after = None
    while True:
        page = await log(office, "root", 7, after)
        found += [each["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == [each["id"] for each in whole["nodes"]]
    assert len(found) > 14


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 101", "first: -1", 'after: "x"', 'where: {actor: "x"}', 'where: {member: "Team:x"}',
        "where: {row: null}", 'where: {row: "Person:01900000-0000-7000-8000-000000000001"}', "where: {kind: null}",
        f'where: {{module: "{"x" * 64}"}}',
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_refused(office: Play, arguments: str) -> None:
    data, codes = await office.asks("root", f"{{ accessLog({arguments}) {{ totalCount }} }}")
    assert (data, codes) == ({"accessLog": None}, {"accessLog": "BAD_USER_INPUT"})


async def test_a_cursor_is_of_this_list_and_member(office: Play) -> None:
    cursor = (await log(office, "root", 1))["pageInfo"]["endCursor"]
    data, codes = await office.asks("people", LOG, {"after": cursor})
    assert (data, codes) == ({"accessLog": None}, {"accessLog": "BAD_USER_INPUT"})
    text = "query ($after: String) { deals(after: $after) { totalCount } }"
    data, codes = await office.asks("root", text, {"after": cursor})
    assert (data, codes) == ({"deals": None}, {"deals": "BAD_USER_INPUT"})


async def test_a_change_names_the_request_that_made_it(fresh: Office) -> None:
    """As the gateway numbers it."""
    office = fresh.play
    identity = Identity(office.built.slug("office"), office.built.user("root"))
    text = (
        'mutation ($id: ID!, $to: ID) { assignDeal(input: {id: $id, ownerId: $to, reason: "he is away"}) { visible } }'
    )
    variables = {"id": f"Deal:{office.row('mine')}", "to": f"Person:{office.built.user('far')}"}
    async with Database.connected(office.database.gateway_dsn, PoolOptions(min_size=1, max_size=1)) as pool:
        with bound_contextvars(request_id="request-7"):
            result = await COMPILER.prepare(text, None).bind(variables, identity).run(pool)
    assert not result.errors
    newest = (await log(office, "root", row=variables["id"], first=1))["nodes"][0]
    assert (newest["request"], newest["actor"]) == ("request-7", {"name": "root"})
    assert newest["reason"] == "he is away"


@pytest.mark.parametrize("given", ['reason: "x"', f'ownerId: null, reason: "{"x" * 1001}"'])
async def test_a_reason_alone_or_without_end_assigns_nothing(office: Play, given: str) -> None:
    text = f'mutation {{ assignLandingPage(input: {{id: "LandingPage:{office.row("page")}", {given}}}) {{ visible }} }}'
    before = (await log(office, "root"))["totalCount"]
    _, codes = await office.asks("root", text)
    assert set(codes.values()) == {"BAD_USER_INPUT"}
    assert (await log(office, "root"))["totalCount"] == before > 0

"""X5: who sees the history of access, through SQL as a member, as an analyst, and GraphQL.

Whoever may change something sees how it was changed; of rows, only those that they see.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

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
MEMBERS = {"membership", "exception", "team_member", "analyst_login", "invitation"}
# What is told of single rows.
OF_ROWS = {"assignment", "share"}
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
    (Team("region"), Team("north", "region"), Team("south", "region"), Team("old")),
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
    "everything": {*ACCOUNT, *OF_ROWS},
    "own": {*ACCOUNT, *OF_ROWS},
    "near": {*ACCOUNT, *OF_ROWS},
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
    for account, whom in ((here, "agent"), (play.built.accounts["rival"], "twin")):
        await play.admin.execute(
            "select access.set_exception($1, $2, 'deals', 'export', 'all', 'grant')", account, play.built.user(whom)
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
    for row, function in (("mine", "deals"), ("theirs", "deals"), ("gone", "deals"), ("page", "landing_pages")):
        share = f"select access.share_{function}($1, $2, null, '{{view}}', 'she stands in')"
        assert await play.commits("root", share, play.row(row), play.built.user("people")) == "done"
        assert (
            await play.commits("root", share.replace("$2, null", "null, $2"), play.row(row), play.team("old")) == "done"
        )
    role, email = play.role("agent"), f"{uuid4().hex}@people.example"
    assert await play.commits("root", "select access.invite_member($1, $2, null, $3)", here, email, role) == "done"
    assert await play.commits("root", "delete from crm.deals where id = $1", play.row("gone")) == "done"
    for row, function in (("mine", "deals"), ("theirs", "deals"), ("page", "landing_pages")):
        ended = f"select access.unshare_{function}($1, null, $2)"
        assert await play.commits("root", ended, play.row(row), play.team("old")) == "done"
    assert await play.commits("root", "select access.delete_team($1, $2)", here, play.team("old")) == "done"
    found = await play.admin.fetch("select distinct account_id, kind from access.access_log")
    assert {each["kind"] for each in found if each["account_id"] == here} == HAPPENED
    assert {each["account_id"] for each in found} >= set(play.built.accounts.values())
    return Office(play, logins)


async def kinds(
    connection: "asyncpg.Connection[asyncpg.Record]", play: Play, source: str = "access.access_log"
) -> tuple[set[str], set[str]]:
    """Kinds of changes that a session sees, and of which rows; nothing of another account."""
    found = await connection.fetch(f"select account_id, kind, row_id from {source}")
    assert {each["account_id"] for each in found} <= {play.account}
    rows = {play.row(name): name for name in ("mine", "theirs", "gone", "page")}
    return {each["kind"] for each in found}, {
        rows[each["row_id"]] for each in found if each["row_id"] and each["kind"] != "invitation"
    }


@pytest.mark.parametrize("who", SEES)
async def test_who_may_change_something_sees_how_it_was_changed(office: Play, who: str) -> None:
    async with office.acting(who) as connection:
        seen, rows = await kinds(connection, office)
    assert seen == SEES[who] - (OF_ROWS if not rows else set())
    assert rows == ROWS.get(who, set())


async def test_what_happened_in_another_account_is_told_there(office: Play) -> None:
    """T1: the rival's super admin reads the rows that nobody of the office was shown, and none of the office's."""
    rival = office.built.accounts["rival"]
    counted = "select count(*) from access.access_log where account_id = $1"
    there = await office.admin.fetchval(counted, rival)
    assert there > 0
    async with office.acting("boss", "rival") as connection:
        assert await connection.fetchval(counted, rival) == there
        assert await connection.fetchval(f"{counted} and user_id = $2", rival, office.built.user("twin")) > 0
        assert await connection.fetchval(counted, office.account) == 0
    async with office.acting("root") as connection:
        assert await connection.fetchval(counted, rival) == 0
        assert await connection.fetchval(counted, office.account) > 0


@pytest.mark.parametrize("who", SEES)
async def test_an_analyst_sees_what_his_member_sees(opened: Office, who: str) -> None:
    """Also what he may administer, which no login of his could."""
    connection = await opened.analyst(who)
    try:
        seen, rows = await kinds(connection, opened.play, "access_changes")
    finally:
        await connection.close()
    assert seen == SEES[who] - (OF_ROWS if not rows else set())
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
      id at kind actor { name } operator member { name } team { name } teamId roleId module rowId before after reason
      request
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
    newest, older = (await log(office, "root", row=f"Deal:{office.row('mine')}", kind="ASSIGNMENT"))["nodes"]
    assert {key: newest[key] for key in newest if key not in ("id", "at")} == {
        "kind": "ASSIGNMENT", "actor": {"name": "root"}, "operator": None, "member": None, "team": None,
        "teamId": None, "roleId": None, "module": "deals", "rowId": f"Deal:{office.row('mine')}",
        "before": {"owner_id": f"Person:{office.built.user('root')}", "team_id": None, "open_to_all": False},
        "after": {"owner_id": f"Person:{own}", "team_id": f"Team:{north}", "open_to_all": False},
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
    newest, _ = (await log(office, "root", row=row, kind="ASSIGNMENT"))["nodes"]
    far, south = f"Person:{office.built.user('far')}", f"Team:{office.team('south')}"
    assert (newest["actor"], newest["after"]["owner_id"], newest["after"]["team_ids"]) == (
        {"name": "root"},
        far,
        [south],
    )
    newest, _ = (await log(office, "everything", row=row, kind="ASSIGNMENT"))["nodes"]
    assert (newest["actor"], newest["after"]) == (None, {"team_ids": [], "restricted": True})
    theirs, mine = f"Deal:{office.row('theirs')}", f"Deal:{office.row('mine')}"
    deal, _ = (await log(office, "everything", row=theirs, kind="ASSIGNMENT"))["nodes"]
    assert deal["after"] == {"open_to_all": False}
    deal, _ = (await log(office, "everything", row=mine, kind="ASSIGNMENT"))["nodes"]
    assert deal["after"]["owner_id"] == f"Person:{office.built.user('own')}"


async def test_a_share_says_with_whom_and_for_what_to_who_may_know(office: Play) -> None:
    """O8: of rows that one sees; a person or a team whom one may not know is told of neither by name nor by id."""
    row = f"LandingPage:{office.row('page')}"
    ended, team, person = (await log(office, "root", row=row, kind="SHARE"))["nodes"]
    old = f"Team:{office.team('old')}"
    assert (person["member"], person["team"], person["after"]) == ({"name": "people"}, None, {"actions": ["view"]})
    assert (team["member"], team["team"], team["teamId"]) == (None, {"name": "old"}, old)
    assert (ended["before"], ended["after"], ended["teamId"]) == ({"actions": ["view"]}, None, old)
    assert [each["reason"] for each in (ended, team, person)] == [None, "she stands in", "she stands in"]
    assert {each["actor"]["name"] for each in (ended, team, person)} == {"root"}
    seen = (await log(office, "everything", row=row, kind="SHARE"))["nodes"]
    assert [(each["id"], each["member"], each["team"], each["teamId"]) for each in seen] == [
        (ended["id"], None, None, None),
        (team["id"], None, None, None),
        (person["id"], {"name": "people"}, None, None),
    ], "he knows who is in his team, and no other team"
    assert {each["actor"] and each["actor"]["name"] for each in seen} == {None}
    assert (await log(office, "own", row=row, kind="SHARE"))["nodes"] == [], "he does not see the page"
    mine = await log(office, "own", row=f"Deal:{office.row('mine')}", kind="SHARE")
    assert len(mine["nodes"]) == 3
    assert {each["member"] and each["member"]["name"] for each in mine["nodes"]} == {None, "people"}, "of his team"


async def test_a_deleted_team_is_known_by_name_to_who_may_view_teams(office: Play) -> None:
    """And nowhere else; who may not view teams learns neither its name nor its id."""
    old = f"Team:{office.team('old')}"
    gone, made = (await log(office, "teams", team=old, kind="TEAM"))["nodes"]
    for each in (gone, made):
        assert (each["team"], each["teamId"]) == ({"name": "old"}, old)
    assert (gone["before"], gone["after"]) == ({"name": "old"}, None)
    text = "query ($id: ID!) { team(id: $id) { name } node(id: $id) { id } }"
    data, _ = await office.asks("teams", text, {"id": old})
    assert data == {"team": None, "node": None}
    text = (
        "query ($where: AccessLogWhere) { accessLog(where: $where) "
        "{ nodes { team { id parent { id } children { id } } } } }"
    )
    data, codes = await office.asks("teams", text, {"where": {"team": old}})
    assert codes == {}
    assert data["accessLog"]["nodes"][0]["team"] == {"id": old, "parent": None, "children": []}
    shared = (await log(office, "own", kind="SHARE", team=old))["nodes"]
    assert shared
    assert {(each["team"], each["teamId"]) for each in shared} == {(None, None)}


async def test_an_invitation_is_told_by_its_id(office: Play) -> None:
    """T10: what it gives, in whose name and until when; whom it is for is asked of the invitation."""
    (found,) = (await log(office, "people", kind="INVITATION"))["nodes"]
    assert found["rowId"].startswith("Invitation:")
    assert (found["member"], found["module"], found["before"]) == (None, None, None)
    assert found["roleId"] == f"Role:{office.role('agent')}"
    assert {key: found["after"][key] for key in ("status", "role_id", "team_ids", "invited_by")} == {
        "status": "open", "role_id": f"Role:{office.role('agent')}", "team_ids": [],
        "invited_by": f"Person:{office.built.user('root')}",
    }  # fmt: skip
    assert (await log(office, "people", row=found["rowId"]))["nodes"] == [found]
    assert "people.example" not in str(found)
    assert (await log(office, "everything", row=found["rowId"]))["nodes"] == []


@pytest.mark.parametrize("policy", ["view_kinds", "view_assignments"])
async def test_a_policy_that_forgets_shares_shows_those_of_rows_that_one_does_not_see(
    fresh: Office, policy: str
) -> None:
    """Sabotage: a share is told of as its row is, and not as what concerns the account."""
    play = fresh.play
    condition = await play.admin.fetchval(
        "select pg_get_expr(polqual, polrelid) from pg_policy"
        " where polname = $1 and polrelid = 'access.access_log'::regclass",
        policy,
    )
    broken = condition.replace("'share'::text", "'x'::text")
    assert broken != condition
    seen = "select count(*) from access.access_log where kind = 'share' and row_id = $1"
    counts = []
    for each in (condition, broken):
        await play.admin.execute(f"alter policy {policy} on access.access_log using ({each})")
        async with play.acting("own") as connection:
            counts.append([await connection.fetchval(seen, play.row(name)) for name in ("mine", "page")])
    await play.admin.execute(f"alter policy {policy} on access.access_log using ({condition})")
    assert counts == [[3, 0], [3, 3] if policy == "view_kinds" else [0, 0]]


FILTERS: dict[str, dict[str, str]] = {
    "kind": {"kind": "TEAM_MEMBER"},
    "actor": {"actor": "Person:{root}"},
    "member": {"member": "Person:{agent}"},
    "actor as a Member": {"actor": "Member:{root}"},
    "member as a Member": {"member": "Member:{agent}"},
    "team": {"team": "Team:{north}"},
    "role": {"role": "Role:{role}"},
    "module": {"module": "deals"},
    "row": {"row": "Deal:{mine}"},
    "member and kind": {"member": "Person:{agent}", "kind": "MEMBERSHIP"},
    "another module's row": {"row": "LandingPage:{mine}"},
    "somebody of another account": {"member": "Person:{twin}"},
}
ASKS: dict[str, Any] = {
    "kind": lambda each, value: each["kind"] == value.lower(),
    "actor": lambda each, value: str(each["actor"]) == value.partition(":")[2],
    "member": lambda each, value: str(each["user_id"]) == value.partition(":")[2],
    "team": lambda each, value: f"Team:{each['team_id']}" == value,
    "role": lambda each, value: f"Role:{each['role_id']}" == value,
    "module": lambda each, value: each["module"] == value,
    "row": lambda each, value: (
        each["row_id"] is not None
        and each["module"] is not None
        and f"{REGISTRY.by_name[each['module']].type_name}:{each['row_id']}" == value
    ),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_finds_what_it_asks_for(office: Play, name: str) -> None:
    ids: dict[str, UUID] = {
        "root": office.built.user("root"), "agent": office.built.user("agent"), "twin": office.built.user("twin"),
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
        'where: {module: "nonsense"}',
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


async def test_what_is_unshared_restored_or_purged_says_why(fresh: Office) -> None:
    """X5: each takes a reason, and its row of the history has it."""
    play = fresh.play
    identity = Identity(play.built.slug("office"), play.built.user("root"))
    gone, mine = f"Deal:{play.row('gone')}", f"Deal:{play.row('mine')}"
    done = (
        ("restoreDeal", {"id": gone, "reason": "deleted by mistake"}, "id", gone),
        ("deleteDeal", {"id": gone}, "deletedId", gone),
        ("purgeDeal", {"id": gone, "reason": "request 9"}, "purgedId", gone),
        ("unshareDeal", {"id": mine, "userId": f"Person:{play.built.user('people')}", "reason": "over"}, "id", mine),
    )
    async with Database.connected(play.database.gateway_dsn, PoolOptions(min_size=1, max_size=1)) as pool:
        for name, given, field, row in done:
            text = f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {field} }} }}"
            wrong = {**given, "reason": "x" * 1001}
            if "reason" in given:
                result = await COMPILER.prepare(text, None).bind({"input": wrong}, identity).run(pool)
                assert [(error.extensions or {}).get("code") for error in result.errors] == ["BAD_USER_INPUT"]
            result = await COMPILER.prepare(text, None).bind({"input": given}, identity).run(pool)
            assert not result.errors, name
            if "reason" in given:
                newest = (await log(play, "root", row=row, first=1))["nodes"][0]
                assert (newest["reason"], newest["actor"]) == (given["reason"], {"name": "root"})

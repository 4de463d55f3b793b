"""O8: single rows shared with a user or a team; what a share gives, to whom, by whom, and when it is over."""

from dataclasses import replace

import asyncpg
import pytest

from schema.inputs import shareable
from schema.modules import REGISTRY
from schema.names import GlobalId
from schema.registry import Kind, Module, Scope
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.policies.doors import Sql, Visitor
from tests.support.model import Account, Member, Row, Share, Team, brought
from tests.support.sql import writes_of

pytestmark = pytest.mark.any_server

SHARED_MODULES = tuple(module for module in REGISTRY.modules if module.kind in (Kind.RECORD, Kind.ASSET))
KNOWN = "view view_sensitive update delete assign publish send activate clone export"
SCOPES = tuple(scope.value for scope in Scope if scope is not Scope.ALL)
TEAMS = (Team("region"), Team("north", "region"), Team("oslo", "north"), Team("south", "region"))

# Nobody of those who look reaches the rows by scope: they are south's, of `side` and by `side`.
RECEIVERS = (
    *(Member(scope, scope, "oslo") for scope in SCOPES),
    Member("viewer", "viewer", "oslo"),
    Member("stranger", "stranger", "oslo"),
)
ROLES = (
    *((scope, every(KNOWN, scope)) for scope in SCOPES),
    ("viewer", every("view", "owned")),
    ("stranger", every("view", "owned") - {(module.name, "view", "owned") for module in REGISTRY.modules}),
    ("lead", every(KNOWN, "team")),
    ("assigns", every("view assign", "team")),
    ("updates", every("view update", "team")),
)


def rows_of(module: Module) -> tuple[Row, ...]:
    """A row for each action, and one that nobody shares."""
    names = (*shareable(module), "nothing")
    return tuple(Row(f"{module.name} {name}", module.name, "side", "side", ("south",)) for name in names)


MATRIX = Account(
    "matrix",
    (Member("root", "Owner", super_admin=True), Member("side", "lead", "south"), *RECEIVERS),
    TEAMS,
    ROLES,
    rows=tuple(row for module in SHARED_MODULES for row in rows_of(module)),
    shares=tuple(
        Share(f"{module.name} {action}", (action,), member.user)
        for module in SHARED_MODULES
        for action in shareable(module)
        for member in RECEIVERS
    ),
)
OVER = replace(MATRIX, name="over", shares=tuple(replace(share, ends_in_hours=-1) for share in MATRIX.shares))
HOUR = replace(MATRIX, name="hour", shares=tuple(replace(share, ends_in_hours=1) for share in MATRIX.shares))
# Policies and walls are one template for records and one for assets.
CASES = [
    *((module, "owned") for module in SHARED_MODULES),
    *(
        (REGISTRY.by_name[name], who)
        for name in ("contacts", "landing_pages")
        for who in (*SCOPES, "viewer", "stranger")
        if who != "owned"
    ),
]


@pytest.fixture(scope="module")
async def stages(playground: Play) -> dict[str, Play]:
    """The same company three times: shared for good, for an hour, until an hour ago."""
    made = {}
    for account in (MATRIX, OVER, HOUR):
        made[account.name] = replace(playground)
        await made[account.name].begin(account)
    return made


async def verdicts(play: Play, user: str, module: Module) -> dict[str, frozenset[str]]:
    """What a member can do with each row of the module, by what it is shared for."""
    ids = {row.name.split()[1]: play.row(row.name) for row in rows_of(module)}
    return await Sql(play.gateway).verdicts(Visitor(play.built.slug(play.here), play.built.user(user)), module, ids)


def expected(module: Module, shared: str, known: set[str]) -> frozenset[str]:
    """The shared action and `view`, as far as they are known and can be tried."""
    tried = {*writes_of(module), "view", "view_sensitive"}
    known = brought(module.name, known) if known else known
    return frozenset(brought(module.name, [shared]) & known & tried) if shared != "nothing" else frozenset()


@pytest.mark.parametrize(("module", "who"), CASES, ids=lambda each: getattr(each, "name", each))
async def test_a_share_gives_what_it_names_as_far_as_the_role_knows_it(
    stages: dict[str, Play], module: Module, who: str
) -> None:
    known = {cell[1] for cell in dict(ROLES)[who] if cell[0] == module.name}
    for stage in ("matrix", "hour"):
        found = await verdicts(stages[stage], who, module)
        assert found == {shared: expected(module, shared, known) for shared in found}
    gone = await verdicts(stages["over"], who, module)
    assert not any(gone.values()), "what has ended is without effect"
    for each in stages.values():
        rows = {each.row(row.name) for row in rows_of(module)}
        assert rows <= await each.sees("side", module.name), "they are there"


# The team tree, children, and who may share: one row of each kind, owned by `side` in south.

FIRM = Account(
    "firm",
    (
        Member("root", "Owner", super_admin=True),
        Member("side", "lead", "south"),
        Member("aide", "assigns", "south"),
        Member("clerk", "updates", "south"),
        Member("boss", "owned", "region"),
        Member("peer", "owned", "north"),
        Member("kid", "owned", "oslo"),
        Member("gone", "owned", "oslo", active=False),
    ),
    TEAMS,
    ROLES,
    rows=(
        Row("contact", "contacts", "side", "side", ("south",)),
        Row("other", "contacts", "side", "side", ("south",)),
        Row("page", "landing_pages", "side", "side", ("south",)),
        Row("talk", "conversations", "side", "side", ("south",)),
        Row("foreign", "contacts", "root", "root", ("oslo",)),
    ),
)
ABROAD = Account("abroad", (Member("alien", "Owner", super_admin=True),), (Team("afar"),))
ROOTED = {"contact": "contacts", "page": "landing_pages", "talk": "conversations", "other": "contacts"}


@pytest.fixture
async def firm(play: Play) -> Play:
    await play.begin(FIRM, ABROAD)
    return play


def share(row: str, *, to: str = "user") -> str:
    """Share: the row `$1` with `$2` for `$3`."""
    receiver = "$2, null" if to == "user" else "null, $2"
    return f"select access.share_{ROOTED[row]}($1, {receiver}, $3, 'helps out')"


def unshare(row: str, *, to: str = "user") -> str:
    """End it."""
    return f"select access.unshare_{ROOTED[row]}($1, {'$2, null' if to == 'user' else 'null, $2'})"


@pytest.mark.parametrize("row", ["contact", "page"])
@pytest.mark.parametrize(
    ("team", "reached"), [("north", {"boss", "peer"}), ("oslo", {"boss", "peer", "kid"}), ("region", {"boss"})]
)
async def test_a_share_with_a_team_is_for_its_members_and_those_above(
    firm: Play, row: str, team: str, reached: set[str]
) -> None:
    module = ROOTED[row]
    assert await firm.commits("root", share(row, to="team"), firm.row(row), firm.team(team), ["update"]) == "done"

    for user in ("boss", "peer", "kid"):
        assert (firm.row(row) in await firm.sees(user, module)) is (user in reached)
    assert firm.row(row) in await firm.sees("root", module)


async def test_what_belongs_to_a_row_is_shared_with_it(firm: Play) -> None:
    for module, parent, column in (("interactions", "contact", "contact_id"), ("messages", "talk", "conversation_id")):
        part = await firm.admin.fetchval("select access.uuid_v7()")
        label = REGISTRY.by_name[module].label
        write = f"insert into crm.{module} (id, {label}, {column}) values ($1, 'said', $2)"
        assert await firm.commits("root", write, part, firm.row(parent)) == "done"
        assert await firm.sees("kid", module) == set()

        actions = ["update", "send"] if parent == "talk" else ["update"]
        given = await firm.commits("root", share(parent), firm.row(parent), firm.built.user("kid"), actions)
        assert given == "done"

        assert await firm.sees("kid", module) == {part}
        if parent == "talk":
            more = await firm.admin.fetchval("select access.uuid_v7()")
            assert await firm.done("kid", write, more, firm.row(parent)) == "done", "to write in it is shared"
        assert await firm.done("kid", f"update crm.{module} set {label} = 'x' where id = $1", part) == "done"
        assert await firm.done("kid", f"delete from crm.{module} where id = $1", part) == "nothing"
        assert await firm.commits("root", unshare(parent), firm.row(parent), firm.built.user("kid")) == "done"
        assert await firm.sees("kid", module) == set()
        assert part in await firm.sees("root", module)


GIVING = {
    # Who, which row, to whom, for what, how it ends.
    "all of it": ("side", "contact", "kid", ["view", "update", "delete"], "done"),
    "what he may not do himself": ("aide", "contact", "kid", ["update"], "U0403"),
    "what he may do": ("aide", "contact", "kid", ["view"], "done"),
    "without assign": ("clerk", "contact", "kid", ["view"], "U0403"),
    "a hidden row": ("kid", "contact", "peer", ["view"], "U0404"),
    "with himself": ("side", "contact", "side", ["view"], "U0400"),
    "with somebody deactivated": ("root", "contact", "gone", ["view"], "U0404"),
    "with somebody of another account": ("root", "contact", "alien", ["view"], "U0404"),
    "with somebody whom he does not know": ("side", "contact", "boss", ["view"], "U0404"),
    "assign itself": ("root", "contact", "kid", ["assign"], "U0400"),
    "an action without rows": ("root", "contact", "kid", ["create"], "U0400"),
    "an unknown action": ("root", "contact", "kid", ["paint"], "U0400"),
    "no action": ("root", "contact", "kid", [], "U0400"),
}


@pytest.mark.parametrize("case", GIVING)
async def test_who_shares_what_with_whom(firm: Play, case: str) -> None:
    who, row, receiver, actions, end = GIVING[case]
    # Colleagues whom they may know: members of their team.
    await firm.admin.execute(
        "select access.join_team($1, $2, $3)", firm.account, firm.built.user("kid"), firm.team("south")
    )
    assert await firm.done(who, share(row), firm.row(row), firm.built.user(receiver), actions) == end
    assert firm.row(row) in await firm.sees("root", "contacts"), "it is there"


async def test_a_team_of_another_account_is_no_team(firm: Play) -> None:
    afar = firm.built.id("team", "abroad", "afar")
    assert await firm.done("root", share("contact", to="team"), firm.row("contact"), afar, ["view"]) == "U0404"
    assert await firm.admin.fetchval("select exists (select from access.team where id = $1)", afar)
    with pytest.raises(Exception, match="share_team_fkey"):
        await firm.admin.execute(
            "insert into access.share (account_id, module, row_id, team_id, actions, given_by)"
            " values ($1, 'contacts', $2, $3, '{view}', $4)",
            firm.account,
            firm.row("contact"),
            afar,
            firm.built.user("root"),
        )


async def test_what_was_shared_with_him_he_does_not_hand_on(firm: Play) -> None:
    kid, peer = firm.built.user("kid"), firm.built.user("peer")
    values = firm.row("contact"), kid, ["view", "update"]
    assert await firm.commits("root", share("contact"), *values) == "done"

    assert await firm.done("kid", share("contact"), firm.row("contact"), peer, ["view"]) == "U0403"
    assert await firm.sees("kid", "contacts") == {firm.row("contact")}


@pytest.mark.parametrize(
    ("who", "end"),
    [("root", "done"), ("side", "done"), ("kid", "done"), ("aide", "U0403"), ("clerk", "U0403"), ("peer", "U0404")],
)
async def test_who_ends_a_share(firm: Play, who: str, end: str) -> None:
    kid = firm.built.user("kid")
    assert await firm.commits("root", share("contact"), firm.row("contact"), kid, ["view", "update"]) == "done"
    assert await firm.commits(who, unshare("contact"), firm.row("contact"), kid) == end
    assert await firm.sees("kid", "contacts") == (set() if end == "done" else {firm.row("contact")})


async def test_sharing_again_replaces_what_was_shared(firm: Play) -> None:
    kid, row = firm.built.user("kid"), firm.row("contact")
    change = "update crm.contacts set last_name = 'x' where id = $1"
    assert await firm.commits("root", share("contact"), row, kid, ["update"]) == "done"
    assert await firm.done("kid", change, row) == "done"

    assert await firm.commits("root", share("contact"), row, kid, ["view"]) == "done"

    assert await firm.done("kid", change, row) == "nothing"
    assert await firm.sees("kid", "contacts") == {row}
    now = "select array_agg(actions::text) from access.share where row_id = $1 and valid @> clock_timestamp()"
    assert await firm.admin.fetchval(now, row) == ["{view}"]


async def test_a_share_ends_with_the_row(firm: Play) -> None:
    kid, row = firm.built.user("kid"), firm.row("other")
    assert await firm.commits("root", share("other"), row, kid, ["view"]) == "done"
    assert await firm.commits("side", "delete from crm.contacts where id = $1", row) == "done"
    assert await left(firm) == 0
    assert await held(firm, "kid") == 0, "his profile knows of no share"


async def test_a_share_ends_with_the_team(firm: Play) -> None:
    leaf = await firm.admin.fetchval("select access.create_team($1, 'leaf', $2)", firm.account, firm.team("oslo"))
    assert await firm.commits("root", share("contact", to="team"), firm.row("contact"), leaf, ["view"]) == "done"
    assert await firm.sees("kid", "contacts") == {firm.row("contact")}
    with pytest.raises(asyncpg.PostgresError, match="the team holds 1 shares"):
        await firm.admin.execute("select access.delete_team($1, $2)", firm.account, leaf)
    # By hand, which asks nothing.
    await firm.admin.execute("update access.team set deleted_at = now() where id = $1", leaf)
    assert await left(firm) == 0
    assert await firm.sees("kid", "contacts") == set()
    assert firm.row("contact") in await firm.sees("root", "contacts")


async def test_who_was_removed_and_comes_back_finds_nothing_that_was_shared(firm: Play) -> None:
    kid = firm.built.user("kid")
    assert await firm.commits("root", share("contact"), firm.row("contact"), kid, ["view"]) == "done"
    leave = (
        "update access.membership set valid = tstzrange(lower(valid), clock_timestamp())"
        " where account_id = $1 and user_id = $2 and upper_inf(valid)"
    )
    await firm.admin.execute(leave, firm.account, kid)
    assert await left(firm) == 0
    await firm.admin.execute(
        "insert into access.membership (account_id, user_id, role_id) values ($1, $2, $3)",
        firm.account,
        kid,
        firm.role("owned"),
    )
    assert await firm.sees("kid", "contacts") == set()


async def test_who_is_deactivated_or_gets_another_role_keeps_what_is_shared(firm: Play) -> None:
    kid = firm.built.user("kid")
    assert await firm.commits("root", share("contact"), firm.row("contact"), kid, ["view"]) == "done"
    for status in ("deactivated", "active"):
        await firm.admin.execute("select access.set_status($1, $2, $3)", firm.account, kid, status)
    await firm.admin.execute("select access.change_role($1, $2, $3)", firm.account, kid, firm.role("created"))
    assert await firm.sees("kid", "contacts") == {firm.row("contact")}
    await firm.admin.execute("select access.change_role($1, $2, $3)", firm.account, kid, firm.role("stranger"))
    assert await firm.sees("kid", "contacts") == set(), "a role that does not know the module"


async def test_shares_are_known_to_who_has_them_gave_them_or_may_assign(firm: Play) -> None:
    kid, row = firm.built.user("kid"), firm.row("contact")
    assert await firm.commits("root", share("contact"), row, kid, ["view"]) == "done"
    known = {}
    for user in ("root", "side", "aide", "kid", "clerk", "peer"):
        async with firm.acting(user) as connection:
            known[user] = await connection.fetchval("select count(*) from crm.shares")
    assert known == {"root": 1, "side": 1, "aide": 1, "kid": 1, "clerk": 0, "peer": 0}
    async with firm.acting("alien", "abroad") as connection:
        assert await connection.fetchval("select count(*) from access.share") == 0


SHARES = "shares { user { name } team { name } actions reason givenBy { name } until }"


async def test_graphql_shares_and_says_with_whom(firm: Play) -> None:
    ids = {"row": str(GlobalId("Contact", firm.row("contact"))), "kid": str(GlobalId("Person", firm.built.user("kid")))}
    data, codes = await firm.asks(
        "root",
        'mutation ($row: ID!, $kid: ID!) { shareContact(input: {id: $row, userId: $kid, actions: ["update"],'
        f' reason: "holiday", until: "2999-01-01T00:00:00Z"}}) {{ id visible contact {{ id {SHARES} }} }} }}',
        ids,
    )
    assert codes == {}
    assert data["shareContact"]["contact"]["shares"] == [
        {
            "user": {"name": "kid"},
            "team": None,
            "actions": ["update", "view"],
            "reason": "holiday",
            "givenBy": {"name": "root"},
            "until": "2999-01-01T00:00:00+00:00",
        }
    ]

    given = await firm.commits("root", share("contact"), firm.row("contact"), firm.built.user("kid"), ["update"])
    assert given == "done"
    read = f"query ($row: ID!) {{ contact(id: $row) {{ lastName access {{ canUpdate canDelete }} {SHARES} }} }}"
    data, _ = await firm.asks("kid", read, ids)
    assert data["contact"]["access"] == {"canUpdate": True, "canDelete": False}
    assert len(data["contact"]["shares"]) == 1
    data, _ = await firm.asks("clerk", read, ids)
    assert data["contact"]["shares"] == []
    end = "mutation ($row: ID!, $kid: ID!) { unshareContact(input: {id: $row, userId: $kid})"
    data, codes = await firm.asks("root", end + f" {{ contact {{ {SHARES} }} }} }}", ids)
    assert (data["unshareContact"]["contact"]["shares"], codes) == ([], {})
    _, codes = await firm.asks("clerk", end + " { id } }", ids)
    assert codes == {"unshareContact": "FORBIDDEN"}
    _, codes = await firm.asks("peer", end + " { id } }", ids)
    assert codes == {"unshareContact": "NOT_FOUND"}


@pytest.mark.parametrize(
    "fields",
    [
        (
            'userId: "Person:00000000-0000-4000-8000-000000000000",'
            ' teamId: "Team:00000000-0000-4000-8000-000000000000", actions: ["view"]'
        ),
        'actions: ["view"]',
        'userId: "Person:00000000-0000-4000-8000-000000000000", actions: ["paint"]',
        'userId: "Person:00000000-0000-4000-8000-000000000000", actions: ["assign"]',
        'userId: "Person:00000000-0000-4000-8000-000000000000", actions: []',
        'userId: "Contact:00000000-0000-4000-8000-000000000000", actions: ["view"]',
    ],
)
async def test_graphql_refuses_what_is_no_share(firm: Play, fields: str) -> None:
    row = GlobalId("Contact", firm.row("contact"))
    _, codes = await firm.asks("root", f'mutation {{ shareContact(input: {{id: "{row}", {fields}}}) {{ id }} }}')
    assert codes == {"shareContact": "BAD_USER_INPUT"}


async def left(play: Play) -> int:
    """How many shares of the account are in force."""
    found: int = await play.admin.fetchval(
        "select count(*) from access.share where account_id = $1 and valid @> clock_timestamp()", play.account
    )
    return found


async def held(play: Play, user: str) -> int:
    """How many cells of the member's profile have the scope of shares."""
    found: int = await play.admin.fetchval(
        "select count(*) from access_private.session_profile s"
        "  join access_private.profile_capability c on c.profile = s.profile and c.scope = 'shared'"
        " where s.account_id = $1 and s.user_id = $2 and s.valid @> clock_timestamp()",
        play.account,
        play.built.user(user),
    )
    return found

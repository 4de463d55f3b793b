"""What is sensitive is said by account and module (C9): one company in two accounts, the second of which masks nothing.

Who may what with the sensitive columns of a row, through each door:
r read in SQL, as an analyst, through GraphQL and by its button   w written in SQL and through GraphQL
f in a file   c in a copy   t in the trash   - nothing   . the row is not seen
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from schema.modules import REGISTRY
from schema.names import GlobalId, camel
from schema.registry import Module
from tests.api.conftest import Member as Bearer, bearer, settings_for, talking
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member, Row, Share, Team
from tests.support.sql import for_analysts

pytestmark = pytest.mark.any_server

TABLE = """
                 masked                plain
                 mine theirs shared    mine theirs shared
owner            rwfct rwfct rwfct     rwfct rwfct rwfct
views            -    -      -         r    r      r
views_own        -    .      -         r    .      r
updates          -    -      -         rw   rw     rw
updates_own      -    -      -         rw   r      rw
reads            r    r      r         r    r      r
reads_own        r    -      r         r    r      r
reads_own_writes rw   -      rw        rw   rw     rw
exports          -    -      -         rf   rf     rf
exports_own      -    .      -         rf   .      rf
clones           -    -      -         rwc  rc     rc
clones_blind     -    -      -         r    r      r
deletes          -    -      -         rt   rt     rt
"""
OWN_UPDATE = every("update", "owned")
ROLES: dict[str, frozenset[Cell]] = {
    "views": every("view", "all"),
    "views_own": every("view", "owned"),
    "updates": every("update", "all"),
    "updates_own": every("view", "all") | OWN_UPDATE,
    "reads": every("view_sensitive", "all"),
    "reads_own": every("view_sensitive", "owned") | every("view", "all"),
    "reads_own_writes": every("view_sensitive", "owned") | every("update", "all"),
    "exports": every("export", "all"),
    "exports_own": every("export", "owned"),
    "clones": every("clone create view", "all") | OWN_UPDATE,
    "clones_blind": every("clone create view", "all"),
    "deletes": every("delete", "all"),
}
# For what the row is shared: for the member's role knows no more of it (O8).
SHARED = {"updates_own": ("update",), "reads_own": ("view_sensitive",), "reads_own_writes": ("view_sensitive",)}
SHARED |= {"exports": ("export",), "exports_own": ("export",)}
WHO = ("owner", *ROLES)
WHOSE = ("mine", "theirs", "shared")
MODULES = [module for module in REGISTRY.modules if module.sensitive]
VALUES = {"date": "date '2000-01-02'", "text": "'secret'", "bigint": "7"}
SENT = {"date": "2000-01-02", "text": "secret", "bigint": 7}


def company(name: str) -> Account:
    return Account(
        name,
        (Member("root", "Owner", super_admin=True), Member("owner", "Owner"), *(Member(role, role) for role in ROLES)),
        roles=tuple(ROLES.items()),
        rows=tuple(
            Row(f"{module.name} {whose} {who}", module.name, "root", who if whose == "mine" else "root")
            for module in MODULES
            for who in WHO
            for whose in WHOSE
        ),
        shares=tuple(
            Share(f"{module.name} shared {who}", ("view", *SHARED.get(who, ())), who)
            for module in MODULES
            for who in WHO
        ),
    )


def expected(account: str, who: str, letter: str) -> dict[str, bool]:
    """Whether the letter stands for each row of the table that is seen."""
    line = next(words for words in (text.split() for text in TABLE.strip().splitlines()[2:]) if words[0] == who)
    found = line[1:4] if account == "masked" else line[4:7]
    return {whose: letter in cell for whose, cell in zip(WHOSE, found, strict=True) if cell != "."}


@dataclass
class Doors:
    """The two accounts, and the ways to them."""

    play: Play
    client: httpx.AsyncClient

    def row(self, account: str, module: Module, whose: str, who: str) -> UUID:
        return self.play.built.row(account, f"{module.name} {whose} {who}")

    def id(self, account: str, module: Module, whose: str, who: str) -> str:
        return str(GlobalId(module.type_name, self.row(account, module, whose, who)))

    async def asks(self, account: str, who: str, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Data of a GraphQL operation over HTTP."""
        response = await self.client.post(
            "/graphql", json={"query": text, "variables": variables}, headers=self._headers(account, who)
        )
        found: dict[str, Any] = response.json()["data"]
        return found

    async def file(self, account: str, who: str, module: Module) -> list[dict[str, Any]] | None:
        """Rows of a file with all sensitive columns; None where there is none to be had."""
        columns = ["name" if module.label == "name" else module.label, *(column.name for column in module.sensitive)]
        response = await self.client.post(
            f"/export/{module.name}.jsonl", json={"columns": columns}, headers=self._headers(account, who)
        )
        if response.status_code == 403:
            return None
        return [json.loads(line) for line in response.text.splitlines()]

    def _headers(self, account: str, who: str) -> dict[str, str]:
        return bearer(Bearer(self.play.built.slug(account), self.play.built.user(who), 0))


async def set_sensitive(play: Play, module: str, sensitive: bool, account: str = "plain") -> None:
    await play.admin.execute("select access.set_sensitive($1, $2, $3)", play.built.accounts[account], module, sensitive)


@pytest.fixture(scope="module")
async def doors(playground: Play) -> AsyncIterator[Doors]:
    play = replace(playground)
    await play.begin(company("masked"), company("plain"))
    for module in MODULES:
        column = module.sensitive[0]
        await play.admin.execute(f"update {module.sensitive_table} set {column.name} = {VALUES[column.type]}")
        await set_sensitive(play, module.name, sensitive=False)
    async with talking(settings_for(play.database)) as client:
        yield Doors(play, client)


accounts = pytest.mark.parametrize("account", ["masked", "plain"])
people = pytest.mark.parametrize("who", WHO)
modules = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


def listed(module: Module) -> str:
    """Rows that one sees, and whether their sensitive column is read; a filter and an order say the same."""
    column = module.sensitive[0].name
    value = VALUES[module.sensitive[0].type]
    joined = f"{module.table} t left join {module.sensitive_table} s on s.account_id = t.account_id and s.id = t.id"
    return (
        f"select t.id, s.{column} is not null as reads,"
        f" exists (select from {module.sensitive_table} f where f.id = t.id and f.{column} = {value}) as finds"
        f" from {joined} order by s.{column}, t.id"
    )


async def read_by(
    connection: Any, doors: Doors, account: str, who: str, module: Module, *, analyst: bool = False
) -> dict[str, bool]:
    """Of the rows of the table that a session sees, whether it reads what is sensitive."""
    asked = for_analysts if analyst else str
    rows = {row["id"]: (row["reads"], row["finds"]) for row in await connection.fetch(asked(listed(module)))}
    assert all(reads == finds for reads, finds in rows.values()), "a mask that a filter looks behind"
    table = module.sensitive_table
    counted = await connection.fetchval(
        asked(f"select count(*) from {table} where {module.sensitive[0].name} is not null")
    )
    assert counted == sum(reads for reads, _ in rows.values()), "a mask that an aggregate looks behind"
    ids = {whose: doors.row(account, module, whose, who) for whose in WHOSE}
    return {whose: rows[row][0] for whose, row in ids.items() if row in rows}


@accounts
@people
async def test_what_sql_reads(doors: Doors, account: str, who: str) -> None:
    for module in MODULES:
        async with doors.play.acting(who, account) as connection:
            assert await read_by(connection, doors, account, who, module) == expected(account, who, "r"), module.name


@accounts
@people
async def test_what_an_analyst_reads(doors: Doors, account: str, who: str) -> None:
    play = doors.play
    here, user = play.built.accounts[account], play.built.user(who)
    login = await play.admin.fetchrow("select login, password from access.create_analyst($1, $2)", here, user)
    assert login is not None
    connection = await asyncpg.connect(play.database.login_dsn(login["login"], login["password"]))
    try:
        for module in MODULES:
            found = await read_by(connection, doors, account, who, module, analyst=True)
            assert found == expected(account, who, "r"), module.name
    finally:
        await connection.close()


@accounts
@people
async def test_what_graphql_reads_and_its_button_says(doors: Doors, account: str, who: str) -> None:
    for module in MODULES:
        column = camel(module.sensitive[0].name)
        text = f"""query ($ids: [ID!]!) {{ nodes(ids: $ids) {{
          ... on {module.type_name} {{ access {{ canViewSensitive }} sensitive {{ {column} }} }}
        }} }}"""
        ids = [doors.id(account, module, whose, who) for whose in WHOSE]
        nodes = (await doors.asks(account, who, text, {"ids": ids}))["nodes"]

        seen = {whose: node for whose, node in zip(WHOSE, nodes, strict=True) if node is not None}
        read = {whose: node["sensitive"] == {column: SENT[module.sensitive[0].type]} for whose, node in seen.items()}
        assert read == expected(account, who, "r"), module.name
        assert {whose: node["access"]["canViewSensitive"] for whose, node in seen.items()} == read
        assert all(read[whose] or node["sensitive"] is None for whose, node in seen.items())


@accounts
@people
async def test_what_is_in_a_file(doors: Doors, account: str, who: str) -> None:
    may_export = who in ("owner", "exports", "exports_own")
    for module in MODULES:
        lines = await doors.file(account, who, module)
        assert (lines is not None) == (may_export and (account == "plain" or who == "owner")), module.name
        if lines is None:
            continue
        column = module.sensitive[0].name
        by_label = {line[module.label]: line for line in lines}
        names = {whose: f"{module.name} {whose} {who}" for whose in WHOSE}
        taken = {whose: by_label[name] for whose, name in names.items() if name in by_label}
        found = {whose: line[column] is not None for whose, line in taken.items()}
        assert found == expected(account, who, "f"), module.name
        assert {whose: not line["sensitive_masked"] for whose, line in taken.items()} == found


@accounts
@people
async def test_what_is_written(doors: Doors, account: str, who: str) -> None:
    play = replace(doors.play, here=account)
    for module in MODULES:
        column, type_name = module.sensitive[0], module.type_name
        change = f"update {module.sensitive_table} set {column.name} = {VALUES[column.type]} where id = $1"
        text = f"mutation ($input: Update{type_name}Input!) {{ update{type_name}(input: $input) {{ id }} }}"
        sql, graphql = {}, {}
        for whose in WHOSE:
            sql[whose] = await play.done(who, change, doors.row(account, module, whose, who)) == "done"
            given = {"id": doors.id(account, module, whose, who)}
            given["sensitive"] = {camel(column.name): SENT[column.type]}  # type: ignore[assignment]
            data, _ = await play.asks(who, text, {"input": given})
            graphql[whose] = data is not None and data[f"update{type_name}"] is not None
        wanted = dict.fromkeys(WHOSE, False) | expected(account, who, "w")
        assert (sql, graphql) == (wanted, wanted), module.name


@accounts
@people
async def test_what_is_in_a_copy(doors: Doors, account: str, who: str) -> None:
    play = replace(doors.play, here=account)
    for module in MODULES:
        if "clone" not in module.action_names:
            continue
        found = {}
        kept = f"select {module.sensitive[0].name} is not null from {module.sensitive_table} where id = $1"
        for whose in WHOSE:
            copy, original = uuid4(), doors.row(account, module, whose, who)
            if await play.commits(who, f"select access.clone_{module.name}($1, $2, 'Copy')", original, copy) == "done":
                found[whose] = bool(await play.admin.fetchval(kept, copy))
        wanted = expected(account, who, "c") if who in ("owner", "clones", "clones_blind") else {}
        assert found == wanted, module.name


@accounts
@pytest.mark.parametrize("who", ["owner", "deletes"])
async def test_what_is_in_the_trash(doors: Doors, account: str, who: str) -> None:
    for module in MODULES:
        found = {}
        for whose in WHOSE:
            row = doors.row(account, module, whose, who)
            async with doors.play.acting(who, account) as connection:
                await connection.execute(f"delete from {module.table} where id = $1", row)
                await connection.execute("set constraints all immediate")
                entry = await connection.fetchrow("select content, sensitive from crm.trash where row_id = $1", row)
            assert entry is not None
            assert entry["content"] is not None
            found[whose] = entry["sensitive"] is not None
        assert found == expected(account, who, "t"), module.name


# Who may say what is sensitive, of contacts: as ordinary columns, and as sensitive ones again (G1).
SETTERS = """
root           yes                     yes
settings       contacts.view_sensitive contacts.view
views          contacts.view_sensitive yes
reads_team     contacts.view_sensitive yes
reads          yes                     yes
for_a_while    contacts.view_sensitive yes
no_settings    settings.configure      settings.configure
"""
SETTINGS = ("settings", "configure", "all")
VIEW, READ = ("contacts", "view", "all"), ("contacts", "view_sensitive", "all")
TEMPORARY = (Member("for_a_while", "views"),)
AGENCY = Account(
    "agency",
    (
        Member("root", "Owner", super_admin=True),
        *(Member(name, name) for name in ("settings", "views", "reads_team", "reads", "no_settings", "onlooker")),
        *TEMPORARY,
    ),
    roles=(
        ("settings", frozenset({SETTINGS})),
        ("views", frozenset({SETTINGS, VIEW, ("roles", "configure", "all"), ("users", "configure", "all")})),
        ("reads_team", frozenset({SETTINGS, VIEW, ("contacts", "view_sensitive", "team")})),
        ("reads", frozenset({SETTINGS, READ})),
        ("no_settings", frozenset({READ, ("users", "configure", "all")})),
        ("onlooker", frozenset({("settings", "view", "all"), ("contacts", "view", "owned")})),
    ),
    rows=(Row("one", "contacts", "root", "root"), Row("own", "contacts", "onlooker", "onlooker")),
)
SET = """mutation ($input: SetSensitiveInput!) {
  setSensitive(input: $input) { sensitiveModules { module columns sensitive } }
}"""
CONTACTS = {"module": "contacts", "columns": ["birth_date", "home_address", "personal_phone"]}
CALL = "select access.set_sensitive(access.account_id(), 'contacts', $1)"


@pytest.fixture
async def agency(play: Play) -> Play:
    await play.begin(AGENCY)
    await play.admin.execute(
        "select access.set_exception($1, $2, 'contacts', 'view_sensitive', 'all', 'grant',"
        " clock_timestamp() + interval '1 day')",
        play.account,
        play.built.user("for_a_while"),
    )
    return play


@pytest.mark.parametrize("line", SETTERS.strip().splitlines(), ids=lambda line: line.split()[0])
async def test_who_says_what_is_sensitive(agency: Play, line: str) -> None:
    """C9, G1: what everybody who views gets is given by who has it himself, everywhere and for good."""
    who, *ends = line.split()
    for sensitive, end in zip((False, True), ends, strict=True):
        await set_sensitive(agency, "contacts", not sensitive, "agency")
        data, refused = await agency.answers(who, SET, {"input": {"module": "contacts", "sensitive": sensitive}})
        if end == "yes":
            assert refused == {}
            assert {**CONTACTS, "sensitive": sensitive} in data["setSensitive"]["sensitiveModules"]
            assert await agency.done(who, CALL, sensitive) == "done"
        else:
            module, action = end.split(".")
            assert refused["setSensitive"].items() >= {"code": "FORBIDDEN", "module": module, "action": action}.items()
            assert await agency.done(who, CALL, sensitive) == "U0403"


async def test_what_is_set_is_shown_to_who_views_settings(agency: Play) -> None:
    await set_sensitive(agency, "deals", False, "agency")
    query = "{ sensitiveModules { module sensitive since } }"

    shown, refused = await agency.asks("onlooker", query)
    hidden, missing = await agency.asks("no_settings", query)

    modules = {each["module"]: each for each in shown["sensitiveModules"]}
    assert refused == {}
    assert [each["module"] for each in shown["sensitiveModules"]] == sorted(module.name for module in MODULES)
    assert {name: each["sensitive"] for name, each in modules.items()} == {name: name != "deals" for name in modules}
    assert (modules["contacts"]["since"], bool(modules["deals"]["since"])) == (None, True)
    assert (hidden["sensitiveModules"], missing) == (None, {"sensitiveModules": "FORBIDDEN"})
    async with agency.acting("no_settings") as connection:
        assert await connection.fetch("select from crm.sensitive_modules") == []
        assert await connection.fetch("select from access.sensitivity") == []
    async with agency.acting("onlooker") as connection:
        assert await connection.fetch("select from access.sensitivity") != []


@pytest.mark.parametrize("module", ["reports", "messages", "settings", "nothing", ""])
async def test_what_has_no_sensitive_columns_is_refused(agency: Play, module: str) -> None:
    refusal = await agency.refusal("root", SET, {"input": {"module": module, "sensitive": False}})
    assert (refusal["code"], set(refusal["fields"])) == ("BAD_USER_INPUT", {"module"})


async def test_another_account_is_not_found(agency: Play) -> None:
    """T1."""
    other = await agency.admin.fetchval(
        "insert into access.account (slug, name) values ($1, 'x') returning id", uuid4().hex
    )
    call = "select access.set_sensitive($1, 'contacts', false)"
    assert await agency.done("root", call, other) == "U0404"
    assert await agency.done("root", call, uuid4()) == "U0404"
    assert await agency.done("root", call, agency.account) == "done"


async def test_nobody_writes_the_fact_by_hand(agency: Play) -> None:
    for statement in (
        "insert into access.sensitivity (account_id, module, sensitive) values (access.account_id(), 'deals', false)",
        "update access.sensitivity set sensitive = false",
        "delete from access.sensitivity",
    ):
        assert await agency.done("root", statement) == "42501"


async def reads(play: Play, who: str, row: str) -> bool:
    async with play.acting(who) as connection:
        found = await connection.fetch("select from crm.contacts_sensitive where id = $1", play.row(row))
    return bool(found)


async def test_what_an_account_does_not_mask_is_not_held_and_not_handed_on(agency: Play) -> None:
    """C6, G1: when it is masked again nobody has kept anything of it."""
    await set_sensitive(agency, "contacts", False, "agency")
    assert await reads(agency, "views", "one")
    cell = '[{"module": "contacts", "action": "view_sensitive", "scopes": ["owned"]}]'
    role = "select access.create_role(access.account_id(), 'mine', $1)"
    exception = "select access.set_exception(access.account_id(), $1, 'contacts', 'view_sensitive', 'owned', 'grant')"
    for who, withheld in (("views", 1), ("root", 0)):
        async with agency.acting(who) as connection:
            await connection.execute(role, cell)
            assert await connection.fetchval("select count(*) from access.withheld()") == withheld
    for who, end in (("views", "U0403"), ("root", "done")):
        assert await agency.done(who, exception, agency.built.user("onlooker")) == end

    data, _ = await agency.asks("views", "{ viewer { capabilities { module actions { action scopes } } } }")
    held = {each["module"]: each["actions"] for each in data["viewer"]["capabilities"]}
    assert held["contacts"] == [{"action": "view", "scopes": ["all"]}]

    await set_sensitive(agency, "contacts", True, "agency")
    assert not await reads(agency, "views", "one")
    assert await reads(agency, "reads", "one")


async def test_a_set_that_is_cut_to_what_one_holds_has_nothing_of_it(agency: Play) -> None:
    """G1: a role with view_sensitive is given without it by who reads by `view` alone."""
    change = "select access.change_role(access.account_id(), $1, $2)"
    onlooker, reader = agency.built.user("onlooker"), agency.role("reads")
    await set_sensitive(agency, "contacts", False, "agency")
    assert await agency.commits("views", change, onlooker, reader) == "done"
    assert await reads(agency, "onlooker", "one")
    await set_sensitive(agency, "contacts", True, "agency")
    assert not await reads(agency, "onlooker", "one")
    assert await agency.commits("root", change, onlooker, reader) == "done"
    assert await reads(agency, "onlooker", "one")


@pytest.mark.parametrize("scope", ["unmasked", "shared"])
async def test_a_scope_that_follows_is_nobodys_to_give(agency: Play, scope: str) -> None:
    cell = f'[{{"module": "contacts", "action": "view_sensitive", "scopes": ["{scope}"]}}]'
    assert await agency.done("root", f"select access.create_role(access.account_id(), 'mine', '{cell}')") == "U0400"
    exception = (
        "select access.set_exception(access.account_id(), access.user_id(), 'contacts', 'view_sensitive', $1, 'grant')"
    )
    assert await agency.done("root", exception, scope) == "U0400"
    assert await agency.done("root", exception, "owned") == "done"


async def test_what_one_reads_by_view_one_does_not_share(agency: Play) -> None:
    """O8, G1."""
    role = frozenset({("contacts", "assign", "all"), ("contacts", "view_sensitive", "owned")})
    play = replace(agency)
    await play.begin(
        Account(
            "agency",
            (
                Member("root", "Owner", super_admin=True),
                Member("giver", "giver", "north"),
                Member("taker", "giver", "north"),
            ),
            (Team("north"),),
            roles=(("giver", role),),
            rows=(Row("one", "contacts", "root", "root"),),
        )
    )
    await set_sensitive(play, "contacts", False, "agency")
    assert await reads(play, "giver", "one")
    share = "select access.share_contacts($1, $2, null, array['view_sensitive'])"
    assert await play.done("giver", share, play.row("one"), play.built.user("taker")) == "U0403"
    assert await play.done("root", share, play.row("one"), play.built.user("taker")) == "done"


async def test_it_is_in_force_with_the_next_statement(agency: Play) -> None:
    """C8: for a member of an open transaction's next one, and for an analyst within his session."""
    user = agency.built.user("onlooker")
    login = await agency.admin.fetchrow(
        "select login, password from access.create_analyst($1, $2)", agency.account, user
    )
    assert login is not None
    analyst = await asyncpg.connect(agency.database.login_dsn(login["login"], login["password"]))
    count = "select count(*) from contacts_sensitive"
    try:
        for sensitive in (True, False, True):
            await set_sensitive(agency, "contacts", sensitive, "agency")
            await agency.admin.execute("update access_private.login_change set pending = false")
            assert await reads(agency, "onlooker", "own") is not sensitive
            # A text of its own: a plan that was kept is refused, and the session may ask again.
            assert await analyst.fetchval(f"{count} /* {sensitive} {uuid4()} */") == (0 if sensitive else 1)
            prepared = await analyst.prepare(f"{count} /* kept {uuid4()} */")
            for _ in range(7):
                await prepared.fetchval()
            await set_sensitive(agency, "contacts", not sensitive, "agency")
            with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
                await prepared.fetchval()
    finally:
        await analyst.close()


async def test_the_same_again_changes_nothing(agency: Play) -> None:
    facts = "select count(*) from access.sensitivity where account_id = $1"
    await set_sensitive(agency, "contacts", True, "agency")
    assert await agency.admin.fetchval(facts, agency.account) == 0
    for expected_facts in (1, 1):
        await set_sensitive(agency, "contacts", False, "agency")
        assert await agency.admin.fetchval(facts, agency.account) == expected_facts


async def test_who_comes_to_view_reads_and_who_stops_does_not(agency: Play) -> None:
    """The mark is the account's: also for whoever gets `view` later."""
    await set_sensitive(agency, "contacts", False, "agency")
    assert not await reads(agency, "settings", "one")
    change = "select access.set_exception($1, $2, 'contacts', 'view', 'all', $3)"
    user = agency.built.user("settings")
    await agency.admin.execute(change, agency.account, user, "grant")
    assert await reads(agency, "settings", "one")
    await agency.admin.execute(change, agency.account, user, "none")
    assert not await reads(agency, "settings", "one")


async def test_a_bounded_administrator_gives_view_where_nothing_is_masked(agency: Play) -> None:
    """G1: reading them goes with `view`, which he holds."""
    await set_sensitive(agency, "contacts", False, "agency")
    cell = '[{"module": "contacts", "action": "view", "scopes": ["all"]}]'
    give = f"select access.create_role(access.account_id(), 'lookers', '{cell}')"
    assert await agency.done("views", give) == "done"
    user = agency.built.user("settings")
    grant = "select access.set_exception(access.account_id(), $1, 'contacts', 'view', 'all', 'grant')"
    assert await agency.done("views", grant, user) == "done"

"""Importing rows by a mutation (section 3, `import`): who may, what becomes of each row, and what it never does."""

import asyncio
import json
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from resolvers.session import Database
from schema.imports import IMPORTED, MOST_IMPORTED, MOST_REFUSED, import_name
from schema.modules import REGISTRY
from schema.names import camel, plural_field
from schema.registry import Module
from tests.policies.conftest import Play
from tests.policies.test_dry_run import ask, real
from tests.support.model import Account, Cell, Member, Row, Team

pytestmark = pytest.mark.any_server
__all__ = ["real"]

RECORDS = tuple(module.name for module in IMPORTED)


def role(*actions: str, scope: str = "team", modules: tuple[str, ...] = RECORDS) -> frozenset[Cell]:
    """These actions on each module; those that concern no row are held or not."""
    return frozenset(
        (module, action, scope if REGISTRY.on_rows(module, action) else "all")
        for module in modules
        for action in actions
        if action in REGISTRY.by_name[module].action_names
    )


OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("importer", "importer", "north"),
        Member("colleague", "importer", "north"),
        Member("southern", "importer", "south"),
        Member("clerk", "clerk", "north"),
        Member("typist", "typist", "north"),
        Member("reader", "reader", "north"),
        Member("blind", "blind", "north"),
        Member("doctor", "doctor", "north"),
    ),
    (Team("north"), Team("south")),
    roles=(
        ("importer", role("view", "create", "update", "import", "delete")),
        # Who may not make rows, who may not bring them in, who may not change them, who does not see them.
        ("clerk", role("view", "update", "import")),
        ("typist", role("view", "create", "update")),
        ("reader", role("view", "create", "import")),
        ("blind", role("create", "import")),
        ("doctor", role("view", "view_sensitive", "create", "update", "import")),
    ),
    rows=(
        Row("ours", "companies", "root", "root", ("north",)),
        Row("theirs", "companies", "root", "root", ("south",)),
        Row("known", "contacts", "root", "root", ("north",)),
        Row("unknown", "contacts", "root", "root", ("south",)),
    ),
)
RIVAL = Account(
    "rival", (Member("rita", "Owner", super_admin=True),), rows=(Row("foreign", "companies", "rita", "rita"),)
)
ROWS = "rows { index externalId outcome id code message module action fields }"


def text(module: Module, more: str = "") -> str:
    name = import_name(module)
    return f"""mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
      created updated unchanged refusedCount hidden changedIds
      {plural_field(module)} {{ id version owner {{ id }} {camel(module.label)} }} {ROWS} {more}
    }} }}"""


def module_of(name: str) -> Module:
    return REGISTRY.by_name[name]


def given(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"source": "elsewhere", "rows": list(rows), **more}


def ends(payload: dict[str, Any]) -> list[str]:
    """What became of each row, with the code, and with the action or else the fields that are named."""
    return [
        " ".join(filter(None, [row["outcome"], row["code"], row["action"] or ",".join(row["fields"]) or row["module"]]))
        for row in payload["rows"]
    ]


@pytest.fixture
async def office(play: Play) -> Play:
    await play.begin(OFFICE, RIVAL)
    return play


@pytest.fixture(scope="module")
async def desk(playground: Play) -> Play:
    """For what is undone."""
    play = replace(playground)
    await play.begin(OFFICE, RIVAL)
    return play


@pytest.mark.parametrize("module", IMPORTED, ids=lambda module: module.name)
async def test_a_row_is_made_once_and_changed_when_asked(office: Play, real: Database, module: Module) -> None:
    label = camel(module.label)
    one, two = {"externalId": "1", label: "one"}, {"externalId": "2", label: "two"}
    payload, errors = await ask(office, real, "importer", text(module), given(one, two))
    assert errors == []
    assert ends(payload) == ["CREATED", "CREATED"]
    assert (payload["created"], payload["refusedCount"], payload["hidden"]) == (2, 0, 0)
    me = f"Person:{office.built.user('importer')}"
    made = {row["id"]: row for row in payload[plural_field(module)]}
    assert sorted(made) == payload["changedIds"] == sorted(row["id"] for row in payload["rows"])
    assert {row[label] for row in made.values()} == {"one", "two"}
    assert {row["owner"]["id"] for row in made.values()} == {me}
    teams = f"select array_agg(distinct team_id) from crm.{module.name} where account_id = $1 and id = any ($2::uuid[])"
    ids = [each.partition(":")[2] for each in made]
    assert await office.admin.fetchval(teams, office.account, ids) == [office.team("north")]

    again, errors = await ask(office, real, "importer", text(module), given(one, {**two, label: "three"}))
    assert (errors, ends(again)) == ([], ["UNCHANGED", "UNCHANGED"])
    assert [row["id"] for row in again["rows"]] == [row["id"] for row in payload["rows"]]
    changed, errors = await ask(
        office, real, "colleague", text(module), given(one, {**two, label: "three"}, update=True)
    )
    assert (errors, ends(changed)) == ([], ["UNCHANGED", "UPDATED"])
    (row,) = changed[plural_field(module)]
    assert (row[label], row["version"], row["owner"]["id"]) == ("three", 2, me)


# Who, what is imported over one row that is there and one that is new, and what becomes of these two.
CASES = {
    "importer": ["UPDATED", "CREATED"],
    "clerk": ["UPDATED", "REFUSED FORBIDDEN create"],
    "reader": ["REFUSED FORBIDDEN update", "CREATED"],
    "southern": ["REFUSED NOT_FOUND contacts", "CREATED"],
    "blind": ["REFUSED NOT_FOUND contacts", "CREATED"],
    "root": ["UPDATED", "CREATED"],
}


@pytest.mark.parametrize("who", CASES)
async def test_who_may_make_and_change(office: Play, real: Database, who: str) -> None:
    contacts = module_of("contacts")
    known = {"externalId": "known", "lastName": "Before"}
    made, errors = await ask(office, real, "colleague", text(contacts), given(known))
    assert (errors, made["created"]) == ([], 1), "it is there, and somebody sees it"
    wish = given({**known, "lastName": "After"}, {"externalId": "new", "lastName": "New"}, update=True, partial=True)
    payload, errors = await ask(office, real, who, text(contacts), wish)
    assert ends(payload) == CASES[who]
    assert [error["path"] for error in errors] == ([["importContacts", "contacts"]] if who == "blind" else [])
    assert payload["hidden"] == (1 if who == "blind" else 0)
    names = "select array_agg(last_name order by last_name) from crm.contacts where account_id = $1 and id = any ($2)"
    ids = [UUID(row["id"].partition(":")[2]) for row in (*made["rows"], *payload["rows"]) if row["id"]]
    kept = await office.admin.fetchval(names, office.account, ids)
    expected = {"UPDATED": "After"}.get(CASES[who][0], "Before")
    assert kept == [expected, *(["New"] if CASES[who][1] == "CREATED" else [])]


@pytest.mark.parametrize("module", IMPORTED, ids=lambda module: module.name)
async def test_it_takes_import(desk: Play, module: Module) -> None:
    label, kind = camel(module.label), module.type_name
    wish = {"input": given({"externalId": "1", label: "Doe"})}
    refused = await desk.refusal("typist", text(module), wish)
    assert (refused["code"], refused["module"], refused["action"]) == ("FORBIDDEN", module.name, "import")
    one = f'mutation {{ create{kind}(input: {{{label}: "Doe"}}) {{ visible }} }}'
    made, codes = await desk.asks("typist", one)
    assert (codes, made) == ({}, {f"create{kind}": {"visible": True}}), "row by row he may"
    data, codes = await desk.asks("importer", text(module), wish)
    assert (codes, data[import_name(module)]["created"]) == ({}, 1)


async def test_each_row_is_refused_as_a_single_one(desk: Play) -> None:
    ours, theirs = (f"Company:{desk.row(name)}" for name in ("ours", "theirs"))
    colleague = f"Person:{desk.built.user('colleague')}"
    rows: list[dict[str, Any]] = [
        {"externalId": "fine", "lastName": "Fine", "companyId": ours, "lifecycleStage": "CUSTOMER"},
        {"externalId": "hidden", "lastName": "Hidden", "companyId": theirs},
        {"externalId": "absent", "lastName": "Absent", "companyId": f"Company:{uuid4()}"},
        {"externalId": "nameless"},
        {"externalId": "long", "lastName": "x" * 201},
        {"externalId": "given away", "lastName": "Away", "ownerId": colleague},
        {"externalId": "secret", "lastName": "Secret", "sensitive": {"homeAddress": "Elm Street"}},
        {"externalId": "fine", "lastName": "Twice"},
        {"externalId": "\U0001f40a" * 500, "lastName": "Endless"},
        {"externalId": "last", "lastName": "Last", "email": "Some.One@Example.com"},
    ]
    contacts = text(module_of("contacts"))
    data, codes = await desk.asks("importer", contacts, {"input": given(*rows, partial=True)})
    payload = data["importContacts"]
    assert codes == {}
    assert ends(payload) == [
        "CREATED",
        "REFUSED NOT_FOUND companyId",
        "REFUSED NOT_FOUND companyId",
        "REFUSED BAD_USER_INPUT lastName",
        "REFUSED BAD_USER_INPUT lastName",
        "REFUSED FORBIDDEN assign",
        "REFUSED FORBIDDEN view_sensitive",
        "REFUSED BAD_USER_INPUT externalId",
        "REFUSED BAD_USER_INPUT externalId",
        "CREATED",
    ]
    assert payload["rows"][1]["message"] == payload["rows"][2]["message"], "hidden and absent look the same"
    assert (payload["created"], payload["refusedCount"]) == (2, 8)
    assert [row["index"] for row in payload["rows"]] == [*range(10)]
    # Whoever may, is refused nothing of it but what is no row.
    data, codes = await desk.asks("root", contacts, {"input": given(*rows, partial=True)})
    assert (codes, data["importContacts"]["created"]) == ({}, 5)


async def test_all_or_nothing_unless_partial(office: Play, real: Database) -> None:
    theirs = f"Company:{office.row('theirs')}"
    rows: list[dict[str, Any]] = [
        {"externalId": "1", "lastName": "One"},
        {"externalId": "2", "lastName": "Two", "companyId": theirs},
        {"externalId": "3"},
    ]
    contacts = module_of("contacts")
    data, (error,) = await ask(office, real, "importer", text(contacts), given(*rows))
    assert data is None
    extensions = error["extensions"]
    assert (extensions["code"], extensions["refusedCount"]) == ("NOT_FOUND", 2)
    assert [(row["index"], row["externalId"], row["code"]) for row in extensions["refused"]] == [
        (1, "2", "NOT_FOUND"),
        (2, "3", "BAD_USER_INPUT"),
    ]
    # What is no row at all is said before anything is tried.
    _, (error,) = await ask(office, real, "importer", text(contacts), given({"externalId": "", "lastName": "x" * 300}))
    extensions = error["extensions"]
    assert sorted(extensions["fields"]) == ["rows[0].externalId", "rows[0].lastName"]
    keys = "select count(*) from access.import_key where account_id = $1"
    assert await office.admin.fetchval(keys, office.account) == 0
    assert await office.admin.fetchval("select count(*) from crm.contacts where last_name = 'One'") == 0
    payload, errors = await ask(office, real, "root", text(contacts), given(*rows[:2]))
    assert (errors, payload["created"]) == ([], 2)


async def test_sensitive_values_and_pairs_go_with_it(office: Play, real: Database) -> None:
    contacts, deals = module_of("contacts"), module_of("deals")
    row = {"externalId": "1", "lastName": "Doe", "sensitive": {"homeAddress": "Elm Street", "birthDate": "1990-01-02"}}
    payload, errors = await ask(office, real, "doctor", text(contacts), given(row))
    assert (errors, ends(payload)) == ([], ["CREATED"])
    contact = UUID(payload["rows"][0]["id"].partition(":")[2])
    kept = "select home_address, birth_date::text, personal_phone from crm.contacts_sensitive where id = $1"
    assert tuple(await office.admin.fetchrow(kept, contact) or ()) == ("Elm Street", "1990-01-02", None)
    # What is left out stays, null clears, and the row has a new version, though it says nothing new itself.
    row |= {"sensitive": {"homeAddress": None, "personalPhone": "1"}}
    payload, errors = await ask(office, real, "doctor", text(contacts), given(row, update=True))
    assert (errors, ends(payload), payload["contacts"][0]["version"]) == ([], ["UPDATED"], 2)
    assert tuple(await office.admin.fetchrow(kept, contact) or ()) == (None, "1990-01-02", "1")
    payload, errors = await ask(office, real, "doctor", text(contacts), given(row, update=True))
    assert (errors, ends(payload)) == ([], ["UNCHANGED"])
    # Another one who sees the contact, but not its address, does not learn whether he guessed it.
    guess = {"externalId": "1", "sensitive": {"personalPhone": "1"}}
    payload, errors = await ask(office, real, "importer", text(contacts), given(guess, update=True, partial=True))
    assert (errors, ends(payload)) == ([], ["REFUSED FORBIDDEN view_sensitive"])

    known, unknown = (f"Contact:{office.row(name)}" for name in ("known", "unknown"))
    deal = {"externalId": "1", "name": "Deal", "contactIds": [known]}
    other = {"externalId": "2", "name": "Deal", "contactIds": [known, unknown]}
    payload, errors = await ask(office, real, "importer", text(deals), given(deal, other, partial=True))
    assert errors == []
    assert ends(payload) == ["CREATED", "REFUSED NOT_FOUND contactIds"]
    pairs = "select array_agg(contact_id) from crm.deal_contacts where deal_id = $1"
    made = UUID(payload["rows"][0]["id"].partition(":")[2])
    assert await office.admin.fetchval(pairs, made) == [office.row("known")]
    both = {**deal, "contactIds": [f"Contact:{contact}"]}
    payload, errors = await ask(office, real, "importer", text(deals), given(both, update=True))
    assert (errors, ends(payload), payload["deals"][0]["version"]) == ([], ["UPDATED"], 2)
    assert set(await office.admin.fetchval(pairs, made)) == {office.row("known"), contact}
    payload, errors = await ask(office, real, "importer", text(deals), given(both, update=True))
    assert (errors, ends(payload)) == ([], ["UNCHANGED"])


async def test_what_is_of_another_account_is_nothing_here(office: Play, real: Database) -> None:
    """T1: a key says nothing of the same key elsewhere, and a company of another account is one that there is not."""
    contacts, foreign = module_of("contacts"), office.built.row("rival", "foreign")
    async with office.acting("rita", "rival") as connection:
        assert await connection.fetchval("select count(*) from crm.companies where id = $1", foreign) == 1
    rows: list[dict[str, Any]] = [
        {"externalId": "1", "lastName": "Ours"},
        {"externalId": "2", "lastName": "Hers", "companyId": f"Company:{foreign}"},
        {"externalId": "3", "lastName": "Nobody's", "companyId": f"Company:{uuid4()}"},
    ]
    payload, errors = await ask(office, real, "root", text(contacts), given(*rows, partial=True))
    refused = "REFUSED NOT_FOUND companyId"
    assert (errors, ends(payload)) == ([], ["CREATED", refused, refused])
    assert payload["rows"][1]["message"] == payload["rows"][2]["message"]
    ours = UUID(payload["rows"][0]["id"].partition(":")[2])
    async with office.acting("rita", "rival") as connection:
        theirs = [{"key": "1", "last_name": "Theirs"}, {"key": "2", "last_name": "Hers", "company_id": str(foreign)}]
        answer = json.loads(await connection.fetchval(CALL, json.dumps(theirs)))
        assert [verdict["outcome"] for verdict in answer["verdicts"]] == ["CREATED", "CREATED"]
        assert str(ours) not in str(answer)
        names = await connection.fetch("select last_name from crm.contacts order by 1")
        assert [row["last_name"] for row in names] == ["Hers", "Theirs"]
    async with office.acting("root") as connection:
        assert await connection.fetchval("select last_name from crm.contacts where id = $1", ours) == "Ours"


async def test_a_deleted_row_does_not_come_back(office: Play, real: Database) -> None:
    contacts = module_of("contacts")
    row = {"externalId": "1", "lastName": "Doe"}
    made, errors = await ask(office, real, "importer", text(contacts), given(row))
    assert errors == []
    gone = "delete from crm.contacts where id = $1"
    assert await office.commits("importer", gone, UUID(made["rows"][0]["id"].partition(":")[2])) == "done"
    payload, errors = await ask(office, real, "importer", text(contacts), given(row, partial=True, update=True))
    assert (errors, ends(payload)) == ([], ["REFUSED NOT_FOUND contacts"])


async def test_nothing_stays_of_a_dry_run(office: Play, real: Database) -> None:
    contacts = module_of("contacts")
    rows = [{"externalId": str(n), "lastName": f"Doe {n}"} for n in range(3)]
    payload, errors = await ask(
        office, real, "importer", text(contacts), given(*rows, {"externalId": "x"}, partial=True, dryRun=True)
    )
    assert (errors, payload["created"], payload["refusedCount"], len(payload["contacts"])) == ([], 3, 1, 3)
    payload, errors = await ask(office, real, "importer", text(contacts), given(*rows))
    assert (errors, payload["created"]) == ([], 3), "nothing was there before"


async def test_a_retry_is_answered_what_the_first_was(office: Play, real: Database) -> None:
    contacts = module_of("contacts")
    rows = [
        {"externalId": "secret-of-theirs", "lastName": "Doe"},
        {"externalId": "2"},
        {"externalId": "3", "lastName": "x" * 201},
    ]
    wish = given(*rows, partial=True, idempotencyKey=uuid4().hex)
    first, errors = await ask(office, real, "importer", text(contacts), wish)
    assert (errors, ends(first)) == (
        [],
        ["CREATED", "REFUSED BAD_USER_INPUT lastName", "REFUSED BAD_USER_INPUT lastName"],
    )
    again, errors = await ask(office, real, "importer", text(contacts), wish)
    assert (errors, again) == ([], first)
    kept = "select made from access_private.answer where mutation = 'importContacts' and key = $1"
    assert "secret-of-theirs" not in await office.admin.fetchval(kept, wish["idempotencyKey"]), "keys can be names"


async def test_limits(desk: Play) -> None:
    contacts = text(module_of("contacts"))
    rows = [{"externalId": str(n), "lastName": "Doe"} for n in range(MOST_IMPORTED + 1)]
    refused = await desk.refusal("importer", contacts, {"input": given(*rows)})
    assert (refused["code"], refused["limit"], refused["value"]) == ("LIMIT_EXCEEDED", "imported_rows", MOST_IMPORTED)
    data, codes = await desk.asks("importer", contacts, {"input": given(*rows[:-1])})
    assert (codes, data["importContacts"]["created"]) == ({}, MOST_IMPORTED)
    nameless = [{"externalId": str(n)} for n in range(MOST_REFUSED + 1)]
    refused = await desk.refusal("importer", contacts, {"input": given(*nameless, partial=True)})
    assert (refused["code"], refused["limit"]) == ("LIMIT_EXCEEDED", "refused_rows")
    data, codes = await desk.asks("importer", contacts, {"input": given(*nameless[1:], rows[-1], partial=True)})
    assert (codes, data["importContacts"]["refusedCount"]) == ({}, MOST_REFUSED)


SOMEBODY = "00000000-0000-7000-8000-000000000001"
CALL = "select access.import_contacts('elsewhere', $1::jsonb, true)"


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([{"key": "1", "last_name": "Doe"}], "done"),
        ([{"key": "1", "last_name": "Doe", "created_by": SOMEBODY}], "U0400"),
        ([{"key": "1", "last_name": "Doe", "id": SOMEBODY}], "U0400"),
        ([{"key": "1", "last_name": "Doe", "sensitive": {"id": SOMEBODY}}], "U0400"),
        ([{"key": "1", "last_name": "Doe", "sensitive": []}], "U0400"),
        ([{"key": "1"}, {"key": "1"}], "U0400"),
        ([{"last_name": "Doe"}], "U0400"),
        ([{"key": ""}], "U0400"),
        ([{"key": "\U0001f40a" * 500, "last_name": "Doe"}], "U0400"),
        (["1"], "U0400"),
        ({"key": "1"}, "U0400"),
        ([], "done"),
    ],
    ids=str,
)
async def test_the_function_takes_nothing_else(desk: Play, rows: object, state: str) -> None:
    assert await desk.done("importer", CALL, json.dumps(rows)) == state


BY_HAND = """
with made as (insert into crm.contacts (last_name) values ('By hand') returning id)
insert into access.import_key (account_id, source, module, key, row_id)
select access.account_id(), 'elsewhere', 'contacts', 'by hand', made.id from made
"""


async def test_keys_are_for_who_imports(office: Play, real: Database) -> None:
    """Made by nobody else, also by hand; and seen where their rows are."""
    assert await office.done("typist", "insert into crm.contacts (last_name) values ('By hand')") == "done"
    assert await office.done("typist", BY_HAND) == "42501"
    assert await office.done("importer", BY_HAND) == "done"
    row = {"externalId": "theirs", "lastName": "Doe"}
    made, errors = await ask(office, real, "southern", text(module_of("contacts")), given(row))
    assert (errors, made["created"]) == ([], 1)
    for who, keys in {"southern": 1, "root": 1, "importer": 0, "typist": 0}.items():
        async with office.acting(who) as connection:
            found = await connection.fetchval("select count(*) from access.import_key where key = 'theirs'")
            assert found == keys, who
    ours = {"externalId": "ours", "lastName": "Doe"}
    await ask(office, real, "colleague", text(module_of("contacts")), given(ours))
    for who, keys in {"importer": 1, "typist": 0}.items():
        async with office.acting(who) as connection:
            found = await connection.fetchval("select count(*) from access.import_key where key = 'ours'")
            assert found == keys, who


@pytest.mark.parametrize("refused", [0, 1], ids=["all fit", "one is refused"])
async def test_who_imports_the_same_at_the_same_time_makes_it_once(office: Play, refused: int) -> None:
    """Both wait for each other in turn, whatever the order in which they name the rows, and where a set is split."""
    rows = [{"key": str(n), "last_name": f"Doe {n}"} for n in range(400)]
    rows[0]["last_name"] *= 1 + 100 * refused
    orders = (rows, rows[::-1], rows[200:] + rows[:200])
    slug, user = office.built.slug(office.here), office.built.user("importer")

    async def imports(order: list[dict[str, str]]) -> Counter[str]:
        connection = await asyncpg.connect(office.database.gateway_dsn)
        try:
            async with connection.transaction():
                await connection.execute("select access.enter($1, $2)", slug, user)
                answer = json.loads(await connection.fetchval(CALL, json.dumps(order)))
        finally:
            await connection.close()
        return Counter(verdict["outcome"] for verdict in answer["verdicts"])

    found = sum(await asyncio.gather(*(imports(order) for order in orders)), Counter())
    assert +found == +Counter(CREATED=400 - refused, UNCHANGED=2 * (400 - refused), REFUSED=3 * refused)

"""Mutations: what they write, what they answer, and how they are refused."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from resolvers.operations import Compiler
from resolvers.session import Database, Identity
from schema.errors import Unauthenticated
from tests.compiler.conftest import SECRET, Client
from tests.compiler.world import SLUG, World, build
from tests.conftest import Clone
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

ABSENT = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def own_database(clone: Clone) -> Iterator[TestDatabase]:
    """These tests write: not the world that the others read."""
    with clone() as database:
        yield database


@pytest.fixture(scope="module")
async def own_world(own_database: TestDatabase) -> World:
    admin = await own_database.connect()
    try:
        return await build(admin)
    finally:
        await admin.close()


@pytest.fixture
async def writer(own_world: World, own_database: TestDatabase) -> AsyncIterator[Client]:
    async with Database.connected(own_database.gateway_dsn) as database:
        yield Client(Compiler(SECRET), database, own_world)


@pytest.fixture
async def admin(own_database: TestDatabase) -> AsyncIterator[Any]:
    connection = await own_database.connect()
    yield connection
    await connection.close()


async def write(
    client: Client, who: str, field: str, given: dict[str, Any], selection: str
) -> tuple[Any, dict[str, Any]]:
    """One mutation: its payload and the extensions of its error."""
    name = field[0].upper() + field[1:]
    text = f"mutation ($input: {name}Input!) {{ {field}(input: $input) {{ {selection} }} }}"
    result = await client.ask(who, text, {"input": given})
    data = orjson.loads(orjson.dumps(result.data))[field]
    if not result.errors:
        return data, {}
    (error,) = result.errors
    assert error.path == [field]
    assert data is None
    return None, error.extensions or {}


async def created(client: Client, who: str, field: str = "createDeal", **given: Any) -> str:
    required = {
        "createDeal": "name",
        "createContact": "lastName",
        "createLandingPage": "title",
        "createCompany": "name",
    }
    payload, error = await write(client, who, field, {required[field]: "made here", **given}, "id")
    assert not error
    return str(payload["id"])


async def test_create_answers_the_row(writer: Client) -> None:
    given = {"name": "Big", "amountCents": 9007199254740991, "stage": "WON", "engagedOn": "2026-03-01"}
    payload, _ = await write(
        writer, "rep", "createDeal", given,
        "visible id deal { id name amountCents stage engagedOn version product owner { name } createdBy { name }"
        " team { name } }",
    )  # fmt: skip
    assert payload["visible"] is True
    assert payload["id"] == payload["deal"]["id"]
    assert UUID(payload["id"].removeprefix("Deal:")).version == 7
    assert {key: payload["deal"][key] for key in given} == given
    assert payload["deal"]["version"] == 1
    assert payload["deal"]["product"] is None
    assert payload["deal"]["owner"] == payload["deal"]["createdBy"] == {"name": "Rep"}
    assert payload["deal"]["team"] == {"name": "Oslo"}


async def test_what_one_creates_may_be_beyond_what_one_sees(writer: Client) -> None:
    payload, error = await write(writer, "intake", "createContact", {"lastName": "Unseen"}, "visible id contact { id }")
    assert not error
    assert (payload["visible"], payload["contact"]) == (False, None)

    seen = await writer.ask("owner", "query ($id: ID!) { contact(id: $id) { lastName } }", {"id": payload["id"]})
    assert orjson.loads(orjson.dumps(seen.data)) == {"contact": {"lastName": "Unseen"}}


async def test_lower_case_columns_are_lowered_by_the_database(writer: Client) -> None:
    payload, _ = await write(
        writer, "owner", "createContact", {"lastName": "X", "email": "ÅSA@Mail.Example"}, "contact { email }"
    )
    assert payload == {"contact": {"email": "åsa@mail.example"}}


async def test_update_touches_only_what_is_given_and_null_clears(writer: Client) -> None:
    deal = await created(writer, "rep", product="Basic", probability=10)
    payload, _ = await write(
        writer, "rep", "updateDeal", {"id": deal, "probability": None, "name": "Renamed"},
        "visible deal { name product probability version }",
    )  # fmt: skip
    assert payload["deal"] == {"name": "Renamed", "product": "Basic", "probability": None, "version": 2}


async def test_a_lost_update_is_a_conflict(writer: Client) -> None:
    deal = await created(writer, "rep")
    first, _ = await write(
        writer, "rep", "updateDeal", {"id": deal, "expectedVersion": 1, "name": "a"}, "deal { version }"
    )
    assert first == {"deal": {"version": 2}}

    _, error = await write(writer, "rep", "updateDeal", {"id": deal, "expectedVersion": 1, "name": "b"}, "id")
    assert error["code"] == "CONFLICT"

    both = await asyncio.gather(
        *(
            write(writer, "rep", "updateDeal", {"id": deal, "expectedVersion": 2, "name": name}, "id")
            for name in ("c", "d", "e")
        )
    )
    assert sorted(error.get("code", "") for _, error in both) == ["", "CONFLICT", "CONFLICT"]


async def test_sensitive_columns_and_pairs_are_changes_of_the_row(writer: Client) -> None:
    deal = await created(writer, "owner")
    contacts = [f"Contact:{writer.world.id('contacts', index)}" for index in (0, 1, 2)]
    one, _ = await write(
        writer, "owner", "updateDeal",
        {"id": deal, "sensitive": {"costCents": 7}, "addContactIds": contacts},
        "deal { version sensitive { costCents negotiationNote } contacts { totalCount } }",
    )  # fmt: skip
    assert one["deal"] == {
        "version": 2,
        "sensitive": {"costCents": 7, "negotiationNote": None},
        "contacts": {"totalCount": 3},
    }
    two, _ = await write(
        writer, "owner", "updateDeal",
        {
            "id": deal,
            "sensitive": {"negotiationNote": "x"},
            "removeContactIds": contacts[:2],
            "addContactIds": contacts[2:],
        },
        "deal { sensitive { costCents negotiationNote } contacts { nodes { id } } }",
    )  # fmt: skip
    assert two["deal"] == {
        "sensitive": {"costCents": 7, "negotiationNote": "x"},
        "contacts": {"nodes": [{"id": contacts[2]}]},
    }


async def test_create_with_contacts(writer: Client) -> None:
    contact = f"Contact:{writer.world.id('contacts', 0)}"
    payload, _ = await write(
        writer,
        "owner",
        "createDeal",
        {"name": "x", "contactIds": [contact, contact]},
        "deal { contacts { nodes { id } } }",
    )
    assert payload["deal"]["contacts"]["nodes"] == [{"id": contact}]


async def test_delete(writer: Client, admin: Any) -> None:
    deal = await created(writer, "owner")
    payload, _ = await write(writer, "owner", "deleteDeal", {"id": deal}, "deletedId __typename")
    assert payload == {"deletedId": deal, "__typename": "DeleteDealPayload"}
    assert not await admin.fetchval("select count(*) from crm.deals where id = $1", deal.removeprefix("Deal:"))


async def test_publish_and_unpublish(writer: Client) -> None:
    page = await created(writer, "owner", "createLandingPage")
    up, _ = await write(
        writer,
        "owner",
        "publishLandingPage",
        {"id": page, "destination": "INTERNAL", "expectedVersion": 1},
        "landingPage { status destination publishedAt version }",
    )
    assert up["landingPage"].pop("publishedAt")
    assert up["landingPage"] == {"status": "PUBLISHED", "destination": "INTERNAL", "version": 2}
    down, _ = await write(
        writer, "owner", "unpublishLandingPage", {"id": page}, "landingPage { status destination version }"
    )
    assert down["landingPage"] == {"status": "DRAFT", "destination": None, "version": 3}
    late = {"id": page, "destination": "PUBLIC", "expectedVersion": 2}
    _, error = await write(writer, "owner", "publishLandingPage", late, "id")
    assert error["code"] == "CONFLICT"


async def test_what_is_handed_over_may_be_out_of_sight(writer: Client) -> None:
    deal = await created(writer, "rep")
    mate = f"Person:{writer.world.people['mate']}"
    payload, error = await write(
        writer, "owner", "assignDeal", {"id": deal, "ownerId": mate}, "visible deal { owner { name } team { name } }"
    )
    assert not error
    assert payload == {"visible": True, "deal": {"owner": {"name": "Mate"}, "team": {"name": "South"}}}

    mine = await created(writer, "rep")
    payload, error = await write(writer, "rep", "assignDeal", {"id": mine, "ownerId": None}, "visible id deal { id }")
    assert not error
    assert payload == {"visible": False, "id": mine, "deal": None}


@pytest.mark.parametrize(
    ("field", "who", "given"),
    [
        ("updateDeal", "lead", {"name": "x"}),
        ("deleteDeal", "lead", {}),
        ("assignContact", "lead", {"openToAll": True}),
    ],
)
async def test_seen_is_forbidden_hidden_and_absent_are_not_found(
    field: str, who: str, given: dict[str, Any], writer: Client
) -> None:
    """The lead sees what the teams of North hold, and changes only deals that he owns himself."""
    type_name = field.removeprefix("update").removeprefix("delete").removeprefix("assign")
    seen, hidden = [await created(writer, owner, f"create{type_name}") for owner in ("rep", "mate")]
    text = "query ($id: ID!) { node(id: $id) { id } }"
    for row, who_sees in ((seen, who), (hidden, "mate")):
        found = await writer.ask(who_sees, text, {"id": row})
        assert orjson.loads(orjson.dumps(found.data)) == {"node": {"id": row}}, "there is such a row"

    module, action = f"{type_name.lower()}s", field.removesuffix(type_name)
    _, forbidden = await write(writer, who, field, {"id": seen, **given}, "__typename")
    _, not_found = await write(writer, who, field, {"id": hidden, **given}, "__typename")
    _, absent = await write(writer, who, field, {"id": f"{type_name}:{ABSENT}", **given}, "__typename")

    assert forbidden == {"code": "FORBIDDEN", "module": module, "action": action, "requestable": True}
    assert not_found == absent == {"code": "NOT_FOUND", "module": module, "requestable": True}


@pytest.mark.parametrize(
    ("field", "given", "fields"),
    [
        ("createDeal", {"name": ""}, {"name"}),
        (
            "createDeal",
            {"name": "x" * 301, "probability": 101, "amountCents": -1},
            {"name", "probability", "amountCents"},
        ),
        ("createDeal", {"name": "x", "stage": None}, {"stage"}),
        ("createDeal", {"name": "x\0"}, {"name"}),
        ("createDeal", {"name": "x", "companyId": "Contact:" + ABSENT, "ownerId": "nobody"}, {"companyId", "ownerId"}),
        ("createDeal", {"name": "x", "contactIds": ["Deal:" + ABSENT], "openToAll": None}, {"contactIds", "openToAll"}),
        ("createDeal", {"name": "x", "sensitive": {"costCents": -5}}, {"sensitive.costCents"}),
        ("updateDeal", {"id": "Contact:" + ABSENT, "name": None}, {"id", "name"}),
        ("createContact", {"lastName": "x", "contactless": 1}, None),
        ("createLandingPage", {"title": "x", "teamIds": None}, {"teamIds"}),
    ],
)
async def test_input_is_refused_field_by_field(
    field: str, given: dict[str, Any], fields: set[str] | None, writer: Client
) -> None:
    if fields is None:
        with pytest.raises(Exception, match="contactless"):
            await write(writer, "owner", field, given, "__typename")
        return
    _, error = await write(writer, "owner", field, given, "__typename")
    assert error["code"] == "BAD_USER_INPUT"
    assert set(error["fields"]) == fields


@pytest.mark.parametrize(
    ("given", "module", "field"),
    [
        ({"companyId": f"Company:{ABSENT}"}, "companies", "companyId"),
        ({"ownerId": f"Person:{ABSENT}"}, "users", "ownerId"),
        ({"teamId": f"Team:{ABSENT}"}, "teams", "teamId"),
        ({"contactIds": [f"Contact:{ABSENT}"]}, "contacts", "contactId"),
    ],
)
async def test_what_is_referred_to_has_to_be_seen(
    given: dict[str, Any], module: str, field: str, writer: Client
) -> None:
    _, error = await write(writer, "owner", "createDeal", {"name": "x", **given}, "__typename")
    assert error == {"code": "NOT_FOUND", "module": module, "field": field, "requestable": True}


async def test_an_action_that_is_not_held_is_forbidden(writer: Client) -> None:
    _, error = await write(writer, "rep", "createTicket", {"subject": "x"}, "__typename")
    assert error == {"code": "FORBIDDEN", "module": "tickets", "action": "create", "requestable": True}


async def test_fields_run_in_order_each_in_its_own_transaction(writer: Client, admin: Any) -> None:
    text = """mutation {
      a: createCompany(input: {name: "kept"}) { company { name } }
      __typename
      b: createCompany(input: {name: ""}) { company { name } }
      c: createDeal(input: {name: "lost", contactIds: ["Contact:00000000-0000-4000-8000-000000000000"]}) { id }
      d: createCompany(input: {name: "kept too"}) { company { name } }
    }"""
    result = await writer.ask("owner", text)
    data = orjson.loads(orjson.dumps(result.data))
    assert list(data) == ["a", "__typename", "b", "c", "d"]
    assert (data["b"], data["c"]) == (None, None)
    assert [error.path for error in result.errors] == [["b"], ["c"]]
    kept = await admin.fetch("select name from crm.companies where name like 'kept%' order by created_at")
    assert [row["name"] for row in kept] == ["kept", "kept too"]
    assert not await admin.fetchval("select count(*) from crm.deals where name = 'lost'")


async def test_the_payload_is_read_like_any_query(writer: Client) -> None:
    text = """mutation ($n: Int, $all: Boolean!) {
      made: createCompany(input: {name: "Read"}) {
        ...P
        company { deals(first: $n) { totalCount } contacts(first: 1000) { totalCount } access { canUpdate } }
      } }
      fragment P on CreateCompanyPayload { company { label: name id @include(if: $all) } visible @skip(if: $all) }"""
    result = await writer.ask("owner", text, {"n": 1, "all": False})
    assert orjson.loads(orjson.dumps(result.data)) == {
        "made": {
            "company": {"label": "Read", "deals": {"totalCount": 0}, "contacts": None, "access": {"canUpdate": True}},
            "visible": True,
        }
    }
    assert [error.path for error in result.errors] == [["made", "company", "contacts"]]


async def test_a_stranger_is_not_let_in(writer: Client) -> None:
    for identity in (Identity(SLUG, UUID(int=1)), Identity("other", writer.world.people["rep"])):
        request = writer.compiler.prepare('mutation { createDeal(input: {name: "x"}) { id } }', None).bind({}, identity)
        with pytest.raises(Unauthenticated):
            await request.run(writer.database)


@pytest.mark.parametrize(
    ("field", "given", "fields"),
    [
        ("updateDeal", {}, None),
        ("updateDeal", {"expectedVersion": 1}, None),
        ("updateDeal", {"sensitive": {}, "addContactIds": []}, None),
        ("assignDeal", {}, None),
        ("assignDeal", {"teamId": None}, {"teamId"}),
        ("assignDeal", {"teamId": None, "ownerId": None}, {"teamId"}),
        ("assignDeal", {"teamId": None, "openToAll": True}, {"teamId"}),
    ],
)
async def test_nothing_to_change_is_no_new_version(
    field: str, given: dict[str, Any], fields: set[str] | None, writer: Client
) -> None:
    deal = await created(writer, "owner")
    _, error = await write(writer, "owner", field, {"id": deal, **given}, "__typename")
    assert error["code"] == "BAD_USER_INPUT"
    assert set(error.get("fields", ())) == (fields or set())
    seen = await writer.ask("owner", "query ($id: ID!) { deal(id: $id) { version } }", {"id": deal})
    assert orjson.loads(orjson.dumps(seen.data)) == {"deal": {"version": 1}}


async def test_a_null_team_follows_to_the_new_owner(writer: Client) -> None:
    deal = await created(writer, "rep")
    mate = f"Person:{writer.world.people['mate']}"
    payload, _ = await write(
        writer, "owner", "assignDeal", {"id": deal, "ownerId": mate, "teamId": None}, "deal { team { name } }"
    )
    assert payload == {"deal": {"team": {"name": "South"}}}

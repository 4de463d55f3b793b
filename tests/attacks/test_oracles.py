"""T1, A2: a row that one may not see, one of another account and none at all are answered in the same words."""

from uuid import UUID

import orjson
import pytest

from tests.attacks.conftest import Attacker

pytestmark = pytest.mark.any_server

ABSENT = UUID("01890000-0000-7000-8000-000000000000")

ON_A_DEAL = {
    "read": '{deal(id: "Deal:ID") {id}}',
    "node": '{node(id: "Deal:ID") {id}}',
    "count": '{deals(where: {id: {eq: "Deal:ID"}}) {totalCount}}',
    "update": 'mutation {updateDeal(input: {id: "Deal:ID", name: "x"}) {deal {id}}}',
    "update, the version that it has": 'mutation {updateDeal(input: {id: "Deal:ID", expectedVersion: 1}) {deal {id}}}',
    "update, another version": 'mutation {updateDeal(input: {id: "Deal:ID", expectedVersion: 9}) {deal {id}}}',
    "sensitive": 'mutation {updateDeal(input: {id: "Deal:ID", sensitive: {costCents: 1}}) {deal {id}}}',
    "delete": 'mutation {deleteDeal(input: {id: "Deal:ID"}) {deletedId}}',
    "assign": 'mutation {assignDeal(input: {id: "Deal:ID", openToAll: true}) {visible}}',
}
ON_A_CONTACT = {
    "pair when created": 'mutation {createDeal(input: {name: "x", contactIds: ["Contact:ID"]}) {id}}',
    "pair": 'mutation {updateDeal(input: {id: "Deal:OWN", addContactIds: ["Contact:ID"]}) {deal {id}}}',
    "end a pair": 'mutation {updateDeal(input: {id: "Deal:OWN", removeContactIds: ["Contact:ID"]}) {deal {name}}}',
    "by a relation": '{deals(where: {contacts: {some: {id: {eq: "Contact:ID"}}}}) {totalCount}}',
}


async def answer(attacker: Attacker, text: str, row: UUID) -> str:
    result = await attacker.ask("rep", text.replace("ID", str(row)).replace("OWN", str(attacker.world.deals["own"])))
    said = orjson.dumps({"data": result.data, "errors": [error.formatted for error in result.errors]}).decode()
    return said.replace(str(row), "ID")


@pytest.mark.parametrize("text", ON_A_DEAL.values(), ids=ON_A_DEAL.keys())
async def test_hidden_foreign_and_absent_deals_are_alike(attacker: Attacker, text: str) -> None:
    deals = attacker.world.deals
    seen = await attacker.ask("owner", f'{{deal(id: "Deal:{deals["hidden"]}") {{name}}}}')
    assert seen.data is not None
    assert orjson.loads(orjson.dumps(seen.data)) == {"deal": {"name": "hidden"}}
    said = {await answer(attacker, text, row) for row in (deals["hidden"], deals["foreign"], ABSENT)}
    assert len(said) == 1


@pytest.mark.parametrize("text", ON_A_CONTACT.values(), ids=ON_A_CONTACT.keys())
async def test_a_hidden_contact_is_no_other_than_an_absent_one_even_if_paired(attacker: Attacker, text: str) -> None:
    deals, contacts = attacker.world.deals, attacker.world.contacts
    for paired in (False, True):
        if paired:
            pair = "insert into crm.deal_contacts (deal_id, contact_id) values ($1, $2) returning 1"
            assert await attacker.call("owner", pair, deals["own"], contacts["hidden"]) == 1
        said = {await answer(attacker, text, contact) for contact in (contacts["hidden"], ABSENT)}
        assert len(said) == 1


async def test_what_cannot_be_seen_of_a_pair_cannot_be_ended(attacker: Attacker) -> None:
    deals, contacts = attacker.world.deals, attacker.world.contacts
    pair = "insert into crm.deal_contacts (deal_id, contact_id) values ($1, $2) returning 1"
    assert await attacker.call("owner", pair, deals["own"], contacts["hidden"]) == 1
    await answer(attacker, ON_A_CONTACT["end a pair"], contacts["hidden"])
    counting = "select count(*) from crm.deal_contacts where deal_id = $1"
    assert await attacker.call("owner", counting, deals["own"]) == 1

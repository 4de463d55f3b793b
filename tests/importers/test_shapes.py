"""What a mapping can bring besides plain columns: sensitive ones, pairs, teams and owners of all kinds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.importers.conftest import Account

pytestmark = pytest.mark.any_server

Files = Callable[..., Path]

SOURCES = {name: {"file": f"{name}.csv"} for name in ("contacts", "deals", "tickets")}


def mapping(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    used = {row["source"] for row in rows}
    return {
        "version": 1,
        "name": "trial",
        "sources": {name: source for name, source in SOURCES.items() if name in used},
        "rows": list(rows),
    } | more


CONTACTS = {
    "module": "contacts",
    "source": "contacts",
    "key": "id",
    "columns": {"last_name": "name", "birth_date": "born", "home_address": "address"},
}
DEALS = {
    "module": "deals",
    "source": "deals",
    "key": "id",
    "columns": {"name": "name"},
    "links": {"contacts": {"keys": "contacts", "separator": "|"}},
}


async def test_sensitive_columns_go_into_their_companion_where_there_are_any(account: Account, files: Files) -> None:
    data = files(contacts="id,name,born,address\n1,Ada,1990-05-06,Rue 1\n2,Ben,,\n")
    summary = await account.bring(mapping(CONTACTS), data)

    assert summary.rows["contacts"].inserted == 2
    async with account.acting() as session:
        rows = await session.connection.fetch(
            """
            select c.last_name, s.birth_date::text, s.home_address
              from crm.contacts c join crm.contacts_sensitive s using (account_id, id)
            """
        )
    assert [tuple(row) for row in rows] == [("Ada", "1990-05-06", "Rue 1")]


async def test_pairs_are_made_once_whichever_block_stands_first(account: Account, files: Files) -> None:
    data = files(
        contacts="id,name,born,address\n1,Ada,,\n2,Ben,,\n",
        deals="id,name,contacts\nd1,Anvils,1|2|1\nd2,Ropes,\nd3,Tar,2|9\n",
    )
    summary = await account.bring(mapping(DEALS, CONTACTS), data)
    again = await account.bring(mapping(DEALS, CONTACTS), data)

    reasons = ["contacts '9' is in none of the contacts that were imported"]
    assert [refusal.reason for refusal in summary.refusals] == reasons
    assert [refusal.reason for refusal in again.refusals] == reasons
    assert (summary.rows["deals"].inserted, again.rows["deals"].inserted, again.rows["deals"].unchanged) == (2, 0, 2)
    async with account.acting() as session:
        pairs = await session.connection.fetch(
            """
            select d.name, c.last_name from crm.deal_contacts p
              join crm.deals d on d.id = p.deal_id join crm.contacts c on c.id = p.contact_id order by 1, 2
            """
        )
    assert [tuple(row) for row in pairs] == [("Anvils", "Ada"), ("Anvils", "Ben")]


async def test_references_reach_rows_of_earlier_imports(account: Account, files: Files) -> None:
    people = files(contacts="id,name,born,address\n1,Ada,,\n")
    await account.bring(mapping(CONTACTS), people)
    tickets = {
        "module": "tickets",
        "source": "tickets",
        "key": "id",
        "columns": {"subject": "subject", "contact_id": "contact"},
    }
    summary = await account.bring(mapping(tickets), files(tickets="id,subject,contact\n1,Help,1\n"))

    assert (summary.rows["tickets"].inserted, summary.refusals) == (1, [])


async def test_rows_may_name_a_team_or_be_open_to_all(account: Account, files: Files) -> None:
    teams = [{"name": {"value": "Web"}}]
    named = DEALS | {"links": {}, "team": {"value": "Web"}}
    opened = CONTACTS | {"open_to_all": True}
    data = files(deals="id,name,contacts\n1,Anvils,\n", contacts="id,name,born,address\n1,Ada,,\n")
    await account.bring(mapping(named, opened, teams=teams), data)

    async with account.acting() as session:
        team = "select t.name from crm.deals d join crm.teams t on t.id = d.team_id where not d.open_to_all"
        assert await session.connection.fetchval(team) == "Web"
        free = "select open_to_all and team_id is null and owner_id is null from crm.contacts"
        assert await session.connection.fetchval(free)


async def test_an_owner_may_be_named_by_address_in_any_case(account: Account, files: Files) -> None:
    rows = DEALS | {"owner": "owner", "links": {}}
    summary = await account.bring(mapping(rows), files(deals="id,name,owner\n1,Anvils,Owner@Maven.example\n"))

    assert summary.rows["deals"].inserted == 1
    async with account.acting() as session:
        assert await session.connection.fetchval("select owner_id from crm.deals") == account.owner


async def test_a_member_may_have_extra_teams(account: Account, files: Files) -> None:
    members = [
        {
            "source": "contacts", "name": "name", "email": {"template": "{name}@firm.example"}, "role": "Member",
            "team": {"value": "North"}, "extra_teams": ["team", {"value": "North"}],
        }
    ]  # fmt: skip
    teams = [{"name": {"value": "North"}}, {"source": "contacts", "name": "team"}]
    sources = {"contacts": {"file": "contacts.csv"}}
    plan = {"version": 1, "name": "trial", "sources": sources, "teams": teams, "members": members}
    await account.bring(plan, files(contacts="name,team\nada,South\n"))

    async with account.operator() as operator:
        rows = await operator.fetch(
            "select t.name, m.is_main from access.team_member m join access.team t on t.id = m.team_id order by 1"
        )
    assert [tuple(row) for row in rows] == [("North", True), ("South", False)]


async def test_keys_are_kept_apart_by_mapping_and_module(account: Account, files: Files) -> None:
    data = files(contacts="id,name,born,address\n1,Ada,,\n", deals="id,name,contacts\n1,Anvils,1\n")
    await account.bring(mapping(CONTACTS, DEALS), data)
    other = await account.bring(mapping(CONTACTS, DEALS, name="other"), data)

    assert (other.rows["contacts"].inserted, other.rows["deals"].inserted) == (1, 1)


async def test_a_dry_run_says_the_same_and_keeps_nothing(account: Account, files: Files) -> None:
    data = files(contacts="id,name,born,address\n1,Ada,,\n2,,,\n")
    dry = await account.bring(mapping(CONTACTS, teams=[{"name": {"value": "Web"}}]), data, dry_run=True)
    assert not dry.committed
    async with account.operator() as operator:
        assert await operator.fetchval("select count(*) from crm.contacts") == 0
        assert await operator.fetchval("select count(*) from access.team") == 0
        assert await operator.fetchval("select count(*) from access.import_key") == 0

    real = await account.bring(mapping(CONTACTS, teams=[{"name": {"value": "Web"}}]), data)
    assert (real.structure, real.rows, real.refusals) == (dry.structure, dry.rows, dry.refusals)


async def test_a_row_that_was_deleted_since_stays_deleted(account: Account, files: Files) -> None:
    data = files(contacts="id,name,born,address\n1,Ada,,\n")
    await account.bring(mapping(CONTACTS), data)
    async with account.acting() as session:
        await session.connection.execute("delete from crm.contacts")

    again = await account.bring(mapping(CONTACTS), data)

    assert (again.rows["contacts"].inserted, again.rows["contacts"].unchanged) == (0, 1)

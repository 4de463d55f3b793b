"""The published CRM: everybody gets exactly their rows, in SQL as member and analyst, and in GraphQL (O4, T4, T1)."""

from typing import Any
from uuid import UUID

import anyio
import asyncpg
import pytest

from importers.loading import load
from tests.api.conftest import Member, bearer, settings_for, talking
from tests.conftest import Clone
from tests.importers.conftest import EXAMPLE, PUBLISHED, Account, make_account, needs_published

pytestmark = [needs_published, pytest.mark.any_server]

DEALS = {
    "darcel.schlecht@maven.example": 747,
    "melvin.marxen@maven.example": 1_929,
    "lead@maven.example": 3_512,
    "owner@maven.example": 8_800,
    "owner@other.example": 0,
}

PAGE = """
query Page($after: String) {
  deals(first: 100, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
}
"""


@pytest.fixture(scope="module")
def published(maven: Account) -> Account:
    """The imported account with a lead in team Central, and another account in the same database."""
    anyio.run(_add_lead_and_stranger, maven)
    return maven


async def _add_lead_and_stranger(maven: Account) -> None:
    await make_account(maven.database, "other")
    async with maven.operator() as operator:
        await operator.execute(
            """
            select access.add_member($1, 'lead@maven.example', 'Lead', access.role_id($1, 'Sales manager'), t.id)
              from access.team t where t.account_id = $1 and t.name = 'Central'
            """,
            maven.id,
        )


def slug(email: str) -> str:
    return email.partition("@")[2].partition(".")[0]


@pytest.mark.parametrize(("email", "deals"), DEALS.items())
async def test_a_member_sees_exactly_their_deals(published: Account, email: str, deals: int) -> None:
    user = await published.user(email)
    async with published.operator() as operator:
        assert await operator.fetchval("select count(*) from crm.deals") == 8_800
    other = Account(published.database, slug(email), published.id, user)

    async with other.acting() as session:
        assert await session.connection.fetchval("select count(*) from crm.deals") == deals


@pytest.mark.parametrize(("email", "deals"), DEALS.items())
async def test_an_analyst_sees_what_the_member_sees(published: Account, email: str, deals: int) -> None:
    user = await published.user(email)
    async with published.operator() as operator:
        login = await operator.fetchrow(
            "select a.* from access.account c, access.create_analyst(c.id, $1) a where c.slug = $2", user, slug(email)
        )
    assert login is not None
    analyst = await asyncpg.connect(published.database.login_dsn(login["login"], login["password"]))
    try:
        assert await analyst.fetchval("select count(*) from deals") == deals
    finally:
        await analyst.close()


@pytest.mark.parametrize(("email", "deals"), DEALS.items())
async def test_graphql_counts_and_pages_the_same(published: Account, email: str, deals: int) -> None:
    member = Member(slug(email), await published.user(email), deals)
    seen: list[str] = []
    after: str | None = None

    async with talking(settings_for(published.database), **bearer(member)) as client:
        while True:
            answer = await client.post("/graphql", json={"query": PAGE, "variables": {"after": after}})
            connection: dict[str, Any] = answer.json()["data"]["deals"]
            assert connection["totalCount"] == deals
            seen += [node["id"] for node in connection["nodes"]]
            after = connection["pageInfo"]["endCursor"]
            if not connection["pageInfo"]["hasNextPage"]:
                break

    assert len(seen) == len(set(seen)) == deals


async def test_offices_are_teams_and_managers_have_one_below(maven: Account) -> None:
    async with maven.operator() as operator:
        rows = await operator.fetch(
            """
            select p.name as office, array_agg(t.name order by t.name) as managers
              from access.team t
              join access.team_edge e on e.account_id = t.account_id and e.team_id = t.id
              join access.team p on p.account_id = t.account_id and p.id = e.parent_id
             where t.account_id = $1 group by p.name order by p.name
            """,
            maven.id,
        )
    assert {row["office"]: row["managers"] for row in rows} == {
        "Central": ["Dustin Brinkmann", "Melvin Marxen"],
        "East": ["Cara Losch", "Rocco Neubert"],
        "West": ["Celia Rouche", "Summer Sewald"],
    }


async def test_people_have_addresses_of_plain_letters_and_their_roles(maven: Account) -> None:
    async with maven.operator() as operator:
        rows = await operator.fetch(
            """
            select u.email, r.name as role, t.name as team
              from access.membership m
              join access.app_user u on u.id = m.user_id
              join access.role r on r.account_id = m.account_id and r.id = m.role_id
              join access.team_member tm on tm.account_id = m.account_id and tm.user_id = m.user_id and tm.is_main
              join access.team t on t.account_id = tm.account_id and t.id = tm.team_id
             where m.account_id = $1 and u.email <> 'lead@maven.example'
            """,
            maven.id,
        )
    people = {row["email"]: (row["role"], row["team"]) for row in rows}
    assert len(people) == 41
    assert people["meimei.johns@maven.example"] == ("Sales agent", "Melvin Marxen")
    assert people["melvin.marxen@maven.example"] == ("Sales manager", "Melvin Marxen")
    assert sum(role == "Sales agent" for role, _ in people.values()) == 35


async def test_companies_are_complete_and_corrected(maven: Account) -> None:
    async with maven.acting() as session:
        acme = await session.connection.fetchrow(
            """
            select c.industry, c.annual_revenue_cents, c.employee_count, c.country, c.founded_year, c.open_to_all,
                   c.owner_id, array(select s.name from crm.companies s where s.parent_id = c.id order by 1) as owned
              from crm.companies c where c.name = 'Acme Corporation'
            """
        )
        assert acme is not None
        assert tuple(acme) == (
            "technology", 110_004_000_000, 2_822, "United States", 1996, True, None,
            ["Bluth Company", "Codehow", "Donquadtech", "Iselectrics"],
        )  # fmt: skip
        assert await session.connection.fetchval("select count(*) from crm.companies") == 85
        faults = "select count(*) from crm.companies where industry = 'technolgy' or country = 'Philipines'"
        assert await session.connection.fetchval(faults) == 0


async def test_deals_are_complete_and_corrected(maven: Account) -> None:
    async with maven.acting() as session:
        deal = await session.connection.fetchrow(
            """
            select d.name, d.stage, d.product, d.amount_cents, d.engaged_on::text, d.closed_on::text, c.name as company,
                   p.email, t.name as team
              from access.import_key k
              join crm.deals d on d.account_id = k.account_id and d.id = k.row_id
              left join crm.companies c on c.account_id = d.account_id and c.id = d.company_id
              join crm.people p on p.account_id = d.account_id and p.id = d.owner_id
              join crm.teams t on t.account_id = d.account_id and t.id = d.team_id
             where k.module = 'deals' and k.key = 'Z063OYW0'
            """
        )
        assert deal is not None
        assert tuple(deal) == (
            "GTX Pro for Isdom", "won", "GTX Pro", 451_400, "2016-10-25", "2017-03-11", "Isdom",
            "darcel.schlecht@maven.example", "Melvin Marxen",
        )  # fmt: skip
        assert await session.connection.fetchval("select count(*) from crm.deals where company_id is null") == 1_425
        stages = await session.connection.fetch("select stage, count(*) from crm.deals group by stage")
    assert dict(map(tuple, stages)) == {"prospecting": 500, "engaging": 1_589, "won": 4_238, "lost": 2_473}


async def test_an_agent_sees_the_company_of_a_deal(maven: Account) -> None:
    agent = await maven.user("darcel.schlecht@maven.example")
    async with maven.acting(agent) as session:
        hidden = "select count(*) from crm.deals d left join crm.companies c on c.id = d.company_id where c.id is null"
        without = await session.connection.fetchval("select count(*) from crm.deals where company_id is null")
        assert await session.connection.fetchval(hidden) == without > 0


async def test_twice_changes_nothing(clone: Clone, tmp_path: Any) -> None:
    with clone() as database:
        account = await make_account(database)
        first = await account.bring(load(EXAMPLE), PUBLISHED, rejects=tmp_path / "rejects.csv")
        before = await _everything(account)

        second = await account.bring(load(EXAMPLE), PUBLISHED, rejects=tmp_path / "rejects.csv")

        assert await _everything(account) == before
    counts = {**first.structure, **first.rows}
    assert {kind: count.inserted for kind, count in counts.items()} == {
        "roles": 2, "teams": 9, "members": 41, "companies": 85, "deals": 8_800,
    }  # fmt: skip
    counts = {**second.structure, **second.rows}
    assert {kind: (count.inserted, count.unchanged) for kind, count in counts.items()} == {
        "roles": (0, 2), "teams": (0, 9), "members": (0, 41), "companies": (0, 85), "deals": (0, 8_800),
    }  # fmt: skip
    assert second.refusals == []


async def _everything(account: Account) -> list[UUID]:
    """A fingerprint of every row of the account and of every fact of access."""
    tables = (
        "crm.companies", "crm.deals", "access.import_key", "access.team", "access.team_edge", "access.role",
        "access.role_cell", "access.member", "access.membership", "access.team_member", "access.app_user",
    )  # fmt: skip
    async with account.operator() as operator:
        return [
            await operator.fetchval(f"select md5(string_agg(t::text, ' ' order by t::text))::uuid from {table} t")
            for table in tables
        ]

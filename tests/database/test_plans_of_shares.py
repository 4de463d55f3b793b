"""What shares cost: nothing for whom nothing is shared, and what the shared rows cost for others (O8).

Asserted on EXPLAIN, over 200,000 rows, never on time.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import anyio
import asyncpg
import pytest

from tests.conftest import Clone
from tests.database.live import connected
from tests.database.plans import Company, Plan, build, explain
from tests.support.databases import TestDatabase
from tests.support.vacuuming import vacuum

pytestmark = [pytest.mark.any_server, pytest.mark.slow, pytest.mark.xdist_group("plans of shares")]

SCOPES = ("owned", "team")
SHARES = (1, 1000)
OWN = "account_id = (select access.account_id())"
PAGE = f"select id, name from crm.deals where {OWN} order by created_at desc, id desc limit 50"
COUNT = f"select count(*) from crm.deals where {OWN}"
POINT = f"select name from crm.deals where {OWN} and id = $1"
FOUND = "select access.page_of_deals(50, null, null, null, null, false)"
BY_KEY = f"select id, name from crm.deals where {OWN} and id = any (array({FOUND})) order by created_at desc, id desc"
# A row is read by its key, and its share by who has it.
OF_ONE_SHARE = 6

GIVE = """
insert into access.share (account_id, module, row_id, user_id, actions, given_by)
select $1, 'deals', d.id, $2, '{view}', $2
  from crm.deals d where d.account_id = $1 and d.owner_id <> $2
 order by hashtext(d.id::text) limit $3
"""
OTHERS = """
insert into access.share (account_id, module, row_id, user_id, actions, given_by)
select $1, 'deals', gen_random_uuid(), other.id, '{view}', other.id
  from (select gen_random_uuid() as id from generate_series(1, $2)) other, generate_series(1, $3)
"""


@dataclass(frozen=True)
class Big:
    """The company, with members as those for each scope, of whom rows are shared with one and a thousand."""

    database: TestDatabase
    company: Company

    @asynccontextmanager
    async def as_member(self, name: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A session of the gateway in which the member has entered."""
        async with connected(self.database.gateway_dsn) as gateway, gateway.transaction():
            await gateway.execute("select access.enter('big', $1)", self.company.members[name])
            yield gateway

    async def plan(self, name: str, statement: str, *arguments: UUID) -> Plan:
        """How a member's statement runs."""
        async with self.as_member(name) as gateway:
            return await explain(gateway, statement, *arguments)


async def share(admin: "asyncpg.Connection[asyncpg.Record]", company: Company) -> None:
    """Make the members and their shares."""
    for scope in SCOPES:
        teams = await admin.fetch(
            "select team_id from access.team_member where user_id = $1 order by is_main desc", company.members[scope]
        )
        for number in SHARES:
            name = f"{scope} {number}"
            company.members[name] = await admin.fetchval(
                "select access.add_member($1, $2, $3, access.role_id($1, $4), $5)",
                company.account,
                f"{scope}.{number}@big.example",
                name,
                scope,
                teams[0]["team_id"],
            )
            for team in teams[1:]:
                await admin.execute(
                    "select access.join_team($1, $2, $3)", company.account, company.members[name], team["team_id"]
                )
            await admin.execute(GIVE, company.account, company.members[name], number)
            # As many rows of his own as the other has.
            await admin.execute("set session_replication_role = replica")
            await admin.execute(
                "update crm.deals set owner_id = $3 where account_id = $1 and owner_id = ("
                " select owner_id from crm.deals where account_id = $1 and owner_id <> all ($2) limit 1)",
                company.account,
                list(company.members.values()),
                company.members[name],
            )
            await admin.execute("set session_replication_role = origin")
    # Many others have a few.
    await admin.execute("set session_replication_role = replica")
    await admin.execute(OTHERS, company.account, 400, 50)
    await admin.execute("set session_replication_role = origin")
    await vacuum(admin, "crm.deals, access.share")


@pytest.fixture(scope="module")
def big(clone: Clone) -> Iterator[Big]:
    async def make(database: TestDatabase) -> Company:
        async with connected(database.admin_dsn) as admin:
            company = await build(admin)
            await share(admin, company)
            return company

    with clone() as database:
        yield Big(database, anyio.run(make, database))


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("statement", [PAGE, COUNT, POINT, BY_KEY])
async def test_who_has_no_shares_has_nothing_of_them_in_his_plans(big: Big, scope: str, statement: str) -> None:
    arguments = [UUID(int=0)] if "$1" in statement else []
    assert "shared_rows" not in str((await big.plan(scope, statement, *arguments)).root)
    assert "shared_rows" in str((await big.plan(f"{scope} 1", statement, *arguments)).root)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("shares", SHARES)
async def test_a_count_reads_the_shared_rows_beside_those_of_the_scope(big: Big, scope: str, shares: int) -> None:
    without, with_ = await big.plan(scope, COUNT), await big.plan(f"{scope} {shares}", COUNT)

    assert with_.indexes == without.indexes | {"deals_pkey"}
    assert not with_.whole_table
    assert with_.buffers <= without.buffers * 1.2 + OF_ONE_SHARE * shares + 30


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("shares", SHARES)
async def test_a_page_by_age_is_as_the_policies_make_it_and_reads_no_more_than_its_rows(
    big: Big, scope: str, shares: int
) -> None:
    async with big.as_member(f"{scope} {shares}") as gateway:
        for bounds in (
            "null, null, null, null",
            "'2024-03-01', null, '2024-02-01', null",
            "null, null, '2024-05-01', null",
        ):
            for ascending, order in (("false", "desc"), ("true", "asc")):
                found = await gateway.fetch(f"select access.page_of_deals(100, {bounds}, {ascending}) as id")
                upper, _, lower, _ = (part.strip() for part in bounds.split(","))
                condition = " and ".join(
                    [OWN]
                    # Bounds without an id hold for every id.
                    + ([f"created_at <= {upper}"] if upper != "null" else [])
                    + ([f"created_at >= {lower}"] if lower != "null" else [])
                )
                alone = await gateway.fetch(
                    f"select id from crm.deals where {condition} order by created_at {order}, id {order} limit 100"
                )
                assert {row["id"] for row in found} == {row["id"] for row in alone}
        plan = await explain(gateway, BY_KEY)
    assert plan.buffers <= (await big.plan(scope, BY_KEY)).buffers + OF_ONE_SHARE * shares + 100


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("shares", SHARES)
async def test_a_row_is_read_by_its_key(big: Big, scope: str, shares: int) -> None:
    async with big.as_member(f"{scope} {shares}") as gateway:
        row = await gateway.fetchval("select (access.shared_rows('deals', 'view'))[1]")
        plan = await explain(gateway, POINT, row)
        assert await gateway.fetchval(POINT, row) is not None
    async with big.as_member(scope) as gateway:
        assert await gateway.fetchval(POINT, row) is None or scope == "team"

    assert plan.indexes == {"deals_pkey"}
    assert plan.buffers <= 50 + shares

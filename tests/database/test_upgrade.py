"""An upgrade, rehearsed: a company of the first revisions is governed as it was after all that came since."""

from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from migrations import definitions, runner
from migrations.audit import audit
from tests.database.live import connected
from tests.database.test_migrations import bare
from tests.support.databases import GATEWAY_PASSWORD, TestDatabase

pytestmark = pytest.mark.any_server
__all__ = ["bare"]

VERSIONS = Path(runner.__file__).parent / "versions"
# With the modules of mission, section 4, and before destinations, shares, history, trash and all else.
FIRST = "0005"
NAMES = ("account", "boss", "rep", "peer", "gone", "owner_role", "rep_role", "west", "coast", "deal", "other", "page")
NUMBERS = {name: UUID(int=number) for number, name in enumerate(NAMES, 1)}
FACTS = """
insert into access.account (id, slug, name) values ({account}, 'old', 'Old Ltd');
insert into access.account_tier (account_id, hub, tier) values
  ({account}, 'cms', 'enterprise'), ({account}, 'marketing', 'enterprise');
insert into access.app_user (id, email) values
  ({boss}, 'boss@old.example'), ({rep}, 'rep@old.example'), ({peer}, 'peer@old.example'), ({gone}, 'gone@old.example');
insert into access.member (account_id, user_id, name)
  select {account}, id, split_part(email, '@', 1) from access.app_user;
insert into access.role (account_id, id, name, builtin) values
  ({account}, {owner_role}, 'Owner', 'Owner'), ({account}, {rep_role}, 'Rep', null);
insert into access.role_cell (account_id, role_id, module, action, scope) values
  ({account}, {rep_role}, 'deals', 'view', 'team'), ({account}, {rep_role}, 'deals', 'update', 'owned'),
  ({account}, {rep_role}, 'contacts', 'view', 'owned'), ({account}, {rep_role}, 'landing_pages', 'view', 'team');
insert into access.membership (account_id, user_id, status, role_id, super_admin) values
  ({account}, {boss}, 'active', {owner_role}, true), ({account}, {rep}, 'active', {rep_role}, false),
  ({account}, {peer}, 'active', {rep_role}, false), ({account}, {gone}, 'deactivated', {rep_role}, false);
insert into access.team (account_id, id, name) values ({account}, {west}, 'west'), ({account}, {coast}, 'coast');
insert into access.team_edge (account_id, team_id, parent_id) values ({account}, {coast}, {west});
insert into access.team_member (account_id, user_id, team_id, is_main) values
  ({account}, {rep}, {west}, true), ({account}, {peer}, {coast}, true);
insert into crm.deals (account_id, id, owner_id, created_by, team_id, name) values
  ({account}, {deal}, {peer}, {boss}, {coast}, 'of the coast'),
  ({account}, {other}, {boss}, {boss}, null, 'of nobody''s team');
insert into crm.contacts (account_id, owner_id, created_by, team_id, last_name) values
  ({account}, {rep}, {rep}, {west}, 'Known');
insert into crm.landing_pages (account_id, id, owner_id, created_by, team_ids, restricted, title, status) values
  ({account}, {page}, {boss}, {boss}, array[{coast}], true, 'published', 'published');
"""


async def first_release(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The database as it was at revision FIRST, with a company in it."""
    async with connection.transaction():
        await definitions.run(connection, "roles")
        await connection.execute("create schema access_private authorization cloison_owner")
        for path in sorted(VERSIONS.glob("*.sql")):
            if path.name[:4] <= FIRST:
                await connection.execute(f"{path.read_text()}\nreset role;")
        await connection.execute("create table access_private.revision (version_num varchar(32) primary key)")
        await connection.execute("insert into access_private.revision values ($1)", FIRST)
    async with connection.transaction():
        # As a superuser: row-level security is on, and there are no policies yet.
        await connection.execute(FACTS.format(**{name: f"'{value}'::uuid" for name, value in NUMBERS.items()}))


async def names(found: TestDatabase, who: str, query: str) -> list[str]:
    async with connected(found.gateway_dsn) as gateway, gateway.transaction():
        await gateway.execute("select access.enter('old', $1)", NUMBERS[who])
        return [row[0] for row in await gateway.fetch(query)]


async def test_a_company_of_the_first_revisions_is_governed_after_all_of_them(bare: TestDatabase) -> None:
    async with connected(bare.admin_dsn) as admin:
        await first_release(admin)
        report = await runner.upgrade(bare.admin_dsn, GATEWAY_PASSWORD)

        assert (report.before, report.after) == (FIRST, runner.head())
        assert await runner.check(bare.admin_dsn) == []
        assert {path: found for path, found in (await audit(admin)).items() if found} == {}
    deals, pages = "select name from crm.deals order by name", "select title || destination from crm.landing_pages"
    contacts = "select last_name from crm.contacts"
    assert await names(bare, "boss", deals) == ["of nobody's team", "of the coast"]
    for who in ("rep", "peer"):
        assert await names(bare, who, deals) == ["of the coast"], "downward, and one's own"
        assert await names(bare, who, pages) == ["publishedpublic"]
    assert (await names(bare, "rep", contacts), await names(bare, "peer", contacts)) == (["Known"], [])
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await names(bare, "gone", deals)
    # What came later is there for what came before.
    async with connected(bare.gateway_dsn) as gateway, gateway.transaction():
        await gateway.execute("select access.enter('old', $1)", NUMBERS["boss"])
        await gateway.execute("select access.share_deals($1, $2, null, '{view}')", NUMBERS["other"], NUMBERS["rep"])
        await gateway.execute("delete from crm.landing_pages")
    assert await names(bare, "rep", deals) == ["of nobody's team", "of the coast"]
    assert await names(bare, "boss", "select kind from crm.access_changes where kind = 'share'") == ["share"]
    assert await names(bare, "boss", "select module from crm.trash") == ["landing_pages"]

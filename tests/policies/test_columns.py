"""What nobody writes by hand (O1, O4): column by column, for somebody who may do everything."""

from dataclasses import replace

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Kind, Module
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row

pytestmark = pytest.mark.any_server

ALWAYS = ("account_id", "id", "created_by", "created_at", "updated_at", "version", "assigned_at")
BY_ASSIGNING = {
    Kind.RECORD: ("owner_id", "team_id", "open_to_all", "team_key"),
    Kind.ASSET: ("owner_id", "team_ids", "restricted", "published_at"),
}
BY_HAND_WHEN_NEW = {"id", "owner_id", "team_id", "open_to_all", "team_ids", "restricted"}
CASES = [(module, column) for module in REGISTRY.modules for column in (*ALWAYS, *BY_ASSIGNING[module.kind])]
IDS = [f"{module.name}-{column}" for module, column in CASES]


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    rows = tuple(Row(module.name, module.name, "root", "root") for module in REGISTRY.modules)
    await play.begin(Account("office", (Member("root", "Owner", super_admin=True),), rows=rows))
    return play


@pytest.mark.parametrize(("module", "column"), CASES, ids=IDS)
async def test_no_update_writes_it(office: Play, module: Module, column: str) -> None:
    update = f"update {module.table} set {{}} where id = $1"
    assert await office.done("root", update.format(f"{module.label} = 'new'"), office.row(module.name)) == "done"

    assert await office.done("root", update.format(f"{column} = {column}"), office.row(module.name)) in {
        "42501",
        "428C9",
    }


@pytest.mark.parametrize(("module", "column"), CASES, ids=IDS)
async def test_an_insert_names_owner_and_teams_at_most(office: Play, module: Module, column: str) -> None:
    insert = f"insert into {module.table} ({module.label}, {column}) values ('new', default)"
    assert await office.done("root", insert) == ("done" if column in BY_HAND_WHEN_NEW else "42501")


@pytest.mark.parametrize("module", REGISTRY.modules, ids=lambda module: module.name)
async def test_a_change_counts_versions_and_keeps_the_creator(office: Play, module: Module) -> None:
    async with office.acting("root") as connection:
        before = await connection.fetchrow(f"select * from {module.table}")
        await connection.execute(f"update {module.table} set {module.label} = 'new'")
        await connection.execute(f"select access.assign_{module.name}($1, null)", office.row(module.name))
        after = await connection.fetchrow(f"select * from {module.table}")
    assert before is not None
    assert after is not None
    assert after["version"] == before["version"] + 2
    assert (after["created_by"], after["owner_id"]) == (before["created_by"], None)
    assert after["assigned_at"] > before["assigned_at"]


@pytest.mark.parametrize("module", [module for module in REGISTRY.modules if module.sensitive], ids=lambda m: m.name)
async def test_what_is_sensitive_is_never_deleted_by_hand(office: Play, module: Module) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with office.acting("root") as connection:
            await connection.execute(f"delete from {module.sensitive_table}")


async def test_publishing_stamps_the_time_and_unpublishing_keeps_it(office: Play) -> None:
    async with office.acting("root") as connection:
        for status in ("published", "draft"):
            await connection.execute("update crm.landing_pages set status = $1", status)
            assert await connection.fetchval("select published_at = now() from crm.landing_pages")

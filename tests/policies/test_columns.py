"""What nobody writes by hand (O1, O4): column by column, for somebody who may do everything."""

from collections.abc import Iterator
from dataclasses import replace

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Column, Kind, Module
from tests.policies.company import OWNED
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row

pytestmark = pytest.mark.any_server

ALWAYS = ("account_id", "id", "created_by", "created_at", "updated_at", "version", "assigned_at")
OWN = {"owner_id", "team_id", "open_to_all", "team_ids", "restricted"}


def columns_of(module: Module) -> Iterator[str]:
    """Columns of a module that no UPDATE writes."""
    yield from (column for column in ALWAYS if module.own_columns or column != "assigned_at")
    yield from module.own_columns
    yield from module.parent_columns
    yield from (column.name for column in module.columns if column.since)
    if module.reach == "record":
        yield "team_key"
    if module.creator != "created_by":
        yield module.creator


CASES = [(module, column) for module in REGISTRY.modules for column in columns_of(module)]
IDS = [f"{module.name}-{column}" for module, column in CASES]
# So that an e-mail reaches somebody.
LISTED = (("contact_lists", "contacts"),)
STAMPED = [(module, column) for module in REGISTRY.modules for column in module.columns if column.since]


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    rows = tuple(Row(module.name, module.name, "root", "root") for module in REGISTRY.modules)
    await play.begin(Account("office", (Member("root", "Owner", super_admin=True),), rows=rows, listed=LISTED))
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
    parents = {link.column: office.row(link.target) for link in module.parents[:1]}
    by_hand = {"id"} | (OWN if module.kind in (Kind.RECORD, Kind.ASSET) else set())
    if column in module.parent_columns:
        return
    names = ", ".join([module.label, column, *parents])
    insert = f"insert into {module.table} ({names}) values ('new', default{', $1' if parents else ''})"
    assert await office.done("root", insert, *parents.values()) == ("done" if column in by_hand else "42501")


@pytest.mark.parametrize("module", OWNED, ids=lambda module: module.name)
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


@pytest.mark.parametrize(
    ("module", "column"), STAMPED, ids=[f"{module.name}-{column.name}" for module, column in STAMPED]
)
async def test_what_sets_a_time_sets_it_and_what_undoes_it_keeps_it(
    office: Play, module: Module, column: Column
) -> None:
    state, value = column.since or ("", "")
    before = module.column(state).default
    assert before != value
    goes = module.destination if module.destination and module.destination.state == state else None
    # What was sent is not taken back, so that nothing undoes it.
    states = (value,) if value == "sent" else (value, before)
    async with office.acting("root") as connection:
        for status in states:
            where = f", {goes.column} = '{destination(office, module)}'" if goes and status == value else ""
            await connection.execute(f"update {module.table} set {state} = $1{where}", status)
            assert await connection.fetchval(f"select {column.name} = now() from {module.table}")
        named, given = (f", {goes.column}", f", '{destination(office, module)}'") if goes else ("", "")
        made = (
            f"insert into {module.table} ({module.label}, {state}{named}) values ('new', $1{given})"
            f" returning {column.name} = now()"
        )
        assert await connection.fetchval(made, value)


def destination(office: Play, module: Module) -> object:
    """Somewhere for a row of a module to go."""
    return office.row(module.sends_to.target) if module.sends_to else "public"

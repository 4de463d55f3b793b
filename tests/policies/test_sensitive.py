"""Sensitive columns (C9): read with view_sensitive, written with view_sensitive and update, each within its reach.

r read   w written (there was nothing recorded before)   c changed   - nothing
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from schema.modules import REGISTRY
from schema.names import GlobalId, camel
from schema.registry import Module
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member, Row

pytestmark = pytest.mark.any_server

TABLE = """
                    mine theirs
owner               rwc  rwc
views               -    -
updates             -    -
reads_all           r    r
reads_owned         r    -
updates_and_reads   rwc  rwc
reads_own_updates   rwc  -
updates_own_reads   rwc  r
"""
ROLES: dict[str, frozenset[Cell]] = {
    "views": every("view", "all"),
    "updates": every("update", "all"),
    "reads_all": every("view_sensitive", "all"),
    "reads_owned": every("view_sensitive", "owned") | every("view", "all"),
    "updates_and_reads": every("update view_sensitive", "all"),
    "reads_own_updates": every("view_sensitive", "owned") | every("update", "all"),
    "updates_own_reads": every("view_sensitive", "all") | every("update", "owned"),
}
WHO = ("owner", *ROLES)
MODULES = [module for module in REGISTRY.modules if module.sensitive]
NEW = {"date": "date '2000-01-02'", "text": "'secret'", "bigint": "7"}


def rows() -> Iterator[Row]:
    for module in MODULES:
        for who in WHO:
            yield Row(f"{module.name} mine {who}", module.name, "root", who)
            yield Row(f"{module.name} theirs {who}", module.name, "root", "root")


OFFICE = Account(
    "office",
    (Member("root", "Owner", super_admin=True), Member("owner", "Owner"), *(Member(role, role) for role in ROLES)),
    roles=tuple(ROLES.items()),
    rows=tuple(rows()),
)


def cells() -> Iterator[tuple[str, str, str, str]]:
    head, *lines = TABLE.strip().splitlines()
    for line in lines:
        who, *found = line.split()
        for whose, cell in zip(head.split(), found, strict=True):
            yield from ((module.name, who, whose, cell) for module in MODULES)


CASES = list(cells())


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


@pytest.mark.parametrize(("name", "who", "whose", "cell"), CASES, ids=["-".join(case) for case in CASES])
async def test_sensitive_columns(office: Play, name: str, who: str, whose: str, cell: str) -> None:
    module = REGISTRY.by_name[name]
    table, column = module.sensitive_table, module.sensitive[0]
    row, value = office.row(f"{name} {whose} {who}"), NEW[column.type]
    statements = {
        "r": f"select {column.name} from {table} where id = $1",
        "c": f"update {table} set {column.name} = {value} where id = $1",
    }
    assert {await office.done("root", statement, row) for statement in statements.values()} == {"done"}

    found = {letter for letter, text in statements.items() if await office.done(who, text, row) == "done"}

    assert found == set(cell) - {"w", "-"}


@pytest.mark.parametrize(("name", "who", "whose", "cell"), CASES, ids=["-".join(case) for case in CASES])
async def test_what_was_never_recorded(office: Play, name: str, who: str, whose: str, cell: str) -> None:
    module = REGISTRY.by_name[name]
    table, column = module.sensitive_table, module.sensitive[0]
    row = office.row(f"{name} {whose} {who}")
    await office.admin.execute(f"delete from {table} where id = $1", row)

    end = await office.done(who, f"insert into {table} (id, {column.name}) values ($1, {NEW[column.type]})", row)

    await office.admin.execute(f"insert into {table} (account_id, id) values ($1, $2)", office.account, row)
    assert end == ("done" if "w" in cell else "42501")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
@pytest.mark.parametrize("who", ["updates", "updates_and_reads"])
async def test_graphql_writes_what_sql_does(office: Play, module: Module, who: str) -> None:
    column = module.sensitive[0]
    value = {"date": "2000-01-02", "text": "secret", "bigint": 7}[column.type]
    name = module.type_name
    text = f"""mutation ($input: Update{name}Input!) {{
      done: update{name}(input: $input) {{ {camel(module.singular)} {{ sensitive {{ {camel(column.name)} }} }} }}
    }}"""
    row = GlobalId(name, office.row(f"{module.name} theirs {who}"))

    data, codes = await office.asks(who, text, {"input": {"id": str(row), "sensitive": {camel(column.name): value}}})

    if who == "updates":
        assert (data["done"], codes) == (None, {"done": "FORBIDDEN"})
    else:
        assert data["done"] == {camel(module.singular): {"sensitive": {camel(column.name): value}}}

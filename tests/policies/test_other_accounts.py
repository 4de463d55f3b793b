"""T1: what is of another account answers in every way like what does not exist."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from schema.modules import REGISTRY
from schema.names import GlobalId, camel
from schema.registry import Kind, Module
from tests.api.conftest import Member as Bearer, bearer, settings_for, talking
from tests.policies.company import OWNED
from tests.policies.conftest import Play
from tests.policies.doors import writing
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

ROOT, RITA = (Member(name, "Owner", super_admin=True) for name in ("root", "rita"))
OURS = Account(
    "ours",
    (ROOT,),
    (Team("our team"),),
    rows=tuple(Row(module.name, module.name, "root", "root") for module in REGISTRY.modules),
)
THEIRS = Account(
    "theirs",
    (RITA,),
    (Team("their team"),),
    rows=tuple(Row(module.name, module.name, "rita", "rita", open=True) for module in REGISTRY.modules),
)
MODULES = pytest.mark.parametrize("module", REGISTRY.modules, ids=lambda module: module.name)

WRITES = {
    "update": "update {m.table} set {m.label} = 'new' where id = $1 returning 1",
    "delete": "delete from {m.table} where id = $1 returning 1",
    "assign": "select access.assign_{m.name}($1, access.user_id())",
    "look": "select count(*) from {m.table} where id = $1",
}
REFERENCES = [
    (module, link, new)
    for module in REGISTRY.modules
    for link in module.to_one
    for new in (True, False)
    # A row stays with its parent.
    if new or not link.parent
]


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OURS, THEIRS)
    return play


@pytest.fixture(scope="module")
async def client(office: Play) -> AsyncIterator[httpx.AsyncClient]:
    async with talking(settings_for(office.database)) as found:
        yield found


async def foreign(office: Play, module: Module) -> UUID:
    """A row of the other account, which its super admin sees."""
    row = office.built.row("theirs", module.name)
    async with office.acting("rita", "theirs") as connection:
        assert await connection.fetchval(f"select true from {module.table} where id = $1", row)
    return row


async def heard(office: Play, statement: str, *values: object) -> object:
    """All that a statement of our super admin says: its answer, or every word of its error."""
    try:
        async with office.acting("root") as connection:
            found: object = await connection.fetch(statement, *values)
            await connection.execute("set constraints all immediate")
    except asyncpg.PostgresError as error:
        said = error.as_dict()
        return {key: value for key, value in said.items() if key not in {"position", "server_source_line"}}
    return found


@MODULES
@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES)
async def test_sql_says_the_same_of_a_foreign_row_and_of_none(office: Play, module: Module, statement: str) -> None:
    if "assign_" in statement and module not in OWNED:
        return
    text = statement.format(m=module)
    theirs = await foreign(office, module)
    assert await heard(office, text, theirs) == await heard(office, text, uuid4())
    assert await heard(office, text, office.row(module.name)) != await heard(office, text, theirs)


@pytest.mark.parametrize(
    ("module", "link", "new"),
    REFERENCES,
    ids=[f"{m.name}-{link.column}-{'insert' if new else 'update'}" for m, link, new in REFERENCES],
)
async def test_a_foreign_reference_is_refused_like_an_absent_one(
    office: Play,
    module: Module,
    link: Any,
    new: bool,
) -> None:
    insert = f"insert into {module.table} ({module.label}, {link.column}) values ('new', $1)"
    text = insert if new else f"update {module.table} set {link.column} = $1"
    theirs = await foreign(office, REGISTRY.by_name[link.target])
    assert await office.done("root", text, office.row(link.target)) == "done"

    said = await heard(office, text, theirs)

    assert said == await heard(office, text, uuid4())
    assert isinstance(said, dict)
    assert said["sqlstate"] == "U0404"


@pytest.mark.parametrize("module", OWNED, ids=lambda module: module.name)
async def test_people_and_teams_of_others_are_nobody_and_nothing(office: Play, module: Module) -> None:
    named: dict[str, tuple[object, object]] = {"owner_id": (office.built.user("rita"), uuid4())}
    team = office.built.id("team", "theirs", "their team")
    named |= {"team_ids": ([team], [uuid4()])} if module.kind is Kind.ASSET else {"team_id": (team, uuid4())}
    for column, (theirs, absent) in named.items():
        insert = f"insert into {module.table} ({module.label}, {column}) values ('new', $1)"
        owner = "$2" if column == "owner_id" else "access.user_id()"
        assign = f"select access.assign_{module.name}($1, {owner}" + ("" if column == "owner_id" else ", $2") + ")"
        assert await heard(office, insert, theirs) == await heard(office, insert, absent)
        row = office.row(module.name)
        said = await heard(office, assign, row, theirs)
        assert said == await heard(office, assign, row, absent)
        assert isinstance(said, dict)
        assert said["sqlstate"] == "U0404"


@MODULES
async def test_an_id_that_is_taken_elsewhere_is_free_here(office: Play, module: Module) -> None:
    """Unique keys begin with the account."""
    parents = {link.column: office.row(link.target) for link in module.parents[:1]}
    names = ", ".join(["id", module.label, *parents])
    insert = f"insert into {module.table} ({names}) values ($1, 'new'{', $2' if parents else ''})"
    assert await office.done("root", insert, await foreign(office, module), *parents.values()) == "done"
    assert await office.done("root", insert, office.row(module.name), *parents.values()) == "23505"


async def test_names_that_are_taken_elsewhere_are_free_here(office: Play) -> None:
    for account in ("theirs", "ours"):
        await office.admin.execute("select access.create_role($1, 'Taken', '[]')", office.built.accounts[account])
    assert await office.done("root", "select access.create_role($1, 'Taken', '[]')", office.account) == "U0409"


@MODULES
async def test_graphql_says_the_same_of_a_foreign_row_and_of_none(
    office: Play, client: httpx.AsyncClient, module: Module
) -> None:
    theirs = await foreign(office, module)
    read = f"query ($id: ID!) {{ node(id: $id) {{ id }} one: {camel(module.singular)}(id: $id) {{ id }} }}"
    for text in (read, writing(module)):
        answers = [await said(office, client, text, module, row) for row in (theirs, uuid4())]
        assert answers[0] == answers[1]


async def said(office: Play, client: httpx.AsyncClient, text: str, module: Module, row: UUID) -> str:
    """The whole answer, but for the id that was asked about."""
    key = str(GlobalId(module.type_name, row))
    variables = {"id": key} if text.startswith("query") else {"id": key, "me": f"Person:{office.built.user('root')}"}
    response = await client.post(
        "/graphql",
        json={"query": text, "variables": variables},
        headers=bearer(Bearer(office.built.slug("ours"), office.built.user("root"), 0)),
    )
    return f"{response.status_code} {response.text.replace(str(row), 'the id')}"


@MODULES
async def test_counts_and_filters_know_our_rows_alone(office: Play, client: httpx.AsyncClient, module: Module) -> None:
    theirs = await foreign(office, module)
    plural = camel(module.name)
    text = f"""query ($id: ID!) {{
      all: {plural} {{ totalCount }}
      theirs: {plural}(where: {{id: {{eq: $id}}}}) {{ totalCount }}
      named: {plural}(where: {{{camel(module.label)}: {{contains: "{module.name}"}}}}) {{ totalCount nodes {{ id }} }}
    }}"""
    response = await client.post(
        "/graphql",
        json={"query": text, "variables": {"id": str(GlobalId(module.type_name, theirs))}},
        headers=bearer(Bearer(office.built.slug("ours"), office.built.user("root"), 0)),
    )
    ours = str(GlobalId(module.type_name, office.row(module.name)))
    assert response.json() == {
        "data": {
            "all": {"totalCount": 1},
            "theirs": {"totalCount": 0},
            "named": {"totalCount": 1, "nodes": [{"id": ours}]},
        }
    }


@MODULES
async def test_a_cursor_of_another_account_opens_nothing(
    office: Play, client: httpx.AsyncClient, module: Module
) -> None:
    plural = camel(module.name)
    theirs = bearer(Bearer(office.built.slug("theirs"), office.built.user("rita"), 0))
    ours = bearer(Bearer(office.built.slug("ours"), office.built.user("root"), 0))
    answer = await client.post("/graphql", json={"query": f"{{ {plural} {{ edges {{ cursor }} }} }}"}, headers=theirs)
    (edge,) = answer.json()["data"][plural]["edges"]

    text = f"query ($after: String!) {{ {plural}(after: $after) {{ nodes {{ id }} }} }}"
    answer = await client.post("/graphql", json={"query": text, "variables": {"after": edge["cursor"]}}, headers=ours)

    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["BAD_USER_INPUT"]

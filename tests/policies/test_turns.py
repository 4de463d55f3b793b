"""What is an action of its own: publish, send, connect, activate and their opposites, in SQL and as mutations (C2)."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.names import camel, singular_field
from schema.registry import Column, Module
from schema.verbs import Turn, turns
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row

pytestmark = pytest.mark.any_server

TURNS = [(module, turn) for module in REGISTRY.modules for turn in turns(module).values()]
ACTIONS = " ".join(dict.fromkeys(turn.action for _, turn in TURNS))
LISTS = frozenset({("contact_lists", "view", "all")})
# What a row is told, by the kind of column; a list is named by its id.
TOLD = {"destination": "public", "connected_account": "desk@example.com"}

OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("holder", "holder"),
        Member("viewer", "viewer"),
        Member("editor", "editor"),
        Member("stranger", "stranger"),
    ),
    roles=(
        ("holder", every(f"view {ACTIONS}", "all")),
        ("viewer", every("view", "all")),
        ("editor", every("view update", "all")),
        # Holds the action of rows of his own, and sees no others.
        ("stranger", every(f"view {ACTIONS}", "owned") | LISTS),
    ),
    rows=(
        *(
            Row(f"{module.name} {state}", module.name, "root", "root", open=module.kind != "record")
            for module in REGISTRY.modules
            if turns(module) or module.name == "contact_lists"
            for state in ("off", "on")
        ),
        Row("reader", "contacts", "root", "root"),
    ),
    listed=(("contact_lists off", "reader"),),
)


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    """One row of each module is turned on already."""
    play = replace(playground)
    await play.begin(OFFICE)
    async with play.admin.transaction():
        await play.admin.execute("set local session_replication_role = replica")
        for module, turn in TURNS:
            if turn.verb == turn.action:
                text, values = statement(play, module, turn)
                await play.admin.execute(text, play.row(f"{module.name} on"), *values)
    return play


def before(module: Module, turn: Turn) -> str:
    """The row on which a verb changes something."""
    return f"{module.name} {'off' if turn.verb == turn.action else 'on'}"


def named(play: Play, column: Column) -> Any:
    return TOLD.get(column.name) or play.row("contact_lists off")


def changed(play: Play, turn: Turn) -> dict[str, Any]:
    """The columns that a verb sets, with their values."""
    return dict(turn.sets) | {column.name: named(play, column) for column in turn.named}


def statement(play: Play, module: Module, turn: Turn) -> tuple[str, list[Any]]:
    values = changed(play, turn)
    columns = ", ".join(f"{column} = ${number}" for number, column in enumerate(values, 2))
    return f"update {module.table} set {columns} where id = $1", list(values.values())


cases = pytest.mark.parametrize(("module", "turn"), TURNS, ids=[f"{module.name}-{turn.verb}" for module, turn in TURNS])


@cases
async def test_in_sql(office: Play, module: Module, turn: Turn) -> None:
    row = office.row(before(module, turn))
    text, values = statement(office, module, turn)
    assert await office.done("viewer", text, row, *values) == "nothing"
    assert await office.done("stranger", text, row, *values) == "nothing"
    with pytest.raises(asyncpg.PostgresError) as refused:
        async with office.acting("editor") as connection:
            await connection.execute(text, row, *values)
    assert refused.value.sqlstate == "U0403"
    missing = json.loads(str(refused.value.as_dict()["detail"]))
    assert (missing["module"], missing["action"]) == (module.name, turn.action)

    async with office.acting("holder") as connection:
        assert await connection.execute(text, row, *values) == "UPDATE 1"
        found = await connection.fetchrow(f"select * from {module.table} where id = $1", row)
    assert found is not None
    expected = changed(office, turn)
    assert {column: found[column] for column in expected} == expected
    for column in module.columns:
        if column.since is not None and expected.get(column.since[0]) == column.since[1]:
            assert found[column.name] is not None


@cases
async def test_as_a_mutation(office: Play, module: Module, turn: Turn) -> None:
    name, row = f"{turn.verb}{module.type_name}", singular_field(module)
    given: dict[str, Any] = {"id": f"{module.type_name}:{office.row(before(module, turn))}", "expectedVersion": 1}
    for column in turn.named:
        value = named(office, column)
        if isinstance(value, UUID):
            value = f"ContactList:{value}"
        given[camel(column.name)] = value.upper() if column.choices else value
    input_type = f"{name[0].upper()}{name[1:]}Input"
    states = " ".join(camel(column) for column, _ in turn.sets)
    text = (
        f"mutation ($input: {input_type}!) {{ done: {name}(input: $input) {{ visible {row} {{ version {states} }} }} }}"
    )

    for who in ("viewer", "editor"):
        _, refused = await office.answers(who, text, {"input": given})
        assert refused == {
            "done": {"code": "FORBIDDEN", "module": module.name, "action": turn.action, "requestable": True}
        }
    _, hidden = await office.answers("stranger", text, {"input": given})
    assert hidden == {"done": {"code": "NOT_FOUND", "module": module.name, "requestable": True}}
    _, late = await office.answers("holder", text, {"input": given | {"expectedVersion": 7}})
    assert late["done"]["code"] == "CONFLICT"

    data, refused = await office.answers("holder", text, {"input": given})
    assert refused == {}
    told = {camel(column): value.upper() if value else None for column, value in turn.sets}
    assert data["done"] == {"visible": True, row: {"version": 2, **told}}


async def test_an_empty_name_is_no_name(office: Play) -> None:
    given = {"id": f"Conversation:{office.row('conversations off')}", "connectedAccount": ""}
    text = "mutation ($input: ConnectConversationInput!) { connectConversation(input: $input) { id } }"
    _, refused = await office.answers("holder", text, {"input": given})
    assert refused["connectConversation"]["fields"] == {"connectedAccount": "is required"}


def test_every_state_has_its_verbs() -> None:
    """As the product names them."""
    assert {turn.verb for _, turn in TURNS} == {
        *("publish", "unpublish", "send", "connect", "disconnect", "activate", "deactivate"),
    }
    stated = {
        (module.name, column.action)
        for module in REGISTRY.modules
        for column in module.columns
        if column.choices and not column.writable
    }
    assert stated == {(module.name, turn.action) for module, turn in TURNS if turn.sets and turn.action != "connect"}

"""A row that is made published, sent, active or connected needs what changing it later would need (C2, C3)."""

from dataclasses import replace

import pytest

from schema.modules import REGISTRY
from schema.registry import Column, Module
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member

pytestmark = pytest.mark.any_server

CASES = [
    (module, column)
    for module in REGISTRY.modules
    for column in module.columns
    if module.action_names
    and column.since is None
    and module.needed(column.action) != module.needed("update")
    # A list is a row that one sees: tests of the outbox.
    and not (module.sends_to and column.name == module.sends_to.column)
]


def role(*actions: str) -> frozenset[Cell]:
    return frozenset(
        (module.name, action, "created" if REGISTRY.on_rows(module.name, action) else "all")
        for module in REGISTRY.modules
        for action in actions
        if action in module.action_names
    )


ACTIONS = sorted({column.action for _, column in CASES})
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("creates", "creates"),
        *(Member(action, action) for action in ACTIONS),
    ),
    roles=(("creates", role("create", "update")), *((action, role("create", action)) for action in ACTIONS)),
)


def value_of(column: Column) -> str:
    if column.choices:
        return f"'{column.choices[1]}'"
    return "now()" if column.type == "timestamptz" else "'changed.example'"


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


@pytest.mark.parametrize(("module", "column"), CASES, ids=[f"{module.name}-{column.name}" for module, column in CASES])
async def test_a_new_row_is_what_its_creator_may_make_of_it(office: Play, module: Module, column: Column) -> None:
    plain = f"insert into {module.table} ({module.label}) values ('new')"
    values = {module.label: "'new'", column.name: value_of(column)}
    if module.narrower and column.name == "status":
        values["destination"] = "'public'"
    made = f"insert into {module.table} ({', '.join(values)}) values ({', '.join(values.values())})"
    for who in ("creates", column.action):
        assert await office.done(who, plain) == "done"

    assert await office.done("creates", made) == "U0403"
    assert await office.done(column.action, made) == "done"


def test_there_is_every_action_that_changes_a_state() -> None:
    assert {"publish", "send", "activate", "connect", "manage_domain"} == set(ACTIONS)

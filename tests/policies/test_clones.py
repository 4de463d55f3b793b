"""Copies: whose they are, what of the original is in them, and who makes them; through SQL and GraphQL (C2, C9, O3)."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.names import camel, singular_field
from schema.registry import Kind, Module
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

CLONED = [module for module in REGISTRY.modules if "clone" in module.action_names]
SENSITIVE = [module for module in CLONED if module.sensitive]
modules = pytest.mark.parametrize("module", CLONED, ids=lambda module: module.name)

OFFICE = Account(
    "office",
    (
        Member("root", "Owner", "south", super_admin=True),
        Member("cloner", "cloner", "north"),
        Member("looker", "looker", "north"),
        Member("maker", "maker", "north"),
        Member("reader", "reader", "north"),
        Member("stranger", "stranger", "north"),
        Member("knower", "knower", "north"),
        Member("blind", "blind", "north"),
        Member("narrow", "narrow", "north"),
    ),
    (Team("north"), Team("south")),
    roles=(
        ("cloner", every("clone create", "all")),
        # Each lacks one thing.
        ("looker", every("clone", "all")),
        ("maker", every("view create update", "all")),
        ("reader", every("view", "all")),
        ("stranger", every("clone create", "owned")),
        ("knower", every("clone create update view_sensitive", "all")),
        ("narrow", frozenset({("contacts", "clone", "all"), ("contacts", "create", "all")})),
        ("blind", every("clone create update", "all") | every("view_sensitive", "owned")),
    ),
    rows=tuple(
        Row(f"{module.name} {name}", module.name, "root", "root", teams, open=is_open)
        for module in CLONED
        for name, teams, is_open in (("one", (), module.kind is Kind.ASSET), ("restricted", ("north",), False))
    ),
)


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    async with play.admin.transaction():
        await play.admin.execute("set local session_replication_role = replica")
        for module in CLONED:
            row = play.row(f"{module.name} one")
            for column, value in filled(play, module).items():
                await play.admin.execute(f"update {module.table} set {column} = $1 where id = $2", value, row)
            for masked in module.sensitive:
                if masked.type == "text":
                    changed = f"update {module.sensitive_table} set {masked.name} = 'secret' where id = $1"
                    await play.admin.execute(changed, row)
    return play


def filled(play: Play, module: Module) -> dict[str, Any]:
    """Values of an original: texts, states, and rows that it refers to."""
    values: dict[str, Any] = {}
    for column in module.columns:
        if column.choices:
            values[column.name] = column.choices[-1]
        elif column.type == "text" and column.name != module.label:
            values[column.name] = f"x {column.name}"[: column.max_length]
    for link in module.to_one:
        if link.target in {known.name for known in CLONED}:
            values[link.column] = play.row(f"{link.target} one")
    return values


async def copied(play: Play, user: str, module: Module, original: str = "one") -> tuple[str, UUID]:
    """How a copy ends that stays, and its id."""
    copy = uuid4()
    call = f"select access.clone_{module.name}($1, $2, 'Copy')"
    return await play.commits(user, call, play.row(f"{module.name} {original}"), copy), copy


async def row_of(play: Play, module: Module, row: UUID) -> asyncpg.Record:
    found = await play.admin.fetchrow(f"select * from {module.table} where id = $1", row)
    assert found is not None
    return found


@modules
async def test_a_copy_is_its_makers_and_begins_as_new_rows_do(office: Play, module: Module) -> None:
    end, copy = await copied(office, "cloner", module)
    assert end == "done"
    original = await row_of(office, module, office.row(f"{module.name} one"))
    found = await row_of(office, module, copy)

    me = office.built.user("cloner")
    assert (found["owner_id"], found["created_by"], found["version"]) == (me, me, 1)
    assert original["owner_id"] == office.built.user("root")
    if module.kind is Kind.ASSET:
        assert (found["team_ids"], found["restricted"]) == ([], False)
    else:
        assert (found["team_id"], found["open_to_all"]) == (office.team("north"), False)
    for column in module.columns:
        if column.name == module.label:
            assert found[column.name] == "Copy"
        elif column in module.copied:
            assert found[column.name] == original[column.name]
        else:
            assert found[column.name] == column.default, "what has an action of its own begins anew"


@modules
async def test_nobody_copies_without_clone_and_create(office: Play, module: Module) -> None:
    call, row = f"select access.clone_{module.name}($1)", office.row(f"{module.name} one")
    for who, missing in (("reader", "clone"), ("maker", "clone"), ("looker", "create")):
        with pytest.raises(asyncpg.PostgresError) as refused:
            async with office.acting(who) as connection:
                await connection.execute(call, row)
        assert refused.value.sqlstate == "U0403"
        detail = json.loads(str(refused.value.as_dict()["detail"]))
        assert (detail["module"], detail["action"]) == (module.name, missing)
    assert await office.done("stranger", call, row) == "U0404"
    assert await office.done("stranger", call, uuid4()) == "U0404"
    assert await office.done("cloner", call, row) == "done"


@modules
async def test_as_a_mutation(office: Play, module: Module) -> None:
    name, field, label = module.type_name, singular_field(module), camel(module.label)
    row = f"{name}:{office.row(f'{module.name} one')}"
    text = (
        f"mutation ($input: Clone{name}Input!) {{ made: clone{name}(input: $input)"
        f" {{ id visible {field} {{ id {label} version }} }} }}"
    )
    for given, called in (({"id": row, label: "Mine"}, "Mine"), ({"id": row}, f"{module.name} one")):
        data, refused = await office.answers("cloner", text, {"input": given})
        assert refused == {}
        made = data["made"]
        assert made["id"] != row
        assert made == {
            "id": made["id"],
            "visible": True,
            field: {"id": made["id"], label: called, "version": 1},
        }
    for who, missing in (("maker", "clone"), ("looker", "create")):
        _, refused = await office.answers(who, text, {"input": {"id": row}})
        assert refused["made"] == {
            "code": "FORBIDDEN", "module": module.name, "action": missing, "requestable": True,
        }  # fmt: skip
    _, refused = await office.answers("stranger", text, {"input": {"id": row}})
    assert refused["made"] == {"code": "NOT_FOUND", "module": module.name, "requestable": True}
    _, refused = await office.answers("cloner", text, {"input": {"id": row, label: ""}})
    assert refused["made"]["fields"] == {label: "must not be empty"}


@pytest.mark.parametrize("module", SENSITIVE, ids=lambda module: module.name)
async def test_what_is_masked_is_not_copied(office: Play, module: Module) -> None:
    """C9: nor is it where the maker may not write it."""
    companion = f"select * from {module.sensitive_table} where id = $1"
    original = await office.admin.fetchrow(companion, office.row(f"{module.name} one"))
    assert original is not None
    assert "secret" in original.values()
    for who, sees in (("knower", True), ("blind", False), ("cloner", False)):
        end, copy = await copied(office, who, module)
        assert end == "done"
        found = await office.admin.fetchrow(companion, copy)
        assert (found is not None and "secret" in found.values()) is sees


async def test_what_is_hidden_is_not_referred_to(office: Play) -> None:
    """A copy of a contact is made by who may not see the company, and says nothing of it."""
    contacts = REGISTRY.by_name["contacts"]
    company = office.row("companies one")
    for who, known in (("cloner", company), ("narrow", None)):
        end, copy = await copied(office, who, contacts)
        assert end == "done"
        assert (await row_of(office, contacts, copy))["company_id"] == known


@pytest.mark.parametrize("module", [each for each in CLONED if each.kind is Kind.ASSET], ids=lambda each: each.name)
async def test_a_copy_of_what_is_restricted_is_restricted(office: Play, module: Module) -> None:
    """O3: what few were to see is not shown to everybody by copying it."""
    end, copy = await copied(office, "cloner", module, "restricted")
    assert end == "done"
    found = await row_of(office, module, copy)
    assert (found["restricted"], found["team_ids"]) == (True, [])


async def test_a_direct_copy_passes_the_walls_of_every_new_row(office: Play) -> None:
    """Who may not create makes no copy by an id of his own, and a copy is not made in another's name."""
    taken = office.row("deals one")
    assert await office.done("cloner", "select access.clone_deals($1, $1)", taken) == "23505"
    assert await office.done("cloner", "select access.clone_deals($1, null)", taken) == "23502"
    assert await office.done("cloner", "select access.clone_deals($1, $2, $3)", taken, uuid4(), "x" * 301) == "23514"

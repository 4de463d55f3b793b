"""The schema: described everywhere, complete by the registry, without I/O."""

from difflib import unified_diff
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_introspection_type,
    is_required_input_field,
)

from resolvers.compiler.catalogue import CATALOGUE
from resolvers.compiler.conditions import SUBJECTS
from resolvers.compiler.selection import ROOTS
from resolvers.root import GRAPHQL, SCHEMA
from schema.administration import ADMINISTRATION
from schema.modules import REGISTRY
from schema.names import GlobalId, camel, can
from schema.registry import Module

COMMITTED = Path(__file__).resolve().parents[2] / "schema.graphql"
TYPES = [each for each in GRAPHQL.type_map.values() if not is_introspection_type(each)]
modules = pytest.mark.parametrize("module", REGISTRY.modules, ids=lambda module: module.name)


def described() -> list[tuple[str, str | None]]:
    """Everything that clients may ask about, with what is said of it."""
    found: list[tuple[str, str | None]] = [(each.name, each.description) for each in TYPES]
    for each in TYPES:
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in each.fields.items():
                found.append((f"{each.name}.{name}", field.description))
                found += [(f"{each.name}.{name}({key})", given.description) for key, given in field.args.items()]
        elif isinstance(each, GraphQLInputObjectType):
            found += [(f"{each.name}.{name}", field.description) for name, field in each.fields.items()]
        elif isinstance(each, GraphQLEnumType):
            found += [(f"{each.name}.{name}", value.description) for name, value in each.values.items()]
    return found


def test_everything_has_a_description() -> None:
    assert [name for name, text in described() if not (text and text.strip())] == []


@modules
def test_every_column_is_a_field_a_filter_and_an_order(module: Module) -> None:
    row, where = GRAPHQL.type_map[module.type_name], GRAPHQL.type_map[f"{module.type_name}Where"]
    order = GRAPHQL.type_map[f"{module.type_name}Order"]
    assert isinstance(row, GraphQLObjectType)
    assert isinstance(where, GraphQLInputObjectType)
    assert isinstance(order, GraphQLEnumType)
    foreign_keys = {relation.column for relation in module.to_one}
    for column in module.columns:
        assert (camel(column.name) in row.fields) is (column.name not in foreign_keys)
        assert (camel(column.name) in where.fields) is (column.filterable and column.name not in foreign_keys)
        assert (f"{column.name.upper()}_ASC" in order.values) is column.sortable
    for relation in module.to_one:
        assert camel(relation.name) in row.fields
        assert camel(relation.name) in where.fields


@modules
def test_the_compiler_knows_every_field_and_condition(module: Module) -> None:
    for suffix in ("", "Access", *(("Sensitive",) if module.sensitive else ())):
        type_ = GRAPHQL.type_map[module.type_name + suffix]
        assert isinstance(type_, GraphQLObjectType)
        assert set(type_.fields) == set(CATALOGUE[module.type_name + suffix])
    where = GRAPHQL.type_map[f"{module.type_name}Where"]
    assert isinstance(where, GraphQLInputObjectType)
    assert set(where.fields) == {*SUBJECTS[module.name], "and", "or", "not"}


def test_the_compiler_knows_the_other_types() -> None:
    assert GRAPHQL.query_type
    directory = {"roles", "role", "teams", "team", "members", "member", "invitations", "invitation", "jobs", "job"}
    others = {"viewer", "node", "nodes", "whyEmpty", "accessLog", "trash", "myAccounts", "sensitiveModules"}
    assert set(GRAPHQL.query_type.fields) == {*ROOTS, *directory, *others}
    for name in CATALOGUE.keys() - {
        f"{module.type_name}{suffix}" for module in REGISTRY.modules for suffix in ("", "Access", "Sensitive")
    }:
        type_ = GRAPHQL.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        assert set(type_.fields) == set(CATALOGUE[name])


@modules
def test_access_has_a_button_for_each_action_on_rows(module: Module) -> None:
    access = GRAPHQL.type_map[f"{module.type_name}Access"]
    assert isinstance(access, GraphQLObjectType)
    assert list(access.fields) == [can(action) for action in REGISTRY.buttons(module)]
    assert set(access.fields) >= {can(action) for action in module.row_actions if action != "view"}


@modules
def test_required_columns_are_required_only_where_there_is_no_default(module: Module) -> None:
    create, update = (GRAPHQL.type_map[f"{verb}{module.type_name}Input"] for verb in ("Create", "Update"))
    assert isinstance(create, GraphQLInputObjectType)
    assert isinstance(update, GraphQLInputObjectType)
    needed = {camel(column.name) for column in module.inputs if column.required and column.default is None}
    assert {name for name, field in create.fields.items() if is_required_input_field(field)} == needed
    assert {name for name, field in update.fields.items() if is_required_input_field(field)} == {"id"}
    assert set(create.fields) >= {camel(column.name) for column in module.inputs}


def test_fields_that_can_be_refused_may_be_null() -> None:
    """A refusal must not take its neighbours with it; but `nodes` is a list, whose items may be null."""
    for type_ in TYPES:
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                target = get_named_type(field.type).name
                leads_to_rows = target.endswith("Connection") or target in REGISTRY.by_type
                if (leads_to_rows or field.args) and name not in ("nodes", "node"):
                    assert str(field.type) in (target, f"[{target}!]"), f"{type_.name}.{name}"


def test_the_schema_is_committed_as_it_is() -> None:
    """Clients generate code from the file: what changes is seen in review, and what breaks them is in CHANGELOG."""
    differing = unified_diff(COMMITTED.read_text().splitlines(), SCHEMA.as_str().splitlines(), lineterm="", n=0)
    assert list(differing) == [], "run `make schema`, and name in CHANGELOG what breaks clients"


def test_the_text_of_the_schema_is_stable() -> None:
    assert SCHEMA.as_str() == SCHEMA.as_str()
    assert "type Query" in SCHEMA.as_str()


@pytest.mark.parametrize(
    "text",
    ["", ":", "Deal", "Deal:", "Deal:1", "deal:0190a6f0-0000-7000-8000-000000000000",
     "0190a6f0-0000-7000-8000-000000000000",
     "Deal:{0190a6f0-0000-7000-8000-000000000000}", "Deal:0190a6f0000070008000000000000000",
     "Deal:0190a6f0-0000-7000-8000-000000000000 ", "Contact:0190a6f0-0000-7000-8000-000000000000"],
)  # fmt: skip
def test_what_is_no_id_of_the_type(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        GlobalId.parse(text, "Deal")


def test_an_id_names_its_type_and_row() -> None:
    text = "Deal:0190a6f0-0000-7000-8000-000000000000"
    assert str(GlobalId.parse(text, "Contact", "Deal")) == text


def test_a_reason_is_asked_for_where_the_history_tells_it() -> None:
    """What is given to end a job, or to let it go on, would be kept nowhere: the job has its own."""
    for mutation in ADMINISTRATION.values():
        given = GRAPHQL.type_map[mutation.input_name]
        assert isinstance(given, GraphQLInputObjectType)
        assert ("reason" in given.fields) is (mutation.name not in ("cancelJob", "resumeJob")), mutation.name

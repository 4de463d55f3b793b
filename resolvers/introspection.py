"""Answers about the schema: what graphql-core answers, in a fraction of its time.

graphql-core resolves each value as if it were an application's. Here a selection is read once, and a type that is named
in a thousand places is told once: its resolvers are what they were.
"""

from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLType,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values

from resolvers.compiler.selection import Document
from resolvers.errors import RequestErrors

FIELDS = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


class _Step(NamedTuple):
    """A selected field: how its value is found, whether that is a list, and what makes JSON of each."""

    key: str
    value: Callable[[Any], Any]
    many: bool
    tell: Callable[[Any], Any] | None


class Introspection:
    """Answers `__schema` and `__type` of a validated document, with the coerced values of its variables."""

    def __init__(self, document: Document, variables: VariableValues) -> None:
        self._document = document
        self._variables = variables
        self._fragments = dict(document.fragments)
        self._info = SimpleNamespace(schema=document.schema)

    def answer(self, groups: GroupedFieldSet) -> dict[str, Any]:
        """Values of these root fields by response key, ready for JSON.

        RequestErrors where a variable that may be null is the value of an argument that may not.
        """
        query = cast("GraphQLObjectType", self._document.schema.query_type)
        try:
            steps = [self._step(key, query, details) for key, details in groups.items()]
        except GraphQLError as error:
            raise RequestErrors([error]) from None
        return _tell(steps, {}, None)

    def _step(self, key: str, parent: GraphQLObjectType, details: FieldDetailsList) -> _Step:
        name = details[0].node.name.value
        if name == "__typename":
            return _Step(key, lambda _: parent.name, many=False, tell=None)
        field = FIELDS.get(name) or parent.fields[name]
        arguments = get_argument_values(field, details[0].node, self._variables)
        resolve = cast("Callable[..., Any]", field.resolve)
        type_ = get_named_type(field.type)
        tell: Callable[[Any], Any] | None = None
        if isinstance(type_, GraphQLEnumType):
            tell = type_.coerce_output_value
        elif isinstance(type_, GraphQLObjectType):
            tell = partial(_tell, self._steps(type_, details), {})
        many = is_list_type(get_nullable_type(field.type))
        return _Step(key, lambda source: resolve(source, self._info, **arguments), many, tell)

    def _steps(self, type_: GraphQLObjectType, details: FieldDetailsList) -> list[_Step]:
        document = self._document
        groups = collect_subfields(
            document.schema, self._fragments, self._variables, document.operation, type_, details
        ).grouped_field_set
        return [self._step(key, type_, found) for key, found in groups.items()]


def _tell(steps: Sequence[_Step], known: dict[str, dict[str, Any]], source: Any) -> dict[str, Any]:
    """What is selected of an object. `known`: what was told of types, by what they are called."""
    # Wrappers are made anew for each place where a type is named, and say which they are.
    name = str(source) if isinstance(source, GraphQLType) else ""
    if name in known:
        return known[name]
    told: dict[str, Any] = {}
    for key, value, many, tell in steps:
        found = value(source)
        if tell is not None and found is not None:
            found = [tell(each) for each in found] if many else tell(found)
        told[key] = found
    if name:
        known[name] = told
    return told

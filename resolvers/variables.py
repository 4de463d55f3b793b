"""Coercion of variables, prepared once per operation: graphql-core reads the definitions anew for each request."""

from collections.abc import Collection, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLSchema, Undefined, VariableDefinitionNode, is_non_null_type
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    get_variable_values,
    input_is_nested_too_deeply,
)
from graphql.utilities import coerce_input_value
from graphql.utilities.coerce_input_value import coerce_default_value

from resolvers.errors import RequestErrors

MOST_ERRORS = 5


class Variables:
    """The variables of an operation."""

    def __init__(self, schema: GraphQLSchema, definitions: Collection[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._definitions = definitions
        self._prepared = []
        for definition in definitions:
            signature = get_variable_signature(schema, definition)
            if isinstance(signature, GraphQLError):
                raise RequestErrors([signature])
            default = coerce_default_value(signature) if definition.default_value else Undefined
            source = VariableValueSource(signature)
            self._prepared.append((signature, default, source, is_non_null_type(signature.type)))
        self._none = VariableValues({}, {})

    def coerce(self, given: Mapping[str, Any]) -> VariableValues:
        """Values by name; RequestErrors says what is wrong with which."""
        if not self._prepared:
            return self._none
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        try:
            for signature, default, absent, required in self._prepared:
                name = signature.name
                value = given.get(name, Undefined)
                if value is Undefined:
                    sources[name] = absent
                    if default is not Undefined:
                        coerced[name] = default
                    elif required:
                        raise self._errors(given)
                    continue
                if isinstance(value, dict | list) and input_is_nested_too_deeply(value, signature.type):
                    raise self._errors(given)
                sources[name] = VariableValueSource(signature, value)
                coerced[name] = coerce_input_value(value, signature.type)
                if coerced[name] is Undefined:
                    raise self._errors(given)
        except RecursionError:
            raise self._errors(given) from None
        return VariableValues(sources, coerced)

    def _errors(self, given: Mapping[str, Any]) -> RequestErrors:
        """What graphql-core says of the same values."""
        found = get_variable_values(self._schema, self._definitions, dict(given), MOST_ERRORS)
        if isinstance(found, list):
            return RequestErrors(found)
        return RequestErrors([GraphQLError("The variables do not fit the operation.")])

"""What can be wished of a file: columns, and the filters and orders that the module's connection takes."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from graphql import DocumentNode, FieldNode, OperationDefinitionNode, parse

from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, PageSite
from resolvers.compiler.exporting import MASKED, Order, plain_columns
from resolvers.root import GRAPHQL
from resolvers.variables import Variables
from schema.errors import BadUserInput, NotFound
from schema.filters import where_name
from schema.modules import REGISTRY
from schema.names import plural_field
from schema.ordering import order_name
from schema.registry import Module

EXPORTED = {module.name: module for module in REGISTRY.modules if "export" in module.action_names}
# No cursor is read or sealed.
_NOBODY = Asker(b"", b"")


class Form:
    """What can be wished of a module's files: filters and orders are those of its connection."""

    def __init__(self, module: Module) -> None:
        self.module = module
        field = plural_field(module)
        self.document: DocumentNode = parse(
            f"query ($where: {where_name(module)}, $orderBy: [{order_name(module)}!])"
            f" {{ {field}(where: $where, orderBy: $orderBy) {{ totalCount }} }}",
            no_location=True,
        )
        (definition,) = self.document.definitions
        assert isinstance(definition, OperationDefinitionNode)  # noqa: S101 - it is written above
        (node,) = definition.selection_set.selections
        assert isinstance(node, FieldNode)  # noqa: S101 - likewise
        assert GRAPHQL.query_type is not None  # noqa: S101 - the schema has one
        self._variables = Variables(GRAPHQL, definition.variable_definitions or ())
        self._site = PageSite(0, GRAPHQL.query_type.fields[field], node, module)

    def order(self, columns: Sequence[str] | None, variables: Mapping[str, Any]) -> Order:
        """What is wanted; BadUserInput, LimitExceeded or RequestErrors say what cannot be had."""
        bound = self._site.bind(self._variables.coerce(variables), _NOBODY)
        if bound.error is not None:
            raise bound.error
        assert isinstance(bound.piece, plan.Page)  # noqa: S101 - what is no error is a page
        return Order(self.module, self._columns(columns), bound.piece, bound.values)

    def _columns(self, wanted: Sequence[str] | None) -> tuple[str, ...]:
        if wanted is None:
            return plain_columns(self.module)
        known = {*plain_columns(self.module), *(column.name for column in self.module.sensitive)}
        for reason, wrong in (
            ("name a column at least", not wanted),
            ("a column is named twice", len(set(wanted)) < len(wanted)),
            (f"the columns of {self.module.name} are {', '.join(sorted(known))}", not known.issuperset(wanted)),
        ):
            if wrong:
                raise BadUserInput(fields={"columns": reason})
        asks_for_sensitive = any(column.name in wanted for column in self.module.sensitive)
        return (*wanted, MASKED) if asks_for_sensitive else tuple(wanted)


@cache
def form(module: str) -> Form:
    """What can be wished of a module; NotFound where no files of it are to be had."""
    if module not in EXPORTED:
        raise NotFound("There are no files of this module.", requestable=False)
    return Form(EXPORTED[module])

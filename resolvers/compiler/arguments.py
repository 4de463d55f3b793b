"""What the arguments of fields bring to a request: a part of the plan, and values for its parameters."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLNonNull, VariableNode, Visitor, visit
from graphql.execution.values import VariableValues, get_argument_values

from resolvers.compiler import plan
from resolvers.compiler.catalogue import ENTITIES
from resolvers.compiler.conditions import Parameters, Reader
from resolvers.compiler.cursors import read_cursor, seal_of
from schema.connections import DEFAULT_PAGE, LARGEST_PAGE
from schema.errors import BadUserInput, GatewayError
from schema.names import GlobalId
from schema.ordering import DEFAULT, orderings
from schema.registry import Column, Kind, Module

MOST_SORT_KEYS = 5


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom cursors are read and sealed."""

    secret: bytes
    identity: bytes


@dataclass(frozen=True, slots=True)
class Bound:
    """What one field's arguments bring. `piece` is all of them that the SQL depends on.

    Errors are reported, not raised: a constant one is kept as long as its document.
    """

    piece: Hashable
    values: list[Any] = field(default_factory=list)
    error: GatewayError | None = None
    item_errors: dict[int, GatewayError] = field(default_factory=dict)


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


class Arguments:
    """The arguments of one field in a document."""

    def __init__(self, definition: GraphQLField, node: FieldNode) -> None:
        self._definition = definition
        self._node = node
        finder = _Variables()
        for given in node.arguments or ():
            visit(given, finder)
        self.variables = frozenset(finder.names)
        direct = {
            given.name.value: given.value.name.value
            for given in node.arguments or ()
            if isinstance(given.value, VariableNode)
        }
        self._direct = [
            (name, variable, isinstance(definition.args[name].type, GraphQLNonNull))
            for name, variable in direct.items()
        ]
        self._plain = finder.names == set(direct.values())
        self._constant: dict[str, Any] = {}
        if self._plain:
            constant = FieldNode(
                name=node.name, arguments=tuple(each for each in node.arguments or () if each.name.value not in direct)
            )
            optional = GraphQLField(
                definition.type, args={name: each for name, each in definition.args.items() if name not in direct}
            )
            self._constant = get_argument_values(optional, constant)

    def read(self, variables: VariableValues) -> dict[str, Any]:
        """Values of all arguments that are given; GraphQLError for a null where none may be."""
        if not self._plain:
            return get_argument_values(self._definition, self._node, variables)
        coerced = variables.coerced
        values = dict(self._constant)
        for name, variable, required in self._direct:
            if variable in coerced and not (required and coerced[variable] is None):
                values[name] = coerced[variable]
            elif required:
                return get_argument_values(self._definition, self._node, variables)
        return values


class Site:
    """A field with arguments. `number` is its place among the operation's sites."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode) -> None:
        self.number = number
        self.arguments = Arguments(definition, node)
        self._kept: Bound | None = None

    @property
    def constant(self) -> bool:
        """Whether every request brings the same."""
        return not self.arguments.variables

    @property
    def varies(self) -> bool:
        """Whether requests can differ in the piece."""
        return not self.constant

    def bind(self, variables: VariableValues, asker: Asker) -> Bound:
        """What the arguments bring with these variables. Errors are kept in the answer, not raised."""
        if self._kept is not None:
            return self._kept
        try:
            bound = self.read(self.arguments.read(variables), asker)
        except GatewayError as error:
            bound = Bound(plan.Failed(self.number), error=error.fresh())
        except GraphQLError as error:
            bound = Bound(plan.Failed(self.number), error=BadUserInput(error.message))
        if self.constant and self.keepable(bound):
            self._kept = bound
        return bound

    def keepable(self, bound: Bound) -> bool:  # noqa: ARG002 (for sites that differ)
        """Whether what was bound does not depend on who asks."""
        return True

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:
        """What these values bring; raises GatewayError."""
        raise NotImplementedError


class OneSite(Site):
    """`deal(id:)`, or `node(id:)` when several types are possible."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode, types: tuple[str, ...]) -> None:
        super().__init__(number, definition, node)
        self._types = types

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """The type of the id, and its uuid."""
        found = _global_id(values["id"], "id", *self._types)
        return Bound(found.type_name, [found.uuid])


class ManySite(Site):
    """`nodes(ids:)`."""

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """Types and uuids in the order of the ids; an id that is none is an error of its place alone."""
        ids = values["ids"]
        if len(ids) > LARGEST_PAGE:
            reason = f"at most {LARGEST_PAGE} ids, not {len(ids)}"
            raise BadUserInput(f"ids: {reason}", fields={"ids": reason})
        types: list[str | None] = []
        uuids: list[str | None] = []
        errors: dict[int, GatewayError] = {}
        for place, text in enumerate(ids):
            try:
                found = _global_id(text, f"ids[{place}]", *ENTITIES)
                types.append(found.type_name)
                uuids.append(str(found.uuid))
            except BadUserInput as error:
                errors[place] = error.fresh()
                types.append(None)
                uuids.append(None)
        met = tuple(name for name in ENTITIES if name in types)
        return Bound((met, len(ids)), [types, uuids], item_errors=errors)


class ConnectionSite(Site):
    """A connection, whose arguments are those of a page at least."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode) -> None:
        super().__init__(number, definition, node)
        self._by_cursor = any(each.name.value in ("after", "before") for each in node.arguments or ())

    @property
    def varies(self) -> bool:
        """A cursor is good for one member only, even when it is part of the document."""
        return self._by_cursor or not self.constant

    def keepable(self, bound: Bound) -> bool:  # noqa: ARG002
        """As `varies`."""
        return not self._by_cursor

    @staticmethod
    def positions(
        values: dict[str, Any], order: tuple[plan.SortKey, ...], key: bytes, parameters: Parameters
    ) -> tuple[plan.Position | None, plan.Position | None]:
        """Where the page begins and ends, by the cursors `after` and `before`."""
        after, before = (
            position(values[name], name, order, key, parameters) if values.get(name) is not None else None
            for name in ("after", "before")
        )
        return after, before


class PageSite(ConnectionSite):
    """A connection to rows of a module."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode, module: Module) -> None:
        super().__init__(number, definition, node)
        self._module = module
        self._orderings = orderings(module)
        self._indexed = {sort_column(column) for column in module.columns if column.searchable}

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:
        """The page, and the values of its conditions and cursors; the first value is the seal."""
        parameters = Parameters(self.number)
        size, backward = page_size(values.get("first"), values.get("last"))
        order = self._order(values.get("orderBy"))
        seal = seal_of(self._module.table, order)
        seal_parameter = parameters.add(seal, "bytea")
        reader = Reader(parameters)
        condition = reader.read(self._module, values.get("where") or {})
        after, before = self.positions(values, order, seal.key(asker.secret, asker.identity), parameters)
        modules = tuple(sorted(reader.modules))
        finder = self._finder(condition, order)
        sorts = order[0].column != "created_at" and order[0].column not in self._indexed
        page = plan.Page(condition, order, size, backward, after, before, seal_parameter, modules, finder, sorts)
        return Bound(page, parameters.values)

    def _finder(self, condition: plan.Condition, order: tuple[plan.SortKey, ...]) -> str | None:
        """The function that knows pages of all records by their age; it has no filters."""
        by_age = condition == plan.All() and [key.column for key in order] == ["created_at"]
        return f"access.page_of_{self._module.name}" if by_age and self._module.reach == Kind.RECORD else None

    def _order(self, names: list[Any] | None) -> tuple[plan.SortKey, ...]:
        keys: dict[str, plan.SortKey] = {}
        for name in names or [DEFAULT]:
            step = self._orderings[getattr(name, "value", name)]
            column = step.column
            keys.setdefault(
                column.name,
                plan.SortKey(sort_column(column), column.type.value, step.descending, nullable=not column.required),
            )
        if len(keys) > MOST_SORT_KEYS:
            reason = f"at most {MOST_SORT_KEYS} columns"
            raise BadUserInput(f"orderBy: {reason}", fields={"orderBy": reason})
        return tuple(keys.values())


def position(
    cursor: str, argument: str, order: tuple[plan.SortKey, ...], key: bytes, parameters: Parameters
) -> plan.Position:
    """Where a cursor points; BadUserInput names the argument when it is none of this list."""
    *values, row_id = read_cursor(cursor, key, order, argument)
    return plan.Position(
        tuple(
            None if value is None else parameters.add(value, step.type)
            for step, value in zip(order, values, strict=True)
        ),
        parameters.add(row_id, "uuid"),
    )


def sort_column(column: Column) -> str:
    """The column that an order by this one goes by: a text that is searched has a twin in lower case, with an index."""
    return f"{column.name}_lower" if column.searchable and not column.lowercase else column.name


def page_size(first: int | None, last: int | None) -> tuple[int, bool]:
    """Size of a page, and whether it is taken from the back."""
    if first is not None and last is not None:
        reason = "give either first or last"
        raise BadUserInput(reason, fields={"last": reason})
    size, name = (last, "last") if last is not None else (first, "first")
    if size is None:
        return DEFAULT_PAGE, False
    if not 0 <= size <= LARGEST_PAGE:
        reason = f"has to be between 0 and {LARGEST_PAGE}, not {size}"
        raise BadUserInput(f"{name}: {reason}", fields={name: reason})
    return size, name == "last"


def _global_id(text: str, argument: str, *types: str) -> GlobalId:
    try:
        return GlobalId.parse(text, *types)
    except ValueError as error:
        raise BadUserInput(f"{argument}: {error}", fields={argument: str(error)}) from None

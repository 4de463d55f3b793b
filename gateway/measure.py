"""How much an operation asks for, found without doing any of it.

Fragments are measured once each and their numbers added wherever they are spread, so that 25 fragments which double
each other cost 25 additions and not 2**25. Nothing here recurses: a document's shape is the client's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from schema.building import QUERY

_INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(slots=True)
class Values:
    """Size of an input value: how many scalars, lists and objects, how deeply nested, and its longest list."""

    count: int = 0
    depth: int = 0
    longest: int = 0


@dataclass(slots=True)
class Measure:
    """What an operation asks for, fragments expanded. `uses` counts the places where each variable is given."""

    fields: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    introspection: int = 0
    literals: Values = field(default_factory=Values)
    uses: dict[str, int] = field(default_factory=dict)
    defaults: dict[str, Values] = field(default_factory=dict)


@dataclass(slots=True)
class _Spread:
    name: str
    depth: int
    at_root: bool
    factor: int


@dataclass(slots=True)
class _Definition:
    """A definition's own numbers, and where others are spread in it."""

    own: Measure
    spreads: list[_Spread]


class Measurer:
    """Measures operations against a schema, which tells how long the lists of introspection are."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._factors = _list_lengths(schema)

    def operations(self, document: DocumentNode) -> dict[str | None, Measure]:
        """Measure each operation of the document, by name (None: the anonymous one)."""
        fragments = {
            node.name.value: self._own(node.selection_set, node.directives, inside=_is_introspection(node))
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        whole: dict[str, Measure] = {}
        for name in _children_first(fragments):
            whole[name] = _sum(fragments[name], whole)
        measures: dict[str | None, Measure] = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                measure = _sum(self._own(node.selection_set, node.directives, inside=False), whole)
                for variable in node.variable_definitions or ():
                    measure.directives += len(variable.directives or ())
                    if variable.default_value is not None:
                        measure.defaults[variable.variable.name.value] = _literal(variable.default_value, {})
                measures[node.name.value if node.name else None] = measure
        return measures

    def _own(
        self, selections: SelectionSetNode, directives: tuple[DirectiveNode, ...] | None, *, inside: bool
    ) -> _Definition:
        own = Measure()
        spreads: list[_Spread] = []
        _directives(own, directives)
        stack = [(selections, 1, True, int(inside))]
        while stack:
            selection_set, depth, at_root, factor = stack.pop()
            # Introspection has an estimate of its own, and tools that nest `ofType` deeply.
            own.depth = max(own.depth, 0 if factor else depth)
            for node in selection_set.selections:
                _directives(own, node.directives)
                if isinstance(node, FieldNode):
                    name = node.name.value
                    own.fields += not factor
                    own.aliases += node.alias is not None
                    own.root_fields += at_root
                    own.introspection += factor
                    for argument in node.arguments or ():
                        _add_values(own.literals, _literal(argument.value, own.uses))
                    if node.selection_set:
                        within = factor * self._factors.get(name, 1) if factor else int(name in _INTROSPECTION)
                        # In a payload, too, fields of `query` are root fields.
                        stack.append((node.selection_set, depth + 1, name == QUERY, within))
                elif isinstance(node, InlineFragmentNode):
                    stack.append((node.selection_set, depth, at_root, factor))
                elif isinstance(node, FragmentSpreadNode):
                    spreads.append(_Spread(node.name.value, depth, at_root, factor))
        return _Definition(own, spreads)


def values(value: Any) -> Values:
    """Measure a decoded JSON value."""
    if not isinstance(value, dict | list):
        return Values(1, 1)
    count, deepest, longest = 1, 1, 0
    stack = [(value, 1)]
    while stack:
        node, depth = stack.pop()
        count += len(node)
        if node and depth >= deepest:
            deepest = depth + 1
        if isinstance(node, list):
            longest = max(longest, len(node))
            children: Iterable[Any] = node
        else:
            children = node.values()
        stack += [(child, depth + 1) for child in children if isinstance(child, dict | list)]
    return Values(count, deepest, longest)


def _literal(value: ValueNode, uses: dict[str, int]) -> Values:
    found = Values()
    stack = [(value, 1)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, VariableNode):
            uses[node.name.value] = uses.get(node.name.value, 0) + 1
            continue
        found.count += 1
        found.depth = max(found.depth, depth)
        if isinstance(node, ObjectValueNode):
            stack.extend((child.value, depth + 1) for child in node.fields)
        elif isinstance(node, ListValueNode):
            found.longest = max(found.longest, len(node.values))
            stack.extend((child, depth + 1) for child in node.values)
    return found


def _directives(own: Measure, nodes: tuple[DirectiveNode, ...] | None) -> None:
    own.directives += len(nodes or ())
    for node in nodes or ():
        for argument in node.arguments or ():
            _add_values(own.literals, _literal(argument.value, own.uses))


def _add_values(total: Values, more: Values, times: int = 1) -> None:
    total.count += more.count * times
    total.depth = max(total.depth, more.depth)
    total.longest = max(total.longest, more.longest)


def _sum(definition: _Definition, whole: Mapping[str, Measure]) -> Measure:
    """Add what is spread to a definition's own numbers; a fragment that is unknown or spreads itself adds nothing."""
    total = definition.own
    for spread in definition.spreads:
        part = whole.get(spread.name)
        if part is None:
            continue
        total.fields += part.fields
        total.depth = max(total.depth, 0 if spread.factor else spread.depth + part.depth - 1)
        total.aliases += part.aliases
        total.directives += part.directives
        total.root_fields += part.root_fields if spread.at_root else 0
        total.introspection += part.introspection * max(spread.factor, 1)
        _add_values(total.literals, part.literals)
        for name, count in part.uses.items():
            total.uses[name] = total.uses.get(name, 0) + count
    return total


def _children_first(fragments: Mapping[str, _Definition]) -> Iterator[str]:
    """Order fragments so that each comes after those which it spreads."""
    begun: set[str] = set()
    for root in fragments:
        stack = [(root, iter(fragments[root].spreads))] if root not in begun else []
        begun.add(root)
        while stack:
            name, spreads = stack[-1]
            child = next((s.name for s in spreads if s.name in fragments and s.name not in begun), None)
            if child is None:
                stack.pop()
                yield name
            else:
                begun.add(child)
                stack.append((child, iter(fragments[child].spreads)))


def _is_introspection(node: FragmentDefinitionNode) -> bool:
    return node.type_condition.name.value.startswith("__")


def _list_lengths(schema: GraphQLSchema) -> dict[str, int]:
    """Average length of the lists that introspection answers, rounded up."""
    types = list(schema.type_map.values())
    composite = [kind for kind in types if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)]
    fields = [field for kind in composite for field in kind.fields.values()]
    totals = {
        "fields": len(fields),
        "inputFields": sum(len(kind.fields) for kind in types if isinstance(kind, GraphQLInputObjectType)),
        "enumValues": sum(len(kind.values) for kind in types if isinstance(kind, GraphQLEnumType)),
        "interfaces": sum(len(kind.interfaces) for kind in composite),
        "possibleTypes": sum(
            len(schema.get_possible_types(kind)) for kind in types if isinstance(kind, GraphQLInterfaceType)
        ),
    }
    lengths = {name: -(-total // len(types)) for name, total in totals.items()}
    arguments = sum(len(field.args) for field in fields)
    return {
        **lengths,
        "types": len(types),
        "args": -(-arguments // max(1, len(fields))),
        "directives": len(schema.directives),
    }

"""What is known of an operation before any request: its fields with arguments, and what decides its selections."""

from collections.abc import Iterable

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    get_named_type,
    visit,
)

from resolvers.compiler.arguments import ManySite, OneSite, PageSite, Site
from resolvers.compiler.calling import CallSite
from resolvers.compiler.catalogue import ENTITIES
from resolvers.compiler.directory import MembersSite
from resolvers.compiler.selection import SINGLE
from resolvers.compiler.writing import WRITES, WriteSite
from schema.administration import ADMINISTRATION
from schema.modules import REGISTRY

CONNECTIONS = {f"{module.type_name}Connection": module for module in REGISTRY.modules}
CONDITIONALS = ("include", "skip")


class Statics(Visitor):
    """Finds the sites of an operation and of its fragments, and the variables of @include and @skip."""

    def __init__(
        self, schema: GraphQLSchema, nodes: Iterable[OperationDefinitionNode | FragmentDefinitionNode]
    ) -> None:
        super().__init__()
        self.sites: list[Site] = []
        self.numbers: dict[int, int] = {}
        self.conditionals: dict[str, None] = {}
        self.needs_database = False
        self._types = TypeInfo(schema)
        for node in nodes:
            visit(node, TypeInfoVisitor(self._types, self))

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Make a site of a field with arguments that the compiler reads."""
        parent, definition = self._types.get_parent_type(), self._types.get_field_def()
        if parent is None or definition is None or id(node) in self.numbers:
            return
        if parent.name in ("Query", "Mutation") and not node.name.value.startswith("__"):
            self.needs_database = True
        site = self._site(parent.name, definition, node)
        if site is not None:
            self.numbers[id(node)] = site.number
            self.sites.append(site)

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        """Note the variable of an @include or @skip."""
        if node.name.value in CONDITIONALS:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.conditionals[argument.value.name.value] = None

    def _site(self, parent: str, definition: GraphQLField, node: FieldNode) -> Site | None:
        number, name = len(self.sites), node.name.value
        if parent == "Mutation" and name in WRITES:
            verb, module = WRITES[name]
            return WriteSite(number, definition, node, verb, module)
        if parent == "Mutation" and name in ADMINISTRATION:
            return CallSite(number, definition, node, ADMINISTRATION[name])
        if parent == "Query" and name == "node":
            return OneSite(number, definition, node, tuple(ENTITIES))
        if parent == "Query" and name == "nodes":
            return ManySite(number, definition, node)
        if parent == "Query" and name in SINGLE:
            return OneSite(number, definition, node, (SINGLE[name],))
        if parent == "Query" and name == "members":
            return MembersSite(number, definition, node)
        named = get_named_type(definition.type).name
        if named in CONNECTIONS:
            return PageSite(number, definition, node, CONNECTIONS[named])
        return None


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.names[node.name.value] = None


def fragments_of(document: DocumentNode, operation: OperationDefinitionNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments that an operation uses, directly or within others, by name."""
    known = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    used: dict[str, FragmentDefinitionNode] = {}
    waiting: list[OperationDefinitionNode | FragmentDefinitionNode] = [operation]
    while waiting:
        spreads = _Spreads()
        visit(waiting.pop(), spreads)
        for name in spreads.names:
            if name not in used:
                used[name] = known[name]
                waiting.append(known[name])
    return used

"""What is known of an operation before any request: its fields with arguments, and what decides its selections."""

from collections.abc import Callable, Iterable
from functools import partial

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
from resolvers.compiler.assigning import ASSIGNMENTS, AssignmentSite
from resolvers.compiler.calling import CallSite
from resolvers.compiler.catalogue import ENTITIES
from resolvers.compiler.directory import InvitationsSite, JobsSite, MembersSite
from resolvers.compiler.history import HistorySite
from resolvers.compiler.importing import IMPORTS, ImportSite
from resolvers.compiler.persons import PersonSite
from resolvers.compiler.selection import SINGLE
from resolvers.compiler.trash import TrashSite
from resolvers.compiler.walls import WhyEmptySite
from resolvers.compiler.writing import WRITES, WriteSite
from schema.administration import CALLS
from schema.history import CHANGE
from schema.modules import REGISTRY
from schema.persons import ACCEPT, SUBSCRIBE

CONNECTIONS = {f"{module.type_name}Connection": module for module in REGISTRY.modules}
CONDITIONALS = ("include", "skip")
# What makes the site of a root field, by its type and name; other sites are known by the type of the field.
BY_NAME: dict[tuple[str, str], Callable[[int, GraphQLField, FieldNode], Site]] = {
    ("Query", "node"): partial(OneSite, types=tuple(ENTITIES)),
    ("Query", "nodes"): ManySite,
    ("Query", "members"): MembersSite,
    ("Query", "invitations"): InvitationsSite,
    ("Query", "jobs"): JobsSite,
    ("Query", "whyEmpty"): WhyEmptySite,
    ("Query", "trash"): TrashSite,
    **{("Query", name): partial(OneSite, types=(type_name,)) for name, type_name in SINGLE.items()},
    **{("Mutation", name): partial(WriteSite, verb=verb, module=module) for name, (verb, module) in WRITES.items()},
    **{("Mutation", name): partial(CallSite, mutation=mutation) for name, mutation in CALLS.items()},
    **{("Mutation", name): partial(AssignmentSite, module=module) for name, module in ASSIGNMENTS.items()},
    **{("Mutation", name): partial(ImportSite, module=module) for name, module in IMPORTS.items()},
    **{("Mutation", name): PersonSite for name in (ACCEPT, SUBSCRIBE)},
}


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
        number = len(self.sites)
        if maker := BY_NAME.get((parent, node.name.value)):
            return maker(number, definition, node)
        named = get_named_type(definition.type).name
        if named == f"{CHANGE}Connection":
            return HistorySite(number, definition, node)
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

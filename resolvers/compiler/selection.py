"""From the selections of a validated document to a plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from resolvers.compiler import plan
from resolvers.compiler.arguments import Bound
from resolvers.compiler.catalogue import (
    CATALOGUE,
    ENTITIES,
    Collection,
    Entity,
    OwnColumn,
    OwnId,
    Pages,
    Part,
    Permission,
    Recipe,
    Reference,
)
from resolvers.compiler.conditions import join_of, list_of
from schema.history import CHANGE, INSTEAD, LISTED, TOOL
from schema.links import Link
from schema.modules import REGISTRY
from schema.names import plural_field, singular_field
from schema.persons import MY_ACCOUNTS
from schema.registry import Module
from schema.trash import DELETES, LISTED as TRASH, TRASHED

# What graphql-core answers: of the schema, and of a person who need not be a member.
META = ("__schema", "__type", MY_ACCOUNTS)
ROOTS: dict[str, Module] = {
    **{singular_field(module): module for module in REGISTRY.modules},
    **{plural_field(module): module for module in REGISTRY.modules},
}
SINGLE: dict[str, str] = {
    "job": "Job",
    "role": "Role",
    "team": "Team",
    "member": "Member",
    "invitation": "Invitation",
    **{singular_field(module): module.type_name for module in REGISTRY.modules},
}
LISTS = {
    "roles": Collection("Role", "all_roles", ("name", "id"), ("roles",)),
    "teams": Collection("Team", "all_teams", ("name", "id")),
    "sensitiveModules": Collection("SensitiveModule", "all_sensitive_modules", ("module",), ("settings",)),
}
# Connections of what is of no module.
PAGES = {"members": "Member", "invitations": "Invitation", "jobs": "Job"}
MARKS = {
    "hasNextPage": "has_next",
    "hasPreviousPage": "has_previous",
    "startCursor": "start",
    "endCursor": "end",
}


def allowed(module: Module, action: str) -> plan.Allowed:
    """Whether an action is possible on a row: its own scopes tell of which, or those of `view` where it has none."""
    scoped = REGISTRY.scoped(module, action)
    return plan.Allowed(
        module.governing,
        action,
        f"access.{module.reach}_within",
        module.reach_columns,
        module.share_keys if scoped else (),
        on_rows_of=None if scoped else "view",
        states=tuple(_states(module)) if action == "update" and module.content else (),
    )


def _states(module: Module) -> Iterator[plan.InState]:
    """When more than `update` is needed to change what a row says, as the action wall has it (rule C3)."""
    if module.shown:
        published = (module.shown.name, module.shown.choices[-1:])
        goes = module.destination
        wide = allowed(module, module.shown.action)
        if module.narrower and goes and goes.limited:
            yield plan.InState(*published, allowed(module, module.narrower))
            yield plan.InState(*published, wide, but=(goes.column, goes.limited[0]))
        else:
            yield plan.InState(*published, wide)
    for state, _ in module.done:
        if state.choices[1:-1]:
            yield plan.InState(state.name, state.choices[1:-1], allowed(module, state.action))
        if module.rests_when_sent:
            yield plan.InState(state.name, state.choices[-1:], None)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a connection lists: rows of a type, where they are, and whose `view` it needs, or what else will do.

    `action` is what it needs instead of `view`.
    """

    type_name: str
    source: str
    modules: tuple[str, ...]
    instead: tuple[tuple[str, str], ...] = ()
    action: str = "view"


HISTORY = Listed(CHANGE, LISTED, (TOOL,), INSTEAD)


def deleted_rows(page: plan.Page) -> Listed:
    """A page of the trash: it takes `delete` of the module that is asked for, or of any."""
    if page.modules:
        module = REGISTRY.by_name[page.modules[0]]
        return Listed(TRASHED, TRASH, (module.governing,), action=module.needed("delete"))
    name, action = DELETES[0]
    return Listed(TRASHED, TRASH, (name,), DELETES, action)


def rows_of(entity: Entity, page: plan.Page) -> Listed:
    """A page of an entity's rows, with the modules that its conditions ask about."""
    others = (name for name in page.modules if name not in entity.needs)
    return Listed(entity.type_name, entity.source, (*entity.needs, *others))


def _listed(name: str, page: plan.Page) -> Listed:
    """What a root field lists."""
    if name == "trash":
        return deleted_rows(page)
    if name == "accessLog":
        return HISTORY
    type_name = PAGES.get(name) or ROOTS[name].type_name
    return rows_of(ENTITIES[type_name], page)


@dataclass(frozen=True, slots=True)
class Document:
    """An operation with all that its selections refer to."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDetails]


class Selection:
    """Plans selections of one document, for given variables and bound arguments.

    `positions` gets, for each planned field, its nodes in the document: for the locations of errors.
    """

    def __init__(
        self,
        document: Document,
        variables: VariableValues,
        sites: Mapping[int, int],
        bound: Sequence[Bound],
    ) -> None:
        self._document = document
        self._variables = variables
        self._sites = sites
        self._bound = bound
        self.positions: list[list[FieldNode]] = []

    def root(self, type_: GraphQLObjectType) -> GroupedFieldSet:
        """The root fields of the operation by response key, in order."""
        return collect_fields(
            self._document.schema,
            dict(self._document.fragments),
            self._variables,
            type_,
            self._document.operation,
        ).grouped_field_set

    def query(self, groups: GroupedFieldSet) -> plan.Statement:
        """One statement for root fields of the query type."""
        type_ = cast("GraphQLObjectType", self._document.schema.query_type)
        return plan.Statement(
            tuple(self._field(type_, key, details, self._query_value) for key, details in groups.items())
        )

    # Root fields

    def _query_value(self, name: str, details: FieldDetailsList) -> plan.Value:
        if name == "viewer":
            return plan.One("crm.viewer", None, self._rows("Viewer", details))
        if name in LISTS:
            return self._value(LISTS[name], "", details)
        site = self._sites[id(details[0].node)]
        piece = self._bound[site].piece
        if isinstance(piece, plan.Failed):
            return piece
        if name == "whyEmpty":
            arguments = (plan.Param(site, 0, "uuid"), plan.Param(site, 1, "text"))
            return plan.Called("access.why_empty", arguments, "place", self._rows("Wall", details), ("users",))
        if name == "nodes":
            met, count = cast("tuple[tuple[str, ...], int]", piece)
            choices = tuple(self._choice(ENTITIES[type_name], details) for type_name in met)
            return plan.ByIds(plan.Param(site, 0, "text[]"), plan.Param(site, 1, list_of("uuid")), count, choices)
        if name == "node" or name in SINGLE:
            choice = self._choice(ENTITIES[cast("str", piece)], details)
            return plan.One(choice.source, plan.Param(site, 0, "uuid"), choice.fields, choice.modules)
        page = cast("plan.Page", piece)
        return self._connection(_listed(name, page), None, page, details)

    def _choice(self, entity: Entity, details: FieldDetailsList) -> plan.Choice:
        return plan.Choice(entity.type_name, entity.source, self._rows(entity.type_name, details), entity.needs)

    # Rows

    def _rows(self, type_name: str, details: FieldDetailsList, prefix: str = "") -> tuple[plan.Field, ...]:
        """Fields of an object whose columns stand in the row at hand, behind a prefix."""
        type_ = self._object_type(type_name)
        recipes = CATALOGUE[type_name]

        def value(name: str, details: FieldDetailsList) -> plan.Value:
            return self._value(recipes[name], prefix, details)

        groups = self._subfields(type_, details)
        return tuple(self._field(type_, key, group, value) for key, group in groups.items())

    def _value(self, recipe: Recipe, prefix: str, details: FieldDetailsList) -> plan.Value:
        match recipe:
            case OwnColumn(column, enum, longest):
                return plan.Column(prefix + column, enum, longest)
            case OwnId(type_name, column):
                return plan.Identity(type_name, prefix + column)
            case Permission(module, action):
                return allowed(module, action)
            case Part(type_name, part_prefix):
                return plan.Inline(self._rows(type_name, details, part_prefix))
            case Reference(type_name, near, far, source):
                return self._reference(type_name, plan.Join(far, near), source, details)
            case Collection(type_name, source, order, needs):
                return plan.Many(source, order, self._rows(type_name, details), needs)
            case Pages(link):
                return self._linked(link, details)

    def _reference(self, type_name: str, join: plan.Join, source: str | None, details: FieldDetailsList) -> plan.Value:
        fields = self._rows(type_name, details)
        if source is not None:
            return plan.One(source, join, fields)
        entity = ENTITIES[type_name]
        return plan.One(entity.source, join, fields, entity.needs)

    def _linked(self, link: Link, details: FieldDetailsList) -> plan.Value:
        piece = self._bound[self._sites[id(details[0].node)]].piece
        if isinstance(piece, plan.Failed):
            return piece
        page = cast("plan.Page", piece)
        return self._connection(rows_of(ENTITIES[link.target.type_name], page), join_of(link), page, details)

    # Connections

    def _connection(
        self, listed: Listed, join: plan.Join | None, page: plan.Page, details: FieldDetailsList
    ) -> plan.Connection:
        type_ = self._object_type(f"{listed.type_name}Connection")

        def value(name: str, details: FieldDetailsList) -> plan.Value:
            match name:
                case "nodes":
                    return plan.Nodes(self._rows(listed.type_name, details))
                case "edges":
                    return plan.Edges(self._edge(listed.type_name, details))
                case "pageInfo":
                    return plan.PageInfo(self._page_info(details))
                case _:
                    return plan.TotalCount()

        groups = self._subfields(type_, details)
        fields = tuple(self._field(type_, key, group, value) for key, group in groups.items())
        return plan.Connection(listed.source, join, page, fields, listed.modules, listed.instead, listed.action)

    def _edge(self, type_name: str, details: FieldDetailsList) -> tuple[plan.Field, ...]:
        type_ = self._object_type(f"{type_name}Edge")

        def value(name: str, details: FieldDetailsList) -> plan.Value:
            return plan.Node(self._rows(type_name, details)) if name == "node" else plan.Cursor()

        groups = self._subfields(type_, details)
        return tuple(self._field(type_, key, group, value) for key, group in groups.items())

    def _page_info(self, details: FieldDetailsList) -> tuple[plan.Field, ...]:
        type_ = self._object_type("PageInfo")
        groups = self._subfields(type_, details)
        return tuple(
            self._field(type_, key, group, lambda name, _: plan.Mark(MARKS[name])) for key, group in groups.items()
        )

    # What all selections share

    def _field(self, type_: GraphQLObjectType, key: str, details: FieldDetailsList, value: Any) -> plan.Field:
        name = details[0].node.name.value
        if name == "__typename":
            return plan.Field(key, plan.Text(type_.name), nullable=False)
        self.positions.append([each.node for each in details])
        position = len(self.positions) - 1
        nullable = not isinstance(type_.fields[name].type, GraphQLNonNull)
        return plan.Field(key, value(name, details), nullable, position)

    def _subfields(self, type_: GraphQLObjectType, details: FieldDetailsList) -> GroupedFieldSet:
        return collect_subfields(
            self._document.schema,
            dict(self._document.fragments),
            self._variables,
            self._document.operation,
            type_,
            details,
        ).grouped_field_set

    def _object_type(self, name: str) -> GraphQLObjectType:
        return cast("GraphQLObjectType", get_named_type(self._document.schema.type_map[name]))

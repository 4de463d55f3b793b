"""Object types of modules, made from their registry entries."""

from collections.abc import Callable
from inspect import get_annotations
from typing import TypeVar

import strawberry
from strawberry.types.field import StrawberryField

from schema.assignments import ASSIGNED, assignment_types
from schema.building import enter, enum_type, field, fill, object_type
from schema.connections import connection_field, connection_types
from schema.filters import where_types
from schema.imports import IMPORTED, import_types
from schema.inputs import input_types
from schema.links import links_of
from schema.modules import REGISTRY
from schema.names import camel, can, enum_name
from schema.ordering import order_type
from schema.registry import Column, Kind, Module, Type
from schema.types.node import Node

Row = TypeVar("Row", bound=type[Node])

OUTPUT_TYPES = {
    Type.TEXT: "str",
    Type.INTEGER: "int",
    Type.BIGINT: "SafeInt",
    Type.BOOLEAN: "bool",
    Type.DATE: "Date",
    Type.TIMESTAMP: "DateTime",
}


def row_type(module: Module) -> Callable[[Row], Row]:
    """Make a class the GraphQL type of a module, with all that belongs to it: filters, orders, pages, inputs, access.

    Fields that the class declares itself stay as they are.
    """

    def decorate(cls: Row) -> Row:
        for column in module.columns:
            if column.choices:
                _choices(module, column)
        where_types(module, REGISTRY)
        order_type(module)
        connection_types(module)
        _access_type(module)
        if module.sensitive:
            _sensitive_type(module)
        if module.sends_to:
            _sent_type(module)
        input_types(module)
        if module in ASSIGNED:
            assignment_types(module)
        if module in IMPORTED:
            import_types(module)
        declared = get_annotations(cls)
        fill(cls, [each for each in _fields(module) if each.python_name not in declared])
        made: Row = strawberry.type(cls, name=module.type_name, description=module.description)
        enter(module.type_name, made)
        return made

    return decorate


def column_field(module: Module, column: Column, *, nullable: bool) -> StrawberryField:
    """The output field of a column."""
    name = enum_name(module, column) if column.choices else OUTPUT_TYPES[column.type]
    return field(camel(column.name), f"{name} | None" if nullable else name, column.description)


def _fields(module: Module) -> list[StrawberryField]:
    foreign_keys = {relation.column for relation in module.to_one}
    return [
        *(
            column_field(module, column, nullable=not column.required)
            for column in module.columns
            if column.name not in foreign_keys
        ),
        *(
            field(
                camel(relation.name),
                f"{REGISTRY.by_name[relation.target].type_name} | None",
                f"{relation.description} Null when there is none, or it is hidden from you.",
            )
            for relation in module.to_one
        ),
        *(connection_field(link.name, link.target, link.description) for link in links_of(module, REGISTRY)),
        *_owner_fields(module),
        field("createdBy", "Person | None", "Who created the row; never changes. Null when you do not know them."),
        *_team_fields(module),
        field("createdAt", "DateTime", "When the row was created."),
        field("updatedAt", "DateTime", "When the row was last changed, by whomever; a hand-over is a change too."),
        field("version", "int", "How many times the row was written; for `expectedVersion`."),
        *_sensitive_fields(module),
        *_sent_fields(module),
        *_share_fields(module),
        field(
            "access",
            f"{module.type_name}Access",
            "What you may do with this row now: which buttons to show, and which to show disabled.",
        ),
    ]


def _owner_fields(module: Module) -> list[StrawberryField]:
    if module.kind is Kind.SHARED:
        return []
    return [field("owner", "Person | None", "Who is responsible. Null when nobody is, or you do not know them.")]


def _team_fields(module: Module) -> list[StrawberryField]:
    if module.kind is Kind.SHARED:
        return []
    if module.kind is Kind.ASSET:
        return [
            field("teams", "list[Team]", "Teams to which the row is assigned, by name; only those that you know."),
            field(
                "restricted",
                "bool",
                "Whether, of teams, only the assigned ones (`teams`) and those above reach the row. False: all do.",
            ),
        ]
    return [
        field("team", "Team | None", "The owning team. Null when there is none, or you do not know it."),
        field("openToAll", "bool", "Whether all teams reach the row, as if each were its owning team."),
    ]


def _share_fields(module: Module) -> list[StrawberryField]:
    if module.kind not in (Kind.RECORD, Kind.ASSET):
        return []
    return [
        field(
            "shares",
            "list[Share]",
            "With whom the row is shared now, the oldest first: all of them for who may `assign` the row; else what is "
            "shared with you or by you.",
        )
    ]


def _sensitive_fields(module: Module) -> list[StrawberryField]:
    if not module.sensitive:
        return []
    return [
        field(
            "sensitive",
            f"{module.type_name}Sensitive | None",
            "What needs `view_sensitive`, unless the account does not mask it. Null when nothing is recorded, or it is "
            "masked (not `access.canViewSensitive`).",
        )
    ]


def _sent_fields(module: Module) -> list[StrawberryField]:
    if not module.sends_to:
        return []
    return [
        field(
            "sent",
            f"{module.type_name}Sent | None",
            "What went to the list, as it was then: kept by the database with the list of those who received it, and "
            "delivered from there. Null while nothing was sent.",
        )
    ]


def _choices(module: Module, column: Column) -> None:
    names = [choice.upper() for choice in column.choices]
    enum_type(
        enum_name(module, column),
        column.description,
        dict(zip(names, column.choices, strict=True)),
        dict(zip(names, column.meanings, strict=True)) if column.meanings else None,
    )


def _access_type(module: Module) -> None:
    object_type(
        f"{module.type_name}Access",
        f"What you may do with one row of {module.name}, as the database would decide at this moment.",
        [
            field(can(action), "bool", f"Whether you hold '{action}' for this row.{_in_its_state(module, action)}")
            for action in REGISTRY.buttons(module)
        ],
    )


def _in_its_state(module: Module, action: str) -> str:
    """What is said of `update` where a row that is published or sent is not everybody's to change."""
    if action != "update":
        return ""
    said = ""
    if module.shown:
        narrower = f" ('{module.narrower}' where it is published internally)" if module.narrower else ""
        said += f" While it is published, whether you hold '{module.shown.action}' for it as well{narrower}."
    for state, _ in module.done:
        if state.choices[1:-1]:
            said += f" While it is about to go out, whether you hold '{state.action}' for it as well."
        if module.rests_when_sent:
            said += " False for everybody once it was sent: change a copy."
        else:
            later = ", ".join(f"`{camel(column.name)}`" for column in module.content if column.afterwards)
            said += f" Once it was sent, nothing but {later} is changed by anybody."
    return said


def _sent_type(module: Module) -> None:
    object_type(
        f"{module.type_name}Sent",
        f"What was sent of a row of {module.name}, as it was at that moment.",
        [column_field(module, column, nullable=True) for column in module.content],
    )


def _sensitive_type(module: Module) -> None:
    object_type(
        f"{module.type_name}Sensitive",
        f"Columns of {module.name} that are shown only to holders of `view_sensitive`, unless the account does not "
        "mask them (`sensitiveModules`).",
        [column_field(module, column, nullable=True) for column in module.sensitive],
    )

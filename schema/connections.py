"""Relay connections: pages of a module's rows."""

from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.building import argument, field, object_type
from schema.filters import where_name
from schema.names import camel
from schema.ordering import DEFAULT, order_name
from schema.registry import Module

DEFAULT_PAGE = 20
LARGEST_PAGE = 100

object_type(
    "PageInfo",
    "Where a page stands in its list.",
    [
        field("hasNextPage", "bool", "Whether rows follow the page."),
        field("hasPreviousPage", "bool", "Whether rows precede the page."),
        field("startCursor", "str | None", "Cursor of the first row of the page; null for an empty page."),
        field("endCursor", "str | None", "Cursor of the last row of the page; null for an empty page."),
    ],
)


def connection_name(module: Module) -> str:
    """Name of the connection type of a module."""
    return f"{module.type_name}Connection"


def connection_types(module: Module) -> None:
    """Make the connection and edge types of a module."""
    connection_types_of(module.type_name, module.name.replace("_", " "))


def connection_types_of(type_name: str, rows: str) -> None:
    """Make the connection and edge types of an object type; `rows`: how its objects are called."""
    edge = f"{type_name}Edge"
    object_type(
        edge,
        f"A row in a page of {rows}.",
        [
            field(
                "cursor",
                "str",
                "Opaque; for `after` and `before` with the same `orderBy`, of the same member, in requests that name"
                " the account, or leave it out, alike. Outlives its row.",
            ),
            field("node", type_name, "The row."),
        ],
    )
    object_type(
        f"{type_name}Connection",
        f"A page of {rows} that you may see.",
        [
            field("edges", f"list[{edge}]", "The rows of the page, each with its cursor."),
            field("nodes", f"list[{type_name}]", "The rows of the page."),
            field("pageInfo", "PageInfo", "Where the page stands in the list."),
            field("totalCount", "int", "How many rows the list has on all its pages. Counted only when asked for."),
        ],
    )


def page_arguments(module: Module) -> list[StrawberryArgument]:
    """Arguments of a connection to rows of a module."""
    return [
        argument("where", f"{where_name(module)} | None", "Only rows that fulfil this."),
        argument(
            "orderBy", f"list[{order_name(module)}] | None", f"By default [{DEFAULT}]; equal rows are ordered by id."
        ),
        *window_arguments(),
    ]


def window_arguments() -> list[StrawberryArgument]:
    """Arguments of every connection field: which part of its list the page is."""
    return [
        argument(
            "first", "int | None", f"Size of the page, from the front: 0 to {LARGEST_PAGE}, by default {DEFAULT_PAGE}."
        ),
        argument("after", "str | None", "Only rows that follow this cursor."),
        argument(
            "last", "int | None", f"Size of the page, from the back: 0 to {LARGEST_PAGE}; not together with `first`."
        ),
        argument("before", "str | None", "Only rows that precede this cursor."),
    ]


def connection_field(name: str, module: Module, description: str) -> StrawberryField:
    """A field that leads to a page of rows. Null, with an error, where the module may not be viewed."""
    return field(camel(name), f"{connection_name(module)} | None", description, page_arguments(module))

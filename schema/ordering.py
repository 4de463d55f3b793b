"""`orderBy` enums, and what a name in them means."""

from dataclasses import dataclass

from schema.building import enum_type
from schema.names import camel
from schema.registry import Column, Module, Type

BUILT_IN = (
    Column("created_at", Type.TIMESTAMP, "When the row was created.", required=True, sortable=True),
    Column("updated_at", Type.TIMESTAMP, "When the row was last changed.", required=True, sortable=True),
)
DEFAULT = "CREATED_AT_DESC"


@dataclass(frozen=True, slots=True)
class Ordering:
    """One step of an order. Rows without a value come last, in both directions."""

    name: str
    column: Column
    descending: bool


def order_name(module: Module) -> str:
    """Name of the `orderBy` enum of a module."""
    return f"{module.type_name}Order"


def orderings(module: Module) -> dict[str, Ordering]:
    """What each name of the enum means, in the order of the columns."""
    steps = (
        Ordering(f"{column.name.upper()}_{suffix}", column, descending)
        for column in (*module.columns, *BUILT_IN)
        if column.sortable
        for suffix, descending in (("ASC", False), ("DESC", True))
    )
    return {step.name: step for step in steps}


def order_type(module: Module) -> None:
    """Make the `orderBy` enum of a module."""
    steps = orderings(module)
    enum_type(
        order_name(module),
        f"Orders of {module.name}. Rows without a value come last.",
        {name: name for name in steps},
        {name: _described(step) for name, step in steps.items()},
    )


def _described(step: Ordering) -> str:
    """What an order is, as it follows from its column."""
    column = step.column
    if column.choices:
        of = " in the alphabetical order of its values"
    else:
        of = {Type.DATE: ": {} first", Type.TIMESTAMP: ": {} first", Type.TEXT: ""}.get(column.type, ": {} first")
        times = column.type in (Type.DATE, Type.TIMESTAMP)
        first, last = ("earliest", "latest") if times else ("lowest", "highest")
        of = of.format(last if step.descending else first)
    said = f"By {camel(column.name)}, {'descending' if step.descending else 'ascending'}{of}"
    return f"{said}." if column.required else f"{said}; rows without one last."

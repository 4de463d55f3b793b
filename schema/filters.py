"""`where` inputs: conditions by type of column, and for each module the conditions on its rows.

Every condition is true or false, never unknown: a row without a value fulfils no comparison but `ne`, and `not` gives
exactly the other rows.
"""

from strawberry.types.field import StrawberryField

from schema.building import input_field, input_type
from schema.links import links_of
from schema.names import camel, enum_name
from schema.registry import Column, Kind, Module, Registry, Type

COMPARISONS = {
    "eq": "Equal to this value.",
    "ne": "Not equal to this value; rows without a value count as unequal.",
    "in": "Equal to one of these values; an empty list matches nothing.",
    "lt": "Less than this value.",
    "lte": "Less than or equal to this value.",
    "gt": "Greater than this value.",
    "gte": "Greater than or equal to this value.",
    "isNull": "True: only rows without a value. False: only rows with one.",
}
SEARCHES = {
    "startsWith": "Begins with this text; upper and lower case are the same.",
    "contains": "Contains this text; upper and lower case are the same.",
}
EQUALITY = ("eq", "ne", "in", "isNull")
FILTER_BY_TYPE = {
    Type.TEXT: "TextFilter",
    Type.INTEGER: "IntFilter",
    Type.BIGINT: "SafeIntFilter",
    Type.BOOLEAN: "BooleanFilter",
    Type.DATE: "DateFilter",
    Type.TIMESTAMP: "DateTimeFilter",
}


def _condition(name: str, value: str) -> StrawberryField:
    """One operator of a filter over values of a type."""
    annotation = {"isNull": "bool | None", "in": f"list[{value}] | None"}.get(name, f"{value} | None")
    return input_field(name, annotation, {**COMPARISONS, **SEARCHES}[name])


def _filter(name: str, value: str, description: str, operators: tuple[str, ...] = tuple(COMPARISONS)) -> None:
    input_type(
        name,
        f"{description} Several operators in one filter all have to hold.",
        [_condition(operator, value) for operator in operators],
    )


_filter(
    "TextFilter",
    "str",
    "Conditions on a text; no value may be longer than the column can be.",
    (*COMPARISONS, *SEARCHES),
)
_filter("IntFilter", "int", "Conditions on a whole number.")
_filter("SafeIntFilter", "SafeInt", "Conditions on a whole number of up to 53 bits.")
_filter("DateFilter", "Date", "Conditions on a day.")
_filter("DateTimeFilter", "DateTime", "Conditions on a point in time.")
_filter("BooleanFilter", "bool", "Conditions on a truth value.", ("eq", "ne", "isNull"))
_filter("IDFilter", "ID", "Conditions on an id.", EQUALITY)
input_type(
    "TeamsFilter",
    "Conditions on the teams to which an asset is assigned.",
    [
        input_field("includes", "ID | None", "Assigned to this team, perhaps among others."),
        input_field("isEmpty", "bool | None", "True: assigned to no team. False: assigned to at least one."),
    ],
)


def filter_of(module: Module, column: Column) -> str:
    """Name of the filter input for a column."""
    return f"{enum_name(module, column)}Filter" if column.choices else FILTER_BY_TYPE[column.type]


def where_name(module: Module) -> str:
    """Name of the `where` input of a module."""
    return f"{module.type_name}Where"


def list_where_name(module: Module) -> str:
    """Name of the input for conditions on related rows of a module."""
    return f"Related{module.type_name}Where"


def where_types(module: Module, registry: Registry) -> None:
    """Make the `where` input of a module, and the one by which others ask for related rows of it."""
    where = where_name(module)
    foreign_keys = {relation.column for relation in module.to_one}
    for column in module.columns:
        if column.choices:
            _filter(
                filter_of(module, column), enum_name(module, column), f"Conditions on: {column.description}", EQUALITY
            )
    fields = [
        input_field("and", f"list[{where}] | None", "All of these hold; true for an empty list."),
        input_field("or", f"list[{where}] | None", "At least one of these holds; false for an empty list."),
        input_field("not", f"{where} | None", "This does not hold."),
        input_field("id", "IDFilter | None", "By the row's own id."),
        *(
            input_field(camel(column.name), f"{filter_of(module, column)} | None", column.description)
            for column in module.columns
            if column.filterable and column.name not in foreign_keys
        ),
        *(
            input_field(
                camel(relation.name),
                f"{where_name(registry.by_name[relation.target])} | None",
                f"There is such a row, you may see it, and this holds for it. {relation.description}",
            )
            for relation in module.to_one
        ),
        *(
            input_field(
                camel(link.name),
                f"{list_where_name(link.target)} | None",
                f"By related rows, of which only those count that you may see. {link.description}",
            )
            for link in links_of(module, registry)
        ),
        *_owner_field(module),
        input_field("createdById", "IDFilter | None", "By the id of the creator (a Person)."),
        *_team_fields(module),
        input_field("createdAt", "DateTimeFilter | None", "When the row was created."),
        input_field("updatedAt", "DateTimeFilter | None", "When the row was last changed."),
        input_field("version", "IntFilter | None", "How many times the row was written."),
    ]
    input_type(
        where, f"Conditions on {module.name}. All that are given have to hold; null is refused, leave it out.", fields
    )
    input_type(
        list_where_name(module),
        f"Conditions on related {module.name}.",
        [
            input_field("some", f"{where} | None", "At least one related row fulfils this."),
            input_field("none", f"{where} | None", "No related row fulfils this."),
        ],
    )


def _owner_field(module: Module) -> list[StrawberryField]:
    if module.kind is Kind.SHARED:
        return []
    return [
        input_field("ownerId", "IDFilter | None", "By the id of the owner (a Person); `isNull` for unassigned rows.")
    ]


def _team_fields(module: Module) -> list[StrawberryField]:
    if module.kind is Kind.SHARED:
        return []
    if module.kind is Kind.ASSET:
        return [
            input_field("teams", "TeamsFilter | None", "By the teams to which the row is assigned."),
            input_field("restricted", "BooleanFilter | None", "Whether only the assigned teams reach the row."),
        ]
    return [
        input_field("teamId", "IDFilter | None", "By the id of the owning team."),
        input_field("openToAll", "BooleanFilter | None", "Whether all teams reach the row."),
    ]

"""How types are made from the registry: a field is a name, a type written as in Python, and a description.

Types refer to each other by name, in circles (a deal has contacts, a contact has deals). So annotations are texts that
Strawberry evaluates in `NAMES` when the schema is put together.
"""

import datetime as dt
from collections.abc import Sequence
from enum import Enum
from inspect import get_annotations
from types import new_class
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.scalars import SafeInt

NAMES: dict[str, Any] = {
    "ID": strawberry.ID,
    "SafeInt": SafeInt,
    "DateTime": dt.datetime,
    "Date": dt.date,
}

ANNOTATION = "annotation"
# The field of a payload.
QUERY = "query"


def field(
    name: str, annotation: str, description: str, arguments: Sequence[StrawberryArgument] = ()
) -> StrawberryField:
    """A field of an object type. `name` as in GraphQL."""
    made = StrawberryField(
        python_name=_python_name(name),
        graphql_name=name,
        description=description,
        metadata={ANNOTATION: StrawberryAnnotation(annotation, namespace=NAMES)},
    )
    made.arguments = list(arguments)
    return made


def input_field(name: str, annotation: str, description: str) -> StrawberryField:
    """A field of an input type; one that may be null may also be left out."""
    return StrawberryField(
        python_name=_python_name(name),
        graphql_name=name,
        description=description,
        metadata={ANNOTATION: StrawberryAnnotation(annotation, namespace=NAMES)},
        **({"default": strawberry.UNSET} if annotation.endswith("| None") else {}),
    )


def argument(name: str, annotation: str, description: str) -> StrawberryArgument:
    """An argument of a field. `name` as in GraphQL."""
    return StrawberryArgument(
        python_name=_python_name(name),
        graphql_name=name,
        type_annotation=StrawberryAnnotation(annotation, namespace=NAMES),
        description=description,
    )


def query_field() -> StrawberryField:
    """What a payload tells beside what it is about."""
    return field(
        QUERY,
        "Query | None",
        "Everything that can be queried, as it is now: select the lists and counts that you show, and what the mutation"
        " did to them is in its answer. The history of access tells of it afterwards.",
    )


def fill(cls: type[Any], fields: Sequence[StrawberryField]) -> None:
    """Give a class fields, before Strawberry makes a type of it."""
    annotations = get_annotations(cls)
    for each in fields:
        setattr(cls, each.python_name, each)
        annotations[each.python_name] = each.metadata[ANNOTATION]
    cls.__annotations__ = annotations


def object_type(name: str, description: str, fields: Sequence[StrawberryField]) -> type[Any]:
    """Make an object type and enter it in `NAMES`."""
    cls = new_class(name)
    fill(cls, fields)
    enter(name, strawberry.type(cls, name=name, description=description))
    return cls


def input_type(name: str, description: str, fields: Sequence[StrawberryField]) -> type[Any]:
    """Make an input type and enter it in `NAMES`."""
    cls = new_class(name)
    fill(cls, fields)
    enter(name, strawberry.input(cls, name=name, description=description))
    return cls


def enum_type(name: str, description: str, values: dict[str, str], reasons: dict[str, str] | None = None) -> Any:
    """Make an enum of {name in GraphQL: value}, with descriptions of the values, and enter it in `NAMES`."""
    members = {
        member: strawberry.enum_value(value, description=(reasons or {}).get(member))
        for member, value in values.items()
    }
    made = strawberry.enum(Enum(name, members), name=name, description=description)  # type: ignore[call-overload]
    enter(name, made)
    return made


def enter(name: str, made: Any) -> None:
    """Two types of one name would be one of them in some places, and the other elsewhere."""
    if name in NAMES:
        raise ValueError(f"there is a type {name} already")
    NAMES[name] = made


def _python_name(name: str) -> str:
    """`in`, `and`, `or`, `not` are keywords."""
    return name + "_" if name in {"in", "and", "or", "not"} else name

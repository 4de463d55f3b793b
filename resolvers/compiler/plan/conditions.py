"""Conditions on a row, and pages of the rows that fulfil them."""

from dataclasses import dataclass
from typing import TypeAlias

from resolvers.compiler.plan.parameters import Param


@dataclass(frozen=True, slots=True)
class Compare:
    """`column` stands in this relation (=, <>, <, <=, >, >=) to the value; `<>` holds for nulls too."""

    column: str
    operator: str
    value: Param


@dataclass(frozen=True, slots=True)
class OneOf:
    """`column` equals one of the values of an array."""

    column: str
    values: Param


@dataclass(frozen=True, slots=True)
class Missing:
    """`column` is null, or is not."""

    column: str
    null: bool


@dataclass(frozen=True, slots=True)
class Prefix:
    """A text begins with the value, whatever its case.

    `longest`: how many characters a column in lower case has at most, which an index may hold. None: any other column.
    """

    column: str
    value: Param
    longest: int | None


@dataclass(frozen=True, slots=True)
class Substring:
    """A text contains the value, whatever its case. With `finder`, that function knows the candidates."""

    column: str
    value: Param
    finder: str | None


@dataclass(frozen=True, slots=True)
class Includes:
    """An array column holds the value."""

    column: str
    value: Param


@dataclass(frozen=True, slots=True)
class Empty:
    """An array column is empty, or is not."""

    column: str
    empty: bool


@dataclass(frozen=True, slots=True)
class All:
    """All of these hold."""

    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Join:
    """How rows of a table belong to the row at hand: `far` of the table equals `near` of the row.

    With `through`, a table of pairs stands between: its `through_near` equals `near`, its `through_far` equals `far`.
    """

    far: str
    near: str
    through: str | None = None
    through_near: str = ""
    through_far: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """There is a visible row of `table` that belongs to this one and fulfils the condition."""

    table: str
    join: Join
    condition: "Condition"


Condition: TypeAlias = Compare | OneOf | Missing | Prefix | Substring | Includes | Empty | All | AnyOf | Not | Related


# Pages


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column of an order; nulls come last in both directions."""

    column: str
    type: str
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Where a cursor points: a value for each sort key (None: null there), and the row's id."""

    values: tuple[Param | None, ...]
    id: Param


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a table, in which order, and how many. The id breaks ties, in the direction of the last key.

    With `finder`, that function knows the ids of the page, if it is one of all rows that the viewer sees. `sorts`: no
    index has the order, so that all rows are looked at for any page.
    """

    condition: Condition
    order: tuple[SortKey, ...]
    size: int
    backward: bool
    after: Position | None
    before: Position | None
    seal: Param
    modules: tuple[str, ...] = ()
    finder: str | None = None
    sorts: bool = False

"""Values of fields. Each is read from the row at hand, unless it says otherwise."""

from dataclasses import dataclass, field
from typing import TypeAlias

from resolvers.compiler.plan.conditions import Join, Page
from resolvers.compiler.plan.parameters import Param


@dataclass(frozen=True, slots=True)
class Text:
    """A constant, as of `__typename`."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `upper`: its value in capitals, as names of enums are; `longest`: characters of a text at most."""

    column: str
    upper: bool = False
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """The global id that a uuid column makes."""

    type_name: str
    column: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether the viewer's scopes for an action reach the row, by `columns` of it as `function` takes them.

    An action that has no scopes is possible on the rows that those of `on_rows_of` reach. One that has is also possible
    where the row is shared for it: `shares` are modules with the column that holds the id of what is shared. All that
    holds in the state in which the row is has to be met as well.
    """

    module: str
    action: str
    function: str
    columns: tuple[str, ...]
    shares: tuple[tuple[str, str], ...]
    on_rows_of: str | None = None
    states: tuple["InState", ...] = ()


@dataclass(frozen=True, slots=True)
class InState:
    """While `column` has one of the values, and no column has the value that is named as `but`, `also` is needed.

    None: then it is not possible at all.
    """

    column: str
    values: tuple[str, ...]
    also: Allowed | None
    but: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Inline:
    """An object made of columns of the same row."""

    fields: tuple["Field", ...]


@dataclass(frozen=True, slots=True)
class One:
    """At most one row of a source: by a column of the row at hand, by an id, or (None) the only one there is.

    Null, and reported, where `view` on one of `modules` is not held.
    """

    source: str
    key: "Join | Param | None"
    fields: tuple["Field", ...]
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """All rows of a source that belongs to the row at hand, in the source's own order.

    Null, and reported, where `view` on one of `modules` is not held.
    """

    source: str
    order: tuple[str, ...]
    fields: tuple["Field", ...]
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    """The rows of a source with these ids that the viewer sees, in the order of `order`; with `most`, the first by id.

    Null, and reported, where `view` on one of `modules` is not held.
    """

    source: str
    ids: Param
    order: tuple[str, ...]
    fields: tuple["Field", ...]
    modules: tuple[str, ...] = ()
    most: int = 0


@dataclass(frozen=True, slots=True)
class Called:
    """All rows that a function answers to these arguments, in the function's own order.

    Null, and reported, where `view` on one of `modules` is not held.
    """

    function: str
    arguments: tuple[Param, ...]
    order: str
    fields: tuple["Field", ...]
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of rows of a module, or of another source.

    Null, and reported, where `view` (or another `action`) on one of `modules` is not held, nor any of the
    (module, action) that stand `instead` of it.
    """

    table: str
    join: Join | None
    page: Page
    fields: tuple["Field", ...]
    modules: tuple[str, ...]
    instead: tuple[tuple[str, str], ...] = ()
    action: str = "view"


@dataclass(frozen=True, slots=True)
class Nodes:
    """In a connection: its rows."""

    fields: tuple["Field", ...]


@dataclass(frozen=True, slots=True)
class Edges:
    """In a connection: its rows, each within an edge."""

    fields: tuple["Field", ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """In an edge: where its row stands."""


@dataclass(frozen=True, slots=True)
class Node:
    """In an edge: its row."""

    fields: tuple["Field", ...]


@dataclass(frozen=True, slots=True)
class PageInfo:
    """In a connection: where the page stands."""

    fields: tuple["Field", ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """In a page info: one of has_next, has_previous, start, end."""

    what: str


@dataclass(frozen=True, slots=True)
class TotalCount:
    """In a connection: the number of rows on all pages."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the types that a list by ids can meet: its rows' source and fields."""

    type_name: str
    source: str
    fields: tuple["Field", ...]
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByIds:
    """Rows of several types by their ids, null for each that is not visible, in the order of the ids."""

    types: Param
    ids: Param
    count: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A global id that the request itself knows."""

    type_name: str
    id: Param


@dataclass(frozen=True, slots=True)
class GivenIds:
    """Global ids of one type that the request itself knows."""

    type_name: str
    ids: Param


@dataclass(frozen=True, slots=True)
class SeenIds:
    """Global ids of the rows of a source with these ids that the viewer sees, in order."""

    type_name: str
    source: str
    ids: Param


@dataclass(frozen=True, slots=True)
class Number:
    """A number or a text that the request itself knows; `upper`: in capitals, as names of enums are."""

    value: Param
    upper: bool = False


@dataclass(frozen=True, slots=True)
class Visible:
    """Whether the viewer sees the row with this id."""

    source: str
    id: Param


@dataclass(frozen=True, slots=True)
class Sent:
    """A number that the outbox tells of the row with this id: how many received it, or were left out."""

    module: str
    id: Param
    number: str


@dataclass(frozen=True, slots=True)
class Later:
    """A field that another statement answers, if any does; null here."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of the row that this transaction restored is not as it was."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A field whose arguments were refused; the refusal is with the arguments at `site`."""

    site: int


Value: TypeAlias = (
    Text
    | Column
    | Identity
    | Allowed
    | Inline
    | One
    | Many
    | Several
    | Called
    | Connection
    | Nodes
    | Edges
    | Cursor
    | Node
    | PageInfo
    | Mark
    | TotalCount
    | ByIds
    | Given
    | GivenIds
    | SeenIds
    | Number
    | Visible
    | Sent
    | Later
    | LeftOut
    | Failed
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the answer. `position` finds its nodes in the document; `nullable` is what the schema promises."""

    key: str
    value: Value
    nullable: bool = True
    position: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything that one statement answers, as one object."""

    fields: tuple[Field, ...]

"""The words in which a module is described: kinds, scopes, types, columns, relations, actions."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How rows of a module reach teams (rules O2 to O4).

    A child has the owner and the team of its parent, which is a record. Shared rows are the whole account's: they have
    neither owner nor team, and are reached by holding the action.
    """

    RECORD = "record"
    ASSET = "asset"
    CHILD = "child"
    SHARED = "shared"


class Scope(StrEnum):
    """On which rows a capability holds (rule C1)."""

    CREATED = "created"
    OWNED = "owned"
    TEAM = "team"
    UNASSIGNED = "unassigned"
    ALL = "all"


class Type(StrEnum):
    """SQL types of module columns; all have leakproof comparisons, so that indexes serve under row-level security."""

    TEXT = "text"
    INTEGER = "integer"
    BIGINT = "bigint"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamptz"
    UUID = "uuid"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a module's table (or of its sensitive companion).

    `choices` become a CHECK constraint and a GraphQL enum. `action` is the capability that changing the column needs.
    A column that is not `writable` is in no input: an action of its own changes it. `since` is for a time that only the
    database sets: when that column last took that value. `personal`: it holds the name or the address of a person, and
    is cleared when that person is erased. What is `afterwards` tells what became of a row that was sent, and so changes
    after that too. `meanings` say what each of the choices is, in their order.
    """

    name: str
    type: Type
    description: str
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    max_length: int | None = None
    lowercase: bool = False
    minimum: int | None = None
    maximum: int | None = None
    writable: bool = True
    filterable: bool = True
    sortable: bool = False
    searchable: bool = False
    action: str = "update"
    since: tuple[str, str] | None = None
    personal: bool = False
    afterwards: bool = False
    meanings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToOne:
    """`column` of this module holds the id of a row of `target`; `inverse` names the connection on the other side.

    To a `parent` the row belongs for good, and goes with it; where several are possible, it has exactly one. A
    `personal` one is a person whom alone the row is about: it is erased with that person.
    """

    name: str
    target: str
    column: str
    description: str
    inverse: str | None = None
    inverse_description: str = ""
    parent: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True)
class ToMany:
    """Rows of this module and of `target` paired in the table `through`, by `column` and `target_column`.

    `known` is a column of this module and the value with which its pairs are all that there are: with another one, they
    are found by somebody else, and nobody here can tell whom that would be.
    """

    name: str
    target: str
    through: str
    column: str
    target_column: str
    description: str
    inverse: str
    inverse_description: str = ""
    known: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A capability of a module. `on_rows` tells whether it has a scope or is only held or not (rule C1).

    Who holds the action that it is `part_of` holds it too, on the same scopes.
    """

    name: str
    on_rows: bool = True
    part_of: str | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where rows go: whoever turns `state` on names it in `column` (rule C3).

    `limited` is a value that a narrower action is enough for, and that action.
    """

    state: str
    column: str
    limited: tuple[str, str] | None = None

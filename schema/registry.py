"""The vocabulary in which a module is described.

A module is a kind of row that the product governs (contacts, deals, landing pages...). Its description is pure data:
SQL templates, policies, GraphQL inputs and connections, the compiler and the tests are all derived from it, so that a
new module is one description, one Strawberry type and one migration.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """How rows of a module reach teams (rules O2 to O4)."""

    RECORD = "record"
    ASSET = "asset"
    TOOL = "tool"


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
    A column that is not `writable` is in no input and in no grant: only the database sets it.
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


@dataclass(frozen=True, slots=True)
class ToOne:
    """`column` of this module holds the id of a row of `target`; `inverse` names the connection on the other side."""

    name: str
    target: str
    column: str
    description: str
    inverse: str | None = None
    inverse_description: str = ""


@dataclass(frozen=True, slots=True)
class ToMany:
    """Rows of this module and of `target` paired in the table `through`, by `column` and `target_column`."""

    name: str
    target: str
    through: str
    column: str
    target_column: str
    description: str
    inverse: str
    inverse_description: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A capability of a module. `on_rows` tells whether it has a scope or is only held or not (rule C1)."""

    name: str
    on_rows: bool = True


@dataclass(frozen=True)
class Module:
    """A module: `name` is its table in schema `crm` and its key in capabilities; `type_name` its GraphQL type."""

    name: str
    singular: str
    type_name: str
    kind: Kind
    description: str
    tier: str
    hub: str | None
    columns: tuple[Column, ...]
    actions: tuple[Action, ...]
    to_one: tuple[ToOne, ...] = ()
    to_many: tuple[ToMany, ...] = ()
    sensitive: tuple[Column, ...] = ()
    label: str = field(default="name")

    def __hash__(self) -> int:
        # Its name says which it is; all that it holds takes long, and statements are looked up by it.
        return hash(self.name)

    @property
    def table(self) -> str:
        """Schema-qualified table."""
        return f"crm.{self.name}"

    @property
    def sensitive_table(self) -> str:
        """Schema-qualified companion that holds the sensitive columns."""
        return f"crm.{self.name}_sensitive"

    @cached_property
    def action_names(self) -> tuple[str, ...]:
        """Names of the module's actions, in the order of the registry."""
        return tuple(action.name for action in self.actions)

    @cached_property
    def row_actions(self) -> tuple[str, ...]:
        """Actions that have a scope."""
        return tuple(action.name for action in self.actions if action.on_rows)

    @cached_property
    def inputs(self) -> tuple[Column, ...]:
        """Columns that `create` and `update` accept."""
        return tuple(column for column in self.columns if column.writable)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when there is none."""
        for column in (*self.columns, *self.sensitive):
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Tool:
    """A capability without rows (rule list, section 4: settings, users, teams, roles...)."""

    name: str
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Registry:
    """All modules and tools, by name, in the order in which documents list them."""

    modules: tuple[Module, ...]
    tools: tuple[Tool, ...]

    @cached_property
    def by_name(self) -> dict[str, Module]:
        """Modules by their name."""
        return {module.name: module for module in self.modules}

    @cached_property
    def by_type(self) -> dict[str, Module]:
        """Modules by the name of their GraphQL type."""
        return {module.type_name: module for module in self.modules}

    def catalogue(self) -> Iterator[tuple[str, str, bool]]:
        """Every (module, action, has a scope) that a role can hold."""
        for module in self.modules:
            for action in module.actions:
                yield module.name, action.name, action.on_rows
        for tool in self.tools:
            for name in tool.actions:
                yield tool.name, name, False

    def on_rows(self, module: str, action: str) -> bool:
        """Whether the capability has a scope; KeyError where there is none of these names."""
        return {(name, verb): scoped for name, verb, scoped in self.catalogue()}[module, action]

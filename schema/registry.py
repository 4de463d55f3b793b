"""The vocabulary in which a module is described.

A module is a kind of row that the product governs (contacts, deals, landing pages...). Its description is pure data:
SQL templates, policies, GraphQL inputs and connections, the compiler and the tests are all derived from it, so that a
new module is one description, one Strawberry type and one migration.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from schema.description import Action, Column, Destination, Kind, Scope, ToMany, ToOne, Type

__all__ = [
    "OPPOSITES",
    "Action",
    "Column",
    "Destination",
    "Kind",
    "Module",
    "Registry",
    "Scope",
    "ToMany",
    "ToOne",
    "Tool",
    "Type",
]

# What takes back what an action did is the same capability.
OPPOSITES = {"publish": "unpublish", "activate": "deactivate", "connect": "disconnect"}


OWN_COLUMNS = {
    Kind.RECORD: ("owner_id", "team_id", "open_to_all"),
    Kind.CHILD: ("owner_id", "team_id", "open_to_all"),
    Kind.ASSET: ("owner_id", "team_ids", "restricted"),
    Kind.SHARED: (),
}


@dataclass(frozen=True)
class Module:
    """A module: `name` is its table in schema `crm` and its key in capabilities; `type_name` its GraphQL type.

    Rows that are `part_of` another module are governed by its capabilities, as messages by those of conversations.
    `needs` says what `create`, `update` and `delete` need where that is an action of another name. Rows that are about
    a person who can be erased are `known_as` what these columns say, each alone or several in a row.
    """

    name: str
    singular: str
    type_name: str
    kind: Kind
    description: str
    columns: tuple[Column, ...]
    actions: tuple[Action, ...] = ()
    tier: str = "free"
    hub: str | None = None
    to_one: tuple[ToOne, ...] = ()
    to_many: tuple[ToMany, ...] = ()
    sensitive: tuple[Column, ...] = ()
    label: str = field(default="name")
    part_of: str | None = None
    needs: tuple[tuple[str, str], ...] = ()
    destination: Destination | None = None
    known_as: tuple[tuple[str, ...], ...] = ()

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
        """Columns that `create` accepts."""
        return tuple(column for column in self.columns if column.writable)

    @cached_property
    def changes(self) -> tuple[Column, ...]:
        """Columns that `update` accepts: a row stays with its parent."""
        return tuple(column for column in self.inputs if column.name not in self.parent_columns)

    # Capabilities

    @property
    def governing(self) -> str:
        """The module whose capabilities decide."""
        return self.part_of or self.name

    def needed(self, verb: str) -> str:
        """The action that a verb needs."""
        return dict(self.needs).get(verb, verb)

    @cached_property
    def actions_of_changes(self) -> tuple[str, ...]:
        """Actions that are changes of columns, each once."""
        return tuple(dict.fromkeys(self.needed(column.action) for column in self.columns if column.since is None))

    # Destinations

    @property
    def narrower(self) -> str | None:
        """The action that is enough for the limited destination."""
        limited = self.destination.limited if self.destination else None
        return limited[1] if limited else None

    @cached_property
    def sends_to(self) -> ToOne | None:
        """The relation that names a list: what goes there is written to the outbox."""
        named = self.destination.column if self.destination else None
        return next((link for link in self.to_one if link.column == named), None)

    @property
    def sent_view(self) -> str:
        """Schema-qualified view of what was sent to lists, as it was then."""
        return f"crm.sent_{self.name}"

    @property
    def gone(self) -> str:
        """The value of the destination's state in which a row is where it goes."""
        if self.destination is None:
            raise ValueError(f"{self.name} have no destination")
        return self.column(self.destination.state).choices[-1]

    @cached_property
    def copied(self) -> tuple[Column, ...]:
        """Columns that a copy has from its original: those that `create` takes and that need nothing else."""
        return tuple(column for column in self.inputs if column.action == "update")

    # What is shown or sent

    @cached_property
    def content(self) -> tuple[Column, ...]:
        """Columns that `update` changes: what a row says."""
        return tuple(column for column in self.columns if column.action == "update" and column.since is None)

    @cached_property
    def shown(self) -> Column | None:
        """The state in which others than colleagues at work read a row: its last value is that it is published."""
        return next((column for column in self._turned if column.action == "publish" and column.choices), None)

    @cached_property
    def sent_content(self) -> tuple[Column, ...]:
        """What of a row nobody changes any more once it was sent."""
        return tuple(column for column in self.content if not column.afterwards) if self.done else ()

    @property
    def rests_when_sent(self) -> bool:
        """Whether `update` changes nothing at all of a row that was sent."""
        return bool(self.done) and self.sent_content == self.content

    # What comes back from the trash

    @cached_property
    def resting(self) -> tuple[Column, ...]:
        """Columns that only an action changes which can be taken back: a restored row is not on, whatever it was."""
        return tuple(column for column in self._turned if column.action in OPPOSITES)

    @cached_property
    def done(self) -> tuple[tuple[Column, tuple[Column, ...]], ...]:
        """States of what cannot be taken back, each with the columns of its action: what was under way is not on."""
        final = [column for column in self._turned if column.action not in OPPOSITES]
        return tuple(
            (state, tuple(column for column in final if column.action == state.action))
            for state in final
            if state.choices
        )

    @property
    def _turned(self) -> Iterator[Column]:
        return (column for column in self.columns if not column.writable and column.since is None)

    @cached_property
    def generated(self) -> tuple[str, ...]:
        """Columns that the database makes of others."""
        key = ("team_key",) if self.reach == Kind.RECORD else ()
        return (*key, *(f"{column.name}_lower" for column in self.searchable if not column.lowercase))

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """All columns of the table but those."""
        creator = () if self.creator == "created_by" else (self.creator,)
        assigned = ("assigned_at",) if self.own_columns else ()
        times = ("created_by", *creator, "created_at", "updated_at", *assigned, "version")
        return ("account_id", "id", *times, *self.own_columns, *(column.name for column in self.columns))

    # Reach

    @property
    def reach(self) -> str:
        """How rows are reached, in names of functions and folders of sql/: as a record, an asset, or by everybody."""
        return Kind.RECORD.value if self.kind is Kind.CHILD else self.kind.value

    @property
    def creator(self) -> str:
        """The column by which scope `created` reaches rows; what is part of a row is reached with that row."""
        return "parent_created_by" if self.kind is Kind.CHILD and self.part_of else "created_by"

    @property
    def own_columns(self) -> tuple[str, ...]:
        """The columns of owner and teams."""
        return OWN_COLUMNS[self.kind]

    @property
    def reach_columns(self) -> tuple[str, ...]:
        """The columns by which scopes reach a row, as the function takes them that is called as the reach is."""
        return {
            "record": ("owner_id", self.creator, "team_key"),
            "asset": ("owner_id", self.creator, "restricted", "team_ids"),
            "shared": (self.creator,),
        }[self.reach]

    def reach_of(self, row: str) -> str:
        """The same, of the row that has this name."""
        return _of(row, self.reach_columns)

    def own_of(self, row: str) -> str:
        """Owner and teams of a row."""
        return _of(row, self.own_columns)

    def fixed_of(self, row: str) -> str:
        """What nobody but the database changes in a row."""
        return _of(row, self.fixed)

    @cached_property
    def share_keys(self) -> tuple[tuple[str, str], ...]:
        """Of which modules a share reaches a row, with the column that holds the shared row's id (rule O8)."""
        if self.kind is Kind.SHARED:
            return ()
        return tuple((link.target, link.column) for link in self.parents) or ((self.name, "id"),)

    # Relations

    @cached_property
    def parents(self) -> tuple[ToOne, ...]:
        """To what a row belongs."""
        return tuple(relation for relation in self.to_one if relation.parent)

    @cached_property
    def parent_columns(self) -> tuple[str, ...]:
        """The columns that hold a parent's id."""
        return tuple(relation.column for relation in self.parents)

    # The database

    @cached_property
    def inserted(self) -> tuple[str, ...]:
        """Columns that members give to a new row."""
        own = self.own_columns if self.kind in (Kind.RECORD, Kind.ASSET) else ()
        return ("id", *own, *(column.name for column in self.columns if column.since is None))

    @cached_property
    def updated(self) -> tuple[str, ...]:
        """Columns that members change; owner and teams are handed over by a function."""
        return tuple(
            column.name for column in self.columns if column.since is None and column.name not in self.parent_columns
        )

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """Columns that nobody but the database changes."""
        creator = () if self.creator == "created_by" else (self.creator,)
        return ("account_id", "id", "created_by", *creator, "created_at", *self.own_columns, *self.parent_columns)

    @cached_property
    def searchable(self) -> tuple[Column, ...]:
        """Columns with an index for parts of their text."""
        return tuple(column for column in self.columns if column.searchable)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when there is none."""
        for column in (*self.columns, *self.sensitive):
            if column.name == name:
                return column
        raise KeyError(name)


def _of(row: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{row}.{column}" if row else column for column in columns)


@dataclass(frozen=True, slots=True)
class Tool:
    """A capability without rows (rule list, section 4: settings, users, teams, roles...).

    Where `kinds` are named, accounts of other kinds do not have it: there nobody holds it and nobody is given it.
    """

    name: str
    actions: tuple[str, ...]
    kinds: tuple[str, ...] = ()


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

    def children_of(self, module: Module) -> tuple[tuple[Module, ToOne], ...]:
        """Modules whose rows have the owner and the team of a row of this one, with the relation that says so."""
        return tuple(
            (child, relation)
            for child in self.modules
            if child.kind is Kind.CHILD
            for relation in child.parents
            if relation.target == module.name
        )

    def personal_to(self, module: Module) -> tuple[tuple[Module, ToOne], ...]:
        """Modules whose rows are about a person alone who is a row of this one, with the relation that says so."""
        return tuple(
            (other, relation)
            for other in self.modules
            for relation in other.to_one
            if relation.target == module.name and relation.personal
        )

    @cached_property
    def erased(self) -> tuple[Module, ...]:
        """Modules whose rows can be about a person who is erased, each after those that are erased with it."""
        found: dict[str, Module] = {}

        def visit(module: Module) -> None:
            for other, _ in self.personal_to(module):
                if other.name not in found:
                    visit(other)
            found[module.name] = module

        for module in self.modules:
            if module.known_as:
                visit(module)
        return tuple(found.values())

    def erased_with(self, module: Module, other: Module) -> bool:
        """Whether rows of `other` are erased with the person who is a row of the module."""
        return any(each.name == other.name or self.erased_with(each, other) for each, _ in self.personal_to(module))

    def belonging_to(self, module: Module) -> tuple[tuple[Module, ToOne], ...]:
        """Modules whose rows belong to a row of this one and go with it, with the relation that says so."""
        return tuple(
            (other, relation) for other in self.modules for relation in other.parents if relation.target == module.name
        )

    def buttons(self, module: Module) -> tuple[str, ...]:
        """What `access` tells of a row: every action on rows but `view`, and what else changes rows of the module."""
        changing = {module.needed(verb) for verb in ("update", "delete")} | set(module.actions_of_changes)
        governing = self.by_name[module.governing]
        if governing is not module:
            return tuple(name for name in governing.action_names if name in changing)
        return tuple(
            action.name
            for action in module.actions
            if action.name != "view" and (action.on_rows or action.name in changing)
        )

    def scoped(self, module: Module, action: str) -> bool:
        """Whether the action's own scopes tell on which rows it may change columns; else those of `view` do."""
        return module.reach == Kind.SHARED or self.on_rows(module.governing, action)

    def previewed(self, module: Module) -> tuple[str, ...]:
        """Actions on rows of the module of which a dry run tells, `view` first."""
        if module.kind is Kind.SHARED:
            return ("view",)
        others = module.row_actions if module.governing == module.name else self.buttons(module)
        return ("view", *(name for name in others if name != "view" and self.on_rows(module.governing, name)))

    @cached_property
    def changes(self) -> tuple[tuple[str, bool], ...]:
        """Every action that is a change of columns somewhere, and whether its own scopes tell of which rows."""
        return tuple(
            dict.fromkeys(
                (action, self.scoped(module, action))
                for module in self.modules
                for action in (*module.actions_of_changes, *filter(None, [module.narrower]))
            )
        )

    @cached_property
    def parts(self) -> tuple[tuple[str, str, str], ...]:
        """Every action that another one brings with it: module, the wider action, the narrower one."""
        return tuple(
            (module.name, action.part_of, action.name)
            for module in self.modules
            for action in module.actions
            if action.part_of
        )

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
        return self._scoped[module, action]

    @cached_property
    def _scoped(self) -> dict[tuple[str, str], bool]:
        return {(name, verb): scoped for name, verb, scoped in self.catalogue()}

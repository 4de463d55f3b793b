"""From the input of a mutation to what is to be written."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple
from uuid import UUID

from graphql import FieldNode, GraphQLField
from uuid_utils.compat import uuid7

from resolvers.compiler.arguments import Asker, Bound, Site
from resolvers.compiler.conditions import plain
from resolvers.compiler.keys import Key, key_of, unfit
from schema.errors import BadUserInput
from schema.history import LONGEST_REASON
from schema.idempotency import KEY
from schema.inputs import links_to_set, mutation_name, shareable
from schema.modules import REGISTRY
from schema.names import GlobalId, camel
from schema.preview import DRY_RUN
from schema.registry import Column, Kind, Module, Type
from schema.verbs import SHARED, TRASHED, Turn, turns, verbs

WRITES: dict[str, tuple[str, Module]] = {
    mutation_name(verb, module): (verb, module) for module in REGISTRY.modules for verb in verbs(module)
}
# Verbs that make a row: the payload is of one that has no id yet.
MAKING = ("create", "clone")
MOST_LINKS = 100
# Verbs of which the history of access tells, that are not shares with a reason of their own.
REASONED = ("assign", "unshare", *TRASHED)
REASON = Column("reason", Type.TEXT, "", max_length=LONGEST_REASON)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rows of a link table to add to, or take from, the row."""

    table: str
    near: str
    far: str
    ids: list[str]
    add: bool


class Write(NamedTuple):
    """What one mutation writes. Columns by their names in the database; what is not in them stays.

    `action` is what it needs of the row, `original` the row of which it is a copy, `unless` a column and a value with
    which it comes too late.
    """

    verb: str
    module: Module
    row_id: UUID
    columns: dict[str, Any]
    sensitive: dict[str, Any]
    pairs: tuple[Pairs, ...]
    reach: dict[str, Any]  # and why, where the history of access keeps that
    expected_version: int | None
    action: str
    original: UUID | None = None
    unless: tuple[str, str] | None = None
    key: Key | None = None
    dry_run: bool = False


class Input(NamedTuple):
    """A field of an input that is a column: its name there, and the type of the ids that it takes, if it takes any."""

    name: str
    column: Column
    type_name: str | None


class Links(NamedTuple):
    """A field of an input that adds to, or takes from, the pairs of a link table: ids of rows of a type."""

    name: str
    add: bool
    type_name: str
    table: str
    near: str
    far: str


class Fields:
    """What the inputs of a module can hold; the same for every request."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self.own = self._inputs(module.inputs)
        self.sensitive = self._inputs(module.sensitive)
        self.named = {verb: self._inputs(turn.named) for verb, turn in turns(module).items()}
        self.label = self._inputs((module.column(module.label),))

    @cached_property
    def links(self) -> tuple[Links, ...]:
        """Fields that set pairs."""
        return tuple(
            Links(
                name,
                add,
                REGISTRY.by_name[relation.target].type_name,
                f"crm.{relation.through}",
                relation.column,
                relation.target_column,
            )
            for stem, relation in links_to_set(self._module)
            for name, add in ((stem, True), (f"add{_capital(stem)}", True), (f"remove{_capital(stem)}", False))
        )

    def _inputs(self, columns: tuple[Column, ...]) -> tuple[Input, ...]:
        targets = {relation.column: relation.target for relation in self._module.to_one}
        return tuple(
            Input(
                camel(column.name),
                column,
                REGISTRY.by_name[targets[column.name]].type_name if column.type is Type.UUID else None,
            )
            for column in columns
        )


@cache
def fields_of(module: Module) -> Fields:
    """The fields of a module's inputs."""
    return Fields(module)


def _capital(stem: str) -> str:
    return stem[0].upper() + stem[1:]


class WriteSite(Site):
    """A mutation. The first value that it brings is the row's id, by which the payload is read."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode, verb: str, module: Module) -> None:
        super().__init__(number, definition, node)
        self.verb = verb
        self.module = module

    def keepable(self, bound: Bound) -> bool:  # noqa: ARG002
        """Each request creates a row of its own."""
        return self.verb not in MAKING

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """The write; BadUserInput names every field that is not acceptable."""
        write = InputReader(self.verb, self.module, values["input"]).read()
        return Bound((self.verb, self.module.name), [write.row_id, write])


class InputReader:
    """Reads one input, and collects what is wrong with its fields."""

    def __init__(self, verb: str, module: Module, given: dict[str, Any]) -> None:
        self._verb = verb
        self._module = module
        self._given = given
        self._refused: dict[str, str] = {}

    def read(self) -> Write:
        """The write; BadUserInput when any field is refused."""
        module, given = self._module, self._given
        known = fields_of(module)
        turn = turns(module).get(self._verb)
        named_id = None if self._verb == "create" else self._id("id", module.type_name)
        if turn is not None:
            columns = self._turned(turn, known.named[turn.verb])
        elif self._verb == "clone":
            columns = {} if given.get(known.label[0].name) is None else self._columns(known.label, given, "")
        else:
            columns = {} if self._verb in SHARED else self._columns(known.own, given, "")
        sensitive: dict[str, Any] = {}
        if given.get("sensitive") is not None:
            sensitive = self._columns(known.sensitive, given["sensitive"], "sensitive.")
        dry_run = given.get(DRY_RUN) is True
        write = Write(
            self._verb,
            module,
            uuid7() if self._verb in MAKING else named_id or UUID(int=0),
            columns,
            sensitive,
            self._pairs(known.links) if known.links else (),
            self._share() if self._verb in SHARED else self._reach(),
            given.get("expectedVersion"),
            self._action(turn, columns),
            named_id if self._verb == "clone" else None,
            turn.once if turn is not None else None,
            None if dry_run else key_of(mutation_name(self._verb, module), given, module.table),
            dry_run,
        )
        if write.key is not None and (reason := unfit(write.key.text)):
            self._refuse(KEY, reason)
        if self._refused:
            raise BadUserInput(fields=self._refused)
        self._refuse_nothing(write)
        return write

    def _refuse_nothing(self, write: Write) -> None:
        """Writing nothing would still be a new version of the row, which others' changes then contradict."""
        if self._verb == "update" and not (write.columns or write.sensitive or write.pairs):
            raise BadUserInput("There is nothing to change: give a field with its new value.")
        if self._verb == "assign":
            if not write.reach.keys() - {"reason"}:
                raise BadUserInput("There is nothing to change: give an owner, or which teams reach the row.")
            if write.reach.get("team_id", True) is None and not write.reach.get("owner_id"):
                raise BadUserInput(fields={"teamId": "null lets the row follow a new owner: name one, or name a team"})

    def _turned(self, turn: Turn, named: tuple[Input, ...]) -> dict[str, Any]:
        """The columns of a turn; what it names is not nothing."""
        columns = self._columns(named, self._given, "")
        for name, column, _ in named:
            if not columns.get(column.name) and name not in self._refused:
                self._refuse(name, "is required")
        return {**dict(turn.sets), **columns}

    def _action(self, turn: Turn | None, columns: dict[str, Any]) -> str:
        """The action that is missing where the write is refused; less is enough for what goes nowhere else."""
        if turn is None:
            return self._verb
        goes = self._module.destination
        if goes and goes.limited and columns.get(goes.column) == goes.limited[0]:
            return goes.limited[1]
        return turn.action

    def _columns(self, inputs: tuple[Input, ...], given: dict[str, Any], prefix: str) -> dict[str, Any]:
        """Values by column. An empty text in a column that may be null means that there is none."""
        read: dict[str, Any] = {}
        for name, column, type_name in inputs:
            if name not in given:
                continue
            value = plain(given[name])
            if value is not None and type_name is not None:
                value = self._id(name, type_name)
            if value is None and column.required and prefix + name not in self._refused:
                self._refuse(prefix + name, "is required")
            elif value is not None:
                self._check(prefix + name, column, value)
            read[column.name] = value
        return read

    def _check(self, name: str, column: Column, value: Any) -> None:
        if isinstance(value, str):
            if column.required and not value:
                self._refuse(name, "must not be empty")
            elif "\0" in value:
                self._refuse(name, "must not contain the character U+0000")
            elif column.max_length is not None and len(value) > column.max_length:
                self._refuse(name, f"at most {column.max_length} characters, not {len(value)}")
        elif isinstance(value, int):
            if column.minimum is not None and value < column.minimum:
                self._refuse(name, f"at least {column.minimum}")
            elif column.maximum is not None and value > column.maximum:
                self._refuse(name, f"at most {column.maximum}")

    def _reach(self) -> dict[str, Any]:
        """Owner and teams that are given, by column."""
        reach: dict[str, Any] = {}
        given = self._given
        if "ownerId" in given:
            reach["owner_id"] = self._id("ownerId", "Person", nullable=True)
        if self._module.kind is Kind.ASSET:
            if "teamIds" in given:
                reach["team_ids"] = self._ids("teamIds", "Team")
        elif "teamId" in given:
            reach["team_id"] = self._id("teamId", "Team", nullable=True)
        for name, column in (("openToAll", "open_to_all"), ("restricted", "restricted")):
            if name in given:
                if given[name] is None:
                    self._refuse(name, "is either true or false")
                reach[column] = given[name]
        return reach | self._because()

    def _because(self) -> dict[str, Any]:
        """Why, if that is said and the history of access is told."""
        reason = self._given.get("reason")
        if self._verb not in REASONED or reason is None:
            return {}
        self._check("reason", REASON, reason)
        return {"reason": reason}

    def _share(self) -> dict[str, Any]:
        """With whom the row is shared; and for what, why and until when."""
        given = self._given
        share: dict[str, Any] = {
            column: self._id(name, type_name) if given.get(name) is not None else None
            for name, column, type_name in (("userId", "user_id", "Person"), ("teamId", "team_id", "Team"))
        }
        if (given.get("userId") is None) is (given.get("teamId") is None):
            self._refuse("userId", "a share is with a user or with a team")
        if self._verb == "unshare":
            return share | self._because()
        reason = given.get("reason")
        if reason is not None and "\0" in reason:
            self._refuse("reason", "must not contain the character U+0000")
        for action in given["actions"]:
            if action not in shareable(self._module):
                self._refuse("actions", f"is any of {', '.join(shareable(self._module))}")
        return {**share, "actions": given["actions"], "reason": reason, "until": given.get("until")}

    def _pairs(self, links: tuple[Links, ...]) -> tuple[Pairs, ...]:
        return tuple(
            Pairs(each.table, each.near, each.far, self._ids(each.name, each.type_name), each.add)
            for each in links
            if self._given.get(each.name)
        )

    def _ids(self, name: str, type_name: str) -> list[str]:
        texts = self._given[name]
        if texts is None:
            self._refuse(name, "must not be null; give an empty list")
            return []
        if len(texts) > MOST_LINKS:
            self._refuse(name, f"at most {MOST_LINKS}, not {len(texts)}")
            return []
        try:
            return list(dict.fromkeys(str(GlobalId.parse(text, type_name).uuid) for text in texts))
        except ValueError as error:
            self._refuse(name, str(error))
            return []

    def _id(self, name: str, type_name: str, *, nullable: bool = False) -> UUID | None:
        text = self._given[name]
        if text is None and nullable:
            return None
        try:
            return GlobalId.parse(text, type_name).uuid
        except ValueError as error:
            self._refuse(name, str(error))
            return None

    def _refuse(self, name: str, reason: str) -> None:
        self._refused[name] = reason

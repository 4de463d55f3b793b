"""From the input of an assignment of many rows (rule O5) to what the database is asked for."""

from typing import Any, NamedTuple

import orjson
from graphql import FieldNode, GraphQLField

from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, Bound, Site
from resolvers.compiler.conditions import Parameters, Reader, plain
from resolvers.compiler.keys import Key, key_of, unfit
from schema.assignments import ASSIGNED, MOST_AT_ONCE, MOST_IDS, assignment_name
from schema.errors import BadUserInput
from schema.history import LONGEST_REASON
from schema.idempotency import KEY
from schema.names import GlobalId
from schema.preview import DRY_RUN
from schema.registry import Module

ASSIGNMENTS: dict[str, Module] = {assignment_name(module): module for module in ASSIGNED}
# The place of what the function answers among the values that a site brings, as of an administrative mutation.
ANSWERED = 0
# And of the ids of the rows that it changed.
CHANGED = -4
MOST_TEAMS = 100


class Shape(NamedTuple):
    """What the SQL of an assignment depends on. `condition`: which rows, where they are not given by `ids`.

    `modules`: those whose `view` the condition needs.
    """

    module: Module
    background: bool
    change: plan.Param
    partial: plan.Param
    ids: plan.Param | None
    condition: plan.Condition | None
    modules: tuple[str, ...]


class Assignment(NamedTuple):
    """Many rows to assign: the shape of the statement, the values of its parameters, and why."""

    shape: Shape
    values: list[Any]
    reason: str | None
    key: Key | None
    dry_run: bool


def told(answered: str | None) -> dict[int, Any]:
    """What the function answered, by its places among the values of the site."""
    return {ANSWERED: answered, CHANGED: orjson.loads(answered or "{}").get("ids", [])}


class AssignmentSite(Site):
    """A mutation that assigns many rows."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode, module: Module) -> None:
        super().__init__(number, definition, node)
        self.module = module

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """The assignment; BadUserInput names every field that is not acceptable."""
        assignment = AssignmentReader(self.number, self.module, values["input"]).read()
        return Bound(self.module.name, [None, assignment])


class AssignmentReader:
    """Reads one input, and collects what is wrong with its fields."""

    def __init__(self, site: int, module: Module, given: dict[str, Any]) -> None:
        self._site = site
        self._module = module
        self._given = given
        self._refused: dict[str, str] = {}

    def read(self) -> Assignment:
        """The assignment; BadUserInput when any field is refused."""
        given = self._given
        parameters = Parameters(self._site)
        condition: plan.Condition | None = None
        ids: plan.Param | None = None
        modules: tuple[str, ...] = ()
        if (given.get("ids") is None) is (given.get("where") is None):
            self._refused["ids"] = "give either ids or where"
        elif given.get("where") is not None:
            reader = Reader(parameters)
            condition = reader.read(self._module, given["where"])
            modules = tuple(sorted({self._module.governing, *reader.modules}))
        else:
            ids = parameters.add(self._ids("ids", self._module.type_name, MOST_IDS), "text[]::uuid[]")
        change = self._change()
        background, partial = bool(given.get("background")), bool(given.get("partial"))
        if background and not partial:
            self._refused["partial"] = "a job is done in batches, and never all or nothing: say true"
        dry_run = given.get(DRY_RUN) is True
        if dry_run and background:
            self._refused[DRY_RUN] = f"nothing of a job is tried: try up to {MOST_AT_ONCE} of its rows without one"
        reason = given.get("reason")
        if reason is not None:
            self._check_reason(reason)
        key = self._key()
        if self._refused:
            raise BadUserInput(fields=self._refused)
        self._refuse_nothing(change)
        shape = Shape(
            self._module,
            background,
            parameters.add(orjson.dumps(change).decode(), "jsonb"),
            parameters.add(partial, "boolean"),
            ids,
            condition,
            modules,
        )
        return Assignment(shape, parameters.values, reason, None if dry_run else key, dry_run)

    def _key(self) -> Key | None:
        """The idempotency key. What was answered is answered again: of many rows there is none to look at."""
        key = key_of(assignment_name(self._module), self._given, None)
        if key is not None and (reason := unfit(key.text)):
            self._refused[KEY] = reason
        return key

    def _change(self) -> dict[str, Any]:
        """Owner and teams that are given, as the function takes them."""
        given = self._given
        change: dict[str, Any] = {}
        if "ownerId" in given:
            change["owner"] = self._id("ownerId", "Person")
        if given.get("teamId") is not None:
            change["team"] = self._id("teamId", "Team")
        if "teamIds" in given:
            change["teams"] = self._ids("teamIds", "Team", MOST_TEAMS)
        if given.get("teamsMode") is not None:
            change["mode"] = plain(given["teamsMode"])
            if "teamIds" not in given:
                self._refused["teamsMode"] = "says what to do with teamIds: give them"
        for name, column in (("openToAll", "open"), ("restricted", "restricted")):
            if name in given:
                if given[name] is None:
                    self._refused[name] = "is either true or false"
                change[column] = given[name]
        return change

    def _refuse_nothing(self, change: dict[str, Any]) -> None:
        if not change:
            if "teamId" in self._given:
                raise BadUserInput(fields={"teamId": "null lets rows follow a new owner: name one, or name a team"})
            raise BadUserInput("There is nothing to change: give an owner, or which teams reach the rows.")

    def _check_reason(self, reason: str) -> None:
        if "\0" in reason:
            self._refused["reason"] = "must not contain the character U+0000"
        elif len(reason) > LONGEST_REASON:
            self._refused["reason"] = f"at most {LONGEST_REASON} characters, not {len(reason)}"

    def _ids(self, name: str, type_name: str, most: int) -> list[str]:
        texts = self._given[name]
        if texts is None:
            self._refused[name] = "must not be null; give an empty list"
            return []
        if len(texts) > most:
            self._refused[name] = f"at most {most}, not {len(texts)}"
            return []
        try:
            return list(dict.fromkeys(str(GlobalId.parse(text, type_name).uuid) for text in texts))
        except ValueError as error:
            self._refused[name] = str(error)
            return []

    def _id(self, name: str, type_name: str) -> str | None:
        text = self._given[name]
        if text is None:
            return None
        try:
            return str(GlobalId.parse(text, type_name).uuid)
        except ValueError as error:
            self._refused[name] = str(error)
            return None

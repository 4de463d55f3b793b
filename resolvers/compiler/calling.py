"""From the input of an administrative mutation to the call of its function."""

from typing import Any, NamedTuple

import orjson
from graphql import FieldNode, GraphQLField

from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, Bound, Site
from resolvers.compiler.catalogue import ENTITIES
from resolvers.compiler.conditions import plain
from resolvers.compiler.keys import Key, key_of, unfit
from schema.administration.description import RESULT, Answer, Argument, Form, Mutation, Shape
from schema.errors import BadUserInput
from schema.history import LONGEST_REASON
from schema.idempotency import KEY
from schema.names import GlobalId
from schema.preview import DRY_RUN

LONGEST_LIST = 1000
LONGEST_TEXT = 1000
# Places among the values that a site brings: what the function answers is known only when it has been called.
ANSWERED, CALL, FIRST = 0, 1, 2
# Of what a dry run finds, nothing is known before: the whole, how many members it concerns, and how many lines it has.
FOUND, MEMBERS, LINES = -1, -2, -3


class Call(NamedTuple):
    """A call of a function, with the values of its parameters in the order of the description."""

    mutation: Mutation
    values: list[Any]
    reason: str | None
    key: Key | None = None
    dry_run: bool = False


class CallSite(Site):
    """An administrative mutation."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode, mutation: Mutation) -> None:
        super().__init__(number, definition, node)
        self.mutation = mutation

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """The call; BadUserInput names every field that is not acceptable."""
        call = CallReader(self.mutation, values["input"]).read()
        return Bound(self.mutation.name, [None, call, *call.values, *(None for _ in self.mutation.results)])


def answered(mutation: Mutation, answer: Answer, site: int) -> plan.Param:
    """What a field of a payload is made of: an argument, or what the function answers."""
    place = ANSWERED if answer.of == RESULT else FIRST + mutation.place(answer.of)
    return plan.Param(site, place, answer.sql_type)


def made_in(mutation: Mutation) -> str | None:
    """Where the object is found whose id the function answers, if it answers one."""
    made = [
        each for each in mutation.answers if each.of == RESULT and each.shape is Shape.OBJECT and not mutation.results
    ]
    return ENTITIES[made[0].type_name].source if made else None


def results(mutation: Mutation, answered: str | None) -> dict[int, Any]:
    """What the function answered, by its places among the values of the site."""
    if not mutation.results:
        return {ANSWERED: answered or None}
    found = orjson.loads(answered or "{}")
    return {FIRST + mutation.place(name): found.get(name) for name in mutation.results}


class CallReader:
    """Reads one input, and collects what is wrong with its fields."""

    def __init__(self, mutation: Mutation, given: dict[str, Any]) -> None:
        self._mutation = mutation
        self._given = given
        self._refused: dict[str, str] = {}

    def read(self) -> Call:
        """The call; BadUserInput when any field is refused."""
        values = [self._value(argument) for argument in self._mutation.arguments]
        reason = self._given.get("reason")
        if reason is not None:
            self._check("reason", reason, LONGEST_REASON)
        key = key_of(self._mutation.name, self._given, made_in(self._mutation))
        if key is not None and (unfitting := unfit(key.text)):
            self._refused[KEY] = unfitting
        if self._refused:
            raise BadUserInput(fields=self._refused)
        dry_run = self._given.get(DRY_RUN) is True
        return Call(self._mutation, values, reason, None if dry_run else key, dry_run)

    def _value(self, argument: Argument) -> Any:
        value = plain(self._given.get(argument.name))
        if value is None:
            return argument.default
        match argument.form:
            case Form.TEXT:
                self._check(argument.name, value, LONGEST_TEXT)
            case Form.TEXTS:
                for each in self._counted(argument.name, value):
                    self._check(argument.name, each, LONGEST_TEXT)
            case Form.ID:
                return self._id(argument, value)
            case Form.IDS:
                return [str(self._id(argument, each)) for each in self._counted(argument.name, value)]
            case Form.CELLS | Form.SWITCHES:
                return self._cells(argument.name, value, off=argument.form.with_off)
            case Form.TIERS:
                chosen = [
                    {key: plain(each) for key, each in tier.items()} for tier in self._counted(argument.name, value)
                ]
                return orjson.dumps(chosen).decode()
            case Form.MOVES:
                return self._moves(argument, value)
        return value

    def _cells(self, name: str, cells: list[dict[str, Any]], *, off: bool) -> str:
        """Cells as JSON. The empty set of scopes is not holding it (rule C1), also where there are none to be had.

        `off`: such cells are said, too.
        """
        for cell in self._counted(name, cells):
            for text in (cell["module"], cell["action"], *(cell.get("scopes") or ())):
                self._check(name, text, LONGEST_TEXT)
        held = [{key: value for key, value in cell.items() if value is not None} for cell in cells]
        # A text that is not Unicode has been refused, and is not sent.
        said = [cell for cell in held if off or cell.get("scopes") != []]
        return "" if self._refused else orjson.dumps(said).decode()

    def _moves(self, argument: Argument, moves: list[dict[str, Any]]) -> str:
        """Moves as JSON, with ids of the database."""
        placed = [
            {
                "team": self._id(argument, move["teamId"]),
                "parent": None if move.get("parentId") is None else self._id(argument, move["parentId"]),
            }
            for move in self._counted(argument.name, moves)
        ]
        return "" if self._refused else orjson.dumps(placed).decode()

    def _counted(self, name: str, values: list[Any]) -> list[Any]:
        if len(values) > LONGEST_LIST:
            self._refused[name] = f"at most {LONGEST_LIST}, not {len(values)}"
            return []
        return values

    def _check(self, name: str, text: str, longest: int) -> None:
        if "\0" in text:
            self._refused[name] = "must not contain the character U+0000"
        elif len(text) > longest:
            self._refused[name] = f"at most {longest} characters, not {len(text)}"
        elif any("\ud800" <= character <= "\udfff" for character in text):
            self._refused[name] = "must be Unicode"

    def _id(self, argument: Argument, text: str) -> Any:
        try:
            return GlobalId.parse(text, *argument.types).uuid
        except ValueError as error:
            self._refused[argument.name] = str(error)
            return None

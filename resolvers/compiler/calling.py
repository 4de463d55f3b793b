"""From the input of an administrative mutation to the call of its function."""

from typing import Any, NamedTuple

import orjson
from graphql import FieldNode, GraphQLField

from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, Bound, Site
from resolvers.compiler.conditions import plain
from schema.administration.description import RESULT, Answer, Argument, Form, Mutation, Shape
from schema.administration.types import LONGEST_REASON
from schema.errors import BadUserInput
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
    dry_run: bool = False


class CallSite(Site):
    """An administrative mutation."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode, mutation: Mutation) -> None:
        super().__init__(number, definition, node)
        self.mutation = mutation

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """The call; BadUserInput names every field that is not acceptable."""
        call = CallReader(self.mutation, values["input"]).read()
        return Bound(self.mutation.name, [None, call, *call.values])


def answered(mutation: Mutation, answer: Answer, site: int) -> plan.Param:
    """What a field of a payload is made of: an argument, or what the function answers."""
    place = ANSWERED if answer.of == RESULT else FIRST + mutation.place(answer.of)
    return plan.Param(site, place, "bigint" if answer.shape is Shape.COUNT else "uuid")


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
        if self._refused:
            raise BadUserInput(fields=self._refused)
        return Call(self._mutation, values, reason, self._given.get(DRY_RUN) is True)

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
            case Form.CELLS:
                return self._cells(argument.name, value)
        return value

    def _cells(self, name: str, cells: list[dict[str, Any]]) -> str:
        """Cells as JSON. The empty set of scopes is not holding it (rule C1), also where there are none to be had."""
        for cell in self._counted(name, cells):
            for text in (cell["module"], cell["action"], *(cell.get("scopes") or ())):
                self._check(name, text, LONGEST_TEXT)
        held = [{key: value for key, value in cell.items() if value is not None} for cell in cells]
        # A text that is not Unicode has been refused, and is not sent.
        return "" if self._refused else orjson.dumps([cell for cell in held if cell.get("scopes") != []]).decode()

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

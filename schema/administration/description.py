"""The vocabulary in which an administrative mutation is described.

Such a mutation is one call of a function of the database, which checks what the caller holds. Its description is pure
data: input, payload, root field, the call and the reading of the answer follow from it.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from schema.names import camel


class Form(Enum):
    """What an argument is made of: its type in GraphQL, and the one in which the function takes it."""

    TEXT = ("str", "text")
    TEXTS = ("list[str]", "text[]")
    FLAG = ("bool", "boolean")
    MOMENT = ("DateTime", "timestamptz")
    ID = ("ID", "uuid")
    IDS = ("list[ID]", "text[]::uuid[]")
    CELLS = ("list[RoleCellInput]", "jsonb")
    # Cells that are said to be off, too.
    SWITCHES = ("list[RoleCellInput]", "jsonb", True)
    TIERS = ("list[AccountTierInput]", "jsonb")
    MOVES = ("list[TeamMoveInput]", "jsonb")

    def __init__(self, annotation: str, sql_type: str, with_off: bool = False) -> None:
        self.annotation = annotation
        self.sql_type = sql_type
        self.with_off = with_off


@dataclass(frozen=True, slots=True)
class Argument:
    """A field of the input, and the parameter of the function that it is. `types`: whose ids it takes.

    `enum` names the GraphQL enum of a text. What may be left out is null to the function, or is the `default`.
    """

    name: str
    parameter: str
    form: Form
    description: str
    required: bool = True
    types: tuple[str, ...] = ()
    enum: str | None = None
    default: bool | str | None = None

    @property
    def annotation(self) -> str:
        """The type in GraphQL, written as in Python."""
        return (self.enum or self.form.annotation) + ("" if self.required else " | None")


class Shape(Enum):
    """What a field of the payload is."""

    OBJECT = auto()
    OBJECTS = auto()
    ID = auto()
    IDS = auto()
    COUNT = auto()
    LIST = auto()
    TEXT = auto()
    # The account in which the request acts.
    ACCOUNT = auto()
    # What a function tells beside the call's answer: rows of a type.
    ROWS = auto()


RESULT = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A field of the payload: an object or its id, several, a count or a text, rows, or what a query of the name lists.

    `of` is the argument that holds the id or the text, or RESULT, where the function answers it; where it answers an
    object, a key of that. Of several objects, those are answered that the caller may see. Of rows, it is the argument
    that the function `told_by` takes, or RESULT for none. A text of which a type is named is a value of that enum.
    """

    name: str
    description: str
    of: str = RESULT
    type_name: str = ""
    shape: Shape = Shape.OBJECT
    told_by: str = ""

    @property
    def annotation(self) -> str:
        """The type in GraphQL, written as in Python."""
        match self.shape:
            case Shape.OBJECT:
                return f"{self.type_name} | None"
            case Shape.LIST | Shape.OBJECTS:
                return f"list[{self.type_name}] | None"
            case Shape.ROWS:
                return f"list[{self.type_name}]"
            case Shape.IDS:
                return "list[ID]"
            case Shape.TEXT:
                return self.type_name or "str"
            case Shape.ID | Shape.COUNT | Shape.ACCOUNT:
                return {Shape.ID: "ID", Shape.COUNT: "int", Shape.ACCOUNT: "Account"}[self.shape]

    @property
    def sql_type(self) -> str:
        """In which the id, the ids, the count or the text go into a statement, or what tells the rows is asked for."""
        match self.shape:
            case Shape.COUNT:
                return "bigint"
            case Shape.TEXT | Shape.ROWS:
                return "text"
            case Shape.OBJECTS | Shape.IDS:
                return "text[]::uuid[]"
            case _:
                return "uuid"


@dataclass(frozen=True)
class Mutation:
    """A mutation: `name` is its root field, `function` what is called. `fixed`: parameters that no client gives.

    `within`: the function takes the account in which the request acts.
    `keyed`: it creates or sends, and so takes an idempotency key.
    `told`: the history of access tells of it, with the reason that is given.
    `results`: the keys of what the function answers, where that is a JSON object and not a value.
    """

    name: str
    function: str
    description: str
    arguments: tuple[Argument, ...]
    answers: tuple[Answer, ...]
    fixed: tuple[tuple[str, str], ...] = ()
    within: bool = True
    keyed: bool = False
    told: bool = True
    results: tuple[str, ...] = ()

    def __hash__(self) -> int:
        # Its name says which it is; the text of its call is looked up by it.
        return hash(self.name)

    @property
    def input_name(self) -> str:
        """`CreateRoleInput`."""
        return f"{self._stem}Input"

    @property
    def payload_name(self) -> str:
        """`CreateRolePayload`."""
        return f"{self._stem}Payload"

    @property
    def _stem(self) -> str:
        return self.name[0].upper() + self.name[1:]

    @cached_property
    def by_answer(self) -> dict[str, Answer]:
        """Fields of the payload by their name."""
        return {answer.name: answer for answer in self.answers}

    @cached_property
    def names(self) -> dict[str, str]:
        """What clients call the function's parameters, by what errors call these."""
        return {camel(argument.parameter): argument.name for argument in self.arguments}

    def place(self, name: str) -> int:
        """The number of an argument among the mutation's; the results come after them."""
        return [*(argument.name for argument in self.arguments), *self.results].index(name)


def id_of(type_name: str, name: str, parameter: str, description: str, *, required: bool = True) -> Argument:
    """An argument that is the id of a row. A member is known by the id of the person, too."""
    types = (type_name, "Person") if type_name == "Member" else (type_name,)
    return Argument(name, parameter, Form.ID, description, required, types)


REASSIGNED = (
    Answer("reassigned", "How many rows have another owner now, or none.", RESULT, shape=Shape.COUNT),
    Answer(
        "reassignedByModule",
        "The same by module, where there are any.",
        type_name="OwnedRows",
        shape=Shape.ROWS,
        told_by="access.reassigned",
    ),
    Answer("newOwner", "Who owns them now, as a member; null for nobody.", "newOwnerId", "Member"),
)
WITHHELD = Answer(
    "withheld",
    "What was asked for and not given, since you do not hold it yourself. Of `all`, your own scopes were given.",
    type_name="RoleCell",
    shape=Shape.ROWS,
    told_by="access.withheld",
)
KEPT = Answer(
    "kept",
    "What would be lost by it and was left as it is, since you do not hold it yourself.",
    type_name="RoleCell",
    shape=Shape.ROWS,
    told_by="access.kept",
)

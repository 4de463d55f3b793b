"""Inputs and payloads of mutations, made from registry entries.

A field that is left out stays as it is; null clears it.
"""

import re

from strawberry.types.field import StrawberryField

from schema.building import field, input_field, input_type, object_type, query_field
from schema.history import LONGEST_REASON, reason_field
from schema.idempotency import key_field
from schema.names import camel, enum_name, pascal, singular_field
from schema.preview import dry_run_field, preview_field
from schema.registry import Column, Kind, Module, ToMany, Type
from schema.verbs import KEYED, PREVIEWED, Turn, goes_out, turns, verbs

INPUT_TYPES = {
    Type.TEXT: "str",
    Type.INTEGER: "int",
    Type.BIGINT: "SafeInt",
    Type.BOOLEAN: "bool",
    Type.DATE: "Date",
    Type.TIMESTAMP: "DateTime",
    Type.UUID: "ID",
}
NOT_RESTORED = "notRestored"
NULL = re.compile(r" Null [^.]*\.$")
# What a payload tells of the outbox.
SENT = {
    "recipients": "How many it went to: those on the list whom you may view.",
    "leftOut": "How many on the list it did not go to, since you may not view them.",
}


def mutation_name(verb: str, module: Module) -> str:
    """`createLandingPage`."""
    return verb + module.type_name


def input_name(verb: str, module: Module) -> str:
    """`CreateLandingPageInput`."""
    return f"{pascal(verb)}{module.type_name}Input"


def payload_name(verb: str, module: Module) -> str:
    """`CreateLandingPagePayload`."""
    return f"{pascal(verb)}{module.type_name}Payload"


def links_to_set(module: Module) -> tuple[tuple[str, ToMany], ...]:
    """Pairs that inputs can set, with the stem of their fields: `contactIds` of a deal."""
    return tuple((camel(relation.target_column) + "s", relation) for relation in module.to_many)


def column_input(module: Module, column: Column, *, required: bool) -> StrawberryField:
    """The input field of a column."""
    name = enum_name(module, column) if column.choices else INPUT_TYPES[column.type]
    bounds = f" At most {column.max_length} characters." if column.max_length else ""
    # What a null means is no news where there is none.
    text = NULL.sub("", column.description) if required else column.description
    return input_field(camel(column.name), name if required else f"{name} | None", text + bounds)


def input_types(module: Module) -> None:
    """Make all inputs and payloads of a module."""
    row = singular_field(module)
    if module.sensitive:
        input_type(
            f"{module.type_name}SensitiveInput",
            f"What of {module.name} needs `view_sensitive`.",
            [column_input(module, column, required=False) for column in module.sensitive],
        )
    input_type(
        input_name("create", module),
        f"A new row of {module.name}.",
        [
            *(
                column_input(module, column, required=column.required and column.default is None)
                for column in module.inputs
            ),
            *_sensitive(module),
            *owner_and_reach(module),
            *(
                input_field(stem, "list[ID] | None", f"{relation.description} You have to see them.")
                for stem, relation in links_to_set(module)
            ),
            *_key("create"),
        ],
    )
    input_type(
        input_name("update", module),
        f"Changes of a row of {module.name}, one at least: what is given is written, as a new version of the row.",
        [
            _id(module),
            _version(),
            *(column_input(module, column, required=False) for column in module.changes),
            *_sensitive(module),
            *(
                input_field(
                    f"{verb}{stem[0].upper()}{stem[1:]}", "list[ID] | None", f"{text} {relation.description.lower()}"
                )
                for stem, relation in links_to_set(module)
                for verb, text in (("add", "To be added to:"), ("remove", "To be taken from:"))
            ),
        ],
    )
    input_type(input_name("delete", module), f"Which row of {module.name} to delete.", [_id(module)])
    for verb, to_do in (("restore", "bring back from the trash"), ("purge", "remove from the trash for good")):
        text = f"Which row of {module.name} to {to_do}."
        input_type(input_name(verb, module), text, [_deleted_id(module), reason_field()])
    if "assign" in verbs(module):
        _assign_input(module)
    if "clone" in verbs(module):
        _clone_input(module)
    for turn in turns(module).values():
        _turn_input(module, turn)
    if "share" in verbs(module):
        _share_inputs(module)
    for verb in verbs(module):
        _payload(module, verb, row)


def _assign_input(module: Module) -> None:
    input_type(
        input_name("assign", module),
        f"Who is responsible for a row of {module.name}, or which teams reach it; one at least is given.",
        [
            _id(module),
            input_field("ownerId", "ID | None", "The new owner (a Person); null for nobody."),
            *_reach(module, "left out or null: it follows to the main team of a new owner (null alone is refused)"),
            reason_field(),
            dry_run_field(),
        ],
    )


def _clone_input(module: Module) -> None:
    label = column_input(module, module.column(module.label), required=False)
    label.description = f"{label.description} Left out or null: the same as the original's."
    input_type(
        input_name("clone", module), f"Which row of {module.name} to copy.", [_id(module), label, *_key("clone")]
    )


def _turn_input(module: Module, turn: Turn) -> None:
    """What is named has to be: nobody publishes or sends to somewhere unsaid."""
    input_type(
        input_name(turn.verb, module),
        f"Which row of {module.name} to {turn.verb}.",
        [
            _id(module),
            _version(),
            *(column_input(module, column, required=True) for column in turn.named),
            *_key(turn.verb),
        ],
    )


def _share_inputs(module: Module) -> None:
    receiver = [
        input_field("userId", "ID | None", "The receiver, if it is a Person: an active member whom you may know."),
        input_field("teamId", "ID | None", "The receiver, if it is a Team: its members, and those of teams above it."),
    ]
    input_type(
        input_name("share", module),
        f"With whom a row of {module.name} is shared, a user or a team, and for what. It replaces what is shared with "
        "that receiver now.",
        [
            _id(module),
            *receiver,
            input_field(
                "actions",
                "list[str]",
                f"For what: some of {', '.join(shareable(module))}. `view` goes with each. You have to hold them for "
                "the row yourself; the receiver's role has to know them, else they are without effect.",
            ),
            input_field(
                "reason",
                "str | None",
                f"Why, for those who may see the share and for the history of access; at most {LONGEST_REASON}"
                " characters.",
            ),
            input_field("until", "DateTime | None", "When it ends by itself; null or left out: never."),
            *_key("share"),
            dry_run_field(),
        ],
    )
    input_type(
        input_name("unshare", module),
        f"With whom a row of {module.name} is not to be shared any more: a user or a team.",
        [_id(module), *receiver, reason_field(), dry_run_field()],
    )


def shareable(module: Module) -> tuple[str, ...]:
    """Actions for which a row can be shared: those on rows but `assign`, since whom a row is for is said by roles."""
    return tuple(action for action in module.row_actions if action != "assign")


def _payload(module: Module, verb: str, row: str) -> None:
    """What a mutation answers."""
    if verb == "delete":
        fields = [field("deletedId", "ID", "Id of the row that is gone; it is in the trash, and can be restored.")]
    elif verb == "purge":
        fields = [field("purgedId", "ID", "Id of the row that is gone for good.")]
    else:
        fields = [
            field(row, f"{module.type_name} | None", "The row as it is now; null if you may not see it."),
            field("id", "ID", "Id of the row, for `node`; also where you may not see the row."),
            field("visible", "bool", "Whether you may see the row as it is now."),
            *(field(name, "int", text) for name, text in SENT.items() if goes_out(module, verb)),
            *([preview_field()] if verb in PREVIEWED else []),
            *_left_out(verb),
        ]
    object_type(payload_name(verb, module), f"What {mutation_name(verb, module)} did.", [*fields, query_field()])


def _key(verb: str) -> list[StrawberryField]:
    return [key_field()] if verb in KEYED else []


def _left_out(verb: str) -> list[StrawberryField]:
    if verb != "restore":
        return []
    return [
        field(
            NOT_RESTORED,
            "list[str]",
            "What could not be as it was, by the names of inputs: references to rows that are gone or hidden from you, "
            "an owner who is no member any more, teams that are gone.",
        )
    ]


def _id(module: Module) -> StrawberryField:
    text = f"Id of the {_words(module)}, as its field `id` has it. One that you may not see is NOT_FOUND."
    return input_field("id", "ID", text)


def _deleted_id(module: Module) -> StrawberryField:
    text = f"Id of the deleted {_words(module)}: its `rowId` in `trash`. One that is not in your trash is NOT_FOUND."
    return input_field("id", "ID", text)


def _words(module: Module) -> str:
    return module.singular.replace("_", " ")


def _version() -> StrawberryField:
    return input_field("expectedVersion", "int | None", "Refuse with CONFLICT if the row has another version by now.")


def _sensitive(module: Module) -> list[StrawberryField]:
    if not module.sensitive:
        return []
    return [input_field("sensitive", f"{module.type_name}SensitiveInput | None", "Columns that need `view_sensitive`.")]


def owner_and_reach(module: Module) -> list[StrawberryField]:
    """Of a new row, where that is for its creator to say."""
    if module.kind not in (Kind.RECORD, Kind.ASSET):
        return []
    return [
        input_field(
            "ownerId", "ID | None", "Who shall be responsible (a Person); by default yourself, null for nobody."
        ),
        *_reach(module, "left out or null: the owner's main team"),
    ]


def _reach(module: Module, default: str) -> list[StrawberryField]:
    if module.kind is Kind.ASSET:
        return [
            input_field(
                "teamIds", "list[ID] | None", "The teams to which the row is assigned, instead of those it has."
            ),
            input_field("restricted", "bool | None", "Whether, of teams, only the assigned ones reach the row."),
        ]
    return [
        input_field("teamId", "ID | None", f"The owning team; {default}."),
        input_field("openToAll", "bool | None", "Whether all teams reach the row."),
    ]

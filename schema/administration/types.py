"""Inputs and payloads of administrative mutations, made from their descriptions."""

from enum import Enum

import strawberry
from strawberry.types.field import StrawberryField

from schema.administration.description import Mutation
from schema.building import NAMES, argument, field, input_field, input_type, object_type
from schema.preview import dry_run_field, preview_field

LONGEST_REASON = 1000


@strawberry.enum(description="What a personal exception does.")
class ExceptionEffect(Enum):
    """An exception adds to what role and teams give, or takes from it."""

    GRANT = strawberry.enum_value("grant", description="Adds the capability to what the role gives.")
    DENY = strawberry.enum_value(
        "deny", description="Takes the capability, whatever gives it; not from owners and super admins."
    )
    NONE = strawberry.enum_value("none", description="There is no exception any more; never of one that there is.")


NAMES.update(ExceptionEffect=ExceptionEffect)
input_type(
    "RoleCellInput",
    "A cell of a role's matrix.",
    [
        input_field("module", "str", "Name of a module or tool, as in `viewer.capabilities`: landing_pages."),
        input_field("action", "str", "Name of the action: view, update, publish..."),
        input_field(
            "scopes",
            "list[str] | None",
            "On which rows: all, or some of team, owned, created, unassigned. An empty list is not to hold it; for an"
            " action that concerns no row, leave it out.",
        ),
    ],
)


def mutation_types(mutation: Mutation) -> None:
    """Make the input and the payload of a mutation."""
    input_type(
        mutation.input_name,
        f"What {mutation.name} is to do.",
        [
            *(input_field(each.name, each.annotation, each.description) for each in mutation.arguments),
            input_field(
                "reason", "str | None", f"Why, for the history of access; at most {LONGEST_REASON} characters."
            ),
            dry_run_field(),
        ],
    )
    object_type(
        mutation.payload_name,
        f"What {mutation.name} did.",
        [*(field(each.name, each.annotation, each.description) for each in mutation.answers), preview_field()],
    )


def mutation_field(mutation: Mutation) -> StrawberryField:
    """The root field of a mutation."""
    return field(
        mutation.name,
        f"{mutation.payload_name} | None",
        mutation.description,
        [argument("input", mutation.input_name, "What to do.")],
    )

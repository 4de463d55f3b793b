"""Inputs and payloads of administrative mutations, made from their descriptions."""

from enum import Enum

import strawberry
from strawberry.types.field import StrawberryField

from schema.administration.description import Mutation
from schema.building import NAMES, argument, field, input_field, input_type, object_type, query_field
from schema.history import reason_field
from schema.idempotency import key_field
from schema.preview import dry_run_field, preview_field


@strawberry.enum(description="What a personal exception does.")
class ExceptionEffect(Enum):
    """An exception adds to what role and teams give, or takes from it."""

    GRANT = strawberry.enum_value("grant", description="Adds the capability to what the role gives.")
    DENY = strawberry.enum_value(
        "deny", description="Takes the capability, whatever gives it; not from owners and super admins."
    )
    NONE = strawberry.enum_value("none", description="There is no exception any more; never of one that there is.")
    KEPT = strawberry.enum_value(
        "kept",
        description="The capability is beyond the role and stayed when the role was given, by somebody who does not"
        " hold it. It ends when a role is given again; never to be set.",
    )
    WITHHELD = strawberry.enum_value(
        "withheld",
        description="The capability is of the role, which was given by somebody who does not hold it. It ends when a"
        " role is given again; never to be set.",
    )


@strawberry.enum(description="What a company is to this service.")
class AccountKind(Enum):
    """Partners serve other accounts."""

    CUSTOMER = strawberry.enum_value("customer", description="It uses the service for itself.")
    SOLUTIONS_PARTNER = strawberry.enum_value("solutions_partner", description="It serves client accounts.")
    PROVIDER = strawberry.enum_value("provider", description="It serves client accounts.")


@strawberry.enum(description="A part of the service to which an account subscribes.")
class Hub(Enum):
    """Each has a tier of its own."""

    MARKETING = strawberry.enum_value("marketing", description="Marketing.")
    SALES = strawberry.enum_value("sales", description="Sales.")
    SERVICE = strawberry.enum_value("service", description="Service.")
    CMS = strawberry.enum_value("cms", description="Content management.")
    OPERATIONS = strawberry.enum_value("operations", description="Operations.")


@strawberry.enum(description="How much of a hub an account subscribes to.")
class Tier(Enum):
    """From the lowest to the highest."""

    FREE = strawberry.enum_value("free", description="Without a subscription.")
    PROFESSIONAL = strawberry.enum_value("professional", description="Most content can be given to teams.")
    ENTERPRISE = strawberry.enum_value("enterprise", description="All content can be given to teams.")


NAMES.update(ExceptionEffect=ExceptionEffect, AccountKind=AccountKind, Hub=Hub, Tier=Tier)
input_type(
    "AccountTierInput",
    "The tier of a hub.",
    [input_field("hub", "Hub", "The hub."), input_field("tier", "Tier", "The tier.")],
)
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
input_type(
    "TeamMoveInput",
    "A team and the place that it shall have.",
    [
        input_field("teamId", "ID", "The team that moves, with all below it."),
        input_field("parentId", "ID | None", "The team above; left out or null: none."),
    ],
)


def mutation_types(mutation: Mutation) -> None:
    """Make the input and the payload of a mutation."""
    input_type(
        mutation.input_name,
        f"What {mutation.name} is to do.",
        [
            *(input_field(each.name, each.annotation, each.description) for each in mutation.arguments),
            *([reason_field()] if mutation.told else []),
            *([key_field()] if mutation.keyed else []),
            dry_run_field(),
        ],
    )
    object_type(
        mutation.payload_name,
        f"What {mutation.name} did.",
        [
            *(field(each.name, each.annotation, each.description) for each in mutation.answers),
            preview_field(),
            query_field(),
        ],
    )


def mutation_field(mutation: Mutation) -> StrawberryField:
    """The root field of a mutation."""
    return field(
        mutation.name,
        f"{mutation.payload_name} | None",
        mutation.description,
        [argument("input", mutation.input_name, "What to do.")],
    )

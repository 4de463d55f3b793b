"""Root fields of queries."""

from strawberry.types.field import StrawberryField

from schema.building import argument, field, object_type
from schema.connections import LARGEST_PAGE, connection_field, window_arguments
from schema.history import history_field
from schema.modules import REGISTRY
from schema.names import plural_field, singular_field
from schema.persons import person_query
from schema.registry import Module
from schema.trash import trash_field


def module_fields(module: Module) -> list[StrawberryField]:
    """One row by its id, and a page of rows."""
    return [
        field(
            singular_field(module),
            f"{module.type_name} | None",
            f"One row of {module.name} by its id; null when there is none, or you may not see it.",
            [
                argument(
                    "id",
                    "ID",
                    f"Id of the {module.type_name}, as its field `id` has it: `{module.type_name}:` and a uuid.",
                )
            ],
        ),
        connection_field(plural_field(module), module, module.description),
    ]


def one_field(name: str, type_name: str) -> StrawberryField:
    """One object of the account by its id."""
    return field(
        name,
        f"{type_name} | None",
        f"One {name} by its id; null when there is none, or you may not see it.",
        [argument("id", "ID", f"Id of the {type_name}, as its field `id` has it: `{type_name}:` and a uuid.")],
    )


DIRECTORY = [
    field("roles", "list[Role] | None", "Roles of the account, by name. Null, with an error, without `view` on roles."),
    one_field("role", "Role"),
    field("teams", "list[Team]", "Teams of the account that you know, by name; each names the team above."),
    one_field("team", "Team"),
    field(
        "members",
        "MemberConnection | None",
        "Members of the account, by name. Null, with an error, without `view` on users.",
        [
            argument("search", "str | None", "Only those whose name or e-mail address contains this."),
            *window_arguments(),
        ],
    ),
    one_field("member", "Member"),
    field(
        "sensitiveModules",
        "list[SensitiveModule] | None",
        "Modules with sensitive columns, and whether the account treats them so. Null, with an error, without `view` on"
        " settings.",
    ),
    field(
        "invitations",
        "InvitationConnection | None",
        "Invitations to the account, the newest first. Null, with an error, without `view` on users.",
        [
            argument("status", "InvitationStatus | None", "Only those of which this became."),
            *window_arguments(),
        ],
    ),
    one_field("invitation", "Invitation"),
    one_field("job", "Job"),
    field(
        "jobs",
        "JobConnection | None",
        "Your jobs, the youngest first; those of all members with `configure` on users. They are kept for 30 days after"
        " their end.",
        window_arguments(),
    ),
]

Query = object_type(
    "Query",
    "What can be read.",
    [
        field("viewer", "Viewer", "You, your account, your teams and what you may do."),
        person_query(),
        field(
            "node",
            "Node | None",
            "Anything by its id; null when there is none, or you may not see it.",
            [argument("id", "ID", "Id of the object, as its field `id` has it: `Deal:` and a uuid, say.")],
        ),
        field(
            "nodes",
            "list[Node | None]",
            "Many objects by their ids, in the same order; null for each that you may not see.",
            [argument("ids", "list[ID]", f"Ids of the objects; at most {LARGEST_PAGE}.")],
        ),
        history_field(),
        trash_field(),
        *DIRECTORY,
        *(each for module in REGISTRY.modules for each in module_fields(module)),
        field(
            "whyEmpty",
            "list[Wall] | None",
            "Why a member sees nothing in a module, or how far they see: a line for each wall, rows counted as far as "
            "you see them yourself. For holders of `view` on users.",
            [
                argument(
                    "member",
                    "ID",
                    "Id of the member (a Person or a Member); one who is not of the account is NOT_FOUND.",
                ),
                argument("module", "str", "Name of the module, as in `viewer.capabilities`: landing_pages."),
            ],
        ),
    ],
)

"""Assigning many rows in one call (rule O5): inputs and payloads, made from registry entries, and what is refused."""

from strawberry.types.field import StrawberryField

from schema.building import argument, enum_type, field, input_field, input_type, object_type, query_field
from schema.filters import where_name
from schema.history import reason_field
from schema.idempotency import key_field
from schema.modules import REGISTRY
from schema.names import pascal, plural_field
from schema.preview import dry_run_field, preview_field
from schema.registry import Kind, Module

# What one call does at once, and a job in all; as the functions have it.
MOST_AT_ONCE = 5_000
MOST_OF_A_JOB = 1_000_000
MOST_IDS = 1_000
MOST_REFUSED = 1_000
MOST_SHOWN = 1_000

ASSIGNED = tuple(module for module in REGISTRY.modules if "assign" in module.action_names)

enum_type(
    "TeamsMode",
    "What becomes of the teams that an asset is assigned to.",
    {"REPLACE": "replace", "ADD": "add", "REMOVE": "remove"},
    {
        "REPLACE": "It is assigned to exactly the given teams; to none of them by an empty list.",
        "ADD": "It is assigned to the given teams, too.",
        "REMOVE": "It is assigned to the given teams no more.",
    },
)
enum_type(
    "RefusalCode",
    "Why one row of many was refused.",
    {"NOT_FOUND": "not_found", "FORBIDDEN": "forbidden"},
    {
        "NOT_FOUND": "There is no such row, or you may not see it.",
        "FORBIDDEN": "You see the row, but may not hand it over, or not to there.",
    },
)
object_type(
    "RefusedRow",
    "One row of many that stays as it was, and why.",
    [
        field("id", "ID", "Id of the row, as it was asked for."),
        field("code", "RefusalCode", "Why it was refused: stable, for programs."),
        field("message", "str", "Why it was refused, as a sentence for people."),
        field("module", "str", "Name of the module whose row it is, as in error extensions: deals."),
        field("action", "str | None", "The action that is missing: assign. Null for a row that is not found."),
        field("tier", "str | None", "The tier in which teams can be given the row, where the account's is too low."),
    ],
)


def assignment_name(module: Module) -> str:
    """`assignLandingPages`."""
    return f"assign{pascal(module.name)}"


def _capital(module: Module) -> str:
    return f"Assign{pascal(module.name)}"


def assignment_types(module: Module) -> None:
    """Make the input and the payload."""
    rows = module.name
    input_type(
        f"{_capital(module)}Input",
        f"Which rows of {rows} (by `ids` or by `where`), and who is responsible for them or which teams reach them.",
        [
            input_field("ids", "list[ID] | None", f"Which rows, by their ids: at most {MOST_IDS:,}."),
            input_field(
                "where",
                f"{where_name(module)} | None",
                "Which rows: all that you see and that fulfil this, as in the connection; `{}` means all that you see.",
            ),
            input_field(
                "ownerId", "ID | None", "The new owner (a Person); null for nobody. Left out: each keeps its own."
            ),
            *_reach(module),
            input_field(
                "partial",
                "bool | None",
                "Whether to hand over what you may, and to say what is refused. By default it is all or nothing.",
            ),
            input_field(
                "background",
                "bool | None",
                f"Whether to do it by a job, for more than {MOST_AT_ONCE:,} rows, up to {MOST_OF_A_JOB:,}. A job is"
                " done in batches, so it takes `partial: true`. The rows are those that there are when it starts.",
            ),
            reason_field(),
            key_field(),
            dry_run_field(),
        ],
    )
    object_type(
        f"{_capital(module)}Payload",
        f"What {assignment_name(module)} did.",
        [
            field("changed", "int | None", "How many rows have another owner or other teams now. Null for a job."),
            field("unchanged", "int | None", "How many had these already; nothing was written. Null for a job."),
            field("hidden", "int | None", "Of the changed rows, how many you do not see any more. Null for a job."),
            field("refusedCount", "int | None", "How many rows were refused, and stay as they were. Null for a job."),
            field(
                "changedIds",
                "list[ID]",
                "Ids of the changed rows that you see now, in order. Empty for a job: ask for lists again when it is"
                " done.",
            ),
            field(
                plural_field(module),
                f"list[{module.type_name}] | None",
                f"The same rows as they are now: the first {MOST_SHOWN:,}, if there are more. Empty for a job.",
            ),
            field(
                "refused",
                "list[RefusedRow]",
                f"The refused rows, by id: the first {MOST_REFUSED:,}, if there are more. Empty for a job, which lists"
                " its own.",
            ),
            field("job", "Job | None", "The job that does it, with `background: true`; else null."),
            preview_field(),
            query_field(),
        ],
    )


def _reach(module: Module) -> list[StrawberryField]:
    if module.kind is Kind.ASSET:
        return [
            input_field("teamIds", "list[ID] | None", "Teams, for `teamsMode`. Left out: each keeps its own."),
            input_field("teamsMode", "TeamsMode | None", "What to do with `teamIds`; by default REPLACE."),
            input_field(
                "restricted",
                "bool | None",
                "Whether, of teams, only the assigned ones reach the row. Left out: as it is.",
            ),
        ]
    return [
        input_field(
            "teamId",
            "ID | None",
            "The owning team; left out or null: rows follow to the main team of a new owner (null alone is refused).",
        ),
        input_field("openToAll", "bool | None", "Whether all teams reach the rows. Left out: as they are."),
    ]


def assignment_field(module: Module) -> StrawberryField:
    """The root field."""
    return field(
        assignment_name(module),
        f"{_capital(module)}Payload | None",
        f"Hand many rows of {module.name} to another owner or team: all of them or none, unless `partial` is true.",
        [argument("input", f"{_capital(module)}Input", "What to do.")],
    )

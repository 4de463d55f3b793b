"""What a mutation would bring about: the answer of a dry run (rule X2)."""

from strawberry.types.field import StrawberryField

from schema.building import enum_type, field, input_field, object_type

DRY_RUN = "dryRun"
PREVIEW = "preview"
TYPE = "Preview"

enum_type(
    "Turned",
    "What becomes of an action that concerns no row.",
    {"GAINED": "gained", "LOST": "lost"},
    {"GAINED": "It is held, and was not.", "LOST": "It is not held any more."},
)
enum_type(
    "PreviewNoteCode",
    "What a sentence about a change is of.",
    {
        "STARTS_OPEN": "STARTS_OPEN",
        "STARTS_RESTRICTED": "STARTS_RESTRICTED",
        "FOR_TEAMS": "FOR_TEAMS",
        "NOT_FOR_TEAMS": "NOT_FOR_TEAMS",
        "ASSIGNMENTS_ONLY_REMOVED": "ASSIGNMENTS_ONLY_REMOVED",
        "TEAM_SHARES_ONLY_END": "TEAM_SHARES_ONLY_END",
        "SHARES_END": "SHARES_END",
    },
    {
        "STARTS_OPEN": "New content starts open, where it started restricted until now.",
        "STARTS_RESTRICTED": "New content starts restricted, where it started open until now.",
        "FOR_TEAMS": "Content can be restricted, given to teams and shared with teams, and could not.",
        "NOT_FOR_TEAMS": "New content cannot be restricted, given to teams or shared with teams any more.",
        "ASSIGNMENTS_ONLY_REMOVED": "Rows stay restricted or given to teams, which can only be taken away; `count` says"
        " how many of those that you see.",
        "TEAM_SHARES_ONLY_END": "Rows stay shared with teams, which can only be ended; `count` says how many of those"
        " that you may know.",
        "SHARES_END": "Shares with a team end, since you may not give them to the other team; `count` says how many.",
    },
)
object_type(
    "PreviewNote",
    "What a change says of itself, beside who gains and loses rows that there are.",
    [
        field("code", "PreviewNoteCode", "What it is about: stable, for programs."),
        field("module", "str | None", "The module that it is about; null for no single one."),
        field("count", "SafeInt | None", "How many rows or shares it is about; null where it is not about a number."),
        field("message", "str", "The same as a sentence, for people."),
    ],
)
object_type(
    "PreviewSample",
    "A row that somebody would gain or lose, and that you see yourself now.",
    [
        field("id", "ID", "Id of the row, for `node`."),
        field("label", "str", "What the row is called."),
        field(
            "reason",
            "str",
            "By what the row is reached, of a gained one afterwards, of a lost one until now: owner, creator, team"
            " Oslo, through North, open to all teams, nobody owns it, shared, scope all.",
        ),
    ],
)
object_type(
    "PreviewChange",
    "What one member would gain and lose, in one module and action.",
    [
        field(
            "person",
            "Person | None",
            "Whom it concerns. Null where you may not know (that takes `view` on `users`): then it is the sum of all"
            " those whom you may not know.",
        ),
        field("members", "int", "How many members the line is of; 1 where `person` is somebody."),
        field(
            "module", "str", "Name of the module or tool, as in `viewer.capabilities`, or of rows that are part of it."
        ),
        field("action", "str", "Name of the action. Who loses `view` of a row loses each action on it."),
        field("gained", "SafeInt", "How many rows more. Who loses some and gains others does both."),
        field("lost", "SafeInt", "How many rows less the person, or all of them, would reach."),
        field("held", "Turned | None", "Of an action that concerns no row: whether it is gained or lost."),
        field(
            "samplesGained",
            "list[PreviewSample]",
            "Up to ten of the gained rows that you see yourself now: of views, and of actions where the person views"
            " the same rows as before; for the first 40 such lines.",
        ),
        field("samplesLost", "list[PreviewSample]", "Up to ten of the lost rows that you see yourself now; likewise."),
    ],
)
object_type(
    "PreviewTotal",
    "What all members together would gain and lose, in one module and action. A row counts for each member.",
    [
        field("module", "str", "Name of the module or tool, or of rows that are part of it."),
        field("action", "str", "Name of the action."),
        field("gaining", "SafeInt", "How many members gain rows, or the action."),
        field("losing", "SafeInt", "How many members lose rows, or the action."),
        field("gained", "SafeInt", "Rows gained, added up over the members."),
        field("lost", "SafeInt", "Rows lost, added up over the members."),
    ],
)
object_type(
    TYPE,
    "What a mutation would bring about. It was carried out, counted as each member whom it concerns, and undone.",
    [
        field(
            "members",
            "SafeInt",
            "How many members gain or lose anything. Without `view` on `users` or `configure` on `roles` or `teams`"
            " you are told of yourself alone.",
        ),
        field("lines", "SafeInt", "How many lines there are; `changes` holds the first thousand."),
        field(
            "notes",
            "list[PreviewNote]",
            "What will be different that no row of today shows, or that would be lost by it: what content made from now"
            " on starts as, what can only be taken away, which shares end.",
        ),
        field("totals", "list[PreviewTotal]", "By module and action, over all members."),
        field(
            "changes", "list[PreviewChange]", "By member, module and action: who gains and loses most rows comes first."
        ),
    ],
)


def dry_run_field() -> StrawberryField:
    """The field of an input by which a mutation is tried and undone."""
    return input_field(
        DRY_RUN,
        "bool | None",
        "Whether to change nothing, and to say in `preview` what it would bring about; by default false. It is refused"
        " like the change itself.",
    )


def preview_field() -> StrawberryField:
    """The field of a payload that says what a dry run found."""
    return field(PREVIEW, f"{TYPE} | None", "With `dryRun`: what it would bring about; else null.")

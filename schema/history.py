"""The history of access: who changed whose access, when, from what to what, why, and by which request."""

from strawberry.scalars import JSON
from strawberry.types.field import StrawberryField

from schema.building import NAMES, argument, enum_type, field, input_field, input_type, object_type
from schema.connections import DEFAULT_PAGE, LARGEST_PAGE

CHANGE = "AccessChange"
BATCH = "AccessBatch"
LISTED = "crm.access_changes"
LONGEST_REASON = 1000
# Whoever views the tool, or holds one of the others, sees the part of the history that is theirs.
TOOL = "settings"
INSTEAD = (("users", "configure"), ("roles", "configure"), ("teams", "configure"))

KINDS = {
    "membership": "A member came, went, or got another status, role or flag. For those who configure users.",
    "exception": "A right was added to, or taken from, one member. For those who configure users.",
    "team_member": "A member joined or left a team, or it became his main team. For those who configure users.",
    "analyst_login": "A database login of a member was made or revoked. For those who configure users.",
    "invitation": "Somebody was invited, or the invitation was sent again, revoked or accepted. For those who configure"
    " users.",
    "role": "A role was made, renamed or deleted. For those who configure roles.",
    "role_cell": "A role got or lost a capability. For those who configure roles.",
    "team_role": "A role was attached to, or detached from, a team. For those who configure roles.",
    "team": "A team was made, renamed or deleted. For those who configure teams.",
    "team_edge": "A team was put below another, or taken away from it. For those who configure teams.",
    "account": "The account became one of another kind. For those who view settings.",
    "tier": "A hub got another subscription. For those who view settings.",
    "sensitivity": "Sensitive columns became ordinary ones, or sensitive again. For those who view settings.",
    "setting": "A setting of the account was switched on or off. For those who view settings.",
    "assignment": "A row got another owner or other teams. For those who view settings and see the row.",
    "share": "A row was shared with a person or a team, for other actions or until another end, or is shared no more."
    " For those who view settings and see the row.",
    "restoration": "A row came back from the trash. For those who view settings and see the row.",
    "purge": "Somebody removed a row from the trash for good. For those who view settings and all of the module.",
    "erasure": "A person was erased. For those who view settings.",
}

NAMES["JSON"] = JSON
# What `before` and `after` hold, by kind: they are written once, by the database, and shown as they were.
STATES = {
    "membership": ("status", "role_id", "super_admin"),
    "exception": ("action", "scope", "effect", "from", "until"),
    "team_member": ("is_main",),
    "analyst_login": ("login",),
    "invitation": ("status", "role_id", "main_team_id", "team_ids", "invited_by", "until"),
    "role": ("name",),
    "role_cell": ("action", "scope"),
    "team_role": ("role_id",),
    "team": ("name",),
    "team_edge": ("parent_id",),
    "account": ("kind",),
    "tier": ("hub", "tier"),
    "sensitivity": ("sensitive",),
    "setting": ("name",),
    "assignment": ("owner_id", "team_id", "open_to_all", "team_ids", "restricted"),
    "share": ("actions", "from", "until"),
    "restoration": ("owner_id", "team_id", "open_to_all", "team_ids", "restricted"),
    "purge": ("deleted_at",),
    "erasure": ("rows", "reassigned"),
}

enum_type(
    f"{CHANGE}Kind",
    "What of access was changed.",
    {kind.upper(): kind for kind in KINDS},
    {kind.upper(): reason for kind, reason in KINDS.items()},
)
object_type(
    CHANGE,
    "A change of access: who made it, when, what was before and what is after it.",
    [
        field("id", "ID", "Identifies the change."),
        field("at", "DateTime", "When it was made."),
        field("kind", f"{CHANGE}Kind", "What was changed."),
        field("actor", "Person | None", "The member who made it. Null for an operator, or whom you do not know."),
        field("operator", "str | None", "The database login of the operator who made it; null for a member."),
        field("member", "Person | None", "Whose access it is. Null where it is nobody's alone."),
        field(
            "team",
            "Team | None",
            "The team that it is about, also one that was deleted since: no other field answers that one, and nothing"
            " is below it. Null for none, or one that you may not know; deleted ones are known with `view` on teams.",
        ),
        field("teamId", "ID | None", "Id of the team that it is about. Null for none, or one that you may not know."),
        field("roleId", "ID | None", "Id of the role that it is about; of a membership, of the role from then on."),
        field("module", "str | None", "The module whose rows or capability it is about: landing_pages."),
        field("rowId", "ID | None", "Id of the row, or of the invitation, that it is about."),
        field(
            "before",
            "JSON | None",
            "What was so before; null for what began. Keys and words are those of the database. By kind: "
            + "; ".join(f"{kind}: {', '.join(keys)}" for kind, keys in STATES.items())
            + ". `from` and `until` are there where they are to come. An `_id`, and `invited_by`, is an id as elsewhere"
            " here, of a Person, Team or Role. People and teams that you may not know are left out.",
        ),
        field("after", "JSON | None", "What was so from then on; null for what ended. As `before`."),
        field("reason", "str | None", "Why, in the words of who made it. Null when none was given."),
        field(
            "batchId",
            "ID | None",
            "By what all that one mutation changed is known, here and to `undoReorganisation`. Null for what was"
            " changed before batches were kept.",
        ),
        field("request", "str | None", "Id of the request, as in `x-request-id` and the log. Null for none."),
    ],
)
object_type(
    f"{CHANGE}Edge",
    "A change in a page of the history.",
    [
        field("cursor", "str", "Opaque; for `after`, of the same member, in requests that name the account alike."),
        field("node", CHANGE, "The change."),
    ],
)
object_type(
    f"{CHANGE}Connection",
    "A page of the history of access, as far as it is yours to see.",
    [
        field("edges", f"list[{CHANGE}Edge]", "The changes of the page, each with its cursor."),
        field("nodes", f"list[{CHANGE}]", "The changes of the page."),
        field("pageInfo", "PageInfo", "Where the page stands in the list."),
        field("totalCount", "int", "How many changes the list has on all its pages. Counted only when asked for."),
    ],
)
input_type(
    "AccessLogWhere",
    "Conditions on changes of access. All that are given have to hold; null is refused, leave it out.",
    [
        input_field("kind", f"{CHANGE}Kind | None", "What was changed."),
        input_field("actor", "ID | None", "By the id of who made it (a Person or a Member)."),
        input_field("member", "ID | None", "By the id of whose access it is (a Person or a Member)."),
        input_field("team", "ID | None", "By the id of the team that it is about."),
        input_field("role", "ID | None", "By the id of the role that it is about."),
        input_field("module", "str | None", "By the module whose rows or capability it is about: landing_pages."),
        input_field("row", "ID | None", "By the id of the row, or of the invitation, that it is about."),
        input_field("batch", "ID | None", "By the `batchId` of what was changed together."),
        input_field("since", "DateTime | None", "Made at this moment or later."),
        input_field("until", "DateTime | None", "Made before this moment."),
    ],
)


def reason_field() -> StrawberryField:
    """The field of an input that says why access is changed."""
    return input_field("reason", "str | None", f"Why, for the history of access; at most {LONGEST_REASON} characters.")


def history_field() -> StrawberryField:
    """The root field of the history. Null, with an error, where nothing of it is for the viewer."""
    return field(
        "accessLog",
        f"{CHANGE}Connection | None",
        "The history of access, newest first, as far as it is yours to see: who may administer users, roles or teams "
        "sees how they were administered.",
        [
            argument("where", "AccessLogWhere | None", "Only changes that fulfil this."),
            argument("first", "int | None", f"Size of the page: 0 to {LARGEST_PAGE}, by default {DEFAULT_PAGE}."),
            argument("after", "str | None", "Only changes that follow this cursor, which are older ones."),
        ],
    )

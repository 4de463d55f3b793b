"""The trash: rows that were deleted, until they are restored or purged."""

from strawberry.types.field import StrawberryField

from schema.building import argument, enum_type, field, input_field, input_type, object_type
from schema.connections import DEFAULT_PAGE, LARGEST_PAGE
from schema.modules import REGISTRY

TRASHED = "TrashedRow"
LISTED = "crm.trash"
# What lets one see any of it: to be able to delete rows of some module.
DELETES = tuple(dict.fromkeys((module.governing, module.needed("delete")) for module in REGISTRY.modules))

object_type(
    TRASHED,
    "A row that was deleted and can be restored, as it was. What belonged to it comes back with it, and is not listed.",
    [
        field("id", "ID", "Identifies this entry of the trash."),
        field("module", "str", "The module whose row it is: landing_pages."),
        field("rowId", "ID", "Id of the row, by which it is restored or purged."),
        field("label", "str | None", "What it was called: its name, title or subject; 300 characters of it."),
        field("owner", "Person | None", "Who owned it. Null when nobody did, or you do not know them."),
        field(
            "deletedBy", "Person | None", "The member who deleted it. Null for an operator, or whom you do not know."
        ),
        field("operator", "str | None", "The database login of the operator who deleted it; null for a member."),
        field("deletedAt", "DateTime", "When it was deleted."),
        field(
            "content",
            "JSON",
            "Its columns by their names in SQL, without references to other rows; people and teams that you may not "
            "know are left out.",
        ),
        field(
            "sensitive",
            "JSON | None",
            "Its sensitive columns by their names in SQL. Null when nothing was recorded, or you lack "
            "`view_sensitive` for the row.",
        ),
    ],
)
object_type(
    f"{TRASHED}Edge",
    "A row in a page of the trash.",
    [
        field("cursor", "str", "Opaque; for `after`, of the same member, in requests that name the account alike."),
        field("node", TRASHED, "The row."),
    ],
)
object_type(
    f"{TRASHED}Connection",
    "A page of the trash, as far as you may restore it.",
    [
        field("edges", f"list[{TRASHED}Edge]", "The rows of the page, each with its cursor."),
        field("nodes", f"list[{TRASHED}]", "The rows of the page."),
        field("pageInfo", "PageInfo", "Where the page stands in the list."),
        field("totalCount", "int", "How many rows the list has on all its pages. Counted only when asked for."),
    ],
)
enum_type(
    "TrashedModule",
    "Modules whose rows can be in the trash.",
    {module.name.upper(): module.name for module in REGISTRY.modules},
    {module.name.upper(): module.description for module in REGISTRY.modules},
)
input_type(
    "TrashWhere",
    "Conditions on rows in the trash. All that are given have to hold; null is refused, leave it out.",
    [
        input_field("module", "TrashedModule | None", "Rows of this module."),
        input_field("row", "ID | None", "By the id of the row."),
        input_field("owner", "ID | None", "By the id of who owned it (a Person)."),
        input_field("deletedBy", "ID | None", "By the id of who deleted it (a Person)."),
        input_field("since", "DateTime | None", "Deleted at this moment or later."),
        input_field("until", "DateTime | None", "Deleted before this moment."),
    ],
)


def trash_field() -> StrawberryField:
    """The root field of the trash. Null, with an error, where the viewer may delete nothing."""
    return field(
        "trash",
        f"{TRASHED}Connection | None",
        "Deleted rows that you may restore, the last ones first: those that you could delete, were they as they were. "
        "Null, with an error, where you may delete no rows (of the module that is asked for).",
        [
            argument("where", "TrashWhere | None", "Only rows that fulfil this."),
            argument("first", "int | None", f"Size of the page: 0 to {LARGEST_PAGE}, by default {DEFAULT_PAGE}."),
            argument("after", "str | None", "Only rows that follow this cursor, which were deleted before it."),
        ],
    )

"""What modules share: their actions."""

from schema.registry import Action, Destination

# What concerns no row, or none that is there already (C1).
WITHOUT_SCOPE = frozenset({"create", "import", "connect", "configure"})


def actions(names: str) -> tuple[Action, ...]:
    """Actions by their names, each with a scope where it concerns rows."""
    return tuple(Action(name, on_rows=name not in WITHOUT_SCOPE) for name in names.split())


RECORD_ACTIONS = actions("view view_sensitive create update delete clone assign import export")
ASSET_ACTIONS = actions("view create update delete clone assign")
# For pages and posts: published somewhere, by some within the company alone (C3).
PUBLISHED_SOMEWHERE = (*actions("publish"), Action("publish_internal", part_of="publish"))
INTERNAL_OR_PUBLIC = Destination("status", "destination", ("internal", "publish_internal"))

"""What modules share: the actions of a CRM record and of a content asset."""

from schema.registry import Action

RECORD_ACTIONS = (
    Action("view"),
    Action("view_sensitive"),
    Action("create", on_rows=False),
    Action("update"),
    Action("delete"),
    Action("clone"),
    Action("assign"),
    Action("import", on_rows=False),
    Action("export"),
)

ASSET_ACTIONS = (
    Action("view"),
    Action("create", on_rows=False),
    Action("update"),
    Action("delete"),
    Action("clone"),
    Action("assign"),
)

"""Capabilities without rows (mission, section 4)."""

from schema.registry import Tool

TOOLS = tuple(
    Tool(name, ("view", "configure"))
    for name in (
        "settings",
        "users",
        "teams",
        "roles",
        "email_sync",
        "connected_accounts",
        "domains",
        "billing",
        "seats",
    )
)

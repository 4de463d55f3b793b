"""Capabilities without rows (mission, section 4)."""

from schema.registry import Tool

TOOLS = (
    *(
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
    ),
    Tool("partner_employees", ("view", "update"), kinds=("solutions_partner", "provider")),
    Tool("scim", ("configure",)),
    Tool("data_migration", ("configure",)),
)

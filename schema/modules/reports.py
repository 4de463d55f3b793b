"""Reports: figures, put together."""

from schema.modules.columns import choice, label, prose
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Kind, Module

REPORTS = Module(
    name="reports",
    singular="report",
    type_name="Report",
    kind=Kind.ASSET,
    description="Figures of the account, put together for somebody.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("export")),
    columns=(
        label("name", "Name of the report."),
        prose("description", "What it tells.", 10_000),
        choice(
            "subject",
            "Of what it tells.",
            "contacts companies deals leads tickets tasks invoices marketing_emails landing_pages",
            "deals",
        ),
        choice("layout", "How it is shown.", "table bar line pie funnel number", "table"),
        prose("definition", "What is counted and by what, as the front end writes it."),
    ),
)

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
        label("name", "Name of the report, as in the list of reports."),
        prose("description", "What the report tells and whom it is for, for colleagues.", 10_000),
        choice(
            "subject",
            "Rows of which module the report counts.",
            "contacts companies deals leads tickets tasks invoices marketing_emails landing_pages",
            "deals",
            meanings=(
                "Contacts.",
                "Companies.",
                "Deals.",
                "Leads.",
                "Tickets.",
                "Tasks.",
                "Invoices.",
                "Marketing e-mails.",
                "Landing pages.",
            ),
        ),
        choice(
            "layout",
            "As what the result is drawn.",
            "table bar line pie funnel number",
            "table",
            meanings=(
                "Rows and columns.",
                "Bars, one for each group.",
                "A line over time.",
                "Slices of a circle, one for each group.",
                "Stages, each with what is left of the one before.",
                "One figure.",
            ),
        ),
        prose(
            "definition",
            "What is counted and by what it is grouped, as the front end writes it (JSON, say); the database keeps "
            "it as it is.",
        ),
    ),
)

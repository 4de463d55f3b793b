"""Views: what of the CRM somebody wants to have before him."""

from schema.modules.columns import choice, label, prose
from schema.modules.common import ASSET_ACTIONS
from schema.registry import Kind, Module

CRM_VIEWS = Module(
    name="crm_views",
    singular="crm_view",
    type_name="CrmView",
    kind=Kind.ASSET,
    description="A saved selection of records, with its columns and order.",
    actions=ASSET_ACTIONS,
    columns=(
        label("name", "Name of the view, as in the list of saved views."),
        choice(
            "subject",
            "Rows of which module the view lists.",
            "contacts companies deals leads tickets tasks invoices",
            "contacts",
            meanings=("Contacts.", "Companies.", "Deals.", "Leads.", "Tickets.", "Tasks.", "Invoices."),
        ),
        choice(
            "layout",
            "How the rows are laid out.",
            "table board calendar",
            "table",
            meanings=(
                "Rows and columns.",
                "Cards in columns, by stage or status.",
                "Entries in a calendar, by a date.",
            ),
        ),
        prose(
            "definition",
            "Filter, columns and order, as the front end writes them (JSON, say); the database keeps them as they are.",
        ),
    ),
)

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
        label("name", "Name of the view."),
        choice("subject", "Of what it is a view.", "contacts companies deals leads tickets tasks invoices", "contacts"),
        choice("layout", "How it is shown.", "table board calendar", "table"),
        prose("definition", "Filter, columns and order, as the front end writes them."),
    ),
)

"""Calls to action: buttons that lead visitors somewhere."""

from schema.modules.columns import choice, label, published, reference, text
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Kind, Module, ToOne

CTAS = Module(
    name="ctas",
    singular="cta",
    type_name="Cta",
    kind=Kind.ASSET,
    description="A call to action: a button or banner that leads visitors somewhere.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("publish")),
    columns=(
        label("name", "Name by which colleagues know it."),
        text("text", "What visitors read."),
        text("target_url", "Where it leads.", 2000),
        choice("shape", "What it looks like.", "button banner popup", "button"),
        *published("call to action"),
        reference("landing_page_id", "The landing page to which it leads."),
    ),
    to_one=(
        ToOne(
            "landing_page",
            "landing_pages",
            "landing_page_id",
            "The landing page to which it leads.",
            "ctas",
            "Calls to action that lead to the page.",
        ),
    ),
)

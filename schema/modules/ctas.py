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
        label("name", "Name by which colleagues find the call to action; visitors do not see it."),
        text("text", "Text on the button or banner."),
        text("target_url", "Address that a click opens; null where it leads to the landing page.", 2000),
        choice(
            "shape",
            "In which form visitors see it.",
            "button banner popup",
            "button",
            meanings=(
                "A button within a page.",
                "A strip across the page, at its top or bottom.",
                "A box that opens over the page.",
            ),
        ),
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

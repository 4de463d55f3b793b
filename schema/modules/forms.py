"""Forms: what visitors fill in."""

from schema.modules.columns import label, prose, published, text
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Kind, Module

FORMS = Module(
    name="forms",
    singular="form",
    type_name="Form",
    kind=Kind.ASSET,
    description="What visitors fill in to become contacts.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("publish")),
    columns=(
        label("name", "Name of the form."),
        prose("fields", "What is asked for, as the front end writes it."),
        text("submit_text", "What is on the button."),
        text("redirect_url", "Where visitors come afterwards.", 2000),
        text("thank_you_text", "What visitors read afterwards.", 2000),
        *published("form"),
    ),
)

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
        label("name", "Name by which colleagues find the form; visitors do not see it."),
        prose(
            "fields",
            "Definition of the form's fields, as the front end writes it (JSON, say); the database keeps it as it is.",
        ),
        text("submit_text", "Label of the button that submits the form."),
        text(
            "redirect_url",
            "Address to which visitors are sent after they submitted the form; null where they stay and read the "
            "thanks.",
            2000,
        ),
        text(
            "thank_you_text",
            "Text that visitors read after they submitted the form, where they are not sent elsewhere.",
            2000,
        ),
        *published("form"),
    ),
)

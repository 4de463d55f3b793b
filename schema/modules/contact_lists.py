"""Contact lists: whom marketing writes to."""

from schema.modules.columns import choice, label, prose
from schema.modules.common import ASSET_ACTIONS
from schema.registry import Kind, Module, ToMany

CONTACT_LISTS = Module(
    name="contact_lists",
    singular="contact_list",
    type_name="ContactList",
    kind=Kind.ASSET,
    description="A list of contacts, to which e-mails are sent.",
    tier="professional",
    actions=ASSET_ACTIONS,
    columns=(
        label("name", "Name of the list."),
        choice("kind", "Whether members are named, or found by a filter.", "static dynamic", "static"),
        prose("definition", "The filter of a dynamic list, as the front end writes it."),
        prose("description", "Whom it is meant to hold.", 10_000),
    ),
    to_many=(
        ToMany(
            "contacts",
            "contacts",
            through="contact_list_members",
            column="contact_list_id",
            target_column="contact_id",
            description="People on the list.",
            inverse="lists",
            inverse_description="Lists that the person is on.",
            known=("kind", "static"),
        ),
    ),
)

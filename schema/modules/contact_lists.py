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
        label("name", "Name by which colleagues find the list."),
        choice(
            "kind",
            "How it comes about who is on the list.",
            "static dynamic",
            "static",
            meanings=(
                "Contacts are put on it and taken from it one by one (`contacts`); e-mails are sent to such lists.",
                "A filter (`definition`) says who is on it, which the database does not read: no e-mail is sent to it.",
            ),
        ),
        prose(
            "definition",
            "The filter of a dynamic list, as the front end writes it. The database does not read it: whatever runs "
            "lists finds the contacts, and enters them into a static list.",
        ),
        prose("description", "Whom the list is meant to hold and what it is used for, for colleagues.", 10_000),
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

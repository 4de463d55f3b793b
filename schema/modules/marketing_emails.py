"""Marketing e-mails: what is sent to lists."""

from schema.modules.columns import label, lowercase, moment, prose, published, reference, since, state, text
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Destination, Kind, Module, ToOne

MARKETING_EMAILS = Module(
    name="marketing_emails",
    singular="marketing_email",
    type_name="MarketingEmail",
    kind=Kind.ASSET,
    description="An e-mail to the people on a list.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("send publish")),
    destination=Destination("delivery", "contact_list_id"),
    columns=(
        label("name", "Name by which colleagues know it."),
        text("subject", "Its subject line.", 300, searchable=True, sortable=True),
        text("preview_text", "What a reader sees beside the subject.", 500),
        prose("body", "Content of the e-mail.", 200_000),
        text("sender_name", "Who it seems to be from."),
        lowercase("sender_email", "The address it is from", 320),
        lowercase("reply_to", "Where answers go", 320),
        *published("e-mail"),
        state("delivery", "Whether it is on its way.", "not_sent scheduled sent", "send"),
        moment("scheduled_for", "When it is to be sent.", action="send", writable=False),
        since("sent_at", "When it was last sent.", "delivery", "sent", "send"),
        reference("contact_list_id", "The list it goes to; named by whoever sends it.", action="send", writable=False),
    ),
    to_one=(
        ToOne(
            "contact_list",
            "contact_lists",
            "contact_list_id",
            "The list it goes to.",
            "marketing_emails",
            "E-mails that go to the list.",
        ),
    ),
)

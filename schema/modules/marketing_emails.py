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
        label("name", "Name by which colleagues find the e-mail; those who receive it do not see it."),
        text("subject", "Subject line that those who receive it read.", 300, searchable=True, sortable=True),
        text("preview_text", "Preview text that mailboxes show beside the subject line.", 500),
        prose(
            "body",
            "Content of the e-mail, in whatever markup the front end writes; the database keeps it as it is.",
            200_000,
        ),
        text("sender_name", "Name that mailboxes show as its sender."),
        lowercase("sender_email", "Address that mailboxes show as its sender", 320),
        lowercase("reply_to", "Address to which answers go; null for the sender's", 320),
        *published("e-mail"),
        state(
            "delivery",
            "Whether the e-mail has gone out: changed by sendMarketingEmail, and by nothing else.",
            "not_sent scheduled sent",
            "send",
            "It has not gone out; whoever holds `update` changes it.",
            "It is to go out at `scheduledFor`; whoever holds `update` and `send` changes it until then.",
            "It has gone to its list, once and for good. Nobody changes it any more: `sent` has what went out.",
        ),
        moment(
            "scheduled_for",
            "When it is to go out; null where it is not scheduled. Set by who may `send`.",
            action="send",
            writable=False,
        ),
        since("sent_at", "When it went out; null while it has not.", "delivery", "sent", "send"),
        reference(
            "contact_list_id",
            "The list it goes to, of kind STATIC; named by whoever sends it. Null until then.",
            action="send",
            writable=False,
        ),
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

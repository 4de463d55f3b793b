"""Conversations: threads of messages with a customer."""

from schema.modules.columns import choice, connected, label, moment, reference
from schema.modules.common import actions
from schema.registry import Kind, Module, ToOne

CONVERSATIONS = Module(
    name="conversations",
    singular="conversation",
    type_name="Conversation",
    kind=Kind.RECORD,
    description="A thread of messages with a customer.",
    label="subject",
    actions=actions("view create update delete assign send connect"),
    columns=(
        label("subject", "What the conversation is about, in a line."),
        choice(
            "status",
            "Whose turn it is.",
            "open waiting closed",
            "open",
            meanings=(
                "A colleague has to answer; where a new conversation begins.",
                "The customer has to answer.",
                "It is over.",
            ),
        ),
        choice(
            "channel",
            "By which means the conversation is held.",
            "email chat form phone messenger",
            "email",
            meanings=(
                "E-mail.",
                "A chat on the account's own site.",
                "Began with a form on the web.",
                "Telephone.",
                "A messenger of somebody else's, as WhatsApp.",
            ),
        ),
        moment("last_message_at", "When the last message was written."),
        connected(
            "The account's inbox or number through which it is held. Named by connectConversation, taken back by "
            "disconnectConversation."
        ),
        reference("contact_id", "The person at the other end."),
        reference("ticket_id", "The ticket it is about."),
    ),
    to_one=(
        ToOne(
            "contact",
            "contacts",
            "contact_id",
            "The person at the other end.",
            "conversations",
            "Conversations with the person.",
            personal=True,
        ),
        ToOne(
            "ticket",
            "tickets",
            "ticket_id",
            "The ticket it is about.",
            "conversations",
            "Conversations about the ticket.",
        ),
    ),
)

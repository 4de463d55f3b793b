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
        label("subject", "What it is about."),
        choice("status", "Whether somebody has to answer.", "open waiting closed", "open"),
        choice("channel", "By what it is held.", "email chat form phone messenger", "email"),
        moment("last_message_at", "When the last message was written."),
        connected("The inbox or number of the account through which it is held."),
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

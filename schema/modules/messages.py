"""Messages of conversations: seen with their conversation, and written by who may send in it."""

from schema.modules.columns import choice, moment, reference, text
from schema.registry import Column, Kind, Module, ToOne, Type

MESSAGES = Module(
    name="messages",
    singular="message",
    type_name="Message",
    kind=Kind.CHILD,
    part_of="conversations",
    needs=(("create", "send"),),
    description="What was written in a conversation.",
    label="body",
    columns=(
        Column("body", Type.TEXT, "What was written.", required=True, max_length=50_000),
        choice("direction", "Who wrote to whom.", "outgoing incoming internal", "outgoing"),
        text("sender", "Name or address of whoever wrote, where it is nobody of the account.", 320, personal=True),
        moment("sent_at", "When it was sent."),
        reference("conversation_id", "The conversation it is of.", required=True),
    ),
    to_one=(
        ToOne(
            "conversation",
            "conversations",
            "conversation_id",
            "The conversation it is of.",
            "messages",
            "What was written in it.",
            parent=True,
        ),
    ),
)

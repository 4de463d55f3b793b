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
        Column("body", Type.TEXT, "Text of the message.", required=True, max_length=50_000),
        choice(
            "direction",
            "Who wrote to whom.",
            "outgoing incoming internal",
            "outgoing",
            meanings=(
                "A colleague to the customer.",
                "The customer to us.",
                "A note among colleagues, which the customer does not see.",
            ),
        ),
        text("sender", "Name or address of whoever wrote, where it is nobody of the account.", 320, personal=True),
        moment("sent_at", "When it was written, as whatever delivered it says; `createdAt` is when it was entered."),
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

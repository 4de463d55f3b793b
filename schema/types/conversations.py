"""The GraphQL type of conversations: everything in it follows from the registry entry."""

from schema.modules.conversations import CONVERSATIONS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(CONVERSATIONS)
class Conversation(Node):
    """A thread of messages with a customer."""

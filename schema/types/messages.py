"""The GraphQL type of messages: everything in it follows from the registry entry."""

from schema.modules.messages import MESSAGES
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(MESSAGES)
class Message(Node):
    """What was written in a conversation."""

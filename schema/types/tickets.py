"""The GraphQL type of tickets: everything in it follows from the registry entry."""

from schema.modules.tickets import TICKETS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(TICKETS)
class Ticket(Node):
    """A customer's request for help."""

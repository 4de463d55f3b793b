"""The GraphQL type of interactions: everything in it follows from the registry entry."""

from schema.modules.interactions import INTERACTIONS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(INTERACTIONS)
class Interaction(Node):
    """An e-mail, call, meeting or note about a contact, lead, deal or ticket."""

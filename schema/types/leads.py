"""The GraphQL type of leads: everything in it follows from the registry entry."""

from schema.modules.leads import LEADS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(LEADS)
class Lead(Node):
    """Somebody who might become a customer."""

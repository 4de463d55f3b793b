"""The GraphQL type of deals: everything in it follows from the registry entry."""

from schema.modules.deals import DEALS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(DEALS)
class Deal(Node):
    """A sales opportunity."""

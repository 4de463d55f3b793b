"""The GraphQL type of ctas: everything in it follows from the registry entry."""

from schema.modules.ctas import CTAS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(CTAS)
class Cta(Node):
    """A call to action: a button or banner that leads visitors somewhere."""

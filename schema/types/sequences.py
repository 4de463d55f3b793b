"""The GraphQL type of sequences: everything in it follows from the registry entry."""

from schema.modules.sequences import SEQUENCES
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(SEQUENCES)
class Sequence(Node):
    """E-mails and tasks that follow one another until somebody answers."""

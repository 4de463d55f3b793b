"""The GraphQL type of documents: everything in it follows from the registry entry."""

from schema.modules.documents import DOCUMENTS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(DOCUMENTS)
class Document(Node):
    """A file for customers or colleagues."""

"""The GraphQL type of contacts: everything in it follows from the registry entry."""

from schema.modules.contacts import CONTACTS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(CONTACTS)
class Contact(Node):
    """A person the company is in touch with."""

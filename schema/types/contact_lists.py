"""The GraphQL type of contact lists: everything in it follows from the registry entry."""

from schema.modules.contact_lists import CONTACT_LISTS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(CONTACT_LISTS)
class ContactList(Node):
    """A list of contacts, to which e-mails are sent."""

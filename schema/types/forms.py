"""The GraphQL type of forms: everything in it follows from the registry entry."""

from schema.modules.forms import FORMS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(FORMS)
class Form(Node):
    """What visitors fill in to become contacts."""

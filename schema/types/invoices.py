"""The GraphQL type of invoices: everything in it follows from the registry entry."""

from schema.modules.invoices import INVOICES
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(INVOICES)
class Invoice(Node):
    """What a customer owes, and whether it was paid."""

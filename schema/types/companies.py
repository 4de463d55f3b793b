"""The GraphQL type of companies: everything in it follows from the registry entry."""

from schema.modules.companies import COMPANIES
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(COMPANIES)
class Company(Node):
    """An organisation the account deals with."""

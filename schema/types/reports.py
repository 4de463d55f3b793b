"""The GraphQL type of reports: everything in it follows from the registry entry."""

from schema.modules.reports import REPORTS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(REPORTS)
class Report(Node):
    """Figures of the account, put together for somebody."""

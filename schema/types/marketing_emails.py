"""The GraphQL type of marketing emails: everything in it follows from the registry entry."""

from schema.modules.marketing_emails import MARKETING_EMAILS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(MARKETING_EMAILS)
class MarketingEmail(Node):
    """An e-mail to the people on a list."""

"""The GraphQL type of web pages: everything in it follows from the registry entry."""

from schema.modules.web_pages import WEB_PAGES
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(WEB_PAGES)
class WebPage(Node):
    """A page of the account's site."""

"""The GraphQL type of landing pages: everything in it follows from the registry entry."""

from schema.modules.landing_pages import LANDING_PAGES
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(LANDING_PAGES)
class LandingPage(Node):
    """A page on the web that turns visitors into contacts."""

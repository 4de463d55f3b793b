"""The GraphQL type of crm views: everything in it follows from the registry entry."""

from schema.modules.crm_views import CRM_VIEWS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(CRM_VIEWS)
class CrmView(Node):
    """A saved selection of records, with its columns and order."""

"""The GraphQL type of ad campaigns: everything in it follows from the registry entry."""

from schema.modules.ad_campaigns import AD_CAMPAIGNS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(AD_CAMPAIGNS)
class AdCampaign(Node):
    """Advertising on a network, paid for."""

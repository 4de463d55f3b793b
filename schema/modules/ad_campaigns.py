"""Ad campaigns: paid advertising."""

from schema.modules.columns import activated, choice, connected, day, label, money
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Kind, Module

AD_CAMPAIGNS = Module(
    name="ad_campaigns",
    singular="ad_campaign",
    type_name="AdCampaign",
    kind=Kind.ASSET,
    description="Advertising on a network, paid for.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("activate connect")),
    columns=(
        label("name", "Name of the campaign."),
        choice("network", "Where it runs.", "google facebook instagram linkedin tiktok youtube"),
        choice("objective", "What it is to bring.", "awareness traffic leads sales", "leads"),
        money("budget_cents", "What may be spent"),
        money("spent_cents", "What was spent so far"),
        day("starts_on", "First day."),
        day("ends_on", "Last day."),
        connected("The account on the network that pays."),
        *activated("campaign"),
    ),
)

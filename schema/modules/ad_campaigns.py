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
        label("name", "Name by which colleagues find the campaign."),
        choice(
            "network",
            "The network on which the advertisements run. Null while nobody has chosen one.",
            "google facebook instagram linkedin tiktok youtube",
            meanings=("Google Ads.", "Facebook.", "Instagram.", "LinkedIn.", "TikTok.", "YouTube."),
        ),
        choice(
            "objective",
            "What the campaign is to bring, by which the network places it.",
            "awareness traffic leads sales",
            "leads",
            meanings=(
                "That people know the brand.",
                "Visitors on the site.",
                "People who leave their address.",
                "Purchases.",
            ),
        ),
        money("budget_cents", "What may be spent from the first day to the last"),
        money("spent_cents", "What was spent so far, as the network reports it"),
        day("starts_on", "First day on which it runs."),
        day("ends_on", "Last day on which it runs; null for no end."),
        connected(
            "The advertising account on the network that pays. Named by connectAdCampaign, taken back by "
            "disconnectAdCampaign."
        ),
        *activated("campaign"),
    ),
)

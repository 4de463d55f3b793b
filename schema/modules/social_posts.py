"""Social posts: what the account says on social networks."""

from schema.modules.columns import choice, connected, label, moment, prose, published, text
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Kind, Module

SOCIAL_POSTS = Module(
    name="social_posts",
    singular="social_post",
    type_name="SocialPost",
    kind=Kind.ASSET,
    description="What the account says on a social network.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("publish connect")),
    columns=(
        label("name", "Name by which colleagues find the post; it does not appear on the network."),
        choice(
            "network",
            "The social network on which the post appears. Null while nobody has chosen one.",
            "facebook instagram linkedin tiktok x youtube",
            meanings=("Facebook.", "Instagram.", "LinkedIn.", "TikTok.", "X, formerly Twitter.", "YouTube."),
        ),
        prose(
            "body", "Text of the post, as it appears on the network. Networks set lower limits of their own.", 10_000
        ),
        text("link_url", "Address that the post links to; null for none.", 2000),
        text("image_url", "Address of the picture that is shown with the text; null for none.", 2000),
        connected(
            "Handle of the account on the network that posts it. Named by connectSocialPost, taken back by "
            "disconnectSocialPost."
        ),
        moment(
            "scheduled_for",
            "When it is to appear on the network; null for at once. Set by who may `publish`.",
            action="publish",
            writable=False,
        ),
        *published("post"),
    ),
)

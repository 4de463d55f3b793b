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
        label("name", "Name by which colleagues know it."),
        choice("network", "Where it appears.", "facebook instagram linkedin tiktok x youtube"),
        prose("body", "What is said.", 10_000),
        text("link_url", "Where it leads.", 2000),
        text("image_url", "The picture that goes with it.", 2000),
        connected("The account on the network that says it."),
        moment("scheduled_for", "When it is to appear.", action="publish", writable=False),
        *published("post"),
    ),
)

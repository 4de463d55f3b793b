"""The GraphQL type of social posts: everything in it follows from the registry entry."""

from schema.modules.social_posts import SOCIAL_POSTS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(SOCIAL_POSTS)
class SocialPost(Node):
    """What the account says on a social network."""

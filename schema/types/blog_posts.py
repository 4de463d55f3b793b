"""The GraphQL type of blog posts: everything in it follows from the registry entry."""

from schema.modules.blog_posts import BLOG_POSTS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(BLOG_POSTS)
class BlogPost(Node):
    """An article of the account's blog."""

"""Blog posts: what the account tells its readers."""

from schema.modules.columns import destination, label, lowercase, prose, published, text
from schema.modules.common import ASSET_ACTIONS, INTERNAL_OR_PUBLIC, PUBLISHED_SOMEWHERE
from schema.registry import Kind, Module

BLOG_POSTS = Module(
    name="blog_posts",
    singular="blog_post",
    type_name="BlogPost",
    kind=Kind.ASSET,
    description="An article of the account's blog.",
    tier="enterprise",
    hub="cms,marketing",
    label="title",
    actions=(*ASSET_ACTIONS, *PUBLISHED_SOMEWHERE),
    destination=INTERNAL_OR_PUBLIC,
    columns=(
        label("title", "Title of the post."),
        lowercase("slug", "Path of the post", 200, searchable=True, sortable=True),
        text("author", "Who is named as its author.", 200, sortable=True),
        prose("summary", "What is shown in lists.", 2000),
        prose("body", "The post.", 200_000),
        prose("meta_description", "Summary for search engines.", 500),
        *published("post"),
        destination("post"),
    ),
)

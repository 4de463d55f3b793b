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
        label("title", "Headline of the post."),
        lowercase(
            "slug",
            "Path of the post on the blog, without the first slash: 2026/spring",
            200,
            searchable=True,
            sortable=True,
        ),
        text(
            "author", "Name under which the post appears; who wrote it in the CRM is `createdBy`.", 200, sortable=True
        ),
        prose("summary", "Teaser that lists of posts show instead of the body.", 2000),
        prose(
            "body",
            "Text of the post, in whatever markup the front end writes; the database keeps it as it is.",
            200_000,
        ),
        prose("meta_description", "Summary that search engines show below the title.", 500),
        *published("post"),
        destination("post"),
    ),
)

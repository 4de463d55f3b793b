"""Web pages: the account's site."""

from schema.modules.columns import destination, label, lowercase, prose, published
from schema.modules.common import ASSET_ACTIONS, INTERNAL_OR_PUBLIC, PUBLISHED_SOMEWHERE
from schema.registry import Kind, Module

WEB_PAGES = Module(
    name="web_pages",
    singular="web_page",
    type_name="WebPage",
    kind=Kind.ASSET,
    description="A page of the account's site.",
    tier="enterprise",
    hub="cms,marketing",
    label="title",
    actions=(*ASSET_ACTIONS, *PUBLISHED_SOMEWHERE),
    destination=INTERNAL_OR_PUBLIC,
    columns=(
        label("title", "Title of the page, as colleagues find it and visitors read it in their browser."),
        lowercase(
            "slug",
            "Path of the page on the site, without the first slash: about/team",
            200,
            searchable=True,
            sortable=True,
        ),
        prose(
            "body",
            "Content of the page, in whatever markup the front end writes; the database keeps it as it is.",
            200_000,
        ),
        prose("meta_description", "Summary that search engines show below the title.", 500),
        lowercase("language", "Language of the page, as a tag: en, pt-br", 20, sortable=True),
        *published("page"),
        destination("page"),
    ),
)

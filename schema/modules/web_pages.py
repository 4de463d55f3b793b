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
        label("title", "Title of the page."),
        lowercase("slug", "Path of the page", 200, searchable=True, sortable=True),
        prose("body", "Content of the page.", 200_000),
        prose("meta_description", "Summary for search engines.", 500),
        lowercase("language", "Language of the page, as in en or pt-br", 20, sortable=True),
        *published("page"),
        destination("page"),
    ),
)

"""Landing pages: content that is published on the web."""

from schema.modules.columns import destination
from schema.modules.common import ASSET_ACTIONS, INTERNAL_OR_PUBLIC, PUBLISHED_SOMEWHERE, actions
from schema.registry import Column, Kind, Module, Type

LANDING_PAGES = Module(
    name="landing_pages",
    singular="landing_page",
    type_name="LandingPage",
    kind=Kind.ASSET,
    description="A page on the web that turns visitors into contacts.",
    tier="professional",
    hub=None,
    label="title",
    actions=(*ASSET_ACTIONS, *PUBLISHED_SOMEWHERE, *actions("manage_domain")),
    destination=INTERNAL_OR_PUBLIC,
    columns=(
        Column("title", Type.TEXT, "Title of the page.", required=True, max_length=300, searchable=True, sortable=True),
        Column(
            "slug",
            Type.TEXT,
            "Path of the page, kept in lower case.",
            max_length=200,
            lowercase=True,
            searchable=True,
            sortable=True,
        ),
        Column(
            "domain",
            Type.TEXT,
            "Domain that serves the page, kept in lower case.",
            max_length=253,
            lowercase=True,
            sortable=True,
            action="manage_domain",
        ),
        Column("body", Type.TEXT, "Content of the page.", max_length=200_000, filterable=False),
        Column("meta_description", Type.TEXT, "Summary for search engines.", max_length=500, filterable=False),
        Column(
            "status",
            Type.TEXT,
            "Whether the page is on the web.",
            required=True,
            choices=("draft", "published"),
            default="draft",
            writable=False,
            sortable=True,
            action="publish",
        ),
        destination("page"),
        Column(
            "published_at",
            Type.TIMESTAMP,
            "When it was last published.",
            writable=False,
            sortable=True,
            action="publish",
            since=("status", "published"),
        ),
    ),
)

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
        Column(
            "title",
            Type.TEXT,
            "Title of the page, as colleagues find it and visitors read it in their browser.",
            required=True,
            max_length=300,
            searchable=True,
            sortable=True,
        ),
        Column(
            "slug",
            Type.TEXT,
            "Path of the page on its domain, without the first slash: spring/offer. Kept in lower case.",
            max_length=200,
            lowercase=True,
            searchable=True,
            sortable=True,
        ),
        Column(
            "domain",
            Type.TEXT,
            "Domain that serves the page: www.example.com. Changing it needs `manage_domain`. Kept in lower case.",
            max_length=253,
            lowercase=True,
            sortable=True,
            action="manage_domain",
        ),
        Column(
            "body",
            Type.TEXT,
            "Content of the page, in whatever markup the front end writes; the database keeps it as it is.",
            max_length=200_000,
            filterable=False,
        ),
        Column(
            "meta_description",
            Type.TEXT,
            "Summary that search engines show below the title.",
            max_length=500,
            filterable=False,
        ),
        Column(
            "status",
            Type.TEXT,
            "Whether the page is published: changed by publishLandingPage and unpublishLandingPage, and by nothing "
            "else.",
            required=True,
            choices=("draft", "published"),
            meanings=(
                (
                    "The page is in the making, or was taken off: visitors do not see it, and whoever holds `update` "
                    "changes it."
                ),
                "The page is out. It is changed by who holds `update` and the action that publishes it there.",
            ),
            default="draft",
            writable=False,
            sortable=True,
            action="publish",
        ),
        destination("page"),
        Column(
            "published_at",
            Type.TIMESTAMP,
            "When it was last published; stays when it is taken off.",
            writable=False,
            sortable=True,
            action="publish",
            since=("status", "published"),
        ),
    ),
)

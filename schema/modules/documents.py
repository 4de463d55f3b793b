"""Documents: files for customers and colleagues."""

from schema.modules.columns import choice, label, lowercase, prose, published, text
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Column, Kind, Module, Type

DOCUMENTS = Module(
    name="documents",
    singular="document",
    type_name="Document",
    kind=Kind.ASSET,
    description="A file for customers or colleagues.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("publish")),
    columns=(
        label("name", "Name of the document, as colleagues find it and customers read it."),
        choice(
            "kind",
            "What the document is for.",
            "sales product brand promotion social_graphic",
            "sales",
            meanings=(
                "Material for sales calls: decks, price lists, case studies.",
                "What a product is and does: data sheets, manuals.",
                "What the brand looks like: logos, templates, style guides.",
                "Material of a campaign: flyers, coupons, banners.",
                "A picture for social networks.",
            ),
        ),
        prose("description", "What the document holds and whom it is for, for colleagues who look for it.", 10_000),
        text("file_name", "Name of the file, with its ending: prices-2026.pdf.", 300, searchable=True, sortable=True),
        lowercase("content_type", "Media type of the file: application/pdf", 200),
        Column("size_bytes", Type.BIGINT, "Size of the file, in bytes.", minimum=0, sortable=True),
        text("url", "Address from which the file is fetched. The database holds no files.", 2000),
        *published("document"),
    ),
)

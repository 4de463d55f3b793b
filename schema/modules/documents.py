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
        label("name", "Name of the document."),
        choice("kind", "What sort of document it is.", "sales product brand promotion social_graphic", "sales"),
        prose("description", "What is in it.", 10_000),
        text("file_name", "Name of the file.", 300, searchable=True, sortable=True),
        lowercase("content_type", "What sort of file it is", 200),
        Column("size_bytes", Type.BIGINT, "Size of the file.", minimum=0, sortable=True),
        text("url", "Where the file is.", 2000),
        *published("document"),
    ),
)

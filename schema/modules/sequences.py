"""Sequences: e-mails and tasks, one after the other."""

from schema.modules.columns import activated, label, prose
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Kind, Module

SEQUENCES = Module(
    name="sequences",
    singular="sequence",
    type_name="Sequence",
    kind=Kind.ASSET,
    description="E-mails and tasks that follow one another until somebody answers.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("activate")),
    columns=(
        label("name", "Name of the sequence, as colleagues choose it."),
        prose("description", "What the sequence is for and whom it suits, for colleagues.", 10_000),
        prose(
            "steps",
            "Its steps and the time between them, as the front end writes them (JSON, say); the database keeps them "
            "as they are.",
        ),
        *activated("sequence"),
    ),
)

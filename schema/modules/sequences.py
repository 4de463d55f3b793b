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
        label("name", "Name of the sequence."),
        prose("description", "What it is for.", 10_000),
        prose("steps", "What follows what, and after how long, as the front end writes it."),
        *activated("sequence"),
    ),
)

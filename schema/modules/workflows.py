"""Workflows: what happens by itself."""

from schema.modules.columns import activated, choice, label, prose
from schema.modules.common import ASSET_ACTIONS, actions
from schema.registry import Kind, Module

WORKFLOWS = Module(
    name="workflows",
    singular="workflow",
    type_name="Workflow",
    kind=Kind.ASSET,
    description="What happens by itself when something else does.",
    tier="professional",
    actions=(*ASSET_ACTIONS, *actions("activate")),
    columns=(
        label("name", "Name of the workflow."),
        prose("description", "What it is for.", 10_000),
        choice("subject", "With what it works.", "contacts companies deals leads tickets conversations", "contacts"),
        prose("definition", "What sets it off and what it does, as the front end writes it.", 200_000),
        *activated("workflow"),
    ),
)

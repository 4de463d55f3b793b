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
        label("name", "Name of the workflow, as in the list of workflows."),
        prose("description", "What the workflow is for, for colleagues.", 10_000),
        choice(
            "subject",
            "Rows of which module set it off and are worked on.",
            "contacts companies deals leads tickets conversations",
            "contacts",
            meanings=("Contacts.", "Companies.", "Deals.", "Leads.", "Tickets.", "Conversations."),
        ),
        prose(
            "definition",
            "What sets it off and what it does, as the front end writes it (JSON, say); whatever runs workflows "
            "reads it, with its owner's rights.",
            200_000,
        ),
        *activated("workflow"),
    ),
)

"""The GraphQL type of workflows: everything in it follows from the registry entry."""

from schema.modules.workflows import WORKFLOWS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(WORKFLOWS)
class Workflow(Node):
    """What happens by itself when something else does."""

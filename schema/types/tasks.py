"""The GraphQL type of tasks: everything in it follows from the registry entry."""

from schema.modules.tasks import TASKS
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(TASKS)
class Task(Node):
    """Something that somebody has to do."""

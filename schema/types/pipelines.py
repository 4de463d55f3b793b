"""The GraphQL type of pipelines: everything in it follows from the registry entry."""

from schema.modules.pipelines import PIPELINES
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(PIPELINES)
class Pipeline(Node):
    """A way that deals go, stage by stage; the whole account has the same."""

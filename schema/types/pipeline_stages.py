"""The GraphQL type of pipeline stages: everything in it follows from the registry entry."""

from schema.modules.pipeline_stages import PIPELINE_STAGES
from schema.types.node import Node
from schema.types.rows import row_type


@row_type(PIPELINE_STAGES)
class PipelineStage(Node):
    """A stage of a pipeline."""

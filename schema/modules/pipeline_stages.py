"""Stages of pipelines."""

from schema.modules.columns import choice, label, reference, whole
from schema.modules.pipelines import CONFIGURED
from schema.registry import Kind, Module, ToOne

PIPELINE_STAGES = Module(
    name="pipeline_stages",
    singular="pipeline_stage",
    type_name="PipelineStage",
    kind=Kind.SHARED,
    part_of="pipelines",
    needs=CONFIGURED,
    description="A stage of a pipeline.",
    columns=(
        label("name", "Name of the stage."),
        whole("display_order", "Its place in the pipeline."),
        whole("probability", "Chance of winning a deal that stands there, in percent.", 100),
        choice("outcome", "Whether deals that stand there are still open.", "open won lost", "open"),
        reference("pipeline_id", "The pipeline it is of.", required=True),
    ),
    to_one=(
        ToOne(
            "pipeline",
            "pipelines",
            "pipeline_id",
            "The pipeline it is of.",
            "stages",
            "The stages of the pipeline.",
            parent=True,
        ),
    ),
)

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
        label("name", "Name of the stage, as on the column of a board."),
        whole("display_order", "Its place in the pipeline: stages are shown by it, the lowest first."),
        whole("probability", "Chance of winning a deal that stands there, in percent.", 100),
        choice(
            "outcome",
            "What it means for a deal to stand there.",
            "open won lost",
            "open",
            meanings=("It is still open.", "It is won.", "It is lost."),
        ),
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

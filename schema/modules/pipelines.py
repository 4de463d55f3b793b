"""Pipelines: the ways that deals go."""

from schema.modules.columns import label, prose, whole
from schema.registry import Action, Kind, Module

CONFIGURED = (("create", "configure"), ("update", "configure"), ("delete", "configure"))

PIPELINES = Module(
    name="pipelines",
    singular="pipeline",
    type_name="Pipeline",
    kind=Kind.SHARED,
    description="A way that deals go, stage by stage; the whole account has the same.",
    actions=(Action("view", on_rows=False), Action("configure", on_rows=False)),
    needs=CONFIGURED,
    columns=(
        label("name", "Name of the pipeline, as colleagues choose it."),
        prose("description", "Which deals go through it, for colleagues.", 10_000),
        whole("display_order", "Its place among pipelines: they are shown by it, the lowest first."),
    ),
)

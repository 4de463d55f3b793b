"""Jobs: what takes longer than a request, and how far it has come."""

import strawberry

from schema.assignments import MOST_REFUSED
from schema.building import NAMES, enum_type, field, fill, object_type
from schema.connections import connection_types_of
from schema.types.node import Node

STATUSES = {
    "QUEUED": "It waits for its turn.",
    "RUNNING": "It is being done.",
    "DONE": "It has come to its end; what was refused is listed.",
    "CANCELLED": "It was cancelled: what was done stays done, `remaining` rows were not touched. It can be resumed.",
    "FAILED": "It was broken off, `problemMessage` says why: `remaining` rows were not touched. It can be resumed.",
}
enum_type("JobStatus", "Whether a job waits, runs or has ended.", {name: name.lower() for name in STATUSES}, STATUSES)
enum_type(
    "JobKind",
    "What a job does to its rows.",
    {"ASSIGN": "assign"},
    {"ASSIGN": "It hands rows to another owner or to teams."},
)
object_type(
    "JobProgress",
    "How far a job has come. The numbers are written with the rows: what is counted here is done, once.",
    [
        field("total", "int", "How many rows the job is about."),
        field("processed", "int", "How many of them have been looked at: changed, unchanged and refused ones."),
        field("remaining", "int", "How many have not been looked at yet: `total` less `processed`."),
        field("changed", "int", "How many have another owner or other teams now."),
        field("unchanged", "int", "How many had these already."),
        field("hidden", "int", "Of the changed ones, how many its starter did not see any more."),
        field("refused", "int", "How many were refused, and stay as they were."),
    ],
)


class Job(Node):
    """It acts as the member who started it, with what that member may do at each moment."""


fill(
    Job,
    [
        field("kind", "JobKind", "What it does to its rows: by which mutation it was started."),
        field("module", "str", "Name of the module whose rows it changes, as in `viewer.capabilities`: deals."),
        field(
            "status",
            "JobStatus",
            "Whether it waits, runs or has ended. It is final once it is DONE; CANCELLED and FAILED can be resumed.",
        ),
        field("progress", "JobProgress", "How far it has come. Ask again for it, every second or two."),
        field("startedBy", "Person | None", "Who started it. Null when you do not know them."),
        field(
            "reason",
            "str | None",
            "Why, in the words of who started it; it stands in the history of access. Null when none was given.",
        ),
        field("createdAt", "DateTime", "When it was asked for; it starts as soon as a gateway is free."),
        field("startedAt", "DateTime | None", "When work on it began; null: it has not."),
        field("finishedAt", "DateTime | None", "When it came to its end; null: it has not."),
        field("problemCode", "str | None", "Of a failed job, the code, as errors have it; of another, why it waits."),
        field(
            "problemMessage",
            "str | None",
            "What `problemCode` means, as a sentence for people. Null where there is none.",
        ),
        field(
            "refused",
            "list[RefusedRow]",
            f"The rows that it was refused, by id: the first {MOST_REFUSED:,}, if there are more. For who started it.",
        ),
    ],
)
NAMES["Job"] = strawberry.type(
    Job, description="What was asked to be done in the background: you see your own, and all with `configure` on users."
)
connection_types_of("Job", "jobs")

"""Tasks: what somebody has to do."""

from schema.modules.columns import choice, label, moment, prose, reference
from schema.modules.common import actions
from schema.registry import Kind, Module, ToOne

TASKS = Module(
    name="tasks",
    singular="task",
    type_name="Task",
    kind=Kind.RECORD,
    description="Something that somebody has to do.",
    label="subject",
    actions=actions("view create update delete clone assign import export"),
    columns=(
        label("subject", "What is to be done, in a line."),
        prose("body", "The task in full: what to do, and how."),
        choice(
            "kind",
            "By which means the task is done.",
            "to_do call email",
            "to_do",
            meanings=("Anything else.", "Somebody is to be called.", "Somebody is to be written to."),
        ),
        choice(
            "status",
            "How far the task is.",
            "not_started in_progress waiting deferred done",
            "not_started",
            meanings=(
                "Nobody has begun; where a new task begins.",
                "Somebody is at it.",
                "It waits for somebody else.",
                "It was put off until later.",
                "It is done; `completedAt` says since when.",
            ),
        ),
        choice(
            "priority",
            "How soon it has to be done, beside `dueAt`.",
            "low medium high",
            "medium",
            meanings=(
                "Can wait until the others are done.",
                "As tasks usually are; where a new task begins.",
                "Before others.",
            ),
        ),
        moment("due_at", "When it has to be done by."),
        moment("completed_at", "When it was done."),
        reference("contact_id", "The person it is about."),
        reference("company_id", "The company it is about."),
        reference("deal_id", "The deal it is about."),
        reference("ticket_id", "The ticket it is about."),
    ),
    to_one=(
        ToOne("contact", "contacts", "contact_id", "The person it is about.", "tasks", "Tasks about the person."),
        ToOne("company", "companies", "company_id", "The company it is about.", "tasks", "Tasks about the company."),
        ToOne("deal", "deals", "deal_id", "The deal it is about.", "tasks", "Tasks about the deal."),
        ToOne("ticket", "tickets", "ticket_id", "The ticket it is about.", "tasks", "Tasks about the ticket."),
    ),
)

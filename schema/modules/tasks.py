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
        label("subject", "What is to be done."),
        prose("body", "The task in full."),
        choice("kind", "What sort of task it is.", "to_do call email", "to_do"),
        choice("status", "How far it is.", "not_started in_progress waiting deferred done", "not_started"),
        choice("priority", "How much it matters.", "low medium high", "medium"),
        moment("due_at", "When it should be done."),
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

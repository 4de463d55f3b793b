"""Tickets: requests of customers for help."""

from schema.modules.common import RECORD_ACTIONS
from schema.registry import Column, Kind, Module, ToOne, Type

TICKETS = Module(
    name="tickets",
    singular="ticket",
    type_name="Ticket",
    kind=Kind.RECORD,
    description="A customer's request for help.",
    tier="free",
    hub=None,
    label="subject",
    actions=RECORD_ACTIONS,
    columns=(
        Column(
            "subject", Type.TEXT, "What it is about.", required=True, max_length=300, searchable=True, sortable=True
        ),
        Column("description", Type.TEXT, "The request in full.", max_length=50_000, filterable=False),
        Column(
            "status",
            Type.TEXT,
            "Whose turn it is.",
            required=True,
            choices=("new", "waiting_on_contact", "waiting_on_us", "closed"),
            default="new",
            sortable=True,
        ),
        Column(
            "priority",
            Type.TEXT,
            "How much it matters.",
            required=True,
            choices=("low", "medium", "high", "urgent"),
            default="medium",
            sortable=True,
        ),
        Column("category", Type.TEXT, "Kind of request.", max_length=200, searchable=True, sortable=True),
        Column(
            "source",
            Type.TEXT,
            "How it came in.",
            choices=("email", "chat", "form", "phone"),
            sortable=True,
        ),
        Column("due_at", Type.TIMESTAMP, "When an answer is due.", sortable=True),
        Column("closed_at", Type.TIMESTAMP, "When it was closed.", sortable=True),
        Column("contact_id", Type.UUID, "The person who asked."),
    ),
    sensitive=(
        Column("internal_note", Type.TEXT, "Notes of which the customer asked that few read them.", max_length=50_000),
    ),
    to_one=(
        ToOne(
            "contact",
            "contacts",
            "contact_id",
            "The person who asked.",
            inverse="tickets",
            inverse_description="Requests of the person.",
        ),
    ),
)

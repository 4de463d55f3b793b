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
            "subject",
            Type.TEXT,
            "What the request is about, in a line.",
            required=True,
            max_length=300,
            searchable=True,
            sortable=True,
        ),
        Column("description", Type.TEXT, "The request in full.", max_length=50_000, filterable=False),
        Column(
            "status",
            Type.TEXT,
            "Where the request stands, and whose turn it is.",
            required=True,
            choices=("new", "waiting_on_contact", "waiting_on_us", "closed"),
            default="new",
            meanings=(
                "Nobody has answered yet; where a new ticket begins.",
                "It was answered, and the customer has to say something.",
                "The customer has said something, and we have to answer.",
                "It is done; `closedAt` says since when.",
            ),
            sortable=True,
        ),
        Column(
            "priority",
            Type.TEXT,
            "How soon it has to be dealt with, beside `dueAt`.",
            required=True,
            choices=("low", "medium", "high", "urgent"),
            default="medium",
            meanings=(
                "Can wait until the others are done.",
                "As requests usually are; where a new ticket begins.",
                "Before others.",
                "Now: somebody cannot work.",
            ),
            sortable=True,
        ),
        Column(
            "category",
            Type.TEXT,
            "What sort of request it is, in the account's own words: billing, delivery.",
            max_length=200,
            searchable=True,
            sortable=True,
        ),
        Column(
            "source",
            Type.TEXT,
            "By which way the request came in. Null where it is not known.",
            choices=("email", "chat", "form", "phone"),
            meanings=("By e-mail.", "In a chat.", "By a form on the web.", "By telephone."),
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

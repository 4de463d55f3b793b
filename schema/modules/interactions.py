"""Interactions: what happened between the account and a customer."""

from schema.modules.columns import choice, label, moment, prose, reference, whole
from schema.modules.common import actions
from schema.registry import Kind, Module, ToOne

INTERACTIONS = Module(
    name="interactions",
    singular="interaction",
    type_name="Interaction",
    kind=Kind.CHILD,
    description="An e-mail, call, meeting or note about a contact, lead, deal or ticket.",
    label="subject",
    actions=actions("view create update delete"),
    columns=(
        label("subject", "What it was about."),
        choice("kind", "What it was.", "email call meeting note", "note"),
        prose("body", "What was written or said."),
        choice("direction", "Who began it.", "outgoing incoming"),
        choice("outcome", "What came of it.", "connected no_answer left_message scheduled completed cancelled"),
        moment("occurred_at", "When it took place."),
        whole("duration_minutes", "How long it took, in minutes."),
        reference("contact_id", "The person it was about."),
        reference("lead_id", "The lead it was about."),
        reference("deal_id", "The deal it was about."),
        reference("ticket_id", "The ticket it was about."),
    ),
    to_one=(
        ToOne(
            "contact",
            "contacts",
            "contact_id",
            "The person it was about.",
            "interactions",
            "What happened with the person.",
            parent=True,
        ),
        ToOne(
            "lead", "leads", "lead_id", "The lead it was about.", "interactions", "What happened about it.", parent=True
        ),
        ToOne(
            "deal", "deals", "deal_id", "The deal it was about.", "interactions", "What happened about it.", parent=True
        ),
        ToOne(
            "ticket",
            "tickets",
            "ticket_id",
            "The ticket it was about.",
            "interactions",
            "What happened about it.",
            parent=True,
        ),
    ),
)

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
        label("subject", "Headline of the interaction: the subject of an e-mail, what a call was about."),
        choice(
            "kind",
            "What sort of interaction it was.",
            "email call meeting note",
            "note",
            meanings=(
                "An e-mail, sent or received.",
                "A telephone or video call.",
                "A meeting, in person or online.",
                "A note of a colleague; nobody outside had part in it.",
            ),
        ),
        prose("body", "Text of the e-mail or note, or minutes of the call or meeting."),
        choice(
            "direction",
            "Which side began it. Null for a note, or where it is not known.",
            "outgoing incoming",
            meanings=("A colleague wrote, called or invited.", "The customer did."),
        ),
        choice(
            "outcome",
            "How a call or meeting ended. Null where that says nothing, as of e-mails and notes.",
            "connected no_answer left_message scheduled completed cancelled",
            meanings=(
                "The call reached the person.",
                "Nobody answered the call.",
                "The call reached a mailbox or somebody else, who was left a message.",
                "The meeting is arranged and has not taken place.",
                "The meeting took place.",
                "The meeting was called off.",
            ),
        ),
        moment("occurred_at", "When it took place, or is to: when the e-mail was sent, when the call began."),
        whole("duration_minutes", "How long a call or meeting took, in minutes."),
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

"""Leads: people or companies that might become customers."""

from schema.modules.columns import choice, label, moment, money, prose, reference, text
from schema.modules.common import RECORD_ACTIONS
from schema.registry import Kind, Module, ToOne

LEADS = Module(
    name="leads",
    singular="lead",
    type_name="Lead",
    kind=Kind.RECORD,
    description="Somebody who might become a customer.",
    actions=RECORD_ACTIONS,
    known_as=(("name",),),
    columns=(
        label("name", "Name of the lead: of the person, the company or the opportunity."),
        choice(
            "stage",
            "How far sales has come with the lead.",
            "new attempting connected qualified disqualified",
            "new",
            meanings=(
                "Nobody has done anything about it yet.",
                "Somebody tries to reach them, and has not so far.",
                "Somebody has spoken with them.",
                "They may buy: it becomes a deal.",
                "Nothing comes of it; `disqualificationReason` says why.",
            ),
        ),
        choice(
            "rating",
            "How promising sales thinks the lead is. Null while nobody has judged it.",
            "hot warm cold",
            meanings=("Likely to buy soon.", "Interested, with no date in sight.", "Hardly interested."),
        ),
        text(
            "source",
            "Where the lead came from, in words: a campaign, a fair, a recommendation.",
            searchable=True,
            sortable=True,
        ),
        money("estimated_value_cents", "What a deal with them may be worth"),
        text("disqualification_reason", "Why nothing comes of it, where its stage is DISQUALIFIED.", 1000),
        moment("next_step_at", "When its owner is to do the next thing about it."),
        reference("contact_id", "The person it is about."),
        reference("company_id", "The company it is about."),
    ),
    sensitive=(prose("qualification_note", "What was found out about budget and intentions."),),
    to_one=(
        ToOne(
            "contact",
            "contacts",
            "contact_id",
            "The person it is about.",
            "leads",
            "Leads about the person.",
            personal=True,
        ),
        ToOne("company", "companies", "company_id", "The company it is about.", "leads", "Leads about the company."),
    ),
)

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
        label("name", "Who or what it is about."),
        choice("stage", "How far it has come.", "new attempting connected qualified disqualified", "new"),
        choice("rating", "How promising it is.", "hot warm cold"),
        text("source", "Where it came from.", searchable=True, sortable=True),
        money("estimated_value_cents", "What it may be worth"),
        text("disqualification_reason", "Why nothing comes of it.", 1000),
        moment("next_step_at", "When somebody should do something about it."),
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

"""Invoices: what customers owe."""

from schema.modules.columns import choice, day, label, money, reference, since, state, text
from schema.modules.common import actions
from schema.registry import Kind, Module, ToOne

INVOICES = Module(
    name="invoices",
    singular="invoice",
    type_name="Invoice",
    kind=Kind.RECORD,
    description="What a customer owes, and whether it was paid.",
    label="number",
    actions=actions("view view_sensitive create update delete assign import export send"),
    columns=(
        label("number", "Number of the invoice.", 100),
        choice("status", "What has become of it.", "draft open paid void", "draft", afterwards=True),
        text("purchase_order", "The customer's own number.", 100, searchable=True, sortable=True),
        money("amount_cents", "What is owed in all"),
        money("tax_cents", "How much of it is tax"),
        day("issued_on", "Day of the invoice."),
        day("due_on", "Day by which it is to be paid."),
        day("paid_on", "Day on which it was paid.", afterwards=True),
        state("delivery", "Whether the customer has got it.", "not_sent sent", "send"),
        since("sent_at", "When it was last sent.", "delivery", "sent", "send"),
        reference("company_id", "The company that owes."),
        reference("contact_id", "The person who gets it."),
        reference("deal_id", "The deal it is for.", afterwards=True),
    ),
    sensitive=(text("bank_account", "The account from which it is paid.", 100),),
    to_one=(
        ToOne("company", "companies", "company_id", "The company that owes.", "invoices", "Invoices to the company."),
        ToOne("contact", "contacts", "contact_id", "The person who gets it.", "invoices", "Invoices to the person."),
        ToOne("deal", "deals", "deal_id", "The deal it is for.", "invoices", "Invoices for the deal."),
    ),
)

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
        label("number", "Number of the invoice, as it is printed on it.", 100),
        choice(
            "status",
            "Whether the invoice is owed, paid or void.",
            "draft open paid void",
            "draft",
            afterwards=True,
            meanings=(
                "In the making: nothing is owed by it yet.",
                "Owed, until `dueOn`.",
                "Paid; `paidOn` says when.",
                "Cancelled: nothing is owed by it any more.",
            ),
        ),
        text(
            "purchase_order",
            "The customer's own number for the purchase, which the invoice names.",
            100,
            searchable=True,
            sortable=True,
        ),
        money("amount_cents", "What is owed in all, tax included"),
        money("tax_cents", "How much of the amount is tax"),
        day("issued_on", "Day that the invoice is dated."),
        day("due_on", "Day by which it is to be paid."),
        day("paid_on", "Day on which it was paid.", afterwards=True),
        state(
            "delivery",
            "Whether the customer has got the invoice: changed by sendInvoice, and by nothing else.",
            "not_sent sent",
            "send",
            "It has not gone out; whoever holds `update` changes it.",
            "It has gone out for good: only `status`, `paidOn`, the deal and the bank account change any more.",
        ),
        since("sent_at", "When it went out; null while it has not.", "delivery", "sent", "send"),
        reference("company_id", "The company that owes."),
        reference("contact_id", "The person who gets it."),
        reference("deal_id", "The deal it is for.", afterwards=True),
    ),
    sensitive=(text("bank_account", "The account from which it is paid.", 100, afterwards=True),),
    to_one=(
        ToOne("company", "companies", "company_id", "The company that owes.", "invoices", "Invoices to the company."),
        ToOne("contact", "contacts", "contact_id", "The person who gets it.", "invoices", "Invoices to the person."),
        ToOne("deal", "deals", "deal_id", "The deal it is for.", "invoices", "Invoices for the deal."),
    ),
)

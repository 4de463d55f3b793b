"""Contacts: people the company is in touch with."""

from schema.modules.common import RECORD_ACTIONS
from schema.registry import Column, Kind, Module, ToOne, Type

CONTACTS = Module(
    name="contacts",
    singular="contact",
    type_name="Contact",
    kind=Kind.RECORD,
    description="A person the company is in touch with.",
    tier="free",
    hub=None,
    label="last_name",
    actions=RECORD_ACTIONS,
    known_as=(("email",), ("first_name", "last_name")),
    columns=(
        Column("first_name", Type.TEXT, "Given name.", max_length=200, searchable=True, sortable=True),
        Column("last_name", Type.TEXT, "Family name.", required=True, max_length=200, searchable=True, sortable=True),
        Column(
            "email",
            Type.TEXT,
            "E-mail address, kept in lower case. Null when nobody has recorded one.",
            max_length=320,
            lowercase=True,
            searchable=True,
            sortable=True,
        ),
        Column("phone", Type.TEXT, "Business telephone number.", max_length=50),
        Column("job_title", Type.TEXT, "Position in the company.", max_length=200),
        Column(
            "lifecycle_stage",
            Type.TEXT,
            "How far the person has come on the way from a first contact to a customer.",
            required=True,
            choices=(
                "subscriber",
                "lead",
                "marketing_qualified",
                "sales_qualified",
                "opportunity",
                "customer",
                "evangelist",
                "other",
            ),
            default="lead",
            meanings=(
                "Has asked for news, and for nothing else.",
                "Has shown interest, in a form or at a fair, say; where a new contact begins.",
                "Marketing thinks that they may buy.",
                "Sales has looked, and thinks so too.",
                "There is a deal with them that may be won.",
                "Has bought something.",
                "A customer who recommends the company to others.",
                "Nothing of this: a supplier, say, or the press.",
            ),
            sortable=True,
        ),
        Column("city", Type.TEXT, "City of the business address.", max_length=200),
        Column("country", Type.TEXT, "Country of the business address, in English.", max_length=200, sortable=True),
        Column("last_contacted_at", Type.TIMESTAMP, "When somebody last spoke or wrote to the person.", sortable=True),
        Column("company_id", Type.UUID, "The company the person works for."),
    ),
    sensitive=(
        Column("birth_date", Type.DATE, "Date of birth."),
        Column("home_address", Type.TEXT, "Private postal address.", max_length=1000),
        Column("personal_phone", Type.TEXT, "Private telephone number.", max_length=50),
    ),
    to_one=(
        ToOne(
            "company",
            "companies",
            "company_id",
            "The company the person works for.",
            inverse="contacts",
            inverse_description="People who work for the company.",
        ),
    ),
)

"""Companies: organisations the account deals with."""

from schema.modules.common import RECORD_ACTIONS
from schema.registry import Column, Kind, Module, ToOne, Type

COMPANIES = Module(
    name="companies",
    singular="company",
    type_name="Company",
    kind=Kind.RECORD,
    description="An organisation the account deals with.",
    tier="free",
    hub=None,
    actions=RECORD_ACTIONS,
    columns=(
        Column(
            "name", Type.TEXT, "Name of the company.", required=True, max_length=300, searchable=True, sortable=True
        ),
        Column(
            "domain",
            Type.TEXT,
            "Internet domain, kept in lower case.",
            max_length=253,
            lowercase=True,
            searchable=True,
            sortable=True,
        ),
        Column("industry", Type.TEXT, "Sector the company works in.", max_length=200, searchable=True, sortable=True),
        Column("phone", Type.TEXT, "Telephone number of the head office.", max_length=50),
        Column("city", Type.TEXT, "City of the head office.", max_length=200),
        Column("country", Type.TEXT, "Country of the head office, in English.", max_length=200, sortable=True),
        Column("founded_year", Type.INTEGER, "Year of foundation.", minimum=1000, maximum=3000, sortable=True),
        Column("employee_count", Type.INTEGER, "Number of employees.", minimum=0, sortable=True),
        Column(
            "annual_revenue_cents",
            Type.BIGINT,
            "Revenue of a year, in hundredths of the account's currency.",
            minimum=0,
            sortable=True,
        ),
        Column("description", Type.TEXT, "What the company does.", max_length=10_000, filterable=False),
        Column("parent_id", Type.UUID, "The company that owns this one."),
    ),
    sensitive=(
        Column("tax_id", Type.TEXT, "Tax identification number.", max_length=50),
        Column("credit_limit_cents", Type.BIGINT, "Credit limit, in hundredths of the account's currency.", minimum=0),
    ),
    to_one=(
        ToOne(
            "parent",
            "companies",
            "parent_id",
            "The company that owns this one.",
            inverse="subsidiaries",
            inverse_description="Companies that this one owns.",
        ),
    ),
)

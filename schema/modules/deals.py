"""Deals: sales opportunities."""

from schema.modules.common import RECORD_ACTIONS
from schema.registry import Column, Kind, Module, ToMany, ToOne, Type

DEALS = Module(
    name="deals",
    singular="deal",
    type_name="Deal",
    kind=Kind.RECORD,
    description="A sales opportunity.",
    tier="free",
    hub=None,
    actions=RECORD_ACTIONS,
    columns=(
        Column(
            "name",
            Type.TEXT,
            "What is for sale, to whom.",
            required=True,
            max_length=300,
            searchable=True,
            sortable=True,
        ),
        Column(
            "stage",
            Type.TEXT,
            "Where the deal stands in the account's own fixed stages; see `pipelineStage` for stages that the "
            "account defines.",
            required=True,
            choices=("prospecting", "engaging", "proposal", "negotiation", "won", "lost"),
            default="prospecting",
            meanings=(
                "Somebody may buy, and has not been spoken to; where a new deal begins.",
                "The customer is in conversation about it.",
                "The customer has got an offer.",
                "Price and terms are being agreed.",
                "The customer has bought.",
                "The customer has not bought, and will not.",
            ),
            sortable=True,
        ),
        Column("product", Type.TEXT, "Product or service on offer.", max_length=200, searchable=True, sortable=True),
        Column(
            "amount_cents",
            Type.BIGINT,
            "Value, in hundredths of the account's currency.",
            minimum=0,
            sortable=True,
        ),
        Column("probability", Type.INTEGER, "Chance of winning, in percent.", minimum=0, maximum=100, sortable=True),
        Column("engaged_on", Type.DATE, "Day on which the customer was engaged.", sortable=True),
        Column("expected_close_on", Type.DATE, "Day on which it should be won.", sortable=True),
        Column("closed_on", Type.DATE, "Day on which it was won or lost.", sortable=True),
        Column("company_id", Type.UUID, "The company that would buy."),
        Column("pipeline_stage_id", Type.UUID, "Where the deal stands in a pipeline of the account."),
    ),
    sensitive=(
        Column("cost_cents", Type.BIGINT, "What delivering costs, in hundredths of the account's currency.", minimum=0),
        Column("negotiation_note", Type.TEXT, "What the other side must not read.", max_length=10_000),
    ),
    to_one=(
        ToOne(
            "company",
            "companies",
            "company_id",
            "The company that would buy.",
            inverse="deals",
            inverse_description="Deals with the company.",
        ),
        ToOne(
            "pipeline_stage",
            "pipeline_stages",
            "pipeline_stage_id",
            "Where the deal stands in a pipeline of the account.",
            inverse="deals",
            inverse_description="Deals that stand there.",
        ),
    ),
    to_many=(
        ToMany(
            "contacts",
            "contacts",
            through="deal_contacts",
            column="deal_id",
            target_column="contact_id",
            description="People involved in the deal.",
            inverse="deals",
            inverse_description="Deals the person is involved in.",
        ),
    ),
)

"""Pipelines and their stages are the whole account's: `view` sees them, `configure` changes them."""

from dataclasses import replace
from uuid import UUID

import pytest

from schema.names import GlobalId
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member, Row, Team

pytestmark = pytest.mark.any_server

VIEW: frozenset[Cell] = frozenset({("pipelines", "view", "all")})
CONFIGURE: frozenset[Cell] = frozenset({("pipelines", "configure", "all")})
DEALS = frozenset(cell for cell in every("view update create", "all") if cell[0] == "deals")
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("configures", "configures", "north"),
        Member("views", "views", "north"),
        Member("sells", "sells", "north"),
    ),
    (Team("north"),),
    (("configures", CONFIGURE), ("views", VIEW | DEALS), ("sells", DEALS)),
    rows=(Row("pipeline", "pipelines", "root"), Row("deal", "deals", "root", "root", ("north",))),
)
STATEMENTS = {
    "insert into crm.pipelines (name) values ('new')": "pipeline",
    "insert into crm.pipeline_stages (name, pipeline_id) values ('new', $1)": "pipeline",
    "update crm.pipelines set name = 'new' where id = $1": "pipeline",
    "delete from crm.pipelines where id = $1": "pipeline",
    "update crm.pipeline_stages set name = 'new' where id = $1": "stage",
    "delete from crm.pipeline_stages where id = $1": "stage",
}


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


@pytest.fixture(scope="module")
async def stage(office: Play) -> UUID:
    insert = "insert into crm.pipeline_stages (name, pipeline_id) values ('first', $1)"
    assert await office.commits("root", insert, office.row("pipeline")) == "done"
    found: UUID = await office.admin.fetchval("select id from crm.pipeline_stages")
    return found


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_who_configures_changes_them_and_nobody_else(office: Play, stage: UUID, statement: str) -> None:
    row = stage if STATEMENTS[statement] == "stage" else office.row("pipeline")
    values = [row] if "$1" in statement else []
    for who in ("root", "configures"):
        assert await office.done(who, statement, *values) == "done"
    for who in ("views", "sells"):
        assert await office.done(who, statement, *values) in {"nothing", "42501", "U0404"}


async def test_who_views_sees_them_and_nobody_else(office: Play, stage: UUID) -> None:
    """C2: `configure` brings `view`."""
    for who, seen in (("root", True), ("configures", True), ("views", True), ("sells", False)):
        assert (office.row("pipeline") in await office.sees(who, "pipelines")) is seen
        assert (stage in await office.sees(who, "pipeline_stages")) is seen


async def test_a_deal_is_put_where_one_sees_a_stage(office: Play, stage: UUID) -> None:
    text = "update crm.deals set pipeline_stage_id = $2 where id = $1"
    assert await office.done("views", text, office.row("deal"), stage) == "done"
    assert await office.done("sells", text, office.row("deal"), stage) == "U0404"


async def test_a_pipeline_goes_with_its_stages_and_deals_stay(office: Play, stage: UUID) -> None:
    async with office.acting("root") as connection:
        await connection.execute("update crm.deals set pipeline_stage_id = $1", stage)
        await connection.execute("delete from crm.pipelines where id = $1", office.row("pipeline"))
        assert not await connection.fetch("select from crm.pipeline_stages")
        deals = await connection.fetch("select pipeline_stage_id from crm.deals")
        await connection.execute("set constraints all immediate")
    assert [deal["pipeline_stage_id"] for deal in deals] == [None]


async def test_graphql_says_the_same(office: Play, stage: UUID) -> None:
    """A2: what is missing is `configure` of pipelines."""
    text = """mutation ($id: ID!) {
      renamed: updatePipelineStage(input: {id: $id, name: "new"}) { pipelineStage { name pipeline { name } } }
    }"""
    key = str(GlobalId("PipelineStage", stage))
    data, codes = await office.asks("configures", text, {"id": key})
    assert not codes
    assert data["renamed"]["pipelineStage"] == {"name": "new", "pipeline": {"name": "pipeline"}}
    assert (await office.asks("views", text, {"id": key}))[1] == {"renamed": "FORBIDDEN"}
    assert (await office.asks("sells", text, {"id": key}))[1] == {"renamed": "NOT_FOUND"}
    buttons = "query ($id: ID!) { pipelineStage(id: $id) { access { canConfigure } } }"
    for who, can in (("configures", True), ("views", False)):
        data, codes = await office.asks(who, buttons, {"id": key})
        assert (data["pipelineStage"]["access"], codes) == ({"canConfigure": can}, {})

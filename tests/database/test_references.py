"""Contract: a hidden row and an absent one are told apart by nobody (T1, A2, design section 4)."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Kind
from tests.database.checks import sabotage, succeeds
from tests.database.world import World, entered

pytestmark = pytest.mark.any_server

RECORDS = [module.name for module in REGISTRY.modules if module.kind is Kind.RECORD]
LINKS = [
    (module.name, link.column, link.target)
    for module in REGISTRY.modules
    for link in module.to_one
    if module.kind is Kind.RECORD
]
# Who may do it, and the statement: $1 is the row, of ella's or of nobody's making.
WITH_A_ROW = {
    **{
        f"update {module}.{column}": (
            "rolf",
            target,
            f"update crm.{module} set {column} = $1 where owner_id = access.user_id()",
        )
        for module, column, target in LINKS
    },
    **{
        f"insert {module}.{column}": (
            "rolf",
            target,
            f"insert into crm.{module} ({REGISTRY.by_name[module].label}, {column}) values ('x', $1)",
        )
        for module, column, target in LINKS
    },
    **{
        f"assign {module}": ("rolf", module, f"select access.assign_{module}($1, access.user_id())")
        for module in RECORDS
    },
    **{
        f"{verb} {module}": ("rolf", module, statement.format(module, REGISTRY.by_name[module].label))
        for module in RECORDS
        for verb, statement in {
            "update": "update crm.{0} set {1} = 'x' where id = $1 returning id",
            "delete": "delete from crm.{0} where id = $1 returning id",
            "lock": "select id from crm.{0} where id = $1 for update",
            "read": "select id from crm.{0} where id = $1",
            "note": "insert into crm.{0}_sensitive (id) values ($1)",
        }.items()
        if verb != "note" or REGISTRY.by_name[module].sensitive
    },
    "pair a deal": (
        "rolf",
        "deals",
        "insert into crm.deal_contacts (deal_id, contact_id) select $1, c.id from crm.contacts c",
    ),
    "pair a contact": (
        "rolf",
        "contacts",
        "insert into crm.deal_contacts (deal_id, contact_id) select d.id, $1 from crm.deals d",
    ),
    "unpair": ("rolf", "contacts", "delete from crm.deal_contacts where contact_id = $1 returning deal_id"),
}


async def answer(
    connection: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, statement: str, *arguments: Any
) -> list[tuple[str, str]] | list[asyncpg.Record]:
    """Everything that the server says: rows, or every field of its error."""
    async with entered(connection, world, name):
        try:
            rows = await connection.fetch(statement, *arguments)
            await connection.execute("set constraints all immediate")
        except asyncpg.PostgresError as error:
            return sorted((key, str(value)) for key, value in error.as_dict().items())
        return rows


async def hidden_and_absent(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, hidden: UUID, statement: str
) -> None:
    of_hidden = await answer(trial, world, name, statement, hidden)
    of_absent = await answer(trial, world, name, statement, uuid4())
    assert of_hidden == of_absent


@pytest.mark.parametrize("what", WITH_A_ROW)
@pytest.mark.parametrize("account", ["north", "south"])
async def test_hidden_and_absent_rows_give_the_same_answer(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, what: str, account: str
) -> None:
    name, module, statement = WITH_A_ROW[what]
    hidden = world.row(module, "ella" if account == "north" else "sven", account)
    assert await trial.fetchval(f"select count(*) from crm.{module} where id = $1", hidden) == 1

    await hidden_and_absent(trial, world, name, hidden, statement)


@pytest.mark.parametrize("what", [what for what in WITH_A_ROW if what.startswith(("insert", "pair a contact"))])
async def test_keys_that_were_checked_at_once_would_tell(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, what: str
) -> None:
    name, module, statement = WITH_A_ROW[what]

    async def check(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
        await hidden_and_absent(trial, world, name, world.row(module, "ella"), statement)

    broken = "drop trigger z_action_wall on crm.deal_contacts"
    if what.startswith("insert"):
        table, _, column = what.removeprefix("insert ").partition(".")
        broken = f"alter table crm.{table} alter constraint {table}_{column.removesuffix('_id')}_fkey not deferrable"
    await sabotage(trial, world, check, broken)


async def test_a_row_that_is_seen_gives_another_answer(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Or the comparisons above would show nothing."""
    statement = WITH_A_ROW["update deals.company_id"][2]
    assert await answer(trial, world, "rolf", statement, world.row("companies", "rolf")) == []
    assert await answer(trial, world, "rolf", statement, uuid4()) != []


PEOPLE = {
    "insert an owner": "insert into crm.deals (name, owner_id) values ('x', $1)",
    "insert a team": "insert into crm.deals (name, team_id) values ('x', $1)",
    "insert teams": "insert into crm.landing_pages (title, team_ids) values ('x', array[$1::uuid])",
    "assign to an owner": "select access.assign_deals(d.id, $1) from crm.deals d",
    "assign to a team": "select access.assign_deals(d.id, d.owner_id, $1) from crm.deals d",
    "know a person": "select id from crm.people where id = $1",
    "know a team": "select id from crm.teams where id = $1",
    "ask of a person": "select access.knows_person($1)",
}


@pytest.mark.parametrize("what", PEOPLE)
@pytest.mark.parametrize("account", ["north", "south"])
async def test_hidden_and_absent_people_and_teams_give_the_same_answer(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, what: str, account: str
) -> None:
    team = "team" in what
    hidden = {
        ("north", True): world.teams["east"],
        ("north", False): world.users["ella"],
        ("south", True): world.teams["harbour"],
        ("south", False): world.users["sven"],
    }[account, team]
    table = "access.team" if team else "access.app_user"
    assert await trial.fetchval(f"select count(*) from {table} where id = $1", hidden) == 1
    name = "edgar" if what == "insert teams" else "rolf"

    await hidden_and_absent(trial, world, name, hidden, PEOPLE[what])


async def test_a_new_row_takes_the_id_of_a_row_of_another_account_without_a_word(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    async with entered(trial, world, "olga"):
        for module in REGISTRY.modules:
            parents = {link.column: world.row(link.target, "rolf") for link in module.parents[:1]}
            names = ", ".join(["id", module.label, *parents])
            await succeeds(
                trial,
                f"insert into {module.table} ({names}) values ($1, 'x'{', $2' if parents else ''}) returning id",
                world.row(module.name, "sven", "south"),
                *parents.values(),
            )


async def test_deleting_tells_nothing_of_hidden_rows_that_refer(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    company, hidden = world.row("companies", "rolf"), world.row("deals", "ella")
    statement = "delete from crm.companies where id = $1 returning id"
    alone = await answer(trial, world, "rolf", statement, company)

    await trial.execute("set local role cloison_engine")
    await trial.execute("update crm.deals set company_id = $1 where id = $2", company, hidden)
    await trial.execute("reset role")

    assert await answer(trial, world, "rolf", statement, company) == alone
    async with entered(trial, world, "rolf"):
        await trial.execute(statement, company)
        await trial.execute("set local session authorization default")
        assert await trial.fetchval("select company_id from crm.deals where id = $1", hidden) is None


async def test_rows_that_refer_to_one_another_go_together(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    pair = [world.row("companies", "rolf"), world.row("companies", "ella")]
    async with entered(trial, world, "olga"):
        await trial.execute("update crm.companies set parent_id = $2 where id = $1", *pair)
        await trial.execute("update crm.companies set parent_id = $1 where id = $2", *pair)
        assert await succeeds(trial, "delete from crm.companies where id = any ($1) returning 2", pair) == 2


async def test_a_row_that_refers_to_itself_goes(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    company = world.row("companies", "rolf")
    async with entered(trial, world, "olga"):
        await trial.execute("update crm.companies set parent_id = id where id = $1", company)
        assert await succeeds(trial, "delete from crm.companies where id = $1 returning id", company) == company

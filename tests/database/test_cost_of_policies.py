"""What a plan asks because of policies: a setting for each fact of the identity; planning has answered the rest.

Asserted on EXPLAIN and the catalogue, never on time (docs/decisions/0015-what-policies-cost.md).
"""

import asyncpg
import pytest

from schema.modules import REGISTRY
from tests.database.world import World, entered, logged_in
from tests.support.sql import for_analysts

pytestmark = pytest.mark.any_server

STATEMENTS = {
    "select": "select t.id from crm.{0} t where t.id = gen_random_uuid()",
    "update": "update crm.{0} t set phone = 'x' where t.id = gen_random_uuid()",
    "delete": "delete from crm.{0} t where t.id = gen_random_uuid()",
}


async def plan(connection: "asyncpg.Connection[asyncpg.Record]", statement: str) -> str:
    return "\n".join(row[0] for row in await connection.fetch(f"explain (verbose, costs off) {statement}"))


@pytest.mark.parametrize("verb", STATEMENTS)
@pytest.mark.parametrize("name", ["rolf", "lena", "olga"])
async def test_a_member_s_plan_reads_settings_alone(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, verb: str, name: str
) -> None:
    async with entered(trial, world, name):
        told = await plan(trial, STATEMENTS[verb].format("contacts"))
    assert "current_setting('cloison.account_id'" in told
    for decided in ("SESSION_USER", "access."):
        assert decided not in told, told


async def test_an_analyst_s_plan_reads_no_setting(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with logged_in(trial, world, "lena"):
        told = await plan(trial, for_analysts(STATEMENTS["select"].format("contacts")))
    assert "access.analyst_account(" in told
    assert "current_setting" not in told


async def test_an_update_looks_for_references_only_where_one_changes(
    trial: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    found = await trial.fetch(
        "select t.tgrelid::regclass::text as relation, pg_get_triggerdef(t.oid) as trigger"
        "  from pg_trigger t where t.tgname = 'b_references'"
    )
    conditions = {row["relation"]: row["trigger"].partition(" WHEN ")[2] for row in found}
    links = [(module, link) for module in REGISTRY.modules for link in module.to_one if not link.parent]
    assert conditions.keys() == {module.table for module, _ in links}
    for module, link in links:
        assert f"new.{link.column} IS DISTINCT FROM old.{link.column}" in conditions[f"crm.{module.name}"]


async def test_who_enters_is_looked_up_by_user(trial: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The planner prefers the period's index to any other, so its first column is what enter() knows."""
    assert await trial.fetchval(
        "select pg_get_constraintdef(c.oid) from pg_constraint c where c.conname = 'session_profile_period'"
    ) == "EXCLUDE USING gist (user_id WITH =, account_id WITH =, valid WITH &&)"  # fmt: skip

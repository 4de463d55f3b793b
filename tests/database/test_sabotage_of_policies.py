"""Each restrictive policy is dropped or loosened once, and rows of another account are seen or made."""

import re

import asyncpg
import pytest

from migrations.definitions import rendered
from schema.modules import REGISTRY
from schema.registry import Kind, Module
from tests.database.checks import new_id, sabotage
from tests.database.checks_of_facts import (
    no_careless_policy_shows_another_account,
    no_careless_policy_writes_into_another_account,
)
from tests.database.world import World

pytestmark = pytest.mark.any_server

RESTRICTIVE = re.compile(r"^create policy (\w+) on (\S+) as restrictive", re.MULTILINE)
POLICIES = [found for each in rendered("policies") for found in RESTRICTIVE.findall(each.sql)]
TABLES = [table for _, table in POLICIES]


def least_of(module: Module) -> tuple[str, str]:
    """Columns of a row that stands for itself, and what is in them."""
    ids = [*module.parent_columns[:1], *([module.creator] if module.creator != "created_by" else [])]
    columns, values = [module.label, *ids], ["'x'", *(new_id() for _ in ids)]
    if module.kind is Kind.ASSET:
        columns, values = [*columns, "restricted", "team_ids"], [*values, "false", "'{}'"]
    return ", ".join(columns), ", ".join(values)


# The least that a new row is made of, beside its account.
ROWS = {
    **{module.table: least_of(module) for module in REGISTRY.modules},
    **{module.sensitive_table: ("id", new_id()) for module in REGISTRY.modules if module.sensitive},
    **{
        f"crm.{link.through}": (f"{link.column}, {link.target_column}", f"{new_id()}, {new_id()}")
        for module in REGISTRY.modules
        for link in module.to_many
    },
    "access.member": ("user_id, name", f"{new_id()}, 'x'"),
    "access.team": ("id, name", f"{new_id()}, 'x'"),
    "access.team_edge": ("team_id, parent_id, valid", f"{new_id()}, {new_id()}, 'empty'"),
    "access.outbox": (
        "module, row_id, list_id, sent_by, recipients, left_out",
        f"'x', {new_id()}, {new_id()}, {new_id()}, '{{}}', 0",
    ),
    "access.outbox_content": ("module, row_id, content", f"'x', {new_id()}, '{{}}'"),
    "access.share": (
        "module, row_id, user_id, actions, given_by",
        f"'deals', {new_id()}, {new_id()}, '{{view}}', {new_id()}",
    ),
    "access.job": ("user_id, kind, module, change, total", f"{new_id()}, 'assign', 'deals', '{{}}', 0"),
    "access.job_refusal": ("job_id, row_id, code", f"{new_id()}, {new_id()}, 'NOT_FOUND'"),
    "access.trash": (
        "module, row_id, content, creator, operator",
        f"'deals', {new_id()}, '{{}}', {new_id()}, 'x'",
    ),
    "access.trash_sensitive": ("id, content", f"{new_id()}, '{{}}'"),
    "access.access_log": ("id, kind, after, operator", f"{new_id()}, 'tier', '{{}}', 'x'"),
    "access.role": ("id, name", f"{new_id()}, 'x'"),
    "access.role_cell": ("role_id, module, action, scope", f"{new_id()}, 'deals', 'view', 'all'"),
    "access.team_role": ("team_id, role_id", f"{new_id()}, {new_id()}"),
    "access.membership": ("user_id, role_id", f"{new_id()}, {new_id()}"),
    "access.team_member": ("user_id, team_id", f"{new_id()}, {new_id()}"),
    "access.exception": ("user_id, module, action, scope, effect", f"{new_id()}, 'deals', 'view', 'all', 'grant'"),
    "access.sensitivity": ("module, sensitive", "'deals', false"),
    "access.invitation": (
        "email, role_id, token_hash, invited_by, expires_at",
        f"'x@y.example', {new_id()}, sha256('x'), {new_id()}, now()",
    ),
    "access.import_key": ("source, module, key, row_id", f"'x', 'deals', 'x', {new_id()}"),
}


# What the world has none of, in one of its accounts or in both.
DELETED = "set local role cloison_engine; delete from crm.leads; reset role"
JOBS = """insert into access.job (account_id, user_id, kind, module, change, total)
  select m.account_id, m.user_id, 'assign', 'deals', '{}', 0 from access.member m;
  insert into access.job_refusal (account_id, job_id, row_id, code)
  select j.account_id, j.id, j.id, 'NOT_FOUND' from access.job j"""
FACTS = {
    "access.job": JOBS,
    "access.job_refusal": JOBS,
    "access.trash": DELETED,
    "access.trash_sensitive": DELETED,
    "access.role_cell": 'select access.create_role(a.id, \'more\', \'[{"module": "deals", "action": "create"}]\')'
    " from access.account a",
    "access.team_role": "select access.attach_role_to_team(t.account_id, t.id, access.role_id(t.account_id, 'Member'))"
    " from access.team t",
    "access.invitation": "insert into access.invitation"
    " (account_id, email, role_id, token_hash, invited_by, expires_at)"
    " select m.account_id, 'x@y.example', access.role_id(m.account_id, 'Member'), sha256(uuid_send(m.user_id)),"
    " m.user_id, now() from access.member m",
    "access.exception": "select access.set_exception(m.account_id, m.user_id, 'deals', 'view', 'all', 'grant')"
    " from access.member m",
    "access.sensitivity": "insert into access.sensitivity (account_id, module, sensitive)"
    " select a.id, 'deals', false from access.account a",
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "broken", ["drop policy account_partition on {}", "alter policy account_partition on {} using (true)"]
)
async def test_without_the_partition_a_careless_policy_shows_another_account(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, table: str, broken: str
) -> None:
    await sabotage(
        trial, world, no_careless_policy_shows_another_account(table), broken.format(table), before=FACTS.get(table, "")
    )


@pytest.mark.parametrize("table", TABLES)
async def test_without_the_partitions_check_a_careless_policy_writes_into_another_account(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, table: str
) -> None:
    await sabotage(
        trial,
        world,
        no_careless_policy_writes_into_another_account(table, *ROWS[table]),
        f"alter policy account_partition on {table} with check (true)",
    )


async def test_every_restrictive_policy_is_broken_once(trial: "asyncpg.Connection[asyncpg.Record]") -> None:
    there = await trial.fetch("select polname, polrelid::regclass::text from pg_policy where not polpermissive")
    assert sorted(tuple(each) for each in there) == sorted(POLICIES)

"""Each trigger is dropped once, and what it is there for is seen to fail."""

import re

import asyncpg
import pytest

from migrations.definitions import rendered
from schema.modules import REGISTRY
from tests.database.checks import Check, nobody_pairs_without_update, of_module, sabotage
from tests.database.checks_of_facts import (
    a_deleted_team_has_no_shares,
    a_dry_run_is_not_committed,
    a_profile_never_changes,
    after,
    an_account_keeps_a_super_admin,
    is_one_line,
    nobody_plants_keys,
    profiles_are_not_emptied,
    who_is_no_member_has_no_shares,
)
from tests.database.checks_of_history import (
    history_is_not_forged,
    history_is_not_rewritten,
    is_said,
    is_said_of_operators,
    operators_are_not_forged,
    operators_are_not_rewritten,
    the_engine_removes_reasons_alone,
    the_engine_removes_reasons_of_operators_alone,
)
from tests.database.world import World

pytestmark = pytest.mark.any_server

CREATED = re.compile(
    r"^create (?:constraint )?trigger (\w+) .*?\son ((?:crm|access|access_private)\.\w+)", re.MULTILINE
)
TRIGGERS = [found for each in rendered("triggers") for found in CREATED.findall(each.sql)]

NORTH = "(select id from access.account where slug = 'north')"
SOUTH = NORTH.replace("north", "south")


def user(name: str) -> str:
    return f"(select id from access.app_user where email = '{name}@north.example')"


def team(name: str) -> str:
    return f"(select id from access.team where name = '{name}')"


def role(name: str) -> str:
    return f"(select id from access.role where name = '{name}' and account_id = {NORTH})"


def insert(table: str, columns: str, *values: str) -> str:
    return f"insert into access.{table} (account_id, {columns}) values ({NORTH}, {', '.join(values)})"


NINA = "insert into access.app_user (email) values ('nina@north.example'); " + insert(
    "member", "user_id, name", user("nina"), "'nina'"
)
MEMBERSHIP = insert("membership", "user_id, role_id", user("nina"), role("viewer"))
TEAM_MEMBER = insert("team_member", "user_id, team_id", user("rolf"), team("east"))
SOLO = insert("team", "name", "'solo'")
EDGE = insert("team_edge", "team_id, parent_id", team("solo"), team("west"))
EXCEPTION = insert(
    "exception", "user_id, module, action, scope, effect", user("rolf"), "'deals'", "'export'", "'all'", "'grant'"
)
ROLE_CELL = insert("role_cell", "role_id, module, action, scope", role("viewer"), "'deals'", "'export'", "'all'")
TEAM_ROLE = insert("team_role", "team_id, role_id", team("west"), role("viewer"))
SHARE = insert(
    "share",
    "module, row_id, user_id, actions, given_by",
    *("'deals'", "gen_random_uuid()", user("rolf"), "'{view}'", user("lena")),
)
SENSITIVITY = insert("sensitivity", "module, sensitive", "'deals'", "false")
ENDS = "set valid = tstzrange(lower(valid), clock_timestamp())"

# What is there before, and the change of facts that the trigger must follow.
FACTS = {
    "membership_inserted": (NINA, MEMBERSHIP),
    "membership_updated": ("", f"update access.membership {ENDS} where user_id = {user('vera')}"),
    "membership_deleted": ("", f"delete from access.membership where user_id = {user('vera')}"),
    "team_member_inserted": ("", TEAM_MEMBER),
    "team_member_updated": ("", f"update access.team_member {ENDS} where user_id = {user('rolf')}"),
    "team_member_deleted": ("", f"delete from access.team_member where user_id = {user('rolf')}"),
    "exception_inserted": ("", EXCEPTION),
    "exception_updated": (EXCEPTION, f"update access.exception {ENDS}"),
    "exception_deleted": (EXCEPTION, "delete from access.exception"),
    "role_cell_inserted": ("", ROLE_CELL),
    "role_cell_updated": ("", f"update access.role_cell {ENDS} where role_id = {role('viewer')} and module = 'deals'"),
    "role_cell_deleted": ("", f"delete from access.role_cell where role_id = {role('viewer')} and module = 'deals'"),
    "team_role_inserted": ("", TEAM_ROLE),
    "team_role_updated": (TEAM_ROLE, f"update access.team_role {ENDS}"),
    "team_role_deleted": (TEAM_ROLE, "delete from access.team_role"),
    "team_edge_inserted": (SOLO, EDGE),
    "team_edge_updated": (f"{SOLO}; {EDGE}", f"update access.team_edge {ENDS} where team_id = {team('solo')}"),
    "team_edge_deleted": (f"{SOLO}; {EDGE}", f"delete from access.team_edge where team_id = {team('solo')}"),
    "membership_rewritten": (
        NINA,
        f"update access.membership set user_id = {user('nina')} where user_id = {user('vera')}",
    ),
    "team_member_rewritten": (
        "",
        f"update access.team_member set user_id = {user('bo')} where user_id = {user('rolf')}",
    ),
    "exception_rewritten": (EXCEPTION, f"update access.exception set user_id = {user('bo')}"),
    "role_cell_rewritten": (
        "",
        f"update access.role_cell set role_id = {role('rep')} where role_id = {role('editor')} and action = 'delete'",
    ),
    "team_role_rewritten": (TEAM_ROLE, f"update access.team_role set team_id = {team('east')}"),
    "share_inserted": ("", SHARE),
    "share_updated": (SHARE, f"update access.share {ENDS}"),
    "share_deleted": (SHARE, "delete from access.share"),
    "share_rewritten": (SHARE, f"update access.share set user_id = {user('ella')} where user_id = {user('rolf')}"),
    "sensitivity_inserted": ("", SENSITIVITY),
    "sensitivity_updated": (SENSITIVITY, f"update access.sensitivity {ENDS}"),
    "sensitivity_deleted": (SENSITIVITY, "delete from access.sensitivity"),
    "sensitivity_rewritten": (SENSITIVITY, f"update access.sensitivity set account_id = {SOUTH}"),
    "account_kind_changed": ("", "update access.account set kind = 'provider' where slug = 'north'"),
    "team_inserted": ("", SOLO),
    "team_updated": (SOLO, "update access.team set deleted_at = clock_timestamp() where name = 'solo'"),
    "team_deleted": (SOLO, "delete from access.team where name = 'solo'"),
}
# A change of each fact that the history tells of.
SAID = {
    # Whose membership ends with no share, of which it would tell too.
    "membership": f"update access.membership {ENDS} where user_id = {user('ella')}",
    "team_member": TEAM_MEMBER,
    "exception": EXCEPTION,
    "role_cell": ROLE_CELL,
    "team_role": TEAM_ROLE,
    "team_edge": f"update access.team_edge {ENDS} where team_id = {team('east')}",
    "account_tier": insert("account_tier", "hub, tier", "'sales'", "'professional'"),
    "account_setting": insert("account_setting", "name", "'restrict_new_content'"),
    "analyst_login": f"update access.analyst_login {ENDS} where user_id = {user('vera')}",
    "sensitivity": SENSITIVITY,
    "team": SOLO,
    "role": insert("role", "name", "'solo'"),
    "share": SHARE,
    "invitation": insert(
        "invitation",
        "email, role_id, token_hash, invited_by, expires_at",
        *("'new@north.example'", role("rep"), "sha256('x')", user("olga"), "now() + interval '1 day'"),
    ),
    "account": "update access.account set kind = 'provider' where slug = 'north'",
}
OTHERS: dict[tuple[str, str], Check] = {
    ("profile_capability_immutable", "access_private.profile_capability"): a_profile_never_changes,
    ("profile_capability_not_truncated", "access_private.profile_capability"): profiles_are_not_emptied,
    ("membership_keeps_super_admin", "access.membership"): an_account_keeps_a_super_admin,
    **{
        ("z_action_wall", f"crm.{link.through}"): nobody_pairs_without_update(module, link)
        for module in REGISTRY.modules
        for link in module.to_many
    },
    ("import_key_of_own_row", "access.import_key"): nobody_plants_keys,
    ("shares_of_deleted", "access.team"): a_deleted_team_has_no_shares,
    ("preview_undone", "access_private.preview"): a_dry_run_is_not_committed,
    ("membership_ends_shares", "access.membership"): who_is_no_member_has_no_shares,
    **{(f"{table}_logged", f"access.{table}"): is_said(change) for table, change in SAID.items()},
    **{(f"{table}_address", f"access.{table}"): is_one_line(table, "email") for table in ("app_user", "invitation")},
    **{
        (f"{table}_name", f"access.{table}"): is_one_line(table, "name")
        for table in ("account", "member", "invitation", "team", "role")
    },
    ("access_log_signed", "access.access_log"): history_is_not_forged,
    ("access_log_kept", "access.access_log"): history_is_not_rewritten,
    ("access_log_reason", "access.access_log"): the_engine_removes_reasons_alone,
    ("operator_logged", "access_private.operator"): is_said_of_operators(
        "select access.add_operator('rolf@north.example')"
    ),
    ("subscribing_logged", "access_private.installation"): is_said_of_operators(
        "select access.allow_subscribing(true)"
    ),
    ("operator_log_signed", "access_private.operator_log"): operators_are_not_forged,
    ("operator_log_kept", "access_private.operator_log"): operators_are_not_rewritten,
    ("operator_log_reason", "access_private.operator_log"): the_engine_removes_reasons_of_operators_alone,
}


@pytest.mark.parametrize(("name", "table"), TRIGGERS)
async def test_a_trigger_is_missed(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, table: str
) -> None:
    before = ""
    if name in FACTS:
        before, change = FACTS[name]
        check = after(change)
    else:
        check = OTHERS.get((name, table)) or of_module(table.removeprefix("crm."), name)

    await sabotage(trial, world, check, f"drop trigger {name} on {table}", before=before)


async def test_every_trigger_is_dropped_once(trial: "asyncpg.Connection[asyncpg.Record]") -> None:
    there = await trial.fetch("""
        select t.tgname, t.tgrelid::regclass::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
         where not t.tgisinternal
           and c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
        """)
    assert sorted(tuple(each) for each in there) == sorted(TRIGGERS)

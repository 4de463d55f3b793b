"""Makes a world of tests/support/model.py in a database, in bulk, through the tables of facts and their triggers."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from schema.modules import REGISTRY
from schema.registry import Module
from schema.roles import BUILTIN_ROLES
from tests.support.model import Account, Exempt, Row, Share, World, brought

BUILTIN = ("Owner", *BUILTIN_ROLES)

PERIOD = "tstzrange(clock_timestamp() - interval '9 hours', clock_timestamp() + x.hours * interval '1 hour')"

# Memberships come late: until then nobody may act, and nothing has to be computed. Shares are with members alone.
FACTS = {
    "team": "insert into access.team (account_id, id, name) select account_id, id, name from {x}",
    "edge": "insert into access.team_edge (account_id, team_id, parent_id) select account_id, id, parent_id from {x}",
    "role": "insert into access.role (account_id, id, name, builtin) select account_id, id, name, builtin from {x}",
    "cell": "insert into access.role_cell (account_id, role_id, module, action, scope)"
    " select account_id, id, module, action, scope from {x}",
    "team_role": "insert into access.team_role (account_id, team_id, role_id) select account_id, id, role_id from {x}",
    "user": "insert into access.app_user (id, email) select id, email from {x}",
    "member": "insert into access.member (account_id, user_id, name) select account_id, id, name from {x}",
    "team_member": "insert into access.team_member (account_id, user_id, team_id, is_main)"
    " select account_id, id, team_id, is_main from {x}",
    "exception": "insert into access.exception (account_id, user_id, module, action, scope, effect, valid)"
    f" select account_id, id, module, action, scope, effect, {PERIOD} from {{x}}",
    "membership": "insert into access.membership (account_id, user_id, status, role_id, super_admin)"
    " select account_id, id, status, role_id, super_admin from {x}",
    "share": "insert into access.share (account_id, module, row_id, user_id, team_id, actions, given_by, valid)"
    " select account_id, module, id, user_id, team_id, array(select jsonb_array_elements_text(actions)), given_by,"
    " tstzrange(least(clock_timestamp(), clock_timestamp() + (x.hours - 1) * interval '1 hour'),"
    " clock_timestamp() + x.hours * interval '1 hour') from {x}",
}
SHAPE = """jsonb_to_recordset($1::jsonb) as x (
  account_id uuid, id uuid, name text, builtin text, email text, parent_id uuid, role_id uuid, team_id uuid,
  is_main boolean, module text, action text, scope text, effect text, hours integer, status text, super_admin boolean,
  user_id uuid, actions jsonb, given_by uuid
)"""


@dataclass
class Built:
    """Ids of what was made, by account and name; users by name alone."""

    salt: UUID = field(default_factory=uuid4)
    accounts: dict[str, UUID] = field(default_factory=dict)

    def id(self, *names: str) -> UUID:
        """The id of a team, role or row: kind, account, name; of a user: `user`, name.

        It begins alike in every world, so that a counter-example found in one order of ids is found again.
        """
        return UUID(bytes=sha256("/".join(names).encode()).digest()[:8] + self.salt.bytes[:8])

    def user(self, name: str) -> UUID:
        """The id of a user."""
        return self.id("user", name)

    def row(self, account: str, name: str) -> UUID:
        """The id of a row."""
        return self.id("row", account, name)

    def slug(self, account: str) -> str:
        """The slug of an account."""
        return f"{account}-{self.salt.hex[:12]}"


async def build(admin: "asyncpg.Connection[asyncpg.Record]", world: World, tier: str = "enterprise") -> Built:
    """Make the world. `admin` is a superuser outside of a transaction; `tier` is that of every account."""
    built = Built()
    async with admin.transaction():
        users = {member.user for account in world.accounts for member in account.members}
        await _facts(
            admin,
            "user",
            [
                {"id": built.user(name), "name": name, "email": f"{name}.{built.salt.hex[:12]}@example.com"}
                for name in sorted(users)
            ],
        )
        for account in world.accounts:
            await _account(admin, built, account, tier)
        # What waits for the commit is written by triggers that a replica has not.
        await admin.execute("set constraints all immediate")
        await admin.execute("set local session_replication_role = replica")
        for account in world.accounts:
            await _rows(admin, built, account)
    return built


async def _account(admin: "asyncpg.Connection[asyncpg.Record]", built: Built, account: Account, tier: str) -> None:
    """An account by hand: `create_account` would bring a member of its own."""
    here = await admin.fetchval(
        "insert into access.account (id, slug, name) values ($1, $2, $3) returning id",
        built.id("account", account.name),
        built.slug(account.name),
        account.name,
    )
    built.accounts[account.name] = here
    await admin.execute("select access.set_account_tier($1, 'marketing', $2)", here, tier)
    for table, rows in _tables(built, account).items():
        await _facts(admin, table, [{"account_id": here, **row} for row in rows])


def _tables(built: Built, account: Account) -> dict[str, list[dict[str, Any]]]:
    def made(kind: str, name: str | None) -> UUID | None:
        return None if name is None else built.id(kind, account.name, name)

    def cell(exempt: Exempt) -> dict[str, Any]:
        module, action, scope = exempt.cell
        hours = exempt.ends_in_hours
        return {"module": module, "action": action, "scope": scope, "effect": exempt.effect, "hours": hours}

    return {
        "team": [{"id": made("team", team.name), "name": team.name} for team in account.teams],
        "edge": [
            {"id": made("team", team.name), "parent_id": made("team", team.parent)}
            for team in account.teams
            if team.parent
        ],
        "role": [
            *({"id": made("role", name), "name": name} for name, _ in account.roles),
            *({"id": made("role", name), "name": name, "builtin": name} for name in BUILTIN),
        ],
        "cell": [
            {"id": made("role", name), "module": module, "action": action, "scope": scope}
            for name, cells in account.roles
            for module, action, scope in sorted(cells)
        ],
        "team_role": [{"id": made("team", team), "role_id": made("role", role)} for team, role in account.team_roles],
        "member": [{"id": built.user(member.user), "name": member.user} for member in account.members],
        "team_member": [
            {"id": built.user(member.user), "team_id": made("team", team), "is_main": team == member.main}
            for member in account.members
            for team in dict.fromkeys(filter(None, (member.main, *member.extras)))
        ],
        "exception": [
            {"id": built.user(member.user), **cell(exempt)}
            for member in account.members
            for exempt in member.exceptions
        ],
        "membership": [
            {
                "id": built.user(member.user),
                "status": "active" if member.active else "deactivated",
                "role_id": made("role", member.role),
                "super_admin": member.super_admin,
            }
            for member in account.members
        ],
        "share": [
            {
                "id": shared_id(built, account, share),
                "module": shared_module(account, share),
                "user_id": built.user(share.user) if share.user else None,
                "team_id": made("team", share.team),
                "actions": sorted(brought(shared_module(account, share), share.actions)),
                "given_by": built.user(account.members[0].user),
                "hours": share.ends_in_hours,
            }
            for share in account.shares
        ],
    }


def shared_module(account: Account, share: Share) -> str:
    """Of which module the shared row is: that of the row, or of the parent to which it belongs."""
    module = REGISTRY.by_name[next(row.module for row in account.rows if row.name == share.row)]
    return module.share_keys[0][0]


def shared_id(built: Built, account: Account, share: Share) -> UUID:
    """The id of the shared row: what belongs to a row is shared with it."""
    row = next(row for row in account.rows if row.name == share.row)
    parents = REGISTRY.by_name[row.module].parents
    return parent_of(built, account.name, row) if parents else built.row(account.name, row.name)


async def _facts(admin: "asyncpg.Connection[asyncpg.Record]", table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    found = list(rows)
    if found:
        await admin.execute(FACTS[table].format(x=SHAPE), json.dumps(found, default=str))


async def _rows(admin: "asyncpg.Connection[asyncpg.Record]", built: Built, account: Account) -> None:
    here = built.accounts[account.name]
    for module in REGISTRY.modules:
        rows = [row for row in account.rows if row.module == module.name]
        if not rows:
            continue
        values = [{"account_id": here, **_values(built, account.name, module, row)} for row in rows]
        places = ", ".join(f"${number}" for number in range(1, len(values[0]) + 1))
        await admin.executemany(
            f"insert into {module.table} ({', '.join(values[0])}) values ({places})",
            [tuple(each.values()) for each in values],
        )
        if module.sensitive:
            await admin.execute(
                f"insert into {module.sensitive_table} (account_id, id) select $1, unnest($2::uuid[])",
                here,
                [built.row(account.name, row.name) for row in rows],
            )


def _values(built: Built, account: str, module: Module, row: Row) -> dict[str, Any]:
    """Columns of a row. A child is of a parent that is no row of the world, but has its owner and its team."""
    values = {
        "id": built.row(account, row.name),
        "created_by": built.user(row.creator),
        module.label: row.name,
        **{link.column: parent_of(built, account, row) for link in module.parents[:1]},
    }
    if module.own_columns:
        values["owner_id"] = built.user(row.owner) if row.owner else None
    teams = [built.id("team", account, team) for team in row.teams]
    if module.reach == "record":
        values |= {"team_id": next(iter(teams), None), "open_to_all": row.open}
    if module.reach == "asset":
        values |= {"team_ids": teams, "restricted": not row.open}
    if module.creator != "created_by":
        values[module.creator] = built.user(row.creator)
    return values


def parent_of(built: Built, account: str, row: Row) -> UUID:
    """The id of the parent of a row, whether or not there is a row that has it."""
    return built.row(account, f"parent of {row.name}")

"""Makes a world of tests/support/model.py in a database, in bulk, through the tables of facts and their triggers."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from schema.modules import REGISTRY
from schema.registry import Module, ToOne
from schema.roles import BUILTIN_ROLES
from tests.support.model import Account, Exempt, Row, Share, World, brought

BUILTIN = ("Owner", *BUILTIN_ROLES)

PERIOD = "tstzrange(clock_timestamp() - interval '9 hours', clock_timestamp() + x.hours * interval '1 hour')"

# Memberships come last: until then nobody may act, and nothing has to be computed. They are older than what was shared
# with their members.
FACTS = {
    "user": "insert into access.app_user (id, email) select id, email from {x}",
    "account": "insert into access.account (id, slug, name) select account_id, slug, name from {x}",
    "tier": "select access.set_account_tier(account_id, hub, tier) from {x}",
    "team": "insert into access.team (account_id, id, name) select account_id, id, name from {x}",
    "edge": "insert into access.team_edge (account_id, team_id, parent_id, valid)"
    " select account_id, id, parent_id, tstzrange(coalesce(x.at, clock_timestamp()), null) from {x}",
    "role": "insert into access.role (account_id, id, name, builtin) select account_id, id, name, builtin from {x}",
    "cell": "insert into access.role_cell (account_id, role_id, module, action, scope)"
    " select account_id, id, module, action, scope from {x}",
    "team_role": "insert into access.team_role (account_id, team_id, role_id)"
    " select account_id, team_id, role_id from {x}",
    "member": "insert into access.member (account_id, user_id, name) select account_id, id, name from {x}",
    "team_member": "insert into access.team_member (account_id, user_id, team_id, is_main, valid)"
    " select account_id, id, team_id, is_main, tstzrange(coalesce(x.at, clock_timestamp()), null) from {x}",
    "plain": "insert into access.sensitivity (account_id, module, sensitive, valid)"
    " select account_id, module, false, tstzrange(clock_timestamp() - interval '9 hours', null) from {x}",
    "exception": "insert into access.exception (account_id, user_id, module, action, scope, effect, valid)"
    f" select account_id, id, module, action, scope, effect, {PERIOD} from {{x}}",
    "share": "insert into access.share (account_id, module, row_id, user_id, team_id, actions, given_by, valid)"
    " select account_id, module, id, user_id, team_id, array(select jsonb_array_elements_text(actions)), given_by,"
    " tstzrange(least(clock_timestamp(), clock_timestamp() + (x.hours - 1) * interval '1 hour'),"
    " clock_timestamp() + x.hours * interval '1 hour') from {x}",
    "membership": "insert into access.membership (account_id, user_id, status, role_id, super_admin, valid)"
    " select account_id, id, status, role_id, super_admin, tstzrange("
    "coalesce(x.at, clock_timestamp() - interval '9 hours'),"
    " clock_timestamp() + x.hours * interval '1 hour') from {x}",
}
CLOSURE = "select access_private.update_closure(account_id) from {x}"
# What tells a fact from others, by which it is ended; and the tables that are called otherwise.
KEYS = {
    "edge": "f.team_id = x.id and f.parent_id = x.parent_id",
    "cell": "f.role_id = x.id and (f.module, f.action, f.scope) = (x.module, x.action, x.scope)",
    "team_role": "f.team_id = x.team_id and f.role_id = x.role_id",
    "team_member": "f.user_id = x.id and f.team_id = x.team_id",
    "exception": "f.user_id = x.id and (f.module, f.action, f.scope) = (x.module, x.action, x.scope)",
    "membership": "f.user_id = x.id",
    "share": "f.row_id = x.id and f.receiver_id = coalesce(x.user_id, x.team_id)",
}
TABLES = {"edge": "team_edge", "cell": "role_cell"}
ENDED = """
  update access.{table} f set valid = tstzrange(lower(f.valid), x.at) from {x}
   where f.account_id = x.account_id and f.valid @> x.at and {key}
"""
SHAPE = """jsonb_to_recordset($1::jsonb) as x (
  account_id uuid, id uuid, name text, slug text, hub text, tier text, builtin text, email text, parent_id uuid,
  role_id uuid, team_id uuid, is_main boolean, module text, action text, scope text, effect text, hours integer,
  status text, super_admin boolean, user_id uuid, actions jsonb, given_by uuid, at timestamptz
)"""

Tables = dict[str, list[dict[str, Any]]]


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
    """Make the world. `admin` is a superuser outside of a transaction; `tier` is that of accounts that name none."""
    async with admin.transaction():
        (built,) = await build_all(admin, [world], tier)
    return built


async def build_all(
    admin: "asyncpg.Connection[asyncpg.Record]",
    worlds: Sequence[World],
    tier: str = "enterprise",
    *,
    quick: bool = False,
) -> list[Built]:
    """The same for many worlds, all at once. `admin` is a superuser in a transaction.

    Quickly: without triggers, and so without history, up to the memberships, from which all the rest is computed.
    """
    made = [Built() for _ in worlds]
    facts: Tables = {table: [] for table in FACTS}
    rows: Tables = {module.name: [] for module in REGISTRY.modules}
    for built, world in zip(made, worlds, strict=True):
        _add(facts, _users(built, world))
        for account in world.accounts:
            built.accounts[account.name] = built.id("account", account.name)
            began = world.former if world.former and account is world.here else account
            _add(facts, _account(built, began, tier) | _tables(built, began))
            _add(rows, _rows(built, account))
    for table, found in facts.items():
        if quick and table == "team":
            await admin.execute("set local session_replication_role = replica")
        if quick and table == "membership":
            await admin.execute("set local session_replication_role = origin")
            await _facts(admin, CLOSURE, facts["account"])
        await _facts(admin, FACTS[table], found)
    await _turn(admin, [(built, world) for built, world in zip(made, worlds, strict=True) if world.former])
    # What waits for the commit is written by triggers that a replica has not.
    await admin.execute("set constraints all immediate")
    await admin.execute("set local session_replication_role = replica")
    for module in REGISTRY.modules:
        await _insert(admin, module, rows[module.name])
    listed = [pair for built, world in zip(made, worlds, strict=True) for pair in _listed(built, world)]
    await admin.executemany(
        "insert into crm.contact_list_members (account_id, contact_list_id, contact_id) values ($1, $2, $3)", listed
    )
    await admin.execute("set local session_replication_role = origin")
    await admin.execute("set constraints all deferred")
    return made


def _add(found: Tables, more: Tables) -> None:
    for table, rows in more.items():
        found[table] += rows


def _users(built: Built, world: World) -> Tables:
    users = {member.user for account in world.accounts for member in account.members}
    return {
        "user": [
            {"id": built.user(name), "email": f"{name.replace(' ', '-')}.{built.salt.hex[:12]}@example.com"}
            for name in sorted(users)
        ]
    }


def _account(built: Built, account: Account, tier: str) -> Tables:
    """An account by hand: `create_account` would bring a member of its own."""
    here = built.accounts[account.name]
    return {"account": [{"account_id": here, "slug": built.slug(account.name), "name": account.name}]} | {
        "tier": [
            {"account_id": here, "hub": hub, "tier": each} for hub, each in account.tiers or (("marketing", tier),)
        ]
    }


async def _turn(admin: "asyncpg.Connection[asyncpg.Record]", turning: list[tuple[Built, World]]) -> None:
    """End the facts of former times that are none any more, and begin those that are new."""
    if not turning:
        return
    at = str(await admin.fetchval("select clock_timestamp()"))
    ended: Tables = {table: [] for table in KEYS}
    begun: Tables = {table: [] for table in (*KEYS, "tier")}
    for built, world in turning:
        assert world.former is not None
        former, present = _tables(built, world.former), _tables(built, world.here)
        if world.former.tiers != world.here.tiers:
            begun["tier"] += _account(built, world.here, "")["tier"]
        for table in KEYS:
            ended[table] += [row | {"at": at} for row in former[table] if row not in present[table]]
            begun[table] += [row | {"at": at} for row in present[table] if row not in former[table]]
    # Whoever is a member no more has been one until now.
    begun["membership"] = [row for row in begun["membership"] if not row["hours"]]
    # In another order each time: whatever comes last shows that it is enough by itself.
    tables, first = list(KEYS), sum(map(len, ended.values())) % len(KEYS)
    for table in (*tables[first:], *tables[:first]):
        ending = ENDED.format(table=TABLES.get(table, table), key=KEYS[table], x="{x}")
        await _facts(admin, ending, ended[table])
        await _facts(admin, FACTS[table], begun[table])
    await _facts(admin, FACTS["tier"], begun["tier"])


def _tables(built: Built, account: Account) -> Tables:
    here = built.accounts[account.name]

    def made(kind: str, name: str | None) -> UUID | None:
        return None if name is None else built.id(kind, account.name, name)

    def cell(exempt: Exempt) -> dict[str, Any]:
        module, action, scope = exempt.cell
        hours = exempt.ends_in_hours
        return {"module": module, "action": action, "scope": scope, "effect": exempt.effect, "hours": hours}

    tables: Tables = {
        "plain": [{"module": module} for module in account.plain],
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
        "team_role": [
            {"team_id": made("team", team), "role_id": made("role", role)} for team, role in account.team_roles
        ],
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
                "hours": -1 if member.removed else None,
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
    return {table: [{"account_id": here, **row} for row in rows] for table, rows in tables.items()}


def shared_module(account: Account, share: Share) -> str:
    """Of which module the shared row is: that of the row, or of the parent to which it belongs."""
    row = next(row for row in account.rows if row.name == share.row)
    return parent_link(account, row).target if REGISTRY.by_name[row.module].parents else row.module


def shared_id(built: Built, account: Account, share: Share) -> UUID:
    """The id of the shared row: what belongs to a row is shared with it."""
    row = next(row for row in account.rows if row.name == share.row)
    parents = REGISTRY.by_name[row.module].parents
    return parent_of(built, account.name, row) if parents else built.row(account.name, row.name)


async def _facts(
    admin: "asyncpg.Connection[asyncpg.Record]", statement: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    found = list(rows)
    if found:
        await admin.execute(statement.format(x=SHAPE), json.dumps(found, default=str))


def _rows(built: Built, account: Account) -> Tables:
    here = built.accounts[account.name]
    found: Tables = {}
    for row in account.rows:
        values = _values(built, account, REGISTRY.by_name[row.module], row)
        found.setdefault(row.module, []).append({"account_id": here, **values})
    return found


async def _insert(admin: "asyncpg.Connection[asyncpg.Record]", module: Module, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = ", ".join(dict.fromkeys(column for row in rows for column in row))
    await admin.execute(
        f"insert into {module.table} ({columns})"
        f" select {columns} from jsonb_populate_recordset(null::{module.table}, $1::jsonb)",
        json.dumps(rows, default=str),
    )
    if module.sensitive:
        await admin.execute(
            f"insert into {module.sensitive_table} (account_id, id)"
            f" select account_id, id from jsonb_populate_recordset(null::{module.table}, $1::jsonb)",
            json.dumps(rows, default=str),
        )


def _listed(built: Built, world: World) -> Iterator[tuple[UUID, UUID, UUID]]:
    for account in world.accounts:
        for list_name, contact in account.listed:
            yield built.accounts[account.name], built.row(account.name, list_name), built.row(account.name, contact)


def _values(built: Built, account: Account, module: Module, row: Row) -> dict[str, Any]:
    """Columns of a row. A child without a parent in the world is of one that has its owner and its team."""
    values = {
        "id": built.row(account.name, row.name),
        "created_by": built.user(row.creator),
        module.label: row.name,
        **({parent_column(account, row): parent_of(built, account.name, row)} if module.parents else {}),
    }
    if module.own_columns:
        values["owner_id"] = built.user(row.owner) if row.owner else None
    teams = [built.id("team", account.name, team) for team in row.teams]
    if module.reach == "record":
        values |= {"team_id": next(iter(teams), None), "open_to_all": row.open}
    if module.reach == "asset":
        values |= {"team_ids": teams, "restricted": not row.open}
    if module.creator != "created_by":
        values[module.creator] = built.user(row.creator)
    return values


def parent_link(account: Account, row: Row) -> ToOne:
    """By which relation a row belongs to its parent."""
    parents = REGISTRY.by_name[row.module].parents
    if row.parent is None:
        return parents[0]
    of = next(each.module for each in account.rows if each.name == row.parent)
    return next(link for link in parents if link.target == of)


def parent_column(account: Account, row: Row) -> str:
    """The column that holds the parent's id."""
    return parent_link(account, row).column


def parent_of(built: Built, account: str, row: Row) -> UUID:
    """The id of the parent of a row, whether or not there is a row that has it."""
    return built.row(account, row.parent or f"parent of {row.name}")

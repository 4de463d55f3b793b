"""Each rule, and how it is broken once in the database."""

import re
from dataclasses import dataclass
from functools import cache

import asyncpg

from migrations.definitions import Definition, rendered
from schema.modules import REGISTRY
from tests.property.test_sql import worlds_of
from tests.support.model import World

MADE = re.compile(r"^create (policy|trigger) (\w+) [^;]*? ?on (\S+)", re.MULTILINE)


@cache
def files(folder: str) -> tuple[Definition, ...]:
    """What a folder of sql/ says."""
    return tuple(rendered(folder))


@dataclass(frozen=True)
class Breakage:
    """A rule, and how it is broken: a file of sql/ says something else, or statements.

    In worlds of a module or an asset, where the rule speaks of no other; where it speaks of changes, in such in
    which all that changed was for the trigger `turned`. Where it shows in what one `tries`, nothing else is tried, and
    all is read.
    """

    rule: str
    what: str
    path: str = ""
    old: str = ""
    new: str = ""
    statements: tuple[str, ...] = ()
    also: tuple[tuple[str, str, str], ...] = ()
    module: str = ""
    asset: str = ""
    turned: str = ""
    tries: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return f"{self.rule}-{self.what}"

    async def done(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Break it."""
        for statement in self.statements:
            await connection.execute(statement)
        for path in {path: None for path, _, _ in self.edits}:
            await self._rewrite(connection, path)

    @property
    def edits(self) -> list[tuple[str, str, str]]:
        """Where something else is said: the file, what it says, and what instead."""
        return [*([(self.path, self.old, self.new)] if self.path else []), *self.also]

    async def _rewrite(self, connection: "asyncpg.Connection[asyncpg.Record]", path: str) -> None:
        edits = [(old, new) for where, old, new in self.edits if where == path]
        there = [each for each in files(path.split("/", maxsplit=1)[0]) if each.path == path]
        for old, _ in edits:
            assert any(old in each.sql for each in there), f"{path} does not say {old!r} any more"
        for each in there:
            sql = each.sql
            for old, new in edits:
                sql = sql.replace(old, new)
            if sql == each.sql:
                continue
            for kind, name, table in MADE.findall(sql):
                await connection.execute(f"drop {kind} {name} on {table}")
            await connection.execute(sql)

    def worlds(self, batch: int, number: int) -> list[World]:
        """Some in which it has to show."""
        return worlds_of(f"sabotage-{batch}", number, self.module, self.asset, self.turned)


EFFECTIVE = "functions/060_effective.sql"
REFRESH = "functions/070_refresh.sql"
SHARES = "functions/016_shares.sql"
WALL = "functions/module/wall.sql"
RECORDS, ASSETS = "policies/record/view.sql", "policies/asset/view.sql"
REACHED = """select c.descendant_id from access.team_member t
        join access_private.team_closure c on c.account_id = t.account_id and c.ancestor_id = t.team_id
       where t.account_id = account and t.user_id = member and t.valid @> at"""
# Actions that a wall asks for, and the module and the asset whose worlds are made, where only some have the action.
WIDER = {
    "publish": ("", "forms"),
    "update": ("", ""),
    "send": ("invoices", ""),
    "activate": ("", "workflows"),
    "connect": ("", "social_posts"),
    "manage_domain": ("", "landing_pages"),
}


def unasked(action: str) -> tuple[tuple[str, str, str], ...]:
    """The walls refuse nobody for want of an action.

    The call goes as a whole: with `where false` it would raise all the same, when it is planned, since forbid() is
    immutable and its arguments are constants.
    """
    modules = dict.fromkeys(module.governing for module in REGISTRY.modules)
    asked = [f"perform access.forbid('{module}', '{action}');" for module in modules]
    return tuple((WALL, each, "null;") for each in asked if any(each in file.sql for file in files("functions")))


FACTS = ("membership", "team_member", "exception", "role_cell", "team_role", "team_edge", "share")

TABLE = (
    Breakage(
        "T1",
        "accounts are not parted",
        statements=tuple(f"drop policy account_partition on {module.table}" for module in REGISTRY.modules),
    ),
    Breakage(
        "T2",
        "a user acts in any of his accounts",
        "functions/010_identity.sql",
        "where s.account_id = (select a.id from access.account a where a.slug = enter.slug)\n       and",
        "where",
    ),
    Breakage("T2", "whoever is deactivated comes in", REFRESH, "and m.status = state", ""),
    Breakage("T10", "whoever was removed comes in", REFRESH, "and m.valid @> greatest(start, present)", ""),
    Breakage("T4", "reach is not downward", EFFECTIVE, REACHED, f"{REACHED} and c.depth = 0"),
    Breakage(
        "T4",
        "reach is upward",
        EFFECTIVE,
        REACHED,
        REACHED.replace("c.descendant_id", "c.ancestor_id").replace("c.ancestor_id = t", "c.descendant_id = t"),
    ),
    Breakage("T5", "extra teams reach nothing", EFFECTIVE, REACHED, f"{REACHED} and t.is_main"),
    Breakage(
        "T6",
        "without teams, team scope is nothing",
        EFFECTIVE,
        "where not exists (select from access.team t where t.account_id = account",
        "where false and not exists (select from access.team t where t.account_id = account",
    ),
    Breakage(
        "T6",
        "with teams, team scope is what has none, too",
        EFFECTIVE,
        "where not exists (select from access.team t where t.account_id = account",
        "where true or not exists (select from access.team t where t.account_id = account",
    ),
    Breakage(
        "T7",
        "super admins are like others",
        EFFECTIVE,
        "(select from membership m where m.super_admin)",
        "(select where false)",
    ),
    Breakage(
        "T8", "owners are like others", EFFECTIVE, "or exists (select from held_role h where h.builtin = 'Owner')", ""
    ),
    Breakage("T8", "no tier is needed", "functions/085_owner.sql", "if needed is not null then", "if false then"),
    Breakage(
        "T8",
        "any hub's tier is enough",
        "functions/090_accounts.sql",
        "(hub_name is null or",
        "(true or",
        asset="web_pages",
    ),
    Breakage("O1", "created is owned", RECORDS, "'view', 'created') and created_by", "'view', 'created') and owner_id"),
    Breakage("O1", "owned is created", ASSETS, "'view', 'owned') and owner_id", "'view', 'owned') and created_by"),
    Breakage("O3", "what is restricted is open", ASSETS, "not restricted or", "true or"),
    Breakage(
        "O3", "creators lose what is restricted", ASSETS, "or created_by = (select access.policy_user_id())\n", "\n"
    ),
    Breakage("O3", "what nobody owns is open", ASSETS, "owner_id is null and not restricted", "owner_id is null"),
    Breakage(
        "O4", "what is open is not", EFFECTIVE, "select '00000000-0000-0000-0000-000000000000'::uuid\n      union", ""
    ),
    Breakage(
        "O4",
        "records begin in no team",
        "functions/module/stamp.sql",
        "new.team_id := access.main_team_of(new.owner_id)",
        "null",
    ),
    Breakage(
        "O5",
        "whoever views may assign",
        "functions/record/assign.sql",
        "if not access.record_within(mask, old",
        "if false and not access.record_within(mask, old",
    ),
    Breakage(
        "O5",
        "content is given to any place",
        "functions/asset/assign.sql",
        "if not (\n    access.asset_within(mask, new_owner",
        "if false and not (\n    access.asset_within(mask, new_owner",
        tries=("hand", "leave"),
    ),
    Breakage(
        "O5",
        "records are given to any place",
        "functions/record/assign.sql",
        "if not (\n    access.record_within(mask, new_owner",
        "if false and not (\n    access.record_within(mask, new_owner",
        module="deals",
        tries=("leave",),
    ),
    Breakage("O7", "what somebody owns is unassigned", RECORDS, "'unassigned') and owner_id is null", "'unassigned')"),
    Breakage(
        "O8",
        "shares do not end",
        SHARES,
        "shared_action = any (s.actions) and s.valid @> statement_timestamp()",
        "shared_action = any (s.actions)",
        also=(
            ("functions/058_shared_modules.sql", "where s.valid @> at", ""),
            ("functions/058_shared_modules.sql", "(upper_inf(s.valid) or upper(s.valid) > at)", "true"),
        ),
    ),
    Breakage("O8", "teams get no shares", SHARES, "s.team_id = any (", "s.team_id = all ("),
    Breakage("O8", "a share is for every action", SHARES, "and shared_action = any (s.actions)", ""),
    Breakage(
        "O8",
        "a share gives what is not held",
        EFFECTIVE,
        "from implied i\n      join access.capability k on k.module = i.module and",
        "from access.capability i\n      join access.capability k on k.module = i.module and",
    ),
    Breakage(
        "O8",
        "what belongs to a shared row is not shared",
        EFFECTIVE,
        "', 'interactions'),",
        "', 'none'),",
        module="interactions",
    ),
    Breakage(
        "O8",
        "whoever views may share",
        "functions/module/share.sql",
        "access.reach('deals', 'assign'), subject",
        "access.reach('deals', 'view'), subject",
        module="deals",
    ),
    Breakage(
        "C2",
        "actions do not imply view",
        EFFECTIVE,
        "select k.module, 'view', k.scope from kept k where k.on_rows",
        "select k.module, 'view', k.scope from kept k where false",
    ),
    Breakage("C2", "configure does not imply view", EFFECTIVE, "where k.action = 'configure'", "where false"),
    Breakage("C2", "view is export", "functions/module/exported.sql", "'export')", "'view')"),
    Breakage(
        "C2",
        "e-mails go to everybody",
        "functions/module/outbox.sql",
        "filter (where p.seen)",
        "",
        asset="marketing_emails",
        tries=("deliver",),
    ),
    Breakage(
        "C2",
        "nobody is left out",
        "functions/module/outbox.sql",
        "count(*) filter (where not p.seen)",
        "0",
        asset="marketing_emails",
        tries=("deliver",),
    ),
    Breakage(
        "P1",
        "accounts of customers have what is for partners",
        "functions/059_kinds.sql",
        "(its_kind = any (t.kinds)) is not true",
        "false",
    ),
    *(
        Breakage(
            "C2",
            f"view is clone of {reach}s",
            "functions/module/clone.sql",
            f"if access.{reach}_within(access.reach(",
            f"if false and access.{reach}_within(access.reach(",
        )
        for reach in ("record", "asset")
    ),
    Breakage(
        "C2",
        "to import is nothing",
        statements=("alter policy import_create on access.import_key with check (true)",),
    ),
    *(
        Breakage("C2", f"nobody asks for {action}", also=unasked(action), module=module, asset=asset, tries=(action,))
        for action, (module, asset) in WIDER.items()
    ),
    Breakage(
        "C2",
        "nobody asks for delete",
        also=unasked("delete"),
        tries=("delete",),
        statements=tuple(f"alter policy delete_row on {module.table} using (true)" for module in REGISTRY.modules),
    ),
    Breakage(
        "C2",
        "nobody asks for create",
        also=unasked("create"),
        tries=("create",),
        statements=tuple(f"alter policy create_row on {module.table} with check (true)" for module in REGISTRY.modules),
    ),
    Breakage(
        "C3",
        "nobody asks for publish_internal",
        also=unasked("publish_internal"),
        tries=("publish_internal",),
        asset="landing_pages",
    ),
    Breakage("C3", "who publishes does not do so within the company", EFFECTIVE, "p.action = k.action\n", "false\n"),
    Breakage("C4", "roles of teams are nobody's", EFFECTIVE, "or r.id in (\n", "or false and r.id in (\n"),
    Breakage(
        "C4",
        "what is granted does not end",
        EFFECTIVE,
        "in ('grant', 'kept') and e.valid @> at",
        "in ('grant', 'kept')",
    ),
    Breakage("C4", "nothing is granted", EFFECTIVE, "e.effect in ('grant', 'kept')", "e.effect = 'none'"),
    Breakage(
        "C4", "what is denied does not end", EFFECTIVE, "e.effect = 'deny' and e.valid @> at", "e.effect = 'deny'"
    ),
    Breakage("C4", "nothing is denied", EFFECTIVE, "e.effect = 'deny' and", "e.effect = 'none' and"),
    Breakage("C4", "a part is not denied of all", EFFECTIVE, "or 'all' in (e.scope, g.scope)", ""),
    Breakage(
        "C5", "cells do not end", EFFECTIVE, "where x.valid @> at", "where true", turned="role_cell_updated", tries=()
    ),
    Breakage("C5", "built-in roles hold nothing", EFFECTIVE, "on x.role = h.builtin", "on false"),
    *(
        Breakage(
            "C8",
            f"{table} {event} changes nothing",
            statements=(f"drop trigger {table}_{event} on access.{table}",),
            turned=f"{table}_{event}",
            tries=(),
        )
        for table in FACTS
        for event in ("inserted", "updated")
        # A profile that knows of shares shows none that is over.
        if (table, event) != ("share", "updated")
    ),
    Breakage(
        "C9",
        "what is sensitive is seen with the row",
        "policies/module/sensitive.sql",
        "', 'view_sensitive')",
        "', 'view')",
    ),
)

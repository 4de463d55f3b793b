"""What a dry run costs: of moving one member, of a tree of 85 teams, of a role, and of handing over many rows.

The statements are those that the gateway sends, each within the transaction that is undone; beside them what one count
costs, as the member who moves and as one who sees all.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

import asyncpg

from benchmarks.data import Database
from benchmarks.problems import BenchmarkError
from benchmarks.report import TEMPLATES, table
from benchmarks.rls import Connection

SLUG = "bench-0"
BELOW = 84
ASSIGNED = (1_000, 5_000)
ROUNDS = 3
ACCOUNT = "(select access.account_id())"
# What is too large to count in time is refused, which is an answer, too.
TOO_MUCH = "U0413"


@dataclass(frozen=True)
class Tried:
    """A dry run: milliseconds of the change, of counting after and before it; whom it concerns, and how many rows."""

    title: str
    change: float
    after: float
    before: float
    members: int
    rows: int
    refused: str = ""

    @property
    def total(self) -> float:
        """Milliseconds of all that a dry run adds to the change."""
        return self.after + self.before


@dataclass(frozen=True)
class Found:
    """Dry runs, and counts of contacts: milliseconds by who counts."""

    counts: dict[str, float]
    tried: Sequence[Tried]


@dataclass(frozen=True)
class Case:
    """A change; what a superuser does before it, in the same transaction."""

    title: str
    statement: str
    values: tuple[object, ...]
    first: tuple[tuple[str, tuple[object, ...]], ...] = ()


async def run(database: Database, say: Callable[[str], None]) -> Found:
    """Measure; BenchmarkError where the account set is another one."""
    connection: Connection = await asyncpg.connect(database.admin_url, server_settings={"jit": "off"})
    try:
        account = await connection.fetchval("select id from access.account where slug = $1", SLUG)
        boss = await _user(connection, account, "boss")
        mover = await connection.fetchval(_MOVER, account)
        if mover is None:
            raise BenchmarkError(f"Nobody in {SLUG} sees what teams have: the account set is not this generator's.")
        counts = {
            who: await _count(connection, user)
            for who, user in (("who moves", mover), ("all", await connection.fetchval(_ALL, account)))
        }
        tried = []
        for case in await _cases(connection, account, mover):
            found = [await _try(connection, boss, case) for _ in range(ROUNDS)]
            tried.append(sorted(found, key=lambda each: each.total)[len(found) // 2])
            took = tried[-1].refused or f"{tried[-1].total:.0f} ms"
            say(f"{case.title}: {took} beside {tried[-1].change:.0f} ms of the change itself")
        return Found(counts, tried)
    finally:
        await connection.close()


_MOVER = """
select s.user_id from access_private.session_profile s
  join access_private.profile_capability c
    on c.profile = s.profile and (c.module, c.action, c.scope) = ('contacts', 'view', 'team')
 where s.account_id = $1 order by cardinality(s.team_keys) desc, s.user_id limit 1
"""
_ALL = """
select s.user_id from access_private.session_profile s
  join access_private.profile_capability c
    on c.profile = s.profile and (c.module, c.action, c.scope) = ('contacts', 'view', 'all')
 where s.account_id = $1 order by s.user_id limit 1
"""
# Rows of as many people as there are, and those of one.
_ASSIGN = """
select access.assign_many('contacts', jsonb_build_object('owner', $1::uuid), array(
  select id from crm.contacts where account_id = (select access.account_id()) order by id limit $2
), true)
"""
_ASSIGN_ALL_OF = """
select access.assign_many('contacts', jsonb_build_object('owner', $1::uuid), array(
  select id from crm.contacts where account_id = (select access.account_id()) and owner_id = $2
), true)
"""
_OWNER = """
select owner_id from crm.contacts where account_id = $1 and owner_id <> $2
 group by owner_id order by count(*) desc, owner_id limit 1
"""
# The largest team's tree, with the teams that do not stand above it, until it has as many as it shall.
_BELOW = """
insert into access.team_edge (account_id, team_id, parent_id, valid)
  select $1, t.id, $2, tstzrange(clock_timestamp(), null) from unnest($3::uuid[]) t (id)
"""
_NO_LONGER = """
update access.team_edge set valid = tstzrange(lower(valid), clock_timestamp())
 where account_id = $1 and team_id = any ($2::uuid[]) and valid @> clock_timestamp()
"""


async def _user(connection: Connection, account: UUID, name: str) -> UUID:
    found = await connection.fetchval(
        "select m.user_id from access.member m join access.app_user u on u.id = m.user_id"
        " where m.account_id = $1 and u.email = $2",
        account,
        f"{name}@{SLUG}.example",
    )
    if found is None:
        raise BenchmarkError(f"There is no {name} in {SLUG}: the account set is not this generator's.")
    return UUID(str(found))


async def _cases(connection: Connection, account: UUID, mover: UUID) -> list[Case]:
    teams = [
        row["team_id"]
        for row in await connection.fetch(
            "select ancestor_id as team_id, count(*) as below from access_private.team_closure"
            " where account_id = $1 group by 1 order by below desc, 1",
            account,
        )
    ]
    root, other, tree = teams[0], teams[1], teams[2]
    moved = teams[3 : 3 + BELOW]
    role = await connection.fetchval("select id from access.role where account_id = $1 and name = 'team'", account)
    nobody = await connection.fetchval("select id from access.role where account_id = $1 and name = 'own'", account)
    cells = json.dumps([{"module": "contacts", "action": "view", "scopes": ["all"]}])
    owner = await connection.fetchval(_OWNER, account, mover)
    owned = await connection.fetchval(
        "select count(*) from crm.contacts where account_id = $1 and owner_id = $2", account, owner
    )
    return [
        Case("move one member", f"select access.join_team({ACCOUNT}, $1, $2, true)", (mover, other)),
        Case("give one member another role", f"select access.change_role({ACCOUNT}, $1, $2)", (mover, nobody)),
        Case(
            # Out of the reach of whoever stands above it.
            f"put a tree of {len(moved) + 1} teams at the top",
            f"select access.move_team({ACCOUNT}, $1, null)",
            (tree,),
            (
                (_NO_LONGER, (account, [tree, *moved])),
                (_BELOW, (account, root, [tree])),
                (_BELOW, (account, tree, moved)),
            ),
        ),
        Case("change a role of many", f"select access.set_role_cells({ACCOUNT}, $1, $2)", (role, cells)),
        Case(f"hand over all {owned:,} contacts of one member", _ASSIGN_ALL_OF, (mover, owner)),
        *(
            Case(
                f"hand over {rows:,} contacts, each of somebody else",
                _ASSIGN,
                (mover, rows),
            )
            for rows in ASSIGNED
        ),
    ]


async def _count(connection: Connection, user: UUID) -> float:
    """Milliseconds of a count of contacts as a member."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await _enter(connection, user)
        return median([(await _timed(connection, "select count(*) from crm.contacts"))[0] for _ in range(ROUNDS)])
    finally:
        await transaction.rollback()


async def _enter(connection: Connection, user: UUID) -> None:
    await connection.execute("set local session authorization cloison_gateway")
    await connection.execute("select access.enter($1, $2)", SLUG, user)


async def _timed(connection: Connection, statement: str, *values: object) -> tuple[float, str]:
    start = time.perf_counter()
    answered = await connection.fetchval(statement, *values)
    return (time.perf_counter() - start) * 1000, str(answered)


async def _try(connection: Connection, boss: UUID, case: Case) -> Tried:
    """A dry run as the account's owner."""
    transaction = connection.transaction()
    await transaction.start()
    change = 0.0
    try:
        for statement, values in case.first:
            await connection.execute(statement, *values)
        await connection.execute("set constraints all immediate; set constraints all deferred")
        await _enter(connection, boss)
        noted, _ = await _timed(connection, "select access.begin_preview()")
        await connection.execute("savepoint before_change")
        change, _ = await _timed(connection, case.statement, *case.values)
        after, tried = await _timed(connection, "select access.preview_after()")
        await connection.execute("rollback to savepoint before_change")
        before, told = await _timed(connection, "select access.preview_before($1::jsonb)", tried)
    except asyncpg.PostgresError as error:
        if error.sqlstate != TOO_MUCH:
            raise
        return Tried(case.title, change, 0, 0, 0, 0, refused=str(json.loads(error.detail or "{}")["limit"]))
    finally:
        await transaction.rollback()
    found = json.loads(told)
    views = [total for total in found["totals"] if total["action"] == "view"]
    rows = sum(total["gained"] + total["lost"] for total in views)
    return Tried(case.title, change, noted + after, before, found["members"], rows)


def section(command: str, found: Found) -> str:
    """The section of RESULTS.md."""
    text = (TEMPLATES / "dry-runs.md").read_text(encoding="utf-8")
    lines = [
        [
            each.title,
            f"{each.change:,.0f}",
            *(
                ["refused", each.refused, "-", "-"]
                if each.refused
                else [f"{each.after:,.0f}", f"{each.before:,.0f}", f"{each.members:,}", f"{each.rows:,}"]
            ),
        ]
        for each in found.tried
    ]
    return text.format(
        command=command,
        rounds=ROUNDS,
        mover=found.counts["who moves"],
        all=found.counts["all"],
        table=table(["dry run of", "the change, ms", "after it, ms", "before it, ms", "members", "rows"], lines),
    )

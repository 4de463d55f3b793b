"""Whatever a member does with the functions of administration, it is within what he holds (C6, G1, T9).

And where he gives a set, what comes of it is, cell by cell, what G1 says.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given, note, settings, strategies as st
from hypothesis.strategies import DrawFn

from schema.registry import Scope
from tests.property.doors import Doors
from tests.property.oracle import EVERYTHING, ON_ROWS, beyond, closed, delegated
from tests.property.worlds import Shape, accounts, cells, roles
from tests.support.building import BUILTIN, Built, build
from tests.support.model import Account, Cell, World

pytestmark = pytest.mark.any_server

SHAPE = Shape("deals", 0, 4)
MODULES = ("deals", "landing_pages")
TOOLS = frozenset((tool, "configure", "all") for tool in ("users", "teams", "roles"))

# Beside what his role holds anyhow.
POWERS = [
    frozenset[Cell](),
    *(
        frozenset((module, action, scope) for module, action in ON_ROWS if module in modules)
        for modules in (MODULES, MODULES[:1])
        for scope in ("team", "all")
    ),
]

# What the functions answer to whoever asks too much, names what is not there, or contradicts what is.
REFUSALS = {"U0403", "U0404", "U0400", "U0409"}

CALLS = {
    "change_role": "access.change_role($1, $2, $3)",
    "join_team": "access.join_team($1, $2, $3, $4)",
    "leave_team": "access.leave_team($1, $2, $3)",
    "set_status": "access.set_status($1, $2, $3)",
    "set_super_admin": "access.set_super_admin($1, $2, $3)",
    "set_exception": "access.set_exception($1, $2, $3, $4, $5, $6, now() + $7::integer * interval '1 hour')",
    "create_role": "access.create_role($1, $2, $3)",
    "set_role_cells": "access.set_role_cells($1, $2, $3)",
    "attach_role_to_team": "access.attach_role_to_team($1, $2, $3)",
    "detach_role_from_team": "access.detach_role_from_team($1, $2, $3)",
    "create_team": "access.create_team($1, $2, $3)",
    "move_team": "access.move_team($1, $2, $3)",
    "delete_team": "access.delete_team($1, $2, $3)",
    "merge_teams": "access.merge_teams($1, array[$2::uuid], $3)",
    "set_main_team": "access.set_main_team($1, $2, $3)",
    "clone_role": "access.clone_role($1, $2, $3)",
    "set_role_cell": "access.set_role_cell($1, $2, $3, $4, $5)",
    "delete_role": "access.delete_role($1, $2, $3)",
    "remove_member": "access.remove_member($1, $2, $3)",
    "add_member": "access.add_member($1, $2, $3, $4, $5)",
}

# Those that give a set, to members or to a role.
SETS = ("change_role", "add_member", "delete_role", "set_role_cells", "create_role", "clone_role")

# Active members and what they hold and reach; then what everybody would hold who is deactivated now.
STATE = """
  select m.user_id, m.super_admin, m.status,
         array(select array[c.module, c.action, c.scope]
                 from access_private.effective_cells(m.account_id, m.user_id, clock_timestamp()) c) as cells,
         access_private.team_keys_of(m.account_id, m.user_id, clock_timestamp()) as keys
    from access.membership m where m.account_id = $1 and m.valid @> clock_timestamp()
"""


@dataclass(frozen=True)
class Call:
    """A function of administration, and its arguments after the account; (kind, name) stands for an id."""

    function: str
    arguments: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"{self.function}({', '.join(' '.join(a) if isinstance(a, tuple) else repr(a) for a in self.arguments)})"


@dataclass(frozen=True)
class State:
    """What a member holds, would hold if he were active, and reaches."""

    held: frozenset[Cell]
    latent: frozenset[Cell]
    keys: frozenset[UUID]
    super_admin: bool


@st.composite
def calls(draw: DrawFn, account: Account, functions: Collection[str] = CALLS) -> Call:
    """Any call of one of the functions, on what is in the account."""
    member = st.sampled_from(account.members).map(lambda found: ("user", found.user))
    role = st.sampled_from([*(name for name, _ in account.roles), *BUILTIN]).map(lambda name: ("role", name))
    team = st.sampled_from(account.teams).map(lambda found: ("team", found.name)) if account.teams else st.none()
    some_cells = roles(MODULES).map(_as_json)
    flag = st.booleans()
    hours = st.sampled_from([None, 1, 2])
    given_arguments: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
        "change_role": st.tuples(member, role),
        "join_team": st.tuples(member, team, flag),
        "leave_team": st.tuples(member, team),
        "set_status": st.tuples(member, st.sampled_from(["active", "deactivated"])),
        "set_super_admin": st.tuples(member, flag),
        "set_exception": st.builds(
            lambda who, cell, effect, end: (who, *cell, effect, end),
            member,
            cells(MODULES) | st.sampled_from(sorted(TOOLS)),
            st.sampled_from(["grant", "deny", "none"]),
            hours,
        ),
        "create_role": st.tuples(st.just("new role"), some_cells),
        "set_role_cells": st.tuples(role, some_cells),
        "attach_role_to_team": st.tuples(team, role),
        "detach_role_from_team": st.tuples(team, role),
        "create_team": st.tuples(st.just("new team"), st.none() | team),
        "move_team": st.tuples(team, st.none() | team),
        "delete_team": st.tuples(team, st.none() | team),
        "merge_teams": st.tuples(team, team),
        "set_main_team": st.tuples(member, st.none() | team),
        "clone_role": st.tuples(role, st.just("new role")),
        "set_role_cell": st.builds(
            lambda of, cell, held: (of, cell[0], cell[1], [cell[2]] if held else []), role, cells(MODULES), flag
        ),
        "delete_role": st.tuples(role, st.none() | role),
        "remove_member": st.tuples(member, st.none() | member),
        "add_member": st.tuples(st.just("new@example.com"), st.just("New"), role, st.none() | team),
    }
    function = draw(st.sampled_from(sorted(functions)))
    return Call(function, draw(given_arguments[function]))


@st.composite
def attempts(draw: DrawFn, functions: Collection[str] = CALLS, most: int = 6) -> tuple[World, str, list[Call]]:
    """An account, one of its members who administers it, and what he tries."""
    account = draw(accounts(SHAPE))
    actor = draw(st.sampled_from(account.members[1:]))
    held = draw(st.sampled_from([TOOLS, TOOLS, *({tool} for tool in sorted(TOOLS))])) | draw(st.sampled_from(POWERS))
    strengthened = tuple((name, found | held if name == actor.role else found) for name, found in account.roles)
    account = Account(account.name, account.members, account.teams, strengthened, account.team_roles, account.rows)
    return World((account,)), actor.user, draw(st.lists(calls(account, functions), min_size=1, max_size=most))


def _as_json(found: frozenset[Cell]) -> str:
    return json.dumps(
        [{"module": module, "action": action, "scopes": [scope]} for module, action, scope in sorted(found)]
    )


@settings(max_examples=250)
@given(attempt=attempts())
async def test_nobody_gains_or_loses_what_the_administering_member_does_not_hold(
    doors: Doors, counts: Counter[str], attempt: tuple[World, str, list[Call]]
) -> None:
    world, actor, tried = attempt
    built = await build(doors.admin, world)
    me = built.user(actor)
    for call in tried:
        before = await states(doors.admin, built.accounts["here"])
        answer = await carried_out(doors.gateway, built, me, call)
        note(f"{actor}: {call} -> {answer or 'done'}")
        counts["done" if not answer else "refused"] += 1
        after = await states(doors.admin, built.accounts["here"])
        if answer:
            assert answer in {*REFUSALS, "28000"}
            assert after == before
        else:
            judge(me, before, after)
    counts["accounts"] += 1
    await doors.tidy()


def judge(me: UUID, before: dict[UUID, State], after: dict[UUID, State]) -> None:
    """What changed is within what I held before, and I am not more than I was."""
    mine = before[me]
    assert any(state.super_admin and state.held for state in after.values()), "T9"
    if mine.held >= EVERYTHING:
        flags = {user for user in after if after[user].super_admin != (user in before and before[user].super_admin)}
        assert mine.super_admin or not flags, "the flag is handed on by those who have it"
        return
    assert beyond(after[me].held, mine.held) == set(), "C6: nobody raises himself"
    nothing = State(frozenset(), frozenset(), frozenset(), super_admin=False)
    for user in before.keys() | after.keys():
        was, now = before.get(user, nothing), after.get(user, nothing)
        assert now.super_admin == was.super_admin
        for old, new in ((was.held, now.held), (was.latent, now.latent)):
            assert beyond(new, old | mine.held) == set(), "G1: nobody gives what he does not hold"
            assert beyond(old, new | mine.held) == set(), "G1: nobody takes what he does not hold"
        by_team = {cell for cell in now.held if cell[2] == Scope.TEAM}
        if now.keys - was.keys - mine.keys:
            everywhere = {(module, action, "all") for module, action, _ in by_team}
            assert beyond(everywhere, was.held | mine.held) == set(), "T4: nobody gives a reach that he does not have"


async def states(admin: "asyncpg.Connection[asyncpg.Record]", account: UUID) -> dict[UUID, State]:
    now = await admin.fetch(STATE, account)
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("set local session_replication_role = replica")
    await admin.execute("update access.membership set status = 'active' where account_id = $1", account)
    latent = {row["user_id"]: row["cells"] for row in await admin.fetch(STATE, account)}
    await transaction.rollback()
    return {
        row["user_id"]: State(
            frozenset(tuple(cell) for cell in row["cells"]),
            frozenset(tuple(cell) for cell in latent[row["user_id"]]),
            frozenset(row["keys"]) if row["status"] == "active" else frozenset(),
            row["super_admin"],
        )
        for row in now
    }


async def carried_out(gateway: "asyncpg.Connection[asyncpg.Record]", built: Built, me: UUID, call: Call) -> str | None:
    """The SQLSTATE of a refusal; None when it is done and committed."""
    here = built.accounts["here"]
    arguments = [_argument(built, each) for each in call.arguments]
    try:
        async with gateway.transaction():
            await gateway.execute("select access.enter($1, $2)", built.slug("here"), me)
            await gateway.execute(f"select {CALLS[call.function]}", here, *arguments)
    except asyncpg.PostgresError as error:
        return error.sqlstate
    return None


def _argument(built: Built, value: Any) -> Any:
    if not isinstance(value, tuple):
        return f"{built.salt.hex[:12]}.{value}" if value == "new@example.com" else value
    kind, name = value
    return built.user(name) if kind == "user" else built.id(kind, "here", name)


# Cell by cell. Exceptions of these worlds end after one hour or two.
MOMENTS = ("0 min", "90 min", "1 day")
LATER = """
  select m.user_id,
         array(select array[c.module, c.action, c.scope]
                 from access_private.latent_cells(m.account_id, m.user_id, clock_timestamp() + $2::text::interval) c
                where c.scope <> 'shared') as cells
    from access.membership m where m.account_id = $1 and m.valid @> clock_timestamp()
"""
ROLES = """
  select r.id, access_private.role_cells(r.account_id, r.id) as cells
    from access.role r where r.account_id = $1 and r.deleted_at is null
"""
Sets = dict[UUID, set[Cell]]


@dataclass(frozen=True)
class Cells:
    """What members hold at each of the moments, active or not, and what roles hold now."""

    members: tuple[Sets, ...]
    roles: Sets


@settings(max_examples=50)
@given(attempt=attempts(SETS, 3), by_root=st.lists(st.booleans(), min_size=3, max_size=3))
async def test_a_set_is_given_cell_by_cell_as_g1_says(
    doors: Doors, counts: Counter[str], attempt: tuple[World, str, list[Call]], by_root: list[bool]
) -> None:
    """G1: the new cell is what is set and the actor holds, joined with the old one where he does not hold it.

    What is set, is what comes of the same call by somebody who holds everything.
    """
    world, actor, tried = attempt
    built = await build(doors.admin, world)
    here = built.accounts["here"]
    after = await cells_now(doors.admin, here)
    for call, root in zip(tried, by_root, strict=False):
        me, before = built.user("root" if root else actor), after
        asked = await unbound(doors.admin, built, call)
        if (await carried_out(doors.gateway, built, me, call)) is not None:
            assert await cells_now(doors.admin, here) == before
            counts["refused"] += 1
            continue
        assert asked is not None
        after = await cells_now(doors.admin, here)
        held = set(EVERYTHING) if root else for_good(before, me)
        for was, wanted, now in zip(before.members, asked.members, after.members, strict=True):
            for user in now:
                # Who is new has another id each time.
                given = wanted[user] if user in was else next(wanted[new] for new in wanted.keys() - was.keys())
                assert reduced(now[user]) == reduced(closed(delegated(given, was.get(user, set()), held))), user
                counts["verdicts"] += 1
        for role, found in after.roles.items():
            given = (
                asked.roles[role]
                if role in before.roles
                else next(asked.roles[new] for new in asked.roles.keys() - before.roles.keys())
            )
            assert reduced(found) == reduced(delegated(given, before.roles.get(role, set()), held)), role
            counts["verdicts"] += 1
        counts["cut"] += after.members != asked.members
    await doors.tidy()


def reduced(cells_of: Iterable[Cell]) -> set[Cell]:
    """Without what `all` covers; an action without scopes is held or not."""
    plain = {(module, action, scope if ON_ROWS[module, action] else "all") for module, action, scope in cells_of}
    return {cell for cell in plain if cell[2] == "all" or (*cell[:2], "all") not in plain}


def for_good(before: Cells, me: UUID) -> set[Cell]:
    """What I hold at each of the moments."""
    times = [sets[me] for sets in before.members]
    return {cell for cell in times[0] if not any(beyond([cell], held) for held in times)}


async def cells_now(admin: "asyncpg.Connection[asyncpg.Record]", account: UUID) -> Cells:
    members = [
        {row["user_id"]: {tuple(cell) for cell in row["cells"]} for row in await admin.fetch(LATER, account, moment)}
        for moment in MOMENTS
    ]
    roles_of = await admin.fetch(ROLES, account)
    return Cells(tuple(members), {row["id"]: {tuple(cell.split(":")) for cell in row["cells"]} for row in roles_of})


async def unbound(admin: "asyncpg.Connection[asyncpg.Record]", built: Built, call: Call) -> Cells | None:
    """What comes of a call that nothing binds, and which is undone; None where it is refused all the same."""
    here = built.accounts["here"]
    transaction = admin.transaction()
    await transaction.start()
    try:
        arguments = [_argument(built, each) for each in call.arguments]
        await admin.execute(f"select {CALLS[call.function]}", here, *arguments)
        return await cells_now(admin, here)
    except asyncpg.PostgresError:
        return None
    finally:
        await transaction.rollback()

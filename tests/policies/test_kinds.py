"""Section 4, P1: what accounts of some kinds alone have, nobody holds elsewhere, and nobody is given."""

from typing import Any

import pytest

from schema.modules import REGISTRY
from tests.policies.conftest import Play
from tests.support.model import Account, Exempt, Member

pytestmark = pytest.mark.any_server

EMPLOYEES = {("partner_employees", "view"), ("partner_employees", "update")}
MANAGES = frozenset((*cell, "all") for cell in EMPLOYEES)
ADMIN = frozenset({("roles", "configure", "all"), ("users", "configure", "all")})
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("owner", "Owner"),
        Member("manager", "manager"),
        Member("granted", "nothing", exceptions=tuple(Exempt("grant", cell) for cell in sorted(MANAGES))),
        Member("nobody", "nothing"),
        Member("admin", "admin"),
    ),
    roles=(
        ("manager", MANAGES | {("deals", "view", "all")}),
        ("nothing", frozenset()),
        ("admin", ADMIN | MANAGES),
    ),
)
OPERATORS = Account("operators", (Member("olaf", "Member"), Member("root", "Owner", super_admin=True)))
HELD = "select module, action from crm.capabilities where module = 'partner_employees'"
CELLS = "select module, action from crm.role_cells where role_id = $1 and module = 'partner_employees'"
KIND = "select access.set_account($1, $2)"
EMPLOYEES_JSON = '[{"module": "partner_employees", "action": "view"}]'


async def begin(play: Play, kind: str = "customer") -> None:
    await play.begin(OFFICE, OPERATORS)
    await play.admin.execute(KIND, play.built.slug("office"), kind)


async def held(play: Play) -> dict[str, set[tuple[str, str]]]:
    """Who holds what of it, in SQL; as GraphQL tells it too."""
    found = {}
    for member in OFFICE.members:
        async with play.acting(member.user) as connection:
            found[member.user] = {(row["module"], row["action"]) for row in await connection.fetch(HELD)}
        data, _ = await play.answers(member.user, "{ viewer { capabilities { module actions { action } } } }")
        told = {
            (each["module"], action["action"])
            for each in data["viewer"]["capabilities"]
            for action in each["actions"]
            if each["module"] == "partner_employees"
        }
        assert told == found[member.user]
    return found


NOBODY: dict[str, set[tuple[str, str]]] = {member.user: set() for member in OFFICE.members}
PARTNERS = {**NOBODY, **dict.fromkeys(("root", "owner", "manager", "granted", "admin"), EMPLOYEES)}


@pytest.mark.parametrize("kind", ["solutions_partner", "provider"])
async def test_profiles_follow_the_kind_at_once(play: Play, kind: str) -> None:
    """Cells stay, and come into force again."""
    await begin(play)
    assert await held(play) == NOBODY
    slug = play.built.slug("office")
    for given, expected in ((kind, PARTNERS), ("customer", NOBODY), (kind, PARTNERS)):
        await play.admin.execute(KIND, slug, given)
        assert await held(play) == expected
        # It is a change of this account alone.
        async with play.acting("root", "operators") as connection:
            assert await connection.fetch(HELD) == []


async def test_an_operator_changes_the_kind_by_mutation(play: Play) -> None:
    """He is bound by nothing that he holds himself, and that is nothing."""
    await play.begin(OPERATORS, OFFICE)
    email = await play.admin.fetchval("select email from access.app_user where id = $1", play.built.user("olaf"))
    await play.admin.execute("select access.add_operator($1)", email)
    slug = play.built.slug("office")
    assert await play.commits("olaf", KIND, slug, "provider") == "done"
    async with play.acting("owner", "office") as connection:
        assert {(row["module"], row["action"]) for row in await connection.fetch(HELD)} == EMPLOYEES
    text = "mutation ($input: SetAccountInput!) { setAccount(input: $input) { kind } }"
    data, refused = await play.answers("olaf", text, {"input": {"slug": slug, "kind": "CUSTOMER"}})
    assert (data["setAccount"]["kind"], refused) == ("CUSTOMER", {})


GIVEN: dict[str, tuple[str, tuple[Any, ...]]] = {
    "create_role": ("select access.create_role($1, 'new', $2::jsonb)", (EMPLOYEES_JSON,)),
    "set_role_cells": ("select access.set_role_cells($1, $2, $3::jsonb)", ("role nothing", EMPLOYEES_JSON)),
    "set_role_cell": ("select access.set_role_cell($1, $2, 'partner_employees', 'view')", ("role nothing",)),
    "switch_role_cells": ("select access.switch_role_cells($1, $2, $3::jsonb)", ("role nothing", EMPLOYEES_JSON)),
    "grant": (
        "select access.set_exception($1, $2, 'partner_employees', 'view', 'all', 'grant')",
        ("user nobody",),
    ),
    "deny": (
        "select access.set_exception($1, $2, 'partner_employees', 'view', 'all', 'deny')",
        ("user nobody",),
    ),
}


@pytest.mark.parametrize("call", GIVEN)
async def test_nobody_is_given_it_where_it_is_not(play: Play, call: str) -> None:
    """Not by a super admin; who administers without it lacks it. The same is done in a partner's account."""
    text, values = GIVEN[call]
    for kind, by_root, by_admin in (("customer", "U0400", {"U0400", "U0403"}), ("provider", "done", {"done"})):
        await begin(play, kind)
        known = {"role nothing": play.role("nothing"), "user nobody": play.built.user("nobody")}
        given = [known.get(value, value) for value in values]
        assert await play.done("root", text, play.account, *given) == by_root
        assert await play.done("admin", text, play.account, *given) in by_admin


async def test_what_is_there_is_kept_and_not_shown(play: Play) -> None:
    """By who sets the other cells, and by who copies the role: a copy begins without."""
    await begin(play)
    role, slug = play.role("manager"), play.built.slug("office")
    sets = "select access.set_role_cells($1, $2, $3::jsonb)"
    tasks = '[{"module": "tasks", "action": "create"}]'
    for who in ("root", "admin"):
        assert await play.commits(who, sets, play.account, role, tasks if who == "root" else "[]") == "done"
        async with play.acting("root") as connection:
            assert await connection.fetch(CELLS, role) == []
            assert await connection.fetch(CELLS, play.role("Owner")) == []
    assert await play.commits("root", "select access.clone_role($1, $2, 'copy')", play.account, role) == "done"
    assert await play.commits("root", "select access.rename_role($1, $2, 'renamed')", play.account, role) == "done"
    await play.admin.execute(KIND, slug, "solutions_partner")
    async with play.acting("root") as connection:
        assert {tuple(row) for row in await connection.fetch(CELLS, role)} == EMPLOYEES
        copy = await connection.fetchval("select id from crm.roles where name = 'copy'")
        assert await connection.fetch(CELLS, copy) == []
    assert (await held(play))["manager"] == EMPLOYEES
    # What is left of it can be ended, and who has it be given something else.
    await play.admin.execute(KIND, slug, "customer")
    ends = "select access.set_exception($1, $2, 'partner_employees', 'view', 'all', 'none')"
    assert await play.commits("root", ends, play.account, play.built.user("granted")) == "done"
    change = "select access.change_role($1, $2, $3)"
    for user in ("manager", "owner"):
        given = play.account, play.built.user(user), play.role("nothing")
        assert await play.commits("root", change, *given) == "done"
    deletes = "select access.delete_role($1, $2)"
    assert await play.commits("root", deletes, play.account, role) == "done"


async def test_super_admins_hold_everything_that_there_is(play: Play) -> None:
    """What is not there takes nothing from them: they administer whoever holds all the rest."""
    await begin(play)
    for module, action, _ in REGISTRY.catalogue():
        async with play.acting("root") as connection:
            there = await connection.fetchval(
                "select count(*) from crm.capabilities where (module, action) = ($1, $2)", module, action
            )
        assert there == int((module, action) not in EMPLOYEES)
    away = "select access.set_status($1, $2, 'deactivated')"
    assert await play.done("root", away, play.account, play.built.user("owner")) == "done"
    assert await play.done("admin", away, play.account, play.built.user("owner")) == "U0403"


async def test_without_the_rule_customers_have_it(play: Play) -> None:
    """Sabotage."""
    await begin(play)
    source = await play.admin.fetchval("select pg_get_functiondef('access_private.absent_from(uuid)'::regprocedure)")
    await play.admin.execute(source.replace("(its_kind = any (t.kinds)) is not true", "false"))
    try:
        await play.admin.execute("select access_private.refresh($1)", play.account)
        with pytest.raises(AssertionError):
            assert await held(play) == NOBODY
    finally:
        await play.admin.execute(source)
        await play.admin.execute("select access_private.refresh($1)", play.account)
    assert await held(play) == NOBODY

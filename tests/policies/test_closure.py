"""C2, C4: what holding one thing brings with it, and what it does not."""

import pytest

from schema.modules import REGISTRY
from schema.roles import BUILTIN_ROLES
from tests.policies.conftest import Play
from tests.support.model import Account, Exempt, Member

pytestmark = pytest.mark.any_server

ROOT = Member("root", "Owner", super_admin=True)
# P1: what is for partners' accounts is not there.
FOR_PARTNERS = {tool.name for tool in REGISTRY.tools if tool.kinds}
CAPABILITIES = [cell for cell in REGISTRY.catalogue() if cell[0] not in FOR_PARTNERS]
# C3: what is limited to a destination is part of what is not.
PARTS = {(module, wider): narrower for module, wider, narrower in REGISTRY.parts}
SCOPES = ("created", "owned", "team", "unassigned", "all")

Held = dict[tuple[str, str], list[str]]


async def held(play: Play, user: str) -> Held:
    async with play.acting(user) as connection:
        found = await connection.fetch("select module, action, scopes from crm.capabilities")
    return {(row["module"], row["action"]): sorted(row["scopes"]) for row in found}


def name(module: str, action: str, scope: str) -> str:
    return f"{module} {action} {scope}"


async def test_each_capability_brings_view_of_the_same_rows_and_nothing_else(play: Play) -> None:
    """C2: every action on rows implies view on the same scope, configure implies view of its tool, if there is any."""
    cells = [
        (module, action, scope)
        for module, action, on_rows in CAPABILITIES
        for scope in (SCOPES if on_rows else ("all",))
    ]
    await play.begin(
        Account(
            "office",
            (ROOT, *(Member(name(*cell), name(*cell)) for cell in cells)),
            roles=tuple((name(*cell), frozenset({cell})) for cell in cells),
        )
    )
    on_rows = {(module, action): scoped for module, action, scoped in CAPABILITIES}
    for module, action, scope in cells:
        expected: Held = {(module, action): [scope]}
        if on_rows[module, action] or (action == "configure" and (module, "view") in on_rows):
            expected[module, "view"] = [scope]
        if (module, action) in PARTS:
            expected[module, PARTS[module, action]] = [scope]
        assert await held(play, name(module, action, scope)) == expected


async def test_scopes_add_up_and_all_covers_them(play: Play) -> None:
    """C1, C4."""
    await play.begin(
        Account(
            "office",
            (
                ROOT,
                Member("two", "two"),
                Member("whole", "two", exceptions=(Exempt("grant", ("deals", "update", "all")),)),
                Member("viewer", "view", exceptions=(Exempt("grant", ("deals", "update", "owned")),)),
            ),
            roles=(
                ("two", frozenset({("deals", "update", "owned"), ("deals", "update", "created")})),
                ("view", frozenset({("deals", "view", "team")})),
            ),
        )
    )
    assert await held(play, "two") == {
        ("deals", "update"): ["created", "owned"],
        ("deals", "view"): ["created", "owned"],
    }
    assert await held(play, "whole") == {("deals", "update"): ["all"], ("deals", "view"): ["all"]}
    assert await held(play, "viewer") == {("deals", "update"): ["owned"], ("deals", "view"): ["owned", "team"]}


@pytest.mark.parametrize("role", ["Owner", *BUILTIN_ROLES])
async def test_a_built_in_role_is_not_changed(play: Play, role: str) -> None:
    """C5: it can be cloned."""
    await play.begin(Account("office", (ROOT,)))
    assert (
        await play.done("root", "select access.set_role_cells($1, $2, '[]')", play.account, play.role(role)) == "U0400"
    )


async def test_owner_and_super_admin_hold_everything_there_is(play: Play) -> None:
    """T7, T8."""
    await play.begin(
        Account(
            "office",
            (
                ROOT,
                Member("owner", "Owner"),
                Member("flagged", "Member", super_admin=True),
                Member("member", "Member"),
            ),
        )
    )
    everything = {(module, action): ["all"] for module, action, _ in CAPABILITIES}
    assert await held(play, "owner") == everything
    assert await held(play, "flagged") == everything
    assert await held(play, "member") != everything

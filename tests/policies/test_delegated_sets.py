"""G1 through GraphQL: of a set one gives what one holds; what one lacks stays as it was; and it is said."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from resolvers.session import Database
from tests.policies.conftest import Play
from tests.policies.desks import DEAL, OFFICE, REPORT, Desk

pytestmark = pytest.mark.any_server


@pytest.fixture
async def desk(play: Play) -> AsyncIterator[Desk]:
    await play.begin(OFFICE)
    async with Database.connected(play.database.gateway_dsn) as pool:
        yield Desk(play, pool)


# G1: an admin without Reports gives no Reports with a set that has them, and takes none from who already has them.

BOTH = "withheld { module action scopes } kept { module action scopes }"
OF_MEMBER = "member { exceptions { module action scope effect } } " + BOTH
OF_ROLE = "role { cells { module action scopes } } withheld { module action scopes }"
NO_REPORTS = [{"module": "reports", "action": "view", "scope": "team", "effect": "WITHHELD"}]
REPORTS_STAY = [{"module": "reports", "action": "view", "scope": "team", "effect": "KEPT"}]
CELLS = [{"module": "deals", "action": action, "scopes": ["team"]} for action in ("update", "view")]


async def capabilities(desk: Desk, who: str) -> set[str]:
    """What somebody holds, as module.action.scope."""
    data, _ = await desk.ask(who, "{ viewer { capabilities { module actions { action scopes } } } }")
    return {
        f"{each['module']}.{action['action']}.{scope}"
        for each in data["viewer"]["capabilities"]
        for action in each["actions"]
        for scope in action["scopes"]
    }


async def test_a_role_with_reports_gives_none_by_who_has_none(desk: Desk) -> None:
    """G1: S and H; told in the payload, and kept as an exception."""
    seller, reporter = desk.id("Member", "seller"), desk.id("Role", "reporter")
    found, said = await desk.do("admin", "changeRole", OF_MEMBER, memberId=seller, roleId=reporter)
    assert said == ""
    assert found == {"member": {"exceptions": NO_REPORTS}, "withheld": [REPORT], "kept": []}
    assert await capabilities(desk, "seller") == {"deals.view.team", "deals.update.team"}

    # Who holds them gives them with the same role.
    found, _ = await desk.do("root", "changeRole", OF_MEMBER, memberId=seller, roleId=reporter)
    assert found == {"member": {"exceptions": []}, "withheld": [], "kept": []}
    assert await capabilities(desk, "seller") == {"deals.view.team", "deals.update.team", "reports.view.team"}


async def test_a_retry_is_told_again_what_was_withheld(desk: Desk) -> None:
    """With the same key: no row says it, so it is kept with what was made."""
    wish = {"name": "New", "cells": [DEAL, REPORT], "idempotencyKey": "once"}
    found, said = await desk.do("admin", "createRole", f"role {{ id }} {OF_ROLE}", **wish)
    assert (said, found["withheld"]) == ("", [REPORT])
    assert await desk.do("admin", "createRole", f"role {{ id }} {OF_ROLE}", **wish) == (found, "")


async def test_a_role_without_reports_takes_none_by_who_has_none(desk: Desk) -> None:
    """G1: joined with O where H does not cover O."""
    reporter = desk.id("Member", "reporter")
    for role in ("nothing", "seller", "nothing"):
        found, said = await desk.do("admin", "changeRole", OF_MEMBER, memberId=reporter, roleId=desk.id("Role", role))
        assert said == ""
        assert found == {"member": {"exceptions": REPORTS_STAY}, "withheld": [], "kept": [REPORT]}
    assert await capabilities(desk, "reporter") == {"reports.view.team"}

    await desk.do("root", "changeRole", memberId=reporter, roleId=desk.id("Role", "nothing"))
    assert await capabilities(desk, "reporter") == set()


async def test_an_exception_that_somebody_set_stays(desk: Desk) -> None:
    """C4: rights per person; by who holds them, too."""
    gifted = desk.id("Member", "gifted")
    set_by_hand = [{"module": "reports", "action": "view", "scope": "team", "effect": "GRANT"}]
    for who in ("admin", "root"):
        given = {"memberId": gifted, "roleId": desk.id("Role", "nothing")}
        found, _ = await desk.do(who, "changeRole", OF_MEMBER, **given)
        assert found == {"member": {"exceptions": set_by_hand}, "withheld": [], "kept": []}
    assert await capabilities(desk, "gifted") == {"reports.view.team"}


async def test_team_does_not_give_all(desk: Desk) -> None:
    """G1."""
    wide, _ = await desk.do(
        "root",
        "createRole",
        "role { id }",
        name="Wide",
        cells=[{**DEAL, "scopes": ["all"]}, {**REPORT, "scopes": ["all"]}],
    )
    given = {"email": f"x.{desk.play.built.salt.hex}@office.example", "roleId": wide["role"]["id"]}
    found, said = await desk.do(
        "admin", "addMember", "member { id exceptions { module scope effect } } " + BOTH.partition("kept")[0], **given
    )
    assert said == ""
    assert found["withheld"] == [{**DEAL, "scopes": ["all"]}, {**REPORT, "scopes": ["all"]}]
    assert found["member"]["exceptions"] == [
        {"module": "deals", "scope": "all", "effect": "WITHHELD"},
        {"module": "deals", "scope": "team", "effect": "KEPT"},
        {"module": "reports", "scope": "all", "effect": "WITHHELD"},
    ]
    cells = await desk.play.admin.fetch(
        "select c.module, c.action, c.scope from access_private.effective_cells($1, $2, clock_timestamp()) c",
        desk.play.account,
        UUID(found["member"]["id"].partition(":")[2]),
    )
    assert [tuple(cell) for cell in cells] == [("deals", "view", "team")]


async def test_roles_get_of_a_set_what_one_holds(desk: Desk) -> None:
    """C6, G1: of what one makes, copies and sets; and what a role has and one lacks stays."""
    ends = {
        "create": await desk.do("admin", "createRole", OF_ROLE, name="x", cells=[DEAL, REPORT]),
        "clone": await desk.do("admin", "cloneRole", OF_ROLE, roleId=desk.id("Role", "reporter"), name="y"),
        "matrix": await desk.do(
            "admin", "setRoleCells", OF_ROLE, roleId=desk.id("Role", "seller"), cells=[*CELLS, REPORT]
        ),
        "some": await desk.do("admin", "switchRoleCells", OF_ROLE, roleId=desk.id("Role", "seller"), cells=[REPORT]),
    }
    assert {way: said for way, (_, said) in ends.items()} == dict.fromkeys(ends, "")
    held = {way: found["role"]["cells"] for way, (found, _) in ends.items()}
    assert held == {"create": [DEAL], "clone": CELLS, "matrix": CELLS, "some": CELLS}
    assert all(found["withheld"] == [REPORT] for found, _ in ends.values())

    for name, cells in (
        ("setRoleCells", [DEAL]),
        ("switchRoleCells", [{**REPORT, "scopes": []}, {**CELLS[0], "scopes": []}]),
    ):
        found, said = await desk.do(
            "admin", name, "role { cells { module } } kept { module }", roleId=desk.id("Role", "reporter"), cells=cells
        )
        assert said == ""
        assert found == {
            "role": {"cells": [{"module": "deals"}, {"module": "reports"}]},
            "kept": [{"module": "reports"}],
        }


async def test_a_successor_is_given_by_the_same_rule(desk: Desk) -> None:
    """C5, G1: to each member who had the role."""
    given = {"roleId": desk.id("Role", "seller"), "successorId": desk.id("Role", "reporter")}
    found, said = await desk.do("admin", "deleteRole", "successor { name } " + BOTH, **given)
    assert (found, said) == ({"successor": {"name": "reporter"}, "withheld": [REPORT], "kept": []}, "")
    assert await capabilities(desk, "seller") == {"deals.view.team", "deals.update.team"}
    # Set by hand, it is not the role's.
    assert await capabilities(desk, "gifted") == {"deals.view.team", "deals.update.team", "reports.view.team"}


async def test_one_switch_and_what_is_not_a_set_are_refused(desk: Desk) -> None:
    """A2: what is not done as it is asked for says what is missing."""
    role, seller = desk.id("Role", "seller"), desk.id("Member", "seller")
    reporter, gifted = desk.id("Role", "reporter"), desk.id("Member", "gifted")
    report = {"module": "reports", "action": "view"}
    ends = {
        "switch on": await desk.do("admin", "setRoleCell", roleId=role, **report, scopes=["team"]),
        "switch off": await desk.do("admin", "setRoleCell", roleId=reporter, **report, scopes=[]),
        "grant": await desk.do("admin", "setException", memberId=seller, **report, scope="team", effect="GRANT"),
        "end": await desk.do("admin", "setException", memberId=gifted, **report, scope="team", effect="NONE"),
        "deny": await desk.do("admin", "setException", memberId=gifted, **report, scope="team", effect="DENY"),
        "attach": await desk.do("admin", "attachRoleToTeam", teamId=desk.id("Team", "north"), roleId=reporter),
        "delete": await desk.do("admin", "deleteRole", roleId=reporter, successorId=role),
        "remove": await desk.do("admin", "removeMember", memberId=gifted),
        "deactivate": await desk.do("admin", "deactivateMember", memberId=gifted),
    }
    assert ends == dict.fromkeys(ends, (None, "FORBIDDEN reports"))
    # Who holds them does all of it.
    assert (await desk.do("root", "setRoleCell", roleId=role, **report, scopes=["team"]))[1] == ""
    assert (await desk.do("root", "removeMember", memberId=gifted))[1] == ""


@pytest.mark.parametrize("effect", ["KEPT", "WITHHELD"])
async def test_what_g1_leaves_behind_is_not_set_by_hand(desk: Desk, effect: str) -> None:
    given = {"memberId": desk.id("Member", "seller"), "module": "deals", "action": "view", "scope": "team"}
    for who in ("admin", "root"):
        assert (await desk.do(who, "setException", effect=effect, **given))[1] == "BAD_USER_INPUT"


async def test_everything_is_no_set(desk: Desk) -> None:
    """C6, T8: of owners and super admins exceptions take nothing, so who holds less gives and changes no such role."""
    for member, role in (("seller", "Owner"), ("root", "nothing")):
        given = {"memberId": desk.id("Member", member), "roleId": desk.id("Role", role)}
        assert (await desk.do("admin", "changeRole", **given))[1].startswith("FORBIDDEN")
    given = {"memberId": desk.id("Member", "seller"), "roleId": desk.id("Role", "Owner")}
    assert (await desk.do("root", "changeRole", **given))[1] == ""


async def test_without_the_formula_more_is_given_than_one_holds(desk: Desk) -> None:
    """Sabotage: the net beneath refuses what the formula would not have cut."""
    name = "access_private.delegated(text[], text[], text[])"
    source = await desk.play.admin.fetchval("select pg_get_functiondef($1::text::regprocedure)", name)
    await desk.play.admin.execute(
        "create or replace function access_private.delegated(asked text[], had text[], held text[]) returns text[]"
        " language sql immutable set search_path = pg_catalog, pg_temp return asked"
    )
    try:
        given = {"memberId": desk.id("Member", "seller"), "roleId": desk.id("Role", "reporter")}
        assert await desk.do("admin", "changeRole", **given) == (None, "FORBIDDEN reports")
        taken = {"memberId": desk.id("Member", "reporter"), "roleId": desk.id("Role", "nothing")}
        assert await desk.do("admin", "changeRole", **taken) == (None, "FORBIDDEN reports")
    finally:
        await desk.play.admin.execute(source)
    assert (await desk.do("admin", "changeRole", **given))[1] == ""

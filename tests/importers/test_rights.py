"""An import is the importing member's: whatever the member may not do, it does not do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from importers import ImportFailed
from resolvers.errors import Unauthenticated
from tests.importers.conftest import Account, make_account

pytestmark = pytest.mark.any_server

Files = Callable[..., Path]


def mapping(**changes: Any) -> dict[str, Any]:
    rows = {"module": "deals", "source": "deals", "key": "id", "owner": "owner", "columns": {"name": "name"}}
    return {"version": 1, "name": "trial", "sources": {"deals": {"file": "deals.csv"}}, "rows": [rows]} | changes


def cells(**actions: list[str]) -> list[dict[str, object]]:
    return [{"module": "deals", "action": action, "scopes": scopes} for action, scopes in actions.items()]


ALL = {"view": ["team"], "create": [], "import": [], "assign": ["team"]}


async def hire(account: Account, name: str, team: str | None, **actions: list[str]) -> UUID:
    """A member with a role of his own, in a team that is made where there is none."""
    async with account.operator() as operator:
        role = await operator.fetchval(
            "select access.create_role($1, $2, $3)", account.id, f"role of {name}", json.dumps(cells(**actions))
        )
        at = None
        if team is not None:
            known = "select id from access.team where account_id = $1 and name = $2"
            at = await operator.fetchval(known, account.id, team)
            at = at or await operator.fetchval("select access.create_team($1, $2)", account.id, team)
        user: UUID = await operator.fetchval(
            "select access.add_member($1, $2, $3, $4, $5)", account.id, f"{name}@firm.example", name, role, at
        )
    return user


async def test_rows_are_created_by_the_importing_member(account: Account, files: Files) -> None:
    lead = await hire(account, "lead", "North", **ALL)
    summary = await account.bring(mapping(), files(deals="id,name,owner\nd1,A,lead@firm.example\n"), user=lead)

    assert summary.rows["deals"].inserted == 1
    async with account.operator() as operator:
        row = await operator.fetchrow("select created_by, owner_id, account_id from crm.deals")
    assert row is not None
    assert tuple(row) == (lead, lead, account.id)


async def test_who_may_not_import_imports_nothing(account: Account, files: Files) -> None:
    agent = await hire(account, "agent", "North", view=["team"], create=[], assign=["team"])
    data = files(deals="id,name,owner\nd1,A,agent@firm.example\n")

    with pytest.raises(ImportFailed, match="may not import deals"):
        await account.bring(mapping(), data, user=agent)

    assert (await account.bring(mapping(), data)).rows["deals"].inserted == 1, "the same lines go in as the owner"


async def test_who_may_import_but_not_create_imports_nothing(account: Account, files: Files) -> None:
    clerk = await hire(account, "clerk", "North", **{action: ALL[action] for action in ALL if action != "create"})
    with pytest.raises(ImportFailed, match="may not create deals"):
        await account.bring(mapping(), files(deals="id,name,owner\nd1,A,\n"), user=clerk)
    async with account.operator() as operator:
        assert await operator.fetchval("select count(*) from access.import_key") == 0


async def test_lines_beyond_the_members_reach_are_refused_one_by_one(account: Account, files: Files) -> None:
    lead = await hire(account, "lead", "North", **ALL)
    await hire(account, "mate", "North", **ALL)
    await hire(account, "stranger", "South", **ALL)
    lines = [f"d{number},Deal {number},mate@firm.example" for number in range(40)]
    lines[7] = "d7,Deal 7,stranger@firm.example"
    lines[23] = "d23,Deal 23,"

    summary = await account.bring(mapping(), files(deals="\n".join(["id,name,owner", *lines])), user=lead)

    assert summary.rows["deals"].inserted == 38
    assert [(refusal.line, refusal.reason) for refusal in summary.refusals] == [
        (9, "owner 'stranger@firm.example' is not a member"),
        (25, "you may not assign here (deals, assign)"),
    ]


async def test_a_mapping_cannot_give_more_than_the_member_holds(account: Account, files: Files) -> None:
    lead = await hire(account, "lead", "North", **ALL)
    roles = [{"name": "King", "capabilities": [{"modules": ["deals"], "actions": ["view"], "scopes": ["all"]}]}]

    with pytest.raises(ImportFailed, match="You may not configure here"):
        await account.bring(mapping(roles=roles), files(deals="id,name,owner\nd1,A,\n"), user=lead)

    async with account.operator() as operator:
        assert await operator.fetchval("select count(*) from crm.deals") == 0


async def test_a_member_of_another_account_imports_nothing_here(account: Account, files: Files) -> None:
    other = await make_account(account.database, "other")
    with pytest.raises(Unauthenticated):
        await account.bring(mapping(), files(deals="id,name,owner\nd1,A,\n"), user=other.owner)


async def test_keys_of_another_account_are_not_found(account: Account, files: Files) -> None:
    data = files(deals="id,name,owner\nd1,A,\n")
    other = await make_account(account.database, "other")
    assert (await other.bring(mapping(), data)).rows["deals"].inserted == 1
    assert (await account.bring(mapping(), data)).rows["deals"].inserted == 1


async def test_an_owner_who_left_is_refused_or_kept_but_never_exchanged(account: Account, files: Files) -> None:
    former = await hire(account, "former", "North", **ALL)
    data = files(deals="id,name,owner\nd1,A,former@firm.example\n")
    async with account.operator() as operator:
        await operator.execute("select access.set_status($1, $2, 'deactivated')", account.id, former)

    await account.bring(mapping(), data)

    async with account.operator() as operator:
        assert await operator.fetchval("select count(*) from crm.deals where owner_id is distinct from $1", former) == 0

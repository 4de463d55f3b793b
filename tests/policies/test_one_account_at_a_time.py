"""T2: a user is global, a membership is not; a request acts in exactly one account."""

import asyncpg
import pytest

from schema.modules import REGISTRY
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team, World
from tests.support.sql import seen

pytestmark = pytest.mark.any_server

MODULES = REGISTRY.modules


def rows(account: str) -> tuple[Row, ...]:
    return tuple(Row(f"{module.name} of {account}", module.name, "ana", "ana", open=True) for module in MODULES)


FIRST = Account(
    "first",
    (Member("ana", "Owner", super_admin=True), Member("ben", "agent", "north")),
    (Team("north"),),
    (("agent", every("view", "all")),),
    rows=rows("first"),
)
SECOND = Account(
    "second",
    (Member("ana", "agent", "south"), Member("rita", "Owner", super_admin=True)),
    (Team("south"),),
    (("agent", every("view update", "owned")),),
    rows=rows("second"),
)


@pytest.mark.parametrize("account", ["first", "second"])
async def test_rows_of_the_account_that_is_named_and_no_others(play: Play, account: str) -> None:
    await play.begin(FIRST, SECOND)
    async with play.acting("ana", account) as connection:
        found = {row for _, action, row in await seen(connection, MODULES) if action == "view"}
    assert found == {play.built.row(account, f"{module.name} of {account}") for module in MODULES}


async def test_rights_of_one_account_are_none_in_the_other(play: Play) -> None:
    """An owner here is an agent there."""
    await play.begin(FIRST, SECOND)
    mine, theirs = (play.built.row(account, f"deals of {account}") for account in ("first", "second"))
    for account, row, can_delete in (
        ("first", mine, 1),
        ("second", theirs, 0),
        ("first", theirs, 0),
        ("second", mine, 0),
    ):
        async with play.acting("ana", account) as connection:
            assert await connection.execute("delete from crm.deals where id = $1", row) == f"DELETE {can_delete}"


async def test_who_is_in_one_account_does_not_enter_another(play: Play) -> None:
    await play.begin(FIRST, SECOND)
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        async with play.acting("ben", "second"):
            pass


async def test_deactivated_in_one_account_is_active_in_the_other(play: Play) -> None:
    await play.begin(FIRST, SECOND)
    second = play.built.accounts["second"]
    await play.admin.execute("select access.set_status($1, $2, 'deactivated')", second, play.built.user("ana"))

    assert len(await play.sees("ana", "deals")) == 1
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        async with play.acting("ana", "second"):
            pass


async def test_an_analysts_login_is_of_one_account(play: Play) -> None:
    await play.begin(FIRST, SECOND)
    for account in ("first", "second"):
        login = await play.admin.fetchrow(
            "select login, password from access.create_analyst($1, $2)",
            play.built.accounts[account],
            play.built.user("ana"),
        )
        assert login is not None
        connection = await asyncpg.connect(play.database.login_dsn(login["login"], login["password"]))
        found = {row for _, action, row in await seen(connection, MODULES, analyst=True) if action == "view"}
        await connection.close()
        assert found == {play.built.row(account, f"{module.name} of {account}") for module in MODULES}


async def test_nothing_says_that_a_colleague_has_another_account(play: Play) -> None:
    """T1: people, teams and the viewer are those of the account that is named."""
    await play.begin(FIRST, SECOND)
    queries = {
        "select id from crm.people": {play.built.user("ana"), play.built.user("ben")},
        "select id from crm.teams": {play.team("north")},
        "select account_id from crm.viewer": {play.account},
        "select id from access.account": {play.account},
        "select user_id from access.member": {play.built.user("ana"), play.built.user("ben")},
        "select id from access.app_user": {play.built.user("ana"), play.built.user("ben")},
    }
    async with play.acting("ana") as connection:
        for query, expected in queries.items():
            assert {row[0] for row in await connection.fetch(query)} == expected, query


def test_the_worlds_of_this_file_share_a_user() -> None:
    users = [{member.user for member in account.members} for account in World((FIRST, SECOND)).accounts]
    assert users[0] & users[1] == {"ana"}

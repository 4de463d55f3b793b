"""T10: how much a member owns is looked at before the member is removed, as far as one sees it."""

from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

USERS = frozenset((("users", "configure", "all"),))
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        # Sees deals of the region, and nothing of tickets.
        Member("clerk", "clerk", "region"),
        Member("ada", "seller", "north"),
        Member("ben", "seller", "north"),
    ),
    (Team("region"), Team("north", "region"), Team("far")),
    (
        ("clerk", USERS | frozenset((("deals", "view", "team"),))),
        ("seller", frozenset((("deals", "view", "owned"),))),
    ),
    rows=(
        Row("near", "deals", "root", "ada", ("north",)),
        Row("beyond", "deals", "root", "ada", ("far",)),
        Row("ticket", "tickets", "root", "ada", ("north",)),
        Row("page", "landing_pages", "root", "ada", ("north",)),
        Row("another's", "deals", "root", "ben", ("north",)),
    ),
)
ELSEWHERE = Account(
    "elsewhere",
    (Member("boss", "Owner", super_admin=True), Member("ada", "Owner")),
    rows=(Row("elsewhere", "tickets", "boss", "ada", open=True),),
)
OWNS = "query ($member: ID!) { member(id: $member) { owns { module count } } }"
COUNTED = "select module, count from access.owned_rows($1) order by module"
EVERYTHING = {"deals": 2, "landing_pages": 1, "tickets": 1}
SEEN = {"root": EVERYTHING, "clerk": {"deals": 1}}


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE, ELSEWHERE)
    return play


@pytest.mark.parametrize(("who", "counted"), SEEN.items())
async def test_a_member_owns_what_one_sees_of_it(office: Play, who: str, counted: dict[str, int]) -> None:
    """The rest is there, as the super admin sees; nothing of it is of another account (T1)."""
    ada = office.built.user("ada")
    data, codes = await office.asks(who, OWNS, {"member": f"Member:{ada}"})
    assert codes == {}
    assert {each["module"]: each["count"] for each in data["member"]["owns"]} == counted
    async with office.acting(who) as connection:
        assert [tuple(row) for row in await connection.fetch(COUNTED, ada)] == [*counted.items()]


async def test_an_analyst_counts_what_the_member_does(office: Play) -> None:
    made = await office.admin.fetchrow(
        "select login, password from access.create_analyst($1, $2)", office.account, office.built.user("clerk")
    )
    assert made is not None
    analyst = await asyncpg.connect(office.database.login_dsn(made["login"], made["password"]))
    try:
        found = await analyst.fetch(COUNTED, office.built.user("ada"))
        assert [tuple(row) for row in found] == [("deals", 1)]
    finally:
        await analyst.close()


async def test_who_owns_nothing_has_an_empty_list_and_who_is_of_another_account_is_nobody(office: Play) -> None:
    async def owns(user: str) -> Any:
        return (await office.asks("root", OWNS, {"member": f"Member:{office.built.user(user)}"}))[0]["member"]

    assert await owns("clerk") == {"owns": []}
    assert await owns("boss") is None


async def test_what_is_owned_in_two_modules_is_counted_in_one_statement(office: Play) -> None:
    """Of several members, too."""
    text = "{ members { nodes { person { name } owns { module count } } } }"
    data, codes = await office.asks("root", text)
    assert codes == {}
    owned = {
        node["person"]["name"]: {each["module"]: each["count"] for each in node["owns"]}
        for node in data["members"]["nodes"]
    }
    assert owned == {"root": {}, "clerk": {}, "ada": EVERYTHING, "ben": {"deals": 1}}

"""Who may administer what (C5, C6, G1, T7): the functions of administration as a member calls them.

    + done   F forbidden   N not found   B what is asked makes no sense   C it contradicts what is
    ~ done as far as one holds it oneself, and said so (G1): something is withheld, or kept

`weak` holds deals at scope team and may configure users, teams and roles; `strong` holds deals and companies at scope
all as well; `none` may configure nothing; `owner` has the role Owner and no flag; `root` is super admin.
"""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Exempt, Member, Team

pytestmark = pytest.mark.any_server

DEALS = frozenset(("deals", action, "team") for action in ("view", "update"))
EVERYWHERE = frozenset((module, action, "all") for module in ("deals", "companies") for action in ("view", "update"))
TOOLS = frozenset((tool, "configure", "all") for tool in ("users", "teams", "roles"))

OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("owner", "Owner", "north"),
        Member("strong", "strong", "north"),
        Member("weak", "weak", "north"),
        Member("none", "deals", "north"),
        # Those to whom it is done.
        Member("equal", "deals", "north"),
        Member("greater", "everywhere", "north"),
        Member("greater_by_exception", "deals", "north", exceptions=(Exempt("grant", ("deals", "delete", "team")),)),
        Member("greater_by_team", "deals", "desk"),
        Member("once_greater", "everywhere", "north", active=False),
        Member("once_equal", "deals", "north", active=False),
        Member("admin", "Owner", super_admin=True),
    ),
    (
        Team("region"),
        Team("north", "region"),
        Team("oslo", "north"),
        Team("bergen", "north"),
        Team("south", "region"),
        Team("desk"),
        Team("empty"),
    ),
    (
        ("strong", EVERYWHERE | TOOLS),
        ("weak", DEALS | TOOLS),
        ("deals", DEALS),
        ("everywhere", EVERYWHERE),
        ("nothing", frozenset[Cell]()),
        ("spare", DEALS),
        ("nearby", DEALS),
    ),
    # Whoever is in north holds deals twice.
    (("desk", "everywhere"), ("north", "nearby")),
)


def cells(*found: str) -> str:
    """Cells as module.action.scope, as the functions take them."""
    parts = [each.split(".") for each in found]
    return json.dumps([{"module": module, "action": action, "scopes": [scope]} for module, action, scope in parts])


MATRIX = {
    #                                                                     none weak strong owner root
    "change_role equal spare":                                            "F    +    +      +     +",
    "change_role equal nothing":                                          "F    +    +      +     +",
    "change_role equal everywhere":                                       "F    ~    +      +     +",
    "change_role equal Owner":                                            "F    F    F      +     +",
    "change_role greater deals":                                          "F    ~    +      +     +",
    "change_role greater_by_exception nothing":                           "F    +    +      +     +",
    "change_role greater_by_team nothing":                                "F    +    +      +     +",
    "change_role once_greater nothing":                                   "F    ~    +      +     +",
    "change_role once_equal nothing":                                     "F    +    +      +     +",
    "change_role self nothing":                                           "F    F    F      +     +",
    "change_role self everywhere":                                        "F    F    F      +     +",
    "change_role stranger nothing":                                       "F    N    N      N     N",
    "change_role equal unknown":                                          "F    N    N      N     N",
    "set_status equal deactivated":                                       "F    +    +      +     +",
    "set_status greater deactivated":                                     "F    F    +      +     +",
    "set_status greater_by_team deactivated":                             "F    F    +      +     +",
    "set_status once_equal active":                                       "F    +    +      +     +",
    "set_status once_greater active":                                     "F    F    +      +     +",
    "set_status admin deactivated":                                       "F    F    F      F     +",
    "set_status equal removed":                                           "F    B    B      B     B",
    "set_super_admin equal true":                                         "F    F    F      F     +",
    "set_super_admin self true":                                          "F    F    F      F     +",
    "set_super_admin admin false":                                        "F    F    F      F     +",
    "set_exception equal deals.view.team grant":                          "F    +    +      +     +",
    "set_exception equal deals.view.all grant":                           "F    F    +      +     +",
    "set_exception equal companies.view.owned grant":                     "F    F    +      +     +",
    "set_exception equal deals.update.team deny":                         "F    +    +      +     +",
    "set_exception greater deals.view.team deny":                         "F    F    +      +     +",
    "set_exception greater_by_exception deals.delete.team none":          "F    F    F      +     +",
    "set_exception greater_by_exception deals.view.team deny":            "F    F    F      +     +",
    "set_exception self deals.view.team grant":                           "F    F    F      +     +",
    "set_exception self deals.delete.all grant":                          "F    F    F      +     +",
    "set_exception equal deals.fly.team grant":                           "F    B    B      B     B",
    "set_exception equal deals.view.moon grant":                          "F    B    B      B     B",
    "set_exception equal deals.view.team bless":                          "F    B    B      B     B",
    "add_member deals north":                                             "F    +    +      +     +",
    "add_member deals oslo":                                              "F    +    +      +     +",
    "add_member deals south":                                             "F    F    +      +     +",
    "add_member everywhere north":                                        "F    ~    +      +     +",
    "add_member nothing desk":                                            "F    F    +      +     +",
    "add_member Owner north":                                             "F    F    F      +     +",
    "join_team equal oslo":                                               "F    +    +      +     +",
    "join_team equal region":                                             "F    F    +      +     +",
    "join_team equal desk":                                               "F    F    +      +     +",
    "join_team greater oslo":                                             "F    F    +      +     +",
    "join_team self oslo":                                                "F    F    F      +     +",
    "join_team self region":                                              "F    F    F      +     +",
    "leave_team equal north":                                             "F    +    +      +     +",
    "leave_team greater north":                                           "F    F    +      +     +",
    "create_team north":                                                  "F    +    +      +     +",
    "move_team oslo south":                                               "F    F    F      +     +",
    "move_team south north":                                              "F    F    F      +     +",
    "move_team region oslo":                                              "F    F    F      B     B",
    "delete_team bergen":                                                 "F    +    +      +     +",
    "delete_team empty":                                                  "F    F    F      +     +",
    "delete_team north":                                                  "F    C    C      C     C",
    "create_role deals.view.team":                                        "F    +    +      +     +",
    "create_role deals.view.owned":                                       "F    ~    +      +     +",
    "create_role deals.view.all":                                         "F    ~    +      +     +",
    "create_role companies.update.team":                                  "F    ~    +      +     +",
    "create_role tickets.view.team":                                      "F    ~    ~      +     +",
    "create_role deals.fly.team":                                         "F    B    B      B     B",
    "set_role_cells spare deals.view.team":                               "F    +    +      +     +",
    "set_role_cells spare deals.delete.team":                             "F    ~    ~      +     +",
    "set_role_cells everywhere deals.view.all":                           "F    ~    +      +     +",
    "set_role_cells weak deals.view.team":                                "F    F    +      +     +",
    "set_role_cells nearby deals.view.team":                              "F    F    F      +     +",
    "set_role_cells strong deals.view.team":                              "F    ~    F      +     +",
    "set_role_cells Member deals.view.team":                              "F    B    B      B     B",
    "attach_role_to_team oslo spare":                                     "F    +    +      +     +",
    "attach_role_to_team north spare":                                    "F    F    F      +     +",
    "attach_role_to_team oslo everywhere":                                "F    F    +      +     +",
    "attach_role_to_team oslo Owner":                                     "F    F    F      +     +",
    "detach_role_from_team desk everywhere":                              "F    F    +      +     +",
    "clone_role spare":                                                   "F    +    +      +     +",
    "clone_role everywhere":                                              "F    ~    +      +     +",
    "clone_role Member":                                                  "F    ~    ~      +     +",
    "clone_role Owner":                                                   "F    ~    ~      +     +",
    "clone_role unknown":                                                 "F    N    N      N     N",
    "rename_role spare":                                                  "F    +    +      +     +",
    "rename_role Member":                                                 "F    B    B      B     B",
    "set_role_cell spare deals.view.team":                                "F    +    +      +     +",
    "set_role_cell spare deals.delete.team":                              "F    F    F      +     +",
    "set_role_cell everywhere companies.view.team":                       "F    F    +      +     +",
    "set_role_cell weak deals.view.team":                                 "F    F    +      +     +",
    "set_role_cell weak deals.view.all":                                  "F    F    +      +     +",
    "set_role_cell strong deals.view.team":                               "F    F    F      +     +",
    "set_role_cell Member deals.view.team":                               "F    B    B      B     B",
    "set_role_cell spare deals.fly.team":                                 "F    B    B      B     B",
    "set_role_cell spare deals.view.moon":                                "F    B    B      B     B",
    "delete_role spare":                                                  "F    +    +      +     +",
    "delete_role nearby":                                                 "F    F    F      C     C",
    "delete_role deals":                                                  "F    C    C      C     C",
    "delete_role everywhere":                                             "F    F    C      C     C",
    "delete_role Member":                                                 "F    B    B      B     B",
    "delete_role deals spare":                                            "F    +    +      +     +",
    "delete_role everywhere deals":                                       "F    F    +      +     +",
    "delete_role everywhere everywhere":                                  "F    F    B      B     B",
    "delete_role nearby spare":                                           "F    F    F      +     +",
    "delete_role spare unknown":                                          "F    N    N      N     N",
    "rename_team oslo":                                                   "F    +    +      +     +",
    "rename_team unknown":                                                "F    N    N      N     N",
    "set_main_team equal north":                                          "F    +    +      +     +",
    "set_main_team equal oslo":                                           "F    N    N      N     N",
    "set_main_team greater north":                                        "F    F    +      +     +",
    "set_main_team self north":                                           "F    F    F      +     N",
    "delete_team oslo bergen":                                            "F    +    +      +     +",
    "delete_team oslo south":                                             "F    F    F      +     +",
    "delete_team north oslo":                                             "F    B    B      B     B",
    "delete_team north north":                                            "F    B    B      B     B",
    "delete_team oslo unknown":                                           "F    N    N      N     N",
    "merge_teams oslo bergen":                                            "F    +    +      +     +",
    "merge_teams oslo south":                                             "F    F    F      +     +",
    "merge_teams north oslo":                                             "F    B    B      B     B",
    "remove_member equal":                                                "F    +    +      +     +",
    "remove_member greater":                                              "F    F    +      +     +",
    "remove_member once_greater":                                         "F    F    +      +     +",
    "remove_member once_equal":                                           "F    +    +      +     +",
    "remove_member self":                                                 "F    F    F      +     +",
    "remove_member admin":                                                "F    F    F      F     +",
    "remove_member stranger":                                             "F    N    N      N     N",
    "remove_member equal once_equal":                                     "F    N    N      N     N",
    "remove_member equal stranger":                                       "F    N    N      N     N",
    "remove_member equal equal":                                          "F    B    B      B     B",
}  # fmt: skip
WHO = ("none", "weak", "strong", "owner", "root")
ENDS = {"+": "done", "~": "done", "F": "U0403", "N": "U0404", "B": "U0400", "C": "U0409"}
CASES = [(call, who, cell) for call, line in MATRIX.items() for who, cell in zip(WHO, line.split(), strict=True)]


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE, Account("elsewhere", (Member("stranger", "Owner", super_admin=True),)))
    return play


@pytest.mark.parametrize(("call", "who", "cell"), CASES, ids=["-".join(case) for case in CASES])
async def test_administration(office: Play, call: str, who: str, cell: str) -> None:
    function, *words = call.split()
    given = arguments(office, who, function, words)
    places = ", ".join(f"${number}" for number in range(2, len(given) + 2))

    statement = f"select access.{function}($1, {places})"
    assert await office.done(who, statement, office.account, *given) == ENDS[cell]
    if ENDS[cell] == "done":
        async with office.acting(who) as connection:
            await connection.execute(statement, office.account, *given)
            told = await connection.fetch(
                "select module from access.withheld() union all select module from access.kept()"
            )
        assert bool(told) is (cell == "~")


def arguments(office: Play, who: str, function: str, words: list[str]) -> list[object]:
    """The words of a line as the function takes them."""
    kinds = {
        "change_role": "user role",
        "set_status": "user text",
        "set_super_admin": "user flag",
        "set_exception": "user cell text",
        "add_member": "role team",
        "join_team": "user team",
        "leave_team": "user team",
        "create_team": "name team",
        "move_team": "team team",
        "delete_team": "team team",
        "create_role": "name cells",
        "set_role_cells": "role cells",
        "attach_role_to_team": "team role",
        "detach_role_from_team": "team role",
        "clone_role": "role",
        "rename_role": "role",
        "set_role_cell": "role one",
        "delete_role": "role role",
        "rename_team": "team",
        "set_main_team": "user team",
        "merge_teams": "teams team",
        "remove_member": "user user",
    }[function].split()
    given: list[object] = ["new"] if kinds[0] == "name" else []
    if function == "add_member":
        given = [f"new.{office.built.salt.hex}@example.com", "New"]
    for kind, word in zip([kind for kind in kinds if kind != "name"], words, strict=False):
        given += values(office, who, kind, word)
    return [*given, "new"] if function in ("clone_role", "rename_role", "rename_team") else given


def values(office: Play, who: str, kind: str, word: str) -> list[object]:
    readings: dict[str, Callable[[], list[object]]] = {
        "user": lambda: [office.built.user(who if word == "self" else word)],
        "role": lambda: [office.role(word)],
        "team": lambda: [office.team(word)],
        "text": lambda: [word],
        "flag": lambda: [word == "true"],
        "cell": lambda: list(word.split(".")),
        "cells": lambda: [cells(word)],
        "one": lambda: [*word.split(".")[:2], [word.split(".")[2]]],
        "teams": lambda: [[office.team(word)]],
    }
    return readings[kind]()


@pytest.mark.parametrize("who", ["owner", "root"])
@pytest.mark.parametrize("call", ["create_account($2, 'New', 'new@example.com')", "set_account_kind($1, 'provider')"])
async def test_accounts_are_for_operators_alone(office: Play, who: str, call: str) -> None:
    """T8."""
    statement = f"select access.{call} from (values ($1::uuid, $2::text)) as given (a, b)"
    assert await office.done(who, statement, office.account, "new") == "42501"


async def test_a_right_that_is_taken_is_taken_from_whoever_holds_the_role(play: Play) -> None:
    """C5, C8: the members of a role follow its cells with their next statement."""
    await play.begin(OFFICE)
    taken = "select access.set_role_cells($1, $2, '[]')"
    for role in ("deals", "nearby"):
        assert await play.commits("root", taken, play.account, play.role(role)) == "done"
    async with play.acting("equal") as connection:
        assert await connection.fetch("select * from crm.capabilities") == []


@pytest.mark.parametrize(("until", "end"), [("-1 hour", "U0400"), ("0 s", "U0400"), ("1 hour", "done")])
async def test_an_exception_ends_in_the_future(office: Play, until: str, end: str) -> None:
    call = "select access.set_exception($1, $2, 'deals', 'view', 'all', 'grant', now() + $3::text::interval)"
    assert await office.done("root", call, office.account, office.built.user("equal"), until) == end


async def test_who_is_a_member_is_not_added_again(office: Play) -> None:
    """T2: deactivated or not, and however the address is written."""
    add = "select access.add_member($1, $2, 'New', $3)"
    for member in ("equal", "once_equal"):
        address = await office.admin.fetchval(
            "select email from access.app_user where id = $1", office.built.user(member)
        )
        for email in (address, f" {address.upper()} "):
            assert await office.done("root", add, office.account, email, office.role("deals")) == "U0409"

"""Which rows may go into a file (C2): those that `export` reaches, among those that `view` does; whatever asks."""

import pytest

from tests.policies.conftest import Play
from tests.support.model import Account, Exempt, Member, Row, Team

pytestmark = pytest.mark.any_server


def cells(export: tuple[str, ...], view: tuple[str, ...] = ()) -> frozenset[tuple[str, str, str]]:
    """Export on these scopes, and view on those besides."""
    return frozenset(
        (module, action, scope)
        for module in ("contacts", "reports")
        for action, scopes in (("export", export), ("view", view))
        for scope in scopes
    )


# What each sees, and what of it each takes out; a role is called as its member.
TAKEN = {
    "root": ("mine low side pool", "mine low side pool"),
    "created": ("mine", "mine"),
    "owned": ("mine", "mine"),
    "team": ("mine low", "mine low"),
    "unassigned": ("pool", "pool"),
    "all": ("mine low side pool", "mine low side pool"),
    "wider": ("mine low side pool", "mine"),
    "beside": ("mine low pool", "pool"),
    "viewer": ("mine low side pool", ""),
    "denied": ("mine low side pool", ""),
    "hidden": ("", ""),
}
MEMBERS = (
    Member("root", "Owner", super_admin=True),
    *(
        Member(name, name, "north")
        for name in ("created", "owned", "team", "unassigned", "all", "wider", "beside", "viewer")
    ),
    Member(
        "denied",
        "both",
        "north",
        exceptions=tuple(Exempt("deny", (m, "export", "all")) for m in ("contacts", "reports")),
    ),
    Member(
        "hidden", "all", "north", exceptions=tuple(Exempt("deny", (m, "view", "all")) for m in ("contacts", "reports"))
    ),
)
ROLES = (
    *((scope, cells((scope,))) for scope in ("created", "owned", "team", "unassigned", "all")),
    ("wider", cells(("owned",), ("all",))),
    ("beside", cells(("unassigned",), ("team",))),
    ("viewer", cells((), ("all",))),
    ("both", cells(("all",), ("all",))),
)
RIVAL = Account(
    "rival",
    (Member("boss", "Owner", super_admin=True),),
    rows=(Row("foreign", "contacts", "boss", "boss"), Row("foreign report", "reports", "boss", "boss")),
)


def office(who: str) -> Account:
    """Rows of somebody, of the team below, of another team, and of nobody."""
    teams = (Team("north"), Team("oslo", "north"), Team("south"))
    rows = tuple(
        Row(f"{module} {name}", module, creator, owner, (team,) if team else (), opened)
        for module in ("contacts", "reports")
        for name, creator, owner, team, opened in (
            ("mine", who, who, "north", False),
            ("low", "root", "root", "oslo", False),
            ("side", "root", "root", "south", False),
            # Of content, what is unassigned is open, and so everybody's whose scope is `team`.
            *((("pool", "root", None, "south", False),) if module == "contacts" else ()),
        )
    )
    return Account("office", MEMBERS, teams, ROLES, rows=rows)


@pytest.mark.parametrize("who", TAKEN)
async def test_what_is_taken_out_is_seen_and_reached(play: Play, who: str) -> None:
    await play.begin(office(who), RIVAL)
    for module in ("contacts", "reports"):
        there = {play.row(f"{module} {name}"): name for name in ("mine", "low", "side")}
        if module == "contacts":
            there[play.row("contacts pool")] = "pool"
        seen, taken = ({*words.split()} & set(there.values()) for words in TAKEN[who])
        assert {there[row] for row in await play.sees(who, module)} == seen
        async with play.acting(who) as connection:
            found = {there[row["id"]] for row in await connection.fetch(f"select id from access.exported_{module}()")}
        assert found == taken


async def test_a_file_is_for_who_holds_the_action(play: Play) -> None:
    await play.begin(office("all"))
    call = "select access.require_export('contacts', $1)"
    assert await play.done("all", call, False) == "done"
    assert await play.done("all", call, True) == "U0403"
    assert await play.done("root", call, True) == "done"
    for who in ("viewer", "denied", "hidden"):
        assert await play.done(who, call, False) == "U0403"

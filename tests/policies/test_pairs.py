"""Pairs of deals and contacts (T1, C2): seen where both ends are, made and ended by who may update the deal.

+ done   0 nothing there for him   F forbidden   N not found: he does not see the deal or the contact
"""

from dataclasses import replace

import pytest

from tests.policies.conftest import Play
from tests.policies.test_creation import cells
from tests.support.model import Account, Cell, Member, Row

pytestmark = pytest.mark.any_server

# The first word says who has the deal, the second who has the contact.
MADE = """
                 mine_mine mine_theirs theirs_mine theirs_theirs
owner            +         +           +           +
updates_own      +         N           N           N
views_all        F         F           F           F
updates_unseeing N         N           N           N
deals_only       N         N           N           N
sees_contacts    +         +           N           N
updates_mine     +         +           F           F
"""
ENDED = """
                 mine_mine mine_theirs theirs_mine theirs_theirs
owner            +         +           +           +
updates_own      +         0           0           0
views_all        F         F           F           F
updates_unseeing 0         0           0           0
deals_only       0         0           0           0
sees_contacts    +         +           0           0
updates_mine     +         +           F           F
"""


def held(**actions: str) -> frozenset[Cell]:
    """Cells as module_action=scope."""
    return frozenset((*name.split("_", 1), scope) for name, scope in actions.items())  # type: ignore[misc]


ROLES = {
    "updates_own": held(deals_update="owned", contacts_view="owned"),
    "views_all": held(deals_view="all", contacts_view="all", contacts_update="all"),
    "updates_unseeing": held(contacts_update="all"),
    "deals_only": held(deals_update="all"),
    "sees_contacts": held(deals_update="owned", contacts_view="all"),
    "updates_mine": held(deals_view="all", deals_update="owned", contacts_view="all"),
}
WHO = ("owner", *ROLES)
KINDS = ("mine_mine", "mine_theirs", "theirs_mine", "theirs_theirs")
ENDS = {"+": {"done"}, "0": {"nothing"}, "F": {"U0403", "42501"}, "N": {"U0404"}}


def rows() -> tuple[Row, ...]:
    return tuple(
        Row(f"{module} {whose} {who}", module, "root", who if whose == "mine" else "root")
        for module in ("deals", "contacts")
        for whose in ("mine", "theirs")
        for who in WHO
    )


OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("owner", "Owner"),
        *(Member(role, role) for role in ROLES),
    ),
    roles=tuple(ROLES.items()),
    rows=rows(),
)


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


def ends(office: Play, who: str, kind: str) -> tuple[object, object]:
    deal, contact = kind.split("_")
    return office.row(f"deals {deal} {who}"), office.row(f"contacts {contact} {who}")


@pytest.mark.parametrize(("who", "kind", "cell"), [case[1:] for case in cells(MADE, ("deals",))])
async def test_making(office: Play, who: str, kind: str, cell: str) -> None:
    insert = "insert into crm.deal_contacts (deal_id, contact_id) values ($1, $2)"
    assert await office.done("root", insert, *ends(office, who, kind)) == "done", "both ends exist"

    assert await office.done(who, insert, *ends(office, who, kind)) in ENDS[cell]


@pytest.mark.parametrize(("who", "kind", "cell"), [case[1:] for case in cells(ENDED, ("deals",))])
async def test_ending(office: Play, who: str, kind: str, cell: str) -> None:
    pair = ends(office, who, kind)
    async with paired(office, *pair):
        delete = "delete from crm.deal_contacts where deal_id = $1 and contact_id = $2"
        assert await office.done("root", delete, *pair) == "done", "the pair exists"

        assert await office.done(who, delete, *pair) in ENDS[cell]


@pytest.mark.parametrize("who", WHO)
async def test_a_pair_is_seen_where_both_ends_are_and_its_end_without_condition_ends_no_other(
    office: Play, who: str
) -> None:
    """T1: neither the answer nor the number of deleted rows tells of a pair with a hidden end."""
    pairs = [ends(office, who, kind) for kind in KINDS]
    async with paired(office, *(end for pair in pairs for end in pair)):
        seen_rows = {module: await office.sees(who, module) for module in ("deals", "contacts")}
        both = {
            (deal, contact)
            for deal, contact in pairs
            if deal in seen_rows["deals"] and contact in seen_rows["contacts"]
        }
        async with office.acting(who) as connection:
            found = await connection.fetch("select deal_id, contact_id from crm.deal_contacts")
            assert {(row["deal_id"], row["contact_id"]) for row in found} == both
        if who in {"owner", "updates_own", "sees_contacts", "deals_only", "updates_unseeing"}:
            async with office.acting(who) as connection:
                assert await connection.execute("delete from crm.deal_contacts") == f"DELETE {len(both)}"


class paired:  # noqa: N801 (read as a verb)
    """Pairs that are there for the time of a block."""

    def __init__(self, office: Play, *found: object) -> None:
        self._office = office
        self._pairs = list(zip(found[::2], found[1::2], strict=True))

    async def __aenter__(self) -> None:
        async with self._office.admin.transaction():
            await self._office.admin.execute("set local session_replication_role = replica")
            await self._office.admin.executemany(
                "insert into crm.deal_contacts (account_id, deal_id, contact_id) values ($1, $2, $3)",
                [(self._office.account, *pair) for pair in self._pairs],
            )

    async def __aexit__(self, *_: object) -> None:
        async with self._office.admin.transaction():
            await self._office.admin.execute("set local session_replication_role = replica")
            await self._office.admin.execute(
                "delete from crm.deal_contacts where account_id = $1", self._office.account
            )

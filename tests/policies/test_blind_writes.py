"""A write without a condition is not limited by what one sees: each command has a policy of its own (C2).

Everybody here views every row. The numbers are of the rows that an UPDATE and a DELETE without WHERE touch.
"""

from dataclasses import replace

import pytest

from schema.modules import REGISTRY
from schema.registry import Kind, Module
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.policies.test_sensitive import MODULES as SENSITIVE, NEW
from tests.support.model import Account, Cell, Member, Row, Team

pytestmark = pytest.mark.any_server

MODULES = [module for module in REGISTRY.modules if module.own_columns]
# Of seven rows: two that one owns, one that one made, one of the team, one open to all, one unowned, one far away.
TOUCHED = {"created": 1, "owned": 2, "team": 4, "unassigned": 1, "all": 7}
KINDS = {
    "own": ("{me}", ("far",), False),
    "own too": ("{me}", ("far",), False),
    "made": ("root", ("far",), False),
    "team": ("root", ("near",), False),
    "open": ("root", ("far",), True),
    "unowned": (None, ("far",), False),
    "far": ("root", ("far",), False),
}
ROLES: dict[str, frozenset[Cell]] = {
    scope: every("view", "all") | every("update delete", scope) for scope in TOUCHED
} | {
    "only_updates": every("view update", "all"),
    "only_reads": every("view view_sensitive", "all"),
    "updates_own_and_reads_all": every("view view_sensitive", "all") | every("update", "owned"),
    "reads_own_and_updates_all": every("view_sensitive", "owned") | every("view update", "all"),
}


def office_of(scope: str) -> Account:
    """An account whose rows are so for one member, who has this role and bears its name."""
    rows = tuple(
        Row(
            f"{module.name} {kind}",
            module.name,
            scope if kind == "made" else "root",
            owner.format(me=scope) if owner else None,
            # A restricted page without owner is reached by scope `all` and its teams alone (O3).
            teams,
            open=is_open or (kind == "unowned" and module.kind is Kind.ASSET),
        )
        for module in MODULES
        for kind, (owner, teams, is_open) in KINDS.items()
    )
    members = (Member("root", "Owner", super_admin=True), Member(scope, scope, "near"))
    return Account("office", members, (Team("near"), Team("far")), tuple(ROLES.items()), rows=rows)


@pytest.fixture(scope="module")
async def offices(playground: Play) -> dict[str, Play]:
    found = {}
    for scope in ROLES:
        found[scope] = replace(playground)
        await found[scope].begin(office_of(scope))
    return found


async def touched(office: Play, who: str, statement: str) -> int:
    async with office.acting(who) as connection:
        return int((await connection.execute(statement)).split()[-1])


@pytest.mark.parametrize("scope", TOUCHED)
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
async def test_rows(offices: dict[str, Play], module: Module, scope: str) -> None:
    office = offices[scope]
    assert len(await office.sees(scope, module.name)) == len(KINDS)
    expected = TOUCHED[scope]
    if module.kind is Kind.ASSET and scope == "team":
        # What one made is in one's reach, and so is what is open and unowned (O3).
        expected += 2
    assert await touched(office, scope, f"update {module.table} set {module.label} = 'x'") == expected
    assert await touched(office, scope, f"delete from {module.table}") == expected


@pytest.mark.parametrize(
    ("who", "rows"),
    [("only_updates", 0), ("only_reads", 0), ("updates_own_and_reads_all", 2), ("reads_own_and_updates_all", 2)],
)
@pytest.mark.parametrize("module", SENSITIVE, ids=lambda module: module.name)
async def test_sensitive_columns(offices: dict[str, Play], module: Module, who: str, rows: int) -> None:
    column = module.sensitive[0]
    update = f"update {module.sensitive_table} set {column.name} = {NEW[column.type]}"
    assert await touched(offices[who], "root", update) == len(KINDS)
    assert await touched(offices[who], who, update) == rows

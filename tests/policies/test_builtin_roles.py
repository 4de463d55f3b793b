"""C5: built-in roles are what the product promises, in the code, in an account, and in docs/permissions.md."""

import re
from pathlib import Path

import pytest

from migrations import runner
from schema import permissions_doc
from schema.modules import REGISTRY
from schema.roles import BUILTIN_ROLES
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member

pytestmark = pytest.mark.any_server

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"

# The promise, literally as it is made. Without a scope: `all` for Administrator, `team` for the two others.
MATRIX = """
| module | Administrator | Marketing manager | Marketing team |
|---|---|---|---|
| landing_pages | view create update clone publish delete manage_domain | view create update clone publish delete | view create update clone |
| social_posts | view create update publish delete connect | view create update publish delete | view create update |
| ad_campaigns | view create update delete activate connect | view create update delete activate | view create update |
| conversations | view(all) send(all) connect | send(owned) connect | send(owned) |
| workflows | view create update delete | - | - |
| CRM records (contacts ... tasks; not invoices) | view create update import assign delete | create update assign import delete (view by C2) | view create update import |
| invoices | view create update import assign delete send | - | - |
| contacts, extra | view(all) | - | - |
| marketing_emails | send | send | send |
| settings | configure | - | - |
"""  # noqa: E501
DEFAULTS = {"Administrator": "all", "Marketing manager": "team", "Marketing team": "team"}
ROWS = {
    "CRM records (contacts ... tasks; not invoices)": ("contacts", "companies", "deals", "leads", "tickets", "tasks"),
    "contacts, extra": ("contacts",),
}
# Every cell but these.
NOT_FOR_PARTNER_ADMINS = {"billing", "scim", "data_migration"}


def promised() -> dict[str, set[Cell]]:
    """What each built-in role but Owner holds, as it is promised: cell by cell."""
    head, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in MATRIX.strip().splitlines()]
    found: dict[str, set[Cell]] = {role: set() for role in head[1:]}
    for row, *cells in lines:
        for role, cell in zip(head[1:], cells, strict=True):
            for action, scope in re.findall(r"(\w+)(?:\((\w+)\))?", cell.replace("(view by C2)", "")):
                for module in ROWS.get(row, (row,)):
                    held = (scope or DEFAULTS[role]) if REGISTRY.on_rows(module, action) else "all"
                    found[role].add((module, action, held))
    found["Member"] = {
        (module, action, "all" if action == "create" else "created")
        for module in ("leads", "deals", "tickets")
        for action in ("view", "create", "update")
    }
    found["Partner admin"] = {
        (module, action, "all") for module, action, _ in REGISTRY.catalogue() if module not in NOT_FOR_PARTNER_ADMINS
    }
    return found


def documented() -> dict[str, set[Cell]]:
    """The same as docs/permissions.md says it: a heading in bold for each role, and a table."""
    found: dict[str, set[Cell]] = {}
    role = ""
    for line in DOCUMENT.read_text(encoding="utf-8").partition("## Built-in roles")[2].splitlines():
        if heading := re.fullmatch(r"\*\*([\w ]+)\*\*", line):
            role = heading[1]
            found[role] = set()
        elif role and (row := re.fullmatch(r"\| `(\w+)` \| (.*) \| `?(\w+|-)`? \|", line)):
            module, actions, scope = row.groups()
            for action in re.findall(r"`(\w+)`", actions):
                found[role].add((module, action, scope if REGISTRY.on_rows(module, action) else "all"))
    return found


def test_the_document_says_what_is_promised() -> None:
    assert documented() == promised()


def test_a_cell_of_the_matrix_is_read_as_it_is_meant() -> None:
    """Those that are easily misread."""
    found = promised()
    cells = {role: {cell[1:] for cell in held if cell[0] == "conversations"} for role, held in found.items()}
    assert cells["Administrator"] == {("view", "all"), ("send", "all"), ("connect", "all")}
    assert cells["Marketing manager"] == {("send", "owned"), ("connect", "all")}
    assert cells["Marketing team"] == {("send", "owned")}
    contacts = {cell[1:] for cell in found["Marketing manager"] if cell[0] == "contacts"}
    records = {(action, "team") for action in ("update", "assign", "delete")}
    assert contacts == records | {("create", "all"), ("import", "all")}
    assert not any(cell[0] == "workflows" for cell in found["Marketing team"])


def test_the_code_holds_what_is_promised() -> None:
    held = {
        role: {
            (module, action, scope if REGISTRY.on_rows(module, action) else "all") for module, action, scope in cells
        }
        for role, cells in BUILTIN_ROLES.items()
    }
    assert held == promised()


async def test_members_hold_what_is_promised_and_what_follows_from_it(play: Play) -> None:
    """Views follow by C2, and what is part of an action by C3."""
    await play.begin(
        Account(
            "office",
            (Member("root", "Owner", super_admin=True), *(Member(role.lower(), role) for role in BUILTIN_ROLES)),
        )
    )
    for role, cells in promised().items():
        async with play.acting(role.lower()) as connection:
            found = await connection.fetch("select module, action, scopes from crm.capabilities")
        views = {
            (module, "view", scope)
            for module, action, scope in cells
            if action == "configure" or REGISTRY.on_rows(module, action)
        }
        parts = {
            (module, part, scope)
            for module, whole, part in REGISTRY.parts
            for name, action, scope in cells
            if (name, action) == (module, whole)
        }
        # The account is a customer's: what is for partners' accounts it has not (P1).
        assert {(row["module"], row["action"], scope) for row in found for scope in row["scopes"]} == {
            cell for cell in cells | views | parts if cell[0] != "partner_employees"
        }


async def test_a_new_account_has_these_roles(play: Play) -> None:
    """T8."""
    await play.begin(Account("office", (Member("root", "Owner", super_admin=True),)))
    slug = f"new-{play.built.salt.hex[:12]}"
    made = await play.admin.fetchval("select access.create_account($1, 'New', $2)", slug, f"{slug}@example.com")
    roles = await play.admin.fetch("select name from access.role where account_id = $1", made)
    assert {row["name"] for row in roles} == {"Owner", *promised()}
    owner = await play.admin.fetchrow(
        "select r.name, m.super_admin, m.status from access.membership m join access.role r on r.id = m.role_id"
        " where m.account_id = $1",
        made,
    )
    assert owner is not None
    assert tuple(owner) == ("Owner", True, "active")


NEW_TEAM = "access.create_team($1, 'new ' || left($2::uuid::text, 8))"
GIVING = {
    "change_role": "select access.change_role($1, $2, $3)",
    "add_member": "select access.add_member($1, 'new@' || left($2::uuid::text, 8) || '.example', 'New', $3)",
    "attach_role_to_team": f"select access.attach_role_to_team($1, {NEW_TEAM}, $3)",
}


@pytest.mark.parametrize("call", GIVING)
async def test_partner_admin_is_for_employees_of_partners_alone(play: Play, call: str) -> None:
    """Section 5: not even a super admin gives it to a member."""
    await play.begin(Account("office", (Member("root", "Owner", super_admin=True), Member("other", "Member"))))
    other = play.built.user("other")
    for role, end in (("Administrator", "done"), ("Partner admin", "U0400")):
        assert await play.done("root", GIVING[call], play.account, other, play.role(role)) == end


async def test_an_older_account_gets_roles_that_are_new(play: Play) -> None:
    """Where it has a role of that name already, both stay."""
    await play.begin(Account("office", (Member("root", "Owner", super_admin=True),)))
    gone = "delete from access.role where account_id = $1 and builtin in ('Marketing team', 'Marketing manager')"
    await play.admin.execute(gone, play.account)
    own = "insert into access.role (account_id, name) values ($1, 'Marketing team')"
    await play.admin.execute(own, play.account)

    await runner.upgrade(play.database.admin_dsn)

    roles = await play.admin.fetch(
        "select name, builtin from access.role where account_id = $1 and name like 'Marketing%'", play.account
    )
    assert {tuple(row) for row in roles} == {
        ("Marketing manager", "Marketing manager"),
        ("Marketing team", None),
        ("Marketing team (built-in)", "Marketing team"),
    }


def test_the_document_says_what_the_registry_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == permissions_doc.document(), (
        "docs/permissions.md has drifted: python -m schema.permissions_doc > docs/permissions.md"
    )


def test_the_document_explains_every_action() -> None:
    assert {action for _, action, _ in REGISTRY.catalogue()} == permissions_doc.ACTIONS.keys()

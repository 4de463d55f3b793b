"""C5: built-in roles are what the product promises, in the code, in an account, and in docs/permissions.md."""

from pathlib import Path

import pytest

from schema import permissions_doc
from schema.modules import REGISTRY
from schema.roles import BUILTIN_ROLES
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member

pytestmark = pytest.mark.any_server

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"

# The promise, as far as its modules are there: role, scope, modules, actions.
PROMISED = """
Member        created deals,tickets                    view create update
Administrator all     landing_pages                    view create update clone publish delete manage_domain
Administrator all     contacts,companies,deals,tickets view create update import assign delete
Administrator all     settings                         configure
"""


def promised() -> dict[str, set[Cell]]:
    found: dict[str, set[Cell]] = {}
    for line in PROMISED.strip().splitlines():
        role, scope, modules, *actions = line.split()
        found.setdefault(role, set()).update(
            (module, action, scope if REGISTRY.on_rows(module, action) else "all")
            for module in modules.split(",")
            for action in actions
        )
    return found


def test_the_code_holds_what_is_promised() -> None:
    held = {
        role: {
            (module, action, scope if REGISTRY.on_rows(module, action) else "all") for module, action, scope in cells
        }
        for role, cells in BUILTIN_ROLES.items()
    }
    assert held == promised()


async def test_members_hold_what_is_promised_and_what_follows_from_it(play: Play) -> None:
    """Views follow by C2."""
    await play.begin(
        Account(
            "office",
            (Member("root", "Owner", super_admin=True), *(Member(role.lower(), role) for role in BUILTIN_ROLES)),
        )
    )
    for role, cells in promised().items():
        async with play.acting(role.lower()) as connection:
            found = await connection.fetch("select module, action, scopes from crm.capabilities")
        views = {(module, "view", "all") for module, action, _ in cells if action == "configure"}
        assert {(row["module"], row["action"], scope) for row in found for scope in row["scopes"]} == cells | views


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


def test_the_document_says_what_the_registry_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == permissions_doc.document(), (
        "docs/permissions.md has drifted: python -m schema.permissions_doc > docs/permissions.md"
    )


def test_the_document_explains_every_action() -> None:
    assert {action for _, action, _ in REGISTRY.catalogue()} == permissions_doc.ACTIONS.keys()

"""C5: built-in roles are what the product promises, in the code, in an account, and in docs/permissions.md."""

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

# The promise, literally: role, scope, modules, actions.
RECORDS = "contacts,companies,deals,leads,tickets,tasks"
PROMISED = f"""
Member            created leads,deals,tickets view create update
Administrator     all     landing_pages       view create update clone publish delete manage_domain
Administrator     all     social_posts        view create update publish delete connect
Administrator     all     ad_campaigns        view create update delete activate connect
Administrator     all     conversations       view send connect
Administrator     all     workflows           view create update delete
Administrator     all     {RECORDS}           view create update import assign delete
Administrator     all     invoices            view create update import assign delete send
Administrator     all     marketing_emails    send
Administrator     all     settings            configure
Marketing-manager team    landing_pages       view create update clone publish delete
Marketing-manager team    social_posts        view create update publish delete
Marketing-manager team    ad_campaigns        view create update delete activate
Marketing-manager owned   conversations       send connect
Marketing-manager team    {RECORDS}           create update assign import delete
Marketing-manager team    marketing_emails    send
Marketing-team    team    landing_pages       view create update clone
Marketing-team    team    social_posts        view create update
Marketing-team    team    ad_campaigns        view create update
Marketing-team    owned   conversations       send connect
Marketing-team    team    {RECORDS}           view create update import
Marketing-team    team    marketing_emails    send
"""
# Every cell but these.
NOT_FOR_PARTNER_ADMINS = {"billing", "scim", "data_migration"}


def promised() -> dict[str, set[Cell]]:
    found: dict[str, set[Cell]] = {}
    for line in PROMISED.strip().splitlines():
        role, scope, modules, *actions = line.split()
        found.setdefault(role.replace("-", " "), set()).update(
            (module, action, scope if REGISTRY.on_rows(module, action) else "all")
            for module in modules.split(",")
            for action in actions
        )
    found["Partner admin"] = {
        (module, action, "all") for module, action, _ in REGISTRY.catalogue() if module not in NOT_FOR_PARTNER_ADMINS
    }
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
        assert {
            (row["module"], row["action"], scope) for row in found for scope in row["scopes"]
        } == cells | views | parts


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

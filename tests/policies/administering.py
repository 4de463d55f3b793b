"""What each administrative mutation does and answers, and the company in which it is tried."""

import json
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from schema.modules import REGISTRY
from schema.registry import Kind
from tests.policies.conftest import Play
from tests.policies.test_administration import OFFICE
from tests.support.model import Account, Member, Team

SPARE = (Team("below"), Team("above"))
ELSEWHERE = Account("elsewhere", (Member("stranger", "Owner", super_admin=True),), SPARE)
DEAL = {"module": "deals", "action": "view", "scopes": ["team"]}
UPDATE = {"module": "deals", "action": "update", "scopes": ["team"]}
CONTENT = sorted(module.name for module in REGISTRY.modules if module.kind is Kind.ASSET)
CELLS = "role { name builtIn cells { module action scopes } }"
TEAMS = "member { person { name } teams { team { name } isMain } }"
INVITATION = "invitation { email status role { name } mainTeam { name } teams { name } invitedBy { name } }"
MEMBER = "member { person { name } status superAdmin role { name } }"


def spare(*cells: dict[str, Any]) -> dict[str, Any]:
    """The role as it is answered."""
    return {"role": {"name": "spare", "builtIn": False, "cells": list(cells)}}


def equal(*teams: tuple[str, bool]) -> dict[str, Any]:
    """The member as it is answered, with teams."""
    of = [{"team": {"name": name}, "isMain": main} for name, main in teams]
    return {"member": {"person": {"name": "equal"}, "teams": of}}


def member(name: str, role: str = "deals", status: str = "ACTIVE", *, super_admin: bool = False) -> dict[str, Any]:
    """A member as it is answered."""
    return {"member": {"person": {"name": name}, "status": status, "superAdmin": super_admin, "role": {"name": role}}}


def invited(email: str, role: str, main: str | None = None, *teams: str, status: str = "OPEN") -> dict[str, Any]:
    """An invitation as it is answered."""
    found = {"email": email, "status": status, "role": {"name": role}, "teams": [{"name": team} for team in teams]}
    return {"invitation": {**found, "mainTeam": main and {"name": main}, "invitedBy": {"name": "root"}}}


# Mutation, input (a word and a name are an id), selection, payload. `root` asks; nothing of it stays.
DONE: tuple[tuple[str, dict[str, Any], str, dict[str, Any]], ...] = (
    (
        "createRole",
        {"name": " Fresh ", "cells": [DEAL, {"module": "contacts", "action": "create"}, {**UPDATE, "scopes": []}]},
        CELLS,
        {
            "role": {
                "name": "Fresh",
                "builtIn": False,
                "cells": [{"module": "contacts", "action": "create", "scopes": ["all"]}, DEAL],
            }
        },
    ),
    (
        "cloneRole",
        {"roleId": "role spare", "name": "Twin"},
        CELLS,
        {"role": {"name": "Twin", "builtIn": False, "cells": [UPDATE, DEAL]}},
    ),
    ("renameRole", {"roleId": "role spare", "name": "Extra"}, "role { name }", {"role": {"name": "Extra"}}),
    ("setRoleCells", {"roleId": "role spare", "cells": [DEAL]}, CELLS, spare(DEAL)),
    (
        "setRoleCell",
        {"roleId": "role spare", "module": "deals", "action": "delete", "scopes": ["owned", "created"]},
        CELLS,
        spare({"module": "deals", "action": "delete", "scopes": ["created", "owned"]}, UPDATE, DEAL),
    ),
    (
        "setRoleCell",
        {"roleId": "role spare", "module": "deals", "action": "update", "scopes": []},
        CELLS,
        spare(DEAL),
    ),
    (
        "setRoleCell",
        {"roleId": "role spare", "module": "users", "action": "configure"},
        CELLS,
        spare(UPDATE, DEAL, {"module": "users", "action": "configure", "scopes": ["all"]}),
    ),
    (
        "switchRoleCells",
        {
            "roleId": "role spare",
            "cells": [
                {**UPDATE, "scopes": []},
                {"module": "deals", "action": "delete", "scopes": ["all"]},
                {"module": "users", "action": "configure"},
                {"module": "roles", "action": "configure", "scopes": []},
            ],
        },
        CELLS + " withheld { module } kept { module }",
        {
            **spare(
                {"module": "deals", "action": "delete", "scopes": ["all"]},
                DEAL,
                {"module": "users", "action": "configure", "scopes": ["all"]},
            ),
            "withheld": [],
            "kept": [],
        },
    ),
    ("deleteRole", {"roleId": "role spare"}, "successor { name }", {"successor": None}),
    (
        "deleteRole",
        {"roleId": "role deals", "successorId": "role nothing"},
        "successor { name } members { person { name } role { name } }",
        {
            "successor": {"name": "nothing"},
            "members": [
                {"person": {"name": name}, "role": {"name": "nothing"}}
                for name in ("equal", "greater_by_exception", "greater_by_team", "none", "once_equal")
            ],
        },
    ),
    (
        "attachRoleToTeam",
        {"teamId": "team oslo", "roleId": "role spare"},
        "team { name roles { name } } role { teams { name } }",
        {"team": {"name": "oslo", "roles": [{"name": "spare"}]}, "role": {"teams": [{"name": "oslo"}]}},
    ),
    (
        "detachRoleFromTeam",
        {"teamId": "team desk", "roleId": "role everywhere"},
        "team { name roles { name } } role { teams { name } }",
        {"team": {"name": "desk", "roles": []}, "role": {"teams": []}},
    ),
    (
        "setException",
        {
            "memberId": "member equal",
            "module": "deals",
            "action": "delete",
            "scope": "owned",
            "effect": "GRANT",
            "until": "2999-01-01T00:00:00Z",
        },
        "member { exceptions { module action scope effect until } }",
        {
            "member": {
                "exceptions": [
                    {
                        "module": "deals",
                        "action": "delete",
                        "scope": "owned",
                        "effect": "GRANT",
                        "until": "2999-01-01T00:00:00+00:00",
                    }
                ]
            }
        },
    ),
    (
        "setException",
        {"memberId": "person equal", "module": "users", "action": "view", "effect": "DENY"},
        "member { exceptions { module scope effect until } }",
        {"member": {"exceptions": [{"module": "users", "scope": "all", "effect": "DENY", "until": None}]}},
    ),
    (
        "setException",
        {
            "memberId": "member greater_by_exception",
            "module": "deals",
            "action": "delete",
            "scope": "team",
            "effect": "NONE",
        },
        "member { exceptions { module } }",
        {"member": {"exceptions": []}},
    ),
    (
        "createTeam",
        {"name": "New", "parentId": "team north"},
        "team { name parent { name } children { name } roles { name } }",
        {"team": {"name": "New", "parent": {"name": "north"}, "children": [], "roles": []}},
    ),
    ("createTeam", {"name": "Top"}, "team { name parent { name } }", {"team": {"name": "Top", "parent": None}}),
    ("renameTeam", {"teamId": "team oslo", "name": "Oslo"}, "team { name }", {"team": {"name": "Oslo"}}),
    (
        "moveTeam",
        {"teamId": "team oslo", "parentId": "team south"},
        "team { name parent { name children { name } } } formerParent { name children { name } }",
        {
            "team": {"name": "oslo", "parent": {"name": "south", "children": [{"name": "oslo"}]}},
            "formerParent": {"name": "north", "children": [{"name": "bergen"}]},
        },
    ),
    (
        "moveTeam",
        {"teamId": "team oslo", "parentId": None},
        "team { name parent { name } }",
        {"team": {"name": "oslo", "parent": None}},
    ),
    (
        "moveTeams",
        {"moves": [{"teamId": "team oslo", "parentId": "team north"}, {"teamId": "team north", "parentId": None}]},
        "teams { name parent { name } } parents { name children { name } }",
        {
            "teams": [{"name": "north", "parent": None}, {"name": "oslo", "parent": {"name": "north"}}],
            "parents": [
                {"name": "north", "children": [{"name": "bergen"}, {"name": "oslo"}]},
                {"name": "region", "children": [{"name": "south"}]},
            ],
        },
    ),
    (
        "undoReorganisation",
        {"batchId": "batch made"},
        "teams { name parent { name } } parents { name children { name } }",
        {
            "teams": [{"name": "below", "parent": None}],
            "parents": [{"name": "above", "children": []}],
        },
    ),
    (
        "mergeTeams",
        {"teamIds": ["team north", "team desk"], "intoId": "team south"},
        (
            "team { name children { name } roles { name } } parents { name children { name } }"
            " members { person { name } teams { team { name } } }"
        ),
        {
            "parents": [{"name": "region", "children": [{"name": "south"}]}],
            "members": [
                {"person": {"name": name}, "teams": [{"team": {"name": "south"}}]}
                for name in sorted(member.user for member in OFFICE.members if member.main in ("north", "desk"))
            ],
            "team": {
                "name": "south",
                "children": [{"name": "bergen"}, {"name": "oslo"}],
                "roles": [{"name": "everywhere"}, {"name": "nearby"}],
            },
        },
    ),
    ("deleteTeam", {"teamId": "team empty"}, "movedTo { name }", {"movedTo": None}),
    (
        "deleteTeam",
        {"teamId": "team north", "moveToId": "team south"},
        (
            "movedTo { name children { name } roles { name } } formerParent { name children { name } }"
            " members { teams { team { name } } }"
        ),
        {
            "movedTo": {
                "name": "south",
                "children": [{"name": "bergen"}, {"name": "oslo"}],
                "roles": [{"name": "nearby"}],
            },
            "formerParent": {"name": "region", "children": [{"name": "south"}]},
            "members": [{"teams": [{"team": {"name": "south"}}]}] * 9,
        },
    ),
    (
        "joinTeam",
        {"memberId": "member equal", "teamId": "team oslo"},
        TEAMS,
        equal(("north", True), ("oslo", False)),
    ),
    ("joinTeam", {"memberId": "member equal", "teamId": "team oslo", "main": True}, TEAMS, equal(("oslo", True))),
    ("leaveTeam", {"memberId": "member equal", "teamId": "team north"}, TEAMS, equal()),
    ("setMainTeam", {"memberId": "member equal", "teamId": None}, TEAMS, equal(("north", False))),
    ("setMainTeam", {"memberId": "member equal", "teamId": "team north"}, TEAMS, equal(("north", True))),
    (
        "addMember",
        {"email": "new@office.example", "name": "New", "roleId": "role deals", "mainTeamId": "team oslo"},
        MEMBER,
        member("New"),
    ),
    (
        "inviteMember",
        {"email": "New@Office.example", "roleId": "role deals", "mainTeamId": "team oslo", "teamIds": ["team north"]},
        INVITATION,
        invited("new@office.example", "deals", "oslo", "north"),
    ),
    (
        "resendInvitation",
        {"invitationId": "invitation pending"},
        INVITATION,
        invited("pending@office.example", "deals"),
    ),
    (
        "revokeInvitation",
        {"invitationId": "invitation pending"},
        INVITATION,
        invited("pending@office.example", "deals", status="REVOKED"),
    ),
    ("changeRole", {"memberId": "member equal", "roleId": "role nothing"}, MEMBER, member("equal", "nothing")),
    ("deactivateMember", {"memberId": "member equal"}, MEMBER, member("equal", status="DEACTIVATED")),
    ("reactivateMember", {"memberId": "member once_equal"}, MEMBER, member("once_equal")),
    (
        "setSuperAdmin",
        {"memberId": "member equal", "superAdmin": True},
        MEMBER,
        member("equal", super_admin=True),
    ),
    (
        "setRestrictNewContent",
        {"restrict": True},
        "account { restrictNewContent restrictedModules }",
        {"account": {"restrictNewContent": True, "restrictedModules": CONTENT}},
    ),
    (
        "setAccount",
        {"slug": "account office", "kind": "PROVIDER", "tiers": [{"hub": "CMS", "tier": "PROFESSIONAL"}]},
        "kind tiers { hub tier }",
        {
            "kind": "PROVIDER",
            "tiers": [
                {"hub": "MARKETING", "tier": "ENTERPRISE"},
                {"hub": "SALES", "tier": "FREE"},
                {"hub": "SERVICE", "tier": "FREE"},
                {"hub": "CMS", "tier": "PROFESSIONAL"},
                {"hub": "OPERATIONS", "tier": "FREE"},
            ],
        },
    ),
    (
        "setSensitive",
        {"module": "deals", "sensitive": False},
        "sensitiveModules { module sensitive }",
        {
            "sensitiveModules": [
                {"module": module.name, "sensitive": module.name != "deals"}
                for module in sorted(REGISTRY.modules, key=lambda module: module.name)
                if module.sensitive
            ]
        },
    ),
    ("removeMember", {"memberId": "member equal"}, "reassigned", {"reassigned": 0}),
    ("removeMember", {"memberId": "member once_equal", "newOwnerId": "person equal"}, "reassigned", {"reassigned": 0}),
)
IDS = [f"{name}-{number}" for number, (name, *_) in enumerate(DONE)]


@dataclass
class Office(Play):
    """The world, and in each of its accounts a reorganisation that can be undone."""

    batches: dict[str, UUID] = field(default_factory=dict)


async def furnished(office: Office, here: Account, *others: Account) -> Office:
    """Begin with these accounts, in each of which somebody is invited and teams were moved."""
    await office.begin(replace(here, teams=(*here.teams, *SPARE)), *others)
    # Who is no operator is asked about in test_operators.py.
    await office.admin.execute("insert into access_private.operator (user_id) values ($1)", office.built.user("root"))
    for account, inviter, role in (("office", "root", "deals"), ("elsewhere", "stranger", "Owner")):
        if account not in office.built.accounts:
            continue
        await office.admin.execute(
            "insert into access.invitation (account_id, id, email, role_id, token_hash, invited_by, expires_at)"
            " values ($1, $2, 'pending@office.example', $3, sha256('x'), $4, now() + interval '1 day')",
            office.built.accounts[account],
            office.built.id("invitation", account, "pending"),
            office.built.id("role", account, role),
            office.built.user(inviter),
        )
    for name, tenant in office.built.accounts.items():
        below, above = (office.built.id("team", name, team.name) for team in SPARE)
        move = json.dumps([{"team": str(below), "parent": str(above)}])
        moved = await office.admin.fetchval("select access.move_teams($1, $2)", tenant, move)
        office.batches[name] = UUID(json.loads(moved)["batch"])
    return office


def known(office: Office, value: Any, account: str = "office") -> Any:
    """Ids in place of words; everything else as it is."""
    if isinstance(value, list):
        return [known(office, each, account) for each in value]
    if isinstance(value, dict):
        return {key: known(office, each, account) for key, each in value.items()}
    kind, _, name = value.partition(" ") if isinstance(value, str) else ("", "", "")
    match kind if name else "":
        case "role" | "team" | "invitation":
            return f"{kind.capitalize()}:{office.built.id(kind, account, name)}"
        case "account":
            return office.built.slug(name)
        case "member" | "person":
            return f"{kind.capitalize()}:{office.built.user(name)}"
        case "batch":
            return f"AccessBatch:{office.batches[account]}"
    return value

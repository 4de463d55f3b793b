"""How each field of each object type is had from the database; made from the registry."""

from dataclasses import dataclass
from typing import TypeAlias

from schema.history import BATCH, CHANGE, LONGEST_REASON
from schema.links import Link, links_of
from schema.modules import REGISTRY
from schema.names import camel, can
from schema.registry import Column, Kind, Module
from schema.trash import TRASHED


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column of the row; the value in capitals where it is an enum's. `longest`: characters of a text at most."""

    column: str
    enum: bool = False
    longest: int = 0


@dataclass(frozen=True, slots=True)
class OwnId:
    """The global id made of a uuid column."""

    type_name: str
    column: str = "id"


@dataclass(frozen=True, slots=True)
class Part:
    """An object of a type whose columns stand in the same row, behind a prefix."""

    type_name: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Reference:
    """One row of another source, whose `far` equals `near` of this row."""

    type_name: str
    near: str
    far: str = "id"
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """All rows of a source that belong to the row; `needs`: what one has to be able to view for that."""

    type_name: str
    source: str
    order: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """A connection to rows of another module."""

    link: Link


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether an action is possible on the row."""

    module: Module
    action: str


Recipe: TypeAlias = OwnColumn | OwnId | Part | Reference | Collection | Pages | Permission


@dataclass(frozen=True, slots=True)
class Entity:
    """An object type with an id: where its rows are, and the modules whose `view` they need."""

    type_name: str
    source: str
    needs: tuple[str, ...] = ()


def _column(column: Column) -> OwnColumn:
    return OwnColumn(column.name, enum=bool(column.choices), longest=column.max_length or 0)


def _row(module: Module) -> dict[str, Recipe]:
    """Fields of a module's rows."""
    fields: dict[str, Recipe] = {"id": OwnId(module.type_name)}
    foreign_keys = {relation.column for relation in module.to_one}
    fields |= {camel(column.name): _column(column) for column in module.columns if column.name not in foreign_keys}
    for relation in module.to_one:
        fields[camel(relation.name)] = Reference(REGISTRY.by_name[relation.target].type_name, relation.column)
    fields |= {camel(link.name): Pages(link) for link in links_of(module, REGISTRY)}
    fields |= {
        "createdBy": Reference("Person", "created_by"),
        "createdAt": OwnColumn("created_at"),
        "updatedAt": OwnColumn("updated_at"),
        "version": OwnColumn("version"),
        "access": Part(f"{module.type_name}Access", ""),
    }
    if module.sensitive:
        fields["sensitive"] = Reference(f"{module.type_name}Sensitive", "id", source=module.sensitive_table)
    if module.sends_to:
        fields["sent"] = Reference(f"{module.type_name}Sent", "id", source=module.sent_view)
    if module.own_columns:
        fields["owner"] = Reference("Person", "owner_id")
    if module.kind in (Kind.RECORD, Kind.ASSET):
        fields["shares"] = Collection("Share", f"shares_of_{module.name}", ("since", "id"))
    if module.kind is Kind.ASSET:
        fields |= {
            "teams": Collection("Team", "assigned_teams", ("name", "id")),
            "restricted": OwnColumn("restricted"),
        }
    elif module.own_columns:
        fields |= {"team": Reference("Team", "team_id"), "openToAll": OwnColumn("open_to_all")}
    return fields


# Characters of a row, roughly: what is long in it is one text, most often.
LONGEST_CONTENT = 10_000


def _catalogue() -> dict[str, dict[str, Recipe]]:
    types: dict[str, dict[str, Recipe]] = {
        "Person": {"id": OwnId("Person"), "name": OwnColumn("name"), "email": OwnColumn("email")},
        "Team": {
            "id": OwnId("Team"),
            "name": OwnColumn("name"),
            "parent": Reference("Team", "parent_id"),
            "children": Collection("Team", "teams_below", ("name", "id")),
            "roles": Collection("Role", "roles_of_team", ("name", "id"), ("roles",)),
        },
        "Role": {
            "id": OwnId("Role"),
            "name": OwnColumn("name"),
            "builtIn": OwnColumn("built_in"),
            "cells": Collection("RoleCell", "cells_of_role", ("module", "action"), ("roles",)),
            "teams": Collection("Team", "teams_of_role", ("name", "id"), ("roles",)),
        },
        "RoleCell": {
            "module": OwnColumn("module"),
            "action": OwnColumn("action"),
            "scopes": OwnColumn("scopes"),
        },
        "Member": {
            "id": OwnId("Member"),
            "person": Reference("Person", "id"),
            "status": OwnColumn("status", enum=True),
            # Its name is for everybody who sees members.
            "role": Reference("Role", "role_id", source="crm.roles"),
            "superAdmin": OwnColumn("super_admin"),
            "teams": Collection("MemberTeam", "teams_of_member", ("is_main desc", "team_id")),
            "exceptions": Collection("MemberException", "exceptions_of_member", ("module", "action", "scope")),
            "owns": Collection("OwnedRows", "owned_by_member", ("module",)),
        },
        "Invitation": {
            "id": OwnId("Invitation"),
            "email": OwnColumn("email"),
            "name": OwnColumn("name"),
            "role": Reference("Role", "role_id", source="crm.roles"),
            "mainTeam": Reference("Team", "main_team_id"),
            "teams": Collection("Team", "assigned_teams", ("name", "id")),
            "invitedBy": Reference("Person", "invited_by"),
            "invitedAt": OwnColumn("invited_at"),
            "until": OwnColumn("expires_at"),
            "status": OwnColumn("status", enum=True),
            "acceptedBy": Reference("Person", "accepted_by"),
        },
        "OwnedRows": {"module": OwnColumn("module"), "count": OwnColumn("count")},
        "MemberTeam": {"team": Reference("Team", "team_id"), "isMain": OwnColumn("is_main")},
        "MemberException": {
            "module": OwnColumn("module"),
            "action": OwnColumn("action"),
            "scope": OwnColumn("scope"),
            "effect": OwnColumn("effect", enum=True),
            "until": OwnColumn("until"),
        },
        "SensitiveModule": {
            "module": OwnColumn("module"),
            "columns": OwnColumn("columns"),
            "sensitive": OwnColumn("sensitive"),
            "since": OwnColumn("since"),
        },
        "ViewerTeam": {
            "id": OwnId("Team"),
            "team": Reference("Team", "id"),
            "name": OwnColumn("name"),
            "parent": Reference("Team", "parent_id"),
            "isMain": OwnColumn("is_main"),
        },
        "Account": {
            "id": OwnId("Account"),
            "slug": OwnColumn("slug"),
            "name": OwnColumn("name"),
            "kind": OwnColumn("kind", enum=True),
            "tiers": Collection("AccountTier", "tiers_of_account", ("place",)),
            "restrictNewContent": OwnColumn("restrict_new_content"),
            "restrictedModules": OwnColumn("restricted_modules"),
        },
        "AccountTier": {"hub": OwnColumn("hub", enum=True), "tier": OwnColumn("tier", enum=True)},
        "Share": {
            "id": OwnId("Share"),
            "user": Reference("Person", "user_id"),
            "team": Reference("Team", "team_id"),
            "actions": OwnColumn("actions"),
            "reason": OwnColumn("reason", longest=1000),
            "givenBy": Reference("Person", "given_by"),
            "since": OwnColumn("since"),
            "until": OwnColumn("until"),
        },
        "Capability": {"action": OwnColumn("action"), "scopes": OwnColumn("scopes")},
        "ModuleCapabilities": {
            "module": OwnColumn("module"),
            "actions": Collection("Capability", "capabilities_of_module", ("action",)),
        },
        "Job": {
            "id": OwnId("Job"),
            "kind": OwnColumn("kind", enum=True),
            "module": OwnColumn("module"),
            "status": OwnColumn("status", enum=True),
            "progress": Part("JobProgress", ""),
            "startedBy": Reference("Person", "user_id"),
            "reason": OwnColumn("reason", longest=LONGEST_REASON),
            "createdAt": OwnColumn("created_at"),
            "startedAt": OwnColumn("started_at"),
            "finishedAt": OwnColumn("finished_at"),
            "problemCode": OwnColumn("problem_code"),
            "problemMessage": OwnColumn("problem_message"),
            "refused": Collection("RefusedRow", "refusals_of_job", ("row_id",)),
        },
        "JobProgress": {
            name: OwnColumn(name)
            for name in ("total", "processed", "remaining", "changed", "unchanged", "hidden", "refused")
        },
        "ImportedRow": {
            "index": OwnColumn("place"),
            "externalId": OwnColumn("external_id"),
            "outcome": OwnColumn("outcome", enum=True),
            "code": OwnColumn("code", enum=True),
            **{name: OwnColumn(name) for name in ("id", "message", "module", "action", "fields")},
        },
        "RefusedRow": {
            "code": OwnColumn("code", enum=True),
            **{name: OwnColumn(name) for name in ("id", "message", "module", "action", "tier")},
        },
        "Wall": {"code": OwnColumn("code", enum=True), "sentence": OwnColumn("sentence")},
        "PreviewSample": {"id": OwnColumn("id"), "label": OwnColumn("label"), "reason": OwnColumn("reason")},
        "PreviewChange": {
            "person": Reference("Person", "user_id"),
            "members": OwnColumn("members"),
            "module": OwnColumn("module"),
            "action": OwnColumn("action"),
            "gained": OwnColumn("gained"),
            "lost": OwnColumn("lost"),
            "held": OwnColumn("held", enum=True),
            "samplesGained": Collection("PreviewSample", "samples_gained", ("label", "id")),
            "samplesLost": Collection("PreviewSample", "samples_lost", ("label", "id")),
        },
        "PreviewNote": {name: OwnColumn(name) for name in ("code", "module", "count", "message")},
        "PreviewTotal": {name: OwnColumn(name) for name in ("module", "action", "gaining", "losing", "gained", "lost")},
        "Viewer": {
            "user": Part("Person", "user_"),
            "account": Part("Account", "account_"),
            "role": OwnColumn("role"),
            "superAdmin": OwnColumn("super_admin"),
            "teams": Collection("ViewerTeam", "viewer_teams", ("is_main desc", "name", "id")),
            "capabilities": Collection("ModuleCapabilities", "modules_with_capabilities", ("module",)),
        },
        CHANGE: {
            "id": OwnId(CHANGE),
            "at": OwnColumn("at"),
            "kind": OwnColumn("kind", enum=True),
            "actor": Reference("Person", "actor_id"),
            "operator": OwnColumn("operator"),
            "member": Reference("Person", "user_id"),
            "team": Reference("Team", "team_id", source="crm.teams_of_history"),
            "teamId": OwnId("Team", "known_team_id"),
            "roleId": OwnId("Role", "role_id"),
            "module": OwnColumn("module"),
            "rowId": OwnColumn("row_key"),
            "before": OwnColumn("before"),
            "after": OwnColumn("after"),
            "reason": OwnColumn("reason", longest=LONGEST_REASON),
            "batchId": OwnId(BATCH, "batch"),
            "request": OwnColumn("request"),
        },
    }
    types[TRASHED] = {
        "id": OwnId(TRASHED),
        "module": OwnColumn("module"),
        "rowId": OwnColumn("row_key"),
        "label": OwnColumn("label"),
        "owner": Reference("Person", "owner_id"),
        "deletedBy": Reference("Person", "deleted_by"),
        "operator": OwnColumn("operator"),
        "deletedAt": OwnColumn("deleted_at"),
        "content": OwnColumn("content", longest=LONGEST_CONTENT),
        "sensitive": OwnColumn("sensitive", longest=LONGEST_CONTENT),
    }
    for module in REGISTRY.modules:
        types[module.type_name] = _row(module)
        types[f"{module.type_name}Access"] = {
            can(action): Permission(module, action) for action in REGISTRY.buttons(module)
        }
        if module.sends_to:
            types[f"{module.type_name}Sent"] = {camel(column.name): _column(column) for column in module.content}
        types[f"{module.type_name}Sensitive"] = {camel(column.name): _column(column) for column in module.sensitive}
    return types


CATALOGUE: dict[str, dict[str, Recipe]] = _catalogue()

ENTITIES: dict[str, Entity] = {
    "Person": Entity("Person", "crm.people"),
    "Team": Entity("Team", "crm.teams"),
    "Role": Entity("Role", "crm.roles", ("roles",)),
    "Member": Entity("Member", "crm.members", ("users",)),
    "Invitation": Entity("Invitation", "crm.invitations", ("users",)),
    "Job": Entity("Job", "crm.jobs"),
    **{module.type_name: Entity(module.type_name, module.table, (module.governing,)) for module in REGISTRY.modules},
}

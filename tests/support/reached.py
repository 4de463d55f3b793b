"""What every member of an account can do with every row, asked member by member: what a dry run is compared with."""

from collections.abc import Iterable
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from schema.modules import REGISTRY
from schema.registry import Module
from tests.support.sql import acting

Reached: TypeAlias = dict[tuple[UUID, str, str], frozenset[UUID]]
"""Ids of rows by member, module and action; of an action that concerns no row, one id where it is held."""

HELD = frozenset([UUID(int=0)])
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def _asked(module: Module) -> str:
    """Rows that are seen, with what may be done to them: as the action wall asks."""
    columns = ["t.id", "true"]
    for action in REGISTRY.previewed(module)[1:]:
        needed = f"'{module.governing}', '{action}'"
        row = f"{module.reach_of('t')}, access.user_id(), access.team_keys()"
        shared = [f" or access.is_shared({needed}, '{of}', t.{column})" for of, column in module.share_keys]
        if action == "view_sensitive":
            shared.append(f" or access.sensitive_action('{module.governing}') = 'view'")
        columns.append(f"access.{module.reach}_within(access.reach({needed}), {row}){''.join(shared)}")
    return (
        f"select {', '.join(f'{column} as c{number}' for number, column in enumerate(columns))} from {module.table} t"
    )


async def reached(gateway: Connection, slug: str, members: Iterable[UUID], modules: Iterable[str]) -> Reached:
    """What each of the members can do now; of whoever may not act, nothing."""
    found: Reached = {}
    for member in members:
        try:
            async with acting(gateway, slug, member) as connection:
                for name in modules:
                    module = REGISTRY.by_name[name]
                    rows = [tuple(row) for row in await connection.fetch(_asked(module))]
                    for number, action in enumerate(REGISTRY.previewed(module), 1):
                        found[member, name, action] = frozenset(row[0] for row in rows if row[number])
                for held in await connection.fetch("select module, action from crm.capabilities"):
                    if not _on_rows(held["module"], held["action"]):
                        found[member, held["module"], held["action"]] = (
                            found.get((member, held["module"], held["action"]), frozenset()) | HELD
                        )
        except asyncpg.InvalidAuthorizationSpecificationError:
            continue
    return {key: rows for key, rows in found.items() if rows}


def _on_rows(module: str, action: str) -> bool:
    return REGISTRY.on_rows(module, action)


def difference(before: Reached, after: Reached) -> dict[tuple[UUID, str, str], tuple[frozenset[UUID], frozenset[UUID]]]:
    """What was gained and lost, where anything was."""
    changed = {}
    for key in before.keys() | after.keys():
        was, now = before.get(key, frozenset()), after.get(key, frozenset())
        if was != now:
            changed[key] = (now - was, was - now)
    return changed


def predicted(preview: dict[str, Any], people: dict[str, UUID]) -> dict[tuple[UUID, str, str], tuple[int, int]]:
    """What a dry run said: how many are gained and lost, as `difference` counts them. `people` by their names."""
    told = {}
    for line in preview["changes"]:
        gained = int(line["gained"]) + (line["held"] == "GAINED")
        lost = int(line["lost"]) + (line["held"] == "LOST")
        # Whom a dry run itself makes a member, nobody knows when it is over.
        name = line["person"]["name"] if line["person"] else "New"
        told[people[name], line["module"], line["action"]] = (gained, lost)
    return told

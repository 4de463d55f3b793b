"""The ways in, for one member after the other."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import asyncpg

from schema.modules import REGISTRY
from schema.registry import Kind, Module
from tests.support.building import Built
from tests.support.databases import TestDatabase
from tests.support.model import Member, World
from tests.support.sql import Probe, acting, seen, tried, writes_of

# One row, none; or a refusal by the product, or by a policy on a new row.
KNOWN_ENDS = {"1", "0", "U0403", "U0404", "42501"}


def modules_of(world: World) -> tuple[Module, ...]:
    """The modules that have rows in the world."""
    return tuple(REGISTRY.by_name[name] for name in sorted({row.module for _, row in world.rows}))


def names_of(built: Built, world: World) -> dict[UUID, str]:
    """Names of rows by their ids."""
    return {built.row(account, row.name): row.name for account, row in world.rows}


@dataclass
class Doors:
    """Connections: the superuser's, the gateway's, and an analyst's login for each name of a user.

    Logins are bound to each world's members in turn, which the product never does: making one costs more than a world.
    """

    database: TestDatabase = field(repr=False)
    admin: "asyncpg.Connection[asyncpg.Record]" = field(repr=False)
    gateway: "asyncpg.Connection[asyncpg.Record]" = field(repr=False)
    analysts: "dict[str, asyncpg.Connection[asyncpg.Record]]" = field(repr=False)
    logins: dict[str, str] = field(repr=False)
    worlds: int = field(default=0, repr=False)

    async def bind_analysts(self, built: Built, world: World) -> None:
        """Let each user's login be that user in the first account."""
        here = world.here
        await self.admin.execute("delete from access.analyst_login where login = any ($1)", list(self.logins.values()))
        await self.admin.executemany(
            "insert into access.analyst_login (account_id, user_id, login) values ($1, $2, $3)",
            [(built.accounts[here.name], built.user(m.user), self.logins[m.user]) for m in here.members],
        )

    async def sql(self, built: Built, world: World, member: Member) -> set[tuple[str, str]]:
        """Action and row of everything that the member may do over the gateway's login; of creating, the module."""
        modules, names = modules_of(world), names_of(built, world)
        probes = [
            Probe(f"{action} {row.name}", f"{module.name}.{action}", built.row(account, row.name))
            for account, row in world.rows
            for module in (REGISTRY.by_name[row.module],)
            for action in writes_of(module)
            if action != "create"
        ]
        probes += [
            Probe(f"create {module.name}", f"{module.name}.create", uuid4())
            for module in modules
            if module.kind is not Kind.CHILD
        ]
        try:
            async with acting(self.gateway, built.slug("here"), built.user(member.user)):
                found = {(action, names[row]) for _, action, row in await seen(self.gateway, modules)}
                done = await tried(self.gateway, modules, probes)
        except asyncpg.InvalidAuthorizationSpecificationError:
            return set()
        assert not set(done.values()) - KNOWN_ENDS, done
        return found | {(key.split()[0], key.split()[1]) for key, end in done.items() if end == "1"}

    async def analyst(self, built: Built, world: World, member: Member) -> set[tuple[str, str]]:
        """Action and row of everything that the member reads as an analyst."""
        names = names_of(built, world)
        try:
            return {
                (action, names[row]) for _, action, row in await seen(self.analysts[member.user], modules_of(world))
            }
        except asyncpg.InvalidAuthorizationSpecificationError:
            return set()

    async def tidy(self) -> None:
        """Forget the worlds so far: thousands of profiles would make every SET ROLE slower."""
        self.worlds += 1
        if self.worlds % 25 == 0:
            await self.admin.execute("delete from access.analyst_login")
            await self.admin.execute("delete from access_private.session_profile")
            await self.admin.execute("select access.remove_unused_profiles('0')")

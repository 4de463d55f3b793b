"""The ways in, for one member after the other, and where what they find differs from what the oracle says."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import asyncpg

from schema.modules import REGISTRY
from schema.registry import Module
from tests.property import oracle
from tests.property.asking import READ, Question, questions, reading
from tests.support.building import Built, build_all
from tests.support.databases import TestDatabase
from tests.support.model import Account, Member, World

Found = set[tuple[str, str]]


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
    counts: Counter[str] = field(default_factory=Counter, repr=False)
    # How a member's transaction begins and ends.
    begin: str = "begin"
    end: str = "rollback"

    def within_a_transaction(self) -> "Doors":
        """The superuser's connection as the gateway's, in a transaction that he has begun; without analysts."""
        begin = "savepoint asked; set local session authorization cloison_gateway"
        return replace(
            self, gateway=self.admin, analysts={}, counts=Counter(), begin=begin, end="rollback to asked; release asked"
        )

    async def disagreements(self, worlds: Sequence[World]) -> list[list[str]]:
        """Make the worlds, ask as each of their members, and tell of each where the oracle says something else."""
        if self.end == "rollback":
            async with self.admin.transaction():
                made = await build_all(self.admin, worlds)
        else:
            made = await build_all(self.admin, worlds)
        return [await self._judge(built, world) for built, world in zip(made, worlds, strict=True)]

    async def _judge(self, built: Built, world: World) -> list[str]:
        found = []
        for account in world.accounts:
            # Of the other account, whoever is a guest there.
            for member in account.members[account is not world.here :]:
                says = oracle.verdicts(world, member, account)
                who = f"{member.user}, of {account.name}"
                found += [f"{who}: {line}" for line in await self._member(built, world, account, member, says)]
        found += await self._analysts(built, world)
        self.counts["worlds"] += 1
        return found

    async def _member(
        self, built: Built, world: World, account: Account, member: Member, says: oracle.Verdicts
    ) -> list[str]:
        """As a member over the gateway's login."""
        self.counts["verdicts"] += (reads := sum(key[0] in READ for key in says))
        self.counts["denials"] += reads - sum(says[key] for key in says if key[0] in READ)
        enter = f"select access.enter('{built.slug(account.name)}', '{built.user(member.user)}')"
        try:
            await self.gateway.execute(f"{self.begin}; {enter}")
        except asyncpg.InvalidAuthorizationSpecificationError:
            await self.gateway.execute(self.end)
            return ["is not let in"] if oracle.acts(member) else []
        try:
            if not oracle.acts(member):
                return ["is let in"]
            rows = await self.gateway.fetch(reading(modules_of(world), whole=True))
            expected = {key for key, yes in says.items() if yes and key[0] in READ}
            expected |= {("holds", ".".join(cell)) for cell in oracle.said(account, member)}
            differences = _differences({(row[0], row[1]) for row in rows}, expected, names_of(built, world))
            asked = list(questions(built, world, account, member, says))
            self.counts["verdicts"] += sum(question.asks for question in asked)
            self.counts["denials"] += sum(question.denies for question in asked)
            return differences + await self._tried(asked)
        finally:
            await self.gateway.execute(self.end)

    async def _tried(self, asked: list[Question]) -> list[str]:
        by_module: dict[str, list[Question]] = {}
        for question in asked:
            by_module.setdefault(question.module, []).append(question)
        todo = [
            json.dumps([question.todo(str(number)) for number, question in enumerate(found)], default=str)
            for found in by_module.values()
        ]
        if not todo:
            return []
        calls = ", ".join(f"probe.{module}(${number})" for number, module in enumerate(by_module, 1))
        answers = await self.gateway.fetchrow(f"select {calls}", *todo)
        assert answers is not None
        return [
            f"{question.what}: {end}, and not {' or '.join(sorted(question.answers))}"
            for found, done in zip(by_module.values(), answers, strict=True)
            for number, end in json.loads(done).items()
            for question in [found[int(number)]]
            if end not in question.answers
        ]

    async def _analysts(self, built: Built, world: World) -> list[str]:
        """As an analyst, with a login bound to one of the members."""
        if not self.analysts:
            return []
        here, found = world.here, []
        member = here.members[self.counts["worlds"] % len(here.members)]
        await self.bind(built, world, member)
        says = {key: yes for key, yes in oracle.verdicts(world, member).items() if key[0] in READ[:2]}
        read = await self.analyst(world, member)
        expected = {key for key, yes in says.items() if yes}
        found += [f"{member.user}, an analyst: {line}" for line in _differences(read, expected, names_of(built, world))]
        self.counts["verdicts"] += len(says)
        self.counts["denials"] += len(says) - len(expected)
        return found

    async def bind(self, built: Built, world: World, member: Member) -> None:
        """Let a user's login be that user in the first account."""
        await self.admin.execute("delete from access.analyst_login where login = $1", self.logins[member.user])
        await self.admin.execute(
            "insert into access.analyst_login (account_id, user_id, login) values ($1, $2, $3)",
            built.accounts[world.here.name],
            built.user(member.user),
            self.logins[member.user],
        )

    async def analyst(self, world: World, member: Member) -> Found:
        """Action and id of everything that the member reads as an analyst."""
        try:
            rows = await self.analysts[member.user].fetch(reading(modules_of(world), whole=False))
        except asyncpg.InvalidAuthorizationSpecificationError:
            return set()
        return {(row[0], row[1]) for row in rows}

    async def tidy(self) -> None:
        """After a world that was made alone: forget them every now and then."""
        self.worlds += 1
        if self.worlds % 25 == 0:
            await self.forget()

    async def forget(self) -> None:
        """Forget the worlds so far: thousands of profiles would make every SET ROLE slower."""
        await self.admin.execute("delete from access.analyst_login")
        await self.admin.execute("delete from access_private.session_profile")
        await self.admin.execute("select access.remove_unused_profiles('0')")


def _differences(found: Found, expected: Found, names: dict[UUID, str]) -> list[str]:
    """What is read and should not be, and the other way round."""
    by_id = {str(key): name for key, name in names.items()}
    read = {(action, what if action == "holds" else by_id.get(what, what)) for action, what in found}
    return [
        *(f"{action} {what}, and should not" for action, what in sorted(read - expected)),
        *(f"does not {action} {what}" for action, what in sorted(expected - read)),
    ]

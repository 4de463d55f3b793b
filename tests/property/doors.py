"""The ways in, for one member after the other, and where what they find differs from what the oracle says."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

import asyncpg

from schema.modules import REGISTRY
from schema.registry import Module
from tests.property import oracle
from tests.property.asking import READ, Question, questions, reading
from tests.support.building import Built, build_all
from tests.support.databases import TestDatabase
from tests.support.model import Account, Member, World
from tests.support.sql import for_analysts

Found = set[tuple[str, str]]

# Of a world: as how many members of each account one asks, how many things each of them tries, how often he tries what
# costs most and what he may send to a list, and how often one asks as an analyst.
ASKED, TRIED, DEAR, SENT, ANALYSTS = 2, 16, 0.1, 0.5, 0.25


def modules_of(world: World) -> tuple[Module, ...]:
    """The modules that have rows in the world."""
    return tuple(REGISTRY.by_name[name] for name in sorted({row.module for _, row in world.rows}))


def names_of(built: Built, world: World) -> dict[UUID, str]:
    """Names of rows by their ids."""
    return {built.row(account, row.name): row.name for account, row in world.rows}


@dataclass(frozen=True)
class Seat:
    """Somebody in a world that was made."""

    built: Built
    world: World
    account: Account
    member: Member

    @property
    def enter(self) -> str:
        """The statement by which he enters."""
        return f"select access.enter('{self.built.slug(self.account.name)}', '{self.built.user(self.member.user)}')"


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
    # What is tried, where that is not everything.
    acts: frozenset[str] | None = None

    def within_a_transaction(self) -> "Doors":
        """The superuser's connection as the gateway's, in a transaction that he has begun; without analysts."""
        begin = "savepoint asked; set local session authorization cloison_gateway"
        return replace(
            self, gateway=self.admin, analysts={}, counts=Counter(), begin=begin, end="rollback to asked; release asked"
        )

    async def disagreements(self, worlds: Sequence[World], *, thorough: bool = False) -> list[list[str]]:
        """Make the worlds, ask there, and tell of each where the oracle says something else.

        Thoroughly: as every member, and everything; else as some of them, who read all and try some of what there is.
        """
        if self.end == "rollback":
            async with self.admin.transaction():
                made = await build_all(self.admin, worlds, quick=True)
        else:
            made = await build_all(self.admin, worlds, quick=True)
        return [await self._judge(built, world, thorough) for built, world in zip(made, worlds, strict=True)]

    async def _judge(self, built: Built, world: World, thorough: bool) -> list[str]:
        chance = None if thorough else Random(self.counts["worlds"])
        found = []
        for account in world.accounts:
            # Of the other account, whoever is a guest there.
            for member in _of(account.members[account is not world.here :], ASKED, chance):
                seat = Seat(built, world, account, member)
                found += [f"{member.user}, of {account.name}: {line}" for line in await self._member(seat, chance)]
        analysts = len(world.here.members) if chance is None else int(chance.random() < ANALYSTS)
        for member in _of(world.here.members, analysts, chance):
            found += [f"{member.user}, an analyst: {line}" for line in await self._analyst(built, world, member)]
        self.counts["worlds"] += 1
        return found

    async def _member(self, seat: Seat, chance: Random | None) -> list[str]:
        """As a member over the gateway's login."""
        acts, says = oracle.acts(seat.member), oracle.verdicts(seat.world, seat.member, seat.account)
        self._count(says, READ)
        try:
            await self.gateway.execute(f"{self.begin}; {seat.enter}")
            return await self._entered(seat, says, chance) if acts else ["is let in"]
        except asyncpg.InvalidAuthorizationSpecificationError:
            return ["is not let in"] if acts else []
        except asyncpg.PostgresError as error:
            return [f"is told: {error}"]
        finally:
            await self.gateway.execute(self.end)

    async def _entered(self, seat: Seat, says: oracle.Verdicts, chance: Random | None) -> list[str]:
        rows = await self.gateway.fetch(reading(modules_of(seat.world), whole=True))
        expected = {key for key, yes in says.items() if yes and key[0] in READ}
        expected |= {("holds", ".".join(cell)) for cell in oracle.said(seat.account, seat.member)}
        differences = _differences({(row[0], row[1]) for row in rows}, expected, names_of(seat.built, seat.world))
        there = questions(seat.built, seat.world, seat.account, seat.member, says)
        asked = _some_of([each for each in there if self.acts is None or each.act in self.acts], chance)
        self.counts["verdicts"] += sum(question.asks for question in asked)
        self.counts["denials"] += sum(question.denies for question in asked)
        return differences + await self._tried(asked)

    def _count(self, says: oracle.Verdicts, actions: Sequence[str]) -> None:
        found = [yes for key, yes in says.items() if key[0] in actions]
        self.counts["verdicts"] += len(found)
        self.counts["denials"] += len(found) - sum(found)

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

    async def _analyst(self, built: Built, world: World, member: Member) -> list[str]:
        """As an analyst, with a login bound to the member."""
        if not self.analysts:
            return []
        await self._bind(built, world, member)
        says = oracle.verdicts(world, member)
        self._count(says, READ[:2])
        try:
            rows = await self.analysts[member.user].fetch(for_analysts(reading(modules_of(world), whole=False)))
        except asyncpg.InvalidAuthorizationSpecificationError:
            rows = []
        expected = {key for key, yes in says.items() if yes and key[0] in READ[:2]}
        return _differences({(row[0], row[1]) for row in rows}, expected, names_of(built, world))

    async def _bind(self, built: Built, world: World, member: Member) -> None:
        """Let a user's login be that user in the first account."""
        await self.admin.execute("delete from access.analyst_login where login = $1", self.logins[member.user])
        await self.admin.execute(
            "insert into access.analyst_login (account_id, user_id, login) values ($1, $2, $3)",
            built.accounts[world.here.name],
            built.user(member.user),
            self.logins[member.user],
        )

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


def _of(members: Sequence[Member], most: int, chance: Random | None) -> Sequence[Member]:
    return members if chance is None else chance.sample(members, min(most, len(members)))


def _some_of(asked: list[Question], chance: Random | None) -> list[Question]:
    """Some of what there is to try, all of one module: a statement is planned anew for each member."""
    if chance is None or not asked:
        return asked
    # Few send to a list of which they see a part, and so whoever may send to one is mostly asked to.
    sent = [each for each in asked if each.act == "deliver" and each.asks - each.denies and chance.random() < SENT][:4]
    module = sent[0].module if sent else chance.choice(sorted({question.module for question in asked}))
    of_module = [
        each for each in asked if each.module == module and each not in sent and (each.cheap or chance.random() < DEAR)
    ]
    return sent + chance.sample(of_module, min(TRIED - len(sent), len(of_module)))


def _differences(found: Found, expected: Found, names: dict[UUID, str]) -> list[str]:
    """What is read and should not be, and the other way round."""
    by_id = {str(key): name for key, name in names.items()}
    read = {(action, what if action == "holds" else by_id.get(what, what)) for action, what in found}
    return [
        *(f"{action} {what}, and should not" for action, what in sorted(read - expected)),
        *(f"does not {action} {what}" for action, what in sorted(expected - read)),
    ]

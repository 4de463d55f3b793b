"""From an empty database, or one that has the demo already, to a tour of personas."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID

import asyncpg

from demo.company import Company, Person, expected
from demo.load import Place, build, fill, find, finish
from demo.rows import companies
from resolvers.session import Database

SignToken: TypeAlias = Callable[[UUID, str], str]

FIRST_QUERY = """\
query Tour {
  viewer { user { name } account { name } role teams { name isMain } }
  deals(first: 3, orderBy: [AMOUNT_CENTS_DESC]) {
    totalCount
    nodes { name stage amountCents owner { name } company { name } access { canUpdate canDelete } }
  }
}
"""


class Progress(Protocol):
    """Whoever watches, if anybody does: a bar in a terminal."""

    def begin(self, task: str, total: int) -> None:
        """A task of so many rows starts."""

    def advance(self, task: str, by: int = 1) -> None:
        """So many more rows are there."""

    def finish(self, task: str) -> None:
        """The task is done."""


class _Unwatched:
    def begin(self, task: str, total: int) -> None: ...

    def advance(self, task: str, by: int = 1) -> None: ...

    def finish(self, task: str) -> None: ...


UNWATCHED = _Unwatched()


@dataclass(frozen=True, slots=True)
class TourPersona:
    """Somebody to be. `token` is ready to use, and `sees` counts rows per module as the generator knows them.

    A module that the persona may not view at all counts None; `sees` is None for who is not let in (deactivated).
    """

    name: str
    email: str
    account: str
    role: str
    team: str
    remark: str
    sees: Mapping[str, int | None] | None
    token: str


@dataclass(frozen=True, slots=True)
class Tour:
    """What there is to show: personas, a first query to paste, and who to be as an analyst.

    `fresh` tells whether this run made anything.
    """

    personas: tuple[TourPersona, ...]
    query: str
    analyst: TourPersona
    fresh: bool


async def run(*, operator: str, gateway: str, sign: SignToken, progress: Progress = UNWATCHED) -> Tour:
    """Make the demo accounts where they are not whole yet, and say who may be tried.

    `operator` and `gateway` are URIs of the operator's and the gateway's login on a migrated database; `sign` makes a
    token for a user's id and an account's slug. DemoFailed when an account's slug is taken by somebody else.
    """
    connection = await asyncpg.connect(operator, server_settings={"application_name": "cloison demo"})
    try:
        # Two at once would make the same rows: the later one waits, and finds them there.
        await connection.execute("select pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended('cloison demo', 0))")
        fresh, personas = False, []
        for company in companies():
            place = await find(connection, company)
            if place is None or not place.complete:
                place, fresh = await _make(connection, gateway, company, place, progress), True
            personas += [_persona(company, person, place, sign) for person in company.people if person.remark]
    finally:
        await connection.close()
    analyst = next(persona for persona in personas if persona.role == "Sales manager")
    return Tour(tuple(personas), FIRST_QUERY, analyst, fresh)


async def _make(
    connection: "asyncpg.Connection[asyncpg.Record]",
    gateway: str,
    company: Company,
    place: Place | None,
    progress: Progress,
) -> Place:
    progress.begin(company.name, len(company.rows))
    place = place or await build(connection, company)
    async with Database.connected(gateway) as database:
        await fill(connection, database, company, place, lambda rows: progress.advance(company.name, rows))
    await finish(connection, company, place)
    progress.finish(company.name)
    return place


def _persona(company: Company, person: Person, place: Place, sign: SignToken) -> TourPersona:
    teams = {team.key: team.name for team in company.teams}
    main = teams[person.team] if person.team else "-"
    extra = "".join(f" + {teams[team]}" for team in person.extra_teams)
    return TourPersona(
        name=person.name,
        email=person.email,
        account=company.slug,
        role=person.role,
        team=f"{main}{extra}",
        remark=person.remark or "",
        sees=expected(company, person),
        token=sign(place.people[person.email], company.slug),
    )

"""What the demo claims about its personas is what they see."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import anyio
import asyncpg
import pytest

import demo
from demo.company import MODULES as DEMONSTRATED, Company
from demo.rows import companies
from resolvers.errors import Unauthenticated
from resolvers.session import Database, Identity, PoolOptions
from tests.api.conftest import Member, settings_for, talking, token
from tests.conftest import Clone
from tests.support.databases import TestDatabase

MODULES = [module.name for module in DEMONSTRATED]
FIELDS = {
    "contacts": "contacts",
    "companies": "companies",
    "deals": "deals",
    "tickets": "tickets",
    "landing_pages": "landingPages",
}
TOTALS = "{ " + " ".join(f"{module}: {field} {{ totalCount }}" for module, field in FIELDS.items()) + " }"

PERSONAS = [person.email for company in companies() for person in company.people if person.remark]


@dataclass(frozen=True)
class Shown:
    """A database with the demo in it."""

    database: TestDatabase
    tour: demo.Tour

    def persona(self, email: str) -> demo.TourPersona:
        return next(persona for persona in self.tour.personas if persona.email == email)

    async def identity(self, email: str) -> Identity:
        """Who a persona is."""
        operator = await self.database.connect()
        try:
            user = await operator.fetchval("select id from access.app_user where email = $1", email)
        finally:
            await operator.close()
        return Identity(self.persona(email).account, user)


class Watching:
    """Counts what it is told; `until` rows, and then it breaks off."""

    def __init__(self, until: float = float("inf")) -> None:
        self.until, self.told, self.ended = until, dict[str, list[int]](), list[str]()

    def begin(self, task: str, total: int) -> None:
        self.told[task] = [0, total]

    def advance(self, task: str, by: int = 1) -> None:
        self.told[task][0] += by
        if sum(done for done, _ in self.told.values()) > self.until:
            raise KeyboardInterrupt

    def finish(self, task: str) -> None:
        self.ended.append(task)


def sign(user: UUID, account: str) -> str:
    return token(Member(account, user, 0))


async def make(database: TestDatabase, **options: Any) -> demo.Tour:
    return await demo.run(operator=database.admin_dsn, gateway=database.gateway_dsn, sign=sign, **options)


@pytest.fixture(scope="module")
def shown(clone: Clone) -> Iterator[Shown]:
    with clone() as database:
        yield Shown(database, anyio.run(make, database))


async def counts(database: TestDatabase, company: Company) -> dict[str, int]:
    """Rows of an account by module, past all policies."""
    operator = await database.connect()
    try:
        return {
            module: await operator.fetchval(
                f"select count(*) from crm.{module} t join access.account a on a.id = t.account_id where a.slug = $1",
                company.slug,
            )
            for module in MODULES
        }
    finally:
        await operator.close()


async def see(connection: Any, schema: str = "crm") -> dict[str, int]:
    """Rows of each module that a connection shows."""
    return {module: await connection.fetchval(f"select count(*) from {schema}.{module}") for module in MODULES}


def generated(company: Company) -> dict[str, int]:
    return {module: sum(row.module == module for row in company.rows) for module in MODULES}


@pytest.mark.parametrize("company", companies(), ids=lambda company: company.slug)
async def test_every_row_is_there(shown: Shown, company: Company) -> None:
    assert await counts(shown.database, company) == generated(company)


@pytest.mark.parametrize("email", PERSONAS)
async def test_a_persona_sees_what_the_tour_says(shown: Shown, email: str) -> None:
    sees, identity = shown.persona(email).sees, await shown.identity(email)
    async with Database.connected(shown.database.gateway_dsn, PoolOptions(min_size=1)) as database:
        if sees is None:
            with pytest.raises(Unauthenticated):
                async with database.session(identity):
                    pass
            return
        async with database.session(identity) as session:
            seen = {
                module: await session.connection.fetchval(f"select count(*) from crm.{module}") for module in MODULES
            }
    assert seen == {module: count or 0 for module, count in sees.items()}


@pytest.mark.parametrize("email", PERSONAS)
async def test_a_personas_token_counts_the_same(shown: Shown, email: str) -> None:
    persona = shown.persona(email)
    async with talking(settings_for(shown.database), authorization=f"Bearer {persona.token}") as client:
        answer = await client.post("/graphql", json={"query": TOTALS})
    if persona.sees is None:
        assert answer.status_code == 401
        return
    totals = {module: found and found["totalCount"] for module, found in answer.json()["data"].items()}
    assert totals == dict(persona.sees)
    denied = {error["path"][0]: error["extensions"]["code"] for error in answer.json().get("errors", [])}
    assert denied == {module: "FORBIDDEN" for module, count in persona.sees.items() if count is None}


async def test_the_first_query_answers_every_persona(shown: Shown) -> None:
    for persona in shown.tour.personas:
        async with talking(settings_for(shown.database), authorization=f"Bearer {persona.token}") as client:
            answer = (await client.post("/graphql", json={"query": shown.tour.query})).json()
        if persona.sees is not None:
            assert answer["data"]["viewer"]["user"]["name"] == persona.name
            assert {error["extensions"]["code"] for error in answer.get("errors", [])} <= {"FORBIDDEN"}


async def test_the_analyst_of_the_tour_counts_the_same(shown: Shown) -> None:
    persona, identity = shown.tour.analyst, await shown.identity(shown.tour.analyst.email)
    operator = await shown.database.connect()
    try:
        login = await operator.fetchrow(
            "select l.* from access.account a, access.create_analyst(a.id, $1) l where a.slug = $2",
            identity.user, persona.account,
        )  # fmt: skip
    finally:
        await operator.close()
    assert login is not None
    analyst = await asyncpg.connect(shown.database.login_dsn(login["login"], login["password"]))
    try:
        seen = await see(analyst, "analyst")
    finally:
        await analyst.close()
    assert persona.sees is not None
    assert seen == {module: count or 0 for module, count in persona.sees.items()}


async def test_a_second_run_keeps_what_was_changed(shown: Shown) -> None:
    company = companies()[0]
    identity = await shown.identity(company.owner.email)
    with shown.database.clone() as database:
        async with (
            Database.connected(database.gateway_dsn, PoolOptions(min_size=1)) as gateway,
            gateway.session(identity) as session,
        ):
            await session.connection.execute("delete from crm.landing_pages")

        again = await make(database)

        assert (shown.tour.fresh, again.fresh) == (True, False)
        assert await counts(database, company) == generated(company) | {"landing_pages": 0}


async def test_a_run_that_was_broken_off_is_completed(database: TestDatabase) -> None:
    with pytest.raises(KeyboardInterrupt):
        await make(database, progress=Watching(until=9_000))
    company = companies()[0]
    assert 0 < sum((await counts(database, company)).values()) < len(company.rows)

    watching = Watching()
    assert (await make(database, progress=watching)).fresh

    assert await counts(database, company) == generated(company)
    assert watching.told == {found.name: [len(found.rows)] * 2 for found in companies()}
    assert watching.ended == [found.name for found in companies()]


async def test_two_runs_at_once_make_it_once(database: TestDatabase) -> None:
    made: list[demo.Tour] = []

    async def run() -> None:
        made.append(await make(database))

    async with anyio.create_task_group() as both:
        both.start_soon(run)
        both.start_soon(run)

    assert sorted(tour.fresh for tour in made) == [False, True]
    for company in companies():
        assert await counts(database, company) == generated(company)


async def test_an_account_of_somebody_else_is_left_alone(database: TestDatabase) -> None:
    operator = await database.connect()
    try:
        await operator.execute("select access.create_account('meridian', 'Meridian Ltd', 'me@firm.example')")
    finally:
        await operator.close()

    with pytest.raises(demo.DemoFailed, match="meridian that is not the demo's"):
        await make(database)

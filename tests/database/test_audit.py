"""sql/audit: a database as we make it passes, and every file finds what it is for."""

import asyncpg
import pytest

from migrations.audit import ask, audit
from migrations.definitions import SQL, Definition, rendered
from tests.database.audit_breaks import BREAKS, Break
from tests.database.audit_breaks_of_grants import BREAKS_OF_GRANTS

pytestmark = pytest.mark.any_server

Connection = "asyncpg.Connection[asyncpg.Record]"
ALL = (*BREAKS, *BREAKS_OF_GRANTS)
FILES = {definition.path: definition for definition in rendered("audit")}


def named(name: str) -> Definition:
    return FILES[f"audit/{name}.sql"]


async def test_nothing_is_violated_in_a_database_with_two_companies(
    trial: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    assert await trial.fetchval("select count(*) from crm.deals") > 0, "an empty database would let much pass"
    assert {path: found for path, found in (await audit(trial)).items() if found} == {}


@pytest.mark.parametrize("broken", ALL, ids=[f"{each} ({number})" for number, each in enumerate(ALL)])
async def test_an_audit_finds(trial: "asyncpg.Connection[asyncpg.Record]", broken: Break) -> None:
    assert await ask(trial, named(broken.audit)) == []

    await trial.execute(broken.done)

    assert any(broken.says in line for line in await ask(trial, named(broken.audit)))


@pytest.mark.parametrize("number", [150009, 160000, 160005, 170000, 170001, 140020])
async def test_a_server_that_mixes_plans_of_roles_up_is_found(
    trial: "asyncpg.Connection[asyncpg.Record]", number: int
) -> None:
    assert await ask(trial, pretending(number))


@pytest.mark.parametrize("number", [150010, 160006, 170002, 180000, 190000])
async def test_a_server_with_cve_2024_10976_mended_passes(
    trial: "asyncpg.Connection[asyncpg.Record]", number: int
) -> None:
    assert await ask(trial, pretending(number)) == []


def pretending(number: int) -> Definition:
    found = named("server_version")
    sql = found.sql.replace("current_setting('server_version_num')::integer", str(number))
    assert sql != found.sql
    return Definition(found.path, None, sql)


def test_every_audit_is_broken_once() -> None:
    broken = {f"audit/{each.audit}.sql" for each in ALL} | {"audit/server_version.sql"}
    assert broken == set(FILES) == {path.relative_to(SQL).as_posix() for path in (SQL / "audit").iterdir()}


@pytest.mark.parametrize("path", FILES)
def test_an_audit_begins_with_its_concern_and_how_to_mend_it(path: str) -> None:
    head = FILES[path].sql.partition("\nselect")[0].partition("\nwith")[0]
    assert head.startswith("-- Concern: ")
    assert "\n-- To mend: " in head


async def test_a_question_that_cannot_be_asked_is_a_violation(trial: "asyncpg.Connection[asyncpg.Record]") -> None:
    await trial.execute("drop table access_private.team_closure cascade")

    found = await audit(trial)

    assert found["audit/team_closure.sql"] == [
        'could not be asked: relation "access_private.team_closure" does not exist'
    ]

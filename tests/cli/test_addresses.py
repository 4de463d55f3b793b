import asyncpg
import psycopg
import pytest

from gateway.database import as_service
from tests.cli.conftest import Cloison, address


def test_an_analyst_gets_a_uri_and_nothing_else(company: Cloison) -> None:
    outcome = company("analyst", "create", "--account=acme", "--email=ada@acme.example")
    assert (outcome.code, outcome.said) == (0, "")
    assert outcome.answer.count("\n") == 1
    with psycopg.connect(outcome.answer.strip()) as connection:
        assert connection.execute("select email from people").fetchall() == [("ada@acme.example",)]
        assert connection.execute("select count(*) from deals").fetchone() == (0,)
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            connection.execute("delete from deals")


def test_an_analyst_gets_a_service_where_one_is_asked_for(company: Cloison) -> None:
    printed = company.succeed("analyst", "create", "--account=acme", "--email=ada@acme.example", "--service=ada")
    name, *lines = printed.splitlines()
    service = dict(line.split("=", 1) for line in lines)
    assert name == "[ada]"
    assert set(service) == {"host", "port", "dbname", "user", "password"}
    assert service["user"].startswith("cloison_a_")


def test_a_service_has_a_name_that_its_file_can_hold(company: Cloison) -> None:
    outcome = company("analyst", "create", "--account=acme", "--email=ada@acme.example", "--service=a]\n[b")
    assert (outcome.code, outcome.answer) == (2, "")


@pytest.mark.parametrize(
    ("url", "service"),
    [
        (
            "postgresql://me:a%40b@db.example:5433/c?sslmode=require",
            "host=db.example port=5433 dbname=c user=me password=a@b sslmode=require",
        ),
        (
            "postgresql://me:x@one.example,two.example:7/c",
            "host=one.example,two.example port=,7 dbname=c user=me password=x",
        ),
        ("postgresql://me@/c?host=/run/postgresql", "dbname=c user=me host=/run/postgresql"),
    ],
)
def test_a_service_says_what_its_url_says(url: str, service: str) -> None:
    lines = as_service("mine", url).splitlines()
    assert lines[0] == "[mine]"
    assert sorted(lines[1:]) == sorted(service.split())


def test_a_stranger_gets_no_analysts_login(company: Cloison) -> None:
    said = company.refuse("analyst", "create", "--account=acme", "--email=nobody@acme.example")
    assert "not a member of account acme" in said


def test_the_owners_url_is_the_superusers(company: Cloison) -> None:
    with psycopg.connect(company.succeed("database-url")) as connection:
        assert connection.execute("select count(*) from access.account").fetchone() == (1,)
    assert company.succeed("database-url", "--as", "owner") == company.succeed("database-url")


def test_the_gateways_url_is_a_login_that_sees_nothing_by_itself(company: Cloison) -> None:
    with psycopg.connect(company.succeed("database-url", "--as", "gateway")) as connection:
        assert connection.execute("select session_user").fetchone() == ("cloison_gateway",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from crm.deals")


async def test_an_address_works_after_its_command_until_stop(cloison: Cloison) -> None:
    url = cloison.succeed("database-url")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select true")
    await connection.close()
    cloison.succeed("stop")
    assert address(cloison) is None


def test_a_command_stops_what_it_started(cloison: Cloison) -> None:
    cloison.succeed("migrate")
    assert address(cloison) is None

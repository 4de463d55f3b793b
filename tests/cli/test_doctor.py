import json

import asyncpg
import pytest

from tests.cli.conftest import Cloison, address


def findings(cloison: Cloison, **settings: str) -> tuple[int, dict[str, str | None]]:
    outcome = cloison("doctor", "--json", **settings)
    return outcome.code, {finding["check"]: finding["advice"] for finding in json.loads(outcome.answer)}


def test_all_is_well(company: Cloison) -> None:
    code, found = findings(company)
    assert [check for check, advice in found.items() if advice] == []
    assert code == 0
    assert {"variables", "roles", "gateway's login", "drift"} <= found.keys()
    assert any(check.startswith("server version 18.") for check in found)
    assert sum(check.startswith("audit/") for check in found) > 10


def test_each_line_says_ok_or_what_to_do(company: Cloison) -> None:
    outcome = company("doctor", PROT="8000")
    assert outcome.code == 1
    lines = outcome.answer.splitlines()
    assert lines[0] == "todo variables: unset CLOISON_PROT: no setting is called that."
    assert all(line.startswith("ok   ") for line in lines[1:])


def test_a_database_that_is_not_there_is_a_finding(company: Cloison) -> None:
    code, found = findings(company, DATABASE_URL="postgresql://a:b@127.0.0.1:1/c")
    assert code == 1
    assert "cannot be reached" in (found["settings and server"] or "")


@pytest.mark.parametrize(
    ("done", "undone", "check", "advice"),
    [
        ("alter role cloison_member bypassrls", "alter role cloison_member nobypassrls", "roles", "past all policies"),
        ("alter role cloison_owner login", "alter role cloison_owner nologin", "roles", "may log in"),
        (
            "alter role cloison_gateway password 'changed by hand'",
            None,
            "gateway's login",
            "run `cloison migrate`",
        ),
        ("alter table crm.deals disable row level security", None, "audit/", "not enabled"),
        ("create policy oops on crm.deals using (true)", None, "drift", "oops"),
    ],
)
async def test_what_was_changed_by_hand_is_a_finding(
    company: Cloison, done: str, undone: str | None, check: str, advice: str
) -> None:
    found_at = address(company)
    assert found_at is not None
    connection = await asyncpg.connect(found_at.superuser_url())
    try:
        await connection.execute(done)
        code, found = findings(company)
        assert code == 1
        assert [said for name, said in found.items() if name.startswith(check) and said and advice in said]
    finally:
        if undone is not None:
            await connection.execute(undone)
        await connection.close()
    company.succeed("migrate")
    assert findings(company)[0] == 0

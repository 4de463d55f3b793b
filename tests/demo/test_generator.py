"""The demo's accounts as they are generated: the same in every run, plausible, and as large as promised."""

from collections import Counter

import pytest

from demo.company import MODULES, Company, expected
from demo.rows import companies, share
from demo.words import Words
from schema.modules import REGISTRY
from schema.registry import Type


@pytest.fixture(scope="module")
def large() -> Company:
    return companies()[0]


@pytest.fixture(scope="module")
def small() -> Company:
    return companies()[1]


def test_two_runs_make_the_same(large: Company, small: Company) -> None:
    assert companies() == (large, small)


def test_the_large_account_is_as_large_as_promised(large: Company, small: Company) -> None:
    assert (len(large.people), len(large.rows)) == (50, 20_000)
    assert set(Counter(row.module for row in large.rows)) == {module.name for module in MODULES}
    assert len(small.people) < 10
    assert small.teams == ()


def test_teams_have_three_levels(large: Company) -> None:
    parents = {team.key: team.parent for team in large.teams}

    def level(key: str) -> int:
        above = parents[key]
        return 1 if above is None else 1 + level(above)

    assert {level(key) for key in parents} == {1, 2, 3}
    assert large.below["Europe"] == {"Europe", "France", "Germany", "Paris", "Lyon", "Berlin", "Munich"}


def test_addresses_are_reserved_and_differ(large: Company, small: Company) -> None:
    emails = [person.email for company in (large, small) for person in company.people]
    assert len(emails) == len(set(emails))
    assert all(email.endswith(".example") and email.isascii() for email in emails)


def test_personas_cover_what_is_to_be_shown(large: Company, small: Company) -> None:
    roles = {person.role for company in (large, small) for person in company.people if person.remark}
    assert roles >= {
        "Owner", "Administrator", "Member", "Regional lead", "Sales manager", "Sales agent", "Marketing editor",
        "Service agent", "External viewer",
    }  # fmt: skip
    assert any(person.remark and not person.active for person in large.people)
    assert any(person.remark and person.extra_teams for person in large.people)


def test_personas_see_different_parts(large: Company) -> None:
    seen = [expected(large, person) for person in large.people if person.remark and person.role != "Administrator"]
    counts = [tuple(sees.values()) for sees in seen if sees is not None]
    assert len(counts) == len(set(counts))
    assert expected(large, next(person for person in large.people if not person.active)) is None


def test_rows_fit_their_columns(large: Company, small: Company) -> None:
    for row in (*large.rows, *small.rows):
        module = REGISTRY.by_name[row.module]
        for name, value in (row.values | row.sensitive).items():
            column = module.column(name)
            if column.choices:
                assert value in column.choices, row
            if column.type is Type.TEXT and value is not None:
                assert isinstance(value, str), row
                assert 0 < len(value) <= (column.max_length or len(value)), row
                assert not column.lowercase or value == value.lower(), row


def test_references_lead_to_rows_that_were_made_before(large: Company, small: Company) -> None:
    for company in (large, small):
        made: dict[str, set[object]] = {module.name: set() for module in REGISTRY.modules}
        for row in company.rows:
            for relation in REGISTRY.by_name[row.module].to_one:
                target = row.values.get(relation.column)
                assert target is None or target in made[relation.target], row
            assert made["contacts"].issuperset(row.contacts), row
            made[row.module].add(row.id)


def test_ids_rise_and_are_of_version_seven() -> None:
    words = Words("test", {})
    ids = [words.id() for _ in range(1_000)]
    assert ids == sorted(set(ids))
    assert {made.version for made in ids} == {7}


@pytest.mark.parametrize(("total", "parts"), [(10, 3), (2, 5), (0, 2), (5, 0), (1_000, 7)])
def test_shares_add_up(total: int, parts: int) -> None:
    sizes = share(total, parts, Words("test", {}).chance)
    assert len(sizes) == parts
    assert sum(sizes) == (total if parts else 0)

"""docs/errors.md and docs/performance.md say what is so."""

import re
from dataclasses import asdict
from pathlib import Path

from gateway.limits import Limits
from gateway.settings import Settings
from resolvers.errors import BY_CLASS, BY_SQLSTATE
from resolvers.session import PoolOptions
from schema.errors import BY_CODE

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = (DOCS / "errors.md").read_text()


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_code_is_listed_once() -> None:
    assert sorted(re.findall(r"^\| `([A-Z_]+)` \|", section("Codes"), re.MULTILINE)) == sorted(BY_CODE)


def test_every_limit_is_listed_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([\d,]+) \|$", section("Limits"), re.MULTILINE)

    assert {name: int(value.replace(",", "")) for name, value in rows} == asdict(Limits())


def test_every_limit_can_be_set_but_the_batch() -> None:
    settable = {name.removeprefix("limit_") for name in Settings.model_fields if name.startswith("limit_")}

    assert settable == set(asdict(Limits())) - {"batch"}
    assert Limits.of(Settings()) == Limits()


def test_every_sqlstate_that_is_translated_is_listed() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|", section("From PostgreSQL"), re.MULTILINE)
    listed = [state for row in rows for state in re.findall(r"`([^`]+)`", row)]

    assert sorted(listed) == sorted([*BY_SQLSTATE, *(f"{kind}..." for kind in BY_CLASS)])


def test_what_pgbouncer_has_to_ignore_is_given_to_the_login() -> None:
    """All that a connection starts with, but for what PgBouncer itself keeps track of."""
    page = (DOCS / "performance.md").read_text()
    tracked = {"application_name", "timezone", "datestyle", "standard_conforming_strings"}
    expected = set(PoolOptions().server_settings()) - tracked
    (ignored,) = re.findall(r"ignore_startup_parameters = (\S+)", page)
    assert set(ignored.split(",")) - {"extra_float_digits", "options"} == expected
    assert set(re.findall(r"alter role cloison_gateway set (\w+) =", page)) == expected

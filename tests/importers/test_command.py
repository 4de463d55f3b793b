"""`cloison import`, as a process."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.embedded import Server
from tests.cli.conftest import Cloison
from tests.support.databases import FAST
from tests.support.places import place

MAPPING = """
version = 1
name = "trial"

[sources.deals]
file = "deals.csv"

[[rows]]
module = "deals"
source = "deals"
key = "id"
owner = "owner"

[rows.columns]
name = "name"
"""


@pytest.fixture(scope="module")
def company() -> Iterator[Cloison]:
    """The command on a migrated database with an account `acme` of ada@acme.example."""
    with place() as parent:
        found = Cloison(parent / ".data")
        with Server(found.directory, parameters=FAST).hold():
            found.succeed("migrate")
            found.succeed("account", "create", "--slug=acme", "--name=Acme", "--owner-email=ada@acme.example")
            yield found


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING)
    (tmp_path / "deals.csv").write_text("id,name,owner\n1,Anvils,ada@acme.example\n2,,\n")
    return path


def arguments(mapping: Path, *more: str) -> list[str]:
    rejects = mapping.with_name("rejects.csv")
    return ["import", str(mapping), f"--data={mapping.parent}", "--account=acme", f"--rejects={rejects}", *more]


def test_it_says_what_went_in_and_what_did_not(company: Cloison, mapping: Path) -> None:
    first = company(*arguments(mapping, "--dry-run"))
    assert first.code == 0, first.said
    assert "This was a dry run: nothing was kept." in first.said

    outcome = company(*arguments(mapping))

    assert outcome.code == 0, outcome.said
    assert "trial in acme" in outcome.answer
    assert "deals.csv:3: name is missing" in outcome.said
    assert str(mapping.with_name("rejects.csv")) in outcome.said

    again = json.loads(company.succeed(*arguments(mapping, "--json", "--as=ada@acme.example")))
    assert again["rows"] == {"deals": {"inserted": 0, "unchanged": 1}}
    assert again["refused_lines"] == 1


def test_a_wrong_mapping_is_one_sentence(company: Cloison, mapping: Path) -> None:
    mapping.write_text(MAPPING.replace('name = "name"', 'colour = "name"'))
    sentence = company.refuse(*arguments(mapping))
    assert "rows[0].columns.colour: deals have no such column to import into" in sentence


def test_a_missing_file_is_one_sentence(company: Cloison, mapping: Path) -> None:
    (mapping.parent / "deals.csv").unlink()
    assert "deals.csv is not there" in company.refuse(*arguments(mapping))


def test_a_stranger_is_one_sentence(company: Cloison, mapping: Path) -> None:
    assert "is not a member" in company.refuse(*arguments(mapping, "--as=eve@acme.example"))

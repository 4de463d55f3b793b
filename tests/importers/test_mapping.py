"""A mapping is refused by the key that is wrong, before any file is opened."""

from pathlib import Path
from typing import Any

import pytest

from importers.errors import MappingError
from importers.loading import load, parse

EXAMPLES = sorted((Path(__file__).parents[2] / "importers" / "examples").glob("*.toml"))


def mapping(**changes: Any) -> dict[str, Any]:
    """The smallest mapping that imports something, with parts exchanged."""
    return {
        "version": 1,
        "name": "trial",
        "sources": {"companies": {"file": "companies.csv"}},
        "rows": [{"module": "companies", "source": "companies", "key": "id", "columns": {"name": "name"}}],
    } | changes


def rows(**changes: Any) -> list[dict[str, Any]]:
    return [{"module": "companies", "source": "companies", "key": "id", "columns": {"name": "name"}} | changes]


def role(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "R", "capabilities": [{"modules": ["deals"], "actions": ["view"], "scopes": ["team"]} | changes]}]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_a_mapping(path: Path) -> None:
    assert load(path).rows


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": (mapping(colour="red"), "colour: is not a key"),
    "unknown key inside": (mapping(rows=rows(owners="x")), "rows[0].owners: is not a key"),
    "version of another age": (mapping(version=2), "version: Input should be 1"),
    "name that is no name": (mapping(name="My Mapping"), "name: String should match"),
    "no sources": (mapping(sources={}), "sources: "),
    "file outside": (
        mapping(sources={"companies": {"file": "../x.csv"}}),
        "sources.companies.file: must be a path inside",
    ),
    "absolute file": (
        mapping(sources={"companies": {"file": "/x.csv"}}),
        "sources.companies.file: must be a path inside",
    ),
    "unknown encoding": (mapping(sources={"companies": {"file": "x", "encoding": "klingon"}}), "no encoding is called"),
    "encoding without lines": (
        mapping(sources={"companies": {"file": "x", "encoding": "utf-16"}}),
        "save the file as utf-8",
    ),
    "long delimiter": (
        mapping(sources={"companies": {"file": "x", "delimiter": ";;"}}),
        "sources.companies.delimiter: ",
    ),
    "unknown source": (mapping(rows=rows(source="nowhere")), "rows[0].source: there is no [sources.nowhere]"),
    "unknown module": (mapping(rows=rows(module="friends")), "rows[0].module: 'friends' is none of contacts"),
    "unknown column": (
        mapping(rows=rows(columns={"name": "n", "color": "c"})),
        "rows[0].columns.color: companies have no such",
    ),
    "column of the database": (mapping(rows=rows(columns={"name": "n", "version": "c"})), "rows[0].columns.version: "),
    "required column left out": (mapping(rows=rows(columns={"city": "city"})), "rows[0].columns: companies need name"),
    "two origins": (mapping(rows=rows(key={"field": "a", "value": "b"})), "rows[0].key: say exactly one of"),
    "no origin": (mapping(rows=rows(key={"lower": True})), "rows[0].key: say exactly one of"),
    "broken template": (mapping(rows=rows(key={"template": "{id"})), "rows[0].key: the template cannot be read"),
    "template without a cell": (mapping(rows=rows(key={"template": "id"})), "rows[0].key: a template names its cells"),
    "template with a format": (
        mapping(rows=rows(key={"template": "{id:>9}"})),
        "rows[0].key: a template names its cells",
    ),
    "unknown lookup": (
        mapping(rows=rows(key={"field": "id", "lookup": "x"})),
        "rows[0].key.lookup: there is no [lookups.x]",
    ),
    "multiplied text": (mapping(rows=rows(key={"field": "id", "multiply": 2})), "rows[0].key: multiply"),
    "multiply by a word": (
        mapping(rows=rows(columns={"name": "n", "founded_year": {"field": "y", "multiply": "twice"}})),
        "rows[0].columns.founded_year.multiply: ",
    ),
    "format of a number": (
        mapping(rows=rows(columns={"name": "n", "founded_year": {"field": "y", "format": "%Y"}})),
        "rows[0].columns.founded_year.format: is for dates",
    ),
    "lookup to no choice": (
        mapping(
            lookups={"stages": {"Won": "victory"}},
            rows=rows(module="deals", columns={"name": "n", "stage": {"field": "s", "lookup": "stages"}}),
        ),
        "rows[0].columns.stage: 'victory' is none of prospecting",
    ),
    "constant that is no choice": (
        mapping(rows=rows(module="deals", columns={"name": "n", "stage": {"value": "victory"}})),
        "rows[0].columns.stage: 'victory' is none of",
    ),
    "zone of a date": (
        mapping(rows=rows(module="deals", columns={"name": "n", "closed_on": {"field": "d", "zone": "UTC"}})),
        "rows[0].columns.closed_on.zone: is for times",
    ),
    "unknown zone": (
        mapping(
            rows=rows(module="tickets", columns={"subject": "n", "due_at": {"field": "d", "zone": "Mars/Olympus"}})
        ),
        "rows[0].columns.due_at.zone: there is no time zone",
    ),
    "module without import": (
        mapping(rows=rows(module="landing_pages", columns={"title": "n"})),
        "rows[0].module: 'landing_pages' is none of contacts, companies, deals, leads, tickets, tasks, invoices",
    ),
    "open to all and in a team": (mapping(rows=rows(open_to_all=True, team="t")), "rows[0].team: a row that is open"),
    "unknown relation": (
        mapping(rows=rows(links={"friends": {"keys": "f"}})),
        "rows[0].links.friends: companies have no",
    ),
    "unknown action": (mapping(roles=role(actions=["fly"])), "roles[0].capabilities[0].actions: deals has no action"),
    "unknown tool": (mapping(roles=role(modules=["ships"])), "roles[0].capabilities[0].modules: there is no module"),
    "unknown scope": (mapping(roles=role(scopes=["galaxy"])), "roles[0].capabilities[0].scopes: 'galaxy' is none of"),
    "scope left out": (mapping(roles=role(scopes=[])), "roles[0].capabilities[0].scopes: view on deals needs"),
    "scope too many": (mapping(roles=role(actions=["create"])), "create on deals concerns no row"),
    "member from nowhere": (
        mapping(members=[{"name": "who", "email": "mail", "role": "Member"}]),
        "members[0].name: reads the column 'who', but no source is named",
    ),
    "column that a headless file lacks": (
        mapping(sources={"companies": {"file": "x.csv", "columns": ["a", "name"]}}),
        "rows[0].key: 'id' is none of the columns of [sources.companies]",
    ),
}


@pytest.mark.parametrize(("document", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_mapping_is_refused_by_its_key(document: dict[str, Any], message: str) -> None:
    with pytest.raises(MappingError) as refused:
        parse(document, "trial.toml")
    assert any(message in problem for problem in refused.value.problems), refused.value.problems
    assert str(refused.value).startswith("trial.toml: ")


def test_the_smallest_mapping_is_right() -> None:
    assert parse(mapping(), "trial.toml").rows[0].columns["name"].field == "name"


def test_every_problem_is_named_at_once() -> None:
    wrong = mapping(rows=rows(module="deals", columns={"stage": {"value": "x"}, "colour": "c"}))
    with pytest.raises(MappingError) as refused:
        parse(wrong, "trial.toml")
    assert len(refused.value.problems) == 3


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("version = 1\nname =\n")
    with pytest.raises(MappingError, match=r"is not TOML: .*line 2"):
        load(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")

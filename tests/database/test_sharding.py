"""What is so from the first table on, so that accounts can be spread over machines (design, section 9)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations.definitions import STAGES, rendered
from resolvers.compiler.render import writes
from schema.modules import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
INSERT = re.compile(
    r"\binsert into (?!pg_temp\.)([\w.{} ]+?) *(?:as \w+ *)?\(.*?(?=;|\Z|\), \w+ as \()", re.DOTALL | re.MULTILINE
)
CHECKED = re.compile(r"\b(?:returning|on conflict)\b")


def texts() -> Iterator[tuple[str, str]]:
    """All SQL that writes rows: what is in force, templates of imports and of the demo, and what the compiler makes."""
    for stage in STAGES:
        for each in rendered(stage):
            yield f"sql/{each.path}", each.sql
    for folder in ("importers", "demo"):
        for path in sorted((ROOT / folder / "templates").glob("*.sql")):
            yield path.relative_to(ROOT).as_posix(), path.read_text()
    for module in REGISTRY.modules:
        for link in module.to_many:
            yield "add_pairs", writes.add_pairs(f"crm.{link.through}", link.column, link.target_column)


def selects(text: str) -> list[str]:
    """Each INSERT ... SELECT in a text."""
    bare = re.sub(r"--[^\n]*", "", text)
    return [found.group() for found in INSERT.finditer(bare) if re.search(r"\bselect\b", found.group())]


FOUND = [(name, statement) for name, text in texts() for statement in selects(text)]


@pytest.mark.parametrize(
    ("name", "statement"), FOUND, ids=[f"{name} {number}" for number, (name, _) in enumerate(FOUND)]
)
def test_an_insert_from_a_select_is_checked_row_by_row(name: str, statement: str) -> None:
    """On Citus WITH CHECK is skipped for a local shard otherwise."""
    assert CHECKED.search(statement), f"{name}: {statement}"


def test_statements_of_every_kind_were_looked_at() -> None:
    assert len(FOUND) > 15
    assert {name.partition("/")[0] for name, _ in FOUND} == {"sql", "importers", "demo", "add_pairs"}
    assert not CHECKED.search(selects("insert into crm.deals (name) select n from x;")[0])


def test_only_staging_copies() -> None:
    """A member never does: COPY skips WITH CHECK there."""
    copying = re.compile(r"\bcopy_(?:records_)?to_table\b|\bcopy\b[^\n]*\bfrom stdin\b", re.IGNORECASE)
    sources = [
        path
        for folder in ("gateway", "resolvers", "importers", "demo", "cli")
        for path in (ROOT / folder).rglob("*.py")
    ]
    assert len(sources) > 50
    assert [path.relative_to(ROOT).as_posix() for path in sources if copying.search(path.read_text())] == [
        "importers/run.py"
    ]

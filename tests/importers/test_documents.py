"""What docs/importing.md shows is what a mapping takes."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importers.loading import parse
from importers.mapping import Capability, Expression, Links, Members, Part, Role, Rows, Source, Teams
from tests.importers.conftest import ROOT, Account

PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
BLOCKS = [tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
(CSV,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)


def together() -> dict[str, Any]:
    """The page's parts as one mapping, with the sources that they name."""
    whole: dict[str, Any] = {"version": 1, "name": "page", "sources": {"sales_teams": {"file": "sales_teams.csv"}}}
    for block in BLOCKS[1:]:
        for key, value in block.items():
            whole[key] = whole.get(key, {}) | value if isinstance(value, dict) else [*whole.get(key, []), *value]
    return whole


def test_the_parts_of_the_page_are_a_mapping() -> None:
    mapping = parse(together(), "docs/importing.md")
    assert (len(mapping.teams), len(mapping.members), len(mapping.rows), len(mapping.roles)) == (2, 1, 1, 1)


@pytest.mark.parametrize("part", [Source, Expression, Role, Capability, Teams, Members, Rows, Links])
def test_every_key_is_on_the_page(part: type[Part]) -> None:
    missing = [name for name in part.model_fields if not re.search(rf"\b{name}\b", PAGE)]
    assert missing == []


async def test_the_smallest_mapping_of_the_page_imports_its_file(account: Account, files: Callable[..., Path]) -> None:
    summary = await account.bring(parse(BLOCKS[0], "docs/importing.md"), files(companies=CSV))
    assert (summary.rows["companies"].inserted, summary.refusals) == (2, [])

"""docs/administration.md: its examples fit the schema, and it lists every mutation."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from resolvers.root import GRAPHQL
from schema.administration import ADMINISTRATION

DOCUMENT = (Path(__file__).parents[2] / "docs" / "administration.md").read_text()
EXAMPLES = re.findall(r"```graphql\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.findall(r"\w+(?=\()", text)[-1])
def test_examples_fit_the_schema(example: str) -> None:
    assert validate(GRAPHQL, parse(example)) == []


def test_every_mutation_is_listed_once() -> None:
    table = DOCUMENT.split("| --- | --- |\n")[1].split("\n\n")[0]
    listed = re.findall(r"`(\w+[A-Z]\w*)`", table)
    assert sorted(listed) == sorted(ADMINISTRATION)

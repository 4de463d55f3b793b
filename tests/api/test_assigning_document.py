"""docs/assigning.md: its examples fit the schema, and its numbers are those of the code."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from resolvers.root import GRAPHQL
from schema import assignments

DOCUMENT = (Path(__file__).parents[2] / "docs" / "assigning.md").read_text()
EXAMPLES = re.findall(r"```graphql\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=map(str, range(len(EXAMPLES))))
def test_examples_fit_the_schema(example: str) -> None:
    assert validate(GRAPHQL, parse(example)) == []


def test_bounds_are_those_of_the_code() -> None:
    for bound in (assignments.MOST_AT_ONCE, assignments.MOST_OF_A_JOB, assignments.MOST_IDS, assignments.MOST_REFUSED):
        assert f"{bound:,}" in DOCUMENT

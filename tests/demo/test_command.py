"""`cloison demo --no-serve`, as a process: the first run fills an empty directory, the second finds it."""

import re

from tests.cli.conftest import Cloison
from tests.support.places import place


def test_it_prints_personas_with_tokens_that_are_ready() -> None:
    with place() as parent:
        cloison = Cloison(parent / ".data")
        first = cloison.succeed("demo", "--no-serve")
        second = cloison.succeed("demo", "--no-serve")

    for printed in (first, second):
        assert printed.rindex("eyJ") < printed.index("Who to be"), "what is long comes first"
        assert re.search(r"Ada Moreau +Owner +7,000 +2,000 +6,000 +4,800 +200", printed)
        assert len(re.findall(r"^  eyJ[\w.-]+$", printed, re.MULTILINE)) == 14
        assert "query Tour" in printed
        assert "analyst create --account meridian --email diego.santos@meridian.example" in printed

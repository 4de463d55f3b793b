"""Golden triples: an operation, the SQL that it becomes, and the answer over the world of these tests.

The first line says as whom, a last comment line gives variables. After a change that is meant:
`CLOISON_GOLDEN=write .venv/bin/pytest tests/compiler/test_golden.py`, then read the difference.
"""

import json
import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.compiler.conftest import Client
from tests.compiler.corpus import CursorAt, Id, Known
from tests.compiler.test_corpus import resolved
from tests.support.profiles import sent

DIRECTORY = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in DIRECTORY.glob("*.graphql"))


def variables_of(text: str) -> Any:
    """The variables in the last comment line, with what stands for ids and cursors."""
    last = text.rstrip().splitlines()[-1]

    def known(found: dict[str, Any]) -> Any:
        match found:
            case {"row": [type_name, table, index]}:
                return Id(type_name, table, index)
            case {"team": name}:
                return Known("Team", name)
            case {"cursor": [name, order, index]}:
                return CursorAt(name, tuple(order), index)
        return found

    return json.loads(last.removeprefix("# "), object_hook=known) if last.startswith("# {") else {}


def compare(path: Path, found: str) -> None:
    """The file says what was found; or is written, when that is asked for."""
    if os.environ.get("CLOISON_GOLDEN") == "write":
        path.write_text(found)
    assert path.read_text() == found


@pytest.mark.parametrize("name", NAMES)
async def test_golden(name: str, client: Client) -> None:
    path = DIRECTORY / f"{name}.graphql"
    text = path.read_text()
    who = text.splitlines()[0].removeprefix("# as: ")
    variables = await resolved(variables_of(text), client, who)

    identity = client.world.identity(who)
    request = client.compiler.prepare(text, None).bind(variables, identity)
    result = await request.run(client.database)
    profile = client.database.profiles.of(identity)
    assert profile is not None
    rendered, _ = sent(request, profile)
    # Names of profiles differ from database to database.
    compare(path.with_suffix(".sql"), rendered.text.partition("*/ ")[2] + "\n")

    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    compare(
        path.with_suffix(".json"),
        orjson.dumps(orjson.loads(orjson.dumps(answer)), option=orjson.OPT_INDENT_2).decode() + "\n",
    )

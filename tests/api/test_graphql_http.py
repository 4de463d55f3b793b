"""The GraphQL-over-HTTP audits of the npm package graphql-http, against a real server: all MUST, all SHOULD."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.api.conftest import World, listening, settings_for, token

AUDITS = Path(__file__).parents[1] / "graphql-http"
OLDEST_NODE = 20


def node_major() -> int:
    """Major version of Node, 0 where there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return 0
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.strip().removeprefix("v").partition(".")[0])


pytestmark = pytest.mark.skipif(node_major() < OLDEST_NODE, reason=f"needs Node {OLDEST_NODE} or later, and npm")


async def run(*command: str, cwd: Path, **environment: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out


@pytest.fixture(scope="module")
async def results(world: World, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    directory = shutil.copytree(AUDITS, tmp_path_factory.mktemp("audits") / "graphql-http")
    await run("npm", "ci", "--ignore-scripts", cwd=directory)
    async with listening(settings_for(world.database)) as (_, url):
        out = await run("node", "audit.mjs", f"{url}/graphql", cwd=directory, TOKEN=token(world.owner))
    found: list[dict[str, Any]] = orjson.loads(out)
    return found


async def test_every_audit_that_is_a_must_or_a_should_passes(results: list[dict[str, Any]]) -> None:
    binding = [result for result in results if result["name"].startswith(("MUST", "SHOULD"))]

    assert len(binding) > 30
    assert [result for result in binding if result["status"] != "ok"] == []


async def test_every_audit_that_is_a_may_passes_too(results: list[dict[str, Any]]) -> None:
    assert [result for result in results if result["status"] != "ok"] == []


def test_the_lock_file_names_no_address() -> None:
    lock = (AUDITS / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert "resolved" not in lock
    assert "://" not in lock

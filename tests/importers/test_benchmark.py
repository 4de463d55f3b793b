"""The benchmark of imports runs, and says what it measured."""

import asyncio
import json
import sys

from tests.importers.conftest import ROOT


async def test_it_measures_a_small_import() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.import_rate", "--rows", "200", "--repeat", "1", "--json",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode == 0
    result = json.loads(printed)
    assert result["rows"] == 200
    assert 0 < result["import_to_copy"] < 1
    assert 0 < result["reading_share"] + result["inserting_share"] < 1

"""README's commands are run, and answer what README says."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.embedded.binaries import packaged_directory
from gateway.settings import PREFIX, Settings
from tests.cli.conftest import CHECKOUT, Cloison

README = (CHECKOUT / "README.md").read_text()
BLOCK = re.compile(r"```(sh|json|csv)\n(.*?)```", re.DOTALL)
READ: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "csv": lambda text: list(csv.reader(io.StringIO(text))),
}

# Blocks run in one shell, as a reader would; what each prints goes to a file of its own.
PREAMBLE = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"


@pytest.fixture
def tools(tmp_path: Path, cloison: Cloison, free_port: int) -> dict[str, str]:
    """Environment in which `cloison` and `psql` are on the path and everything is in a directory of the test."""
    shim = tmp_path / "bin"
    shim.mkdir()
    (shim / "psql").symlink_to(packaged_directory() / "psql")
    path = os.pathsep.join([str(shim), str(CHECKOUT / ".venv" / "bin"), os.environ["PATH"]])
    return cloison.environment({"PORT": str(free_port)}) | {"PATH": path, "HOME": str(tmp_path)}


def test_what_readme_says_happens(tools: dict[str, str], tmp_path: Path) -> None:
    script, expected = PREAMBLE, {}
    blocks = BLOCK.findall(README)
    for number, (language, text) in enumerate(blocks):
        if language == "sh":
            script += f"{{\n{text}}} > {tmp_path / str(number)} 2> {tmp_path / 'said'}\n"
        else:
            expected[number - 1] = (READ[language], text)
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{tools['CLOISON_PORT']}")
    bash = shutil.which("bash")
    assert bash is not None
    done = subprocess.run([bash, "-c", script], check=False, env=tools, cwd=tmp_path, timeout=240)
    assert done.returncode == 0, (tmp_path / "said").read_text()
    assert len(expected) == 3
    for number, (read, text) in expected.items():
        assert read((tmp_path / str(number)).read_text()) == read(text), blocks[number][1]


def test_every_setting_is_in_readme_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(CLOISON_\w+)` \| (.*?) \|", README, re.MULTILINE))
    assert list(rows) == [PREFIX + name.upper() for name in Settings.model_fields]
    for name, known in Settings.model_fields.items():
        shown = rows[PREFIX + name.upper()].strip()
        if name != "data_dir":
            assert shown == ("" if known.default in {None, ()} else str(known.default).removesuffix(".0").lower()), name


def test_every_link_of_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert links
    assert [link for link in links if not (CHECKOUT / link).exists()] == []


@pytest.mark.parametrize("target", ["demo", "test", "lint", "install"])
def test_make_knows_its_targets(target: str) -> None:
    make = shutil.which("make")
    assert make is not None
    subprocess.run([make, "--dry-run", target], check=True, cwd=CHECKOUT, capture_output=True)

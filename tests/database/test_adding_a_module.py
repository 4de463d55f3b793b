"""docs/adding-a-module.md, done to a copy of the checkout, in a database of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migrations import runner

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "adding-a-module.md"
COPIED = ("schema", "resolvers", "gateway", "migrations", "sql", "cli", "importers", "tests", "docs")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DRAFT = re.compile(r"^python -m (migrations\.draft) (\w+) > (\S+)$", re.MULTILINE)
MOST_LINES = 120

# What is the same for every module, and so for this one.
FOLLOWS = (
    "tests/database/test_audit.py::test_nothing_is_violated_in_a_database_with_two_companies",
    "tests/policies/test_matrix.py",
    "tests/policies/test_states.py",
    "tests/policies/test_creation.py",
    "tests/policies/test_turns.py",
    "tests/policies/test_clones.py",
    "tests/database/test_trash.py",
    "tests/compiler/test_schema.py",
    "tests/database/test_pgrls.py::test_no_error_is_left",
)


def ran(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the copy; it imports what the copy holds."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The copy after everything that the document says, and how many lines were written for it."""
    tree = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in ("server.py", "pyproject.toml", "pgrls.toml"):
        shutil.copy(ROOT / name, tree / name)
    text = DOCUMENT.read_text(encoding="utf-8")
    lines = 0
    for language, path, body in BLOCK.findall(text):
        if path:
            lines += add(tree / path, language, body)
    for program, module, path in DRAFT.findall(text):
        drafted = ran(tree, "-m", program, module)
        assert drafted.returncode == 0, drafted.stderr
        lines += add(tree / path, "sql", drafted.stdout)
    permissions = tree / "docs" / "permissions.md"
    before = permissions.read_text(encoding="utf-8")
    permissions.write_text(ran(tree, "-m", "schema.permissions_doc").stdout, encoding="utf-8")
    lines += len(permissions.read_text(encoding="utf-8").splitlines()) - len(before.splitlines())
    return tree, lines


def add(path: Path, language: str, body: str) -> int:
    """Write a file, or what a diff adds to one; how many lines that is."""
    if language == "diff":
        before = "".join(f"{line[1:]}\n" for line in body.splitlines() if line[0] == " ")
        after = "".join(f"{line[1:]}\n" for line in body.splitlines())
        present = path.read_text(encoding="utf-8")
        assert present.count(before) == 1, f"{path.name} has not once: {before}"
        path.write_text(present.replace(before, after), encoding="utf-8")
        return len(body.splitlines()) - len(before.splitlines())
    assert not path.exists()
    # The newest revision is another with every revision.
    path.write_text(re.sub(r'^down_revision = ".*"', f'down_revision = "{runner.head()}"', body, flags=re.MULTILINE))
    return len(body.splitlines())


def test_it_is_small(changed: tuple[Path, int]) -> None:
    """What is drafted and printed is counted too."""
    assert changed[1] < MOST_LINES


def test_all_that_follows_from_the_registry_follows(changed: tuple[Path, int]) -> None:
    """Migration, audits, the matrix through every door, states, creation, types: as for every other module."""
    tree, _ = changed
    result = ran(
        tree, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-k", "projects or violated or no_error", *FOLLOWS
    )
    assert result.returncode == 0, result.stdout[-5000:]
    passed = re.search(r"(\d+) passed", result.stdout)
    assert passed
    assert int(passed[1]) > 50


def test_the_documentation_follows(changed: tuple[Path, int]) -> None:
    tree, _ = changed
    _, found, section = (tree / "docs" / "permissions.md").read_text(encoding="utf-8").partition("### projects")
    assert found
    assert "- changed by `activate`: `status` `activated_at`" in section.partition("###")[0]

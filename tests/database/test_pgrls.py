"""pgrls, an independent linter, finds no error in a migrated database; docs/pgrls.md answers all else that it finds."""

import json
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import asyncpg
import pytest

from tests.database.conftest import Kept
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

ROOT = Path(__file__).resolve().parents[2]
ANSWER = re.compile(r"^- ((?:`[^`]+`,?\s+)*`[^`]+`): ", re.MULTILINE)


def findings(database: TestDatabase, directory: Path, *options: str) -> list[dict[str, str]]:
    """What pgrls says, run in a directory, since it reads the configuration that it finds there."""
    program = Path(sys.executable).with_name("pgrls")
    done = subprocess.run(
        [program, "lint", "--database-url", database.admin_dsn, "--format", "json", *options],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("{"), done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)["violations"]
    return found


def answers() -> dict[str, list[str]]:
    """What docs/pgrls.md answers: patterns by rule."""
    _, *sections = re.split(r"^## ", (ROOT / "docs" / "pgrls.md").read_text(), flags=re.MULTILINE)
    return {
        section.split()[0]: [pattern for group in ANSWER.findall(section) for pattern in re.findall("`([^`]+)`", group)]
        for section in sections
    }


def test_no_error_is_left(kept: Kept) -> None:
    found = findings(kept.database, ROOT)

    assert [each for each in found if each["severity"] == "error"] == []
    assert found, "warnings are there: it has looked"


def test_every_finding_is_answered_and_every_answer_has_a_finding(kept: Kept, tmp_path: Path) -> None:
    given = answers()
    found = findings(kept.database, tmp_path, "--schemas", "crm,access,access_private")

    unanswered = {
        f"{each['rule_id']} {each['location']}"
        for each in found
        if not any(fnmatchcase(each["location"], pattern) for pattern in given.get(each["rule_id"], []))
    }
    assert unanswered == set()
    idle = {
        f"{rule} {pattern}"
        for rule, patterns in given.items()
        for pattern in patterns
        if not any(each["rule_id"] == rule and fnmatchcase(each["location"], pattern) for each in found)
    }
    assert idle == set()


async def test_it_finds_a_policy_for_everybody(
    database: TestDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await admin.execute("create policy oops on crm.deals for select using (true)")

    errors = {each["rule_id"] for each in findings(database, ROOT) if each["severity"] == "error"}

    assert "SEC003" in errors

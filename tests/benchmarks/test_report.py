"""RESULTS.md is rewritten a section at a time; the peers' lock file names no address."""

from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.peers import POSTGRAPHILE


def test_a_program_rewrites_its_own_section(tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text("# Head\n<!-- rls -->\nold\n<!-- end of rls -->\n<!-- imports -->\nkept\n<!-- end of imports -->\n")

    report.write("rls", "new \\1", path)

    assert path.read_text() == (
        "# Head\n<!-- rls -->\nnew \\1\n<!-- end of rls -->\n<!-- imports -->\nkept\n<!-- end of imports -->\n"
    )


@pytest.mark.parametrize("section", report.SECTIONS)
def test_the_results_have_every_section_once(section: str, tmp_path: Path) -> None:
    path = tmp_path / "RESULTS.md"
    path.write_text(report.RESULTS.read_text())

    report.write(section, "something else", path)

    assert "something else" in path.read_text()


def test_an_unknown_section_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no section 'other'"):
        report.write("other", "", tmp_path / "RESULTS.md")


def test_the_lock_file_of_the_peers_names_no_address() -> None:
    lock = (POSTGRAPHILE / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert "resolved" not in lock
    assert "://" not in lock

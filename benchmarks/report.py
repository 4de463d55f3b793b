"""RESULTS.md: sections between markers, so that each program rewrites its own and leaves the others alone."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")
RESULTS = Path(__file__).with_name("RESULTS.md")
SECTIONS = ("requests", "half-load", "rls", "rls-10", "growth", "dry-runs", "memory", "imports")


def write(section: str, text: str, path: Path = RESULTS) -> None:
    """Replace what stands between `<!-- SECTION -->` and `<!-- end of SECTION -->`."""
    if section not in SECTIONS:
        raise ValueError(f"no section {section!r}: {', '.join(SECTIONS)}")
    before = path.read_text(encoding="utf-8")
    opening, closing = f"<!-- {section} -->", f"<!-- end of {section} -->"
    pattern = re.compile(rf"{re.escape(opening)}\n.*?{re.escape(closing)}", re.DOTALL)
    found, count = pattern.subn(lambda _: f"{opening}\n{text.strip()}\n{closing}", before)
    if count != 1:
        raise ValueError(f"{path.name} has {count} sections {section!r}")
    path.write_text(found, encoding="utf-8")


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, its numbers to the right."""
    rules = ["---", *("---:" for _ in header[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rules, *rows])

"""`python -m migrations.draft MODULE ...` prints the tables of modules as the registry describes them today.

What it prints goes into a new revision and is the author's from then on: it does not change when the registry does.
"""

import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schema.modules import REGISTRY
from schema.registry import Module

DRAFTS = Path(__file__).resolve().parent / "drafts"


def table(module: Module) -> str:
    """SQL that makes the table of a module with all that belongs to it."""
    environment = Environment(
        loader=FileSystemLoader(DRAFTS),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the output is SQL, and all values are the registry's own
    )
    return environment.get_template("table.sql.jinja").render(m=module).strip() + "\n"


def revision(modules: list[Module]) -> str:
    """The SQL file of a revision that makes these tables, in an order in which each finds those that it refers to."""
    names = ", ".join(module.name for module in modules)
    head = f"-- Concern: the tables of {names}.\nset local role cloison_owner;\n"
    return "\n".join([head, *(table(module) for module in modules)])


if __name__ == "__main__":
    sys.stdout.write(revision([REGISTRY.by_name[name] for name in sys.argv[1:]]))

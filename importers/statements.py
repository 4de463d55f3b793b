"""The SQL of an import, rendered from `templates/` for one block of rows.

Composed from identifiers of the module registry alone; everything that a mapping or a file says is a parameter or a
column of a staging table.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from importers.rows import Block, column_type
from schema.registry import Column, ToMany


def _value(column: Column, block: Block) -> str:
    """The staged column, or the id that its key stands for where it is a reference."""
    for number, relation in enumerate(block.references, 1):
        if relation.column == column.name:
            return f"r{number}.id"
    return f"s.c_{column.name}"


@cache
def _environment() -> Environment:
    # Not HTML: what is rendered is SQL, from names that are written in this repository.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["staged"] = column_type
    environment.filters["value"] = _value
    return environment


def people(targets: Iterable[str]) -> str:
    """Tables for owners, teams and the rows of these modules that lines name."""
    return _environment().get_template("people.sql").render(targets=targets)


def teams() -> str:
    """Fills the table of teams."""
    return _environment().get_template("teams.sql").render()


def for_block(name: str, block: Block) -> str:
    """The statement `name` for a block, which is the name of its template."""
    return _environment().get_template(f"{name}.sql").render(block=block)


def keys(block: Block, target: str) -> str:
    """Looks up the rows of a module that a block's lines name."""
    return _environment().get_template("keys.sql").render(block=block, target=target)


def for_links(name: str, block: Block, relation: ToMany) -> str:
    """The statement `name` for a block and one of its relations by pairs."""
    return _environment().get_template(f"{name}.sql").render(block=block, relation=relation)

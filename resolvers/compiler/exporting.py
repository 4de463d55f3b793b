"""What the statements of a file are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.compiler import plan
from schema.registry import Kind, Module, Type

# Characters of the texts that one batch can hold at most: what a file takes of the gateway's memory.
BATCH_CHARACTERS = 2**22
LARGEST_BATCH = 1000
OTHER_CHARACTERS = 40
MASKED = "sensitive_masked"


@dataclass(frozen=True, slots=True)
class Order:
    """A file that somebody wants: its columns, and which rows of the module in which order."""

    module: Module
    columns: tuple[str, ...]
    page: plan.Page
    values: Sequence[Any]

    @property
    def sensitive(self) -> bool:
        """Whether columns are wanted that need `view_sensitive`."""
        return MASKED in self.columns

    @property
    def batch(self) -> int:
        """Rows that are had at a time, by what they can hold."""
        known = {column.name: column for column in (*self.module.columns, *self.module.sensitive)}
        width = 0
        for name in self.columns:
            column = known.get(name)
            is_text = column is not None and column.type is Type.TEXT
            width += (column.max_length if column and is_text else None) or OTHER_CHARACTERS
        return max(1, min(LARGEST_BATCH, BATCH_CHARACTERS // width))


def plain_columns(module: Module) -> tuple[str, ...]:
    """Columns that are in a file where nobody says which: all but the sensitive ones, by their names in SQL."""
    reach = ("team_ids", "restricted") if module.kind is Kind.ASSET else ("team_id", "open_to_all")
    own = ("owner_id", "owner_email", *reach, "created_by", "created_at", "updated_at", "version")
    return ("id", *(column.name for column in module.columns), *own)

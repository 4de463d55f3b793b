"""The statement that imports many rows."""

from functools import lru_cache

from schema.registry import Module


@lru_cache(maxsize=64)
def call(module: Module) -> str:
    """The call: `$1` is the source, `$2` the rows as JSON, `$3` whether rows that are there get the values, too."""
    return f"select access.import_{module.name}($1::text, $2::jsonb, $3::boolean)::text as answered"

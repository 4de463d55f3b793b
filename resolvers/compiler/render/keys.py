"""Statements of idempotency keys."""

from functools import lru_cache

from resolvers.compiler.render.context import ACCOUNT

RECALL = "select access.recall($1::text)"
CLAIM = "select access.claim($1::text, $2::text, $3::bytea)"


@lru_cache(maxsize=256)
def keep(source: str | None) -> str:
    """Keep under the key `$1` what was made, `$2`, and whether it is seen."""
    visible = _exists(source, "($2::text)::uuid") if source else "false"
    return f"select access.keep_answer($1::text, $2::text, {visible})"


@lru_cache(maxsize=256)
def seen(source: str) -> str:
    """Whether what has the id `$1` is seen."""
    return f"select {_exists(source, '$1::uuid')}"


def _exists(source: str, row_id: str) -> str:
    return f"exists (select from {source} t where t.account_id = {ACCOUNT} and t.id = {row_id})"

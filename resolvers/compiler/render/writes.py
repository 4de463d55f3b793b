"""Statements that write. Their texts depend on tables and columns alone, so each is made once."""

from functools import lru_cache

from resolvers.compiler.conditions import list_of
from resolvers.compiler.render.context import ACCOUNT, literal
from schema.registry import Kind, Module

UUIDS = list_of("uuid")
LOWERED = 'lower(${}::text collate "default")'


@lru_cache(maxsize=4096)
def insert(module: Module, columns: tuple[str, ...]) -> str:
    """A new row: `$1` is its id, then the columns. No RETURNING: the row may be beyond what its creator sees."""
    values = [_value(module, column, number) for number, column in enumerate(columns, 2)]
    return f"insert into {module.table} ({', '.join(['id', *columns])})\nvalues ({', '.join(['$1::uuid', *values])})"


@lru_cache(maxsize=4096)
def update(module: Module, columns: tuple[str, ...], *, versioned: bool, unless: tuple[str, str] | None = None) -> str:
    """Changed columns of the row `$1`; `versioned`: if its version is `$2`; `unless` a column has a value.

    Without columns, a column is set to itself: what else the mutation changes is a change of the row, with its version.
    """
    first = 3 if versioned else 2
    changes = [f"{column} = {_value(module, column, number)}" for number, column in enumerate(columns, first)]
    return (
        f"update {module.table} t set {', '.join(changes) or f'{module.label} = t.{module.label}'}\n"
        f"where t.account_id = {ACCOUNT} and t.id = $1::uuid"
        + (" and t.version = $2::integer" if versioned else "")
        + (f" and t.{unless[0]} <> {literal(unless[1])}" if unless else "")
    )


@lru_cache(maxsize=4096)
def upsert_sensitive(module: Module, columns: tuple[str, ...]) -> str:
    """Sensitive columns of the row `$1`, whether or not any were recorded before."""
    types = {column.name: column.type.value for column in module.sensitive}
    values = [f"${number}::{types[column]}" for number, column in enumerate(columns, 2)]
    return (
        f"insert into {module.sensitive_table} ({', '.join(['id', *columns])})\n"
        f"values ({', '.join(['$1::uuid', *values])})\n"
        f"on conflict (account_id, id) do update set {', '.join(f'{column} = excluded.{column}' for column in columns)}"
    )


@lru_cache(maxsize=64)
def add_pairs(table: str, near: str, far: str) -> str:
    """Pairs of the row `$1` with the rows `$2`; those that exist stay."""
    return (
        f"insert into {table} ({near}, {far})\nselect $1::uuid, given.id from unnest($2::{UUIDS}) given (id)\n"
        "on conflict do nothing"
    )


@lru_cache(maxsize=64)
def remove_pairs(table: str, near: str, far: str) -> str:
    """No more pairs of the row `$1` with the rows `$2`."""
    return (
        f"delete from {table} t where t.account_id = {ACCOUNT} and t.{near} = $1::uuid and t.{far} = any ($2::{UUIDS})"
    )


@lru_cache(maxsize=64)
def clone(module: Module) -> str:
    """The row `$1` is made, a copy of the row `$2`; its label is `$3`, or the same."""
    return f"select access.clone_{module.name}($2::uuid, $1::uuid, $3::text)"


@lru_cache(maxsize=64)
def delete(module: Module) -> str:
    """The row `$1` goes."""
    return f"delete from {module.table} t where t.account_id = {ACCOUNT} and t.id = $1::uuid"


@lru_cache(maxsize=64)
def restore(module: Module, *, because: bool = False) -> str:
    """The row `$1` comes back from the trash; `because`: for the reason `$2`."""
    return f"select access.restore_{module.name}($1::uuid)" + (_because(2) if because else "")


@lru_cache(maxsize=64)
def purge(module: Module, *, because: bool = False) -> str:
    """The row `$1` goes from the trash for good; `because`: for the reason `$2`."""
    return f"select access.purge_{module.name}($1::uuid)" + (_because(2) if because else "")


@lru_cache(maxsize=256)
def assign(module: Module, given: tuple[str, ...]) -> str:
    """Hand over the row `$1`; of owner and reach, what is not among `given` (then `$2`...) stays.

    A null team means to the function that the row follows its owner; that a team was cleared is said otherwise. Among
    `given` may be the reason, for the history of access.
    """
    numbers = {column: number for number, column in enumerate(given, 2)}
    types = (
        {"owner_id": "uuid", "team_ids": UUIDS, "restricted": "boolean"}
        if module.kind is Kind.ASSET
        else {"owner_id": "uuid", "team_id": "uuid", "open_to_all": "boolean"}
    )
    arguments = [
        f"${numbers[column]}::{sql_type}"
        if column in numbers
        else ("t.owner_id" if column == "owner_id" else f"null::{sql_type}")
        for column, sql_type in types.items()
    ]
    because = f"access.because(${numbers['reason']}::text) because$, " if "reason" in numbers else ""
    return (
        f"select access.assign_{module.name}(t.id, {', '.join(arguments)})\n"
        f"from {because}{module.table} t where t.account_id = {ACCOUNT} and t.id = $1::uuid"
    )


@lru_cache(maxsize=64)
def share(module: Module) -> str:
    """Share the row `$1` with the user `$2` or the team `$3` for actions, with a reason and an end."""
    return (
        f"select access.share_{module.name}"
        f"($1::uuid, $2::uuid, $3::uuid, $4::{list_of('text')}, $5::text, $6::timestamptz)"
    )


@lru_cache(maxsize=64)
def unshare(module: Module, *, because: bool = False) -> str:
    """End the share of the row `$1` with the user `$2` or the team `$3`; `because`: for the reason `$4`."""
    return f"select access.unshare_{module.name}($1::uuid, $2::uuid, $3::uuid)" + (_because(4) if because else "")


def _because(number: int) -> str:
    """Says why, before what is selected is done."""
    return f"\nfrom access.because(${number}::text) because$"


@lru_cache(maxsize=256)
def look(module: Module, action: str, unless: tuple[str, str] | None = None) -> str:
    """The row `$1` as its version, if it is seen, and whether it was too late; for why a write did not find it."""
    late = "false"
    if unless:
        needed = f"{literal(module.governing)}, {literal(module.needed(action))}"
        row = f"{module.reach_of('t')}, access.user_id(), access.team_keys()"
        held = f"access.{module.reach}_within(access.reach({needed}), {row})"
        shared = [f" or access.is_shared({needed}, {literal(of)}, t.{column})" for of, column in module.share_keys]
        late = f"t.{unless[0]} = {literal(unless[1])} and ({held}{''.join(shared)})"
    return f"select t.version, {late} as late\nfrom {module.table} t where t.account_id = {ACCOUNT} and t.id = $1::uuid"


def _value(module: Module, column: str, number: int) -> str:
    """A parameter with the type of its column, in lower case where the column is."""
    known = {each.name: each for each in module.columns}.get(column)
    if known is None:
        built_in = {"owner_id": "uuid", "team_id": "uuid", "team_ids": UUIDS}
        return f"${number}::{built_in.get(column, 'boolean')}"
    return LOWERED.format(number) if known.lowercase else f"${number}::{known.type.value}"

"""Conditions as SQL."""

import sys

from resolvers.compiler import plan
from resolvers.compiler.render.context import ACCOUNT, Context, literal

FOLD = 'lower({} collate "default") collate "C"'


def condition(context: Context, tree: plan.Condition, row: str) -> str:  # noqa: C901, PLR0911, PLR0912 (one case each)
    """An expression over the columns of `row`. Null means false; `Not` turns it into true."""
    match tree:
        case plan.Compare(column, "<>", value):
            return f"{row}.{column} is distinct from {context.param(value)}"
        case plan.Compare(column, operator, value):
            return f"{row}.{column} {operator} {context.param(value)}"
        case plan.OneOf(column, values):
            return f"{row}.{column} = any ({context.param(values)})"
        case plan.Missing(column, null):
            return f"{row}.{column} is {'' if null else 'not '}null"
        case plan.Prefix(column, value, None):
            return f"({FOLD.format(f'{row}.{column}')}) ^@ ({FOLD.format(context.param(value))})"
        case plan.Prefix(column, value, longest):
            return _begins(f"{row}.{column}", FOLD.format(context.param(value)), longest)
        case plan.Substring(column, value, finder) if finder is not None:
            return f"{row}.id in (select {finder}({literal(column)}, {context.param(value)}))"
        case plan.Substring(column, value, _):
            parts = (FOLD.format(f"{row}.{column}"), FOLD.format(context.param(value)))
            return f"strpos({parts[0]}, {parts[1]}) > 0"
        case plan.Includes(column, value):
            return f"{context.param(value)} = any ({row}.{column})"
        case plan.Empty(column, empty):
            return f"cardinality({row}.{column}) {'=' if empty else '<>'} 0"
        case plan.All(parts):
            return " and ".join(_operand(context, part, row) for part in parts) or "true"
        case plan.AnyOf(parts):
            return " or ".join(_operand(context, part, row) for part in parts) or "false"
        case plan.Not(part):
            return f"({condition(context, part, row)}) is not true"
        case plan.Related(table, join, part):
            alias = context.alias(table)
            source, conditions = joined(context, table, join, alias, row)
            conditions.append(_operand(context, part, alias))
            return f"exists (select from {source} where {' and '.join(conditions)})"


def _begins(text: str, prefix: str, longest: int | None) -> str:
    """That a text in lower case begins with a prefix: as such, and as a range, which an index serves.

    The planner makes that range itself of a constant, but not of a parameter in a plan for all values. U+10FFFF is the
    last character: repeated, it follows whatever a text of that length may hold behind the prefix.
    """
    last = f"repeat(chr({sys.maxunicode}), {longest})"
    return f"({text} ^@ ({prefix}) and {text} >= ({prefix}) and {text} <= ({prefix}) || {last})"


def _operand(context: Context, tree: plan.Condition, row: str) -> str:
    text = condition(context, tree, row)
    return f"({text})" if isinstance(tree, plan.AnyOf | plan.All) else text


def joined(context: Context, table: str, join: plan.Join | None, alias: str, row: str | None) -> tuple[str, list[str]]:
    """Where rows of a table that belong to `row` come from, and the conditions that say so.

    The account is named for every table, which changes no answer: it lets a sharded engine route to one node.
    """
    own = f"{alias}.account_id = {ACCOUNT}"
    if join is None or row is None:
        return f"{table} {alias}", [own]
    if join.through is None:
        return f"{table} {alias}", [own, f"{alias}.{join.far} = {row}.{join.near}"]
    pair = context.alias(join.through)
    source = f"{join.through} {pair} join {table} {alias} on {own} and {alias}.{join.far} = {pair}.{join.through_far}"
    return source, [f"{pair}.account_id = {ACCOUNT}", f"{pair}.{join.through_near} = {row}.{join.near}"]

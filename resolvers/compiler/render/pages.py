"""Connections as SQL: keyset pages, cursors, counts."""

from collections.abc import Callable

from resolvers.compiler import plan
from resolvers.compiler.cursors import SEAL_BYTES
from resolvers.compiler.render.conditions import condition, joined
from resolvers.compiler.render.context import Context, json_object, nest, select, subquery

Objects = Callable[[tuple[plan.Field, ...], str, list[str], dict[type, str]], str]


def order_by(page: plan.Page, row: str, *, reverse: bool = False) -> str:
    """The order of a page; reversed, it is the order from the back."""
    steps = [*((key.column, key.descending, key.nullable) for key in page.order)]
    steps.append(("id", page.order[-1].descending, False))
    return ", ".join(
        f"{row}.{column}"
        + (" desc" if descending is not reverse else "")
        + ((" nulls first" if reverse else " nulls last") if nullable else "")
        for column, descending, nullable in steps
    )


def beyond(
    context: Context, page: plan.Page, position: plan.Position, row: str, *, forward: bool, inclusive: bool = False
) -> str:
    """That a row follows a position in the page's order (or precedes it), or is at it."""
    keys = [(f"{row}.{key.column}", key.descending, key.nullable) for key in page.order]
    keys.append((f"{row}.id", page.order[-1].descending, False))
    values = [None if value is None else context.param(value) for value in (*position.values, position.id)]
    directions = {descending for _, descending, _ in keys}
    if len(directions) == 1 and None not in values and not any(nullable for _, _, nullable in keys):
        operator = (">" if directions == {not forward} else "<") + ("=" if inclusive else "")
        return f"({', '.join(column for column, _, _ in keys)}) {operator} ({', '.join(map(str, values))})"
    alternatives = []
    equal: list[str] = []
    for (column, descending, nullable), value in zip(keys, values, strict=True):
        step = _step(column, value, descending=descending, nullable=nullable, forward=forward)
        if step:
            alternatives.append(" and ".join([*equal, step]))
        equal.append(f"{column} is null" if value is None else f"{column} = {value}")
    if inclusive:
        alternatives.append(" and ".join(equal))
    return "(" + " or ".join(f"({each})" for each in alternatives) + ")"


def _step(column: str, value: str | None, *, descending: bool, nullable: bool, forward: bool) -> str | None:
    """That a row's key lies strictly beyond a value; None when nothing can. Nulls are last."""
    if value is None:
        return None if forward else f"{column} is not null"
    compared = f"{column} {'<' if descending is forward else '>'} {value}"
    return f"({compared} or {column} is null)" if nullable and forward else compared


class PageRenderer:
    """Renders one connection for the row at hand (None: at the root)."""

    def __init__(self, context: Context, connection: plan.Connection, row: str | None, objects: Objects) -> None:
        self._context = context
        self._connection = connection
        self._page = connection.page
        self._row = row
        self._objects = objects
        marks = {
            each.value.what
            for field in connection.fields
            if isinstance(field.value, plan.PageInfo)
            for each in field.value.fields
            if isinstance(each.value, plan.Mark)
        }
        self._wants_more = ("has_previous" if self._page.backward else "has_next") in marks
        self._wants_ends = bool(marks & {"start", "end"})
        self._window = context.alias("page")
        self._result = context.alias("rows")

    def render(self) -> tuple[str, str]:
        """A sub-select of one row, and how to refer to the connection's object when it is joined as the alias."""
        context = self._context
        row_joins: list[str] = []
        collected: list[str] = []
        gathered: list[str] = []
        pairs: list[tuple[str, str]] = []
        at = f"{context.alias('at')}.payload"
        infos: list[str] = []
        uses_at = self._wants_ends
        for number, field in enumerate(self._connection.fields):
            value = field.value
            if isinstance(value, plan.Nodes | plan.Edges):
                edge_parts = {plan.Cursor: self._token(at)}
                uses_at = uses_at or (isinstance(value, plan.Edges) and _has_cursor(value))
                item = self._objects(value.fields, self._window, row_joins, edge_parts)
                collected.append(f"{item} as item${number}")
                gathered.append(f"coalesce(json_agg(item${number}), '[]'::json) as list${number}")
                pairs.append((field.key, f"{self._result}.list${number}"))
            elif isinstance(value, plan.PageInfo):
                pairs.append((field.key, self._page_info(value, infos)))
            elif isinstance(value, plan.TotalCount):
                pairs.append((field.key, f"({self._count()})"))
            elif isinstance(value, plan.Text):
                pairs.append((field.key, f"'{value.text}'::text"))
        if uses_at:
            keys = ", ".join(f"{self._window}.{key.column}" for key in self._page.order)
            made = f"select json_build_array({keys}, {self._window}.id)::text as payload"
            row_joins.insert(0, subquery("cross join", made, at.partition(".")[0]))
        if self._wants_ends:
            collected.append(f"{at} as at$")
            gathered.append("(array_agg(at$))[1] as start$, (array_agg(at$))[count(*)] as end$")
        if self._wants_more and self._page.size:
            collected.append(f"{self._window}.fetched$")
            gathered.append(f"coalesce(max(fetched$), 0) > {self._page.size} as more$")
        joins = [*infos]
        source = ""
        if gathered:
            rows = select(
                collected,
                f"(\n{nest(self._rows())}\n) {self._window}",
                row_joins,
                self._kept() + f"order by {order_by(self._page, self._window)}",
            )
            source = f"(\n{nest(select(gathered, f'({chr(10)}{nest(rows)}{chr(10)}) items$', []))}\n) {self._result}"
        elif infos:
            source = "(select) nothing$"
        columns, reference = json_object(pairs, "{alias}")
        return select(columns, source, joins), reference

    # Rows of the page

    def _source(self, alias: str, *, cursors: bool) -> tuple[str, list[str]]:
        """The list's rows: all of them, or those between the cursors."""
        context = self._context
        source, conditions = joined(context, self._connection.table, self._connection.join, alias, self._row)
        if self._page.condition != plan.All():
            text = condition(context, self._page.condition, alias)
            conditions.append(f"({text})" if isinstance(self._page.condition, plan.AnyOf) else text)
        if cursors and self._page.after:
            conditions.append(beyond(context, self._page, self._page.after, alias, forward=True))
        if cursors and self._page.before:
            conditions.append(beyond(context, self._page, self._page.before, alias, forward=False))
        return source, conditions

    def _rows(self) -> str:
        alias = self._context.alias(self._connection.table)
        source, conditions = self._source(alias, cursors=True)
        limit = self._page.size + (1 if self._wants_more and self._page.size else 0)
        fetched = select(
            [f"{alias}.*"],
            source,
            [],
            f"where {' and '.join(conditions)}\n"
            f"order by {order_by(self._page, alias, reverse=self._page.backward)}\nlimit {limit}",
        )
        if not (self._wants_more and self._page.size):
            return fetched
        return select(
            ["fetched$.*", "row_number() over () as number$", "count(*) over () as fetched$"],
            f"(\n{nest(fetched)}\n) fetched$",
            [],
        )

    def _kept(self) -> str:
        """One row more than the page is fetched to learn whether more follow."""
        if self._wants_more and self._page.size:
            return f"where {self._window}.number$ <= {self._page.size}\n"
        return ""

    def _count(self) -> str:
        alias = self._context.alias(self._connection.table)
        source, conditions = self._source(alias, cursors=False)
        return f"select count(*) from {source} where {' and '.join(conditions)}"

    # What stands beside the rows

    def _page_info(self, info: plan.PageInfo, joins: list[str]) -> str:
        pairs = []
        for field in info.fields:
            value = field.value
            if isinstance(value, plan.Text):
                pairs.append((field.key, f"'{value.text}'::text"))
            elif isinstance(value, plan.Mark):
                pairs.append((field.key, self._mark(value.what)))
        alias = self._context.alias("page_info")
        columns, reference = json_object(pairs, alias)
        joins.append(subquery("cross join", select(columns, "", []), alias))
        return reference

    def _mark(self, what: str) -> str:
        if what in ("start", "end"):
            return self._token(f"{self._result}.{what}$")
        forward = what == "has_next"
        parts = []
        if forward is not self._page.backward:
            parts.append(f"{self._result}.more$" if self._page.size else self._exists(None, forward=forward))
        beyond_cursor = self._page.before if forward else self._page.after
        if beyond_cursor:
            parts.append(self._exists(beyond_cursor, forward=forward))
        return " or ".join(parts) or "false"

    def _exists(self, position: plan.Position | None, *, forward: bool) -> str:
        """Whether rows are at or beyond a cursor; without one, whether the page could have had any."""
        alias = self._context.alias(self._connection.table)
        source, conditions = self._source(alias, cursors=position is None)
        if position is not None:
            conditions.append(beyond(self._context, self._page, position, alias, forward=forward, inclusive=True))
        return f"exists (select from {source} where {' and '.join(conditions)})"

    def _token(self, payload: str) -> str:
        """A cursor: seal and payload in base64url (see resolvers.compiler.cursors)."""
        key = self._context.param(self._page.seal) if self._needs_seal() else "''::bytea"
        content = f"convert_to({payload}, 'UTF8')"
        seal = f"substr(sha256({key} || sha256({key} || {content})), 1, {SEAL_BYTES})"
        return f"translate(encode({seal} || {content}, 'base64'), E'+/=\\n', '-_')"

    def _needs_seal(self) -> bool:
        """A parameter that no text mentions would have no type."""
        return self._wants_ends or any(
            isinstance(field.value, plan.Edges) and _has_cursor(field.value) for field in self._connection.fields
        )


def _has_cursor(edges: plan.Edges) -> bool:
    return any(isinstance(field.value, plan.Cursor) for field in edges.fields)

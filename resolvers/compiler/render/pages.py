"""Connections as SQL: keyset pages, cursors, counts."""

from collections.abc import Callable

from resolvers.compiler import plan
from resolvers.compiler.cursors import SEAL_BYTES
from resolvers.compiler.render.conditions import condition, joined
from resolvers.compiler.render.context import Context, json_object, literal, nest, select, subquery
from resolvers.profile import ALL, TEAM

Objects = Callable[[tuple[plan.Field, ...], str, list[str], dict[type[plan.Value], str]], str]


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
        edges = [field.value for field in connection.fields if isinstance(field.value, plan.Edges)]
        self._wants_more = ("has_previous" if self._page.backward else "has_next") in marks
        self._wants_ends = bool(marks & {"start", "end"})
        self._seals = self._wants_ends or any(_has_cursor(each) for each in edges)
        kinds = {type(field.value) for field in connection.fields}
        first = self._page.size > 0 and not (self._page.after or self._page.before)
        # Whether the rows are counted as they are sorted, since all of them are looked at anyway.
        self._counts = (
            row is None
            and self._page.sorts
            and first
            and plan.TotalCount in kinds
            and bool(kinds & {plan.Nodes, plan.Edges})
        )
        self._window = context.alias("page")
        self._result = context.alias("rows")
        self._payload = f"{context.alias('at')}.payload"
        # What each row brings, what it joins for that, what is gathered of all rows, and what stands beside them.
        self._collected: list[str] = []
        self._row_joins: list[str] = []
        self._gathered: list[str] = []
        self._beside: list[str] = []

    def render(self) -> tuple[str, str]:
        """A sub-select of one row, and how to refer to the connection's object when it is joined as `{alias}`."""
        pairs = [(field.key, self._value(number, field.value)) for number, field in enumerate(self._connection.fields)]
        if self._seals:
            keys = ", ".join(f"{self._window}.{key.column}" for key in self._page.order)
            made = f"select json_build_array({keys}, {self._window}.id)::text as payload"
            self._row_joins.insert(0, subquery("cross join", made, self._payload.partition(".")[0]))
        if self._wants_ends:
            self._collected.append(f"{self._payload} as at$")
            self._gathered.append("(array_agg(at$))[1] as start$, (array_agg(at$))[count(*)] as end$")
        if self._looks_ahead:
            self._collected.append(f"{self._window}.fetched$")
            self._gathered.append(f"coalesce(max(fetched$), 0) > {self._page.size} as more$")
        if self._counts:
            self._collected.append(f"{self._window}.total$")
            self._gathered.append("coalesce(max(total$), 0) as total$")
        columns, reference = json_object(pairs, "{alias}")
        return select(columns, self._rows(), self._beside), reference

    def _value(self, number: int, value: plan.Value) -> str:
        match value:
            case plan.Nodes(fields) | plan.Edges(fields):
                given: dict[type[plan.Value], str] = {}
                if isinstance(value, plan.Edges) and _has_cursor(value):
                    given[plan.Cursor] = self._token(self._payload)
                item = self._objects(fields, self._window, self._row_joins, given)
                self._collected.append(f"{item} as item${number}")
                self._gathered.append(f"coalesce(json_agg(item${number}), '[]'::json) as list${number}")
                return f"{self._result}.list${number}"
            case plan.PageInfo(fields):
                return self._page_info(fields)
            case plan.Text(text):
                return f"{literal(text)}::text"
            case _:
                return f"{self._result}.total$" if self._counts else f"({self._count()})"

    @property
    def _looks_ahead(self) -> bool:
        """Whether one row more than the page is fetched, to learn whether more follow."""
        return self._wants_more and self._page.size > 0

    def _rows(self) -> str:
        """What is gathered of the page's rows, as a source of one row; empty when nothing is."""
        if not self._gathered:
            return "(select) nothing$" if self._beside else ""
        kept = f"where {self._window}.number$ <= {self._page.size}\n" if self._looks_ahead else ""
        rows = select(
            self._collected,
            f"(\n{nest(self._fetched())}\n) {self._window}",
            self._row_joins,
            f"{kept}order by {order_by(self._page, self._window)}",
        )
        gathered = select(self._gathered, f"(\n{nest(rows)}\n) items$", [])
        return f"(\n{nest(gathered)}\n) {self._result}"

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

    def _fetched(self) -> str:
        alias = self._context.alias(self._connection.table)
        if self._page.finder and self._row is None and self._reach_has_no_order:
            source, conditions = joined(self._context, self._connection.table, None, alias, None)
            conditions.append(f"{alias}.id = any (array(select {self._found(self._page.finder)}))")
        else:
            source, conditions = self._source(alias, cursors=True)
        tail = (
            f"where {' and '.join(conditions)}\n"
            f"order by {order_by(self._page, alias, reverse=self._page.backward)}\n"
            f"limit {self._page.size + self._looks_ahead}"
        )
        fetched = self._counted(alias, source, tail) if self._counts else select([f"{alias}.*"], source, [], tail)
        if not self._looks_ahead:
            return fetched
        return select(
            ["fetched$.*", "row_number() over () as number$", "count(*) over () as fetched$"],
            f"(\n{nest(fetched)}\n) fetched$",
            [],
        )

    def _counted(self, alias: str, source: str, tail: str) -> str:
        """The page with the number of all rows. What is sorted is narrow, and its rows are read again by key."""
        keys = [f"{alias}.{column}" for column in dict.fromkeys([*(key.column for key in self._page.order), "id"])]
        sorted_ = select([*keys, "count(*) over () as total$"], source, [], tail)
        row, ids = self._context.alias(self._connection.table), "sorted$"
        rows, conditions = joined(self._context, self._connection.table, None, row, None)
        return select(
            [f"{row}.*", f"{ids}.total$"],
            f"(\n{nest(sorted_)}\n) {ids}",
            [f"join {rows} on {' and '.join([*conditions, f'{row}.id = {ids}.id'])}"],
            f"order by {order_by(self._page, ids, reverse=self._page.backward)}",
        )

    @property
    def _reach_has_no_order(self) -> bool:
        """Whether no one index has all that the viewer sees, in the order of the page: teams, or several scopes."""
        reach = self._context.profile.reach(self._connection.modules[0], "view")
        return not reach & ALL and (bool(reach & TEAM) or reach.bit_count() > 1)

    def _found(self, finder: str) -> str:
        """The ids of the page, between its cursors."""
        ascending = self._page.backward is self._page.order[0].descending
        lower, upper = self._page.after, self._page.before
        if self._page.order[0].descending:
            lower, upper = upper, lower
        bounds = [*self._bound(upper), *self._bound(lower)]
        size = self._page.size + self._looks_ahead
        return f"{finder}({', '.join([str(size), *bounds, str(ascending).lower()])})"

    def _bound(self, position: plan.Position | None) -> list[str]:
        values = () if position is None else (*position.values, position.id)
        return [self._context.param(value) for value in values if value is not None] or ["null", "null"]

    def _count(self) -> str:
        alias = self._context.alias(self._connection.table)
        source, conditions = self._source(alias, cursors=False)
        return f"select count(*) from {source} where {' and '.join(conditions)}"

    # What stands beside the rows

    def _page_info(self, fields: tuple[plan.Field, ...]) -> str:
        pairs = [
            (field.key, f"{literal(field.value.text)}::text")
            if isinstance(field.value, plan.Text)
            else (field.key, self._mark(field.value.what))
            for field in fields
            if isinstance(field.value, plan.Text | plan.Mark)
        ]
        alias = self._context.alias("page_info")
        columns, reference = json_object(pairs, alias)
        self._beside.append(subquery("cross join", select(columns, "", []), alias))
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
        key = self._context.param(self._page.seal)
        content = f"convert_to({payload}, 'UTF8')"
        seal = f"substr(sha256({key} || sha256({key} || {content})), 1, {SEAL_BYTES})"
        return f"translate(encode({seal} || {content}, 'base64'), E'+/=\\n', '-_')"


def _has_cursor(edges: plan.Edges) -> bool:
    return any(isinstance(field.value, plan.Cursor) for field in edges.fields)

"""Rows and their fields as SQL. A row's object is a record, whose columns become the keys of a JSON object."""

from resolvers.compiler import plan
from resolvers.compiler.render.conditions import joined
from resolvers.compiler.render.context import ACCOUNT, Context, json_object, literal, nest, select, subquery
from resolvers.compiler.render.pages import PageRenderer
from resolvers.profile import SHARED, UNMASKED
from schema.assignments import MOST_REFUSED
from schema.modules import REGISTRY

SOURCES = {
    "assigned_teams": "select t$.* from crm.teams t$"
    f" where t$.account_id = {ACCOUNT} and t$.id = any ({{row}}.team_ids)",
    "viewer_teams": "select t$.*, t$.id is not distinct from {row}.main_team_id as is_main from crm.teams t$"
    f" where t$.account_id = {ACCOUNT} and t$.id = any ({{row}}.team_ids)",
    "modules_with_capabilities": "select distinct c$.module from crm.capabilities c$",
    "capabilities_of_module": "select c$.action, c$.scopes from crm.capabilities c$ where c$.module = {row}.module",
    **{
        f"shares_of_{module.name}": "select s$.* from crm.shares s$"
        f" where s$.account_id = {ACCOUNT} and s$.module = {literal(module.name)} and s$.row_id = {{row}}.id"
        for module in REGISTRY.modules
    },
    "refusals_of_job": "select r$.* from crm.job_refusals r$"
    f" where r$.account_id = {ACCOUNT} and r$.job_id = {{row}}.id order by r$.row_id limit {MOST_REFUSED}",
    "all_roles": f"select r$.* from crm.roles r$ where r$.account_id = {ACCOUNT}",
    "all_sensitive_modules": f"select m$.* from crm.sensitive_modules m$ where m$.account_id = {ACCOUNT}",
    "all_teams": f"select t$.* from crm.teams t$ where t$.account_id = {ACCOUNT}",
    "teams_below": f"select t$.* from crm.teams t$ where t$.account_id = {ACCOUNT} and t$.parent_id = {{row}}.id",
    "roles_of_team": "select r$.* from crm.team_roles x$"
    " join crm.roles r$ on r$.account_id = x$.account_id and r$.id = x$.role_id"
    f" where x$.account_id = {ACCOUNT} and x$.team_id = {{row}}.id",
    "teams_of_role": "select t$.* from crm.team_roles x$"
    " join crm.teams t$ on t$.account_id = x$.account_id and t$.id = x$.team_id"
    f" where x$.account_id = {ACCOUNT} and x$.role_id = {{row}}.id",
    "cells_of_role": "select c$.module, c$.action, c$.scopes from crm.role_cells c$"
    f" where c$.account_id = {ACCOUNT} and c$.role_id = {{row}}.id",
    "teams_of_member": "select x$.team_id, x$.is_main from crm.member_teams x$"
    f" where x$.account_id = {ACCOUNT} and x$.member_id = {{row}}.id",
    "tiers_of_account": "select x$.place, x$.hub, x$.tier from access.tiers() x$",
    "owned_by_member": "select o$.module, o$.count from access.owned_rows({row}.id) o$",
    **{
        f"samples_{which}": "select s$.* from jsonb_to_recordset({row}.samples_" + which + ")"
        " s$ (id text, label text, reason text)"
        for which in ("gained", "lost")
    },
    "exceptions_of_member": "select e$.module, e$.action, e$.scope, e$.effect, e$.until from crm.exceptions e$"
    f" where e$.account_id = {ACCOUNT} and e$.member_id = {{row}}.id",
}
NUMBERS = {"recipients": "cardinality({row}.recipients)", "leftOut": "{row}.left_out"}


class RowRenderer:
    """Renders values of fields; what they need beside the row at hand goes into `joins`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def pairs(
        self,
        fields: tuple[plan.Field, ...],
        row: str,
        joins: list[str],
        given: dict[type[plan.Value], str] | None = None,
    ) -> list[tuple[str, str]]:
        """Response keys with the expressions of their values."""
        return [(field.key, self._value(field.value, row, joins, given or {})) for field in fields]

    def object(
        self,
        fields: tuple[plan.Field, ...],
        row: str,
        joins: list[str],
        given: dict[type[plan.Value], str] | None = None,
    ) -> str:
        """An object of fields of the row at hand, joined beside it; how to refer to it."""
        alias = self._context.alias("object")
        columns, reference = json_object(self.pairs(fields, row, joins, given), alias)
        joins.append(subquery("cross join", select(columns, "", []), alias))
        return reference

    def _value(self, value: plan.Value, row: str, joins: list[str], given: dict[type[plan.Value], str]) -> str:  # noqa: C901, PLR0911, PLR0912
        match value:
            case plan.Text(text):
                return f"{literal(text)}::text"
            case plan.Column(column, upper):
                return f"upper({row}.{column})" if upper else f"{row}.{column}"
            case plan.Identity(type_name, column):
                return f"{literal(type_name + ':')} || {row}.{column}"
            case plan.Given(type_name, param):
                return f"{literal(type_name + ':')} || {self._context.param(param)}"
            case plan.GivenIds(type_name, param):
                return f"array(select {literal(type_name + ':')} || g$ from unnest({self._context.param(param)}) g$)"
            case plan.SeenIds(type_name, source, param):
                return self._seen_ids(type_name, source, self._context.param(param))
            case plan.Number(param, upper):
                return f"upper({self._context.param(param)})" if upper else self._context.param(param)
            case plan.Allowed():
                return self._allowed(value, row)
            case plan.Inline(fields):
                return self.object(fields, row, joins)
            case plan.Node(fields):
                return self.object(fields, row, joins)
            case plan.One():
                return self._one(value, row, joins)
            case plan.Many(source, order, fields, modules):
                return self._listed(SOURCES[source].format(row=row), order, fields, modules, joins)
            case plan.Several(source, ids, order, fields, modules, most):
                chosen = f"select t$.* from {source} t$ where t$.account_id = {ACCOUNT}"
                within = f"{chosen} and t$.id = any ({self._context.param(ids)})"
                within += f" order by t$.id limit {most}" if most else ""
                return self._listed(within, order, fields, modules, joins)
            case plan.Called():
                return self._called(value, joins)
            case plan.Connection():
                return self._connection(value, row)
            case plan.ByIds():
                return self._by_ids(value, joins)
            case plan.Visible(source, param):
                return f"exists ({self._by_id(source, self._context.alias(source), self._context.param(param))})"
            case plan.Sent(module, param, number):
                return self._sent(module, param, number)
            case plan.LeftOut():
                return "access.left_out()"
            case plan.Failed() | plan.Later():
                return "null::json"
            case _:
                return given[type(value)]

    def _seen_ids(self, type_name: str, source: str, ids: str) -> str:
        where = f"t$.account_id = {ACCOUNT} and t$.id = any ({ids})"
        return f"array(select {literal(type_name + ':')} || t$.id from {source} t$ where {where} order by t$.id)"

    def _allowed(self, value: plan.Allowed, row: str) -> str:
        reached = self._reached(value, row)
        if reached == "false":
            return reached
        needed = [reached, *(text for state in value.states if (text := self._in_state(state, row, reached)))]
        return needed[0] if len(needed) == 1 else f"({' and '.join(needed)})"

    def _in_state(self, state: plan.InState, row: str, reached: str) -> str | None:
        """What has to hold beside what is `reached`; None where that is all."""
        also = self._reached(state.also, row) if state.also else "false"
        if also == reached:
            return None
        values = ", ".join(literal(value) for value in state.values)
        others = [f"{row}.{state.column} not in ({values})"]
        if state.but:
            column, value = state.but
            others.append(f"{row}.{column} is not distinct from {literal(value)}")
        return f"({' or '.join([*others, *([also] if also != 'false' else [])])})"

    def _reached(self, value: plan.Allowed, row: str) -> str:
        held = self._context.profile.reach(value.module, value.action)
        mask = self._context.profile.reach(value.module, value.on_rows_of or value.action)
        if held == 0 or mask == 0:
            return "false"
        if held & UNMASKED:
            # Whatever is viewed, and the row at hand is.
            return "true"
        me, keys = self._context.viewer()
        columns = ", ".join(f"{row}.{column}" for column in value.columns)
        reached = f"{value.function}({mask}, {columns}, {me}, {keys})"
        if not mask & SHARED or not value.shares:
            return reached
        capability = f"{literal(value.module)}, {literal(value.action)}"
        shared = (f"access.is_shared({capability}, {literal(name)}, {row}.{column})" for name, column in value.shares)
        return f"({' or '.join([reached, *shared])})"

    def _sent(self, module: str, param: plan.Param, number: str) -> str:
        alias = self._context.alias("outbox")
        return (
            f"(select {NUMBERS[number].format(row=alias)} from access.outbox {alias}"
            f" where {alias}.account_id = {ACCOUNT} and {alias}.module = {literal(module)}"
            f" and {alias}.row_id = {self._context.param(param)})"
        )

    @staticmethod
    def _by_id(source: str, alias: str, key: str) -> str:
        return f"select from {source} {alias} where {alias}.account_id = {ACCOUNT} and {alias}.id = {key}"

    def _one(self, value: plan.One, row: str, joins: list[str]) -> str:
        context = self._context
        if not context.holds_view(value.modules):
            return "null::json"
        alias = context.alias(value.source)
        inner: list[str] = []
        pairs = self.pairs(value.fields, alias, inner)
        join = value.key if isinstance(value.key, plan.Join) else None
        source, conditions = joined(context, value.source, join, alias, row)
        if isinstance(value.key, plan.Param):
            conditions.append(f"{alias}.id = {context.param(value.key)}")
        result = context.alias("one")
        columns, reference = json_object(pairs, result)
        body = select(columns, source, inner, f"where {' and '.join(conditions)}")
        joins.append(subquery("left join", body, result, " on true"))
        return reference

    def _listed(
        self,
        source: str,
        keys: tuple[str, ...],
        fields: tuple[plan.Field, ...],
        modules: tuple[str, ...],
        joins: list[str],
    ) -> str:
        context = self._context
        if not context.holds_view(modules):
            return "null::json"
        alias = context.alias("each")
        inner: list[str] = []
        item, result = context.alias("item"), context.alias("many")
        columns, reference = json_object(self.pairs(fields, alias, inner), item)
        order = ", ".join(f"{alias}.{key}" for key in keys)
        listed = select(columns, f"({source}) {alias}", inner, f"order by {order}")
        body = f"select coalesce(json_agg({reference}), '[]'::json) as list\nfrom (\n{nest(listed)}\n) {item}"
        joins.append(subquery("cross join", body, result))
        return f"{result}.list"

    def _called(self, value: plan.Called, joins: list[str]) -> str:
        context = self._context
        if not context.holds_view(value.modules):
            return "null::json"
        alias, item, result = context.alias("each"), context.alias("item"), context.alias("called")
        inner: list[str] = []
        columns, reference = json_object(self.pairs(value.fields, alias, inner), item)
        given = ", ".join(context.param(each) for each in value.arguments)
        listed = select(columns, f"{value.function}({given}) {alias}", inner, f"order by {alias}.{value.order}")
        body = f"select coalesce(json_agg({reference}), '[]'::json) as list\nfrom (\n{nest(listed)}\n) {item}"
        joins.append(subquery("cross join", body, result))
        return f"{result}.list"

    def _connection(self, value: plan.Connection, row: str) -> str:
        """A sub-select, not a join: the planner takes many joins side by side together, and sub-selects one by one."""
        if not self._context.holds_any(value.instead) and not self._context.holds(value.modules, value.action):
            return "null::json"
        alias = self._context.alias("connection")
        body, reference = PageRenderer(self._context, value, row or None, self.object).render()
        chosen = f"select {reference.format(alias=alias)} from (\n{nest(body)}\n) {alias}"
        return f"(\n{nest(chosen)}\n)"

    def _by_ids(self, value: plan.ByIds, joins: list[str]) -> str:
        context = self._context
        wanted, result = context.alias("wanted"), context.alias("by_ids")
        inner: list[str] = []
        cases = []
        for choice in value.choices:
            if not context.holds_view(choice.modules):
                continue
            alias, one = context.alias(choice.source), context.alias("one")
            deeper: list[str] = []
            columns, reference = json_object(self.pairs(choice.fields, alias, deeper), one)
            source, conditions = joined(context, choice.source, None, alias, None)
            conditions += [f"{alias}.id = {wanted}.id", f"{wanted}.type = {literal(choice.type_name)}"]
            body = select(columns, source, deeper, f"where {' and '.join(conditions)}")
            inner.append(subquery("left join", body, one, " on true"))
            cases.append(f"when {literal(choice.type_name)} then to_json({reference})")
        item = f"case {wanted}.type {' '.join(cases)} end" if cases else "null::json"
        unnested = f"unnest({context.param(value.types)}, {context.param(value.ids)}) with ordinality"
        body = select(
            [f"coalesce(json_agg({item} order by {wanted}.number), '[]'::json) as list"],
            f"{unnested} {wanted} (type, id, number)",
            inner,
        )
        joins.append(subquery("cross join", body, result))
        return f"{result}.list"

"""Another way to the same answers: graphql-core's own executor over rows that plain SQL loaded in the same session.

It shares nothing with the compiler but the schema's text and the registry: filters, orders and pages are Python.
"""

import json
from dataclasses import dataclass
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
)

from resolvers.root import SCHEMA
from resolvers.session import Session
from schema.modules import REGISTRY
from schema.registry import Kind, Module
from schema.scalars import parse_date, parse_date_time, parse_safe_int
from tests.compiler.reference_lists import (
    EMPTY,
    camel,
    compare,
    cursor_id,
    enum_value,
    foreign_ids,
    has_null,
    ordered,
    plain_id,
    snake,
)

SINGLES = {module.singular: module for module in REGISTRY.modules}
SCOPES = {"all": 1, "team": 2, "owned": 4, "created": 8, "unassigned": 16}
ZERO, NONE = "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"


def schema() -> GraphQLSchema:
    """The API's schema, from its text: types without any resolver."""
    built = build_schema(SCHEMA.as_str())
    for name, read in (("SafeInt", parse_safe_int), ("DateTime", parse_date_time), ("Date", parse_date)):
        scalar = built.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        scalar.coerce_input_value = read
    return built


REFERENCE_SCHEMA = schema()


@dataclass
class Row:
    """A row of a type; `__typename` for interfaces."""

    type_name: str
    data: dict[str, Any]
    module: Module | None = None


def refuse(code: str, message: str, **extensions: object) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code, **extensions})


class Reference:
    """Answers operations from the rows that a session sees."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]], keys: list[str]) -> None:
        self.tables = tables
        self.keys = keys
        self.viewer = tables["viewer"][0]
        self.held = {(each["module"], each["action"]): each["scopes"] for each in tables["capabilities"]}

    @classmethod
    async def load(cls, session: Session) -> "Reference":
        """Everything that the session sees."""
        names = [module.name for module in REGISTRY.modules]
        names += [f"{module.name}_sensitive" for module in REGISTRY.modules if module.sensitive]
        names += ["deal_contacts", "people", "teams", "viewer", "capabilities"]
        tables = {}
        for name in names:
            rows = await session.connection.fetch(f"select row_to_json(t)::text from crm.{name} t")
            tables[name] = [json.loads(row[0]) for row in rows]
        keys = await session.connection.fetchval("select access.team_keys()")
        return cls(tables, [str(key) for key in keys])

    def execute(self, text: str, variables: dict[str, Any]) -> ExecutionResult:
        """Run an operation."""
        return execute_sync(
            REFERENCE_SCHEMA,
            parse(text),
            variable_values=variables,
            field_resolver=self.resolve,
            type_resolver=lambda value, *_: value.type_name,
        )

    def resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """The resolver of every field."""
        name = info.field_name
        if source is None:
            return self._root(name, arguments)
        if isinstance(source, dict):
            value = source[name]
            return value() if callable(value) else value
        return self._field(source, name, arguments)

    # Root fields

    def _root(self, name: str, arguments: dict[str, Any]) -> Any:
        if name == "viewer":
            return self._viewer()
        if name == "node":
            return self._by_id(arguments["id"], None)
        if name == "nodes":
            if len(arguments["ids"]) > 100:
                raise refuse("BAD_USER_INPUT", "too many")
            return [self._or_error(each) for each in arguments["ids"]]
        plural = snake(name)
        if plural in REGISTRY.by_name:
            return self._page(REGISTRY.by_name[plural], self.tables[plural], arguments)
        return self._by_id(arguments["id"], SINGLES[plural].type_name)

    def _or_error(self, text: str) -> Any:
        try:
            return self._by_id(text, None)
        except GraphQLError as error:
            return error

    def _by_id(self, text: str, wanted: str | None) -> Row | None:
        type_name, _, key = text.partition(":")
        known = {"Person", "Team", *REGISTRY.by_type}
        if type_name not in ({wanted} if wanted else known) or len(key) != 36:
            raise refuse("BAD_USER_INPUT", f"no id: {text}")
        if type_name in ("Person", "Team"):
            return self._known("people" if type_name == "Person" else "teams", key)
        module = REGISTRY.by_type[type_name]
        self._require_view(module)
        return self._row(module, key)

    def _require_view(self, module: Module) -> None:
        if (module.name, "view") not in self.held:
            raise refuse("FORBIDDEN", "no view", module=module.name, action="view", requestable=True)

    def _row(self, module: Module, key: str | None) -> Row | None:
        found = next((row for row in self.tables[module.name] if row["id"] == key), None)
        return Row(module.type_name, found, module) if found else None

    def _known(self, table: str, key: str | None) -> Row | None:
        found = next((row for row in self.tables[table] if row["id"] == key), None)
        return Row("Person" if table == "people" else "Team", found) if found else None

    def _viewer(self) -> dict[str, Any]:
        viewer = self.viewer
        teams = [row for row in self.tables["teams"] if row["id"] in viewer["team_ids"]]
        teams.sort(key=lambda row: (row["id"] != viewer["main_team_id"], row["name"], row["id"]))
        modules = sorted({module for module, _ in self.held})
        return {
            "user": Row(
                "Person", {"id": viewer["user_id"], "name": viewer["user_name"], "email": viewer["user_email"]}
            ),
            "account": {
                "id": f"Account:{viewer['account_id']}",
                **{name: viewer[f"account_{name}"] for name in ("slug", "name")},
                "kind": viewer["account_kind"].upper(),
            },
            "role": viewer["role"],
            "superAdmin": viewer["super_admin"],
            "teams": [Row("ViewerTeam", {**row, "is_main": row["id"] == viewer["main_team_id"]}) for row in teams],
            "capabilities": [
                {
                    "module": module,
                    "actions": [
                        {"action": action, "scopes": scopes}
                        for (each, action), scopes in sorted(self.held.items())
                        if each == module
                    ],
                }
                for module in modules
            ],
        }

    # Fields of rows

    def _field(self, row: Row, name: str, arguments: dict[str, Any]) -> Any:  # noqa: C901, PLR0911
        data, module = row.data, row.module
        if name == "id":
            return f"{'Team' if row.type_name == 'ViewerTeam' else row.type_name}:{data['id']}"
        if module is None:
            return self._known("teams", data["parent_id"]) if name == "parent" else data[snake(name)]
        for relation in module.to_one:
            if relation.name == name:
                target = REGISTRY.by_name[relation.target]
                self._require_view(target)
                return self._row(target, data[relation.column])
        linked = self._linked(row, name)
        if linked is not None:
            return self._page(*linked, arguments)
        match name:
            case "owner" | "createdBy":
                return self._known("people", data["owner_id" if name == "owner" else "created_by"])
            case "team":
                return self._known("teams", data["team_id"])
            case "teams":
                known = [each for each in self.tables["teams"] if each["id"] in data["team_ids"]]
                return [Row("Team", each) for each in sorted(known, key=lambda each: (each["name"], each["id"]))]
            case "sensitive":
                table = self.tables[f"{module.name}_sensitive"]
                found = next((each for each in table if each["id"] == data["id"]), None)
                return found and {camel(key): value for key, value in found.items()}
            case "access":
                return {
                    "can" + "".join(word.capitalize() for word in action.split("_")): self._may(module, action, data)
                    for action in module.row_actions
                }
        value = data[snake(name)]
        enum = any(column.name == snake(name) and column.choices for column in module.columns)
        return value.upper() if enum and value is not None else value

    def _may(self, module: Module, action: str, row: dict[str, Any]) -> bool:
        """What is published is changed by who may publish it there; what was sent by nobody (C3)."""
        if not self._within(module, action, row):
            return False
        if action != "update":
            return True
        if row.get("delivery") == "sent" and module.name == "marketing_emails":
            return False
        inside = row.get("destination") == "internal"
        needed = [
            *(["publish_internal" if inside else "publish"] if row.get("status") == "published" else []),
            *(["send"] if row.get("delivery") == "scheduled" else []),
        ]
        return all(self._within(module, each, row) for each in needed)

    def _within(self, module: Module, action: str, row: dict[str, Any]) -> bool:
        """What rules C1, O1 to O4 and O7 say of one row."""
        scopes = self.held.get((module.name, action), [])
        me = self.viewer["user_id"]
        mine, made = row["owner_id"] == me, row["created_by"] == me
        if module.kind is Kind.ASSET:
            team = not row["restricted"] or bool(set(row["team_ids"]) & set(self.keys)) or mine or made
        else:
            key = ZERO if row["open_to_all"] else row["team_id"] or NONE
            team = key in self.keys or mine
        holds = {"all": True, "team": team, "owned": mine, "created": made, "unassigned": row["owner_id"] is None}
        return any(holds[scope] for scope in scopes)

    def _linked(self, row: Row, name: str) -> tuple[Module, list[dict[str, Any]]] | None:
        """Rows at the far end of a relation of many."""
        assert row.module
        pairs = self.tables["deal_contacts"]
        key = row.data["id"]
        if row.type_name == "Deal" and name == "contacts":
            ids = {pair["contact_id"] for pair in pairs if pair["deal_id"] == key}
            return self._of("contacts", lambda each: each["id"] in ids)
        if row.type_name == "Contact" and name == "deals":
            ids = {pair["deal_id"] for pair in pairs if pair["contact_id"] == key}
            return self._of("deals", lambda each: each["id"] in ids)
        column = {
            ("Company", "contacts"): "company_id",
            ("Company", "deals"): "company_id",
            ("Company", "subsidiaries"): "parent_id",
            ("Contact", "tickets"): "contact_id",
        }.get((row.type_name, name))
        if column is None:
            return None
        table = "companies" if name == "subsidiaries" else name
        return self._of(table, lambda each: each[column] == key)

    def _of(self, table: str, wanted: Any) -> tuple[Module, list[dict[str, Any]]]:
        return REGISTRY.by_name[table], [row for row in self.tables[table] if wanted(row)]

    # Pages

    def _page(self, module: Module, rows: list[dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
        self._check_page(arguments)
        modules: list[Module] = [module]
        where = arguments.get("where")
        rows = [row for row in rows if self._fits(module, row, where, modules)]
        if where:
            self._fits(module, None, where, modules)
        for each in (module, *sorted(modules, key=lambda each: each.name)):
            self._require_view(each)
        rows = ordered(rows, arguments.get("orderBy") or ["CREATED_AT_DESC"])
        start, end = 0, len(rows)
        if arguments.get("after"):
            start = 1 + self._place(rows, arguments["after"])
        if arguments.get("before"):
            end = self._place(rows, arguments["before"])
        window = rows[start:end] if start < end else []
        first, last = arguments.get("first"), arguments.get("last")
        size = last if last is not None else 20 if first is None else first
        page = (window[len(window) - size :] if size < len(window) else window) if last is not None else window[:size]
        cut = len(window) > size
        edges = [{"cursor": row["id"], "node": Row(module.type_name, row, module)} for row in page]
        return {
            "edges": edges,
            "nodes": [edge["node"] for edge in edges],
            "totalCount": len(rows),
            "pageInfo": {
                "hasNextPage": (last is None and cut) or bool(arguments.get("before")),
                "hasPreviousPage": (last is not None and cut) or bool(arguments.get("after")),
                "startCursor": page[0]["id"] if page else None,
                "endCursor": page[-1]["id"] if page else None,
            },
        }

    @staticmethod
    def _check_page(arguments: dict[str, Any]) -> None:
        first, last = arguments.get("first"), arguments.get("last")
        if first is not None and last is not None:
            raise refuse("BAD_USER_INPUT", "both")
        if not all(0 <= size <= 100 for size in (first, last) if size is not None):
            raise refuse("BAD_USER_INPUT", "size")
        if has_null(arguments.get("where")):
            raise refuse("BAD_USER_INPUT", "null")
        if foreign_ids(arguments.get("where")):
            raise refuse("BAD_USER_INPUT", "ids")
        for name in ("after", "before"):
            try:
                cursor_id(arguments.get(name) or EMPTY)
            except ValueError:
                raise refuse("BAD_USER_INPUT", "cursor") from None

    @staticmethod
    def _place(rows: list[dict[str, Any]], cursor: str) -> int:
        key = cursor_id(cursor)
        return next(index for index, row in enumerate(rows) if row["id"] == key)

    # Filters

    def _fits(
        self, module: Module, row: dict[str, Any] | None, where: dict[str, Any] | None, modules: list[Module]
    ) -> bool:
        """Whether a row fulfils a filter; with None, only collects the modules that the filter is about."""
        results = [self._part(module, row, name, value, modules) for name, value in (where or {}).items()]
        return all(results)

    def _part(  # noqa: C901, PLR0911
        self, module: Module, row: dict[str, Any] | None, name: str, value: Any, modules: list[Module]
    ) -> bool:
        match name:
            case "and":
                return min((self._fits(module, row, each, modules) for each in value), default=True)
            case "or":
                return max((self._fits(module, row, each, modules) for each in value), default=False)
            case "not":
                return not self._fits(module, row, value, modules)
        for relation in module.to_one:
            if relation.name == name:
                target = REGISTRY.by_name[relation.target]
                modules.append(target)
                found = self._row(target, row[relation.column]) if row else None
                return self._fits(target, found.data if found else None, value, modules) and found is not None
        linked = self._linked(Row(module.type_name, row or {"id": None}, module), name)
        if linked is not None:
            target, rows = linked
            modules.append(target)
            verdicts = []
            for kind, inner in value.items():
                self._fits(target, None, inner, modules)
                some = max((self._fits(target, each, inner, modules) for each in rows), default=False)
                verdicts.append(some if kind == "some" else not some)
            return all(verdicts)
        if row is None:
            return True
        if name == "teams":
            return all(
                (value_["isEmpty"] is (not row["team_ids"]))
                if key == "isEmpty"
                else plain_id(value_["includes"]) in row["team_ids"]
                for key in value
                for value_ in (value,)
            )
        ids = {"id": "id", "ownerId": "owner_id", "createdById": "created_by", "teamId": "team_id"}
        if name in ids:
            return all(compare(operator, row[ids[name]], plain_id(given)) for operator, given in value.items())
        return all(
            compare(operator, row[snake(name)], enum_value(module, name, given)) for operator, given in value.items()
        )

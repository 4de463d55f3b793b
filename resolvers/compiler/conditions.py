"""From a `where` input to a condition and its parameters."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from resolvers.compiler import plan
from schema.errors import BadUserInput, LimitExceeded
from schema.links import Link, links_of
from schema.modules import REGISTRY
from schema.names import GlobalId, camel
from schema.ordering import BUILT_IN
from schema.registry import Column, Kind, Module, Type

LARGEST_CONDITION = 200
DEEPEST_CONDITION = 12
LONGEST_LIST = 1000
LONGEST_TEXT = 1000
OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
VERSION = Column("version", Type.INTEGER, "")
RESTRICTED = Column("restricted", Type.BOOLEAN, "")
OPEN_TO_ALL = Column("open_to_all", Type.BOOLEAN, "")


class Parameters:
    """Collects the values that the arguments at one site bring."""

    def __init__(self, site: int) -> None:
        self.site = site
        self.values: list[Any] = []

    def add(self, value: Any, sql_type: str) -> plan.Param:
        """Keep a value; what stands for it in the plan."""
        self.values.append(value)
        return plan.Param(self.site, len(self.values) - 1, sql_type)

    def add_list(self, values: list[Any], sql_type: str) -> plan.Param:
        """Keep a list, as texts: of arrays, these alone are known to the driver without asking the server."""
        return self.add([str(value) for value in values], list_of(sql_type))


@dataclass(frozen=True, slots=True)
class Foreign:
    """One row of another module, whose id a column holds."""

    target: Module
    key: str


@dataclass(frozen=True, slots=True)
class Identified:
    """A uuid column, of which clients know the global ids of a type."""

    key: str
    type_name: str


@dataclass(frozen=True, slots=True)
class Teams:
    """The teams of an asset."""


Subject: TypeAlias = Column | Link | Foreign | Identified | Teams


class Reader:
    """Reads one `where` input; refuses what is null, too large or too deep."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.modules: set[str] = set()
        self._terms = 0

    def read(self, module: Module, where: dict[str, Any], path: str = "where", depth: int = 0) -> plan.Condition:
        """The condition that all given parts of a `where` make together."""
        if depth > DEEPEST_CONDITION:
            raise LimitExceeded("filter_depth", DEEPEST_CONDITION)
        parts = [self._part(module, name, value, f"{path}.{name}", depth) for name, value in where.items()]
        return parts[0] if len(parts) == 1 else plan.All(tuple(parts))

    def _part(self, module: Module, name: str, value: Any, path: str, depth: int) -> plan.Condition:
        if value is None:
            raise null_refused(path)
        self.count()
        if name == "not":
            return plan.Not(self.read(module, value, path, depth + 1))
        if name in ("and", "or"):
            each = tuple(self.read(module, item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value))
            return plan.All(each) if name == "and" else plan.AnyOf(each)
        match SUBJECTS[module.name][name]:
            case Column() as column:
                return self._column(module, column, value, path)
            case Link() as link:
                return self._links(link, value, path, depth)
            case Foreign(target, key):
                self.modules.add(target.governing)
                inner = self.read(target, value, path, depth + 1)
                return plan.Related(target.table, plan.Join("id", key), inner)
            case Identified(key, type_name):
                return self._identity(key, type_name, value, path)
            case Teams():
                return self._teams(value, path)

    def _links(self, link: Link, where: dict[str, Any], path: str, depth: int) -> plan.Condition:
        self.modules.add(link.target.governing)
        parts: list[plan.Condition] = []
        for name, value in where.items():
            if value is None:
                raise null_refused(f"{path}.{name}")
            inner = self.read(link.target, value, f"{path}.{name}", depth + 1)
            related = plan.Related(link.target.table, join_of(link), inner)
            parts.append(related if name == "some" else plan.Not(related))
        return plan.All(tuple(parts))

    def _column(self, module: Module, column: Column, operators: dict[str, Any], path: str) -> plan.Condition:
        parts: list[plan.Condition] = []
        for name, value in operators.items():
            self.count()
            if value is None:
                raise null_refused(f"{path}.{name}")
            parts.append(self._operator(module, column, name, value, f"{path}.{name}"))
        return parts[0] if len(parts) == 1 else plan.All(tuple(parts))

    def _operator(self, module: Module, column: Column, name: str, value: Any, path: str) -> plan.Condition:
        sql_type = column.type.value
        if name == "isNull":
            return plan.Missing(column.name, value)
        if name == "in":
            values = [sent(item, path, column) for item in self._list(value)]
            return plan.OneOf(column.name, self.parameters.add_list(values, sql_type))
        if name in ("startsWith", "contains") and value == "":
            return plan.Missing(column.name, null=False)
        if name == "startsWith":
            prefix = self.parameters.add(sent(value, path, column), "text")
            twin = column.name if column.lowercase else f"{column.name}_lower"
            if not (column.lowercase or column.searchable):
                return plan.Prefix(column.name, prefix, None)
            return plan.Prefix(twin, prefix, column.max_length or LONGEST_TEXT)
        if name == "contains":
            finder = f"access.find_{module.name}" if column.searchable else None
            return plan.Substring(column.name, self.parameters.add(sent(value, path, column), "text"), finder)
        return plan.Compare(column.name, OPERATORS[name], self.parameters.add(sent(value, path, column), sql_type))

    def _identity(self, column: str, type_name: str, operators: dict[str, Any], path: str) -> plan.Condition:
        """Conditions on a uuid column, given as global ids of one type."""
        parts: list[plan.Condition] = []
        for name, value in operators.items():
            self.count()
            at = f"{path}.{name}"
            if value is None:
                raise null_refused(at)
            if name == "isNull":
                parts.append(plan.Missing(column, value))
            elif name == "in":
                uuids = [uuid_of(item, type_name, at) for item in self._list(value)]
                parts.append(plan.OneOf(column, self.parameters.add_list(uuids, "uuid")))
            else:
                uuid = self.parameters.add(uuid_of(value, type_name, at), "uuid")
                parts.append(plan.Compare(column, OPERATORS[name], uuid))
        return parts[0] if len(parts) == 1 else plan.All(tuple(parts))

    def _teams(self, operators: dict[str, Any], path: str) -> plan.Condition:
        """Conditions on the teams of an asset."""
        parts: list[plan.Condition] = []
        for name, value in operators.items():
            self.count()
            if value is None:
                raise null_refused(f"{path}.{name}")
            if name == "isEmpty":
                parts.append(plan.Empty("team_ids", value))
            else:
                uuid = uuid_of(value, "Team", f"{path}.{name}")
                parts.append(plan.Includes("team_ids", self.parameters.add(uuid, "uuid")))
        return plan.All(tuple(parts))

    def count(self) -> None:
        """One more term; LimitExceeded beyond the bound, so that no filter outgrows the planner."""
        self._terms += 1
        if self._terms > LARGEST_CONDITION:
            raise LimitExceeded("filter_terms", LARGEST_CONDITION)

    @staticmethod
    def _list(values: list[Any]) -> list[Any]:
        if len(values) > LONGEST_LIST:
            raise LimitExceeded("list_length", LONGEST_LIST, len(values))
        return values


def list_of(sql_type: str) -> str:
    """The type of a parameter that holds a list of values as texts."""
    return f"text[]::{sql_type}[]"


def join_of(link: Link) -> plan.Join:
    """How rows at the far end of a link belong to a row at the near one."""
    if link.through and link.near:
        return plan.Join("id", "id", link.through, link.near, link.far)
    return plan.Join(link.far, "id")


def null_refused(path: str) -> BadUserInput:
    """Ignoring a null would widen the filter, which nobody who wrote one expects."""
    return refused(path, "null is refused: leave it out, or use isNull")


def refused(path: str, reason: str) -> BadUserInput:
    """What is wrong with the value at a path."""
    return BadUserInput(fields={path: reason})


# Who is asked about as a member may be named by either id, which hold the same uuid.
MEMBER = ("Person", "Member")


def uuid_of(text: str, types: str | tuple[str, ...], path: str) -> UUID:
    """The uuid in a global id of one type, or of one of several; BadUserInput names the path."""
    try:
        return GlobalId.parse(text, *((types,) if isinstance(types, str) else types)).uuid
    except ValueError as error:
        raise refused(path, str(error)) from None


def sent(value: Any, path: str, column: Column) -> Any:
    """A value as the database takes it. No text there holds U+0000, or more characters than its column.

    A longer one could match nothing, but searching for it takes time in each row.
    """
    value = plain(value)
    if isinstance(value, str):
        most = column.max_length or LONGEST_TEXT
        if "\0" in value:
            raise refused(path, "must not contain the character U+0000")
        if len(value) > most:
            raise refused(path, f"at most {most} characters, not {len(value)}")
    return value


def plain(value: Any) -> Any:
    """Enums stand for the texts that the database keeps."""
    return value.value if isinstance(value, Enum) else value


def _subjects(module: Module) -> dict[str, Subject]:
    """What each name in the `where` of a module is about."""
    foreign_keys = {relation.column for relation in module.to_one}
    own: tuple[Column, ...] = ()
    people: dict[str, Subject] = {"createdById": Identified("created_by", "Person")}
    if module.own_columns:
        asset = module.kind is Kind.ASSET
        own = (RESTRICTED if asset else OPEN_TO_ALL,)
        people["ownerId"] = Identified("owner_id", "Person")
        people |= {"teams": Teams()} if asset else {"teamId": Identified("team_id", "Team")}
    columns = (*module.columns, *BUILT_IN, VERSION, *own)
    return {
        **{camel(column.name): column for column in columns if column.filterable and column.name not in foreign_keys},
        **{
            camel(relation.name): Foreign(REGISTRY.by_name[relation.target], relation.column)
            for relation in module.to_one
        },
        **{camel(link.name): link for link in links_of(module, REGISTRY)},
        "id": Identified("id", module.type_name),
        **people,
    }


SUBJECTS: dict[str, dict[str, Subject]] = {module.name: _subjects(module) for module in REGISTRY.modules}

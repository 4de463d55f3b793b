"""The arguments of the history of access."""

from typing import Any

from graphql import FieldNode, GraphQLField

from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, Bound, Site, page_size, position
from resolvers.compiler.conditions import MEMBER, Parameters, null_refused, refused, sent, uuid_of
from resolvers.compiler.cursors import seal_of
from schema.history import BATCH, LISTED
from schema.modules import REGISTRY
from schema.names import GlobalId
from schema.registry import Column, Type

NEWEST_FIRST = (plan.SortKey("at", Type.TIMESTAMP.value, descending=True, nullable=False),)
# Columns that hold ids of one type.
SUBJECTS: dict[str, tuple[str, str | tuple[str, ...]]] = {
    "actor": ("actor_id", MEMBER),
    "member": ("user_id", MEMBER),
    "team": ("team_id", "Team"),
    "role": ("role_id", "Role"),
    "batch": ("batch", BATCH),
}
INVITATION = "Invitation"
MODULES = frozenset({module.name for module in REGISTRY.modules} | {name for name, _, _ in REGISTRY.catalogue()})
TEXTS = {name: Column(name, Type.TEXT, "", max_length=63) for name in ("kind", "module")}
MOMENTS = {"since": ">=", "until": "<"}


class HistorySite(Site):
    """`accessLog`."""

    def __init__(self, number: int, definition: GraphQLField, node: FieldNode) -> None:
        super().__init__(number, definition, node)
        self._by_cursor = any(each.name.value == "after" for each in node.arguments or ())

    @property
    def varies(self) -> bool:
        """A cursor is good for one member only, even when it is part of the document."""
        return self._by_cursor or not self.constant

    def keepable(self, bound: Bound) -> bool:  # noqa: ARG002
        """As `varies`."""
        return not self._by_cursor

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:
        """The page, and the values of its conditions and its cursor; the first value is the seal."""
        parameters = Parameters(self.number)
        size, _ = page_size(values.get("first"), None)
        seal = seal_of(LISTED, NEWEST_FIRST)
        seal_parameter = parameters.add(seal, "bytea")
        condition = _condition(values.get("where") or {}, parameters)
        after = None
        if values.get("after") is not None:
            key = seal.key(asker.secret, asker.identity)
            after = position(values["after"], "after", NEWEST_FIRST, key, parameters)
        page = plan.Page(condition, NEWEST_FIRST, size, backward=False, after=after, before=None, seal=seal_parameter)
        return Bound(page, parameters.values)


def _condition(where: dict[str, Any], parameters: Parameters) -> plan.Condition:
    """What all given parts of the `where` ask together."""
    conditions: list[plan.Condition] = []
    for name, value in where.items():
        path = f"where.{name}"
        if value is None:
            raise null_refused(path)
        if name in SUBJECTS:
            column, types = SUBJECTS[name]
            conditions.append(plan.Compare(column, "=", parameters.add(uuid_of(value, types, path), "uuid")))
        elif name in TEXTS:
            text = sent(value, path, TEXTS[name])
            if name == "module" and text not in MODULES:
                raise refused(path, "there is no module or tool of this name")
            conditions.append(plan.Compare(name, "=", parameters.add(text, "text")))
        elif name in MOMENTS:
            conditions.append(plan.Compare("at", MOMENTS[name], parameters.add(value, "timestamptz")))
        else:
            conditions += _row(value, path, parameters)
    return conditions[0] if len(conditions) == 1 else plan.All(tuple(conditions))


def _row(value: str, path: str, parameters: Parameters) -> list[plan.Condition]:
    """A row is of the module that its id names; an invitation is of none."""
    try:
        found = GlobalId.parse(value, *REGISTRY.by_type, INVITATION)
    except ValueError as error:
        raise refused(path, str(error)) from None
    if found.type_name == INVITATION:
        return [
            plan.Compare("row_id", "=", parameters.add(found.uuid, "uuid")),
            plan.Compare("kind", "=", parameters.add("invitation", "text")),
        ]
    module = REGISTRY.by_type[found.type_name].name
    return [
        plan.Compare("row_id", "=", parameters.add(found.uuid, "uuid")),
        plan.Compare("module", "=", parameters.add(module, "text")),
    ]

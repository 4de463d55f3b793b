"""Where in an answer the refused fields are: needed only when a statement says so, and then the answer is parsed."""

from collections.abc import Collection, Sequence
from typing import Any

from graphql import FieldNode, GraphQLError

from resolvers.compiler import plan
from resolvers.compiler.arguments import Bound
from resolvers.errors import as_graphql_error
from schema.errors import Forbidden, GatewayError

Path = tuple[str | int, ...]


class _Propagated(Exception):
    """A field that may not be null is: its parent is null in its place."""


class Problems:
    """Walks an answer along its plan; collects errors with their paths, and nulls what they make null."""

    def __init__(
        self,
        positions: Sequence[list[FieldNode]],
        bound: Sequence[Bound],
        denied: Collection[plan.Denial],
    ) -> None:
        self._positions = positions
        self._bound = bound
        self._denied = frozenset(denied)
        self.errors: list[GraphQLError] = []
        self.changed = False

    def walk(self, fields: Sequence[plan.Field], data: dict[str, Any], path: Path = ()) -> dict[str, Any] | None:
        """The answer with nulls where errors are; None when even the whole is null. `changed` tells if any was set."""
        try:
            self._object(fields, data, path)
        except _Propagated:
            self.changed = True
            return None
        return data

    def _object(self, fields: Sequence[plan.Field], data: dict[str, Any], path: Path) -> None:
        lost = False
        for field in fields:
            try:
                self._field(field, data, (*path, field.key))
            except _Propagated:
                if data[field.key] is not None:
                    data[field.key] = None
                    self.changed = True
                lost = lost or not field.nullable
        if lost:
            raise _Propagated

    def _field(self, field: plan.Field, data: dict[str, Any], path: Path) -> None:
        value = field.value
        error = self._error(value)
        if error is not None:
            self._report(error, field, path)
            raise _Propagated
        child = data[field.key]
        match value:
            case plan.Many(_, _, fields) | plan.Several(_, _, _, fields) | plan.Nodes(fields) | plan.Edges(fields) if (
                isinstance(child, list)
            ):
                for index, item in enumerate(child):
                    self._object(fields, item, (*path, index))
            case plan.ByIds() if isinstance(child, list):
                self._by_ids(field, value, child, path)
            case (
                plan.Inline(fields)
                | plan.One(_, _, fields)
                | plan.Connection(_, _, _, fields)
                | plan.Node(fields)
                | plan.PageInfo(fields)
            ) if isinstance(child, dict):
                self._object(fields, child, path)
            case _:
                pass

    def _by_ids(self, field: plan.Field, value: plan.ByIds, items: list[Any], path: Path) -> None:
        bound = self._bound[value.ids.site]
        choices = {choice.type_name: choice for choice in value.choices}
        for index, (type_name, item) in enumerate(zip(bound.values[0], items, strict=True)):
            at = (*path, index)
            if type_name is None:
                self._report(bound.item_errors[index], field, at)
                continue
            choice = choices[type_name]
            missing = self._missing(choice.modules)
            if missing is not None:
                self._report(missing, field, at)
            elif item is not None:
                try:
                    self._object(choice.fields, item, at)
                except _Propagated:
                    items[index] = None
                    self.changed = True

    def _error(self, value: plan.Value) -> GatewayError | None:
        match value:
            case plan.Failed(site):
                return self._bound[site].error
            case plan.One(_, _, _, modules) | plan.Many(_, _, _, modules):
                return self._missing(modules)
            case plan.Connection(_, _, _, _, modules):
                return self._missing(modules, value.action)
            case plan.Called(_, _, _, _, modules) | plan.Several(_, _, _, _, modules):
                return self._missing(modules)
            case _:
                return None

    def _missing(self, modules: tuple[str, ...], action: str = "view") -> GatewayError | None:
        missing = (name for name in modules if plan.Denial(name, action) in self._denied)
        return next((Forbidden(module=name, action=action) for name in missing), None)

    def _report(self, error: GatewayError, field: plan.Field, path: Path) -> None:
        self.errors.append(as_graphql_error(error, self._positions[field.position], path))


def has_problems(bound: Sequence[Bound], denied: Collection[plan.Denial] | None) -> bool:
    """Whether an answer may hold errors, so that it has to be walked."""
    return bool(denied) or any(each.error is not None or each.item_errors for each in bound)

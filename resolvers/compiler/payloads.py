"""From the selections of a mutation's payload to a plan."""

from collections.abc import Callable
from typing import TypeAlias, cast

from graphql import GraphQLError, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList

from resolvers.compiler import plan
from resolvers.compiler.assigning import CHANGED
from resolvers.compiler.calling import ANSWERED, FOUND, LINES, MEMBERS, answered
from resolvers.compiler.catalogue import ENTITIES
from resolvers.compiler.selection import LISTS, META, Selection
from schema.administration.description import RESULT, Answer, Mutation, Shape
from schema.assignments import MOST_SHOWN
from schema.building import QUERY
from schema.inputs import NOT_RESTORED, SENT
from schema.names import plural_field
from schema.preview import PREVIEW, TYPE
from schema.registry import Module

Valued: TypeAlias = Callable[[str, FieldDetailsList], plan.Value]


class PayloadSelection(Selection):
    """Plans payloads of mutations, too."""

    def payload(self, module: Module, type_: GraphQLObjectType, details: FieldDetailsList, site: int) -> plan.Statement:
        """One statement for the payload of a mutation, whose row's id is the first value of `site`."""
        row_id = plan.Param(site, 0, "uuid")

        def value(name: str, details: FieldDetailsList) -> plan.Value:
            if name in ("id", "deletedId", "purgedId"):
                return plan.Given(module.type_name, row_id)
            if name == "visible":
                return plan.Visible(module.table, row_id)
            if name == QUERY:
                return self._queried(details)
            if name == NOT_RESTORED:
                return plan.LeftOut()
            if name in SENT:
                return plan.Sent(module.name, row_id, name)
            if name == PREVIEW:
                return plan.Later()
            return plan.One(module.table, row_id, self._rows(module.type_name, details))

        return self._payload(type_, details, value)

    def answers(
        self, mutation: Mutation, type_: GraphQLObjectType, details: FieldDetailsList, site: int
    ) -> plan.Statement:
        """One statement for the payload of an administrative mutation."""

        def value(name: str, details: FieldDetailsList) -> plan.Value:
            if name == QUERY:
                return self._queried(details)
            if name == PREVIEW:
                return plan.Later()
            return self._answer(mutation, mutation.by_answer[name], details, site)

        return self._payload(type_, details, value)

    def _payload(self, type_: GraphQLObjectType, details: FieldDetailsList, value: Valued) -> plan.Statement:
        """One statement for the fields of a payload, each as `value` has it by its name."""
        groups = self._subfields(type_, details)
        return plan.Statement(tuple(self._field(type_, key, group, value) for key, group in groups.items()))

    def _answer(self, mutation: Mutation, answer: Answer, details: FieldDetailsList, site: int) -> plan.Value:
        """A field of the payload of an administrative mutation."""
        param = answered(mutation, answer, site)
        match answer.shape:
            case Shape.LIST:
                found: plan.Value = self._value(LISTS[answer.name], "", details)
            case Shape.COUNT | Shape.TEXT:
                found = plan.Number(param, upper=bool(answer.type_name))
            case Shape.ACCOUNT:
                found = plan.One("crm.viewer", None, self._rows(answer.type_name, details, "account_"))
            case Shape.ROWS:
                told = () if answer.of == RESULT else (param,)
                found = plan.Called(answer.told_by, told, "place", self._rows(answer.type_name, details), ())
            case Shape.ID:
                found = plan.Given(answer.type_name, param)
            case Shape.IDS:
                found = plan.GivenIds(answer.type_name, param)
            case _:
                choice = self._choice(ENTITIES[answer.type_name], details)
                found = (
                    plan.Several(choice.source, param, ("name", "id"), choice.fields, choice.modules)
                    if answer.shape is Shape.OBJECTS
                    else plan.One(choice.source, param, choice.fields, choice.modules)
                )
        return found

    def _queried(self, details: FieldDetailsList) -> plan.Value:
        """The root of queries within a payload. What it says of the schema is asked for at the top."""
        type_ = cast("GraphQLObjectType", self._document.schema.query_type)
        groups = self._subfields(type_, details)
        for found in groups.values():
            if found[0].node.name.value in META:
                raise GraphQLError("Ask for it by a query of its own.", [each.node for each in found])
        return plan.Inline(tuple(self._field(type_, key, group, self._query_value) for key, group in groups.items()))

    def imported(
        self, module: Module, type_: GraphQLObjectType, details: FieldDetailsList, site: int
    ) -> plan.Statement:
        """One statement for the payload of an import of many rows: what the function answers is JSON."""

        def value(name: str, details: FieldDetailsList) -> plan.Value:
            if name == QUERY:
                return self._queried(details)
            if name in ("changedIds", plural_field(module)):
                return self._changed(name, module, details, site)
            if name == "rows":
                answer = plan.Param(site, ANSWERED, "jsonb")
                return plan.Called("access.imported_rows", (answer,), "place", self._rows("ImportedRow", details), ())
            member = "refused" if name == "refusedCount" else name
            return plan.Number(plan.Param(site, ANSWERED, "bigint", member))

        return self._payload(type_, details, value)

    def _changed(self, name: str, module: Module, details: FieldDetailsList, site: int) -> plan.Value:
        """Those of the changed rows that the viewer sees: their ids, or the rows."""
        changed = plan.Param(site, CHANGED, "text[]::uuid[]")
        if name == "changedIds":
            return plan.SeenIds(module.type_name, module.table, changed)
        choice = self._choice(ENTITIES[module.type_name], details)
        return plan.Several(choice.source, changed, ("id",), choice.fields, choice.modules, MOST_SHOWN)

    def assigned(
        self, module: Module, type_: GraphQLObjectType, details: FieldDetailsList, site: int
    ) -> plan.Statement:
        """One statement for the payload of an assignment of many rows: what the function answers is JSON."""

        def value(name: str, details: FieldDetailsList) -> plan.Value:
            if name == QUERY:
                return self._queried(details)
            if name == PREVIEW:
                return plan.Later()
            if name == "job":
                choice = self._choice(ENTITIES["Job"], details)
                job = plan.Param(site, ANSWERED, "uuid", "job")
                return plan.One(choice.source, job, choice.fields, choice.modules)
            if name in ("changedIds", plural_field(module)):
                return self._changed(name, module, details, site)
            if name == "refused":
                answer = plan.Param(site, ANSWERED, "jsonb")
                return plan.Called("access.refused_rows", (answer,), "number", self._rows("RefusedRow", details), ())
            member = "refused" if name == "refusedCount" else name
            return plan.Number(plan.Param(site, ANSWERED, "bigint", member))

        return self._payload(type_, details, value)

    def previews(self, type_: GraphQLObjectType, details: FieldDetailsList, site: int) -> dict[str, plan.Statement]:
        """A statement for each field of a payload, by its response key, that says what a dry run found."""
        found = plan.Param(site, FOUND, "jsonb")

        def value(name: str, details: FieldDetailsList) -> plan.Value:
            match name:
                case "members":
                    return plan.Number(plan.Param(site, MEMBERS, "bigint"))
                case "lines":
                    return plan.Number(plan.Param(site, LINES, "bigint"))
                case "notes":
                    rows = self._rows("PreviewNote", details)
                    return plan.Called("access.preview_notes", (found,), "place", rows, ())
                case "totals":
                    rows = self._rows("PreviewTotal", details)
                    return plan.Called("access.preview_totals", (found,), "place", rows, ())
                case _:
                    rows = self._rows("PreviewChange", details)
                    return plan.Called("access.preview_changes", (found,), "place", rows, ())

        of_preview = self._object_type(TYPE)
        statements = {}
        for key, group in self._subfields(type_, details).items():
            if group[0].node.name.value == PREVIEW:
                inner = self._subfields(of_preview, group)
                fields = (self._field(of_preview, each, fields, value) for each, fields in inner.items())
                statements[key] = plan.Statement(tuple(fields))
        return statements

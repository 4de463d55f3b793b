"""Running an operation: its statement for these variables, one session per query or mutation field, the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, cast

import asyncpg
import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
)
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails, GroupedFieldSet
from psycopg.pq.abc import PGresult

from resolvers.administration import administer
from resolvers.assignments import assign_many
from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, Bound
from resolvers.compiler.assigning import Assignment, told
from resolvers.compiler.calling import ANSWERED, CALL, FOUND, LINES, MEMBERS, Call, results
from resolvers.compiler.cursors import Seal
from resolvers.compiler.importing import Import
from resolvers.compiler.persons import PersonCall
from resolvers.compiler.problems import Problems, has_problems
from resolvers.compiler.selection import Document
from resolvers.compiler.writing import Write
from resolvers.document import Statics, fragments_of
from resolvers.errors import RequestErrors, as_graphql_error
from resolvers.imports import import_rows, told as told_of_import
from resolvers.introspection import FIELDS as INTROSPECTION, Introspection
from resolvers.keys import GONE, DoneBeforeError, done_before, keep, recall, seen
from resolvers.persons import accounts, called
from resolvers.previewing import previewed
from resolvers.root import GRAPHQL
from resolvers.session import Database, Exchange, Identity
from resolvers.session.pipeline import Step
from resolvers.variables import Variables
from resolvers.variants import Part, Planner, Shared, Variant
from resolvers.writes import Writer
from schema.errors import NotFound, Unauthenticated, Unavailable


class Result(NamedTuple):
    """An answer: `data` is JSON that need not be parsed (None: null), `errors` have paths and extensions."""

    data: orjson.Fragment | None
    errors: list[GraphQLError]


class Operation:
    """An operation of a validated document, ready for variables."""

    def __init__(self, shared: Shared, document: DocumentNode, definition: OperationDefinitionNode) -> None:
        self.document = document
        self.definition = definition
        self.kind: str = definition.operation.value
        self.shared = shared
        self._number = next(shared.numbers)
        fragments = fragments_of(document, definition)
        self._document = Document(
            GRAPHQL, definition, {name: FragmentDetails(fragment) for name, fragment in fragments.items()}
        )
        self._fragments = list(fragments.values())
        self._variables = Variables(GRAPHQL, definition.variable_definitions or ())
        statics = Statics(GRAPHQL, [definition, *fragments.values()])
        self._needs_database = statics.needs_database
        self._sites = statics.sites
        self._planner = Planner(shared, self._document, self.root, statics.numbers)
        self._conditionals = tuple(statics.conditionals)
        self._varying = tuple(site.number for site in self._sites if site.varies)

    @property
    def root(self) -> GraphQLObjectType:
        """The root type of the operation."""
        root = GRAPHQL.mutation_type if self.kind == "mutation" else GRAPHQL.query_type
        return cast("GraphQLObjectType", root)

    @property
    def needs_database(self) -> bool:
        """Whether any field is answered by the database."""
        return self._needs_database

    def bind(self, variables: Mapping[str, Any] | None, identity: Identity) -> "Request":
        """The operation with variables, for a member. RequestErrors when the variables do not fit it."""
        values = self._variables.coerce(variables or {})
        asker = Asker(self.shared.secret, f"{identity.account or ''}:{identity.user}".encode())
        bound = [site.bind(values, asker) for site in self._sites]
        key = (
            self._number,
            *(values.coerced.get(name) for name in self._conditionals),
            *(bound[number].piece for number in self._varying),
        )
        variant = self.shared.variants.get(key)
        if variant is None:
            try:
                variant = self._planner.variant(values, bound)
            except GraphQLError as error:
                # A null for the condition of an @include or @skip that has a default.
                raise RequestErrors([error]) from None
            self.shared.keep(key, variant)
        return Request(self, variant, bound, asker, identity, variables or {})

    def about_the_schema(self, groups: GroupedFieldSet, given: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the root fields `__schema` and `__type`."""
        return Introspection(self._document, self._variables.coerce(given)).answer(groups)

    def usually(self, meta: GroupedFieldSet, given: Mapping[str, Any], root: Any = None) -> ExecutionResult:
        """Answer some root fields the usual way, from what is there already."""
        nodes = tuple(detail.node for details in meta.values() for detail in details)
        alone = OperationDefinitionNode(
            operation=self.definition.operation,
            name=self.definition.name,
            variable_definitions=self.definition.variable_definitions,
            directives=self.definition.directives,
            selection_set=SelectionSetNode(selections=nodes),
            loc=self.definition.loc,
        )
        document = DocumentNode(definitions=(alone, *self._fragments), loc=self.document.loc)
        return execute_sync(GRAPHQL, document, root, variable_values=dict(given))


@dataclass(frozen=True, slots=True)
class Request:
    """An operation with its variables, for one member."""

    operation: Operation
    variant: Variant
    bound: list[Bound]
    asker: Asker
    identity: Identity
    given: Mapping[str, Any]

    @property
    def cost(self) -> int:
        """Upper bound of the rows that the answer can hold."""
        return self.variant.cost

    async def run(self, database: Database) -> Result:
        """Answer the operation.

        Raises Unauthenticated and Unavailable when no session could be opened at all; every other error is in the
        result.
        """
        if self.operation.kind == "mutation":
            return await self._mutate(database)
        part = self.variant.parts[""]
        try:
            if part.asks:
                result = await database.exchanged(
                    self.identity, lambda exchange: self._read(exchange, part), read_only=True
                )
            else:
                result = self._without_database(part)
            root = await accounts(database, self.identity) if self.variant.asks_accounts else None
        except (Unauthenticated, Unavailable):
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it is translated or masked)
            return Result(None, [as_graphql_error(error)])
        return self._with_meta(result, root) if self.variant.meta else result

    async def _read(self, exchange: Exchange, part: Part) -> Result:
        rendered = self.operation.shared.statement(part, exchange.profile)
        answered = await exchange.last(Step(rendered.text, self.values(rendered.slots)))
        return self._result(answered[-1], part, rendered.denied)

    def _result(
        self, answered: PGresult, part: Part, denied: Sequence[plan.Denial], path: tuple[str | int, ...] = ()
    ) -> Result:
        """Read the one row of a part's statement, and find the places of errors if there are any."""
        data = answered.get_value(0, 0) or b"null"
        if not has_problems(self.bound, denied):
            return Result(orjson.Fragment(data), [])
        problems = Problems(part.positions, self.bound, denied)
        walked = problems.walk(part.planned.fields, orjson.loads(data), path)
        if walked is None:
            return Result(None, problems.errors)
        return Result(orjson.Fragment(orjson.dumps(walked) if problems.changed else data), problems.errors)

    def values(self, slots: Sequence[plan.Param], known: Mapping[tuple[int, int], Any] | None = None) -> list[Any]:
        """Parameters in the order of the statement; seals are keyed for the member.

        `known`: of a mutation what only its call has told, by site and index of the parameter.
        """
        asker = self.asker
        if known:
            values = (
                known[at] if (at := (slot.site, slot.index)) in known else self.bound[slot.site].values[slot.index]
                for slot in slots
            )
        else:
            values = (self.bound[slot.site].values[slot.index] for slot in slots)
        return [value.key(asker.secret, asker.identity) if type(value) is Seal else value for value in values]

    def _without_database(self, part: Part) -> Result:
        """Only names of types and refused fields."""
        data = {
            each.key: each.value.text if isinstance(each.value, plan.Text) else None for each in part.planned.fields
        }
        problems = Problems(part.positions, self.bound, ())
        walked = problems.walk(part.planned.fields, data)
        return Result(None if walked is None else orjson.Fragment(orjson.dumps(walked)), problems.errors)

    def _with_meta(self, result: Result, root: Any) -> Result:
        """Put what needs no statement between the rest, in the order of the document."""
        meta = self.variant.meta
        schema = {key: details for key, details in meta.items() if details[0].node.name.value in INTROSPECTION}
        rest = {key: details for key, details in meta.items() if key not in schema}
        found = self.operation.usually(rest, self.given, root) if rest else ExecutionResult({}, None)
        errors = [*result.errors, *(found.errors or [])]
        if result.data is None or found.data is None:
            return Result(None, errors)
        known = {**orjson.loads(orjson.dumps(result.data)), **found.data}
        known.update(self.operation.about_the_schema(schema, self.given))
        ordered = {key: known[key] for key in self.variant.groups}
        return Result(orjson.Fragment(orjson.dumps(ordered)), errors)

    async def _mutate(self, database: Database) -> Result:
        """Each field is a transaction of its own, in the order of the document."""
        data: dict[str, Any] = {}
        errors: list[GraphQLError] = []
        for key, details in self.variant.groups.items():
            part = self.variant.parts.get(key)
            if part is None:
                data[key] = self.operation.root.name
                continue
            refused = self.bound[part.site].error
            if refused is not None:
                data[key] = None
                errors.append(as_graphql_error(refused, _nodes(details), (key,)))
                continue
            try:
                result = await self._once(database, part, key, details)
            except (Unauthenticated, Unavailable) as error:
                if not data:
                    raise
                result = Result(None, [as_graphql_error(error, _nodes(details), (key,))])
            except Exception as error:  # noqa: BLE001 (whatever it is, it is translated or masked)
                result = Result(None, [as_graphql_error(error, _nodes(details), (key,))])
            data[key] = result.data
            errors += result.errors
        return Result(orjson.Fragment(orjson.dumps(data)), errors)

    async def _once(self, database: Database, part: Part, key: str, details: FieldDetailsList) -> Result:
        """Do what the field asks for; or, where it was done before under its idempotency key, answer what it made."""
        change = self.bound[part.site].values[CALL]
        if isinstance(change, PersonCall):
            root = await called(database, self.identity, change)
            found = self.operation.usually({key: details}, self.given, root)
            return Result(orjson.Fragment(orjson.dumps((found.data or {}).get(key))), [*(found.errors or [])])
        if isinstance(change, Assignment | Call | Write) and change.dry_run:
            return await database.tried(self.identity, partial(self._try, part, key))
        if isinstance(change, Import) and change.dry_run:
            return await database.tried(self.identity, partial(self._change, part, key))
        try:
            return await database.exchanged(self.identity, partial(self._change, part, key))
        except DoneBeforeError as before:
            again = partial(self._again, before, part, key)
        return await database.exchanged(self.identity, again, read_only=True)

    async def _try(self, part: Part, key: str, exchange: Exchange) -> Result:
        """Change, and say what that brings about. Nothing of it stays."""
        result, preview = await previewed(exchange, partial(self._change, part, key))
        previews = self.variant.previews[key]
        if not previews or result.data is None:
            return result
        known = {
            (part.site, place): value
            for place, value in ((FOUND, preview.found), (MEMBERS, preview.members), (LINES, preview.lines))
        }
        data, errors = orjson.loads(orjson.dumps(result.data)), [*result.errors]
        for each, found in previews.items():
            rendered = self.operation.shared.statement(found, exchange.profile)
            (read,) = await exchange.run(Step(rendered.text, self.values(rendered.slots, known)))
            answered = self._result(read, found, rendered.denied, (key, each))
            data[each] = answered.data
            errors += answered.errors
        return Result(orjson.Fragment(orjson.dumps(data)), errors)

    async def _change(self, part: Part, key: str, exchange: Exchange) -> Result:
        change = self.bound[part.site].values[CALL]
        try:
            if isinstance(change, Call):
                answered = await administer(exchange, change)
                keeping = [] if change.key is None else [keep(change.key, answered, exchange.profile)]
                return await self._told(results(change.mutation, answered), keeping, part, key, exchange)
            if isinstance(change, Assignment):
                answered = await assign_many(exchange, change)
                keeping = [] if change.key is None else [keep(change.key, answered, exchange.profile)]
                return await self._told(told(answered), keeping, part, key, exchange)
            if isinstance(change, Import):
                answered = await import_rows(exchange, change)
                keeping = [] if change.key is None else [keep(change.key, answered, exchange.profile)]
                return await self._told(told_of_import(change, answered), keeping, part, key, exchange)
            return await self._write(change, part, key, exchange)
        except asyncpg.PostgresError as error:
            if before := done_before(error):
                raise before from error
            raise

    async def _again(self, before: DoneBeforeError, part: Part, key: str, exchange: Exchange) -> Result:
        """Read the payload of what was made before, under the rights of now."""
        change = self.bound[part.site].values[CALL]
        source = change.key.source
        looking = [seen(source, before.made, exchange.profile)] if source and before.visible else []
        recalling = [recall(change.key, exchange.profile)] if isinstance(change, Call) and change.key else []
        rendered = self.operation.shared.statement(part, exchange.profile)
        made = _made(change, before.made)
        known = {(part.site, place): value for place, value in made.items()}
        reading = [Step(rendered.text, self.values(rendered.slots, known))] if part.asks else []
        answers = await exchange.last(*looking, *recalling, *reading)
        if looking and answers[0].get_value(0, 0) != b"t":
            raise NotFound(GONE)
        return self._result(answers[-1], part, rendered.denied, (key,)) if reading else self._without_database(part)

    async def _told(
        self, answered: Mapping[int, Any], keeping: Sequence[Step], part: Part, key: str, exchange: Exchange
    ) -> Result:
        """Read the payload before the commit, under the rights with which the member came."""
        if not part.asks:
            await exchange.last(*keeping)
            return self._without_database(part)
        rendered = self.operation.shared.statement(part, exchange.profile)
        known = {(part.site, place): value for place, value in answered.items()}
        read = await exchange.last(*keeping, Step(rendered.text, self.values(rendered.slots, known)))
        return self._result(read[-1], part, rendered.denied, (key,))

    async def _write(self, write: Write, part: Part, key: str, exchange: Exchange) -> Result:
        writer = Writer(write)
        if not part.asks:
            await writer.run(exchange)
            return self._without_database(part)
        rendered = self.operation.shared.statement(part, exchange.profile)
        answered = await writer.run(exchange, Step(rendered.text, self.values(rendered.slots)))
        return self._result(answered, part, rendered.denied, (key,))


def _made(change: Assignment | Call | Import | Write, made: str | None) -> Mapping[int, Any]:
    """What a change made, by its places among the values of its site."""
    match change:
        case Call():
            return results(change.mutation, made)
        case Assignment():
            return told(made)
        case Import():
            return told_of_import(change, made)
        case _:
            return {ANSWERED: made}


def _nodes(details: Sequence[Any]) -> list[FieldNode]:
    return [detail.node for detail in details]

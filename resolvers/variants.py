"""What an operation becomes for one shape of its variables: the statements that answer it, planned once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from graphql import FieldNode, GraphQLObjectType, OperationType
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import VariableValues

from resolvers.cache import Bounded
from resolvers.compiler import plan
from resolvers.compiler.arguments import Bound
from resolvers.compiler.assigning import ASSIGNMENTS
from resolvers.compiler.cost import cost
from resolvers.compiler.importing import IMPORTS
from resolvers.compiler.payloads import PayloadSelection
from resolvers.compiler.render import Rendered, statement
from resolvers.compiler.selection import META, Document, Selection
from resolvers.compiler.writing import WRITES
from resolvers.profile import Profile
from schema.administration import CALLS
from schema.persons import MY_ACCOUNTS

MUTATION_COST = 10
# Bytes, roughly: what is kept of an operation, and of each of its fields.
VARIANT_WEIGHT, FIELD_WEIGHT = 6000, 1800


@dataclass(slots=True)
class Part:
    """A statement with what is needed to read its answer. `site`: the arguments of the mutation that it belongs to.

    `asks`: whether it asks the database for anything.
    """

    planned: plan.Statement
    positions: list[list[FieldNode]]
    asks: bool
    number: int
    site: int = -1


@dataclass(slots=True)
class Variant:
    """An operation for one shape of its variables: what of it one statement answers, and what does not need any.

    `parts` by response key: a query has one part, under the empty key; a mutation one for each field. `previews` are
    those of fields of a mutation that say what a dry run found, by the response keys of the mutation and the field.
    """

    groups: GroupedFieldSet
    parts: dict[str, Part]
    meta: GroupedFieldSet
    cost: int
    asks_accounts: bool = False
    previews: dict[str, dict[str, Part]] = field(default_factory=dict)


@dataclass(slots=True)
class Shared:
    """What all operations of a compiler share."""

    secret: bytes
    sql_characters: int
    variants: Bounded[tuple[Any, ...], Variant] = field(init=False)
    statements: Bounded[tuple[int, str], Rendered] = field(init=False)
    numbers: "count[int]" = field(default_factory=count)

    def __post_init__(self) -> None:
        self.variants = Bounded(2 * self.sql_characters)
        self.statements = Bounded(self.sql_characters)

    def keep(self, key: tuple[Any, ...], variant: Variant) -> None:
        """Remember what was planned."""
        fields = sum(len(part.positions) for part in variant.parts.values())
        self.variants.put(key, variant, VARIANT_WEIGHT + FIELD_WEIGHT * fields)

    def statement(self, part: Part, profile: Profile) -> Rendered:
        """The SQL of a part for a profile; the same object each time, so that its hash is known."""
        key = (part.number, profile.name)
        rendered = self.statements.get(key)
        if rendered is None:
            rendered = statement(part.planned, profile)
            self.statements.put(key, rendered, len(rendered.text))
        return rendered


class Planner:
    """Plans one operation. `sites`: the numbers of its fields with arguments, by the node's id."""

    def __init__(self, shared: Shared, document: Document, root: GraphQLObjectType, sites: Mapping[int, int]) -> None:
        self._shared = shared
        self._document = document
        self._root = root
        self._sites = sites

    def variant(self, values: VariableValues, bound: list[Bound]) -> Variant:
        """The operation for these variables and bound arguments.

        GraphQLError for a null as the condition of an @include or @skip that has a default.
        """
        selection = PayloadSelection(self._document, values, self._sites, bound)
        groups = selection.root(self._root)
        names = {key: details[0].node.name.value for key, details in groups.items()}
        meta = {key: details for key, details in groups.items() if names[key] in META}
        if self._document.operation.operation is OperationType.MUTATION:
            return self._mutation_variant(selection, groups, names)
        planned = selection.query({key: details for key, details in groups.items() if key not in meta})
        asks_accounts = MY_ACCOUNTS in names.values()
        return Variant(groups, {"": self._part(planned, selection)}, meta, cost(planned.fields), asks_accounts)

    def _mutation_variant(self, selection: PayloadSelection, groups: GroupedFieldSet, names: dict[str, str]) -> Variant:
        parts = {}
        previews = {}
        total = 0
        for key, details in groups.items():
            name = names[key]
            if name == "__typename":
                continue
            site = self._sites[id(details[0].node)]
            if not any(name in known for known in (WRITES, CALLS, ASSIGNMENTS, IMPORTS)):
                parts[key] = self._part(plan.Statement(()), selection, site)
                total += MUTATION_COST
                continue
            payload = cast("GraphQLObjectType", self._root.fields[name].type)
            if name in CALLS:
                planned = selection.answers(CALLS[name], payload, details, site)
            elif name in ASSIGNMENTS:
                planned = selection.assigned(ASSIGNMENTS[name], payload, details, site)
            elif name in IMPORTS:
                planned = selection.imported(IMPORTS[name], payload, details, site)
            else:
                planned = selection.payload(WRITES[name][1], payload, details, site)
            parts[key] = self._part(planned, selection, site)
            total += MUTATION_COST + cost(planned.fields)
            previews[key] = {
                each: self._part(found, selection, site)
                for each, found in selection.previews(payload, details, site).items()
            }
            total += sum(cost(each.planned.fields) for each in previews[key].values())
        return Variant(groups, parts, {}, total, previews=previews)

    def _part(self, planned: plan.Statement, selection: Selection, site: int = -1) -> Part:
        asks = any(not isinstance(each.value, plan.Text | plan.Failed | plan.Later) for each in planned.fields)
        return Part(planned, selection.positions, asks, next(self._shared.numbers), site)

"""What one request may ask for. Everything here is judged before the work that it bounds.

A refusal is LIMIT_EXCEEDED and says which limit, its value, and what was asked; `docs/errors.md` lists them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import graphql.validation.rules.overlapping_fields_can_be_merged as overlapping
from graphql import DocumentNode, GraphQLSchema, GraphQLSyntaxError, Lexer, Source, TokenKind

from gateway.measure import Measure, Measurer, Values, values
from gateway.settings import Settings
from resolvers.errors import LimitExceeded

# Steps that validation may take to compare fields of one response name; graphql-core's own budget takes seconds.
overlapping.MAX_COMPLEXITY_BUDGET = 50_000


# Seconds in which a body has to be there: a few bytes at a time would hold a connection for ever.
BODY_SECONDS = 30.0

# Doubling fragments make numbers that no client could read.
_MOST_SAID = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Greatest accepted values. Sizes in bytes."""

    body: int = 256 * 1024
    document: int = 64 * 1024
    json_depth: int = 32
    tokens: int = 4_000
    depth: int = 16
    fields: int = 2_000
    aliases: int = 50
    root_fields: int = 20
    directives: int = 100
    input_depth: int = 12
    input_values: int = 10_000
    list_length: int = 1_000
    cost: int = 50_000
    introspection: int = 500_000
    batch: int = 1

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Limits as set from outside: `limit_depth` sets `depth`, and so on."""
        names = {field.name: f"limit_{field.name}" for field in fields(cls)}
        return cls(**{name: getattr(settings, key) for name, key in names.items() if key in Settings.model_fields})


class Guard:
    """Judges requests by the limits. Each method raises LimitExceeded or returns."""

    def __init__(self, limits: Limits, schema: GraphQLSchema) -> None:
        self.limits = limits
        self._measurer = Measurer(schema)

    def batch(self, size: int) -> None:
        """Judge how many requests come in one."""
        _at_most("batch", self.limits.batch, size)

    def json(self, value: Any, text: bytes | None = None) -> None:
        """Judge the nesting of a decoded body; of `text`, where it has few brackets, that is enough to know."""
        if text is None or text.count(b"{") + text.count(b"[") >= self.limits.json_depth:
            _at_most("json_depth", self.limits.json_depth, values(value).depth)

    def text(self, text: str) -> None:
        """Judge a document before it is parsed."""
        _at_most("document", self.limits.document, len(text))
        if len(text) > self.limits.tokens:  # a token has a character at least
            _at_most("tokens", self.limits.tokens, _count_tokens(text, self.limits.tokens))

    def document(self, document: DocumentNode) -> dict[str | None, Measure]:
        """Judge a document's operations before it is validated; returns what `variables` needs, by operation name."""
        measures = self._measurer.operations(document)
        limits = self.limits
        for measure in measures.values():
            _at_most("depth", limits.depth, measure.depth)
            _at_most("fields", limits.fields, measure.fields)
            _at_most("aliases", limits.aliases, measure.aliases)
            _at_most("root_fields", limits.root_fields, measure.root_fields)
            _at_most("directives", limits.directives, measure.directives)
            _at_most("introspection", limits.introspection, measure.introspection)
            self._inputs(measure.literals)
        return measures

    def variables(self, measure: Measure, variables: Mapping[str, Any] | None) -> None:
        """Judge the values of an operation's variables, each as often as it is used, beside its literals."""
        if not measure.uses and not variables:
            return
        count = measure.literals.count
        for name, value in (variables or {}).items():
            # A single value is within every limit.
            many = 1
            if isinstance(value, dict | list):
                size = values(value)
                self._inputs(size)
                many = size.count
            count += many * measure.uses.get(name, 1)
        for name, size in measure.defaults.items():
            if not variables or name not in variables:
                self._inputs(size)
                count += size.count * measure.uses.get(name, 1)
        _at_most("input_values", self.limits.input_values, count)

    def cost(self, rows: int) -> None:
        """Judge how many rows the answer can hold."""
        _at_most("cost", self.limits.cost, rows)

    def _inputs(self, size: Values) -> None:
        _at_most("input_depth", self.limits.input_depth, size.depth)
        _at_most("list_length", self.limits.list_length, size.longest)
        _at_most("input_values", self.limits.input_values, size.count)


def _at_most(limit: str, value: int, actual: int) -> None:
    if actual > value:
        raise LimitExceeded(limit, value, min(actual, _MOST_SAID))


def _count_tokens(text: str, enough: int) -> int:
    """Count tokens, up to one more than `enough`; the parser tells what is wrong with a text that is none."""
    lexer = Lexer(Source(text))
    count = 0
    try:
        while count <= enough and lexer.advance().kind is not TokenKind.EOF:
            count += 1
    except GraphQLSyntaxError:
        pass
    return count

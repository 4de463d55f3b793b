"""Operations: a document that is known runs without being parsed, validated or planned again."""

from collections.abc import Callable

from graphql import (
    DocumentNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    validate,
)

from resolvers.cache import Bounded
from resolvers.errors import RequestErrors
from resolvers.execution import Operation, Request, Result
from resolvers.root import GRAPHQL
from resolvers.variants import Shared

__all__ = ["Compiler", "Operation", "Request", "Result"]

# Each prints the value around what is wrong, however large.
MOST_VALIDATION_ERRORS = 5


class Compiler:
    """Makes operations of documents, and keeps those that were used last.

    `cursor_secret` seals cursors: share it between processes that serve the same clients.
    """

    def __init__(
        self,
        cursor_secret: bytes,
        *,
        documents: int = 1000,
        document_characters: int = 8_000_000,
        sql_characters: int = 32_000_000,
    ) -> None:
        self._documents: Bounded[tuple[str, str | None], Operation] = Bounded(document_characters)
        self._least = document_characters // documents
        self._shared = Shared(cursor_secret, sql_characters)

    def prepare(
        self, text: str, operation_name: str | None, check: Callable[[DocumentNode], None] | None = None
    ) -> Operation:
        """The operation of a document. RequestErrors when it is none that could run.

        `check` sees a document before it is validated, once, and raises GatewayError or GraphQLError to refuse it: what
        it judges must depend on the text alone.
        """
        key = (text, operation_name)
        known = self._documents.get(key)
        if known is not None:
            return known
        operation = self._first_sight(text, operation_name, check)
        # A document costs some ten times its text; a short one not less than the average that we allow.
        self._documents.put(key, operation, max(len(text), self._least))
        return operation

    def _first_sight(
        self, text: str, operation_name: str | None, check: Callable[[DocumentNode], None] | None
    ) -> Operation:
        try:
            document = parse(text)
            if check is not None:
                check(document)
        except GraphQLError as error:
            raise RequestErrors([error]) from None
        except RecursionError:
            raise RequestErrors([GraphQLError("The document is nested too deeply.")]) from None
        definition = _operation(document, operation_name)
        errors = validate(GRAPHQL, document, max_errors=MOST_VALIDATION_ERRORS)
        if errors:
            raise RequestErrors(errors)
        return Operation(self._shared, document, definition)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = get_operation_ast(document, name)
    if found is None:
        reason = (
            f"Unknown operation named {name!r:.100}."
            if name
            else (
                "The document has several operations: say which one by operationName."
                if any(isinstance(each, OperationDefinitionNode) for each in document.definitions)
                else "The document has no operation."
            )
        )
        raise RequestErrors([GraphQLError(reason)])
    if found.operation is OperationType.SUBSCRIPTION:
        raise RequestErrors([GraphQLError("This schema has no subscriptions.", found)])
    return found

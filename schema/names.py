"""How names of the registry are said in GraphQL, and how rows are identified there."""

import re
from typing import NamedTuple
from uuid import UUID

from schema.registry import Column, Module

GLOBAL_ID_LENGTH = 100
# Types that a refusal names; more of them tell nobody anything.
MOST_NAMED = 3
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def camel(name: str) -> str:
    """`amount_cents` as `amountCents`."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def pascal(name: str) -> str:
    """`lifecycle_stage` as `LifecycleStage`."""
    return "".join(word.capitalize() for word in name.split("_"))


def enum_name(module: Module, column: Column) -> str:
    """The GraphQL enum of a column with choices: `DealStage`."""
    return module.type_name + pascal(column.name)


def can(action: str) -> str:
    """The field of `access` that tells whether an action is possible: `canViewSensitive`."""
    return "can" + pascal(action)


def singular_field(module: Module) -> str:
    """The root field of one row: `landingPage`."""
    return camel(module.singular)


def plural_field(module: Module) -> str:
    """The root field of the connection: `landingPages`."""
    return camel(module.name)


class GlobalId(NamedTuple):
    """Identifies a row across types, written `Deal:0190a6f0-...`."""

    type_name: str
    uuid: UUID

    def __str__(self) -> str:
        return f"{self.type_name}:{self.uuid}"

    @classmethod
    def parse(cls, text: str, *expected: str) -> "GlobalId":
        """Read an id of one of the `expected` types; ValueError with a sentence for the client."""
        type_name, _, key = text.partition(":")
        if type_name not in expected:
            wanted = " or ".join(expected) if len(expected) <= MOST_NAMED else "known type"
            raise ValueError(f"{text[:GLOBAL_ID_LENGTH]!r} is not the id of a {wanted}")
        if not _UUID.fullmatch(key):
            raise ValueError(f"{text[:GLOBAL_ID_LENGTH]!r} is not an id: expected {type_name}:<uuid>")
        # The number takes half as long as the text.
        return cls(type_name, UUID(int=int(key.replace("-", ""), 16)))

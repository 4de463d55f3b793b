"""Conditions, orders and cursors of the reference, in plain Python."""

import base64
import datetime as dt
import json
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from schema.registry import Module

EMPTY = base64.urlsafe_b64encode(b" " * 16 + b'[""]').decode()


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def plain_id(given: Any) -> Any:
    if isinstance(given, list):
        return [plain_id(each) for each in given]
    return given.partition(":")[2] if isinstance(given, str) else given


def enum_value(module: Module, name: str, given: Any) -> Any:
    column = next((each for each in module.columns if each.name == snake(name)), None)
    if not column or not column.choices:
        return given
    return (
        [each.lower() for each in given]
        if isinstance(given, list)
        else given.lower()
        if isinstance(given, str)
        else given
    )


def compare(operator: str, value: Any, given: Any) -> bool:
    """One operator on one value; a value that is missing fulfils only `ne` and `isNull`."""
    if operator == "isNull":
        return (value is None) is given
    if operator == "ne" and value is None:
        return True
    if value is None:
        return False
    sample = given[0] if isinstance(given, list) and given else given
    if isinstance(sample, dt.datetime):
        value = dt.datetime.fromisoformat(value)
    elif isinstance(sample, dt.date):
        value = dt.date.fromisoformat(value)
    checks: dict[str, Callable[[], bool]] = {
        "eq": lambda: value == given,
        "ne": lambda: value != given,
        "in": lambda: value in given,
        "lt": lambda: value < given,
        "lte": lambda: value <= given,
        "gt": lambda: value > given,
        "gte": lambda: value >= given,
        "startsWith": lambda: value.lower().startswith(given.lower()),
        "contains": lambda: given.lower() in value.lower(),
    }
    return bool(checks[operator]())


def ordered(rows: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """Rows in an order; those without a value last, ties by id in the direction of the last key."""
    steps: list[tuple[str, bool]] = []
    for name in names:
        column, _, direction = name.lower().rpartition("_")
        if column not in [known for known, _ in steps]:
            steps.append((column, direction == "desc"))
    steps.append(("id", steps[-1][1]))

    def key(row: dict[str, Any], column: str) -> Any:
        return row.get(f"{column}_lower", row[column])

    def order(one: dict[str, Any], other: dict[str, Any]) -> int:
        for column, descending in steps:
            left, right = key(one, column), key(other, column)
            if left == right:
                continue
            if left is None or right is None:
                return 1 if left is None else -1
            return (-1 if left < right else 1) * (-1 if descending else 1)
        return 0

    return sorted(rows, key=cmp_to_key(order))


def has_null(where: Any) -> bool:
    if isinstance(where, dict):
        return any(value is None or has_null(value) for value in where.values())
    return isinstance(where, list) and any(has_null(each) for each in where)


def foreign_ids(where: Any) -> bool:
    """Whether an owner or creator is no person, or a team no team."""
    wanted = {"ownerId": "Person:", "createdById": "Person:", "teamId": "Team:", "includes": "Team:"}
    if isinstance(where, list):
        return any(foreign_ids(each) for each in where)
    if not isinstance(where, dict):
        return False
    return any(
        (key in wanted and wanted[key] not in str(value) and "isNull" not in str(value)) or foreign_ids(value)
        for key, value in where.items()
    )


def cursor_id(cursor: str) -> str:
    """The id in a cursor; ValueError for what is none."""
    sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    return str(json.loads(sealed[16:])[-1])

"""Scalars of the API: 53-bit integers, dates, and points in time."""

import datetime as dt
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

SAFE_INTEGER = 2**53 - 1

SafeInt = NewType("SafeInt", int)


def parse_safe_int(value: object) -> int:
    """Accept whole numbers that a double holds exactly."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise GraphQLError(f"SafeInt cannot represent a value that is not a whole number: {value!r:.100}")
    if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        raise GraphQLError(f"SafeInt cannot represent {value!r:.100}: it is beyond 53 bits")
    return value


def parse_date_time(value: object) -> dt.datetime:
    """Accept RFC 3339: a date, a time and an offset."""
    moment = None
    if isinstance(value, str) and len(value) > len("2026-01-01"):
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            moment = None
    if moment is None or moment.tzinfo is None:
        raise GraphQLError(
            f"DateTime cannot represent {value!r:.100}: expected date, time and offset as in 2026-01-31T09:30:00Z"
        )
    try:
        moment = moment.astimezone(dt.UTC)
    except OverflowError:
        raise GraphQLError(f"DateTime cannot represent {value!r:.100}: it is out of range") from None
    # The first and the last moment and day of Python's calendar stand for infinity in the driver.
    if not dt.date.min < moment.date() < dt.date.max:
        raise GraphQLError(f"DateTime cannot represent {value!r:.100}: it is out of range")
    return moment


def parse_date(value: object) -> dt.date:
    """Accept `2026-01-31`."""
    day = None
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            day = None
    if day is not None and dt.date.min < day < dt.date.max:
        return day
    raise GraphQLError(f"Date cannot represent {value!r:.100}: expected a date as in 2026-01-31")


def _as_text(value: Any) -> str:
    """Answers of the compiler are JSON already; other values are dates or points in time."""
    return value if isinstance(value, str) else str(value.isoformat())


SCALARS: dict[object, ScalarDefinition] = {
    SafeInt: strawberry.scalar(
        name="SafeInt",
        description="A whole number between -(2^53 - 1) and 2^53 - 1, which JSON and JavaScript hold exactly.",
        serialize=parse_safe_int,
        parse_value=parse_safe_int,
    ),
    dt.datetime: strawberry.scalar(
        name="DateTime",
        description="A point in time by RFC 3339, with an offset: 2026-01-31T09:30:00Z. Answers are in UTC.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_as_text,
        parse_value=parse_date_time,
    ),
    dt.date: strawberry.scalar(
        name="Date",
        description="A day without a time: 2026-01-31.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=_as_text,
        parse_value=parse_date,
    ),
}

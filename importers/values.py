"""From the text of a cell to the value of a column, or to the reason why it cannot be one.

Whatever the database would refuse by a column's own rules (length, range, choice, kind) is refused here first, because
here it is known which line said it.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import assert_never
from zoneinfo import ZoneInfo

from importers.errors import Refused
from importers.mapping import Expression
from schema.registry import Column, Type

LIMITS = {Type.INTEGER: (-(2**31), 2**31 - 1), Type.BIGINT: (-(2**53) + 1, 2**53 - 1)}

Value = str | int | bool | date | datetime
Converter = Callable[[str], Value]

# Money is exact or it is refused: nothing is rounded on the way to the smallest unit.
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TRUE = frozenset({"true", "t", "yes", "y", "1"})
FALSE = frozenset({"false", "f", "no", "n", "0"})


def converter(column: Column, expression: Expression) -> Converter:
    """How text becomes a value of `column`; the function raises Refused with a reason that names the column."""
    match column.type:
        case Type.TEXT | Type.UUID:
            return _text(column)
        case Type.INTEGER | Type.BIGINT:
            return _whole(column, expression)
        case Type.DATE:
            return _date(column, expression.format)
        case Type.TIMESTAMP:
            return _timestamp(column, expression.format, ZoneInfo(expression.zone) if expression.zone else UTC)
        case Type.BOOLEAN:
            return _boolean(column)
    assert_never(column.type)


def default(column: Column) -> Value | None:
    """What a required column gets where a line gives nothing; None when the line is then to be refused."""
    return None if column.default is None else converter(column, Expression(value=column.default))(column.default)


def shown(text: str) -> str:
    """A cell in a sentence: quoted, and cut where it would fill the terminal."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _text(column: Column) -> Converter:
    name, limit, lowercase, choices = column.name, column.max_length, column.lowercase, frozenset(column.choices)

    def text(value: str) -> str:
        if lowercase:
            value = value.lower()
        if limit is not None and len(value) > limit:
            raise Refused(f"{name} is {len(value)} characters long, {limit} is the most")
        if choices and value not in choices:
            raise Refused(f"{name} {shown(value)} is none of {', '.join(column.choices)}")
        return value

    return text


def _whole(column: Column, expression: Expression) -> Converter:
    name, multiply, mark, group = column.name, expression.multiply, expression.decimal_mark, expression.group_mark
    lowest, highest = LIMITS[column.type]
    lowest = lowest if column.minimum is None else max(lowest, column.minimum)
    highest = highest if column.maximum is None else min(highest, column.maximum)

    def whole(value: str) -> int:
        text = value if group is None else value.replace(group, "")
        if mark != ".":
            text = text.replace(mark, ".")
        try:
            number = Decimal(text) if multiply is None else EXACT.multiply(Decimal(text), multiply)
            result = int(number)
        except (ArithmeticError, ValueError):
            raise Refused(f"{name} {shown(value)} is not a number") from None
        if result != number:
            raise Refused(f"{name} {shown(value)} is not a whole number" + (f" times {multiply}" if multiply else ""))
        if not lowest <= result <= highest:
            raise Refused(f"{name} {shown(value)} is not between {lowest} and {highest}")
        return result

    return whole


def _date(column: Column, form: str | None) -> Converter:
    name = column.name

    def day(value: str) -> date:
        try:
            # Also forms such as 2017-W09-3 are ISO, but hardly what a cell means.
            if form is None and ISO_DAY.fullmatch(value):
                return date.fromisoformat(value)
            if form is not None:
                return datetime.strptime(value, form).replace(tzinfo=UTC).date()
        except ValueError:
            pass
        raise Refused(f"{name} {shown(value)} is not a date as in {form or 'YYYY-MM-DD'}")

    return day


def _timestamp(column: Column, form: str | None, zone: tzinfo) -> Converter:
    name = column.name

    def moment(value: str) -> datetime:
        try:
            # A time that names no zone is given the mapping's, below.
            found = datetime.fromisoformat(value) if form is None else datetime.strptime(value, form)  # noqa: DTZ007
        except ValueError:
            raise Refused(f"{name} {shown(value)} is not a time as in {form or 'YYYY-MM-DD HH:MM:SS'}") from None
        return found if found.tzinfo else found.replace(tzinfo=zone)

    return moment


def _boolean(column: Column) -> Converter:
    name = column.name

    def truth(value: str) -> bool:
        known = value.lower()
        if known in TRUE:
            return True
        if known in FALSE:
            return False
        raise Refused(f"{name} {shown(value)} is neither yes nor no")

    return truth

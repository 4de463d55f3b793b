"""Cells become values exactly, or are refused with a reason that names the column."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from importers.errors import Refused
from importers.expressions import Header, letters, text_of, value_of
from importers.mapping import Expression
from schema.modules import REGISTRY
from schema.registry import Column, Type

HEADER = Header("trial.csv", ("a", "b"))
LOOKUPS = {"stages": {"Won": "won", "Lost": "lost"}}


def column(module: str, name: str) -> Column:
    return REGISTRY.by_name[module].column(name)


def value(of: Column, cell: str, **options: Any) -> Any:
    return value_of(of, Expression(field="a", **options), HEADER, LOOKUPS)([cell, ""])


AMOUNT, YEAR, CLOSED = (
    column("deals", "amount_cents"),
    column("companies", "founded_year"),
    column("deals", "closed_on"),
)
STAGE, NAME, DUE = column("deals", "stage"), column("deals", "name"), column("tickets", "due_at")
YES = Column("vip", Type.BOOLEAN, "Whether.")

TAKEN: dict[str, tuple[Column, str, dict[str, Any], Any]] = {
    "millions to cents": (AMOUNT, "1100.04", {"multiply": 100_000_000}, 110_004_000_000),
    "cents that floats lose": (AMOUNT, "4613.29", {"multiply": 100}, 461_329),
    "a decimal comma": (AMOUNT, "1.234,56", {"multiply": 100, "decimal_mark": ",", "group_mark": "."}, 123_456),
    "the largest": (AMOUNT, str(2**53 - 1), {}, 2**53 - 1),
    "a year": (YEAR, "1996", {}, 1996),
    "an ISO date": (CLOSED, "2017-03-01", {}, date(2017, 3, 1)),
    "a date of a form": (CLOSED, "01.03.2017", {"format": "%d.%m.%Y"}, date(2017, 3, 1)),
    "a choice by lookup": (STAGE, "Won", {"lookup": "stages"}, "won"),
    "a choice by lower case": (STAGE, "WON", {"lower": True}, "won"),
    "nothing where there is a default": (STAGE, "", {}, "prospecting"),
    "nothing": (AMOUNT, "", {}, None),
    "a time in UTC": (DUE, "2017-03-01 12:30:00", {}, datetime(2017, 3, 1, 12, 30, tzinfo=UTC)),
    "a time with its zone": (
        DUE,
        "2017-03-01T12:30:00+02:00",
        {"zone": "Asia/Tokyo"},
        datetime(2017, 3, 1, 12, 30, tzinfo=timezone(timedelta(hours=2))),
    ),
    "a time of a zone": (
        DUE,
        "2017-03-01 12:30:00",
        {"zone": "Asia/Tokyo"},
        datetime(2017, 3, 1, 3, 30, tzinfo=UTC),
    ),
    "yes": (YES, "Yes", {}, True),
    "no": (YES, "0", {}, False),
}


@pytest.mark.parametrize(("of", "cell", "options", "expected"), TAKEN.values(), ids=TAKEN.keys())
def test_a_cell_is_taken(of: Column, cell: str, options: dict[str, Any], expected: Any) -> None:
    assert value(of, cell, **options) == expected


REFUSED: dict[str, tuple[Column, str, dict[str, Any], str]] = {
    "a word for a number": (AMOUNT, "many", {}, "amount_cents 'many' is not a number"),
    "not a number": (AMOUNT, "NaN", {}, "amount_cents 'NaN' is not a number"),
    "without end": (AMOUNT, "Infinity", {}, "amount_cents 'Infinity' is not a number"),
    "half a cent": (AMOUNT, "1.005", {"multiply": 100}, "is not a whole number times 100"),
    "digits beyond exactness": (AMOUNT, "1." + "0" * 70 + "1", {"multiply": 100}, "is not a"),
    "below the least": (AMOUNT, "-1", {}, "amount_cents '-1' is not between 0 and"),
    "beyond the most": (AMOUNT, str(2**53), {}, "is not between 0 and"),
    "a year too early": (YEAR, "999", {}, "founded_year '999' is not between 1000 and 3000"),
    "no such day": (CLOSED, "2017-02-30", {}, "closed_on '2017-02-30' is not a date as in YYYY-MM-DD"),
    "a date of another form": (CLOSED, "01/03/2017", {}, "is not a date as in YYYY-MM-DD"),
    "a date of no such form": (CLOSED, "2017-03-01", {"format": "%d.%m.%Y"}, "is not a date as in %d.%m.%Y"),
    "a week for a date": (CLOSED, "2017-W09-3", {}, "is not a date"),
    "no time": (DUE, "noon", {}, "due_at 'noon' is not a time"),
    "no choice": (STAGE, "Won", {}, "stage 'Won' is none of prospecting"),
    "nothing in the lookup": (STAGE, "Tie", {"lookup": "stages"}, "'Tie' is not in the lookup stages"),
    "too long": (NAME, "x" * 301, {}, "name is 301 characters long, 300 is the most"),
    "required and empty": (NAME, "", {}, "name is missing"),
    "neither yes nor no": (YES, "maybe", {}, "vip 'maybe' is neither yes nor no"),
}


@pytest.mark.parametrize(("of", "cell", "options", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_cell_is_refused_with_its_reason(of: Column, cell: str, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        value(of, cell, **options)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Darcel Schlecht", "Darcel.Schlecht"),
        ("Mei-Mei Johns", "MeiMei.Johns"),
        ("  Zoë  O'Brien-Núñez ", "Zoe.OBrienNunez"),
        ("R2 D2", "R.D"),
        ("42", ""),
    ],
)
def test_letters_keeps_words_of_plain_letters(name: str, expected: str) -> None:
    assert letters(name, ".") == expected


def test_a_template_changes_cells_and_not_its_own_text() -> None:
    email = text_of(Expression(template="{a}@Maven.example", letters=".", lower=True), HEADER, {})
    assert email(["Mei-Mei Johns", ""]) == "meimei.johns@Maven.example"


def test_a_template_with_an_empty_cell_gives_way() -> None:
    otherwise = Expression(template="{a}, alone")
    name = text_of(Expression(template="{a} for {b}", otherwise=otherwise), HEADER, {})
    assert [name(["GTX", "Isdom"]), name(["GTX", ""]), name(["", ""])] == ["GTX for Isdom", "GTX, alone", None]


def test_a_constant_reads_no_cell() -> None:
    assert text_of(Expression(value="x"), Header("none", ()), {})([]) == "x"


def test_a_lower_case_column_is_kept_so() -> None:
    assert value(column("contacts", "email"), "Ada@Example.ORG") == "ada@example.org"

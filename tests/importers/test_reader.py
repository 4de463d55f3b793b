"""A bad line is refused by its number, and its neighbours are read."""

from pathlib import Path
from typing import Any

import pytest

from importers.errors import ImportFailed
from importers.mapping import Source
from importers.reader import Table
from importers.verdicts import Verdicts


def read(tmp_path: Path, content: bytes, **options: Any) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str]]]:
    (tmp_path / "x.csv").write_bytes(content)
    verdicts = Verdicts()
    table = Table(Source(file="x.csv", **options), tmp_path)
    taken = [(line.number, line.cells) for line in table.lines(verdicts)]
    return taken, [(refusal.line, refusal.reason) for refusal in verdicts.refusals]


def test_lines_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n1,2\r\n\n3,4") == ([(2, ["1", "2"]), (4, ["3", "4"])], [])


def test_cells_are_trimmed_replaced_and_blanked(tmp_path: Path) -> None:
    taken, _ = read(tmp_path, b"a,b\n GTXPro ,n/a\n", replace={"a": {"GTXPro": "GTX Pro"}}, blank=["n/a"])
    assert taken == [(2, ["GTX Pro", ""])]


def test_a_cell_may_span_lines(tmp_path: Path) -> None:
    assert read(tmp_path, b'a,b\n"1\n2",3\n4,5\n') == ([(2, ["1\n2", "3"]), (4, ["4", "5"])], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1,2,3", "has 3 cells where the file has 2 columns"),
        (b"1", "has 1 cells where the file has 2 columns"),
        (b"1,caf\xe9", "is not utf-8: byte e9 at 6"),
        (b"1,\x00", "holds a NUL character"),
        (b'1,"2"3', "is not CSV: ',' expected after '\"'"),
        (b'1,"2', "opens a quotation mark that is not closed"),
    ],
)
def test_a_bad_line_costs_no_other(tmp_path: Path, line: bytes, reason: str) -> None:
    taken, refused = read(tmp_path, b"a,b\n1,2\n" + line + b"\n3,4\n5,6\n")
    assert taken == [(2, ["1", "2"]), (4, ["3", "4"]), (5, ["5", "6"])]
    assert refused == [(3, reason)]


def test_an_unclosed_quotation_mark_is_noticed_within_a_long_file(tmp_path: Path) -> None:
    lines = [b"a,b", b'1,"2', *(b"%d,%s" % (number, b"x" * 90) for number in range(20_000))]
    taken, refused = read(tmp_path, b"\n".join(lines) + b"\n")
    assert len(taken) == 20_000
    assert refused == [(2, "opens a quotation mark that is not closed")]


def test_a_refusal_holds_the_line_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b'a,b\n1,"2\n3",4\n')
    verdicts = Verdicts()
    assert list(Table(Source(file="x.csv"), tmp_path).lines(verdicts)) == []
    assert verdicts.refusals[0].text == '1,"2\n3",4'


def test_texts_of_single_lines_are_found_again(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b'a,b\n1,"2\n3"\n4,5\n')
    assert Table(Source(file="x.csv"), tmp_path).texts({2, 4}) == {2: '1,"2\n3"', 4: "4,5"}


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    taken, refused = read(tmp_path, b"\xef\xbb\xbfa,b\n\xef\xbb\xbf1,2\n", replace={"a": {"1": "one"}})
    assert (taken, refused) == ([(2, ["\ufeff1", "2"])], [])


def test_other_encodings_and_delimiters_are_read(tmp_path: Path) -> None:
    taken, _ = read(tmp_path, "a;b\ncafé;|x;y|\n".encode("cp1252"), encoding="cp1252", delimiter=";", quote="|")
    assert taken == [(2, ["café", "x;y"])]


def test_a_file_without_a_header_names_its_columns_in_the_mapping(tmp_path: Path) -> None:
    assert read(tmp_path, b"1,2\n", columns=["a", "b"]) == ([(1, ["1", "2"])], [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"a,a\n1,2\n", "has two columns called 'a'"),
        (b"a,\xff\n1,2\n", "the first line, which names the columns, is not utf-8"),
        (b'a,"b\n1,2\n', "the first line, which names the columns, opens a quotation mark"),
        (b"b,c\n1,2\n", "has no column 'a'; it has b, c"),
    ],
)
def test_a_file_without_a_header_that_can_be_used_stops_the_import(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    with pytest.raises(ImportFailed) as failed:
        read(tmp_path, content, replace={"a": {}})
    assert sentence in str(failed.value)


def test_a_file_that_is_not_there_stops_the_import(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="is not there"):
        Table(Source(file="none.csv"), tmp_path)

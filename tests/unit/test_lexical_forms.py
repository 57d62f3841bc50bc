"""Each value is written in one way only; an error says what is wrong, what is expected in words, and what to do."""

from pathlib import Path

import pytest

from tutela import paths, tables
from tutela.tables.cell_reader import CellReader


@pytest.fixture(scope="module")
def readers() -> dict[str, CellReader]:
    """Return the reader of each column, by table and column."""
    return {f"{table.name}.{one.name}": one for table in tables.load(paths.DATA).values() for one in table.readers}


@pytest.mark.parametrize(
    ("column", "value", "found", "expected", "advice"),
    [
        ("actions.item", "1.0", "'1.0'", "an integer from 1", "Write 1."),
        ("actions.item", "+1", "'+1'", "without sign", "Write 1."),
        ("actions.item", " 1", "space at its beginning", "an integer", "Write 1."),
        ("actions.item", "1\t", "U+0009", "an integer", "Write 1."),
        ("actions.item", "01", "'01'", "leading zeros", "Write 1."),
        ("actions.item", "１", "'１'", "the digits 0 to 9", "Write 1."),
        ("actions.item", "1,000", "'1,000'", "an integer", "Correct the cell."),
        ("actions.item", "-1", "'-1'", "an integer", "Correct the cell."),
        ("actions.item", "0", "'0'", "an integer from 1", "Correct the cell."),
        ("actions.year", "20", "'20'", "from 1000 to 2999", "Correct the cell."),
        ("actions.date", "2023-02-30", "'2023-02-30'", "a date that exists (YYYY-MM-DD)", "There is no such day"),
        ("actions.date", "0000-01-01", "'0000-01-01'", "a date that exists", "There is no such day"),
        ("actions.date", "2023-01-31Z", "'2023-01-31Z'", "time zone", "Write 2023-01-31."),
        ("actions.date", "2023-01-31+02:00", "'2023-01-31+02:00'", "time zone", "Write 2023-01-31."),
        ("actions.date", "2023-01-31T00:00:00", "T00:00:00'", "without time", "Write 2023-01-31."),
        ("actions.date", "２０２３-01-31", "'２０２３-01-31'", "a date", "Write 2023-01-31."),
        ("actions.date", "31.1.2023", "'31.1.2023'", "a date", "Write it as year-month-day"),
        ("instruments.status_as_of", "2026-13", "'2026-13'", "YYYY, YYYY-MM or YYYY-MM-DD", "Write it as year-month-day"),
        ("instruments.status_as_of", "٢٠٢٦", "'٢٠٢٦'", "a date that exists", "Write it as year-month-day"),
        ("observations.met", "TRUE", "'TRUE'", "true or false", "Write true."),
        ("observations.met", "WAHR", "'WAHR'", "true or false", "Write true."),
        ("observations.met", "0", "'0'", "true or false", "Write false."),
        ("jurisdictions.kind", "Row", "'Row'", "row, place or outside", "Write row."),
        ("jurisdictions.numeric", "4", "'4'", "three digits, such as 004", "Correct the cell."),
        ("actions.instrument", "Budapest Convention", "'Budapest Convention'", "lower-case letters", "Write budapest-convention."),
        ("actions.url", "ftp://example.org/", "'ftp:", "http:// or https://", "Copy the address"),
        ("actions.url", "javascript:alert(1)", "'javascript:", "http:// or https://", "Copy the address"),
        ("actions.url", "https://", "'https://'", "names a host", "Copy the address"),
        ("actions.url", "https://me:secret@example.org/", "'https://me", "without user name or password", "Copy the address"),
        ("actions.url", "https://example.org/50%", "50%'", "a URL", "Copy the address"),
        ("national_laws.url", "https://example.org/a b", "a b'", "a URL", "Copy the address"),
        ("actions.note", "<b>bold</b>", "markup <b>", "plain text", "Write it without <b>."),
        ("actions.note", "Terre &amp; Mer", "markup &amp;", "plain text", "Write it without &amp;."),
        ("actions.note", "lost \ufffd letter", "U+FFFD (replacement character) as its character 6", "text without", "from its source"),
        ("actions.note", "a\u200bb", "'a\\u200bb' contains U+200B (zero width space) as its character 2", "text without", "Remove it."),
        ("actions.note", "a\u202eb", "U+202E (right-to-left override)", "text-direction", "Remove it."),
        ("actions.note", "a\u00a0b", "U+00A0 (no-break space)", "text without", "Write a plain space instead."),
        ("actions.note", "two\nlines", "U+000A", "text without control", "Remove it."),
        ("actions.note", "latin\u200cletters", "U+200C", "text without", "Remove it."),
        ("actions.note", "re\u0301sume\u0301", "not in normalization form C", "NFC", "Save it in that form"),
        ("actions.note", "=SUM(A1:A3)", "a formula", "a value", "Enter the value"),
        ("actions.note", "#REF!", "an error of a spreadsheet", "a value", "Enter the value"),
    ],
)  # fmt: skip
def test_another_form_of_a_value_is_an_error(
    readers: dict[str, CellReader], column: str, value: str, found: str, expected: str, advice: str
) -> None:
    _, wrong = readers[column].read(value)
    assert wrong is not None
    assert (found in wrong.found, expected in wrong.expected, advice in wrong.advice) == (True, True, True), wrong


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actions.item", "12"),
        ("entry_rules.amount", "0"),
        ("actions.date", "2024-02-29"),
        ("instruments.status_as_of", "2026-08"),
        ("actions.url", "https://example.org:8443/a;b?c=%C3%A9&copy=1#d"),
        ("actions.url", "https://example.org/법령/아동"),
        ("actions.note", "Articles 3 < 4, R&D; 5 > 2 - and more"),
        ("national_laws.title", "قانون حمایت از اطفال و نوجوانان می\u200cشود"),
        ("national_laws.title", "क्\u200dष"),
        ("national_laws.title", "刑法　第一条"),
    ],
)
def test_what_real_data_need_is_valid(readers: dict[str, CellReader], column: str, value: str) -> None:
    assert readers[column].read(value)[1] is None


def test_all_errors_of_a_row_are_reported_at_once_with_value_and_advice(data_copy: Path) -> None:
    path = data_copy / "participation" / "actions.csv"
    heading, row, rest = path.read_text(encoding="utf-8").split("\n", 2)
    broken = row.replace("acrwc,AGO,1,ratification,1992-04-11", "acrwc,AGO,1.0,Ratification,1992-04-31")
    assert broken != row
    path.write_text("\n".join([heading, broken, rest]), encoding="utf-8")
    errors = tables.validate(tables.load(data_copy))
    assert [(error.table, error.row, error.column, error.value, error.advice) for error in errors] == [
        ("actions", 2, "item", "1.0", "Write 1."),
        ("actions", 2, "action", "Ratification", "Write ratification."),
        ("actions", 2, "date", "1992-04-31", "There is no such day; look it up in the source."),
    ]

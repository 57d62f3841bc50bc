"""Conversion of cells of spreadsheets: what is restored, what is asked, and what is refused."""

from datetime import date, datetime, time

import pytest

from tutela.tables import written_dates
from tutela.tables.conversion import ColumnForm, convert
from tutela.tables.spreadsheet import SheetCell, Value, address, ranges

BOOLEAN, INTEGER, DATE, PARTIAL = (ColumnForm(kind) for kind in ("boolean", "integer", "date", "partial-date"))
TEXT = ColumnForm("text")
CODE = ColumnForm("text", width=3, codes=frozenset({"002", "019"}))


@pytest.mark.parametrize(
    ("value", "form", "current", "expected"),
    [
        (True, BOOLEAN, None, "true"),
        ("TRUE", BOOLEAN, None, "true"),
        ("FALSCH", BOOLEAN, None, "false"),
        (" False ", BOOLEAN, None, "false"),
        (1, BOOLEAN, None, "true"),
        (0.0, BOOLEAN, None, "false"),
        (4, CODE, None, "004"),
        (4.0, CODE, None, "004"),
        ("19", CODE, None, "019"),
        ("019 — Americas", CODE, None, "019"),
        (4, TEXT, "004", "004"),
        (8.1, TEXT, "8.10", "8.10"),
        (4.0, INTEGER, None, "4"),
        ("4.0", INTEGER, None, "4"),
        ("+4", INTEGER, None, "4"),
        ("０４", INTEGER, None, "4"),
        ("٤", INTEGER, None, "4"),
        (datetime(2024, 12, 12), DATE, None, "2024-12-12"),
        (date(2024, 12, 12), DATE, None, "2024-12-12"),
        ("12.12.2024", DATE, None, "2024-12-12"),
        ("03.04.2024", DATE, None, "2024-04-03"),
        ("3. 4. 2024", DATE, None, "2024-04-03"),
        ("13/04/2024", DATE, None, "2024-04-13"),
        ("04/13/2024", DATE, None, "2024-04-13"),
        ("04/04/2024", DATE, None, "2024-04-04"),
        ("2024/4/3", DATE, None, "2024-04-03"),
        ("2024-12-12 00:00:00", DATE, None, "2024-12-12"),
        ("12 December 2024", DATE, None, "2024-12-12"),
        ("Dec 12, 2024", DATE, None, "2024-12-12"),
        ("03/04/2024", DATE, "2024-03-04", "2024-03-04"),  # the program displays the day of the table in its own way
        (45638, DATE, "2024-12-12", "2024-12-12"),
        ("12/2024", PARTIAL, None, "2024-12"),
        ("Nov-26", PARTIAL, "2026-11", "2026-11"),
        (datetime(2026, 11, 1), PARTIAL, "2026-11", "2026-11"),
        ("Sep-05", TEXT, "9/2005", "9/2005"),
        ("02-Jan", TEXT, "1-2", "1-2"),
        (datetime(2005, 9, 1), TEXT, "9/2005", "9/2005"),
        ("article\u00a016 ", TEXT, None, "article 16"),
        ("re\u0301glement", TEXT, None, "r\u00e9glement"),
        ("one\r\ntwo", TEXT, None, "one\ntwo"),
        ("\ufeffone\u200b", TEXT, None, "one"),
        (True, TEXT, None, "true"),
    ],
)
def test_a_value_with_one_reading_is_converted_and_the_conversion_named(
    value: Value, form: ColumnForm, current: str | None, expected: str
) -> None:
    result = convert(SheetCell(value), form, current)
    assert (result.text, result.problem, result.choices) == (expected, "", ())
    assert result.reason


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("true", BOOLEAN, "true"),
        ("004", CODE, "004"),
        ("4", TEXT, "4"),
        (4, TEXT, "4"),
        ("2024-12-12", DATE, "2024-12-12"),
        ("2024-12", PARTIAL, "2024-12"),
        (2024, PARTIAL, "2024"),
        ("=1+1", TEXT, "=1+1"),
        ("@name", TEXT, "@name"),
        ("مواد\u200cها", TEXT, "مواد\u200cها"),  # the joiner is part of the Persian spelling
    ],
)
def test_a_value_in_the_form_of_its_column_is_not_a_conversion(value: Value, form: ColumnForm, expected: str) -> None:
    result = convert(SheetCell(value), form)
    assert (result.text, result.reason, result.problem, result.choices) == (expected, "", "", ())


@pytest.mark.parametrize(
    ("value", "form", "current", "choices"),
    [
        ("03/04/2024", DATE, None, ("2024-04-03", "2024-03-04")),
        ("3-4-2024", DATE, "2020-01-01", ("2024-04-03", "2024-03-04")),
        ("12.12.24", DATE, None, ("2024-12-12", "1924-12-12")),
        ("Nov-26", PARTIAL, None, ("2026-11", "1926-11")),
        (45638, DATE, None, ("2024-12-12", "45638")),
        (45638, PARTIAL, "2020", ("2024-12-12", "2024-12", "45638")),
        ("123", TEXT, "0123", ("0123", "123")),
        ("Türk Ceza Kanunu, musteh-cen", TEXT, "Türk Ceza Kanunu, müsteh-cen", ()),  # ü is in the encoding: an edit
        ("Basin Kanunu", TEXT, "Basın Kanunu", ("Basın Kanunu", "Basin Kanunu")),
    ],
)
def test_a_value_with_several_readings_is_a_question(
    value: Value, form: ColumnForm, current: str | None, choices: tuple[str, ...]
) -> None:
    assert convert(SheetCell(value), form, current).choices == choices


@pytest.mark.parametrize(
    ("value", "form", "current", "problem"),
    [
        (datetime(2024, 12, 12, 8, 30), DATE, None, "a day with a time"),
        (time(8, 30), TEXT, None, "a time"),
        (datetime(2024, 12, 12), TEXT, "Act 12", "made a date of the text"),
        ("Sep-05", TEXT, "10/2005", "made it of '10/2005'"),
        ("1.20E+05", TEXT, "12E4", "made it of '12E4'"),
        (12345678901234567.0, TEXT, None, "more than 15 digits"),
        (float("nan"), TEXT, None, "more than 15 digits"),
        ("????? ?????", TEXT, "Закон права", "letters were lost"),
        ("??(?)", TEXT, "刚果（金）", "letters were lost"),
        ("Kodi ?? 1", TEXT, "Kodi 😀 1", "letters were lost"),
        ("Kodi ? 1", TEXT, "Kodi 😀 1", "letters were lost"),
        ("Kodi i Republik\ufffds", TEXT, "Kodi i Republikës", "a letter was lost"),
        ("bell\x07", TEXT, None, "a control character"),
        (True, INTEGER, None, "TRUE; expected a whole number"),
        (False, DATE, None, "FALSE; expected a day"),
    ],
)
def test_a_value_that_a_program_damaged_is_a_problem(value: Value, form: ColumnForm, current: str | None, problem: str) -> None:
    assert problem in convert(SheetCell(value), form, current).problem


@pytest.mark.parametrize("text", ["maybe", "31.02.2024", "1.000", "4.5"])
def test_what_cannot_be_converted_stays_for_the_validation(text: str) -> None:
    for form in (BOOLEAN, INTEGER, DATE):
        assert convert(SheetCell(text), form).text == text


@pytest.mark.parametrize(
    ("format_", "expected"), [("mmm\\-yy", "2026-11"), ("yyyy", "2026"), ('d. mmmm yyyy "day"', "2026-11-01")]
)
def test_the_display_of_a_day_says_whether_it_is_a_month(format_: str, expected: str) -> None:
    assert convert(SheetCell(datetime(2026, 11, 1), format_), PARTIAL).text == expected


def test_days_that_do_not_exist_are_no_reading() -> None:
    assert written_dates.days("30/02/2024") == []
    assert written_dates.days("12 Smarch 2024") == []
    assert written_dates.months("13/2024") == []


def test_addresses_and_ranges_are_those_of_spreadsheet_programs() -> None:
    assert [address(12, column) for column in (1, 26, 27, 702, 703)] == ["A12", "Z12", "AA12", "ZZ12", "AAA12"]
    assert ranges([981, 2, 3, 4, 990]) == "2-4, 981, 990"

"""Conversion of the cells of spreadsheets to the text of the tables.

A spreadsheet program changes what it takes for a number, a date or a truth value. A conversion restores the form of the table
where only one reading is possible, says so, and asks where several are. It does not judge whether a value is valid.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from anyascii import anyascii

from tutela.tables import written_dates
from tutela.tables.spreadsheet import SheetCell

# TRUE and FALSE as spreadsheet programs display them: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish,
# Russian. Then what people write.
_TRUE = {"true", "wahr", "vrai", "verdadero", "vero", "verdadeiro", "waar", "prawda", "истина", "yes", "y", "1"}
_FALSE = {"false", "falsch", "faux", "falso", "onwaar", "fałsz", "ложь", "no", "n", "0"}
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u2060"))
_MADE_BY_EXCEL = re.compile(r"\d{1,2}-[A-Z][a-z]{2}(-\d{2})?|[A-Z][a-z]{2}-\d{2}|\d(\.\d+)?E\+\d+")
_LONGEST_EXACT = 10**15  # spreadsheet programs keep 15 digits of a number
_DATE_TO_TEXT = "a date of the program to text"
SEPARATOR = " — "  # between a code and its name in a drop-down


@dataclass(frozen=True)
class ColumnForm:
    """What the conversion knows of a column.

    Args:
        kind: ``boolean``, ``integer``, ``date``, ``partial-date`` (a year, month or day) or ``text``.
        width: the number of digits of every code, if it is fixed, such as 3 for ``004``.
        codes: the codes of its drop-down.

    """

    kind: str
    width: int | None = None
    codes: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Conversion:
    """The text of a cell in the form of the table.

    Args:
        text: the text.
        reason: what was done, if more than reading the text; empty otherwise.
        choices: the texts that the value can mean, if there are several; `text` is the likeliest.
        problem: why the value cannot be used; empty if it can.

    """

    text: str
    reason: str = ""
    choices: tuple[str, ...] = ()
    problem: str = ""


def column_form(column: Any, values: Iterable[str], codes: Iterable[str] = ()) -> ColumnForm:
    """Return the form of a column from its metadata, its values and the codes of its drop-down."""
    datatype = column.inherit("datatype")
    base, pattern = (datatype.base, datatype.format) if datatype else ("string", None)
    if base in ("boolean", "integer", "date"):
        return ColumnForm(base, None, frozenset(codes))
    if base == "string" and pattern and _matches(pattern, "2024-12") and not _matches(pattern, "x-1"):
        return ColumnForm("partial-date", None, frozenset(codes))
    fixed = re.fullmatch(r"(?:\[0-9\]|\\d)\{(\d+)\}", pattern or "")
    return ColumnForm("text", int(fixed[1]) if fixed else _common_width(values), frozenset(codes))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False


def _common_width(values: Iterable[str]) -> int | None:
    """Return the number of digits if all values are codes of as many digits, and zeros come first in some."""
    codes = {value for value in values if value}
    widths = {len(value) if value.isascii() and value.isdigit() else 0 for value in codes}
    return widths.pop() if len(widths) == 1 and any(value.startswith("0") for value in codes) and 0 not in widths else None


def convert(cell: SheetCell, form: ColumnForm, current: str | None = None) -> Conversion:
    """Return the text of a cell in the form of its column.

    Args:
        cell: the cell.
        form: the form of its column.
        current: the text of this cell in the table, if the row is there. A value that the program can have made from it is read
            as it, because a program changes many more cells than a person.

    """
    if cell.problem:
        return Conversion(str(cell.value), problem=cell.problem)
    value = cell.value
    if isinstance(value, str):
        if value == current:
            return Conversion(value)
        return _from_text(value, form, current)
    if isinstance(value, bool):
        return _from_boolean(value, form)
    if isinstance(value, int | float):
        return _from_number(value, form, current)
    return _from_time(value, cell.number_format, form, current)


def _from_boolean(value: bool, form: ColumnForm) -> Conversion:
    text = str(value).lower()
    if form.kind in ("integer", "date", "partial-date"):
        return Conversion(text, problem=f"{text.upper()}; expected {_EXPECTED[form.kind]}")
    return Conversion(text, f"{text.upper()} to {text}")


_EXPECTED = {"integer": "a whole number", "date": "a day such as 2024-12-31", "partial-date": "a year, month or day"}


def _from_number(value: float, form: ColumnForm, current: str | None) -> Conversion:
    shown = repr(value)
    if abs(value) >= _LONGEST_EXACT or value != value:  # noqa: PLR0124 - not a number
        return Conversion(shown, problem="a number of more than 15 digits, which the program rounds; enter it as text")
    text = str(int(value)) if value == int(value) else shown
    if form.kind == "boolean" and text in ("0", "1"):
        return _converted(shown, "true" if text == "1" else "false")
    if form.kind in ("text", "integer") and current is not None and _is_number(current, value):
        return _converted(shown, current)
    if form.width and text.isdigit():
        return _converted(shown, text.zfill(form.width))
    if form.kind in ("date", "partial-date") and text.isdigit() and 10_000 <= value <= 80_000:
        return _from_serial(int(text), form, current)
    return _converted(shown, text)


def _from_serial(number: int, form: ColumnForm, current: str | None) -> Conversion:
    """Return the day that a program counts as a number, from 30 December 1899, if it has lost the format of the cell."""
    day = date.fromordinal(date(1899, 12, 30).toordinal() + number).isoformat()
    readings = (day,) if form.kind == "date" else (day, day[:7])
    if current in readings:
        return _converted(str(number), current or "")
    return Conversion(day, f"{number} to {day}", (*readings, str(number)))


def _is_number(text: str, value: float) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None and text.isascii() and float(text) == value


def _from_time(value: date | datetime | time, number_format: str, form: ColumnForm, current: str | None) -> Conversion:
    shown = value.isoformat()
    if isinstance(value, time) or not isinstance(value, date):
        return Conversion(shown, problem=f"a time; expected {_EXPECTED.get(form.kind, 'text')}")
    if isinstance(value, datetime):
        if value.time() != time():
            return Conversion(shown, problem=f"a day with a time; expected {_EXPECTED.get(form.kind, 'text')}")
        value = value.date()
        shown = value.isoformat()
    if form.kind == "date":
        return Conversion(shown, _DATE_TO_TEXT)
    if form.kind == "partial-date":
        return _partial(value, number_format, current)
    if current is not None and current in written_dates.spellings(value):
        return _converted(f"date {shown}", current)
    return Conversion(shown, problem="the program made a date of the text; enter it again as text")


def _partial(value: date, number_format: str, current: str | None) -> Conversion:
    day = value.isoformat()
    letters = re.sub(r'"[^"]*"|\[[^]]*\]|\\.', "", number_format).lower()
    if not letters or letters == "general":
        text = current if current and value.day == 1 and current in (day[:7], day) else day
    else:
        text = day if "d" in letters else day[:7] if "m" in letters else day[:4]
    return Conversion(text, _DATE_TO_TEXT if text == day else f"date {day} to {text}")


def _converted(shown: str, text: str) -> Conversion:
    return Conversion(text, f"{shown} to {text}" if shown != text else "")


def _from_text(value: str, form: ColumnForm, current: str | None) -> Conversion:
    text, cleaned = _clean(value)
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in text):
        return Conversion(text, problem="a control character, which nobody sees; enter the text again")
    if "\ufffd" in text and "\ufffd" not in (current or ""):
        return Conversion(text, problem="a letter was lost when the file was saved; save it as UTF-8, or as .xlsx or .ods")
    code = text.split(SEPARATOR)[0]
    if SEPARATOR in text and code in form.codes and text not in form.codes:
        return _converted(text, code)
    if text != current:
        result = _by_kind(text, form, current)
        if result.text != text or result.problem or result.choices:
            return result
    return Conversion(text, ", ".join(cleaned))


def _clean(value: str) -> tuple[str, list[str]]:
    """Return a text in the form that every cell has, and what was changed."""
    steps = (
        ("line ends to line feeds", lambda text: text.replace("\r\n", "\n").replace("\r", "\n")),
        ("non-breaking spaces to spaces", lambda text: text.translate(_SPACES)),
        ("invisible characters left out", lambda text: text.translate(_INVISIBLE)),
        ("spaces at the ends left out", str.strip),
        ("letters composed (NFC)", lambda text: unicodedata.normalize("NFC", text)),
    )
    done = []
    for name, step in steps:
        cleaned = step(value)
        if cleaned != value:
            done.append(name)
        value = cleaned
    return value, done


def _by_kind(text: str, form: ColumnForm, current: str | None) -> Conversion:
    if not text:
        return Conversion(text)
    if form.kind == "boolean":
        return _boolean(text)
    if form.kind == "integer":
        return _integer(text)
    if form.kind in ("date", "partial-date"):
        return _date(text, form, current)
    return _text(text, form, current)


def _boolean(text: str) -> Conversion:
    word = text.lower()
    known = "true" if word in _TRUE else "false" if word in _FALSE else text
    return _converted(text, known)


def _integer(text: str) -> Conversion:
    digits = "".join(str(unicodedata.digit(character)) if character.isdecimal() else character for character in text)
    whole = re.fullmatch(r"\+?(\d+)(?:[.,]0+)?", digits)
    number = (whole[1].lstrip("0") or "0") if whole and not re.fullmatch(r"\d{1,3}[.,]000", digits) else text
    return _converted(text, number)


def _date(text: str, form: ColumnForm, current: str | None) -> Conversion:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) or (form.kind == "partial-date" and re.fullmatch(r"\d{4}(-\d{2})?", text)):
        return Conversion(text)
    readings = written_dates.days(text) + (written_dates.months(text) if form.kind == "partial-date" else [])
    if not readings:
        return Conversion(text)
    if current in readings:
        return _converted(text, current or "")
    return Conversion(readings[0], f"{text} to {readings[0]}", tuple(readings) if len(readings) > 1 else ())


def _text(text: str, form: ColumnForm, current: str | None) -> Conversion:
    if form.width and text.isascii() and text.isdigit() and len(text) < form.width:
        return _converted(text, text.zfill(form.width))
    if not current:
        return Conversion(text)
    if current.startswith("0") and current.isdigit() and text == current.lstrip("0"):
        return Conversion(current, f"{text} to {current}", (current, text))
    return _damaged(text, current) or Conversion(text)


def _damaged(text: str, current: str) -> Conversion | None:
    """Return what a text was before a spreadsheet program damaged it, or that nobody can tell; None if it did not."""
    if _lost_letters(text, current):
        return Conversion(text, problem=f"letters were lost when the file was saved (it was '{current}'); save it as UTF-8")
    if text == "".join(letter if _in_windows_1252(letter) else anyascii(letter) for letter in current):
        return Conversion(current, f"{text} to {current}", (current, text))  # Excel writes s for ş, or somebody did
    if _MADE_BY_EXCEL.fullmatch(text):
        if current in _origins(text):
            return _converted(text, current)
        if re.search(r"\d", current):
            return Conversion(text, problem=f"a spreadsheet program may have made it of '{current}'; enter it again as text")
    return None


def _lost_letters(text: str, current: str) -> bool:
    """Return whether a text is what an encoding without some of the letters leaves of another: question marks."""
    # Some programs write one mark for a letter beyond the first 65,536, some write two.
    twice = [letter for character in current for letter in (character * 2 if ord(character) > 0xFFFF else character)]
    return any(
        len(letters) == len(text)
        and all(new == old for new, old in zip(text, letters, strict=True) if old.isascii())
        and any(new == "?" and not old.isascii() for new, old in zip(text, letters, strict=True))
        for letters in (list(current), twice)
    )


def _in_windows_1252(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _origins(text: str) -> set[str]:
    """Return the texts that Excel displays as a text such as ``Sep-05``."""
    months = (date.fromisoformat(f"{month}-01") for month in written_dates.months(text))
    found = re.fullmatch(r"(\d{1,2})-([A-Z][a-z]{2})", text)
    dated = written_dates.days(f"{found[1]} {found[2]} 2000") if found else []
    return {spelling for day in [*months, *map(date.fromisoformat, dated)] for spelling in written_dates.spellings(day)}

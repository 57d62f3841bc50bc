"""Reading the cells of one column: the value of each text, and what is wrong with it."""

from dataclasses import replace
from typing import Any

from tutela.tables.lexical_form import fault, form
from tutela.tables.text_form import Fault


class CellReader:
    """Reads the cells of one column; a text that occurs again is not read again.

    Args:
        column: the column as the csvw library reads it.

    """

    def __init__(self, column: Any) -> None:
        self.name: str = column.name
        self.is_required = bool(column.required)
        self.datatype = column.inherit("datatype")
        self._column = column
        self._known: dict[str, tuple[Any, Fault | None]] = {}

    @property
    def datatype_name(self) -> str:
        """The name of the column's XML Schema datatype, such as ``date``."""
        return str(self.datatype.base) if self.datatype else "string"

    @property
    def expected(self) -> str:
        """What the column expects, in words, with its description."""
        return self._described(form(self.datatype))

    def read(self, text: str) -> tuple[Any, Fault | None]:
        """Return the value of a cell that is not empty, and what is wrong with it; the value is the text if it has none."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._read(text)
        return known

    def _read(self, text: str) -> tuple[Any, Fault | None]:
        wrong = fault(text, self.datatype)
        try:
            value = self._column.read(text)
        except ValueError:
            # A value in the right form is outside the range of the column.
            value, wrong = text, wrong or Fault(f"'{text}'", form(self.datatype), "Correct the cell.")
        return value, wrong and replace(wrong, expected=self._described(wrong.expected))

    def _described(self, expected: str) -> str:
        description = self._column.common_props.get("dc:description")
        return f"{expected} ({description})" if description else expected

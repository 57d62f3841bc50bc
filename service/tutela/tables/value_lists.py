"""The values that a column can have, for drop-downs: rows of another table, truth values, or the concepts of a scheme."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutela.tables.conversion import SEPARATOR
from tutela.tables.table import Table

_NAME_COLUMNS = ("name", "label", "title", "report_name")
_MOST_USED_VALUES = 60  # a column with more values than these has no drop-down of the values used so far

Vocabularies = Mapping[str, Mapping[str, str]]  # for each scheme, the label of each code


@dataclass(frozen=True)
class ValueList:
    """The values that a column can have.

    Args:
        title: where they come from.
        names: the name of each code; empty if it has none.
        closed: whether a value that is not in the list is an error.

    """

    title: str
    names: dict[str, str]
    closed: bool = True

    @property
    def entries(self) -> list[str]:
        """The entries of the drop-down: codes with names, then codes alone, so that both can be entered."""
        named = [f"{code}{SEPARATOR}{name}" for code, name in self.names.items() if name]
        return [*named, *self.names]


def value_lists(table: Table, tables: Mapping[str, Table], vocabularies: Vocabularies | None = None) -> dict[str, ValueList]:
    """Return the list of each column of a table that has one.

    Args:
        table: the table.
        tables: all tables, which it may refer to.
        vocabularies: the schemes of concepts whose codes the tables use.

    """
    lists = {name: _value_list(table, name, tables, vocabularies or {}, frozenset()) for name in table.column_names}
    return {name: values for name, values in lists.items() if values and values.names}


def _value_list(
    table: Table, name: str, tables: Mapping[str, Table], vocabularies: Vocabularies, seen: frozenset[tuple[str, str]]
) -> ValueList | None:
    if (table.name, name) in seen:
        return None
    references = sorted((key for key in table.foreign_keys if name in key[0]), key=lambda key: len(key[0]))
    for columns, target_name, target_columns in references:
        target, target_column = tables[target_name], target_columns[columns.index(name)]
        # A key of several columns often refers to a column that refers to another table itself, which has the names.
        found = _value_list(target, target_column, tables, vocabularies, seen | {(table.name, name)})
        if len(columns) > 1 and found:
            return found
        codes = sorted({row[target_column] for row in target.rows if row[target_column]})
        names = _names(target, target_column, tables) if target.key == [target_column] else {}
        return ValueList(f"{target.name}: {target_column}", {code: names.get(code, "") for code in codes})
    return _listed_values(table, name, vocabularies)


def _names(target: Table, column: str, tables: Mapping[str, Table]) -> dict[str, str]:
    """Return the names of the rows of a table: from a column of its own, or from a table with names in English."""
    names: dict[str, str] = {}
    for other in tables.values():
        if {"language", "name"} <= set(other.column_names):
            for columns, target_name, _ in other.foreign_keys:
                if target_name == target.name and len(columns) == 1:
                    names |= {row[columns[0]]: row["name"] for row in other.rows if row["language"] == "en"}
    own = next((name for name in _NAME_COLUMNS if name in target.column_names and name != column), None)
    if own:
        names |= {row[column]: row[own] for row in target.rows if row[own]}
    return names


def _listed_values(table: Table, name: str, vocabularies: Vocabularies) -> ValueList | None:
    column: Any = table.columns[table.column_names.index(name)]
    datatype = column.inherit("datatype")
    base, pattern = (datatype.base, datatype.format or "") if datatype else ("string", "")
    if base == "boolean":
        return ValueList("true or false", {"true": "", "false": ""})
    if base != "string":
        return None
    used = dict.fromkeys(sorted({row[name] for row in table.rows if row[name]}), "")
    if re.fullmatch(r"[\w-]+(\|[\w-]+)+", pattern):
        values = dict.fromkeys(pattern.split("|"), "")
        labels = _scheme_of(values, vocabularies)[1]
        return ValueList(f"{table.name}: {name}", {value: labels.get(value, "") for value in values})
    title, labels = _scheme_of(used, vocabularies) if len(used) > 1 else ("", {})
    if title:
        return ValueList(title, labels)
    is_code = re.fullmatch(pattern, "some-code") is not None if pattern else False
    if is_code and len(used) <= _MOST_USED_VALUES and name not in (*table.key[-1:], "slug", "id"):
        return ValueList(f"{table.name}: {name}, used so far", used, closed=False)
    return None


def _scheme_of(values: dict[str, str], vocabularies: Vocabularies) -> tuple[str, dict[str, str]]:
    """Return the only scheme that has all of the values, and its labels; nothing if none or several have them."""
    schemes = [scheme for scheme, labels in vocabularies.items() if values and values.keys() <= labels.keys()]
    return (schemes[0], dict(vocabularies[schemes[0]])) if len(schemes) == 1 else ("", {})

"""What an entry is made with: the tables, the codes that they use, and the day."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from tutela.entry.fields import Field, Values
from tutela.paths import Source
from tutela.sparql.vocabularies import read_vocabularies
from tutela.tables import Row, Table, load
from tutela.tables.value_lists import ValueList, Vocabularies, value_lists

_ALIKE = 75  # of 100; names are longer than codes, and a part of one is enough
_MARGIN = 8  # less like it than the best by more than this is not worth a suggestion
_NAMES = ("label", "title", "name", "summary")  # columns that say what a row is


@dataclass(frozen=True)
class Context:
    """What an entry is made with.

    Args:
        tables: all tables, by name.
        vocabularies: the schemes of concepts whose codes the tables use.
        today: the day, as YYYY-MM-DD.

    """

    tables: Mapping[str, Table]
    vocabularies: Vocabularies
    today: str

    @classmethod
    def read(cls, source: Source, today: str) -> "Context":
        """Read the tables of a project.

        Raises:
            TutelaError: a table or the ontology cannot be read.

        """
        return cls(load(source.data), read_vocabularies(source.ontology), today)

    @cached_property
    def _lists(self) -> dict[str, dict[str, ValueList]]:
        return {}

    def values(self, field: Field, answers: Values) -> ValueList | None:
        """Return the values that a field can have, after these answers; None if it can have any.

        A column that refers to a row together with other columns, such as a path of an instrument, has the values of the rows
        that agree with the answers for those columns.
        """
        if not field.table:
            return None
        table = self.tables[field.table]
        for columns, target_name, target_columns in table.foreign_keys:
            others = {column: answers.get(column, "") for column in columns if column != field.column}
            if field.column in columns and others and all(others.values()):
                target = self.tables[target_name]
                wanted = {target_columns[columns.index(name)]: value for name, value in others.items()}
                column = target_columns[columns.index(field.column)]
                rows = [row for row in target.rows if all(row[name] == value for name, value in wanted.items())]
                return ValueList(target_name, {row[column]: _name(row, column) for row in rows if row[column]})
        if field.table not in self._lists:
            self._lists[field.table] = value_lists(table, self.tables, self.vocabularies)
        return self._lists[field.table].get(field.column)


def _name(row: Row, column: str) -> str:
    return next((row[name] for name in _NAMES if name in row and name != column and row[name]), "")


def find(text: str, values: ValueList) -> str:
    """Return the code that a text means: the code itself, or the only one with that name; empty if there is none."""
    if text in values.names:
        return text
    folded = text.casefold()
    found = {code for code, name in values.names.items() if folded in (code.casefold(), name.casefold())}
    return found.pop() if len(found) == 1 else ""


def nearest(text: str, values: ValueList, limit: int = 5) -> list[str]:
    """Return the codes whose code or name is most like a text, the nearest first."""
    folded = text.casefold().strip()
    if not folded:
        return []
    names = {code: f"{code} {name}".casefold().strip() for code, name in values.names.items()}
    scored: dict[str, float] = {}
    for choices in (
        names,
        {code: code.casefold() for code in names},
        {code: name.casefold() for code, name in values.names.items()},
    ):
        for _, score, code in process.extract(folded, choices, scorer=fuzz.WRatio, limit=limit, score_cutoff=_ALIKE):
            scored[code] = max(scored.get(code, 0), score)
    best = max(scored.values(), default=0)
    likely = [code for code in scored if scored[code] >= best - _MARGIN]
    return sorted(likely, key=lambda code: (-scored[code], code))[:limit]


def shown(code: str, values: ValueList | None) -> str:
    """Return a code with its name, such as ``KEN (Kenya)``."""
    name = values.names.get(code, "") if values else ""
    return f"{code} ({name if len(name) <= 60 else name[:57] + '...'})" if name else code

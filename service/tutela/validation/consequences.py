"""Problems that are only there because of another one, put under their cause."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from tutela.validation.problem import Problem

_ROW = re.compile(r"(data/\S+\.csv) row (\d+)")
_SHORTEST_NAME = 3  # a shorter value, such as a number, occurs by chance


def fold(
    causes: Iterable[Problem], problems: Iterable[Problem], follows: Mapping[str, Collection[str]] | None = None
) -> list[Problem]:
    """Return problems with those that follow from another one among its consequences.

    A problem of the graph follows from an error in the same row; from an error about a value that it names, such as the code of a
    row that is missing; from a misspelt value in the same row; or, if its rule counts or compares rows of a table, from a change
    in that table that has no correction, and from rows that the table has lost. The last release was valid, so that a total can
    only differ because of a change.

    Args:
        causes: the problems of the tables.
        problems: the problems of the graph, of corrections, and of the comparison with the last release.
        follows: for rules (IRIs), the names of the tables whose changes they show.

    """
    top = list(causes)
    by_row: dict[tuple[str, int], int] = {}
    for number, problem in enumerate(top):
        for one in (problem, *problem.consequences):
            by_row.setdefault((one.table, one.row), number)
    misspelt: dict[tuple[str, int], int] = {}
    # A change without a correction, which no rule finds, is a cause; and so is a misspelt value.
    for problem in sorted(problems, key=lambda one: (bool(one.rule), not one.nearest)):
        place = (problem.table, problem.row)
        index = _cause(problem, top, by_row)
        if index is None and problem.row:
            index = misspelt.get(place)
        if index is None and problem.rule:
            index = _change(problem, top, (follows or {}).get(problem.rule, ()))
        if index is not None:
            top[index] = replace(top[index], consequences=(*top[index].consequences, problem))
            continue
        if problem.nearest:
            misspelt[place] = len(top)
        if not problem.rule and problem.row:
            by_row.setdefault(place, len(top))
        top.append(problem)
    return sorted(top, key=lambda one: one.order)


def _cause(problem: Problem, causes: list[Problem], by_row: dict[tuple[str, int], int]) -> int | None:
    for table, row in _ROW.findall(problem.where):
        if (table, int(row)) in by_row and (problem.rule or causes[by_row[table, int(row)]].level != "graph"):
            return by_row[table, int(row)]
    text = f"{problem.resource} {problem.found}"
    for index, cause in enumerate(causes):
        if cause.level != "graph" and (_names(text, cause.value) or (cause.key_before and _names(text, cause.key_before))):
            return index
    return None


def _change(problem: Problem, causes: list[Problem], tables: Collection[str]) -> int | None:
    """Return the change without a correction, or the loss of rows, in one of some tables that a problem most likely shows."""
    changes = [
        index
        for index, cause in enumerate(causes)
        if cause.level == "graph" and not cause.rule and cause.table.rpartition("/")[2].removesuffix(".csv") in tables
    ]
    text = f"{problem.resource} {problem.found}"
    return max(changes, key=lambda index: sum(_names(text, value) for value in causes[index].key), default=None)


def _names(text: str, value: str) -> bool:
    is_name = len(value) >= _SHORTEST_NAME and not value.isdigit()
    return is_name and re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text) is not None

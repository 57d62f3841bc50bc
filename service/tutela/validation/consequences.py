"""Problems that are only there because of another one, put under their cause."""

import re
from collections.abc import Iterable
from dataclasses import replace

from tutela.validation.problem import Problem

_ROW = re.compile(r"(data/\S+\.csv) row (\d+)")
_SHORTEST_NAME = 3  # a shorter value, such as a number, occurs by chance


def fold(causes: Iterable[Problem], problems: Iterable[Problem]) -> list[Problem]:
    """Return problems with those that follow from another one among its consequences.

    A problem of the graph follows from an error in the same row; from an error about a value that it names, such as the code of a
    row that is missing; or from a misspelt value in the same row.

    Args:
        causes: the problems of the tables.
        problems: the problems of the graph.

    """
    top = list(causes)
    by_row: dict[tuple[str, int], int] = {}
    for number, problem in enumerate(top):
        for one in (problem, *problem.consequences):
            by_row.setdefault((one.table, one.row), number)
    misspelt: dict[tuple[str, int], int] = {}
    for problem in sorted(problems, key=lambda one: not one.nearest):
        place = (problem.table, problem.row)
        cause = _cause(problem, top, by_row)
        place_cause = misspelt.get(place) if problem.row else None
        index = place_cause if cause is None else cause
        if index is not None:
            top[index] = replace(top[index], consequences=(*top[index].consequences, problem))
            continue
        if problem.nearest:
            misspelt[place] = len(top)
        top.append(problem)
    return sorted(top, key=lambda one: one.order)


def _cause(problem: Problem, causes: list[Problem], by_row: dict[tuple[str, int], int]) -> int | None:
    for table, row in _ROW.findall(problem.where):
        if (table, int(row)) in by_row:
            return by_row[table, int(row)]
    text = f"{problem.resource} {problem.found}"
    for index, cause in enumerate(causes):
        if cause.level != "graph" and _names(text, cause.value):
            return index
    return None


def _names(text: str, value: str) -> bool:
    is_name = len(value) >= _SHORTEST_NAME and not value.isdigit()
    return is_name and re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text) is not None

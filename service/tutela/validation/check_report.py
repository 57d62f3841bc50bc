"""The result of `tutela check` as text and as JSON."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from tutela.validation.problem import LEVELS, Problem, count
from tutela.validation.working_copy import Outcome

_HEADINGS = {
    "file": "Files that cannot be read as they should",
    "cell": "Cells",
    "reference": "References between tables",
    "graph": "What follows from the tables (shapes and checks)",
}
_LISTED = 3  # problems of the same kind that are listed one by one; more are summarised
_FOLLOWING = 10  # consequences of a problem that are listed one by one
_TIDY = "`tutela tables --tidy` fixes"


def as_text(problems: Iterable[Problem]) -> str:
    """Return problems as text: by level and table, and those of the same kind together."""
    groups: dict[tuple[str, str], dict[tuple[str, ...], list[Problem]]] = defaultdict(lambda: defaultdict(list))
    for one in problems:
        kind = (one.column, one.severity, one.rule, "" if one.rule else one.expected)
        groups[one.level, one.table][kind].append(one)
    lines = []
    level_before = ""
    for level, table in sorted(groups, key=lambda place: (LEVELS.index(place[0]), place[1])):
        if level != level_before:
            lines.append(f"{_HEADINGS[level]}\n")
        level_before = level
        lines.append(f"  {table or 'no table'}\n")
        for group in groups[level, table].values():
            lines += _summary(group) if len(group) > _LISTED else [line for one in group for line in _single(one)]
    return "".join(lines)


def summary(outcome: Outcome) -> str:
    """Return what was found and what was checked, in a few sentences."""
    errors, warnings = count(outcome.problems, "Violation"), count(outcome.problems, "Warning")
    further = sum(len(one.consequences) for one in outcome.problems)
    found = [_number(errors, "error") if errors else "No errors"]
    found += [_number(warnings, "warning")] if warnings else []
    causes = "it" if errors + warnings == 1 else "them"
    follow = f", and {further} that {'follows' if further == 1 else 'follow'} from {causes}" if further else ""
    return f"{' and '.join(found)}{follow}. {_checked(outcome)} `tutela build` checks everything.\n"


def as_json(outcome: Outcome) -> str:
    """Return the outcome as one line of JSON; docs/data-maintenance.md describes it."""
    scope = outcome.scope
    document = {
        "valid": count(outcome.problems, "Violation") == 0,
        "errors": count(outcome.problems, "Violation"),
        "warnings": count(outcome.problems, "Warning"),
        "consequences": sum(len(one.consequences) for one in outcome.problems),
        "checked": {
            "tables": outcome.tables,
            "rows": outcome.rows,
            "graph": scope is not None,
            "checks": scope.checks_in_all if scope else 0,
            "resources": "all" if scope and scope.resources is None else (scope.resources if scope else 0),
        },
        "seconds": round(outcome.seconds, 3),
        "problems": [one.as_json() for one in outcome.problems],
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def _checked(outcome: Outcome) -> str:
    read = f"Checked in {outcome.seconds:.1f} s: {_number(outcome.tables, 'table')}, {outcome.rows:,} rows"
    scope = outcome.scope
    if scope is None:
        return f"{read}. The graph was not checked, because a table cannot be read."
    if scope.resources is None:
        resources = "all resources"
    else:
        resources = f"{_number(scope.resources, 'resource')} that changed since it was last valid"
    return f"{read}, {scope.checks_in_all} checks, and the shapes of {resources}."


def _single(problem: Problem) -> Iterator[str]:
    place = ", ".join(filter(None, (f"row {problem.row}" if problem.row else "", problem.column)))
    label = "" if problem.severity == "Violation" else f"{problem.severity.lower()}: "
    subject = f" ({problem.resource})" if problem.resource and not problem.row else ""
    yield f"    {place + ': ' if place else ''}{label}{problem.found}{subject}{_expected(problem)}\n"
    nearest = f"Nearest valid value: {problem.nearest}." if problem.nearest and problem.nearest not in problem.advice else ""
    tidy = f"{_TIDY} it." if problem.is_tidied else ""
    yield from _indented(" ".join(filter(None, (nearest, problem.advice, tidy))))
    yield from _follow(problem.consequences)


def _summary(group: list[Problem]) -> Iterator[str]:
    first = group[0]
    values = Counter(one.value for one in group)
    rows = _ranges(sorted(one.row for one in group if one.row))
    if first.level == "cell" and first.value:
        named = [f"'{value}'" if len(values) == 1 else f"'{value}' ({number})" for value, number in values.most_common(_LISTED)]
        more = f" and {len(values) - _LISTED} other values" if len(values) > _LISTED else ""
        found = f"{len(group)} cells contain {', '.join(named)}{more}"
    else:
        found = f"{len(group)} times, such as: {first.found}"
    tidy = f"; {_TIDY} them" if all(one.is_tidied for one in group) else ""
    yield f"    {first.column + ': ' if first.column else ''}{found}{_expected(first)}{tidy}\n"
    yield from _indented(f"Rows {rows}." if rows else "")
    if len(values) == 1:
        nearest = f"Nearest valid value: {first.nearest}." if first.nearest and first.nearest not in first.advice else ""
        yield from _indented(" ".join(filter(None, (nearest, first.advice))))
    yield from _follow(one for problem in group for one in problem.consequences)


def _follow(consequences: Iterable[Problem]) -> Iterator[str]:
    """Yield lines about what follows from a problem: each consequence if there are few, or else one of them."""
    consequences = list(consequences)
    if not consequences:
        return
    verb = "follows" if len(consequences) == 1 else "follow"
    head = f"{_number(len(consequences), 'further error')} {verb} from this"
    first = consequences[0]
    if len(consequences) > _FOLLOWING:
        yield f"      {head}, such as {place_of(first)}: {first.found}.\n"
        return
    yield f"      {head}:\n"
    for one in consequences:
        yield f"        {place_of(one)}: {one.found}\n"


def place_of(problem: Problem) -> str:
    """Return where a problem is: its table with row and column, or its resource."""
    row = f"{problem.table} row {problem.row}" if problem.row else problem.table or problem.resource
    return f"{row}, {problem.column}" if problem.row and problem.column else row


def _indented(text: str) -> Iterator[str]:
    if text:
        yield f"      {text}\n"


def _expected(problem: Problem) -> str:
    return f". Rule: {problem.expected}" if problem.rule else f"; expected {problem.expected}"


def _number(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def _ranges(numbers: list[int]) -> str:
    """Return numbers with runs shortened, such as ``2 to 4, 9``; after a few, only how many more."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [str(first) if first == last else f"{first} to {last}" for first, last in runs[:8]]
    more = sum(last - first + 1 for first, last in runs[8:])
    return ", ".join(texts) + (f" and {more} more" if more else "")

"""Provisions of a treaty and what they require, as lines of text.

A line of the outline is ``path | force | summary``, and a line of readings ``path | criterion | strength | rationale``, with a
clause that allows a reservation as a fifth part. The path of a reading is empty for the instrument as a whole.
"""

from collections.abc import Iterable

from tutela.entry.draft import Draft
from tutela.entry.fields import Values

_OUTLINE = "lines of the form `path | force | summary`, such as `art_5/par_1 | criminalise | States punish ...`"
_READINGS = (
    "lines of the form `path | criterion | strength | rationale`, such as `art_5 | definition | none | It defines nothing.`"
)


def add_outline(draft: Draft, instrument: str, values: Values) -> None:
    """Add the provisions and readings of an instrument to a draft, and a note for what is open.

    Args:
        draft: the entry.
        instrument: the identifier of the instrument.
        values: ``provisions``, ``readings``, ``read_from``, ``reader`` and ``source``.

    """
    common = {"instrument": instrument, "read_from": values.get("read_from", "")}
    existing = {row["path"] for row in draft.tables["provisions"].rows if row["instrument"] == instrument}
    paths = _add_provisions(draft, common | {"source": values.get("source", "")}, values.get("provisions", ""), existing)
    read = _add_readings(draft, common | {"source": "tutela", "reader": values.get("reader", "")}, values.get("readings", ""))
    codes = sorted({row["criterion"] for row in draft.tables["readings"].rows})
    for path, criteria in read.items():
        missing = [code for code in codes if code not in criteria]
        if missing:
            found = f"{path or 'the instrument as a whole'}: {', '.join(criteria)}"
            expected = (
                f"a level for all criteria, or for none of them; {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} open"
            )
            draft.error("readings", found, expected, "Enter the level none where the provision does not require it.")
    if unread := [path for path in paths if path not in read]:
        draft.notes.append(f"Open: no reading yet of {', '.join(unread)}. `tutela add treaty-provision --readings` adds it.")


def _add_provisions(draft: Draft, common: Values, text: str, existing: set[str]) -> list[str]:
    lines = [(line, _parts(line)) for line in _lines(text)]
    known = existing | {parts[0] for _, parts in lines}
    for line, parts in lines:
        if len(parts) != 3 or not all(parts):
            draft.error("provisions", line, _OUTLINE, "The summary is ours, so it cannot be filled in.")
            continue
        path, force, summary = parts
        row = {"path": path, "within": _within(path, known), "label": label(path), "force": force, "summary": summary}
        draft.add("provisions", common | row)
    return [parts[0] for _, parts in lines]


def _add_readings(draft: Draft, common: Values, text: str) -> dict[str, list[str]]:
    """Add readings; return the criteria that were read of each provision."""
    read: dict[str, list[str]] = {}
    for line in _lines(text):
        parts = _parts(line)
        if len(parts) not in (4, 5) or not all(parts[1:4]):
            draft.error("readings", line, _READINGS)
            continue
        path, criterion, strength, rationale, clause = [*parts, ""][:5]
        read.setdefault(path, []).append(criterion)
        row = {"path": path, "criterion": criterion, "strength": strength, "rationale": rationale, "reservable_under": clause}
        draft.add("readings", common | row)
    return read


def label(path: str) -> str:
    """Return a provision as it is cited: ``5(1)(a)`` for ``art_5/par_1/pnt_a``."""
    first, *rest = (part.partition("_")[2] for part in path.split("/"))
    return first + "".join(f"({part})" for part in rest)


def _within(path: str, known: Iterable[str]) -> str:
    """Return the path of the nearest containing provision that is listed; empty if there is none."""
    return max((one for one in known if path.startswith(f"{one}/")), key=len, default="")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _parts(line: str) -> list[str]:
    return [part.strip() for part in line.split("|")]

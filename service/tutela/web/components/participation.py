"""Participation status: the groups that pages, maps and counts share."""

from tutela.web.rendering import ResultTable, Row

_THROUGH_STATE = ("kept out by its state", "reached only through its state")


def participation_groups(standing: ResultTable) -> dict[str, list[Row]]:
    """Group the rows of the query `standing`; each jurisdiction is in one group.

    - ``bound``: by its own act or as a member
    - ``territories``: bound through its state
    - ``not_known``: it is not known whether it is bound, or whether it has signed
    - ``signed``: signed but not bound
    - ``dependent``: not bound, and only its state can change that
    - ``closed``: cannot join
    - ``not_bound``: all others
    """
    groups: dict[str, list[Row]] = {
        name: [] for name in ("bound", "territories", "not_known", "signed", "dependent", "closed", "not_bound")
    }
    for row in standing.rows:
        groups[_group(row)].append(row)
    return groups


def _group(row: Row) -> str:
    state = row["state"]
    if state == "not known":
        return "not_known"
    if row["capacity"] == "territory" or state in _THROUGH_STATE:
        return "territories" if state == "bound" else "dependent"
    if state == "bound":
        return "bound"
    if state == "signed only" or (state == "bound later" and row["signed"]):
        return "signed"
    return "closed" if state == "cannot join" else "not_bound"


def is_certain(row: Row) -> bool:
    """Return whether an answer says that the jurisdiction is bound on the date, and not only that it may be."""
    return row["state"] == "bound"


def earliest_reach(rows: list[Row]) -> str:
    """Return the earliest date to which the lists behind an answer are current; empty if there is none."""
    return min((row["list_reaches"] for row in rows if row["list_reaches"]), default="")

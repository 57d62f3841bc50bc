"""The participation status of a jurisdiction in an instrument, in words, as exactly as its sources say.

Rows are those of the queries ``bound-by``, ``standing`` and others with the columns ``bound_from``, ``earliest`` and ``latest``.
Dates stay as in the data (ISO 8601); see `words.with_long_dates` and, for pages, the filter ``day``.
"""

from collections.abc import Mapping

Row = Mapping[str, str]

# A short name for each value of the column `state`.
STATE_NAMES = {
    "bound": "bound",
    "not known": "not known",
    "bound later": "not yet in force for it",
    "bound before": "no longer bound",
    "signed only": "signed but not bound",
    "cannot join": "cannot join",
    "no act on record": "not a party",
    "kept out by its state": "excluded by its state",
    "reached only through its state": "only through its state",
}
_OTHER_STATES = {
    "signed only": "Signed but not bound",
    "cannot join": "Cannot join: open only to members of an organisation that it does not belong to, or closed to it by a rule",
    "kept out by its state": "Not bound: excluded by its state",
    "reached only through its state": "Can be bound only through its state; no extension on record",
}


def bound_since(row: Row) -> str:
    """Return from when an instrument binds the jurisdiction, such as "since 2010-07-01 at the latest"."""
    if not row["latest"]:
        return f"not before {row['bound_from']}"
    return f"since {_start(row)}"


def bound_later(row: Row) -> str:
    """Return the same for a date before the start, such as "bound from 2010-07-01"."""
    if not row["latest"]:
        return f"bound not before {row['bound_from']}"
    if row["earliest"] == row["latest"] or row.get("basis") == "computed":
        return f"bound from {_start(row)}"
    return f"bound by {row['latest']} at the latest"


def not_known(row: Row) -> str:
    """Return what is known of a jurisdiction of which it is not known whether it is bound, or whether it has signed."""
    if not row["bound_from"]:
        return f"signed by {row['signed_by']} at the latest"
    if not row["latest"]:
        return f"bound not before {row['bound_from']}; a domestic act is on record, but no deposit"
    if row.get("basis") == "computed":
        return f"bound from {_start(row)}"
    return f"bound by {row['latest']} at the latest"


def status(row: Row | None) -> str:
    """Return the status, such as "Bound since 2010-07-01"; None stands for an instrument without a list of parties."""
    if not row:
        return "No list of parties included in Tutela"
    until = f", until {row['bound_until']}" if row["bound_until"] else ""
    match row["state"]:
        case "bound":
            return f"Bound {bound_since(row)}{until}"
        case "bound before":
            return f"No longer bound; was bound {bound_since(row)}{until}"
        case "not known":
            return f"Not known: {not_known(row)}"
        case "bound later":
            return f"Not yet in force for it; {bound_later(row)}"
        case state:
            return _unbound(state, row["list_reaches"])


def _unbound(state: str, list_reaches: str) -> str:
    if state == "no act on record":
        # Instruments without a list of treaty actions bind through membership.
        return "Not a party: no treaty action on record by this date" if list_reaches else "Not bound through membership"
    return _OTHER_STATES.get(state, state[:1].upper() + state[1:])


def _start(row: Row) -> str:
    """Return the first day, for a row with a latest possible start."""
    if row["earliest"] == row["latest"]:
        return row["latest"]
    if row.get("basis") == "computed":
        return f"a day between {row['earliest']} and {row['latest']}"
    return f"{row['latest']} at the latest"

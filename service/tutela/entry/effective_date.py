"""The day on which an instrument takes effect for a party, by the rule of the instrument.

The same calculation as in ``queries/derive/25-effective-dates.rq``, for a date that is a day; a test compares both.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

# Treaty actions by which a jurisdiction becomes bound; a succession takes effect by other rules (queries/derive).
CONSENT = ("ratification", "acceptance", "approval", "accession", "ratification-or-accession")


def effective_date(rule: Mapping[str, str], start: str, in_force: str) -> str:
    """Return the day on which an instrument takes effect for a party, as YYYY-MM-DD.

    Args:
        rule: a row of ``entry_rules.csv``.
        start: the day from which the rule counts: the deposit, or else the day of the treaty action.
        in_force: the day on which the instrument itself enters into force.

    """
    day = _after(rule["rule"], int(rule["amount"]), date.fromisoformat(start))
    return max(day, date.fromisoformat(in_force)).isoformat()


def _after(rule: str, amount: int, start: date) -> date:
    if rule == "on-deposit":
        return start
    if rule == "days":
        return start + timedelta(days=amount)
    if rule == "months":
        return _months_later(start, amount)
    return _months_later(start.replace(day=1), amount + 1)  # the first day of the month after these months


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day if that month is shorter."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))

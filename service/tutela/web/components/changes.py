"""Changes as pages and feeds show them, from rows of the query ``changes-since``."""

import re
from dataclasses import dataclass, field

from tutela.web.markup import long_date
from tutela.web.rendering import Row
from tutela.web.templating import local_name, page_url

_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")


@dataclass
class Change:
    """A change, and the rows of the jurisdictions for which the same happened under the same instrument on the same date."""

    row: Row
    jurisdictions: list[Row] = field(default_factory=list)


def grouped(rows: list[Row]) -> list[Change]:
    """Return changes in their order, with the same change of several jurisdictions as one."""
    found: dict[tuple[str, ...], Change] = {}
    for row in rows:
        same = ("date", "kind", "instrument", "detail", "source") if row["subject"] == "participation" else ("resource", "kind")
        change = found.setdefault(tuple(row[column] for column in same), Change(row))
        if row["jurisdiction"]:
            change.jurisdictions.append(row)
    return list(found.values())


def years(changes: list[Change]) -> dict[str, list[Change]]:
    """Group changes by the year of their date."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.row["latest"][:4], []).append(change)
    return found


def title(row: Row) -> str:
    """Return a change in one line: whose it is, of what, and what changed."""
    return f"{', '.join(filter(None, (row['name'], row['label'])))}: {row['what']}"


def date_in_words(row: Row) -> str:
    """Return the date of a change in words, no more exact than it is known."""
    return _DATE.sub(lambda match: long_date(match[0]), row["date"])


def change_page(row: Row) -> str:
    """Return the URL path of the page about what changed, below the root path."""
    if row["subject"] == "participation":
        return f"/jurisdictions/{local_name(row['jurisdiction'])}#standing"
    return page_url(row["resource"])

"""Changes as pages and feeds show them, from rows of the query ``changes-since``."""

import re
from collections.abc import Container
from dataclasses import dataclass, field

from tutela.web.markup import long_date
from tutela.web.page_urls import page_url
from tutela.web.rendering import PageRenderer, ResultTable, Row
from tutela.web.templating import local_name

_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")


@dataclass
class Change:
    """A change, and the rows of the jurisdictions for which the same happened under the same instrument on the same date."""

    row: Row
    jurisdictions: list[Row] = field(default_factory=list)


def changes_since(renderer: PageRenderer, since: str, code: str = "", slug: str = "") -> ResultTable:
    """Return the changes after a day.

    Args:
        renderer: runs the query.
        since: the day.
        code: the code of a jurisdiction, for its own changes only.
        slug: the short identifier of an instrument, for its own changes and participation in it only.

    """
    chosen = {"of_jurisdiction": code, "of_instrument": slug}
    return renderer.run("changes-since", since=since, **{name: value for name, value in chosen.items() if value})


def grouped(rows: list[Row], kinds: Container[str] | None = None) -> list[Change]:
    """Return changes in their order, with the same change of several jurisdictions as one.

    Args:
        rows: the changes.
        kinds: the kinds of participation of which this is done; None for all.

    """
    found: dict[tuple[str, ...], Change] = {}
    for row in rows:
        is_shared = row["subject"] == "participation" and (kinds is None or row["kind"] in kinds)
        same = ("date", "kind", "instrument", "detail", "source") if is_shared else ("resource", "kind")
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


def title(change: Change) -> str:
    """Return a change in one line: whose it is, of what, and what changed."""
    row, number = change.row, len(change.jurisdictions)
    whose = f"{number} jurisdictions" if number > 1 else row["name"]
    return f"{', '.join(filter(None, (whose, row['label'])))}: {row['what']}"


def date_in_words(row: Row) -> str:
    """Return the date of a change in words, no more exact than it is known."""
    return _DATE.sub(lambda match: long_date(match[0]), row["date"])


def change_page(change: Change) -> str:
    """Return the URL path of the page about what changed, below the root path."""
    row = change.row
    if row["subject"] != "participation":
        return page_url(row["resource"])
    if len(change.jurisdictions) > 1:
        return f"/instruments/{row['instrument']}#standing"
    return f"/jurisdictions/{local_name(row['jurisdiction'])}#standing"

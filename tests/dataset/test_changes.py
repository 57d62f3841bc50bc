"""The query `changes-since` agrees with the tables: every change that is certainly after the day, and no other."""

from collections.abc import Iterator

import pytest

from tutela import paths
from tutela.catalog import Catalog
from tutela.tables import read_rows

DAYS = ("1989-11-20", "2002-12-31", "2010-12-20", "2017-06-30", "2023-09-30", "2025-01-01")
INSTRUMENT_DATES = {
    "adopted": "adoption",
    "opened": "opening",
    "in_force": "entry-into-force",
    "applies_from": "application",
    "transpose_by": "transposition",
    "no_longer_in_force": "end",
}
Change = tuple[str, str, str]  # end of the resource's IRI, kind, date


def instrument_changes(since: str) -> Iterator[Change]:
    for row in read_rows(paths.table_files()["instruments"]):
        for column, kind in INSTRUMENT_DATES.items():
            if row.get(column, "") > since:
                yield f"/id/instrument/{row['slug']}", kind, row[column]


def action_changes(since: str) -> Iterator[Change]:
    first_days = {row["slug"]: row["opened"] or row["adopted"] for row in read_rows(paths.table_files()["instruments"])}
    for row in read_rows(paths.table_files()["actions"]):
        resource = f"/id/instrument/{row['instrument']}/action/{row['jurisdiction']}/{row['item']}"
        first = row.get("not_before") or first_days[row["instrument"]]
        if (row["date"] or row["year"]) > since:
            yield resource, row["action"], row["date"] or row["year"]
        elif row["not_after"] and first > since:
            between = f"between {first} and {row['not_after']}"
            yield resource, row["action"], between if row.get("not_before") else f"by {row['not_after']}"
        if row["deposited"] > since:
            yield resource, "deposit", row["deposited"]


def reservation_changes(since: str) -> Iterator[Change]:
    for row in read_rows(paths.table_files()["reservations"]):
        resource = f"/id/instrument/{row['instrument']}/reservation/{row['jurisdiction']}/{row['item']}"
        if row["date"] > since and row["kind"] != "none":
            yield resource, row["kind"], row["date"]
        if row["withdrawn"] > since:
            yield resource, "withdrawal", row["withdrawn"]


def national_changes(since: str) -> Iterator[Change]:
    for row in read_rows(paths.table_files()["national_laws"]):
        if row["year"] > since:
            yield f"/id/law/{row['jurisdiction']}/{row['slug']}", "law-dated", row["year"]
    for row in read_rows(paths.table_files()["national_provisions"]):
        resource = "/".join(filter(None, ("/id/law", row["jurisdiction"], row["law"], row["path"])))
        thing = "provision" if row["path"] else "law"
        begins = "planned" if row["status"] == "pending" else "in-force"
        for column, kind in (("in_force_from", begins), ("wording_from", "wording-in-force"), ("ended", "ended")):
            if row[column] > since:
                yield resource, f"{thing}-{kind}", row[column]


@pytest.mark.parametrize("since", DAYS)
def test_the_changes_are_those_of_the_tables(catalog: Catalog, since: str) -> None:
    rows = list(catalog.run("changes-since", {"since": since}).records())
    found = [(row["resource"].removeprefix("https://w3id.org/tutela"), row["kind"], row["date"]) for row in rows]
    assert len(set(found)) == len(found)
    expected = {
        *instrument_changes(since),
        *action_changes(since),
        *reservation_changes(since),
        *national_changes(since),
    }
    assert {change for change in found if change[1] not in ("bound-from", "bound-until")} == expected


@pytest.mark.parametrize("since", DAYS)
def test_the_newest_change_is_first(catalog: Catalog, since: str) -> None:
    rows = list(catalog.run("changes-since", {"since": since}).records())
    days = [row["latest"] for row in rows]
    assert days == sorted(days, reverse=True)
    for row in rows:
        assert row["latest"].startswith(row["date"].rpartition(" ")[2])
        assert row["latest"] > since


def test_becoming_bound_is_listed_on_the_day_of_the_binding_period(catalog: Catalog) -> None:
    rows = list(catalog.run("changes-since", {"since": "2009-12-31"}).records())
    bound = {row["name"]: row["date"] for row in rows if (row["kind"], row["instrument"]) == ("bound-from", "lanzarote")}
    standing = list(catalog.run("standing", {"instrument": "lanzarote", "as_of": "2023-09-30"}).records())
    expected = {row["name"]: row["bound_from"] for row in standing if row["basis"] in ("stated", "computed")}
    assert expected
    assert {name: bound.get(name) for name in expected} == expected


def test_a_latest_day_is_not_given_as_the_day(catalog: Catalog) -> None:
    rows = list(catalog.run("changes-since", {"since": "2010-12-20"}).records())
    bounded = [row for row in read_rows(paths.table_files()["actions"]) if row["not_after"]]
    resources = {f"/id/instrument/{row['instrument']}/action/{row['jurisdiction']}/{row['item']}" for row in bounded}
    dates = [row["date"] for row in rows if row["resource"].removeprefix("https://w3id.org/tutela") in resources]
    assert dates
    assert all(date.startswith(("by ", "between ")) for date in dates)

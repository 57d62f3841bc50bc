"""Participation status in words: never more exact than the row says."""

import csv

import pytest

from tutela import paths
from tutela.reports.languages import language_name
from tutela.reports.participation import STATE_NAMES, bound_later, bound_since, not_known, status
from tutela.reports.words import with_long_dates

_EMPTY = dict.fromkeys(("bound_from", "bound_until", "earliest", "latest", "basis", "list_reaches", "signed_by"), "")


def row(state: str, **values: str) -> dict[str, str]:
    return {**_EMPTY, "state": state, **values}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (row("bound", bound_from="2010-07-01", earliest="2010-07-01", latest="2010-07-01"), "Bound since 2010-07-01"),
        (row("bound", bound_from="2014-10-08", earliest="2010-12-21", latest="2014-10-08"), "Bound since 2014-10-08 at the latest"),
        (
            row("bound", bound_from="2000-01-01", earliest="2000-01-01", latest="2000-03-01", basis="computed"),
            "Bound since a day between 2000-01-01 and 2000-03-01",
        ),
        (
            row("bound before", bound_from="2002-04-24", earliest="2002-04-24", latest="2002-04-24", bound_until="2020-12-21"),
            "No longer bound; was bound since 2002-04-24, until 2020-12-21",
        ),
        (row("not known", bound_from="2014-10-08", earliest="2010-12-21", latest="2014-10-08"), "Not known: bound by 2014-10-08 at the latest"),
        (row("not known", signed_by="2017-12-31"), "Not known: signed by 2017-12-31 at the latest"),
        (row("bound later", bound_from="2025-05-01", earliest="2025-05-01", latest="2025-05-01"), "Not yet in force for it; bound from 2025-05-01"),
        (row("signed only"), "Signed but not bound"),
        (row("no act on record", list_reaches="2023-09-30"), "Not a party: no treaty action on record by this date"),
        (row("no act on record"), "Not bound through membership"),
        (None, "No list of parties included in Tutela"),
    ],
)  # fmt: skip
def test_a_status_says_what_is_known(found: dict[str, str] | None, words: str) -> None:
    assert status(found) == words


def test_a_start_without_a_latest_day_is_not_stated_as_a_day() -> None:
    found = row("not known", bound_from="2020-08-04", earliest="2020-08-04")
    assert bound_since(found) == "not before 2020-08-04"
    assert bound_later(found) == "bound not before 2020-08-04"
    assert not_known(found) == "bound not before 2020-08-04; a domestic act is on record, but no deposit"


def test_days_and_months_in_a_text_are_written_in_words() -> None:
    assert with_long_dates("since 2010-07-01, until 2020-12") == "since 1 July 2010, until December 2020"
    assert with_long_dates("2011-13, 2011-02-30 and 2011-93-EU stay") == "2011-13, 2011-02-30 and 2011-93-EU stay"


def test_every_language_of_a_quotation_has_a_name() -> None:
    with (paths.DATA / "national-law" / "national_provisions.csv").open(encoding="utf-8", newline="") as file:
        tags = {found["language"] for found in csv.DictReader(file) if found["wording"]}
    assert {tag for tag in tags if language_name(tag) == tag} == set()
    assert (language_name("es"), language_name("zh-Hant"), language_name("tlh")) == ("Spanish", "Chinese", "tlh")


def test_names_of_languages_are_those_of_the_cldr() -> None:
    babel = pytest.importorskip("babel")
    names = babel.Locale("en").languages
    assert all(language_name(tag) == names[tag] for tag in ("am", "bn", "dv", "el", "fa", "nb", "sq", "zh"))


def test_the_documentation_has_the_words_of_pages_for_each_value() -> None:
    documented = (paths.DATA.parent / "docs" / "api.md").read_text(encoding="utf-8").partition("### Words of the pages")[2]
    for value, words in STATE_NAMES.items():
        assert f"`{value}`" in documented
        assert words in documented

"""Law since the review: every row of the compiled files is taken over, merged or rejected, with a reason."""

import calendar
import csv
import datetime
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import SHARED, TESTS, skip_or_fail
from tutela import paths
from tutela.catalog import Catalog

Row = Mapping[str, str]
SINCE = SHARED / "sources" / "since"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(name: str) -> list[dict[str, str]]:
    return rows(paths.table_files()[name])


def compiled(name: str) -> list[dict[str, str]]:
    path = SINCE / name
    if not path.is_file():
        skip_or_fail(f"{name} is not at ../shared/sources/since")
    return rows(path)


def changes(name: str) -> dict[str, dict[str, str]]:
    """Return what became of the rows of a file that are not taken over as they are, by their key."""
    return {row["key"]: row for row in rows(TESTS / "dataset" / "law_since_changes.csv") if row["file"] == name}


def actions() -> dict[str, dict[str, str]]:
    return {f"{row['instrument']}/{row['jurisdiction']}/{row['item']}": row for row in table("actions")}


def day_or_bounds(date: str) -> tuple[str, str, str]:
    """Return the date, not_before and not_after of a day, a month, a range a/b or ../b."""
    if "/" in date:
        first, last = date.split("/")
        return "", first.replace("..", ""), last
    if len(date) == len("2026-07"):
        year, month = map(int, date.split("-"))
        return "", f"{date}-01", f"{date}-{calendar.monthrange(year, month)[1]}"
    return date, "", ""


def confidence(row: Row) -> str:
    if row["status"] != "stated":
        return row["status"]
    return "listed" if row["entry_into_force"] or len(row["date"]) == len("2026-07-31") else "party-listed"


def test_every_action_since_2023_is_taken_over_or_accounted_for() -> None:
    own = {
        (
            *(
                r[name]
                for name in ("instrument", "jurisdiction", "action", "date", "not_before", "not_after", "entry_into_force")
            ),
            r["effect_basis"] == "computed",
            r["confidence"],
            r["url"],
        )
        for r in table("actions")
    }
    changed = changes("actions_since_2023.csv")
    unexplained = []
    for row in compiled("actions_since_2023.csv"):
        key = f"{row['iso3']}/{row['treaty']}/{row['action']}"
        if key in changed:
            continue
        action = row["action"].replace("territorial-extension", "territorial-application")
        effect = (row["entry_into_force"], "entry into force computed" in row["note"])
        dates = (*day_or_bounds(row["date"]), *effect)
        if (row["treaty"], row["iso3"], action, *dates, confidence(row), row["url"].partition(" ")[0]) not in own:
            unexplained.append(key)
    assert not unexplained


@pytest.mark.parametrize("name", ["actions_since_2023.csv", "arab_actions.csv"])
def test_an_action_that_was_merged_or_rejected_has_a_reason(name: str) -> None:
    compiled_rows = {
        f"{r['iso3']}/{r['treaty']}/{r['action']}" if "treaty" in r else f"{r['iso3']}/{r['action']}": r for r in compiled(name)
    }
    own = actions()
    changed = changes(name)
    assert set(changed) <= set(compiled_rows)
    if name == "arab_actions.csv":
        assert set(changed) == set(compiled_rows)
    for key, change in changed.items():
        assert change["outcome"] in {"taken", "merged", "rejected", "changed"}
        assert change["reason"]
        if not change["into"]:
            continue
        row, into = compiled_rows[key], own[change["into"]]
        assert into["jurisdiction"] == row["iso3"]
        if into["instrument"] == "malabo":
            assert into["date"] == row["date"]
            assert into["deposited"] in row["note"]
        if change["outcome"] == "taken":
            assert (into["date"], into["not_after"], into["url"]) == (row["date"], row["not_after"], row["url"])


def test_the_list_of_the_budapest_convention_has_the_parties_that_the_council_of_europe_counted() -> None:
    reaches = {row["slug"]: row["list_reaches"] for row in table("instruments")}
    parties = {
        row["jurisdiction"]
        for row in table("actions")
        if row["instrument"] == "budapest" and row["action"] not in ("signature", "territorial-application")
    }
    assert reaches["budapest"] == "2025-10-28"
    assert len(parties) == 81


def test_no_withdrawal_or_denunciation_is_in_the_sources() -> None:
    assert not [row for row in compiled("actions_since_2023.csv") if row["action"] in ("denunciation", "withdrawal")]
    assert not [row for row in table("actions") if row["action"] == "denunciation"]


# What was read is not the text of the provision, but a quotation, a description or a summary of it.
NOT_THE_TEXT = {"acrwc/art_16", "acrwc/art_16/par_2", "fd-2004-68/art_3/par_1"}
OUTCOMES = {
    "confirmed": "confirmed",
    "confirmed by summary": "confirmed",
    "wording": "changed",
    "wrong": "changed",
    "open": "open",
    "new": "added",
}


def test_every_comparison_with_a_text_is_accounted_for() -> None:
    provisions = {f"{row['instrument']}/{row['path']}": row for row in table("provisions")}
    changed = changes("corrections_by_text.csv")
    comparisons = {f"{row['instrument']} {row['path']}": row for row in compiled("corrections_by_text.csv")}
    assert set(changed) == set(comparisons)
    for key, row in comparisons.items():
        change = changed[key]
        assert change["outcome"] == OUTCOMES[row["verdict"]]
        assert change["reason"]
        for name in filter(None, change["into"].split(";")):
            read_from = provisions[name]["read_from"]
            assert (read_from == "text") == (row["verdict"] != "open" and name not in NOT_THE_TEXT), name


def plain(text: str) -> str:
    return " ".join(re.sub(r"[“”\"‘’'\[\]]", "", text.replace("\xa0", " ")).split()).lower()


def test_the_words_that_a_comparison_rests_on_are_in_its_text() -> None:
    checked = 0
    for row in compiled("corrections_by_text.csv"):
        if not row["quote"] or not row["file"] or row["quote"].startswith("see "):
            continue
        source = plain((SHARED / "sources" / row["file"]).read_text(encoding="utf-8"))
        for part in re.split(r" ?\.\.\. ?|; (?=whether)", re.sub(r"^\(31\) |^h\) | \(description\)$", "", row["quote"])):
            assert plain(part.strip("; ")) in source, (row["instrument"], row["path"])
            checked += 1
    assert checked > 50


def test_a_reading_rests_on_the_text_where_its_provision_was_read() -> None:
    """Readings of article 5 of the Arab Convention rest on its article 12 too, which was not to be had."""
    provisions = {(row["instrument"], row["path"]): row["read_from"] for row in table("provisions")}
    behind = {
        (row["instrument"], row["path"], row["criterion"])
        for row in table("readings")
        if row["path"] and row["read_from"] != provisions[row["instrument"], row["path"]]
    }
    assert behind == {("arab-it", "art_5", "specific-legislation"), ("arab-it", "art_5", "technology-facilitated")}
    assert {row["read_from"] for row in table("readings") if row["instrument"] in ("dir-2011-93", "malabo", "eprivacy")} == {
        "text"
    }


def test_every_new_instrument_is_taken_over_or_accounted_for() -> None:
    changed = changes("new_instruments.csv")
    assert set(changed) == {row["slug"] for row in compiled("new_instruments.csv")}
    keys = {f"instruments/{row['slug']}" for row in table("instruments")}
    keys |= {f"national_laws/{row['jurisdiction']}/{row['slug']}" for row in table("national_laws")}
    keys |= {f"national_provisions/{row['jurisdiction']}/{row['law']}/{row['path']}" for row in table("national_provisions")}
    for slug, change in changed.items():
        assert change["outcome"] in {"taken", "merged", "rejected"}, slug
        assert change["reason"], slug
        assert change["into"] in keys or (change["outcome"], change["into"]) == ("rejected", ""), slug


def test_every_date_of_an_instrument_is_taken_over_or_accounted_for() -> None:
    instruments = {row["slug"]: row for row in table("instruments")}
    changed = changes("dates.csv")
    dates = {f"{row['instrument']} {row['event']}": row for row in compiled("dates.csv")}
    assert set(changed) == set(dates)
    for key, row in dates.items():
        change, instrument = changed[key], instruments.get(row["instrument"], {})
        if change["outcome"] == "taken":
            assert instrument[change["into"]] == row["date"], key
            continue
        assert change["reason"], key
        if change["outcome"] == "changed":
            day_after = datetime.date.fromisoformat(row["date"]) + datetime.timedelta(days=1)
            assert instrument[change["into"]] == day_after.isoformat(), key
        if change["into"] == "note":
            day = datetime.date.fromisoformat(row["date"])
            assert f"{day.day} {day:%B}" in instrument["note"], key


def test_proposals_and_instruments_not_in_force_bind_nobody(catalog: Catalog) -> None:
    for row in table("instruments"):
        if row["status"]:
            parties = catalog.run("parties", {"instrument": row["slug"], "as_of": "2026-11-24"}).records()
            assert list(parties) == [], row["slug"]
            assert not row["in_force"]


def test_there_was_no_derogation_between_the_two_regulations(catalog: Catalog) -> None:
    def bound(day: str) -> set[str]:
        return {
            str(slug)
            for slug in ("reg-2021-1232", "reg-2026-1881")
            if list(catalog.run("parties", {"instrument": slug, "as_of": day}).records())
        }

    assert bound("2026-04-03") == {"reg-2021-1232"}
    assert bound("2026-04-04") == bound("2026-07-30") == set()
    assert bound("2026-07-31") == bound("2026-11-24") == {"reg-2026-1881"}
    [ends] = {row["no_longer_in_force"] for row in table("instruments") if row["slug"] == "reg-2026-1881"}
    assert ends == "2028-04-04"


def test_every_new_instrument_has_readings_of_the_five_criteria() -> None:
    read = {(row["instrument"], row["criterion"]) for row in table("readings")}
    criteria = {criterion for _, criterion in read}
    assert len(criteria) == 5
    new = {
        key.rpartition("/")[2] for key in (c["into"] for c in changes("new_instruments.csv").values()) if "instruments/" in key
    }
    assert len(new) == 12
    assert {(slug, criterion) for slug in new for criterion in criteria} <= read
    above_none = {row["instrument"] for row in table("readings") if row["strength"] != "none"}
    assert above_none & new == {"un-cybercrime", "dsa", "reg-2021-1232", "reg-2026-1881"}


def test_every_title_in_another_language_is_taken_over_or_accounted_for() -> None:
    own = {(row["instrument"], row["language"], row["title"], row["url"]) for row in table("instrument_names")}
    rejected = changes("names.csv")
    assert {row["reason"] for row in rejected.values()} - {""}
    for row in compiled("names.csv"):
        if f"{row['slug']}/{row['lang']}" not in rejected:
            assert (row["slug"], row["lang"], row["title"], row["url"].partition(" (")[0]) in own

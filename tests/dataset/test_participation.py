"""Participation in instruments and the derived obligations, compared with the lists they were compiled from and with known cases."""

import csv
from pathlib import Path

import pytest

from tests.conftest import SHARED, TESTS, skip_or_fail
from tutela import paths
from tutela.catalog.catalog import Catalog
from tutela.tables import Row, read_rows


def rows(catalog: Catalog, name: str, **values: str) -> list[dict[str, str]]:
    result = catalog.run(name, values)
    return [dict(zip(result.columns, ("" if v is None else v for v in row), strict=True)) for row in result.rows()]


def codes(catalog: Catalog, name: str, **values: str) -> set[str]:
    return {row["jurisdiction"].rpartition("/")[2] for row in rows(catalog, name, **values)}


def compiled_list(name: str) -> list[Row]:
    path: Path = SHARED / "sources" / name
    if not path.is_file():
        skip_or_fail(f"{name} is not at ../shared/sources")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_actions_contain_those_of_the_compiled_list() -> None:
    stored = {
        (r["instrument"], r["jurisdiction"], r["action"], r["date"] or r["year"], r["not_after"], r["deposited"],
         r["entry_into_force"], r["source"], r["confidence"])
        for r in read_rows(paths.table_files()["actions"])
    }  # fmt: skip
    compiled = {
        (
            r["treaty"],
            r["iso3"],
            r["action"],
            r["date"],
            r["not_after"],
            r["deposited"],
            r["entry_into_force"],
            r["source"],
            r["confidence"],
        )
        for r in compiled_list("treaty_actions.csv")
    }
    with (TESTS / "dataset" / "law_since_changes.csv").open(encoding="utf-8", newline="") as file:
        replaced = {tuple(r["key"].split("/")) for r in csv.DictReader(file) if r["file"] == "treaty_actions.csv"}
    assert {action[:3] for action in compiled - stored} == replaced
    # What the list does not have comes from a source of its own.
    new_sources = {action[7] for action in stored - compiled}
    assert not new_sources & {action[7] for action in compiled} - {"verdragen-009290"}


def test_the_tables_contain_the_compiled_memberships_and_reservations() -> None:
    memberships = {
        (r["organisation"], r["jurisdiction"], r["from"], r["to"]) for r in read_rows(paths.table_files()["memberships"])
    }
    compiled = {(r["organisation"], r["iso3"], r["from"], r["to"]) for r in compiled_list("memberships.csv")}
    # A membership without a day in the list may have one from a source of its own.
    undated = {(organisation, code) for organisation, code, begin, _ in compiled if not begin}
    assert {row for row in compiled if row[2]} <= memberships
    assert undated <= {row[:2] for row in memberships}
    reservations = {
        (r["instrument"], r["jurisdiction"], r["date"], r["extent"], r["effect"])
        for r in read_rows(paths.table_files()["reservations"])
    }
    assert {
        (r["treaty"], r["iso3"], r["date"], r["extent"], r["effect"]) for r in compiled_list("reservations.csv")
    } <= reservations


@pytest.mark.parametrize(
    ("instrument", "as_of", "parties", "signed"),
    [("budapest", "2023-09-30", 68, 2), ("lanzarote", "2023-09-30", 48, 0), ("c182", "2023-09-30", 187, 0),
     ("acrwc", "2023-02-14", 50, 4), ("malabo", "2023-09-30", 15, 12), ("dir-2011-93", "2023-09-30", 26, 0),
     ("crc", "2023-09-30", 196, 1), ("opsc", "2023-09-30", 178, 7)],
)  # fmt: skip
def test_the_number_of_parties_on_a_day(catalog: Catalog, instrument: str, as_of: str, parties: int, signed: int) -> None:
    assert len(codes(catalog, "parties", instrument=instrument, as_of=as_of)) == parties
    assert len(codes(catalog, "signed-only", instrument=instrument, as_of=as_of)) == signed


def test_party_counts_differ_from_the_report_only_with_a_recorded_discrepancy(catalog: Catalog) -> None:
    counts = rows(catalog, "party-counts")
    # Where a day of accession is known only within limits, so is the number of parties.
    differing = {
        row["instrument"] for row in counts if not int(row["counted"]) <= int(row["stated"]) <= int(row["counted_at_most"])
    }
    explained = {row["instrument"] for row in rows(catalog, "party-counts") if row["discrepancy"]}
    assert differing == explained == {"arab-it", "malabo"}


def test_no_state_is_bound_before_entry_into_force(catalog: Catalog) -> None:
    assert codes(catalog, "parties", instrument="budapest", as_of="2004-06-30") == set()
    assert codes(catalog, "parties", instrument="budapest", as_of="2004-07-01") == {"ALB", "EST", "HRV", "HUN", "LTU"}
    assert codes(catalog, "parties", instrument="malabo", as_of="2023-06-07") == set()
    assert len(codes(catalog, "parties", instrument="malabo", as_of="2023-06-08")) == 15


def test_a_directive_binds_through_membership_and_denmark_through_its_predecessor(catalog: Catalog) -> None:
    directive = codes(catalog, "parties", instrument="dir-2011-93", as_of="2023-09-30")
    assert "DNK" not in directive
    assert "GBR" not in directive
    assert "GBR" in codes(catalog, "parties", instrument="dir-2011-93", as_of="2020-12-31")
    assert "GBR" not in codes(catalog, "parties", instrument="dir-2011-93", as_of="2021-01-01")
    assert codes(catalog, "parties", instrument="fd-2004-68", as_of="2023-09-30") == {"DNK"}
    assert "DEU" in codes(catalog, "parties", instrument="fd-2004-68", as_of="2011-01-01")
    assert "DNK" in codes(catalog, "parties", instrument="eprivacy", as_of="2023-09-30")
    croatia = [r for r in rows(catalog, "parties", instrument="dir-2011-93") if r["name"] == "Croatia"]
    assert [r["bound_from"] for r in croatia] == ["2013-07-01"]


def test_the_basis_of_each_day_is_recorded(catalog: Catalog) -> None:
    bound_from = {(r["instrument"], r["name"]): (r["bound_from"], r["basis"]) for i in ("c182", "crc", "arab-it", "malabo", "opsc")
             for r in ({**row, "instrument": i} for row in rows(catalog, "parties", instrument=i, as_of="2026-01-01"))}  # fmt: skip
    assert bound_from["c182", "Albania"] == ("2002-08-02", "computed")
    assert bound_from["crc", "Somalia"] == ("2015-10-31", "computed")
    assert bound_from["crc", "Croatia"] == ("1992-10-12", "succession")
    assert bound_from["arab-it", "Algeria"] == ("2014-10-08", "not-before")
    assert bound_from["malabo", "Benin"] == ("2024-11-12", "computed")
    assert bound_from["opsc", "Samoa"] == ("2016-05-29", "computed")
    assert bound_from["arab-it", "Iraq"] == ("2017-01-30", "not-later-than")
    assert bound_from["malabo", "Rwanda"] == ("2023-06-08", "stated")


def test_territories_are_not_among_the_parties(catalog: Catalog) -> None:
    assert {(r["name"], r["effect"], r["state"]) for r in rows(catalog, "territories", instrument="opsc")} == {
        ("Aruba", "territorial-application", "Netherlands"),
        ("Hong Kong", "territorial-exclusion", "China"),
        ("Isle of Man", "territorial-application", "United Kingdom"),
        ("Macau", "territorial-application", "China"),
    }
    assert not {"ABW", "IMN", "MAC", "HKG"} & codes(catalog, "parties", instrument="opsc")


def test_unmet_obligations_are_those_that_the_texts_require(catalog: Catalog) -> None:
    unmet = {(r["name"], r["instrument"], r["criterion"]) for r in rows(catalog, "unmet-everywhere", as_of="2023-09-30")}
    assert unmet == {
        ("Azerbaijan", "lanzarote", "technology-facilitated"),
        ("Iraq", "arab-it", "specific-legislation"),
        ("Russia", "lanzarote", "simple-possession"),
        ("Rwanda", "malabo", "simple-possession"),
        ("San Marino", "budapest", "simple-possession"),
        ("San Marino", "lanzarote", "simple-possession"),
        ("Tunisia", "lanzarote", "simple-possession"),
    }
    requiring = {"requires", "requires-reservable"}
    assert {r["strength"] for r in rows(catalog, "unmet-everywhere", as_of="2026-01-01")} <= requiring


def test_opsc_does_not_require_possession_and_no_instrument_requires_reporting(catalog: Catalog) -> None:
    strengths = {(r["instrument"], r["criterion"].rpartition("/")[2]): r["strength"] for r in rows(catalog, "criteria-required")}
    assert strengths["opsc", "simple-possession"] == "partly"
    assert strengths["budapest", "simple-possession"] == "requires-reservable"
    assert strengths["lanzarote", "simple-possession"] == "requires"
    # Since the review, three regulations ask for less than the criterion.
    reporting = {
        i: strength for (i, criterion), strength in strengths.items() if criterion == "isp-reporting" and strength != "none"
    }
    assert reporting == dict.fromkeys(("dsa", "reg-2021-1232", "reg-2026-1881"), "partly")


def test_an_unmet_obligation_has_an_explanation(catalog: Catalog) -> None:
    [russia] = [r for r in rows(catalog, "unmet-obligations", jurisdiction="RUS") if r["kind"] == "unmet obligation"]
    assert russia["provision_name"] == "Lanzarote Convention, article 20(1)(e)"
    assert (russia["bound_from"], russia["basis"]) == ("2013-12-01", "computed")
    assert "Production and possession not covered" in russia["reservations"]
    for part in (
        "Russia is bound by",
        "On record beside it: a reservation (part)",
        "not met as of 2023-09-30",
        "Certainty: sourced",
    ):
        assert part in russia["explanation"]
    [azerbaijan] = [r for r in rows(catalog, "unmet-obligations", jurisdiction="AZE") if r["kind"] == "unmet obligation"]
    assert "unless a reservation was made; the record of reservations is not complete" in azerbaijan["explanation"]
    assert azerbaijan["certainty"] == "partly-sourced"
    [marino] = [r for r in rows(catalog, "unmet-obligations", jurisdiction="SMR") if r["instrument"] == "budapest"]
    assert "A source shows that no reservation was made" in marino["explanation"]


def test_a_finding_older_than_the_obligation_is_marked(catalog: Catalog) -> None:
    assert not [
        r for r in rows(catalog, "unmet-obligations", jurisdiction="LSO", as_of="2023-09-30") if r["instrument"] == "malabo"
    ]
    later = [r for r in rows(catalog, "unmet-obligations", jurisdiction="LSO", as_of="2025-03-01") if r["instrument"] == "malabo"]
    assert later
    assert all(r["finding_older"] == "true" and "older than the obligation" in r["explanation"] for r in later)


def test_an_answer_about_a_later_day_states_the_date_of_the_list(catalog: Catalog) -> None:
    """Every query with a date says how far the lists go, whatever the answer; totals over several lists say the earliest."""
    reaches = {row["slug"]: row["list_reaches"] for row in read_rows(paths.table_files()["instruments"])}
    earliest = min(reaches[row["instrument"]] for row in rows(catalog, "bound-counts") if reaches[row["instrument"]])
    over_all = {"bound-by-none", "instruments-by-jurisdiction", "recommended-not-met", "same-profile", "unmet-by-region"}
    about_an_organisation = {"members"}
    for name, query in catalog.queries.items():
        if not any(parameter.name == "as_of" for parameter in query.parameters) or name in about_an_organisation:
            continue
        values = {parameter.name: parameter.example for parameter in query.parameters if parameter.name != "as_of"}
        for row in rows(catalog, name, **values):
            slug = row["instrument"].rpartition("/")[2] if "instrument" in row else values.get("instrument", "")
            if name in over_all:
                assert row["list_reaches"] == earliest, name
            elif slug:
                assert row["list_reaches"] == reaches[slug], name
            else:
                assert name == "chain"


def test_parties_lacking_are_parties_with_a_negative_finding(catalog: Catalog) -> None:
    without_possession = codes(
        catalog, "parties-lacking", instrument="lanzarote", criterion="simple-possession", as_of="2023-09-30"
    )
    assert without_possession == {"RUS", "SMR", "TUN"}
    assert without_possession <= codes(catalog, "parties", instrument="lanzarote")
    assert without_possession <= codes(catalog, "jurisdictions-lacking", criterion="simple-possession")


def test_an_obligation_of_a_directive_begins_at_the_transposition_deadline(catalog: Catalog) -> None:
    def under_directive(as_of: str) -> list[dict[str, str]]:
        unmet = rows(catalog, "unmet-obligations", jurisdiction="CZE", as_of=as_of)
        return [row for row in unmet if row["instrument"] == "dir-2011-93"]

    assert under_directive("2013-12-17") == []
    assert {row["bound_from"] for row in under_directive("2013-12-18")} == {"2013-12-18"}


def test_no_finding_is_related_to_an_obligation_that_has_ended(catalog: Catalog) -> None:
    assert not [
        row
        for row in rows(catalog, "unmet-obligations", jurisdiction="CZE", as_of="2010-01-01")
        if row["instrument"] == "fd-2004-68"
    ]


INSTRUMENTS = sorted(row["slug"] for row in read_rows(paths.table_files()["instruments"]))


@pytest.mark.parametrize(("as_of", "one_in"), [("2023-09-30", 1), ("2013-12-20", 5)])
def test_standing_agrees_with_the_other_queries(catalog: Catalog, as_of: str, one_in: int) -> None:
    all_codes = {row["code"] for row in read_rows(paths.table_files()["jurisdictions"])}
    by_jurisdiction = {
        code: {row["instrument"]: row for row in rows(catalog, "bound-by", jurisdiction=code, as_of=as_of)}
        for code in sorted(all_codes)[::one_in]
    }
    for instrument in INSTRUMENTS:
        standing = {row["code"]: row for row in rows(catalog, "standing", instrument=instrument, as_of=as_of)}
        assert set(standing) in (all_codes, set())
        assert {code for code, by_instrument in by_jurisdiction.items() if instrument in by_instrument} == (
            set(standing) & set(by_jurisdiction)
        )
        for code, row in standing.items():
            if code not in by_jurisdiction:
                continue
            shared_columns = ("name", "state", "bound_from", "bound_until", "basis", "list_reaches")
            assert [row[c] for c in shared_columns] == [by_jurisdiction[code][instrument][c] for c in shared_columns], code
        bound = {
            code: row
            for code, row in standing.items()
            if row["bound_from"] and row["state"] in ("bound", "not known") and row["capacity"] != "territory"
        }
        parties = {
            row["jurisdiction"].rpartition("/")[2]: row for row in rows(catalog, "parties", instrument=instrument, as_of=as_of)
        }
        assert set(bound) == set(parties)
        for code, row in parties.items():
            assert row.items() <= bound[code].items()
        # A state that has signed and joins later is "bound later", and its signature is included.
        signed_only = rows(catalog, "signed-only", instrument=instrument, as_of=as_of)
        signed = {
            code: row["signed"]
            for code, row in standing.items()
            if row["signed"] and row["state"] in ("signed only", "bound later")
        }
        assert set(signed) == {row["jurisdiction"].rpartition("/")[2] for row in signed_only if row["state"] == "signed only"}
        assert all(day <= as_of for day in signed.values())
        for row in signed_only:
            if row["state"] == "not known":
                assert standing[row["jurisdiction"].rpartition("/")[2]]["state"] in ("not known", "bound later")


def test_standing_shows_its_basis(catalog: Catalog) -> None:
    def basis_of(code: str, instrument: str) -> tuple[str, ...]:
        [row] = [row for row in rows(catalog, "standing", instrument=instrument) if row["code"] == code]
        assert row["source"]
        return row["state"], row["capacity"], row["action"], row["date"] or row["not_after"], row["confidence"]

    assert basis_of("DEU", "dir-2011-93") == ("bound", "membership", "", "", "listed")
    assert basis_of("HKG", "opsc")[:3] == ("kept out by its state", "", "territorial-exclusion")
    assert basis_of("MAC", "opsc")[:3] == ("bound", "territory", "territorial-application")
    assert basis_of("CMR", "malabo")[:4] == ("signed only", "", "", "")
    assert basis_of("ALB", "c182")[:2] == ("bound", "own-act")


def test_gaps_agree_with_the_tables(catalog: Catalog) -> None:
    """A gap is a negative finding and a reading of the criterion, of an instrument that binds on the day."""
    gaps = {(r["jurisdiction"].rpartition("/")[2], r["kind"], r["instrument"], r["provision"].partition(f"{r['instrument']}/")[2],
              r["criterion"]) for r in rows(catalog, "gaps")}  # fmt: skip
    not_met = {(r["jurisdiction"], r["criterion"]) for t in ("observations", "place_observations")
          for r in read_rows(paths.table_files()[t]) if r["met"] == "false"}  # fmt: skip
    kinds = {"requires": "unmet obligation", "requires-reservable": "unmet obligation", "in-substance": "possible gap"}
    bound = {i: {r["code"] for r in rows(catalog, "standing", instrument=i) if r["state"] == "bound"} for i in INSTRUMENTS}
    expected = {
        (code, kinds[r["strength"]], r["instrument"], r["path"], criterion)
        for r in read_rows(paths.table_files()["readings"])
        if r["strength"] in kinds
        for code, criterion in not_met
        if criterion == r["criterion"] and code in bound[r["instrument"]]
    }
    excluded = expected - gaps
    assert gaps <= expected
    # Only a reservation to the whole provision excludes a gap.
    whole_reservations = {
        (r["instrument"], r["jurisdiction"]) for r in read_rows(paths.table_files()["reservations"]) if r["extent"] == "whole"
    }
    assert {(instrument, code) for code, _, instrument, _, _ in excluded} <= whole_reservations
    for code in ("SMR", "CZE", "LKA"):
        of_jurisdiction = {
            (r["kind"], r["instrument"], r["provision"]) for r in rows(catalog, "unmet-obligations", jurisdiction=code)
        }
        assert of_jurisdiction == {
            (r["kind"], r["instrument"], r["provision"]) for r in rows(catalog, "gaps") if r["jurisdiction"].endswith(code)
        }
    [russia] = [r for r in rows(catalog, "gaps") if r["name"] == "Russia" and r["kind"] == "unmet obligation"]
    assert (russia["region_name"], russia["provision_name"]) == ("Eastern Europe", "Lanzarote Convention, article 20(1)(e)")


def means_of_joining(catalog: Catalog, jurisdiction: str, as_of: str = "2023-09-30") -> dict[str, tuple[str, str]]:
    join_rows = rows(catalog, "could-join", jurisdiction=jurisdiction, as_of=as_of)
    assert len(join_rows) == len({row["instrument"] for row in join_rows}), (
        "an instrument has more than one row for one jurisdiction"
    )
    return {row["instrument"]: (row["way"], row["member"]) for row in join_rows}


def test_the_means_of_joining_are_those_of_the_final_clauses(catalog: Catalog) -> None:
    # South Africa signed the Budapest Convention as a state that took part in drafting it, and is a member of the African Union.
    south_africa = means_of_joining(catalog, "ZAF")
    assert south_africa["budapest"] == ("took-part", "false")
    assert south_africa["lanzarote"] == ("invited", "false")
    assert south_africa["malabo"] == ("member", "true")
    assert "acrwc" not in south_africa
    # Ireland had signed the Budapest Convention and not ratified it. Denmark does not take part in the Directive.
    assert means_of_joining(catalog, "IRL")["budapest"] == ("member", "true")
    assert not {"dir-2011-93", "budapest", "lanzarote"} & set(means_of_joining(catalog, "DNK"))
    # The framework decision is closed since the Directive; before, it was open to future members.
    assert means_of_joining(catalog, "BGR", "2006-01-01")["fd-2004-68"] == ("membership-only", "false")
    assert "fd-2004-68" not in means_of_joining(catalog, "HRV", "2012-01-01")
    assert means_of_joining(catalog, "USA")["crc"] == ("any-state", "")
    [united_states] = [row for row in rows(catalog, "could-join", jurisdiction="USA") if row["instrument"] == "crc"]
    assert united_states["signed"] == "1995-02-16"
    # Germany is a member of the ILO since 1951; that Andorra is not one is recorded, since the list of members is complete.
    assert means_of_joining(catalog, "DEU", "2001-01-01")["c182"] == ("member", "true")
    assert means_of_joining(catalog, "AND")["c182"] == ("member", "false")
    assert rows(catalog, "could-join", jurisdiction="HKG") == []


def test_could_join_lists_instruments_in_force_that_do_not_bind_yet(catalog: Catalog) -> None:
    in_force = {
        r["slug"] for r in read_rows(paths.table_files()["instruments"])
        if r["binding"] == "true" and r["in_force"] and r["in_force"] <= "2023-09-30"
        and not (r["no_longer_in_force"] and r["no_longer_in_force"] <= "2023-09-30")
    }  # fmt: skip
    for code in ("ALB", "JOR", "KEN", "JPN", "SMR"):
        bound = {
            r["instrument"] for r in rows(catalog, "bound-by", jurisdiction=code, as_of="2023-09-30") if r["state"] == "bound"
        }
        assert set(means_of_joining(catalog, code)) == in_force - bound - {"fd-2004-68"}, code


def test_would_add_is_the_sum_of_would_take_on(catalog: Catalog) -> None:
    for code in ("LKA", "JOR"):
        added_rows = rows(catalog, "would-add", jurisdiction=code, as_of="2023-09-30")
        assert {r["instrument"] for r in added_rows} <= set(means_of_joining(catalog, code))
        for instrument in means_of_joining(catalog, code):
            shared_columns = ("provision", "provision_name", "criterion", "strength", "met", "reservable_under")
            expected = rows(catalog, "would-take-on", jurisdiction=code, instrument=instrument)
            added = [[r[c] for c in shared_columns] for r in added_rows if r["instrument"] == instrument]
            assert sorted(added) == sorted([r[c] for c in shared_columns] for r in expected)
    # The review finds simple possession not met in Jordan: becoming a party to the Lanzarote Convention would make it an obligation.
    obligations = {(r["provision_name"], r["strength"], r["met"]) for r in rows(catalog, "would-add", jurisdiction="JOR")}
    assert ("Lanzarote Convention, article 20(1)(e)", "requires", "false") in obligations


def test_a_day_by_which_a_state_was_bound_is_not_the_day_from_which(catalog: Catalog) -> None:
    """One government names those that had ratified the Arab Convention by the end of 2016; it gives no dates."""

    def state(instrument: str, code: str, as_of: str) -> str:
        [row] = [row for row in rows(catalog, "bound-by", jurisdiction=code, as_of=as_of) if row["instrument"] == instrument]
        return row["state"]

    assert [state("arab-it", "IRQ", day) for day in ("2014-02-05", "2014-02-06", "2017-01-29", "2017-01-30")] == [
        "bound later",
        "not known",
        "not known",
        "bound",
    ]
    [iraq] = [row for row in rows(catalog, "parties", instrument="arab-it", as_of="2015-01-01") if row["name"] == "Iraq"]
    assert (iraq["state"], iraq["earliest"], iraq["latest"]) == ("not known", "2014-02-06", "2017-01-30")
    [counts] = [row for row in rows(catalog, "bound-counts", as_of="2015-01-01") if row["instrument"] == "arab-it"]
    assert (counts["bound"], counts["bound_at_most"]) == ("0", "9")
    # A day before which Ecuador had not joined the Budapest Convention is known too.
    assert [state("budapest", "ECU", day) for day in ("2025-01-31", "2025-02-01", "2025-04-30", "2025-05-01")] == [
        "bound later",
        "not known",
        "not known",
        "bound",
    ]
    # Algeria ratified the Arab Convention by decree; no source gives the deposit.
    assert [state("arab-it", "DZA", day) for day in ("2014-10-07", "2014-10-08", "2023-09-30")] == [
        "bound later",
        "not known",
        "not known",
    ]
    # A succession takes effect before its notification.
    assert [state("crc", "HRV", day) for day in ("1990-09-01", "1992-10-11", "1992-10-12")] == [
        "bound later",
        "not known",
        "bound",
    ]
    # The same government names Lebanon among those that had signed.
    assert [state("arab-it", "LBN", day) for day in ("2010-12-20", "2010-12-21", "2016-12-31")] == [
        "no act on record",
        "not known",
        "signed only",
    ]
    # Canada signed the Convention against Cybercrime in July 2026; the source does not give the day.
    assert [state("un-cybercrime", "CAN", day) for day in ("2026-06-30", "2026-07-01", "2026-07-31")] == [
        "no act on record",
        "not known",
        "signed only",
    ]


def test_a_state_that_cannot_join_is_not_just_without_an_act(catalog: Catalog) -> None:
    def cannot_join(code: str) -> set[str]:
        return {row["instrument"] for row in rows(catalog, "bound-by", jurisdiction=code) if row["state"] == "cannot join"}

    of_the_union = {row["instrument"] for row in read_rows(paths.table_files()["membership_rules"])}
    assert {"dir-2011-93", "eprivacy", "eprivacy-2009", "fd-2004-68", "dsa", "reg-2026-1881"} <= of_the_union
    regional = {"acrwc", "arab-it", "malabo"}
    assert cannot_join("PRY") == of_the_union | regional
    assert cannot_join("DNK") == {"dir-2011-93", "dir-2016-680"} | regional
    assert cannot_join("MAR") == of_the_union
    assert cannot_join("GBR") == regional

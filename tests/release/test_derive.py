"""The derivation rules on made-up cases: whole and withdrawn reservations, denunciation, joining again, territories."""

from pathlib import Path

import pytest

from tests.release.test_build import edit
from tutela import graph, namespaces, tables
from tutela.catalog.catalog import Catalog
from tutela.sparql import EmbeddedStore

ACTION = {
    "not_after": "", "year": "", "deposited": "", "url": "", "note": "", "source": "tutela", "confidence": "listed", "effect_basis": "",
    "entry_into_force": "", "date": "",
}  # fmt: skip
RESERVATION = {
    "kind": "reservation", "date_basis": "", "withdrawn": "", "under": "", "effect": "A made-up reservation.", "confidence": "listed",
    "url": "", "note": "", "source": "tutela",
}  # fmt: skip


def action(instrument: str, jurisdiction: str, item: int, action_type: str, **columns: str) -> tables.Row:
    key = {"instrument": instrument, "jurisdiction": jurisdiction, "item": str(item), "action": action_type}
    return ACTION | key | columns


def derived_catalog(folder: Path) -> Catalog:
    """Return the catalogue over the graph constructed from a copy of the data, without validation."""
    builder = graph.construct(tables.load(folder))
    graph.derive(builder)
    return Catalog(EmbeddedStore.of_quads(builder.quads()))


def unmet(catalog: Catalog, jurisdiction: str, as_of: str = "2023-09-30") -> set[tuple[str, str]]:
    result = catalog.run("unmet-obligations", {"jurisdiction": jurisdiction, "as_of": as_of})
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
    return {(str(r["instrument"]), str(r["bound_from"])) for r in rows if r["kind"] == "unmet obligation"}


def parties(catalog: Catalog, instrument: str, as_of: str) -> set[str]:
    result = catalog.run("parties", {"instrument": instrument, "as_of": as_of})
    return {str(row[0]).removeprefix(f"{namespaces.BASE}id/jurisdiction/") for row in result.rows()}


@pytest.fixture
def edited_catalog(data_copy: Path) -> Catalog:
    """Return the catalogue over data with all made-up cases, each for another state."""
    reservations = [
        # San Marino: a reservation to the whole of Budapest article 9, which includes all its parts.
        ("budapest", "SMR", "2", "art_9", {"date": "2019-03-08", "extent": "whole"}),
        # Tunisia: a withdrawn reservation to the whole of Lanzarote article 20(1)(e).
        ("lanzarote", "TUN", "1", "art_20/par_1/pnt_e", {"date": "2019-10-15", "withdrawn": "2022-01-01", "extent": "whole"}),
        # Rwanda: a reservation made after the findings, which does not affect the obligation before.
        ("malabo", "RWA", "1", "art_29/par_3/subpar_1/pnt_c", {"date": "2024-01-01", "extent": "whole"}),
    ]
    for instrument, code, item, path, columns in reservations:
        key = {"instrument": instrument, "jurisdiction": code, "item": item}
        edit(data_copy, "reservations", lambda rows, new=RESERVATION | key | columns: [*rows, new])  # type: ignore[misc]
        edit(data_copy, "reservation_provisions", lambda rows, new=key | {"path": path, "source": "tutela"}: [*rows, new])  # type: ignore[misc]
    actions = [
        # Russia: denunciation of the Lanzarote Convention, then accession.
        action("lanzarote", "RUS", 8, "denunciation", date="2015-01-05", entry_into_force="2015-05-01", effect_basis="stated"),
        action("lanzarote", "RUS", 9, "accession", date="2018-01-05", entry_into_force="2018-05-01", effect_basis="stated"),
        # The Netherlands: denunciation of the Optional Protocol. Macau: a later territorial exclusion.
        action("opsc", "NLD", 8, "denunciation", date="2020-01-05", entry_into_force="2021-01-05", effect_basis="stated"),
        action("opsc", "MAC", 8, "territorial-exclusion", date="2020-06-01"),
    ]
    edit(data_copy, "actions", lambda rows: [*rows, *actions])

    def change_memberships(rows: list[tables.Row]) -> list[tables.Row]:
        for row in rows:
            if (row["organisation"], row["jurisdiction"]) == ("eu", "AUT"):
                row["to"] = "2016-01-01"
            if (row["organisation"], row["jurisdiction"]) == ("eu", "SWE"):
                row["to"] = "2008-01-01"
        second_membership = {
            "organisation": "eu",
            "jurisdiction": "AUT",
            "item": "2",
            "from": "2020-01-01",
            "to": "",
            "not_after": "",
        }
        return [*rows, second_membership | {"source": "tutela", "confidence": "listed"}]

    edit(data_copy, "memberships", change_memberships)

    def change_succession(rows: list[tables.Row]) -> None:
        for row in rows:
            if (row["instrument"], row["jurisdiction"], row["action"]) == ("crc", "HRV", "succession"):
                row["date"], row["year"] = "", "1992"
            # Somalia: only the year of its ratification. Albania: only a date by which it had ratified.
            unknown = dict.fromkeys(
                ("date", "year", "not_before", "not_after", "deposited", "entry_into_force", "effect_basis"), ""
            )
            if (row["instrument"], row["jurisdiction"]) == ("crc", "SOM") and row["action"] != "signature":
                row.update(unknown | {"year": "2015"})
            if (row["instrument"], row["jurisdiction"]) == ("c182", "ALB"):
                row.update(unknown | {"not_after": "2020-08-04"})

    edit(data_copy, "actions", change_succession)
    return derived_catalog(data_copy)


def test_the_rules_on_made_up_cases(edited_catalog: Catalog) -> None:
    assert unmet(edited_catalog, "SMR") == {("lanzarote", "2010-07-01")}, "a reservation to a whole article excludes its parts"
    assert unmet(edited_catalog, "TUN") == {("lanzarote", "2022-01-01")}, "a withdrawn reservation excludes until its withdrawal"
    assert unmet(edited_catalog, "RWA") == {("malabo", "2023-06-08")}, "a later reservation has no effect before its date"
    assert unmet(edited_catalog, "RWA", "2024-02-01") == set()
    assert unmet(edited_catalog, "RUS") == {("lanzarote", "2018-05-01")}, "the obligation begins again with the accession"
    for as_of, bound in (("2014-01-01", True), ("2016-01-01", False), ("2019-01-01", True)):
        assert ("RUS" in parties(edited_catalog, "lanzarote", as_of)) is bound
        assert (
            "AUT"
            in parties(edited_catalog, "dir-2011-93", {"2016-01-01": "2017-01-01", "2019-01-01": "2021-01-01"}.get(as_of, as_of))
        ) is bound
    assert "SWE" not in parties(edited_catalog, "fd-2004-68", "2009-01-01"), (
        "bound until the earlier of the end of membership and the end of the instrument"
    )
    assert "HRV" in parties(edited_catalog, "crc", "1993-01-01"), (
        "a succession of which only the year is known counts from the last day of that year"
    )
    ends = {}
    for code in ("ABW", "MAC"):
        result = edited_catalog.run("bound-by", {"jurisdiction": code, "as_of": "2023-09-30"})
        [row] = [dict(zip(result.columns, row, strict=True)) for row in result.rows() if row[2] == "opsc"]
        ends[code] = (row["state"], row["bound_until"])
    assert ends == {"ABW": ("bound before", "2021-01-05"), "MAC": ("bound before", "2020-06-01")}
    for code, instrument, last_no, first_unknown, last_unknown, first_yes in (
        ("SOM", "crc", "2015-01-30", "2015-01-31", "2016-01-29", "2016-01-30"),
        ("ALB", "c182", "2000-11-18", "2000-11-19", "2021-08-03", "2021-08-04"),
    ):
        for as_of, state in (
            (last_no, "bound later"),
            (first_unknown, "not known"),
            (last_unknown, "not known"),
            (first_yes, "bound"),
        ):
            result = edited_catalog.run("bound-by", {"jurisdiction": code, "as_of": as_of})
            assert [row[3] for row in result.rows() if row[2] == instrument] == [state], (code, as_of)

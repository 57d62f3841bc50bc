"""The rules on made-up cases: reservations whole and withdrawn, denunciations, rejoining, territories."""

from pathlib import Path

import pytest

from tests.test_build import edit
from tutela import build, names, store, tables
from tutela.catalog import Catalog

ACTION = {
    "not_after": "", "year": "", "deposited": "", "url": "", "note": "", "source": "tutela", "confidence": "listed", "effect_basis": "",
    "entry_into_force": "", "date": "",
}  # fmt: skip
RESERVATION = {
    "kind": "reservation", "date_basis": "", "withdrawn": "", "under": "", "effect": "A made-up reservation.", "confidence": "listed",
    "url": "", "note": "", "source": "tutela",
}  # fmt: skip


def action(instrument: str, jurisdiction: str, item: int, kind: str, **more: str) -> tables.Row:
    key = {"instrument": instrument, "jurisdiction": jurisdiction, "item": str(item), "action": kind}
    return ACTION | key | more


def asked(folder: Path) -> Catalog:
    """Return the catalogue over what a copy of the data gives, unvalidated."""
    bench = build.construct(tables.load(folder))
    build.derive(bench)
    return Catalog(store.EmbeddedStore(bench.quads()))


def unmet(catalog: Catalog, jurisdiction: str, as_of: str = "2023-09-30") -> set[tuple[str, str]]:
    answer = catalog.ask("unmet-obligations", {"jurisdiction": jurisdiction, "as_of": as_of})
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows()]
    return {(str(r["instrument"]), str(r["bound_from"])) for r in rows if r["kind"] == "unmet obligation"}


def parties(catalog: Catalog, instrument: str, as_of: str) -> set[str]:
    answer = catalog.ask("parties", {"instrument": instrument, "as_of": as_of})
    return {str(row[0]).removeprefix(f"{names.BASE}id/jurisdiction/") for row in answer.rows()}


@pytest.fixture
def spoilt(data_copy: Path) -> Catalog:
    """Return the catalogue over data with every made-up case in it, each on a state of its own."""
    reservations = [
        # San Marino reserves the whole article on Budapest 9, and so all within it.
        ("budapest", "SMR", "2", "art_9", {"date": "2019-03-08", "extent": "whole"}),
        # Tunisia withdrew a whole reservation on Lanzarote 20(1)(e).
        ("lanzarote", "TUN", "1", "art_20/par_1/pnt_e", {"date": "2019-10-15", "withdrawn": "2022-01-01", "extent": "whole"}),
        # Rwanda reserves only after the findings: until then the duty was there.
        ("malabo", "RWA", "1", "art_29/par_3/subpar_1/pnt_c", {"date": "2024-01-01", "extent": "whole"}),
    ]
    for instrument, code, item, path, more in reservations:
        key = {"instrument": instrument, "jurisdiction": code, "item": item}
        edit(data_copy, "reservations", lambda rows, new=RESERVATION | key | more: [*rows, new])  # type: ignore[misc]
        edit(data_copy, "reservation_provisions", lambda rows, new=key | {"path": path, "source": "tutela"}: [*rows, new])  # type: ignore[misc]
    acts = [
        # Russia left Lanzarote and came back.
        action("lanzarote", "RUS", 8, "denunciation", date="2015-01-05", entry_into_force="2015-05-01", effect_basis="stated"),
        action("lanzarote", "RUS", 9, "accession", date="2018-01-05", entry_into_force="2018-05-01", effect_basis="stated"),
        # The Netherlands left the Optional Protocol, and Macau was kept out of it later.
        action("opsc", "NLD", 8, "denunciation", date="2020-01-05", entry_into_force="2021-01-05", effect_basis="stated"),
        action("opsc", "MAC", 8, "territorial-exclusion", date="2020-06-01"),
    ]
    edit(data_copy, "actions", lambda rows: [*rows, *acts])

    def austria(rows: list[tables.Row]) -> list[tables.Row]:
        for row in rows:
            if (row["organisation"], row["jurisdiction"]) == ("eu", "AUT"):
                row["to"] = "2016-01-01"
            if (row["organisation"], row["jurisdiction"]) == ("eu", "SWE"):
                row["to"] = "2008-01-01"
        again = {"organisation": "eu", "jurisdiction": "AUT", "item": "2", "from": "2020-01-01", "to": "", "not_after": ""}
        return [*rows, again | {"source": "tutela", "confidence": "listed"}]

    edit(data_copy, "memberships", austria)

    def croatia(rows: list[tables.Row]) -> None:
        for row in rows:
            if (row["instrument"], row["jurisdiction"], row["action"]) == ("crc", "HRV", "succession"):
                row["date"], row["year"] = "", "1992"

    edit(data_copy, "actions", croatia)
    return asked(data_copy)


def test_the_rules_hold_on_made_up_cases(spoilt: Catalog) -> None:
    assert unmet(spoilt, "SMR") == {("lanzarote", "2010-07-01")}, "a whole reservation to the article lifts its points"
    assert unmet(spoilt, "TUN") == {("lanzarote", "2022-01-01")}, "a withdrawn one lifts until it was withdrawn"
    assert unmet(spoilt, "RWA") == {("malabo", "2023-06-08")}, "one made later does not reach back"
    assert unmet(spoilt, "RWA", "2024-02-01") == set()
    assert unmet(spoilt, "RUS") == {("lanzarote", "2018-05-01")}, "the duty begins anew on coming back"
    for as_of, bound in (("2014-01-01", True), ("2016-01-01", False), ("2019-01-01", True)):
        assert ("RUS" in parties(spoilt, "lanzarote", as_of)) is bound
        assert (
            "AUT" in parties(spoilt, "dir-2011-93", {"2016-01-01": "2017-01-01", "2019-01-01": "2021-01-01"}.get(as_of, as_of))
        ) is bound
    assert "SWE" not in parties(spoilt, "fd-2004-68", "2009-01-01"), "the earlier of leaving and the end of the act"
    assert "HRV" in parties(spoilt, "crc", "1993-01-01"), "a succession known by its year counts from the last day of it"
    ends = {}
    for code in ("ABW", "MAC"):
        answer = spoilt.ask("bound-by", {"jurisdiction": code, "as_of": "2023-09-30"})
        [row] = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows() if row[2] == "opsc"]
        ends[code] = (row["state"], row["bound_until"])
    assert ends == {"ABW": ("bound before", "2021-01-05"), "MAC": ("bound before", "2020-06-01")}

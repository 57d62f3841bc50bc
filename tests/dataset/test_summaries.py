"""Summaries of provisions and national law, and discrepancies, compared with the texts that they describe."""

import re
from pathlib import Path

import pytest

from tests.conftest import SHARED, skip_or_fail
from tests.unit.test_icmec_report import report_words
from tutela import paths
from tutela.importers.icmec_report import transcribe
from tutela.tables import read_rows

TEXTS = ("crc", "opsc", "c182", "budapest", "lanzarote")


def text(slug: str) -> str:
    path = SHARED / "sources" / "texts" / f"{slug}.en.md"
    if not path.is_file():
        skip_or_fail(f"{slug}.en.md is not at ../shared/sources/texts")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", TEXTS)
def test_every_article_that_was_read_is_in_the_text(slug: str) -> None:
    articles = dict(re.findall(r"### Article +(\d+)\b(.*?)(?=### Article|\Z)", text(slug), re.DOTALL))
    provisions = [
        row for row in read_rows(paths.table_files()["provisions"]) if row["instrument"] == slug and row["read_from"] == "text"
    ]
    assert provisions
    for row in provisions:
        parts = row["path"].split("/")
        body = articles[parts[0].removeprefix("art_")]
        for part in parts[1:]:
            kind, number = part.split("_")
            pattern = rf"^\W*{number}\b" if kind == "par" else rf"(?:^|[\s(]){number}\)"
            assert re.search(pattern, body, re.MULTILINE), row["path"]


def test_summaries_do_not_copy_the_texts() -> None:
    source = report_words("\n".join(text(slug) for slug in TEXTS))
    for name in (
        "provisions",
        "openness",
        "note_citations",
        "national_provisions",
        "model_topics",
        "model_recommendations",
        "implementation",
    ):
        for row in read_rows(paths.table_files()[name]):
            assert not report_words(row["summary"]) & source, row


def test_summaries_of_treaties_do_not_copy_the_texts_read_since() -> None:
    names: tuple[str, ...] = (
        "acrwc",
        "dir-2011-93",
        "dir-2016-680",
        "dir-95-46",
        "dsa",
        "eprivacy-2009",
        "eu-charter",
        "gdpr",
        "malabo",
    )
    names += ("ai-act.consolidated-2026-07-27", "reg-2021-1232")
    folder = SHARED / "sources" / "texts"
    if not (folder / "malabo.txt").is_file():
        skip_or_fail("the texts are not at ../shared/sources/texts")
    # The lines that begin with # say where a text comes from.
    texts = [re.sub(r"(?m)^#.*$", "", (folder / f"{name}.txt").read_text(encoding="utf-8")) for name in names]
    source = report_words("\n".join(texts))
    for name in ("provisions", "openness"):
        for row in read_rows(paths.table_files()[name]):
            assert not report_words(row["summary"]) & source, row


def test_every_national_provision_is_cited_by_its_note(report: Path) -> None:
    texts = transcribe(report, 10, paths.table_files()["jurisdictions"]).note_texts
    laws = {(r["jurisdiction"], r["slug"]): r for r in read_rows(paths.table_files()["national_laws"])}
    for row in read_rows(paths.table_files()["note_citations"]):
        note = re.sub(r"[*’]", lambda m: "" if m[0] == "*" else "'", texts[int(row["note"])])
        for number in re.findall(r"\d+", row["label"]):
            assert re.search(rf"\b{number}", note), row
        law = laws[row["jurisdiction"], row["law"]]
        if law["source"] == "icmec-10" and law["year"]:  # only the note gives it
            assert law["year"] in note, row


def test_every_note_that_quotes_wording_cites_its_law() -> None:
    cited = {row["note"] for row in read_rows(paths.table_files()["note_citations"])}
    kinds = read_rows(paths.table_files()["note_kinds"])
    with_wording = {row["number"] for row in kinds if row["kind"] == "technology-neutral-wording"}
    assert with_wording - cited == {"267"}, "the note on Hong Kong, Macau and Taiwan names no statute"


def test_party_counts_are_on_the_lines_that_the_table_cites(report: Path) -> None:
    lines = report.read_text(encoding="utf-8").splitlines()
    for row in read_rows(paths.table_files()["party_counts"]):
        line = lines[int(row["line"]) - 1]
        if row["instrument"] == "lanzarote":
            assert "46 Member States and 2 Non-member States have ratified" in line
        else:
            assert re.search(rf"\b{row['parties']}\b", line), row
        if row["signed_only"]:
            assert re.search(rf"\b{row['signed_only']} other", line), row


def test_the_model_legislation_has_its_parts_topics_and_recommendations(report: Path) -> None:
    lines = report.read_text(encoding="utf-8").splitlines()
    topics = read_rows(paths.table_files()["model_topics"])
    recommendations = read_rows(paths.table_files()["model_recommendations"])
    assert len(topics) == 13
    assert all(f"({row['number']}) " in lines[int(row["line"]) - 1] for row in topics)
    per_part = [sum(r["part"] == part["slug"] for r in recommendations) for part in read_rows(paths.table_files()["model_parts"])]
    assert sorted(per_part) == sorted([2, 7, 4, 3, 3, 0])
    assert len({row["criterion"] for row in recommendations if row["criterion"]}) == 5


def test_known_discrepancies_are_recorded() -> None:
    recorded = " ".join(f"{r['slug']} {r['about']}" for r in read_rows(paths.table_files()["discrepancies"]))
    for subject in ("crc-entry-into-force", "malabo-in-force", "luxembourg", "model-law-parts", "arab-convention", "directive-number",
                 "directive-entry", "lanzarote-year", "budapest-series", "eprivacy-replaced", "eprivacy-articles", "budapest-9",
                 "budapest-16", "lanzarote-21", "directive-11", "opsc-3-4", "directive-25", "african-charter", "opsc-3-1-c"):  # fmt: skip
        assert subject in recorded

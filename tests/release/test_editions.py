"""Editions: the current one is the latest published one, and no answer mixes two of them."""

import re
from pathlib import Path

import pytest

from tests.release.test_build import edit
from tests.release.test_derive import derived_catalog
from tutela.catalog.catalog import Catalog
from tutela.tables import Row

# These list editions, or count everything that the graph contains.
ABOUT_ALL_EDITIONS = {"editions", "contents", "sources", "source-statements", "source-subjects"}
# Tables with a column for the edition whose rows are copied for the made-up edition.
COPIED = (
    "observations", "place_observations", "notes", "note_kinds", "note_readings", "note_wordings", "note_citations", "correspondence",
)  # fmt: skip


def another_edition(folder: Path, status: str, change: bool = False) -> None:
    """Add an 11th edition that repeats the 10th with all its notes, or says the opposite of each finding."""
    for name in COPIED:

        def repeat(rows: list[Row]) -> list[Row]:
            return [
                *rows,
                *(
                    {**row, "edition": "11"}
                    | ({"met": "false" if row["met"] == "true" else "true"} if change and "met" in row else {})
                    for row in rows
                ),
            ]

        edit(folder, name, repeat)
    edition = {"number": "11", "status": status, "published": "", "findings_as_of": "2023-09-30", "jurisdictions_reviewed": "", "note": "", "source": "tutela", "line": ""}  # fmt: skip
    edit(folder, "editions", lambda rows: [*rows, edition])


def answers(catalog: Catalog) -> dict[str, str]:
    """Return the answer to each query with default values; required parameters have their example values."""
    return {
        query.name: catalog.run(query.name, {p.name: p.example for p in query.parameters if p.default is None})
        .serialize("csv")
        .decode()
        for query in catalog.queries.values()
        if query.name not in ABOUT_ALL_EDITIONS
    }


def test_every_query_over_findings_is_about_one_edition(catalog: Catalog) -> None:
    """It has a parameter for the edition, restricts itself to the current one, or says in each row which one the row is about."""
    of_an_edition = "PREFIX tutela: <https://w3id.org/tutela/ontology#> SELECT DISTINCT ?class WHERE { ?any a ?class ; tutela:edition ?edition }"
    classes = {str(row[0]) for row in catalog.store.query(of_an_edition).rows()}
    assert {"Observation", "UnmetObligation", "Note"} <= {name.rpartition("#")[2] for name in classes}
    about = [
        query for query in catalog.queries.values() if classes & set(query.evidence) and query.name not in ABOUT_ALL_EDITIONS
    ]
    mixed = [
        query.name
        for query in about
        if all(one.type != "edition" for one in query.parameters)
        and "tutela:currentEdition" not in query.file.text
        and "edition" not in query.columns
    ]
    assert len(about) > 40 and mixed == []


@pytest.fixture(scope="module")
def present(catalog: Catalog) -> dict[str, str]:
    """Return the answers to all queries about an edition."""
    return answers(catalog)


def test_a_draft_changes_no_answer_about_the_published_edition(present: dict[str, str], data_copy: Path) -> None:
    another_edition(data_copy, "draft", change=True)
    found, expected = answers(derived_catalog(data_copy)), present
    assert [name for name in expected if found[name] != expected[name]] == []


def test_a_published_edition_replaces_the_one_before(catalog: Catalog, present: dict[str, str], data_copy: Path) -> None:
    """It repeats all findings and notes, so each answer is the same except for the number of the edition."""
    another_edition(data_copy, "published")
    later = derived_catalog(data_copy)
    assert (catalog.current_edition(), later.current_edition()) == ("10", "11")
    # The totals of an edition are those that the report states.
    found, expected = answers(later), {name: answer for name, answer in present.items() if name != "edition-totals"}
    assert [name for name in expected if as_tenth(found[name]) != as_tenth(expected[name])] == []
    assert later.run("findings", {}).serialize("csv") == later.run("findings", {"edition": "current-edition"}).serialize("csv")


def as_tenth(answer: str) -> str:
    return re.sub(r"(?<=[,/ =])11(?=[,/:])", "10", answer)

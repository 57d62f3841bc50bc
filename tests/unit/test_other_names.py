"""The importer of other names keeps what is there, and adds only names that the tables do not have."""

from tutela.importers.other_names import merge
from tutela.tables import Row


def row(term: str, item: str = "", source: str = "unterm", language: str = "en") -> Row:
    return {
        "concept": "jurisdiction/KEN", "language": language, "item": item, "term": term, "kind": "formal-name", "url": "", "note": "",
        "seen": "", "source": source,
    }  # fmt: skip


NAMES = [{"jurisdiction": "KEN", "language": "es", "name": "Kenia", "source": "cldr-babel"}]
PLACES = [{"code": "KEN", "report_name": "Kenya"}]


def merged(existing: list[Row], new: list[Row]) -> list[tuple[str, str]]:
    return [(one["term"], one["item"]) for one in merge(existing, NAMES, PLACES, new)]


def test_rows_of_other_sources_and_their_numbers_stay() -> None:
    existing = [row("Kenya Colony", "1", "search-terms"), row("Republic of Kenya", "2")]
    assert merged(existing, [row("Republic of Kenya")]) == [("Kenya Colony", "1"), ("Republic of Kenya", "2")]


def test_a_name_that_the_source_no_longer_has_goes_and_its_number_is_not_used_again() -> None:
    assert merged([row("Republic of Kenya", "1")], [row("Kenya Republic")]) == [("Kenya Republic", "2")]


def test_names_that_are_there_are_left_out() -> None:
    assert merged(
        [row("KENYA COLONY", "1", "search-terms")], [row("Kenia", language="es"), row("kenya"), row("Kenya Colony")]
    ) == [("KENYA COLONY", "1")]

"""Answers of the catalogue for a report, with the sources of all of them."""

from collections.abc import Iterable

from tutela import namespaces
from tutela.catalog import Catalog, provenance
from tutela.reports.document import Items, Link
from tutela.reports.words import day
from tutela.sparql.query_file import page_query

Row = dict[str, str]


class Answers:
    """Runs catalogue queries, and remembers them for the list of sources.

    Args:
        catalog: the catalogue.
        release: the version of the release that it is over.

    """

    def __init__(self, catalog: Catalog, release: str) -> None:
        self.catalog = catalog
        self.release = release
        self._asked: dict[tuple[str, tuple[tuple[str, str], ...]], None] = {}

    def rows(self, query: str, **values: str) -> list[Row]:
        """Return the rows of an answer; a missing value is an empty text.

        Raises:
            InvalidValuesError: a value is not valid; see `Catalog.run`.

        """
        self._asked[query, tuple(sorted(values.items()))] = None
        return list(self.catalog.run(query, values).records())

    def names(self, parameter_type: str) -> dict[str, str]:
        """Return the label of each value of a parameter type."""
        return {item.value: item.label for item in self.catalog.allowed_values(parameter_type)}

    def concepts(self) -> dict[str, str]:
        """Return the label of each concept by the end of its IRI, such as ``strength/requires``."""
        rows = (row.values() for row in self.catalog.store.query(page_query("concepts").text).records())
        return {namespaces.strip_base(iri).removeprefix("id/"): label for iri, label, _ in rows}

    def edition(self, number: str) -> Row:
        """Return the row of an edition; see the query `editions`."""
        [row] = [row for row in self.rows("editions") if row["number"] == number]
        return row

    def sources(self) -> Items:
        """Return the sources of all answers so far, by title."""
        found = (source for query, values in self._asked for source in provenance.of_query(self.catalog, query, dict(values)))
        return _list(found)

    def sources_of(self, resources: Iterable[str]) -> Items:
        """Return the sources of resources, by title; sooner than `sources`, which finds out what answers are based on."""
        return _list(provenance.of_resources(self.catalog.store, resources))


def _list(sources: Iterable[provenance.Source]) -> Items:
    """Return sources as a list, once each and by title."""
    found = {source["source"]: source for source in sources}
    lines = []
    for source in sorted(found.values(), key=lambda one: (one["title"], one["source"])):
        dated = f", as of {day(source['as_of'])}" if source.get("as_of") else ""
        title = Link(source["title"], source.get("address", ""))
        lines.append((title, f" ({source['publisher']}{dated})" if source.get("publisher") else dated))
    return Items(tuple(lines))

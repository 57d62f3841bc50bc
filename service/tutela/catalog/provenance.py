"""The sources of an answer: of the statements that it is made from (PROV-O)."""

import re
from collections.abc import Iterable, Mapping

from tutela import namespaces
from tutela.catalog.catalog import Catalog
from tutela.settings import MAX_PROVENANCE_RESOURCES
from tutela.sparql import Store
from tutela.sparql.binding import bind_iris
from tutela.sparql.query_file import page_query

Source = dict[str, str]
_OWN_RESOURCE = re.compile(rf"{re.escape(namespaces.BASE)}id/[A-Za-z0-9._/-]+", re.ASCII)


def of_query(catalog: Catalog, name: str, values: Mapping[str, str]) -> list[Source]:
    """Return the sources of the answer to a catalogue query, the source of most statements first.

    Args:
        catalog: the catalogue, over the store that answered.
        name: name of the query.
        values: text of each parameter.

    Raises:
        UsageError: see `Catalog.run`.

    """
    text = bind_iris(page_query("evidence").text, "class", catalog.query(name).evidence)
    text = bind_iris(text, "resource", catalog.resources(name, values))
    return of_resources(catalog.store, (str(iri) for (iri,) in catalog.store.query(text).rows()))


def of_resources(store: Store, resources: Iterable[str]) -> list[Source]:
    """Return the sources of resources; other IRIs and literals have none."""
    known = list(dict.fromkeys(iri for iri in resources if _OWN_RESOURCE.fullmatch(iri)))[:MAX_PROVENANCE_RESOURCES]
    if not known:
        return []
    records = store.query(bind_iris(page_query("sources").text, "resource", known)).records()
    return [{key: value for key, value in record.items() if value} for record in records]

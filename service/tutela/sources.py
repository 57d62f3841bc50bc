"""What an answer rests on: the statements behind it, and the sources they were taken from."""

import re
from collections.abc import Iterable, Mapping

from tutela import header, names, paths
from tutela.catalog import Catalog, with_iris
from tutela.store import Store

Source = dict[str, str]
# More resources than this would make a query that no engine likes; what an answer rests on shows long before.
_BOUND = 2500
_OURS = re.compile(rf"{re.escape(names.BASE)}id/[A-Za-z0-9._/-]+", re.ASCII)


def of_question(catalog: Catalog, name: str, values: Mapping[str, str]) -> list[Source]:
    """Return the sources of an answer of the catalogue, those of the most statements first.

    Args:
        catalog: the catalogue, over the store that answered.
        name: the question's.
        values: the text of each parameter given.

    Raises:
        UsageError: see `Catalog.ask`.

    """
    text = with_iris(_text("evidence"), "class", catalog.question(name).rests_on)
    text = with_iris(text, "resource", catalog.resources(name, values))
    return of_resources(catalog.store, (str(iri) for (iri,) in catalog.store.query(text).rows()))


def of_resources(store: Store, resources: Iterable[str]) -> list[Source]:
    """Return the sources of resources; what is no resource of ours has none."""
    ours = list(dict.fromkeys(iri for iri in resources if _OURS.fullmatch(iri)))[:_BOUND]
    if not ours:
        return []
    answer = store.query(with_iris(_text("sources"), "resource", ours))
    columns = answer.columns
    return [{key: value for key, value in zip(columns, row, strict=True) if value is not None} for row in answer.rows()]


def _text(name: str) -> str:
    return header.read(paths.QUERIES / "pages" / f"{name}.rq").text

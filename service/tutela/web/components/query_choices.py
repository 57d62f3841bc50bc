"""Catalogue queries for people: labels of their parameters, choices by name instead of code, and a filter of the list."""

import re
from collections.abc import Iterable, Mapping, Sequence

from tutela.catalog import Catalog, CatalogQuery, ParameterValue
from tutela.search.text_folding import fold

# A parameter has the same meaning in all queries that have it.
LABELS = {
    "around": "Country or territory",
    "as_of": "As of",
    "criterion": "Criterion",
    "edition": "Edition of the review",
    "instrument": "Treaty or other instrument",
    "jurisdiction": "Country or territory",
    "kind": "Kind of note",
    "law": "National law",
    "of_instrument": "Treaty or other instrument",
    "of_jurisdiction": "Country or territory",
    "organisation": "Organisation",
    "provision": "Article of the instrument",
    "rating": "Rating",
    "recommendation": "Recommendation of the model legislation",
    "region": "Region",
    "since": "Changes after",
    "source": "Source",
    "topic": "Topic",
}
# The topics in the order of the list; another one follows.
_TOPICS = (
    "findings", "participation", "obligations", "instruments", "model-legislation", "national-law", "changes", "assessments",
    "sources",
)  # fmt: skip
_ALL = ("001", "all")  # values that leave nothing out
_NUMBERS = re.compile(r"([0-9]+)")


def label(parameter: str) -> str:
    """Return the label of a parameter: a word that people know."""
    return LABELS.get(parameter, parameter.replace("_", " ").capitalize())


def choices(catalog: Catalog, parameter_type: str) -> list[tuple[str, str]]:
    """Return the values of a parameter type with a name for each, in the order in which people look for them."""
    allowed = catalog.allowed_values(parameter_type)
    match parameter_type:
        case "edition":
            return [(one.value, one.label.capitalize()) for one in sorted(allowed, key=lambda one: -int(one.value))]
        case "provision":
            named = ((one.value, f"Article {one.label}" if one.value.startswith("art_") else one.label) for one in allowed)
            return sorted(named, key=lambda pair: _natural(pair[1]))
        case "law":
            return _laws(allowed, {one.value: one.label for one in catalog.allowed_values("jurisdiction")})
        case "area" | "jurisdiction-or-all" | "instrument-or-all":  # the world or all, then the others
            first, others = [one for one in allowed if one.value in _ALL], [one for one in allowed if one.value not in _ALL]
            return [*_by_name(first), *_by_name(others)]
    return _by_name(allowed)


def _by_name(allowed: Iterable[ParameterValue]) -> list[tuple[str, str]]:
    named = ((one.value, one.label[:1].upper() + one.label[1:]) for one in allowed)
    return sorted(named, key=lambda pair: fold(pair[1]))


def _laws(allowed: Iterable[ParameterValue], names: Mapping[str, str]) -> list[tuple[str, str]]:
    found = []
    for one in allowed:
        code = one.value.partition("/")[0]
        found.append((one.value, f"{names.get(code, code)}: {one.label.removesuffix(f' ({code})')}"))
    return sorted(found, key=lambda pair: fold(pair[1]))


def _natural(text: str) -> list[str | int]:
    return [int(part) if part.isdecimal() else part for part in _NUMBERS.split(text)]


def matching(queries: Iterable[CatalogQuery], text: str) -> list[CatalogQuery]:
    """Return the queries that have all words of a text in their title, summary, name, topic or parameters."""
    wanted = fold(text).split()
    return [query for query in queries if all(word in _searched(query) for word in wanted)]


def _searched(query: CatalogQuery) -> str:
    parameters = [label(parameter.name) for parameter in query.parameters]
    return fold(" ".join([query.title, query.summary, query.name, query.topic, *parameters]))


def by_topic(queries: Sequence[CatalogQuery]) -> dict[str, list[CatalogQuery]]:
    """Group queries by topic."""
    topics: dict[str, list[CatalogQuery]] = {}
    for query in sorted(queries, key=lambda query: _TOPICS.index(query.topic) if query.topic in _TOPICS else len(_TOPICS)):
        topics.setdefault(query.topic, []).append(query)
    return topics

"""The codes of the concept schemes in ``ontology/schemes/``, which tables use, with their labels (SKOS)."""

from pathlib import Path
from typing import Any

from tutela.errors import TutelaError
from tutela.namespaces import PREFIXES
from tutela.sparql.rdf import parse_triples

_SKOS = PREFIXES["skos"]


def read_vocabularies(folder: Path) -> dict[str, dict[str, str]]:
    """Return the English label of each code, by the local name of its scheme.

    Args:
        folder: the ontology.

    Raises:
        TutelaError: a file is not valid Turtle.

    """
    notations: dict[str, str] = {}
    labels: dict[str, str] = {}
    schemes: list[tuple[str, str]] = []
    triple: Any
    for path in sorted(folder.glob("schemes/*.ttl")):
        try:
            triples = parse_triples(path.read_bytes(), "turtle")
        except TutelaError as error:
            raise TutelaError(f"{path}: {error}") from error
        for triple in triples:
            subject, predicate = triple.subject.value, triple.predicate.value
            if predicate == f"{_SKOS}notation":
                notations[subject] = triple.object.value
            elif predicate == f"{_SKOS}prefLabel" and triple.object.language == "en":
                labels[subject] = triple.object.value
            elif predicate == f"{_SKOS}inScheme":
                schemes.append((triple.object.value.rsplit("/", 1)[-1], subject))
    vocabularies: dict[str, dict[str, str]] = {}
    for scheme, concept in sorted(schemes):
        if concept in notations:
            vocabularies.setdefault(scheme, {})[notations[concept]] = labels.get(concept, "")
    return vocabularies

"""RDF prepared for pages: the label, link and value of each term."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tutela import namespaces, paths
from tutela.sparql.rdf import Triples
from tutela.web.markup import long_date, web_link

RESOURCE = f"{namespaces.BASE}id/"
TYPE = f"{namespaces.RDF}type"
LABELS = (
    f"{namespaces.PREFIXES['rdfs']}label",
    f"{namespaces.PREFIXES['skos']}prefLabel",
    f"{namespaces.PREFIXES['dcterms']}title",
)
LEADS = (f"{namespaces.PREFIXES['skos']}definition", f"{namespaces.SH}message", f"{namespaces.PREFIXES['dcterms']}description")
IN_SCHEME = f"{namespaces.PREFIXES['skos']}inScheme"
# Properties that a list of terms shows in another column or not at all.
_OMITTED = {
    TYPE,
    *LABELS,
    *LEADS,
    IN_SCHEME,
    f"{namespaces.PREFIXES['rdfs']}isDefinedBy",
    f"{namespaces.PREFIXES['skos']}topConceptOf",
}


@dataclass(frozen=True)
class DisplayTerm:
    """A term as a page shows it.

    Args:
        text: its text.
        href: its link, if it has one.
        language: its language, if it has one.
        day: the text as in the data, if it is a date.

    """

    text: str
    href: str | None = None
    language: str | None = None
    day: str | None = None


class ResourceView:
    """Triples prepared for a page.

    Args:
        triples: the triples.
        root: path where the application is mounted.

    """

    def __init__(self, triples: Triples, root: str) -> None:
        self.root = root
        self.statements: dict[str, list[Any]] = defaultdict(list)
        self.references: dict[str, list[Any]] = defaultdict(list)
        self.labels: dict[str, DisplayTerm] = {}
        ranks: dict[str, tuple[int, int]] = {}
        for triple in triples:
            subject, link, value = triple.subject.value, triple.predicate.value, triple.object
            self.statements[subject].append(triple)
            if not hasattr(value, "datatype"):
                self.references[value.value].append(triple)
            elif link in LABELS:
                # English first, then labels without a language, then others; a label before a title.
                rank = ({"en": 0, None: 1}.get(value.language, 2), LABELS.index(link))
                if rank < ranks.get(subject, (9, 9)):
                    ranks[subject], self.labels[subject] = rank, DisplayTerm(value.value, language=value.language)

    def href(self, iri: str) -> str | None:
        """Return the link of an IRI: a page of this service for the project's IRIs, the IRI itself for other URLs."""
        if iri.startswith(RESOURCE):
            return f"{self.root}/doc/{iri.removeprefix(RESOURCE)}"
        if iri.startswith(namespaces.BASE):
            return f"{self.root}/{namespaces.strip_base(iri)}"
        return web_link(iri)

    def label_of(self, iri: str) -> DisplayTerm:
        """Return an IRI with its label, or its short form if it has none."""
        label = self.labels.get(iri)
        return DisplayTerm(label.text if label else short_form(iri), self.href(iri), label.language if label else None)

    def display(self, term: Any) -> list[DisplayTerm]:
        """Return a value; a blank node, which only shapes have, as its content."""
        if hasattr(term, "datatype"):
            return [self._literal(term)]
        if not str(term).startswith("_:"):
            return [self.label_of(term.value)]
        parts = {triple.predicate.value: triple.object for triple in self.statements[term.value]}
        if f"{namespaces.RDF}first" in parts:
            rest = parts[f"{namespaces.RDF}rest"]
            return self.display(parts[f"{namespaces.RDF}first"]) + (self.display(rest) if str(rest).startswith("_:") else [])
        return [DisplayTerm(f"{short_form(link)} {self.display(value)[0].text}") for link, value in sorted(parts.items())]

    def _literal(self, term: Any) -> DisplayTerm:
        kind = term.datatype.value.removeprefix(namespaces.XSD)
        if kind == "boolean":
            return DisplayTerm({"true": "yes", "false": "no"}.get(term.value, term.value))
        if kind in ("date", "dateTime", "gYear", "gYearMonth"):
            return DisplayTerm(long_date(term.value), day=term.value)
        return DisplayTerm(term.value, href=web_link(term.value) if kind == "anyURI" else None, language=term.language)

    def types(self, subject: str) -> list[DisplayTerm]:
        """Return the classes of a resource."""
        return [self.label_of(triple.object.value) for triple in self.statements[subject] if triple.predicate.value == TYPE]

    def table(self, subject: str, without: Iterable[str] = (TYPE,)) -> list[tuple[DisplayTerm, list[DisplayTerm]]]:
        """Return the properties of a resource with their values, sorted."""
        triples = [triple for triple in self.statements[subject] if triple.predicate.value not in without]
        return self._rows((triple.predicate.value, shown) for triple in triples for shown in self.display(triple.object))

    def incoming(self, iri: str) -> list[tuple[DisplayTerm, list[DisplayTerm]]]:
        """Return the resources that refer to a resource, by property."""
        return self._rows((triple.predicate.value, self.label_of(triple.subject.value)) for triple in self.references[iri])

    def _rows(self, pairs: Iterable[tuple[str, DisplayTerm]]) -> list[tuple[DisplayTerm, list[DisplayTerm]]]:
        values: dict[str, list[DisplayTerm]] = defaultdict(list)
        for link, value in pairs:
            values[link].append(value)
        rows = [(self.label_of(link), sorted(found, key=_natural)) for link, found in values.items()]
        return sorted(rows, key=lambda row: _natural(row[0]))

    def term(self, iri: str) -> dict[str, Any]:
        """Return an entry for a list of terms."""
        lead = next((t.object for link in LEADS for t in self.statements[iri] if t.predicate.value == link), None)
        return {
            "anchor": re.split(r"[#/]", iri)[-1],
            "name": short_form(iri),
            "label": self.labels.get(iri),
            "href": self.href(iri) if iri.startswith(RESOURCE) else None,
            "lead": self._literal(lead) if lead else None,
            "types": self.types(iri),
            "table": self.table(iri, _OMITTED),
        }

    def terms(self, iris: Iterable[str]) -> list[dict[str, Any]]:
        """Return entries for a list of terms, sorted by anchor."""
        return sorted((self.term(iri) for iri in iris), key=lambda term: _natural(DisplayTerm(term["anchor"])))


def short_form(iri: str) -> str:
    """Return a short form of an IRI: the file and key of a table row, a prefixed name, or the IRI without the base."""
    row = namespaces.parse_row_iri(iri)
    if row is not None:
        return paths.row_location(*row)
    for prefix, space in namespaces.PREFIXES.items():
        if iri.startswith(space) and re.fullmatch(r"[\w.-]+", iri.removeprefix(space)):
            return f"{prefix}:{iri.removeprefix(space)}"
    return namespaces.strip_base(iri)


def _natural(shown: DisplayTerm) -> list[str | int]:
    # Sorts article 10 after article 9.
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", shown.text.casefold())]

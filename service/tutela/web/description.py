"""A description read for people: what to show of each resource, in which words, leading where."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tutela import names

Triples = Sequence[Any]  # the engine's own; `tutela.store` alone knows their class

THING = f"{names.BASE}id/"
TYPE = f"{names.RDF}type"
LABELS = (f"{names.PREFIXES['rdfs']}label", f"{names.PREFIXES['skos']}prefLabel", f"{names.PREFIXES['dcterms']}title")
LEADS = (f"{names.PREFIXES['skos']}definition", f"{names.SH}message", f"{names.PREFIXES['dcterms']}description")
IN_SCHEME = f"{names.PREFIXES['skos']}inScheme"
# What a list of terms need not say of each.
_PLAIN = {TYPE, *LABELS, *LEADS, IN_SCHEME, f"{names.PREFIXES['rdfs']}isDefinedBy", f"{names.PREFIXES['skos']}topConceptOf"}


@dataclass(frozen=True)
class Shown:
    """A term as people see it: its text, and perhaps where it leads, its language, its machine form if it is a day."""

    text: str
    href: str | None = None
    language: str | None = None
    day: str | None = None


class Reader:
    """Triples made ready for a page: labels, links and values. ``root`` is where the application is mounted."""

    def __init__(self, triples: Triples, root: str) -> None:
        self.root = root
        self.statements: dict[str, list[Any]] = defaultdict(list)
        self.pointing: dict[str, list[Any]] = defaultdict(list)
        self.labels: dict[str, Shown] = {}
        ranks: dict[str, tuple[int, int]] = {}
        for triple in triples:
            subject, link, value = triple.subject.value, triple.predicate.value, triple.object
            self.statements[subject].append(triple)
            if not hasattr(value, "datatype"):
                self.pointing[value.value].append(triple)
            elif link in LABELS:
                # English before what has no language before any other; a label before a title.
                rank = ({"en": 0, None: 1}.get(value.language, 2), LABELS.index(link))
                if rank < ranks.get(subject, (9, 9)):
                    ranks[subject], self.labels[subject] = rank, Shown(value.value, language=value.language)

    def address(self, iri: str) -> str | None:
        """Return where an IRI leads: to this service if it is ours, elsewhere if it is of the web, nowhere else."""
        if iri.startswith(THING):
            return f"{self.root}/doc/{iri.removeprefix(THING)}"
        if iri.startswith(names.BASE):
            return f"{self.root}/{names.short(iri)}"
        return iri if iri.startswith(("http://", "https://")) else None

    def named(self, iri: str) -> Shown:
        """Return an IRI by its label, else as a prefixed name or what is short."""
        label = self.labels.get(iri)
        return Shown(label.text if label else short(iri), self.address(iri), label.language if label else None)

    def shown(self, term: Any) -> list[Shown]:
        """Return a value; a blank node, which only shapes have, as what it holds."""
        if hasattr(term, "datatype"):
            return [self._literal(term)]
        if not str(term).startswith("_:"):
            return [self.named(term.value)]
        parts = {triple.predicate.value: triple.object for triple in self.statements[term.value]}
        if f"{names.RDF}first" in parts:
            rest = parts[f"{names.RDF}rest"]
            return self.shown(parts[f"{names.RDF}first"]) + (self.shown(rest) if str(rest).startswith("_:") else [])
        return [Shown(f"{short(link)} {self.shown(value)[0].text}") for link, value in sorted(parts.items())]

    def _literal(self, term: Any) -> Shown:
        kind = term.datatype.value.removeprefix(names.XSD)
        if kind == "boolean":
            return Shown({"true": "yes", "false": "no"}.get(term.value, term.value))
        if kind == "date":
            try:
                day = date.fromisoformat(term.value)
            except ValueError:  # with a time zone, or before the year 1
                return Shown(term.value)
            return Shown(f"{day.day} {day:%B %Y}", day=term.value)
        link = kind == "anyURI" and term.value.startswith(("http://", "https://"))
        return Shown(term.value, href=term.value if link else None, language=term.language)

    def types(self, subject: str) -> list[Shown]:
        """Return the classes of a resource."""
        return [self.named(triple.object.value) for triple in self.statements[subject] if triple.predicate.value == TYPE]

    def table(self, subject: str, without: Iterable[str] = (TYPE,)) -> list[tuple[Shown, list[Shown]]]:
        """Return the properties of a resource with their values, both in order."""
        triples = [triple for triple in self.statements[subject] if triple.predicate.value not in without]
        return self._rows((triple.predicate.value, shown) for triple in triples for shown in self.shown(triple.object))

    def pointers(self, iri: str) -> list[tuple[Shown, list[Shown]]]:
        """Return what points at a resource, by property."""
        return self._rows((triple.predicate.value, self.named(triple.subject.value)) for triple in self.pointing[iri])

    def _rows(self, pairs: Iterable[tuple[str, Shown]]) -> list[tuple[Shown, list[Shown]]]:
        values: dict[str, list[Shown]] = defaultdict(list)
        for link, value in pairs:
            values[link].append(value)
        rows = [(self.named(link), sorted(found, key=_natural)) for link, found in values.items()]
        return sorted(rows, key=lambda row: _natural(row[0]))

    def term(self, iri: str) -> dict[str, Any]:
        """Return a term for a list of terms: its anchor, names, definition and the rest."""
        lead = next((t.object for link in LEADS for t in self.statements[iri] if t.predicate.value == link), None)
        return {
            "anchor": re.split(r"[#/]", iri)[-1],
            "name": short(iri),
            "label": self.labels.get(iri),
            "href": self.address(iri) if iri.startswith(THING) else None,
            "lead": self._literal(lead) if lead else None,
            "types": self.types(iri),
            "table": self.table(iri, _PLAIN),
        }

    def terms(self, iris: Iterable[str]) -> list[dict[str, Any]]:
        """Return terms in the order of their anchors."""
        return sorted((self.term(iri) for iri in iris), key=lambda term: _natural(Shown(term["anchor"])))


def short(iri: str) -> str:
    """Return an IRI as a prefixed name, a row as its file and number, else what is short of it."""
    if iri.startswith(names.DATA) and "#row=" in iri:
        return names.where(iri)
    for prefix, space in names.PREFIXES.items():
        if iri.startswith(space) and re.fullmatch(r"[\w.-]+", iri.removeprefix(space)):
            return f"{prefix}:{iri.removeprefix(space)}"
    return names.short(iri)


def _natural(shown: Shown) -> list[str | int]:
    # Article 10 comes after article 9.
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", shown.text.casefold())]

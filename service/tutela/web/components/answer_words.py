"""The words for values of answers: names of concepts and resources in the place of codes, IRIs and labels made of codes.

This is for people only. The values themselves are public and do not change.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tutela import namespaces
from tutela.catalog import Catalog
from tutela.reports.languages import language_name
from tutela.reports.words import DISTANCES, GAPS, ordinal, with_long_dates
from tutela.sparql.binding import bind_iris
from tutela.sparql.query_file import page_query

_OWN_RESOURCE = re.compile(rf"{re.escape(namespaces.BASE)}(?:id/[A-Za-z0-9._/-]+|ontology#[A-Za-z]+)", re.ASCII)
_SLUG = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
_FINDINGS = re.compile(r"[yn]{5}")
# What stands between the parts of a label that has codes, such as "SMR, budapest/art_9/par_1/pnt_e: simple-possession".
_SEPARATORS = re.compile(r"(, | and |: | to | bound by | by | from )")
_EDITION = re.compile(r"(?P<of>\bof )?\bedition (?P<number>[0-9]+)(?=$|:| \()")
_CODE = re.compile(r"\(([A-Z]{3}(?:-[A-Z]{3})?)\)")  # after the title of a law
_FINDING = re.compile(r": (yes|no)$")
_MET = {"yes": ": met", "no": ": not met"}
_NAMED_IN_LABELS = ("jurisdiction", "criterion", "instrument", "source")
_ROW = re.compile(r"data/(?P<table>[a-z_]+)\.csv#key=(?P<key>.+)")
_MAX_LABELLED = 2000  # resources whose labels are looked up for one page
_MAX_URL = 44  # characters of a URL that is shown in full
# Columns whose values are short identifiers of resources, by the type of parameter that has their names.
IDENTIFIERS = {
    "criterion": ("criterion",),
    "instrument": ("instrument", "organisation"),
    "organisation": ("organisation",),
    "other": ("instrument",),
    "rating": ("rating",),
    "region": ("area",),
    "topic": ("topic",),
    "topic_slug": ("topic",),
    "within": ("area",),
}
# Columns whose values are short identifiers of concepts, by the schemes that may have them.
_SCHEMES = {
    "action": ("action-type",),
    "basis": ("bound-basis", "relation-basis", "basis"),
    "bearing": ("bearing",),
    "capacity": ("capacity",),
    "certainty": ("certainty",),
    "confidence": ("confidence",),
    "effect": ("action-type",),
    "event": ("action-type", "reservation-kind"),
    "extent": ("extent",),
    "followed": ("followed",),
    "force": ("force",),
    "form": ("form",),
    "kind": ("instrument-kind", "law-kind", "reservation-kind", "note-kind", "implementation-kind", "action-type", "term-kind"),
    "level": ("mapping-level",),
    "measure": ("measure",),
    "read_from": ("read-from",),
    "relation": ("relation",),
    "review": ("review-status",),
    "source_kind": ("source-kind",),
    "standing": ("standing",),
    "status": ("instrument-status", "law-status"),
    "strength": ("strength",),
    "strongest": ("strength",),
    "way": ("way",),
}
# Columns with several short identifiers: the scheme of concepts, or the type of parameter, that has their names.
_LISTS = {
    "criteria": "criterion",
    "instruments": "instrument",
    "kinds": "note-kind",
    "missing": "criterion",
    "offences": "offence",
    "topics": "topic",
}
# Words for values that are in no vocabulary.
_WORDS = {
    "distance": DISTANCES,
    "kind": {**GAPS, "read": "page where provisions were read", "register": "address in a register"},
}
# Columns whose other values may be short identifiers made of words, such as national-law.
_MADE_OF_WORDS = ("effect", "event", "kind", "link", "relation", "status", "subject", "verdict", "way")
# Columns with sentences that name days.
_WITH_DATES = ("explanation", "says")


@dataclass(frozen=True)
class Value:
    """A value in words.

    Args:
        text: the words.
        iri: the IRI of the resource that the value is the short identifier of; empty if there is none.

    """

    text: str
    iri: str = ""


class AnswerWords:
    """The words for the values of one page of an answer.

    Args:
        catalog: the catalogue.
        concepts: label and definition of each concept by the end of its IRI; see `PageRenderer.concepts`.

    """

    def __init__(self, catalog: Catalog, concepts: Mapping[str, Mapping[str, str]]) -> None:
        self._catalog = catalog
        self._concepts = concepts
        self._labels = {
            one.iri: one.label for kind in ("jurisdiction", "instrument", "criterion") for one in catalog.allowed_values(kind)
        }
        self._identifiers: dict[str, dict[str, Value]] = {}

    def read_labels(self, iris: Iterable[str]) -> None:
        """Look up the labels of resources, and of the provisions that labels name by their paths."""
        self._read({iri for iri in iris if _OWN_RESOURCE.fullmatch(iri)})
        paths = {part for label in self._labels.values() for part in _SEPARATORS.split(label)[::2] if "/" in part}
        self._read({f"{namespaces.BASE}id/instrument/{path}" for path in paths})

    def _read(self, iris: set[str]) -> None:
        unknown = sorted(iri for iri in iris if iri not in self._labels and _OWN_RESOURCE.fullmatch(iri))[:_MAX_LABELLED]
        if unknown:
            text = bind_iris(page_query("labels").text, "resource", unknown)
            for row in self._catalog.store.query(text).records():
                self._labels.setdefault(row["resource"], row["label"])

    def of_resource(self, iri: str) -> str:
        """Return the name of a resource; for one without a label, what its IRI says."""
        label = self._labels.get(iri, "")
        if label:
            return label if namespaces.strip_base(iri).startswith("id/source/") else self.of_label(label)
        path = namespaces.strip_base(iri)
        row = _ROW.fullmatch(path)
        return f"table {row['table']}, row {row['key']}" if row else path

    def of_value(self, column: str, value: str) -> Value:
        """Return the words for a value that is not an IRI."""
        if column == "label" or column.endswith("_name"):
            return Value(self.of_label(value))
        if column in _WITH_DATES:
            return Value(with_long_dates(value))
        if column in _LISTS:
            return Value(self._of_list(_LISTS[column], value))
        for kind in IDENTIFIERS.get(column, ()):
            if value in self._of_kind(kind):
                return self._of_kind(kind)[value]
        paths = (f"{scheme}/{value}" for scheme in _SCHEMES.get(column, ()))
        label = next((self._concepts[path]["label"] for path in paths if path in self._concepts), "")
        if not label:
            label = _WORDS.get(column, {}).get(value, "")
        if column == "language":
            label = language_name(value)
        if _FINDINGS.fullmatch(value):
            label = self._of_findings(value)
        if not label and column in _MADE_OF_WORDS and _SLUG.fullmatch(value):
            label = value.replace("-", " ")
        return Value(label or value)

    def _of_kind(self, kind: str) -> dict[str, Value]:
        if kind not in self._identifiers:
            found = self._catalog.allowed_values(kind)
            self._identifiers[kind] = {one.value: Value(one.label, one.iri) for one in found}
        return self._identifiers[kind]

    def _of_list(self, kind: str, value: str) -> str:
        """Return the names in a list of short identifiers, some of them with a question mark."""
        names = []
        for one in value.split():
            slug, mark = one.rstrip("?"), " (not known)" if one.endswith("?") else ""
            concept = self._concepts.get(f"{kind}/{slug}")
            known = {} if concept else self._of_kind(kind)
            names.append((concept["label"] if concept else known[slug].text if slug in known else slug) + mark)
        return "; ".join(names)

    def _of_findings(self, letters: str) -> str:
        """Return five findings, in the order of the criteria, in words."""
        names = [str(row["criterion_name"]) for row in self._catalog.run("criteria", {}).records()]
        groups = {"met": "y", "not met": "n"}
        found = {
            word: [name for name, own in zip(names, letters, strict=True) if own == letter] for word, letter in groups.items()
        }
        return "; ".join(f"{word}: {', '.join(named)}" for word, named in found.items() if named)

    def of_label(self, label: str) -> str:
        """Return a label with names in the place of the codes of jurisdictions, criteria, instruments and concepts in it."""
        parts = _SEPARATORS.split(label)
        is_finding = any(part in self._of_kind("criterion") for part in parts[::2])
        parts[::2] = [self._name(part) or part for part in parts[::2]]
        text = _EDITION.sub(_edition, "".join(parts))
        text = _CODE.sub(lambda match: f"({self._name(match[1]) or match[1]})", text)
        text = _FINDING.sub(lambda match: _MET[match[1]], text) if is_finding else text
        return with_long_dates(text) if " bound by " in text else text

    def _name(self, part: str) -> str:
        if "/" in part:
            return self._labels.get(f"{namespaces.BASE}id/instrument/{part}", "")
        values = (self._of_kind(kind)[part].text for kind in _NAMED_IN_LABELS if part in self._of_kind(kind))
        return next(values, "") or self._concepts.get(f"strength/{part}", {}).get("label", "")


def _edition(match: re.Match[str]) -> str:
    return f"{'of the ' if match['of'] else ''}{ordinal(match['number'])} edition"


def shown_url(url: str) -> str:
    """Return a URL as the text of its link: without scheme, and only its host if it is long."""
    parts = urlsplit(url)
    host = parts.netloc.removeprefix("www.")
    rest = url.partition(parts.netloc)[2].rstrip("/")
    return host + (rest if len(host + rest) <= _MAX_URL else "/…")

"""Which page is about a resource: the one function from the IRI of a resource to the URL path of a page.

Pages for people link to pages for people. A resource without a page of its own leads to the place on the page that shows it, and
only a resource that no page shows leads to its document, which is a table of its properties.
"""

import re
from collections.abc import Callable

from tutela import namespaces

# The beginning of a provision's path below its instrument, which has other resources below it too.
_PROVISION = re.compile(r"[a-z]+_[0-9A-Za-z.-]+(/|$)")
# Kinds of concepts that the glossary defines; their IRIs begin with the kind.
GLOSSARY_KINDS = frozenset((
    "abbreviation", "action-type", "basis", "bearing", "bound-basis", "capacity", "certainty", "code-status", "confidence",
    "extent", "followed", "force", "form", "implementation-kind", "instrument-kind", "instrument-status", "law-kind",
    "law-status", "mapping-level", "measure", "note-kind", "offence", "rating", "read-from", "relation", "relation-basis",
    "reservation-kind", "review-status", "source-kind", "standing", "strength", "term-kind", "way",
))  # fmt: skip


def page_url(iri: str) -> str:
    """Return the URL path of the page about a resource of the project, below the root path.

    Args:
        iri: the IRI of the resource, which need not exist.

    """
    path = namespaces.strip_base(iri)
    if not path.startswith("id/"):
        return f"/{path}"
    kind, *parts = path.removeprefix("id/").split("/")
    shown = _SHOWN[kind](parts) if kind in _SHOWN and parts and all(parts) else ""
    return shown or f"/doc/{path.removeprefix('id/')}"


def _page(folder: str) -> Callable[[list[str]], str]:
    """Return the page of a resource whose URL ends like its IRI."""
    return lambda parts: f"/{folder}/{parts[0]}" if len(parts) == 1 else ""


def _place(page: str) -> Callable[[list[str]], str]:
    """Return the place of a resource on a page about many."""
    return lambda parts: f"{page}{parts[0]}"


def _instrument(parts: list[str]) -> str:
    slug, below = parts[0], "/".join(parts[1:])
    if not below:
        return f"/instruments/{slug}"
    if _PROVISION.match(below):
        return f"/instruments/{slug}#{below}"
    if parts[1] == "action" and len(parts) > 2:
        return f"/jurisdictions/{parts[2]}#standing"
    return f"/instruments/{slug}"


def _law(parts: list[str]) -> str:
    code, slug, *provision = parts if len(parts) > 1 else (parts[0], "")
    return f"/laws/{code}/{slug}" + (f"#{'/'.join(provision)}" if provision else "") if slug else ""


def _note(parts: list[str]) -> str:
    # What a note cites and who wrote the letters that it quotes are on its page.
    return f"/notes/{parts[0]}/{parts[1]}" if len(parts) > 1 else ""


def _observation(parts: list[str]) -> str:
    return f"/jurisdictions/{parts[1]}?edition={parts[0]}#{parts[2]}" if len(parts) == 3 else ""


def _finding_relation(parts: list[str]) -> str:
    # Edition, criterion, kind of evidence, then the path of the law.
    return f"/jurisdictions/{parts[3]}?edition={parts[0]}#{parts[1]}" if len(parts) > 3 else ""


def _reading(parts: list[str]) -> str:
    # The last part is the criterion.
    return _instrument(parts[:-1]) if len(parts) > 1 else ""


def _national_reading(parts: list[str]) -> str:
    return _law(parts[:-1]) if len(parts) > 2 else ""


def _subject_of_term(parts: list[str]) -> str:
    # The last parts are the language and the number of the term.
    return page_url(f"{namespaces.BASE}id/{'/'.join(parts[:-2])}") if len(parts) > 3 else ""


def _of_jurisdiction(position: int, anchor: str) -> Callable[[list[str]], str]:
    def shown(parts: list[str]) -> str:
        return f"/jurisdictions/{parts[position]}{anchor}" if len(parts) > position else ""

    return shown


# For each kind of resource, a function of the parts of its IRI after the kind; an empty text if no page shows it.
_SHOWN: dict[str, Callable[[list[str]], str]] = {
    "jurisdiction": _page("jurisdictions"),
    "criterion": _page("criteria"),
    "region": _page("regions"),
    "source": _page("sources"),
    "recommendation": _page("recommendations"),
    "edition": _page("editions"),
    "instrument": _instrument,
    "law": _law,
    "note": _note,
    "topic": _place("/topics#"),
    "part": _place("/topics#part-"),
    "discrepancy": _place("/about#"),
    "organisation": _place("/organisations#"),
    "implementation": _place("/initiatives#"),
    "party-count": lambda _: "/about#counts",
    "search-term": _subject_of_term,
    "observation": _observation,
    "reading": _reading,
    "national-reading": _national_reading,
    "finding-relation": _finding_relation,
    "instrument-title": lambda parts: f"/instruments/{parts[0]}",
    "total": lambda parts: f"/editions/{parts[0]}#totals",
    "binding": _of_jurisdiction(1, "#standing"),
    "membership": _of_jurisdiction(1, "#standing"),
    "unmet": _of_jurisdiction(1, "#unmet"),
    "assessment": _of_jurisdiction(1, "#criteria"),
    "external-finding": _of_jurisdiction(1, "#other-assessment"),
    **{kind: _place(f"/glossary#{kind}-") for kind in GLOSSARY_KINDS},
}

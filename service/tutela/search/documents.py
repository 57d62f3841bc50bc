"""What a search can find: documents with names, codes and words, folded once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tutela import namespaces
from tutela.catalog import CatalogQuery
from tutela.search.text_folding import fold, words

# The order of results that match equally well. The value "question" is public: clients of /search read it.
KINDS = (
    "jurisdiction", "instrument", "criterion", "topic", "term", "provision", "recommendation", "region", "organisation",
    "law", "note", "source", "question", "implementation", "page",
)  # fmt: skip
# The role of a text that is a name without being the displayed one, or the kind of search term (ontology/schemes/term-kinds.ttl).
_OTHER_NAME = "other"
FORMAL = "formal name"
RELATED = "related term"  # leads to the resource without being its name
_NAME_ROLES = (_OTHER_NAME, "short name", FORMAL, "former name", "other name", "equivalent term", RELATED)
# What people add to the name of a place to mean the documents of a kind, which need not have the word in their names.
_KIND_WORDS = {"law": ("national", "law", "laws", "legislation")}
# What people write before the number of an article, in the languages of the names.
BEFORE_NUMBERS = frozenset((
    "art", "arts", "article", "articles", "articulo", "articulos", "par", "para", "paragraph", "paragraphs", "no", "section",
    "статья", "ст", "المادة", "مادة", "ماده", "الماده",
))  # fmt: skip
# What the page of a place or an instrument has, as people add it to a name: "Ghana checklist", "Lanzarote Convention parties".
PARTS = {
    "jurisdiction": frozenset((
        "brief", "changes", "checklist", "draft", "drafting", "findings", "gaps", "law", "laws", "legislation", "neighbours",
        "obligations", "reservations", "treaties", "treaty",
    )),
    "instrument": frozenset((
        "accession", "accessions", "articles", "countries", "declarations", "members", "parties", "party", "provisions",
        "ratification", "ratifications", "ratified", "reservation", "reservations", "signatories", "states", "status", "text",
    )),
}  # fmt: skip
_NUMBER_PARTS = re.compile(r"\d+|[^\W\d]+")


@dataclass(frozen=True)
class Name:
    """A name in a language, as written and folded; the kind is one of a search term, otherwise empty."""

    text: str
    language: str
    folded: str
    compact: str
    words: tuple[str, ...]
    kind: str = ""

    @classmethod
    def of(cls, text: str, language: str, kind: str = "") -> "Name":
        """Return a folded name."""
        folded = fold(text)
        return cls(text, language, folded, folded.replace(" ", ""), words(folded), kind)

    @property
    def is_related(self) -> bool:
        """Whether it only leads to the resource."""
        return self.kind == RELATED


@dataclass
class SearchDocument:
    """One thing that a search can find.

    Args:
        resource: its IRI.
        kind: one of `KINDS`.
        names: its names, the English name first.
        context: short descriptions, such as the region or the instrument.
        summary: longer texts.
        codes: folded codes, such as ISO codes and short identifiers.
        number: the parts of an article number.
        context_terms: the words of the names and the context.
        body_terms: the words of the summary.
        all_terms: every name, code and word in one text, for a quick first check.

    """

    resource: str
    kind: str
    names: list[Name] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    number: tuple[str, ...] = ()
    context_terms: set[str] = field(default_factory=set)
    body_terms: set[str] = field(default_factory=set)
    all_terms: str = ""

    @property
    def name(self) -> Name:
        """The English name."""
        return self.names[0]

    def freeze(self) -> None:
        """Compute the terms when all texts are present."""
        self.context_terms.update(_KIND_WORDS.get(self.kind, ()))
        for name in self.names:
            self.context_terms.update(name.words)
        for text in self.context:
            self.context_terms.update(words(fold(text)))
        for text in self.summary:
            self.body_terms.update(words(fold(text)))
        self.all_terms = " ".join(
            (
                *(name.compact for name in self.names),
                *self.codes,
                *self.context_terms,
                *self.body_terms,
                *PARTS.get(self.kind, ()),
            )
        )


def from_rows(rows: Iterable[Iterable[str]]) -> Iterator[SearchDocument]:
    """Return documents from rows of a resource, its kind, the role of a text, the text and its language."""
    documents: dict[str, SearchDocument] = {}
    for resource, kind, role, text, language in rows:
        document = documents.setdefault(resource, SearchDocument(resource, kind))
        if role == "name" and language in ("", "en"):
            document.names.insert(0, Name.of(text, "en"))
        elif role == "name" or role in _NAME_ROLES:
            document.names.append(Name.of(text, language, "" if role in ("name", _OTHER_NAME) else role))
        elif role == "code":
            document.codes.add(fold(text).replace(" ", ""))
        elif role == "number":
            document.number = article_number(fold(text))
        elif role == "within":
            document.context_terms.update(words(fold(text)))
        else:
            (document.context if role == "about" else document.summary).append(text)
    for document in documents.values():
        document.freeze()
        yield document


def from_page(address: str, title: str, terms: Iterable[str]) -> SearchDocument:
    """Return a page of the service as a document.

    Args:
        address: its URL path, with an anchor if it is a part of a page.
        title: its name.
        terms: words by which people look for it.

    """
    names = [Name.of(title, "en"), *(Name.of(term, "en", RELATED) for term in terms)]
    document = SearchDocument(f"{namespaces.BASE}{address.removeprefix('/')}", "page", names)
    document.freeze()
    return document


def from_query(query: CatalogQuery) -> SearchDocument:
    """Return a catalogue query as a document that links to its answer with example values."""
    example = urlencode(query.examples)
    address = f"{namespaces.BASE}queries/{query.name}" + (f"?{example}" if example else "")
    document = SearchDocument(address, "question", [Name.of(query.title, "en")])
    if query.summary:
        document.summary.append(query.summary)
    document.codes.add(fold(query.name).replace(" ", ""))
    document.freeze()
    return document


def article_number(folded: str) -> tuple[str, ...]:
    """Return the parts of an article number, such as 9, 1, e."""
    return tuple(part for word in folded.split() if word not in BEFORE_NUMBERS for part in number_parts(word))


def number_parts(word: str) -> list[str]:
    """Split a word into its numbers and letters."""
    return _NUMBER_PARTS.findall(word)

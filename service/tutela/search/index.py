"""The search index of a release, built from ``queries/pages/support/search.rq`` and the titles of the catalogue."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock

from rapidfuzz import fuzz, process

from tutela.catalog import Catalog
from tutela.errors import UsageError
from tutela.search.documents import FORMAL, KINDS, Name, SearchDocument, from_page, from_query, from_rows
from tutela.search.query import Rank, Result, SearchQuery, has_prefix
from tutela.search.text_folding import fold
from tutela.settings import MAX_SEARCH_LENGTH
from tutela.sparql.query_file import page_query

_MIN_SIMILARITY = 80  # of 100: how similar a word must be to one in a name to be suggested
_COMMON_KINDS = ("jurisdiction", "instrument", "criterion")  # whose names people type in full
_SUBJECT_KINDS = (*_COMMON_KINDS, "topic", "region")  # what a search is about, next to other words


@dataclass(frozen=True)
class SearchResults:
    """The results of a search.

    Args:
        text: the search text.
        results: the best first.
        suggestion: the text that was searched for instead, if nothing matched; otherwise empty.
        partial: whether no document has all of the words, and these have some of them.

    """

    text: str
    results: list[Result]
    suggestion: str = ""
    partial: bool = False

    def by_kind(self) -> dict[str, list[Result]]:
        """Return the results by kind, the kind of the best result first."""
        groups: dict[str, list[Result]] = {}
        for result in self.results:
            groups.setdefault(result.kind, []).append(result)
        return groups


class Search:
    """A search over the release of a catalogue, over the catalogue itself, and over pages of a service.

    Args:
        catalog: the catalogue.
        pages: the URL path and title of each page, and words by which people look for it.

    """

    def __init__(self, catalog: Catalog, pages: Iterable[tuple[str, str, tuple[str, ...]]] = ()) -> None:
        self._catalog = catalog
        self._pages = tuple(pages)
        self._lock = Lock()
        self._index: tuple[str, Index] | None = None

    def find(self, text: str) -> SearchResults:
        """Return what matches a text.

        Raises:
            UsageError: the text is too long.

        """
        if len(text) > MAX_SEARCH_LENGTH:
            raise UsageError(f"The search text has {len(text)} characters; expected at most {MAX_SEARCH_LENGTH}.")
        return self.index().find(text)

    def index(self) -> "Index":
        """Return the index of the current release."""
        with self._lock:
            version = self._catalog.store.version
            if self._index is None or self._index[0] != version:
                self._index = version, Index(self._documents())
            return self._index[1]

    def _documents(self) -> Iterator[SearchDocument]:
        records = self._catalog.store.query(page_query("search").text).records()
        yield from from_rows(record.values() for record in records)
        yield from map(from_query, self._catalog.queries.values())
        yield from (from_page(*page) for page in self._pages)


class Index:
    """Documents, ready to be searched."""

    def __init__(self, documents: Iterable[SearchDocument]) -> None:
        self.documents = sorted(documents, key=lambda document: KINDS.index(document.kind))
        self._words = list(dict.fromkeys(word for document in self.documents for word in sorted(document.context_terms)))
        self._common_names = {name.compact: name.text for name in self._names_of_common_kinds()}

    def _names_of_common_kinds(self) -> Iterator[Name]:
        for document in self.documents:
            if document.kind in _COMMON_KINDS:
                # Formal names are too similar to each other.
                yield from (name for name in reversed(document.names) if name.kind != FORMAL)

    def find(self, text: str) -> SearchResults:
        """Return what matches a text; if nothing does, what matches a spelling suggestion or some of the words."""
        query = SearchQuery.of(text)
        if not query.compact:
            return SearchResults(text, [])
        if results := self._matches(query):
            return SearchResults(text, results)
        for suggestion in self._spelling_suggestions(query):
            if results := self._matches(SearchQuery.of(suggestion)):
                return SearchResults(text, results, suggestion)
        return SearchResults(text, self._partial_matches(query), partial=True)

    def _matches(self, query: SearchQuery) -> list[Result]:
        candidates = (document for document in self.documents if query.may_match(document))
        results = (result for document in candidates if (result := query.match(document)))
        return sorted(results, key=lambda result: result.sort_key)

    def _spelling_suggestions(self, query: SearchQuery) -> Iterator[str]:
        """Yield a name similar to the whole text, then words similar to each word.

        Several words that are all known are not misspelled: "pornografía infantil Chile" is not "pornografía infantil".
        """
        if len(query.words) > 1 and all(self._is_known(word) for word in query.words):
            return
        whole = process.extractOne(query.compact, list(self._common_names), scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY)
        if whole:
            yield self._common_names[whole[0]]
        nearest = []
        for word in query.words:
            if len(word) < 3 or self._is_known(word):
                nearest.append(word)
                continue
            # People rarely mistype the first letter.
            similar = [known for known in self._words if known[0] == word[0]]
            near = process.extractOne(word, similar, scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY)
            nearest.append(near[0] if near else word)
        if nearest != list(query.words):
            yield " ".join(self._as_written(word) for word in nearest)

    def _is_known(self, word: str) -> bool:
        return any(known.startswith(word) for known in self._words)

    def _as_written(self, word: str) -> str:
        """Return a folded word as the first name with it has it, such as "Lanzarote"."""
        names = (name for document in self.documents for name in document.names if word in name.words)
        written = (part for name in names for part in re.findall(r"\w+", name.text) if fold(part) == word)
        return next(written, word)

    def _partial_matches(self, query: SearchQuery) -> list[Result]:
        """Return the documents whose name has the most of the words, and the places and subjects in the text.

        These are the ones whose whole name the text contains, such as "Chile" in "pornografía infantil Chile", and the ones
        whose name has a word that no other result has.
        """
        best: dict[str, Result] = {}
        found: dict[str, frozenset[str]] = {}
        for document in self.documents:
            for name in document.names:
                common = frozenset(word for word in query.words if has_prefix(word, name.words))
                if len(common) > len(found.get(document.resource, ())):
                    found[document.resource] = common
                    best[document.resource] = Result(document, Rank.WORDS, name)
        named = self._named_whole(query)
        # Next to a place or subject that the text names, one word alone, such as "law", says too little.
        most = max(map(len, found.values()), default=0)
        chosen = {resource for resource, common in found.items() if len(common) == most and (most > 1 or not named)}
        for document, name in named:
            best[document.resource] = Result(document, Rank.NAME, name)
            found[document.resource] = frozenset(word for word in query.words if has_prefix(word, name.words))
            chosen.add(document.resource)
        covered = frozenset[str]().union(*(found[resource] for resource in chosen))
        chosen |= {resource for resource, common in found.items() if common - covered and best[resource].kind in _SUBJECT_KINDS}
        results = (best[document.resource] for document in self.documents if document.resource in chosen)
        return sorted(results, key=lambda result: result.sort_key)

    def _named_whole(self, query: SearchQuery) -> list[tuple[SearchDocument, Name]]:
        """Return the places and subjects whose whole name is in the text, without names inside longer ones."""
        named = [
            (document, name)
            for document in self.documents
            if document.kind in _SUBJECT_KINDS and (name := next(filter(query.contains, document.names), None))
        ]
        texts = {f" {name.folded} " for _, name in named}
        inner = {text for text in texts if any(text != other and text in other for other in texts)}
        return [(document, name) for document, name in named if f" {name.folded} " not in inner]

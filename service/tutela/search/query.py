"""A search text, folded, and how well a document matches it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum

from tutela.search.documents import BEFORE_NUMBERS, KINDS, PARTS, Name, SearchDocument, number_parts
from tutela.search.text_folding import fold, is_unspaced, without_article

# Words that are ignored, unless the search has no others. Single letters other than "a" may be the number of a provision.
STOP_WORDS = frozenset((
    "a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with",
    "au", "aux", "dans", "de", "des", "du", "en", "et", "la", "le", "les", "par", "pour", "sur",
    "con", "del", "el", "las", "los", "para", "por", "sobre", "un", "una",
    "в", "и", "на", "о", "об", "от", "по", "с", "في", "من", "علي", "عن",
))  # fmt: skip
_ABBREVIATIONS = ("un",)  # words that are ignored and that also abbreviate a name: the United Nations
_MIN_BODY_WORD = 3  # shorter words match almost any prose


class Rank(IntEnum):
    """How well a document matches, the best first."""

    CODE = 0
    NAME = 1
    PREFIX = 2
    WORD = 3
    WORDS = 4
    CONTEXT = 5
    BODY = 6


@dataclass(frozen=True)
class Result:
    """A document that matches, and the name by which it does.

    Args:
        document: the document.
        rank: how well it matches.
        matched: the name by which it does.
        ignored: how many words of the search that may abbreviate a name, such as "un", that name does not have.

    """

    document: SearchDocument
    rank: Rank
    matched: Name
    ignored: int = 0

    @property
    def kind(self) -> str:
        """The kind of document, one of `KINDS`."""
        return self.document.kind

    @property
    def label(self) -> str:
        """The matching name if it is in another language and means the resource, otherwise the English name."""
        return self.matched.text if self.language != "en" else self.document.name.text

    @property
    def language(self) -> str:
        """The language of the label."""
        return "en" if self.matched.is_related else self.matched.language or "en"

    @property
    def found_by(self) -> Name | None:
        """The search term that matches, if the label does not show it."""
        return self.matched if self.matched.kind and self.matched.text != self.label else None

    @property
    def english(self) -> str:
        """The English name, if the label is different."""
        return self.document.name.text if self.label != self.document.name.text else ""

    @property
    def context(self) -> str:
        """A description in one line; may be empty."""
        return "; ".join(text for text in self.document.context if text != self.label)

    @property
    def summary(self) -> str:
        """A summary; may be empty."""
        return " ".join(self.document.summary)

    @property
    def sort_key(self) -> tuple[int, bool, int, int, int, bool, tuple[str, ...], str]:
        """Sort by rank, names before related terms, then by kind, the shortest name, English first, number and name.

        A term of the glossary never comes before a criterion or an instrument with the same word in its name.
        """
        rank = max(self.rank, Rank.WORD) if self.kind == "term" else self.rank
        number = tuple(f"{int(part):06}" if part.isdigit() else part for part in self.document.number)
        return (
            rank,
            self.matched.is_related,
            self.ignored,
            KINDS.index(self.kind),
            len(self.matched.words),
            self.matched.language not in ("", "en"),
            number,
            self.matched.folded,
        )


@dataclass(frozen=True)
class SearchQuery:
    """A folded search text.

    Args:
        folded: the folded text.
        compact: the same without spaces.
        words: its words, without stop words unless there are no others.
        required: words and numbers that a document must contain somewhere.
        abbreviations: the words left out of `words` that may abbreviate a name.
        citations: each way to read it as an article number and words about its instrument.

    """

    folded: str
    compact: str
    words: tuple[str, ...]
    required: tuple[str, ...]
    abbreviations: tuple[str, ...]
    citations: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    @classmethod
    def of(cls, text: str) -> "SearchQuery":
        """Return a search text, folded."""
        folded = fold(text)
        given = tuple(dict.fromkeys(without_article(word) for word in folded.split()))
        significant = tuple(word for word in given if word not in STOP_WORDS)
        ignored = tuple(word for word in given if word not in significant and word in _ABBREVIATIONS)
        written = (number_parts(word) if word[0].isdigit() else [without_article(word)] for word in folded.split())
        parts = [part for word in written for part in word]
        required = tuple(part for part in parts if part not in BEFORE_NUMBERS and part not in STOP_WORDS)
        return cls(
            folded, folded.replace(" ", ""), significant or given, required or tuple(parts), ignored, tuple(_citations(parts))
        )

    def may_match(self, document: SearchDocument) -> bool:
        """Return False only if the document cannot match; this is a quick check before `match`."""
        return self.compact in document.all_terms or all(part in document.all_terms for part in self.required)

    def match(self, document: SearchDocument) -> Result | None:
        """Return the document as a result, or None if it does not match."""
        if self.compact in document.codes:
            name = next((name for name in document.names if name.compact == self.compact), document.name)
            return Result(document, Rank.CODE, name)
        best: tuple[Rank, Name] | None = None
        for name in document.names:
            rank = self._rank_name(name)
            if rank is not None and (best is None or rank < best[0]):
                best = rank, name
        if best is not None and best[0] > Rank.NAME and best[1].language not in ("", "en"):
            # "Asia" begins the Spanish name "Asia central", but the English name matches too.
            best = best[0], next((name for name in document.names if self._is_english_match(name)), best[1])
        cited = self._rank_citation(document)
        if cited is not None and (best is None or cited < best[0]):
            best = cited, document.name
        if best is None:
            best = self._match_part(document) or self._match_body(document)
        if best is None:
            return None
        is_by_words = best[0] == Rank.WORDS
        return Result(document, *best, sum(word not in best[1].words for word in self.abbreviations) if is_by_words else 0)

    def contains(self, name: Name) -> bool:
        """Return whether the text contains the whole name, and more."""
        return self.compact != name.compact and f" {name.folded} " in f" {self.folded} "

    def _rank_name(self, name: Name) -> Rank | None:
        if name.compact == self.compact:
            return Rank.NAME
        if name.compact.startswith(self.compact):
            return Rank.PREFIX
        if f" {self.folded}" in name.folded or (is_unspaced(self.compact) and self.compact in name.compact):
            return Rank.WORD
        if any(word.startswith(self.folded) for word in name.words):
            return Rank.WORD
        return Rank.WORDS if all(has_prefix(word, name.words) for word in self.words) else None

    def _is_english_match(self, name: Name) -> bool:
        return name.language in ("", "en") and not name.is_related and self._rank_name(name) is not None

    def _rank_citation(self, document: SearchDocument) -> Rank | None:
        if not document.number:
            return None
        for number, others in self.citations:
            if document.number[: len(number)] == number and all(has_prefix(word, document.context_terms) for word in others):
                return Rank.NAME if document.number == number else Rank.PREFIX
        return None

    def _match_part(self, document: SearchDocument) -> tuple[Rank, Name] | None:
        """Match a name together with a part of the page: "Ghana checklist"."""
        parts = PARTS.get(document.kind, frozenset())
        others = [word for word in self.words if word not in parts]
        if not others or len(others) == len(self.words):
            return None
        named = (name for name in document.names if not name.is_related and all(has_prefix(word, name.words) for word in others))
        name = next(named, None)
        return (Rank.CONTEXT, name) if name else None

    def _match_body(self, document: SearchDocument) -> tuple[Rank, Name] | None:
        missing = [word for word in self.words if not has_prefix(word, document.context_terms)]
        if not missing:
            return Rank.CONTEXT, document.name
        if all(len(word) >= _MIN_BODY_WORD and has_prefix(word, document.body_terms) for word in missing):
            return Rank.BODY, document.name
        return None


def has_prefix(word: str, words: Collection[str]) -> bool:
    """Return whether one of the words begins with this one; a number or a single letter must be equal."""
    if is_unspaced(word):
        return any(word in other for other in words)
    if word.isdigit() or len(word) == 1:
        return word in words
    return any(other.startswith(word) for other in words)


def _citations(parts: list[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the ways to read words as a number and other words: "9 1 e budapest", "2011 93 5 6"."""
    for start, first in enumerate(parts):
        if not first.isdigit():
            continue
        end = start + 1
        while end < len(parts) and (parts[end].isdigit() or len(parts[end]) == 1):
            end += 1
        for stop in range(end, start, -1):
            others = [part for part in (*parts[:start], *parts[stop:]) if part not in BEFORE_NUMBERS and part not in STOP_WORDS]
            if all(len(part) > 1 or part.isdigit() for part in others):
                yield tuple(parts[start:stop]), tuple(others)

"""The search: everything that has a name, found by it, by a code, by an article or by what it says.

The index is made once for a release, from ``queries/pages/search.rq`` and the titles of the catalogue.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from threading import Lock

from rapidfuzz import fuzz, process

from tutela import header, paths
from tutela.catalog import Catalog
from tutela.entries import BEFORE_NUMBERS, KINDS, Entry, Name, gathered, parts_of, question
from tutela.errors import UsageError
from tutela.folding import fold, unspaced

LONGEST = 200  # characters of what is searched for
_KEPT = 512  # answers
# Words that tell nothing apart, unless they are all there is.
_SMALL = frozenset(("a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with"))
_NEAR = 80  # of a hundred: how like a word must be to one that things are called by


class Rank(IntEnum):
    """How well something matches, the best first."""

    CODE = 0
    NAME = 1
    BEGINNING = 2
    WORD = 3
    WORDS = 4
    AROUND = 5
    SAID = 6


@dataclass(frozen=True)
class Result:
    """Something found: under the name that matched, in its language, and the English one beside if that is another."""

    entry: Entry
    rank: Rank
    matched: Name

    @property
    def kind(self) -> str:
        """What it is, one of `KINDS`."""
        return self.entry.kind

    @property
    def label(self) -> str:
        """The name that matched, if it is in another language; else the one it is shown by."""
        return self.matched.text if self.language != "en" else self.entry.name.text

    @property
    def language(self) -> str:
        """The language of the label."""
        return self.matched.language or "en"

    @property
    def english(self) -> str:
        """The English name, if the label is not English and reads otherwise."""
        return self.entry.name.text if self.label != self.entry.name.text else ""

    @property
    def about(self) -> str:
        """What there is to know of it in a line; often nothing."""
        return "; ".join(text for text in self.entry.about if text != self.label)

    @property
    def says(self) -> str:
        """What it says, in our words; often nothing."""
        return " ".join(self.entry.says)


@dataclass(frozen=True)
class Found:
    """What a search found.

    Args:
        text: what was searched for.
        results: the best first.
        instead: what was searched for in its place, where nothing is called by its words; else nothing.
        partly: whether nothing has all of the words, and these have some of them.

    """

    text: str
    results: list[Result]
    instead: str = ""
    partly: bool = False

    def by_kind(self) -> dict[str, list[Result]]:
        """Return the results by kind, that of the best first."""
        found: dict[str, list[Result]] = {}
        for result in self.results:
            found.setdefault(result.kind, []).append(result)
        return found


class Search:
    """What can be found in the release that a catalogue asks, with the questions themselves."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = Lock()
        self._made: tuple[str, Index] | None = None

    def find(self, text: str) -> Found:
        """Return what matches a text.

        Raises:
            UsageError: it is longer than anything that can be found.

        """
        if len(text) > LONGEST:
            raise UsageError(f"A search takes {LONGEST} characters; this one has {len(text)}.")
        return self.index().find(text)

    def index(self) -> "Index":
        """Return the index of the release as it is now."""
        with self._lock:
            version = self._catalog.store.version
            if self._made is None or self._made[0] != version:
                self._made = version, Index(self._entries())
            return self._made[1]

    def _entries(self) -> Iterator[Entry]:
        answer = self._catalog.store.query(header.read(paths.QUERIES / "pages" / "search.rq").text)
        yield from gathered(("" if cell is None else cell for cell in row) for row in answer.rows())
        yield from map(question, self._catalog.questions.values())


class Index:
    """Entries, ready to be searched."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=lambda entry: KINDS.index(entry.kind))
        self._words = list(dict.fromkeys(word for entry in self.entries for word in sorted(entry.around)))
        self._whole = {name.compact: name.text for name in self._often()}
        self.find = lru_cache(maxsize=_KEPT)(self._find)

    def _often(self) -> Iterator[Name]:
        """Return the names that people type as a whole."""
        for entry in self.entries:
            if entry.kind in ("jurisdiction", "instrument", "criterion"):
                yield from reversed(entry.names)

    def _find(self, text: str) -> Found:
        """Return what matches a text; where nothing does, what matches the nearest words, or some of them."""
        query = _Query.of(text)
        if not query.compact:
            return Found(text, [])
        if results := self._matching(query):
            return Found(text, results)
        for instead in self._near(query):
            if results := self._matching(_Query.of(instead)):
                return Found(text, results, instead)
        return Found(text, self._partly(query), partly=True)

    def _matching(self, query: "_Query") -> list[Result]:
        perhaps = (
            entry for entry in self.entries if query.compact in entry.all or all(part in entry.all for part in query.parts)
        )
        return sorted((found for entry in perhaps if (found := query.grade(entry))), key=_order)

    def _near(self, query: "_Query") -> Iterator[str]:
        """Return texts that may have been meant: a name like the whole, then words like each."""
        whole = process.extractOne(query.compact, list(self._whole), scorer=fuzz.ratio, score_cutoff=_NEAR)
        if whole:
            yield self._whole[whole[0]]
        nearest = []
        for word in query.words:
            if len(word) < 3 or any(known.startswith(word) for known in self._words):
                nearest.append(word)
                continue
            # Hardly anyone mistakes the first letter.
            alike = [known for known in self._words if known[0] == word[0]]
            near = process.extractOne(word, alike, scorer=fuzz.ratio, score_cutoff=_NEAR)
            nearest.append(near[0] if near else word)
        if nearest != list(query.words):
            yield " ".join(nearest)

    def _partly(self, query: "_Query") -> list[Result]:
        """Return what is called by some of the words, that of the most first."""
        counted = []
        for entry in self.entries:
            best = max(entry.names, key=lambda name: sum(_begins(word, name.words) for word in query.words))
            count = sum(_begins(word, best.words) for word in query.words)
            if count:
                counted.append((-count, _order(Result(entry, Rank.WORDS, best)), Result(entry, Rank.WORDS, best)))
        most = min((count for count, _, _ in counted), default=0)
        return [result for count, _, result in sorted(counted, key=lambda c: c[:2]) if count == most]


@dataclass(frozen=True)
class _Query:
    """A text as it is compared."""

    folded: str
    compact: str
    words: tuple[str, ...]
    # What must be somewhere in all that is known of a thing.
    parts: tuple[str, ...]
    # Each way to read it as the number of an article and words about whose article it is.
    citations: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    @classmethod
    def of(cls, text: str) -> "_Query":
        folded = fold(text)
        given = tuple(dict.fromkeys(folded.split()))
        telling = tuple(word for word in given if word not in _SMALL)
        parts = _parts(folded)
        needed = tuple(part for part in parts if part not in BEFORE_NUMBERS and part not in _SMALL)
        return cls(folded, folded.replace(" ", ""), telling or given, needed or tuple(parts), tuple(_citations(parts)))

    def grade(self, entry: Entry) -> Result | None:
        """Return an entry as a result, or None if it does not match."""
        if self.compact in entry.codes:
            return Result(entry, Rank.CODE, self._best(entry))
        best: tuple[Rank, Name] | None = None
        for name in entry.names:
            rank = self._rank(name)
            if rank is not None and (best is None or rank < best[0]):
                best = rank, name
        cited = self._cited(entry)
        if cited is not None and (best is None or cited < best[0]):
            best = cited, entry.name
        if best is None:
            best = self._farther(entry)
        return Result(entry, *best) if best else None

    def _best(self, entry: Entry) -> Name:
        """Return the name that is alike, for what was found by its code."""
        return next((name for name in entry.names if name.compact == self.compact), entry.name)

    def _rank(self, name: Name) -> Rank | None:
        if name.compact == self.compact:
            return Rank.NAME
        if name.compact.startswith(self.compact):
            return Rank.BEGINNING
        if f" {self.folded}" in name.folded or (unspaced(self.compact) and self.compact in name.compact):
            return Rank.WORD
        if any(word.startswith(self.folded) for word in name.words):
            return Rank.WORD
        return Rank.WORDS if all(_begins(word, name.words) for word in self.words) else None

    def _cited(self, entry: Entry) -> Rank | None:
        if not entry.number:
            return None
        for number, of in self.citations:
            if entry.number[: len(number)] == number and all(_begins(word, entry.around) for word in of):
                return Rank.NAME if entry.number == number else Rank.BEGINNING
        return None

    def _farther(self, entry: Entry) -> tuple[Rank, Name] | None:
        missing = [word for word in self.words if not _begins(word, entry.around)]
        if not missing:
            return Rank.AROUND, entry.name
        # In a running text the short words are all there.
        if all(len(word) > 2 and _begins(word, entry.said) for word in missing):
            return Rank.SAID, entry.name
        return None


def _parts(folded: str) -> list[str]:
    return [part for word in folded.split() for part in (parts_of(word) if word[0].isdigit() else [word])]


def _citations(parts: list[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the ways to read words as a number and what is beside it: "9 1 e budapest", "2011 93 5 6"."""
    for start, first in enumerate(parts):
        if not first.isdigit():
            continue
        end = start + 1
        while end < len(parts) and (parts[end].isdigit() or len(parts[end]) == 1):
            end += 1
        for stop in range(end, start, -1):
            others = [part for part in (*parts[:start], *parts[stop:]) if part not in BEFORE_NUMBERS and part not in _SMALL]
            if all(len(part) > 1 or part.isdigit() for part in others):
                yield tuple(parts[start:stop]), tuple(others)


def _begins(word: str, among: Collection[str]) -> bool:
    """Return whether one of the words begins with this one; a number or a single letter must be there as it is."""
    if unspaced(word):
        return any(word in other for other in among)
    if word.isdigit() or len(word) == 1:
        return word in among
    return any(other.startswith(word) for other in among)


def _order(result: Result) -> tuple[int, int, int, bool, tuple[str, ...], str]:
    number = tuple(f"{int(part):06}" if part.isdigit() else part for part in result.entry.number)
    return (
        result.rank,
        KINDS.index(result.kind),
        len(result.matched.words),
        result.language != "en",
        number,
        result.matched.folded,
    )

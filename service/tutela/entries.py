"""What can be found: its names in their languages, its codes, and the words around it, folded once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tutela import names
from tutela.catalog import Question
from tutela.folding import fold, words

# In this order, where nothing else decides.
KINDS = (
    "jurisdiction", "instrument", "criterion", "topic", "provision", "recommendation", "region", "organisation",
    "law", "note", "question", "implementation",
)  # fmt: skip
# What people write before the number of an article, in the languages that names are held in.
BEFORE_NUMBERS = frozenset((
    "art", "arts", "article", "articles", "articulo", "articulos", "par", "para", "paragraph", "paragraphs", "no", "section",
    "статья", "ст", "المادة", "مادة", "ماده", "الماده",
))  # fmt: skip
_PARTS = re.compile(r"\d+|[^\W\d]+")


@dataclass(frozen=True)
class Name:
    """A name in a language, as it is written and as it is compared."""

    text: str
    language: str
    folded: str
    compact: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str, language: str) -> "Name":
        """Return a name, folded."""
        folded = fold(text)
        return cls(text, language, folded, folded.replace(" ", ""), words(folded))


@dataclass
class Entry:
    """A thing that can be found: how it is called, the name first that it is shown by; ``all`` holds every word of it."""

    resource: str
    kind: str
    names: list[Name] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    number: tuple[str, ...] = ()
    around: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    all: str = ""

    @property
    def name(self) -> Name:
        """The name it is shown by: the one in English."""
        return self.names[0]

    def close(self) -> None:
        """Take the words of all texts, when they are there."""
        for name in self.names:
            self.around.update(name.words)
        for text in self.about:
            self.around.update(words(fold(text)))
        for text in self.says:
            self.said.update(words(fold(text)))
        self.all = " ".join((*(name.compact for name in self.names), *self.codes, *self.around, *self.said))


def gathered(rows: Iterable[Iterable[str]]) -> Iterator[Entry]:
    """Return what can be found, from rows of a resource, its kind, the role of a text, the text and its language."""
    entries: dict[str, Entry] = {}
    for resource, kind, role, text, language in rows:
        entry = entries.setdefault(resource, Entry(resource, kind))
        if role == "name" and language in ("", "en"):
            entry.names.insert(0, Name.of(text, "en"))
        elif role in ("name", "other"):
            entry.names.append(Name.of(text, language))
        elif role == "code":
            entry.codes.add(fold(text).replace(" ", ""))
        elif role == "number":
            entry.number = numbers(fold(text))
        elif role == "within":
            entry.around.update(words(fold(text)))
        else:
            (entry.about if role == "about" else entry.says).append(text)
    for entry in entries.values():
        entry.close()
        yield entry


def question(asked: Question) -> Entry:
    """Return a question of the catalogue as something that can be found; it is asked with its examples."""
    example = urlencode({parameter.name: parameter.example for parameter in asked.parameters})
    address = f"{names.BASE}queries/{asked.name}" + (f"?{example}" if example else "")
    entry = Entry(address, "question", [Name.of(asked.title, "en")], says=[asked.summary] if asked.summary else [])
    entry.codes.add(fold(asked.name).replace(" ", ""))
    entry.close()
    return entry


def numbers(folded: str) -> tuple[str, ...]:
    """Return the number of an article in its parts, such as 9, 1, e."""
    return tuple(part for word in folded.split() if word not in BEFORE_NUMBERS for part in parts_of(word))


def parts_of(word: str) -> list[str]:
    """Return the numbers and the letters that a word is made of."""
    return _PARTS.findall(word)

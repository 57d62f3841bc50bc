"""Citations of a page: as a sentence, for BibTeX and for reference managers (RIS)."""

import re
from dataclasses import dataclass

from tutela.errors import TutelaError
from tutela.tables.published import published_releases
from tutela.web.markup import long_date

_AUTHOR = "Tutela project"
_DATASET = "Tutela: the law that protects children from sexual abuse material"
_LATEX_SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", **{one: f"\\{one}" for one in "&%$#_{}"},
}  # fmt: skip
_NOT_IN_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Citation:
    """What a citation of a page says. The day of access is for the reader to fill in.

    Args:
        title: title of the page.
        release: the name of the release, or its version if it has not been published under a name.
        issued: its release date, as YYYY-MM-DD.
        url: URL of the page: of this release if that has one of its own, which never changes.

    """

    title: str
    release: str
    issued: str
    url: str

    @property
    def sentence(self) -> str:
        """The citation as a sentence."""
        date = long_date(self.issued)
        return f"{_AUTHOR}, “{self.title}”, in {_DATASET}, release {self.release} of {date}, {self.url} (accessed DATE)."

    @property
    def bibtex(self) -> str:
        """The citation as an entry for BibTeX and biblatex."""
        key = _NOT_IN_KEY.sub("-", f"tutela {self.release} {self.title}".lower()).strip("-")
        fields = {
            "author": f"{{{_AUTHOR}}}",
            "title": f"{{{_latex(self.title)}}}",
            "howpublished": _latex(_DATASET),
            "version": _latex(self.release),
            "year": self.issued[:4],
            "date": self.issued,
            "url": self.url,
        }
        lines = ",\n".join(f"  {name:<12} = {{{value}}}" for name, value in fields.items())
        return f"@misc{{{key},\n{lines}\n}}"

    @property
    def ris(self) -> str:
        """The citation in the format of reference managers."""
        fields = [
            ("TY", "DATA"), ("AU", _AUTHOR), ("TI", self.title), ("T2", _DATASET), ("ET", self.release), ("PY", self.issued[:4]),
            ("DA", self.issued.replace("-", "/")), ("UR", self.url), ("ER", ""),
        ]  # fmt: skip
        return "\n".join(f"{tag}  - {value}" for tag, value in fields)


def published_name(version: str) -> str:
    """Return the name under which a version was published; empty if it was not, or if the index of releases is damaged."""
    try:
        return next((one.name for one in published_releases() if one.version == version), "")
    except TutelaError:
        return ""


def _latex(text: str) -> str:
    return "".join(_LATEX_SPECIAL.get(character, character) for character in text)

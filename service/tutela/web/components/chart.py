"""Charts as files: an SVG with its title, source and date inside, and the same as PNG."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import resvg_py

from tutela import paths
from tutela.web.templating import templates

WIDTH = 1200  # pixels
_MARGIN = 48
INNER = WIDTH - 2 * _MARGIN
_TITLE_SIZE, _TEXT_SIZE, _SOURCE_SIZE = 38, 21, 17
# Mean width of a letter in ems, on the wide side: the serif's in bold, and the sans-serif's.
_SERIF_EM, _SANS_EM = 0.53, 0.53
_COLOUR = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})")


@dataclass(frozen=True)
class Line:
    """A line of text; `y` is its baseline, in pixels from the top."""

    text: str
    y: float
    size: int


@dataclass(frozen=True)
class Chart:
    """A chart.

    Args:
        title: what it shows, as a sentence.
        subtitle: what the values are, with their date.
        source: where they come from.
        page: the URL of the page that shows the same data.
        template: the template of the drawing, in ``templates/charts``.
        height: height of the drawing in pixels.
        drawing: values of that template.
        is_draft: whether it shows a draft of an edition.

    """

    title: str
    subtitle: str
    source: str
    page: str
    template: str
    height: float
    drawing: Mapping[str, Any] = field(default_factory=dict)
    is_draft: bool = False

    def svg(self) -> str:
        """Return the chart as an SVG document. It has no style element, since pages with a content security policy show it."""
        y: float = _MARGIN + _TITLE_SIZE * 0.7
        title = text_lines(self.title, y, _TITLE_SIZE, _SERIF_EM)
        subtitle = text_lines(self.subtitle, title[-1].y + 40, _TEXT_SIZE, _SANS_EM)
        top = subtitle[-1].y + 32
        source = text_lines(f"Source: {self.source}", top + self.height + 48, _SOURCE_SIZE, _SANS_EM)
        page = Line(self.page, source[-1].y + _SOURCE_SIZE * 1.5, _SOURCE_SIZE)
        return templates.get_template("charts/chart.svg").render(
            chart=self,
            lines=[("title", title), ("subtitle", subtitle), ("source", [*source, page])],
            left=_MARGIN,
            inner=INNER,
            top=top,
            width=WIDTH,
            height=round(page.y + _MARGIN * 0.6),
            colours=colours(),
            **self.drawing,
        )


def text_lines(text: str, y: float, size: int, em: float = _SANS_EM, width: float = INNER) -> list[Line]:
    """Break a text into lines, since SVG 1.1 does not.

    Args:
        text: the text.
        y: baseline of the first line.
        size: font size in pixels.
        em: mean width of a letter in ems.
        width: width of a line in pixels.

    """
    limit = max(1, int(width / (size * em)))
    broken = [""]
    for word in text.split():
        if broken[-1] and len(broken[-1]) + 1 + len(word) > limit:
            broken.append(word)
        else:
            broken[-1] = f"{broken[-1]} {word}".strip()
    return [Line(line, y + number * size * 1.25, size) for number, line in enumerate(broken)]


@cache
def colours() -> dict[str, str]:
    """Return the colours of the light scheme by the names of their custom properties in the style sheet."""
    style = (paths.STATIC / "tutela.css").read_text(encoding="utf-8")
    return dict(_COLOUR.findall(style[: style.index("@media")]))


def png(svg: str, width: int = WIDTH) -> bytes:
    """Return an SVG document as PNG.

    Args:
        svg: the document.
        width: width in pixels; the height follows from it.

    """
    fonts = sorted(map(str, paths.VENDOR.glob("*.ttf")))
    # Without the built front end, the fonts of the machine are used.
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        font_files=fonts or None,
        skip_system_fonts=bool(fonts),
        serif_family="Tutela Serif 4" if fonts else None,
        sans_serif_family="Inter" if fonts else None,
    )

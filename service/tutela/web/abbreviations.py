"""Abbreviations that explain themselves: the first mention of each in the running text of a page shows what it means.

Texts of pages come from templates and from the data, so the finished page is read rather than each place marked.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from markupsafe import Markup, escape

_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"<(/?)([a-z0-9]+)")
# A button cannot stand in controls, links and drawings. Headings are names, code and quotations are not our words.
_NOT_IN = frozenset((
    "a", "button", "caption", "cite", "code", "dt", "h1", "h2", "h3", "h4", "label", "legend", "option", "pre", "q", "script",
    "select", "style", "summary", "svg", "textarea", "time",
))  # fmt: skip
# Nor in what is hidden, in another language, or to be copied as a whole.
_OTHER = re.compile(r' (?:lang="|aria-hidden="true"|class="(?:[^"]* )?(?:citation|unseen|definition)(?: [^"]*)?")')
_VOID = frozenset(("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))


def explain_abbreviations(
    html: str, explained: dict[str, dict[str, str]], abbreviations: Mapping[str, Mapping[str, str]]
) -> Markup:
    """Return the content of a page in which abbreviations explain themselves at their first mention, as the macro `explain` does.

    Args:
        html: the content.
        explained: the terms that the page explains already, by their identifier; those found are added.
        abbreviations: for each abbreviation its ``id``, ``definition`` and ``path``, the page that explains it.

    """
    pattern = _pattern(tuple(abbreviations))
    if pattern is None:
        return Markup(html)  # noqa: S704 (a rendered template)

    def button(match: re.Match[str]) -> str:
        known = abbreviations[match[0]]
        if known["id"] in explained:
            return match[0]
        explained[known["id"]] = {"label": match[0], "definition": known["definition"], "path": known["path"]}
        return f'<button type="button" class="explain" popovertarget="term-{escape(known["id"])}">{match[0]}</button>'

    return Markup(_in_running_text(html, lambda text: pattern.sub(button, text)))  # noqa: S704


@lru_cache(maxsize=4)
def _pattern(abbreviations: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern for whole abbreviations; not for parts of names, numbers and addresses, such as 95/46/EC."""
    if not abbreviations:
        return None
    alternatives = "|".join(re.escape(escape(one)) for one in sorted(abbreviations, key=len, reverse=True))
    return re.compile(rf"(?<![\w/.&#@-])(?:{alternatives})(?![\w/@-]|\.\w)")


def _in_running_text(html: str, change: Callable[[str], str]) -> str:
    """Return HTML with a function applied to each piece of running text."""
    parts = _TAG.split(html)
    outer, depth = "", 0  # the element that has no running text, and how many of its name are open
    for number, part in enumerate(parts):
        if number % 2 == 0:
            if not outer and part and not part.isspace():
                parts[number] = change(part)
            continue
        tag = _NAME.match(part)
        if tag is None or tag[2] in _VOID:
            continue
        if outer:
            depth += (-1 if tag[1] else 1) if tag[2] == outer else 0
            outer = outer if depth else ""
        elif not tag[1] and (tag[2] in _NOT_IN or _OTHER.search(part)):
            outer, depth = tag[2], 1
    return "".join(parts)

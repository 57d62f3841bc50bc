"""Addresses of links for print: each once, at the end of the page, with its number after each link that has it."""

import re
from html import unescape

from markupsafe import Markup

# A link to another site; what is in closed details is not printed, unless the style sheet opens them on paper.
_LINK = re.compile(
    r'<details(?P<details>[^>]*)>|(?P<end></details>)|<a (?P<attributes>[^>]*href="(?P<url>https?://[^"]*)"[^>]*)>(?P<text>[^<]*)'
)
_OPEN = re.compile(r"""\sopen(?:\s|=|$)|\sclass="[^"]*\bon-paper\b""")


def number_addresses(html: str, *, is_listed: bool = False) -> tuple[Markup, list[str]]:
    """Return the content of a page whose links can be printed, and the addresses that their numbers stand for.

    Without numbers, the style sheet prints the address after each link. A link whose text is its address gets neither.

    Args:
        html: the content.
        is_listed: whether links have numbers, since the page lists the addresses at its end.

    """
    numbers: dict[str, int] = {}
    closed: list[bool] = []  # whether each of the details around a link is closed

    def marked(match: re.Match[str]) -> str:
        if match["details"] is not None:
            closed.append(not _OPEN.search(match["details"]))
            return match[0]
        if match["end"]:
            del closed[-1:]
            return match[0]
        if _is_address(match["text"], match["url"]):
            return f'<a data-n="" {match["attributes"]}>{match["text"]}'
        if not is_listed or any(closed):
            return match[0]
        number = numbers.setdefault(match["url"], len(numbers) + 1)
        return f'<a data-n="{number}" {match["attributes"]}>{match["text"]}'

    changed = _LINK.sub(marked, html)
    return Markup(changed), [unescape(url) for url in numbers]  # noqa: S704 (a rendered template)


def _is_address(text: str, url: str) -> bool:
    shown, meant = (re.sub(r"^https?://(?:www\.)?|/$", "", unescape(one).strip()) for one in (text, url))
    return shown == meant

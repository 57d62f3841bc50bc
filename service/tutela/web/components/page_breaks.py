"""Where a long list is broken into pages, so that each is quick to load."""

from collections.abc import Iterable


def page_starts(sizes: Iterable[int], page_size: int) -> list[int]:
    """Return the position of the first item of each page: a page has as many items as fit, and at least one.

    Args:
        sizes: the size of each item.
        page_size: the size of a page, in the same unit.

    """
    starts, used = [0], 0
    for number, size in enumerate(sizes):
        if used and used + size > page_size:
            starts.append(number)
            used = 0
        used += size
    return starts

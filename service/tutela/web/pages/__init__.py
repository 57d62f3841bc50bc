"""The pages that people read: each module is one of them, over the catalogue."""

from fastapi import APIRouter

from tutela.web.frame import Frame
from tutela.web.pages import about, compare, gaps, instruments, jurisdictions, search, start, topics, world_map

_PAGES = (start, world_map, jurisdictions, instruments, compare, gaps, topics, search, about)


def router(frame: Frame) -> APIRouter:
    """Return the routes of all pages."""
    routes = APIRouter(include_in_schema=False)
    for page in _PAGES:
        page.add(routes, frame)
    return routes

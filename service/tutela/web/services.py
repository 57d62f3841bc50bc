"""What handlers need: one object, created with the application."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from fastapi import Request

if TYPE_CHECKING:  # the handlers in these packages import this module
    from tutela.catalog import Catalog
    from tutela.engine import BlockingStore, Engine
    from tutela.release import Release
    from tutela.search import Search
    from tutela.settings import Settings
    from tutela.web.api.sparql import SparqlEndpoint
    from tutela.web.api.validation import Validator
    from tutela.web.rendering import PageRenderer


@dataclass(frozen=True)
class Services:
    """The engine and everything built on it.

    Args:
        engine: evaluates all queries, including those of the pages.
        release: a release whose files can be downloaded while the engine serves its version.
        settings: the settings.
        store: the engine, for threads.
        catalog: the catalogue.
        endpoint: the SPARQL endpoint.
        renderer: renders pages.
        search: the search.
        validator: validates RDF and tables.

    """

    engine: "Engine"
    release: "Release | None"
    settings: "Settings"
    store: "BlockingStore"
    catalog: "Catalog"
    endpoint: "SparqlEndpoint"
    renderer: "PageRenderer"
    search: "Search"
    validator: "Validator"


def services(request: Request) -> Services:
    """Return the services of the application that handles a request."""
    return cast(Services, request.app.state.services)

"""What handlers need: one object for each release that is served."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from fastapi import Request
from starlette.types import Scope

from tutela.errors import NotFoundError
from tutela.settings import Settings

if TYPE_CHECKING:  # the handlers in these packages import this module
    from tutela.catalog import Catalog
    from tutela.engine import BlockingStore, Engine
    from tutela.release.snapshot import Snapshot
    from tutela.search import Search
    from tutela.web.api.sparql import SparqlEndpoint
    from tutela.web.api.validation import Validator
    from tutela.web.rendering import PageRenderer

_KEY = "tutela.services"  # in the ASGI scope of a request


@dataclass(frozen=True)
class Services:
    """The engine and everything built on it.

    Args:
        engine: evaluates all queries, including those of the pages.
        files: the files of a release, which belong to the release that is served if the versions are equal.
        settings: the settings.
        store: the engine, for threads.
        catalog: the catalogue.
        endpoint: the SPARQL endpoint.
        renderer: renders pages.
        search: the search.
        validator: validates RDF and tables.

    """

    engine: "Engine"
    files: "Snapshot | None"
    settings: Settings
    store: "BlockingStore"
    catalog: "Catalog"
    endpoint: "SparqlEndpoint"
    renderer: "PageRenderer"
    search: "Search"
    validator: "Validator"

    def files_of(self, version: str) -> "Snapshot":
        """Return the files of the release that is served.

        Args:
            version: its version.

        Raises:
            NotFoundError: they are not here, only those of another release or none.

        """
        if self.files is None or self.files.version != version:
            raise NotFoundError("This service does not have the files of the release; /graph/ has the graphs.")
        return self.files


def set_services(scope: Scope, services: Services) -> None:
    """Set the services of a request; see `services`."""
    scope[_KEY] = services


def services_in(scope: Scope) -> Services:
    """Return the services of a request by its scope; see `services`."""
    return cast(Services, scope[_KEY])


def services(request: Request) -> Services:
    """Return the services of the release that was served when the request arrived. They stay the same during the request."""
    return services_in(request.scope)


def settings_in(scope: Scope) -> Settings:
    """Return the settings by the scope of a request; the defaults if it has no services."""
    found = cast("Services | None", scope.get(_KEY))
    return found.settings if found else Settings()

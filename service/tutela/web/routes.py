"""Every URL of the service, with the function that handles it.

HEAD works like GET. Errors are a page if the client prefers one, otherwise plain text.
"""

from collections.abc import Callable
from typing import Any

from starlette.routing import BaseRoute, Route

from tutela.web.api import feeds, handlers, queries
from tutela.web.linked_data import discovery, documents, downloads
from tutela.web.pages import (
    about,
    cards,
    changes,
    charts,
    checklists,
    compare,
    criteria,
    editions,
    editor,
    gaps,
    glossary,
    implementation,
    instruments,
    jurisdiction_list,
    jurisdictions,
    laws,
    notes,
    parties,
    recommendations,
    regions,
    report,
    search,
    shapes,
    sources,
    start,
    topics,
    validate,
    world_map,
)

_GET = ["GET"]  # Starlette adds HEAD
_GET_AND_POST = ["GET", "POST"]


def _api(path: str, handler: Callable[..., Any], methods: list[str] = _GET) -> Route:
    return Route(path, handler, methods=methods, name=handler.__name__)


def _get(path: str, handler: Callable[..., Any]) -> Route:
    return Route(path, handler, methods=_GET)


# Responses below these paths do not depend on the release, so they are sent even if the engine does not respond.
INDEPENDENT = ("/static/", "/health", "/validate", "/robots.txt", "/favicon.ico", "/pages.css", "/basemap.svg")

# Below these paths are files, whose names do not end in a slash.
FILES = ("/static/", "/download/")

ROUTES: tuple[BaseRoute, ...] = (
    # Pages for people
    _get("/", start.page),
    _get("/map", world_map.page),
    _get("/jurisdictions", jurisdiction_list.page),
    _get("/jurisdictions.csv", jurisdiction_list.csv_file),
    _get("/jurisdictions/{code}", jurisdictions.page),
    _get("/instruments", instruments.list_page),
    _get("/instruments/{slug}", instruments.page),
    _get("/instruments/{slug}/parties", parties.page),
    _get("/instruments/{slug}/national-law", implementation.page),
    _get("/laws", laws.list_page),
    _get("/laws/{code}/{slug}", laws.page),
    _get("/criteria", criteria.list_page),
    _get("/criteria/{slug}", criteria.page),
    _get("/regions", regions.list_page),
    _get("/regions/{code}", regions.page),
    _get("/notes", notes.list_page),
    _get("/notes/{number}", notes.of_current_edition),
    _get("/notes/{edition}/{number}", notes.page),
    _get("/sources", sources.list_page),
    _get("/sources/{name}", sources.page),
    _get("/recommendations", recommendations.list_page),
    _get("/recommendations/{slug}", recommendations.page),
    _get("/glossary", glossary.page),
    _get("/organisations", glossary.organisations),
    _get("/initiatives", glossary.initiatives),
    _get("/editions", editions.list_page),
    _get("/editions/{number}", editions.page),
    _get("/changes", changes.page),
    _get("/checklist", checklists.list_page),
    _get("/checklist/{code}.{suffix}", checklists.export),
    _get("/checklist/{code}", checklists.page),
    _get("/compare", compare.page),
    _get("/compare.{suffix}", compare.export),
    _get("/gaps", gaps.page),
    _get("/gaps.csv", gaps.csv_file),
    _get("/topics", topics.page),
    _get("/search", search.page),
    _get("/about", about.page),
    _get("/report", report.page),
    # Interfaces for programs; /sparql, /queries and /validate are pages too
    _api("/sparql", editor.sparql, _GET_AND_POST),
    _api("/queries", queries.list_queries),
    _api("/queries/{name}.{suffix}", queries.run_query),
    _api("/queries/{name}", queries.run_query),
    _api("/validate", validate.validate, _GET_AND_POST),
    _api("/health", handlers.health),
    Route("/health/ready", handlers.health, methods=_GET, name="ready"),
    _api("/health/live", handlers.live),
    _api("/api", handlers.api),
    _get("/api.json", handlers.api_document),
    _api("/.well-known/void", handlers.void),
    _get("/.well-known/api-catalog", discovery.api_catalog),
    _get("/llms.txt", discovery.llms),
    # Pictures to share
    _get("/charts/{name}.{suffix}", charts.chart_file),
    _get("/embed/{name}", charts.embed),
    _get("/cards/{path:path}.png", cards.card),
    # Feeds
    _get("/changes.atom", feeds.changes),
    _get("/jurisdictions/{code}/changes.atom", feeds.jurisdiction_changes),
    _get("/instruments/{slug}/changes.atom", feeds.instrument_changes),
    # Linked data
    _get("/id/{path:path}", documents.resource),
    _get("/doc/{path:path}", documents.document),
    _get("/ontology", documents.ontology),
    _get("/ontology.{suffix}", documents.ontology),
    _get("/ontology/{version}", documents.ontology_version),
    _get("/shapes", documents.shapes),
    _get("/shapes.{suffix}", documents.shapes),
    _get("/shapes/checks/{name}", shapes.checks_page),
    _get("/shapes/{name}", shapes.page),
    _get("/graph/{name}", documents.graph),
    _get("/context.jsonld", documents.context),
    # Downloads
    _get("/data/tables.json", downloads.tables),
    _get("/data/{table}.csv", downloads.table),
    _get("/data/{table}.csv-metadata.json", downloads.table_metadata),
    _get("/download/{file:path}", downloads.release_file),
    # For browsers and crawlers
    _get("/sitemap.xml", downloads.sitemap),
    _get("/robots.txt", downloads.robots),
    _get("/favicon.ico", handlers.favicon),
    _get("/pages.css", handlers.pages_css),
    _get("/basemap.svg", handlers.basemap_svg),
)

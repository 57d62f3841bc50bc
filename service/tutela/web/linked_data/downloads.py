"""Tables, release files, ``/sitemap.xml`` and ``/robots.txt``."""

import html
import json
from pathlib import PurePath
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from tutela.errors import NotFoundError
from tutela.release.bundle import MANIFEST
from tutela.release.snapshot import Snapshot
from tutela.sparql.query_file import page_query
from tutela.tables.files import public_metadata, table_group
from tutela.web.http.caching import CACHE_CONTROL, make_etag
from tutela.web.http.content_disposition import content_disposition
from tutela.web.http.files import file_response
from tutela.web.page_urls import page_url
from tutela.web.services import services
from tutela.web.templating import root_path

_FILE_TYPES = {".nq": "application/n-quads", ".ttl": "text/turtle", ".jsonld": "application/ld+json", ".json": "application/json"}
# The media type of CSV metadata (W3C Metadata Vocabulary for Tabular Data, appendix B).
_CSVM = "application/csvm+json"
_HEADERS = {"cache-control": CACHE_CONTROL}
# Pages about more than one resource, which the sitemap lists first.
OVERVIEW_PAGES = (
    "/",
    "/map",
    "/jurisdictions",
    "/instruments",
    "/laws",
    "/criteria",
    "/regions",
    "/notes",
    "/sources",
    "/recommendations",
    "/glossary",
    "/organisations",
    "/initiatives",
    "/editions",
    "/changes",
    "/checklist",
    "/gaps",
    "/topics",
    "/queries",
    "/about",
    "/sparql",
    "/api",
    "/shapes",
)


def robots(request: Request) -> Response:
    """Respond with ``robots.txt`` (RFC 9309)."""
    text = f"User-agent: *\nDisallow: {root_path(request)}/sparql?\nSitemap: {request.base_url}sitemap.xml\n"
    return PlainTextResponse(text, headers=_HEADERS)


def sitemap(request: Request) -> Response:
    """Respond with the sitemap (sitemaps.org)."""
    query = page_query("sitemap")
    found = [page_url(str(iri)) for (iri,) in services(request).store.query(query.text).rows()]
    pages = [f"{request.base_url}{path.removeprefix('/')}" for path in (*OVERVIEW_PAGES, *found)]
    locations = "".join(f"<url><loc>{html.escape(page)}</loc></url>\n" for page in pages)
    namespace = query.metadata["namespace"]
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{namespace}">\n{locations}</urlset>\n'
    return Response(text, media_type="application/xml", headers=_HEADERS)


def tables(request: Request) -> Response:
    """Respond with the metadata of all tables (W3C Metadata Vocabulary for Tabular Data, section 5.3)."""
    files = _files(request)
    documents = [_metadata(files, name) for name in files.tables.values()]
    return JSONResponse(table_group(documents), media_type=_CSVM, headers=_HEADERS)


def table_metadata(request: Request) -> Response:
    """Respond with the metadata of one table."""
    files = _files(request)
    return JSONResponse(_metadata(files, _table_file(request, files)), media_type=_CSVM, headers=_HEADERS)


def table(request: Request) -> Response:
    """Respond with a table."""
    files = _files(request)
    name = _table_file(request, files)
    # Clients find the metadata by this link (W3C Model for Tabular Data and Metadata on the Web, section 5.2).
    link = f'<{root_path(request)}/data/tables.json>; rel="describedby"; type="{_CSVM}"'
    media_type = "text/csv; charset=utf-8; header=present"
    return file_response(request, files.path(name), media_type, headers={"link": link, **_file_headers(files, name)})


def release_file(request: Request) -> Response:
    """Respond with a file of the release."""
    files = _files(request)
    name = str(request.path_params["file"])
    if name not in files:
        raise NotFoundError(f"There is no file {name} in this release; /download/{MANIFEST} lists the files.")
    media_type = _FILE_TYPES.get(PurePath(name).suffix, "text/plain")
    return file_response(request, files.path(name), media_type, headers=_file_headers(files, name), compress=False)


def _file_headers(files: Snapshot, name: str) -> dict[str, str]:
    """Return the headers of a file; its entity tag depends on its content alone."""
    path = PurePath(name)
    headers = {"etag": make_etag(name, files.manifest["files"].get(name, {}).get("sha256", files.digest))}
    if path.suffix:
        headers["content-disposition"] = content_disposition([path.stem], path.suffix.removeprefix("."))
    return headers


def _files(request: Request) -> Snapshot:
    """Return the files of the release that is served."""
    its = services(request)
    return its.files_of(its.store.version)


def _table_file(request: Request, files: Snapshot) -> str:
    """Return the name of the file of a table in the release."""
    name = str(request.path_params["table"])
    if name not in files.tables:
        raise NotFoundError(f"There is no table {name}; /data/tables.json describes the tables.")
    return files.tables[name]


def _metadata(files: Snapshot, table_file: str) -> dict[str, Any]:
    return public_metadata(json.loads(files.read_text(f"{table_file}-metadata.json")))

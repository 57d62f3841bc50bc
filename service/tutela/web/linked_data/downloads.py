"""Tables, release files, ``/sitemap.xml`` and ``/robots.txt``."""

import html

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from tutela import paths
from tutela.errors import NotFoundError
from tutela.release.bundle import CHECKSUMS, MANIFEST
from tutela.sparql.query_file import page_query
from tutela.tables.files import metadata, table_group
from tutela.web.http.caching import CACHE_CONTROL, make_etag
from tutela.web.http.content_disposition import content_disposition
from tutela.web.http.files import file_response
from tutela.web.services import services
from tutela.web.templating import page_url, root_path

_FILE_TYPES = {".nq": "application/n-quads", ".ttl": "text/turtle", ".jsonld": "application/ld+json", ".json": "application/json"}
# The media type of CSV metadata (W3C Metadata Vocabulary for Tabular Data, appendix B).
_CSVM = "application/csvm+json"
_HEADERS = {"cache-control": CACHE_CONTROL}
# Pages about more than one resource, which the sitemap lists first.
OVERVIEW_PAGES = ("/", "/map", "/jurisdictions", "/instruments", "/gaps", "/topics", "/queries", "/about", "/sparql")


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
    """Respond with the metadata of all tables."""
    return JSONResponse(table_group(), media_type=_CSVM, headers=_HEADERS)


def table_metadata(request: Request) -> Response:
    """Respond with the metadata of one table."""
    return JSONResponse(metadata(_table_name(request)), media_type=_CSVM, headers=_HEADERS)


def table(request: Request) -> Response:
    """Respond with a table."""
    name = _table_name(request)
    # Clients find the metadata by this link (W3C Model for Tabular Data and Metadata on the Web, section 5.2).
    link = f'<{root_path(request)}/data/tables.json>; rel="describedby"; type="{_CSVM}"'
    headers = {"link": link, "content-disposition": content_disposition([name], "csv")}
    return file_response(request, paths.table_files()[name], "text/csv; charset=utf-8; header=present", headers=headers)


def _table_name(request: Request) -> str:
    name = str(request.path_params["table"])
    if name not in paths.table_files():
        raise NotFoundError(f"There is no table {name}; /data/tables.json describes the tables.")
    return name


def release_file(request: Request) -> Response:
    """Respond with a file of the release."""
    its = services(request)
    name = str(request.path_params["file"])
    if its.release is None or its.release.version != its.store.version:
        raise NotFoundError("This service does not have the files of the release; /graph/ has the graphs.")
    if name not in {*its.release.manifest["files"], MANIFEST, CHECKSUMS}:
        raise NotFoundError(f"There is no file {name} in this release; /download/{MANIFEST} lists the files.")
    path = its.release.folder / name
    headers = {"content-disposition": content_disposition([path.stem], path.suffix.removeprefix("."))} if path.suffix else {}
    if checksum := its.release.manifest["files"].get(name, {}).get("sha256"):
        headers["etag"] = make_etag(checksum)
    return file_response(request, path, _FILE_TYPES.get(path.suffix, "text/plain"), headers=headers, compress=False)

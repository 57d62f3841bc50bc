"""Linked data: every address that we coin answers, to people with a page and to programs with RDF.

``/id/X`` is the thing itself and answers 303 See Other; ``/doc/X`` is what is known of it (W3C, Cool URIs for the Semantic
Web, section 4.2). What has a number sign in its address (terms, shapes, rows) stands in one document with its like.
"""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse

from tutela import header, names, paths, validate
from tutela.catalog import with_iris
from tutela.release import CHECKSUMS, MANIFEST, Release
from tutela.store import Store, dump, triples_from
from tutela.web.description import IN_SCHEME, THING, TYPE, Reader, Shown, Triples, short
from tutela.web.frame import failure, reads_html
from tutela.web.json_ld import compact, context_of
from tutela.web.negotiation import GRAPH_TYPES, choose
from tutela.web.sparql import has, problem, tag, unacceptable
from tutela.web.templating import page_of, program, root_of, templates

READ = ["GET", "HEAD"]
# The pages for people that are about many things.
PEOPLE = ("/", "/map", "/jurisdictions", "/instruments", "/gaps", "/topics", "/queries", "/about", "/sparql")
# The last is what a client gets that has no preference.
PAGE_TYPES = {**GRAPH_TYPES, "text/html": "html"}
# No address of ours ends in one of these; other dots (art_18.16) belong to the address.
ENDINGS = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
FILE_TYPES = {".nq": "application/n-quads", ".ttl": "text/turtle", ".jsonld": "application/ld+json", ".json": "application/json"}

COMMENT = f"{names.PREFIXES['rdfs']}comment"
CLASS = f"{names.PREFIXES['owl']}Class"
# The characters of our addresses; no segment is empty or begins with a dot, so there is no way up and none out of <>.
_SEGMENT = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*", re.ASCII)
_SCHEME = re.compile(rf"scheme/{_SEGMENT}", re.ASCII)

Page = Callable[["Reader"], Mapping[str, Any]]


@dataclass(frozen=True)
class Document:
    """What one address tells: ``about`` which IRI, in triples, and for people as a page of a template."""

    address: str
    about: str
    triples: Triples
    template: str | None = None
    page: Page = lambda reader: {}


def router(release: Release | None, store: Store) -> APIRouter:
    """Return the routes over a store, and over the release whose files may be had."""
    routes = APIRouter(include_in_schema=False)
    ask = lru_cache(maxsize=256)(lambda version, name, resource: _ask(store, name, resource))
    shapes = cache(lambda: triples_from(validate.shapes_text().encode(), "turtle"))

    def described(path: str) -> Triples:
        return ask(store.version, "describe", f"{THING}{path}")

    def ontology() -> Triples:
        return ask(store.version, "ontology", None)

    def answer(request: Request, ending: str, document: Document) -> Response:
        return _answer(request, document, ending, store.version, context(store.version))

    @lru_cache(maxsize=2)
    def context(version: str) -> Mapping[str, Any]:
        return context_of(store)

    @routes.api_route("/id/{path:path}", methods=READ)
    def thing(request: Request, path: str) -> Response:
        if not _PATH.fullmatch(path) or not described(path):
            return _unknown(request, f"Nothing is known of {THING}{path}.")
        chosen = choose(PAGE_TYPES, request.headers.get("accept"))
        if chosen is None:
            return _vary(unacceptable(PAGE_TYPES))
        ending = next(ending for ending, media in ENDINGS.items() if PAGE_TYPES[media] == chosen[1])
        location = f"{root_of(request)}/doc/{path}" + ("" if ending == "html" else f".{ending}")
        return _vary(Response(status_code=303, headers={"location": location}))

    @routes.api_route("/doc/{path:path}", methods=READ)
    def document(request: Request, path: str) -> Response:
        stem, ending = _split(path)
        if not _PATH.fullmatch(stem) or not described(stem):
            return _unknown(request, f"Nothing is known of {THING}{stem}.")
        if _SCHEME.fullmatch(stem):
            found = ask(store.version, "scheme", f"{THING}{stem}")
            return answer(request, ending, Document(f"/doc/{stem}", f"{THING}{stem}", found, "terms.html", _scheme_page(stem)))
        page = _resource_page(stem)
        return answer(request, ending, Document(f"/doc/{stem}", f"{THING}{stem}", described(stem), "resource.html", page))

    @routes.api_route("/ontology", methods=READ)
    @routes.api_route("/ontology.{ending}", methods=READ)
    def vocabulary(request: Request, ending: str = "") -> Response:
        return answer(request, ending, Document("/ontology", f"{names.BASE}ontology", ontology(), "terms.html", _ontology_page))

    @routes.api_route("/ontology/{version}", methods=READ)
    def version(request: Request, version: str) -> Response:
        if not any(triple.object.value == f"{names.BASE}ontology/{version}" for triple in ontology()):
            return _unknown(request, f"There is no version {version} of the ontology here; /ontology is the present one.")
        return Response(status_code=303, headers={"location": f"{root_of(request)}/ontology"})

    @routes.api_route("/shapes", methods=READ)
    @routes.api_route("/shapes.{ending}", methods=READ)
    def constraints(request: Request, ending: str = "") -> Response:
        return answer(request, ending, Document("/shapes", f"{names.BASE}shapes", shapes(), "terms.html", _shapes_page))

    @routes.api_route("/graph/{name}", methods=READ)
    def graph(request: Request, name: str) -> Response:
        stem, ending = _split(name)
        if stem not in names.GRAPHS:
            return _unknown(request, f"There is no graph {stem}; there are {', '.join(names.GRAPHS)}.")
        found = ask(store.version, "graph", f"{names.GRAPH}{stem}")
        return answer(request, ending, Document(f"/graph/{stem}", f"{names.GRAPH}{stem}", found, "graph.html", _graph_page(stem)))

    @routes.api_route("/context.jsonld", methods=READ)
    def published() -> Response:
        text = json.dumps({"@context": context(store.version)}, indent=2, ensure_ascii=False) + "\n"
        return Response(text, media_type="application/ld+json")

    @routes.api_route("/robots.txt", methods=READ)
    def robots(request: Request) -> Response:
        return PlainTextResponse(f"User-agent: *\nDisallow: /sparql?\nSitemap: {request.base_url}sitemap.xml\n")

    @routes.api_route("/sitemap.xml", methods=READ)
    def sitemap(request: Request) -> Response:
        query = header.read(paths.QUERIES / "pages" / "sitemap.rq")
        found = [page_of(str(iri)) for (iri,) in store.query(query.text).rows()]
        pages = [f"{request.base_url}{path.removeprefix('/')}" for path in (*PEOPLE, *found)]
        locations = "".join(f"<url><loc>{html.escape(page)}</loc></url>\n" for page in pages)
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{query.head["namespace"]}">\n{locations}</urlset>\n'
        return Response(text, media_type="application/xml")

    @routes.api_route("/data/tables.json", methods=READ)
    def metadata() -> Response:
        # The media type of the metadata of tables (W3C, Metadata Vocabulary for Tabular Data, appendix B).
        return FileResponse(paths.DATA / "tables.json", media_type="application/csvm+json")

    @routes.api_route("/data/{table}.csv", methods=READ)
    def table(request: Request, table: str) -> Response:
        known = {path.stem: path for path in paths.DATA.glob("*.csv")}
        if table not in known:
            return _unknown(request, f"There is no table {table}; /data/tables.json describes those there are.")
        # The metadata of a table is found by this link (W3C, Model for Tabular Data and Metadata on the Web, section 5.2).
        link = f'<{root_of(request)}/data/tables.json>; rel="describedby"; type="application/csvm+json"'
        return FileResponse(known[table], media_type="text/csv; charset=utf-8; header=present", headers={"link": link})

    @routes.api_route("/download/{file:path}", methods=READ)
    def download(request: Request, file: str) -> Response:
        if release is None or release.version != store.version:
            return _unknown(request, "The files of this release are not at this copy of the service; /graph/ has the graphs.")
        if file not in {*release.manifest["files"], MANIFEST, CHECKSUMS}:
            return _unknown(request, f"There is no file {file} in this release; /download/{MANIFEST} lists those there are.")
        return FileResponse(release.folder / file, media_type=FILE_TYPES.get(PurePath(file).suffix, "text/plain"))

    return routes


def _ask(store: Store, name: str, resource: str | None = None) -> Triples:
    text = header.read(paths.QUERIES / "pages" / f"{name}.rq").text
    if resource is not None:
        text = with_iris(text, "resource", [resource])
    return sorted(set(store.query(text).triples()), key=str)


def _split(path: str) -> tuple[str, str]:
    stem, _, ending = path.rpartition(".")
    return (stem, ending) if ending in ENDINGS else (path, "")


def _answer(request: Request, document: Document, ending: str, version: str, context: Mapping[str, Any]) -> Response:
    types = PAGE_TYPES if document.template else GRAPH_TYPES
    if ending and ENDINGS.get(ending) not in types:
        return _unknown(request, f"There is no format .{ending} of {document.address}.")
    chosen = (ENDINGS[ending], types[ENDINGS[ending]]) if ending else choose(types, request.headers.get("accept"))
    if chosen is None:
        return _vary(unacceptable(types))
    media, form = chosen
    root = root_of(request)
    formats = {
        ending: (f"{root}{document.address}.{ending}", kind, types[kind] == form)
        for ending, kind in ENDINGS.items()
        if kind in types
    }
    links = [f'<{href}>; rel="alternate"; type="{kind}"' for href, kind, same in formats.values() if not same]
    if document.about:
        classes = {t.object.value for t in document.triples if t.subject.value == document.about and t.predicate.value == TYPE}
        links = [f'<{document.about}>; rel="describes"', *links, *(f'<{iri}>; rel="type"' for iri in sorted(classes))]
    etag = tag(version, program(), root, document.address, form)
    headers = {"link": ", ".join(links), "vary": "Accept", "etag": etag, "cache-control": "public, no-cache"}
    if has(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    if form != "html" or not document.template:
        charset = "" if media.endswith(("json", "n-triples")) else "; charset=utf-8"
        body = compact(document.triples, context) if form == "jsonld" else dump(document.triples, form)
        return Response(body, headers={**headers, "content-type": media + charset})
    reader = Reader(document.triples, root)
    content = {
        "iri": document.about,
        "title": reader.labels.get(document.about) or Shown(short(document.about)),
        "types": reader.types(document.about),
        "formats": formats,
        **document.page(reader),
    }
    return templates.TemplateResponse(request, document.template, content, headers=headers)


def _resource_page(path: str) -> Page:
    def page(reader: Reader) -> Mapping[str, Any]:
        iri = f"{THING}{path}"
        remarks = [t.object.value for t in reader.statements[f"{names.BASE}doc/{path}"] if t.predicate.value == COMMENT]
        return {"table": reader.table(iri), "pointers": reader.pointers(iri), "remarks": remarks}

    return page


def _graph_page(name: str) -> Page:
    def page(reader: Reader) -> Mapping[str, Any]:
        count = sum(len(triples) for triples in reader.statements.values())
        return {"title": Shown(f"The graph {name}"), "count": count, "subjects": len(reader.statements)}

    return page


def _scheme_page(path: str) -> Page:
    def page(reader: Reader) -> Mapping[str, Any]:
        iri = f"{THING}{path}"
        concepts = {t.subject.value for t in reader.pointing[iri] if t.predicate.value == IN_SCHEME}
        return {"table": reader.table(iri), "groups": {"Concepts": reader.terms(concepts)}}

    return page


def _ontology_page(reader: Reader) -> Mapping[str, Any]:
    iri = f"{names.BASE}ontology"
    terms = {subject for subject in reader.statements if subject.startswith(f"{iri}#")}
    classes = {subject for subject in terms if any(t.object.value == CLASS for t in reader.statements[subject])}
    return {
        "table": reader.table(iri),
        "groups": {"Classes": reader.terms(classes), "Properties": reader.terms(terms - classes)},
    }


def _shapes_page(reader: Reader) -> Mapping[str, Any]:
    shapes = {subject for subject in reader.statements if subject.startswith(f"{names.BASE}shapes#")}
    # The reports of a build name the checks too, which span the graph and are queries.
    checks: list[dict[str, Any]] = [
        {
            "anchor": f"{names.CHECK}{query.name}".partition("#")[2],
            "name": f"queries/checks/{query.path.name}",
            "label": Shown(query.title),
            "href": None,
            "lead": None,
            "types": [],
            "table": [],
        }
        for query in header.read_all(paths.QUERIES / "checks")
    ]
    return {"title": Shown("Shapes and checks"), "table": [], "groups": {"Shapes": reader.terms(shapes), "Checks": checks}}


def _unknown(request: Request, message: str) -> Response:
    return failure(request, 404, message) if reads_html(request) else _vary(problem(404, message))


def _vary(response: Response) -> Response:
    response.headers["vary"] = "Accept"
    return response

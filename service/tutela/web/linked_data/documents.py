"""Linked data: each IRI of the project answers with a page for people and with RDF for programs.

``/id/X`` identifies the resource and answers 303 See Other (W3C, Cool URIs for the Semantic Web, section 4.2): for people to the
page about it, for programs to ``/doc/X``, the document with its statements. ``/doc/X`` as HTML is a table of these statements.
Terms, shapes and rows have IRIs with a number sign and share one document.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from tutela import namespaces
from tutela.errors import NotFoundError
from tutela.release.snapshot import SHAPES, Snapshot
from tutela.sparql import Store, rdf
from tutela.sparql.binding import bind_iris
from tutela.sparql.query_file import page_query
from tutela.sparql.rdf import Triples
from tutela.web.components import shape_rules
from tutela.web.http.caching import CACHEABLE
from tutela.web.http.negotiation import GRAPH_TYPES, negotiate, with_charset
from tutela.web.linked_data.json_ld import compact, context_of
from tutela.web.linked_data.resource_view import IN_SCHEME, RESOURCE, TYPE, DisplayTerm, ResourceView, short_form
from tutela.web.page_urls import page_url
from tutela.web.services import services
from tutela.web.templating import root_path, templates

# The last is the default.
PAGE_TYPES = {**GRAPH_TYPES, "text/html": "html"}
# No IRI of the project ends in one of these; other dots (art_18.16) are part of the IRI.
SUFFIXES = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "n3": "text/n3",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
# Formats in which a named graph has its name. In other documents, all statements are in the default graph.
_DATASET_FORMATS = ("trig", "nquads")
_COMMENT = f"{namespaces.PREFIXES['rdfs']}comment"
_CLASS = f"{namespaces.PREFIXES['owl']}Class"
# The characters of the project's IRIs. No segment is empty or begins with a dot, so a path cannot leave its folder or its <>.
_SEGMENT = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*", re.ASCII)
_SCHEME = re.compile(rf"scheme/{_SEGMENT}", re.ASCII)

PageContent = Callable[[ResourceView], Mapping[str, Any]]


@dataclass(frozen=True)
class RdfDocument:
    """One document.

    Args:
        path: its URL path, below the root path.
        about: IRI of the resource that it describes.
        triples: its content.
        template: the template of its page; None if it has no page.
        content: returns the content of the page.
        graph: IRI of the named graph that it contains, if it does.

    """

    path: str
    about: str
    triples: Triples
    template: str | None = None
    content: PageContent = lambda view: {}
    graph: str | None = None


def resource(request: Request) -> Response:
    """Redirect ``/id/X`` to the page about the resource for people, and to its document for programs."""
    path = str(request.path_params["path"])
    if not _PATH.fullmatch(path) or not _exists(services(request).store, path):
        raise NotFoundError(f"Unknown resource {RESOURCE}{path}.")
    _, format_name = negotiate(request, PAGE_TYPES)
    suffix = next(suffix for suffix, media in SUFFIXES.items() if PAGE_TYPES[media] == format_name)
    location = root_path(request) + (page_url(f"{RESOURCE}{path}") if suffix == "html" else f"/doc/{path}.{suffix}")
    return Response(status_code=303, headers={**CACHEABLE, "location": location})


def document(request: Request) -> Response:
    """Respond with the document about a resource."""
    path, suffix = _split_suffix(str(request.path_params["path"]))
    store = services(request).store
    triples = _describe(store, path) if _PATH.fullmatch(path) else []
    if not triples:
        raise NotFoundError(f"Unknown resource {RESOURCE}{path}.")
    iri = f"{RESOURCE}{path}"
    if _SCHEME.fullmatch(path):
        terms = _construct(store, "scheme", iri)
        return _respond(request, suffix, RdfDocument(f"/doc/{path}", iri, terms, "terms.html", _scheme_content(iri)))
    return _respond(request, suffix, RdfDocument(f"/doc/{path}", iri, triples, "resource.html", _resource_content(path)))


def ontology(request: Request) -> Response:
    """Respond with the ontology."""
    iri = f"{namespaces.BASE}ontology"
    triples = _construct(services(request).store, "ontology")
    return _respond(request, _suffix(request), RdfDocument("/ontology", iri, triples, "terms.html", _ontology_content))


def ontology_version(request: Request) -> Response:
    """Redirect the IRI of the current ontology version to the ontology."""
    version = str(request.path_params["version"])
    triples = _construct(services(request).store, "ontology")
    if not any(triple.object.value == f"{namespaces.BASE}ontology/{version}" for triple in triples):
        raise NotFoundError(f"There is no version {version} of the ontology here; /ontology is the current version.")
    return Response(status_code=303, headers={**CACHEABLE, "location": f"{root_path(request)}/ontology"})


def shapes(request: Request) -> Response:
    """Respond with the shapes."""
    its = services(request)
    files = its.files_of(its.store.version)
    triples = rdf.parse_triples(files.read_text(SHAPES).encode(), "turtle")
    one = RdfDocument("/shapes", f"{namespaces.BASE}shapes", triples, "shapes.html", _shapes_content(files))
    return _respond(request, _suffix(request), one)


def graph(request: Request) -> Response:
    """Respond with a named graph."""
    name, suffix = _split_suffix(str(request.path_params["name"]))
    if name not in namespaces.GRAPHS:
        raise NotFoundError(f"There is no graph {name}; the graphs are {', '.join(namespaces.GRAPHS)}.")
    iri = f"{namespaces.GRAPH}{name}"
    triples = _construct(services(request).store, "graph", iri)
    return _respond(request, suffix, RdfDocument(f"/graph/{name}", iri, triples, "graph.html", _graph_content(name), iri))


def context(request: Request) -> Response:
    """Respond with the JSON-LD context."""
    text = json.dumps({"@context": context_of(services(request).store)}, indent=2, ensure_ascii=False) + "\n"
    return Response(text, media_type="application/ld+json", headers={"cache-control": CACHEABLE["cache-control"]})


def _construct(store: Store, name: str, iri: str | None = None) -> Triples:
    """Return the triples of one of the queries in ``queries/pages``."""
    text = page_query(name).text
    if iri is not None:
        text = bind_iris(text, "resource", [iri])
    return sorted(set(store.query(text).triples()), key=str)


def _exists(store: Store, path: str) -> bool:
    return store.query(bind_iris(page_query("exists").text, "resource", [f"{RESOURCE}{path}"])).boolean


def _describe(store: Store, path: str) -> Triples:
    return _construct(store, "describe", f"{RESOURCE}{path}")


def _suffix(request: Request) -> str:
    return str(request.path_params.get("suffix", ""))


def _split_suffix(path: str) -> tuple[str, str]:
    stem, _, suffix = path.rpartition(".")
    return (stem, suffix) if suffix in SUFFIXES else (path, "")


def _respond(request: Request, suffix: str, one: RdfDocument) -> Response:
    """Respond with a document in the format of the suffix, or the one that the client prefers."""
    types = PAGE_TYPES if one.template else GRAPH_TYPES
    if suffix and SUFFIXES.get(suffix) not in types:
        raise NotFoundError(f"{one.path} is not available as .{suffix}.")
    media, format_name = (SUFFIXES[suffix], types[SUFFIXES[suffix]]) if suffix else negotiate(request, types)
    root = root_path(request)
    formats = {
        suffix: (f"{root}{one.path}.{suffix}", media, types[media] == format_name)
        for suffix, media in SUFFIXES.items()
        if media in types
    }
    headers = {**CACHEABLE, "link": ", ".join(_links(one, formats))}
    if format_name != "html" or not one.template:
        body = _serialize(services(request).store, one, format_name)
        return Response(body, headers={**headers, "content-type": with_charset(media)})
    view = ResourceView(one.triples, root)
    content = {
        "iri": one.about,
        "title": view.labels.get(one.about) or DisplayTerm(short_form(one.about)),
        "types": view.types(one.about),
        "formats": formats,
        "release": services(request).store.release,
        **one.content(view),
    }
    return templates.TemplateResponse(request, one.template, content, headers=headers)


def _serialize(store: Store, one: RdfDocument, format_name: str) -> bytes:
    if format_name == "jsonld":
        return compact(one.triples, context_of(store))
    if one.graph and format_name in _DATASET_FORMATS:
        return rdf.serialize(rdf.in_graph(one.triples, one.graph), format_name)
    return rdf.serialize(one.triples, format_name)


def _links(one: RdfDocument, formats: Mapping[str, tuple[str, str, bool]]) -> list[str]:
    """Return the values of the Link header: what the document describes, its classes, and other formats (RFC 8288)."""
    classes = {t.object.value for t in one.triples if t.subject.value == one.about and t.predicate.value == TYPE}
    alternates = [f'<{href}>; rel="alternate"; type="{media}"' for href, media, same in formats.values() if not same]
    return [f'<{one.about}>; rel="describes"', *alternates, *(f'<{iri}>; rel="type"' for iri in sorted(classes))]


def _resource_content(path: str) -> PageContent:
    def content(view: ResourceView) -> Mapping[str, Any]:
        iri = f"{RESOURCE}{path}"
        remarks = [t.object.value for t in view.statements[f"{namespaces.BASE}doc/{path}"] if t.predicate.value == _COMMENT]
        return {"table": view.table(iri), "incoming": view.incoming(iri), "remarks": remarks}

    return content


def _graph_content(name: str) -> PageContent:
    def content(view: ResourceView) -> Mapping[str, Any]:
        count = sum(len(triples) for triples in view.statements.values())
        return {"title": DisplayTerm(f"The graph {name}"), "count": count, "subjects": len(view.statements)}

    return content


def _scheme_content(iri: str) -> PageContent:
    def content(view: ResourceView) -> Mapping[str, Any]:
        concepts = {t.subject.value for t in view.references[iri] if t.predicate.value == IN_SCHEME}
        return {"table": view.table(iri), "groups": {"Concepts": view.terms(concepts)}}

    return content


def _ontology_content(view: ResourceView) -> Mapping[str, Any]:
    iri = f"{namespaces.BASE}ontology"
    terms = {subject for subject in view.statements if subject.startswith(f"{iri}#")}
    classes = {subject for subject in terms if any(t.object.value == _CLASS for t in view.statements[subject])}
    return {
        "table": view.table(iri),
        "groups": {"Classes": view.terms(classes), "Properties": view.terms(terms - classes)},
    }


def _shapes_content(files: Snapshot) -> PageContent:
    def content(view: ResourceView) -> Mapping[str, Any]:
        # Validation reports refer to the checks too, which span the graph and are queries.
        return {
            "title": DisplayTerm("Shapes and checks"),
            "files": shape_rules.shapes_files(files),
            "checks": shape_rules.checks(files),
        }

    return content

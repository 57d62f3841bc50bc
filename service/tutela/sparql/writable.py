"""What a format cannot express, so that no result is written as a broken document.

XML has no control characters (XML 1.0, section 2.2). RDF/XML writes a property as an element, so its IRI must end like an XML
name (RDF 1.1 XML Syntax, sections 5.1 and 6.1). RDF/XML and JSON-LD are formats of RDF 1.1 and have no triple terms.
"""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.parsers import expat

import pyoxigraph as ox

from tutela.errors import UnwritableResultError
from tutela.namespaces import RDF
from tutela.sparql.characters import named

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_XML_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_WITHDRAWN = {f"{RDF}bagID", f"{RDF}aboutEach", f"{RDF}aboutEachPrefix"}  # RDF 1.1 XML Syntax, section 5.1


class XmlWriter(io.RawIOBase):
    """A stream that accepts XML only, and writes carriage returns as references: a parser would read them as line feeds.

    Args:
        output: where the document is written.

    """

    def __init__(self, output: io.RawIOBase | io.BytesIO) -> None:
        super().__init__()
        self._output = output
        self._end = b""  # of the last chunk, where a character may continue

    def writable(self) -> bool:
        """See `io.RawIOBase.writable`."""
        return True

    def write(self, data: Any, /) -> int:
        """Write a part of a document.

        Raises:
            UnwritableResultError: it contains a character that XML does not have.

        """
        chunk = bytes(data)
        if match := _NOT_XML_BYTES.search(self._end + chunk):
            raise _error("xml", _no_character(match[0].decode()), ("json", "csv", "tsv"))
        self._end = (self._end + chunk)[-2:]
        self._output.write(chunk.replace(b"\r", b"&#13;"))
        return len(chunk)


def ensure_writable(triples: Sequence[ox.Triple], format_name: str) -> None:
    """Check that triples can be written in a format.

    Raises:
        UnwritableResultError: they cannot.

    """
    if format_name == "jsonld" and (reason := _reason_against_json_ld(triples)):
        raise _error(format_name, reason, ("turtle", "ntriples"))
    if format_name == "rdfxml" and (reason := _reason_against_rdf_xml(triples)):
        others = ("turtle", "ntriples") if _reason_against_json_ld(triples) else ("turtle", "ntriples", "jsonld")
        raise _error(format_name, reason, others)


def _reason_against_json_ld(triples: Sequence[ox.Triple]) -> str:
    return "it contains a triple term" if any(isinstance(triple.object, ox.Triple) for triple in triples) else ""


def _reason_against_rdf_xml(triples: Sequence[ox.Triple]) -> str:
    for triple in triples:
        if isinstance(triple.object, ox.Triple):
            return "it contains a triple term"
        if isinstance(triple.object, ox.Literal):
            if getattr(triple.object, "direction", None) is not None:
                return "it contains a text with a direction"
            if match := _NOT_XML.search(triple.object.value):
                return _no_character(match[0])
    return next((f"it has no element for the property <{iri}>" for iri in _not_elements(triples)), "")


def _not_elements(triples: Sequence[ox.Triple]) -> Iterator[str]:
    """Yield the properties that are not written as a well-formed element."""
    subject, value = ox.NamedNode(RDF), ox.Literal("")
    for predicate in {triple.predicate for triple in triples}:
        try:
            document = ox.serialize([ox.Triple(subject, predicate, value)], format=ox.RdfFormat.RDF_XML) or b""
            expat.ParserCreate(namespace_separator=" ").Parse(document, True)
        except (OSError, expat.ExpatError):
            yield predicate.value
        else:
            if predicate.value in _WITHDRAWN:
                yield predicate.value


def _no_character(character: str) -> str:
    return f"it contains {named(character)}, which XML does not have"


def _error(format_name: str, reason: str, others: Sequence[str]) -> UnwritableResultError:
    formats = f"{', '.join(others[:-1])} or {others[-1]}"
    return UnwritableResultError(f"The result cannot be written as {format_name}: {reason}. Use the format {formats}.")

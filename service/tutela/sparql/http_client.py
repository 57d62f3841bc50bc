"""HTTP requests to a remote engine (SPARQL 1.1 Protocol), and their errors as sentences."""

import ast
import re
import time
import urllib.request
from contextlib import suppress
from http.client import HTTPException, IncompleteRead
from urllib.error import HTTPError
from urllib.parse import urlsplit

from SPARQLWrapper import POST, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import (
    EndPointInternalError,
    EndPointNotFound,
    QueryBadFormed,
    SPARQLWrapperException,
    Unauthorized,
)

from tutela import settings
from tutela.errors import EngineError, EngineTimeoutError, RejectedQueryError, ResultTooLargeError, UsageError
from tutela.settings import EndpointSettings, QuerySettings
from tutela.sparql import graph_names, prologue
from tutela.sparql.result import QueryResult

_GRAPH_FORMS = ("CONSTRUCT", "DESCRIBE")
_VIRTUOSO_ASK = "__ASK_RETVAL"  # the only column of its response to ASK in XML, which has a row if the answer is true
_CHUNK = 1 << 16
_MAX_MESSAGE = 300
# In messages of engines: the names of Java classes, HTML, and what follows the reason (the tokens that Fuseki's parser accepts, a
# stack trace, the text that Virtuoso repeats).
_CLASS = re.compile(r"\b(?:[a-z_]\w*\.)+[A-Z]\w*(?:Exception|Error)\b:?")
_MARKUP = re.compile(r"<!--.*?-->|<![^>]*>|</?(?!EOF)[a-zA-Z][a-zA-Z0-9]*(?:\s[^>]*)?/?>", re.DOTALL)  # not an IRI
_REST = re.compile(r"\n\s*at \S+\(|Was expecting|SPARQL query:|Caused by:")
_passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
_USER, _PASSWORD = settings.variable("endpoint.user"), settings.variable("endpoint.password")


def check_endpoint_url(url: str) -> None:
    """Check that a URL can be an endpoint's.

    Raises:
        UsageError: it is not an HTTP URL, or contains credentials.

    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UsageError(
            f"{url!r} is not the URL of an endpoint; expected a URL such as http://localhost:3030/tutela/sparql. "
            f"Credentials are read from {_USER} and {_PASSWORD}."
        )


def client(endpoint: str, timeout_s: float, update: str | None = None) -> SPARQLWrapper:
    """Return a request to a remote engine.

    Args:
        endpoint: its query endpoint.
        timeout_s: time without any data after which the request fails, in seconds.
        update: its update endpoint, if it is another.

    """
    request = SPARQLWrapper(endpoint, updateEndpoint=update)
    request.setMethod(POST)
    request.setOnlyConneg(True)
    request.setTimeout(max(1, round(timeout_s)))
    return request


def use_credentials(*urls: str, endpoint: EndpointSettings | None = None) -> None:
    """Use the credentials of the settings, if any, for these URLs (Basic or Digest, RFC 7617 and 7616).

    Args:
        urls: the URLs.
        endpoint: the settings; by default those of the environment.

    """
    endpoint = endpoint or settings.load().endpoint
    user, password = endpoint.user, endpoint.password
    if not user:
        return
    _passwords.add_password(None, urls, user, password)  # None is any realm
    handlers = urllib.request.HTTPDigestAuthHandler(_passwords), urllib.request.HTTPBasicAuthHandler(_passwords)
    # SPARQLWrapper sends through the opener of the process.
    urllib.request.install_opener(urllib.request.build_opener(*handlers))


def send(request: SPARQLWrapper, timeout_s: float, max_bytes: int) -> bytes:
    """Send a request and return the body of the response.

    Raises:
        RejectedQueryError: the engine rejects the query; its message is included.
        EngineError: the engine cannot be reached, fails, or sends an invalid response.
        EngineTimeoutError: the engine did not respond in time.
        ResultTooLargeError: the response is larger than allowed.

    """
    host = urlsplit(request.updateEndpoint if request.isSparqlUpdateRequest() else request.endpoint).netloc
    try:
        body, media_type = _read(request, timeout_s, max_bytes)
    except QueryBadFormed as error:
        raise RejectedQueryError(_message(error)) from error
    except (Unauthorized, ValueError) as error:
        # urllib raises ValueError for an authentication scheme that none of its handlers supports.
        raise EngineError(f"The SPARQL engine at {host} rejects the credentials; set {_USER} and {_PASSWORD}.") from error
    except EndPointNotFound as error:
        raise EngineError(f"The SPARQL engine at {host} has no endpoint at this URL.") from error
    except EndPointInternalError as error:
        raise EngineError(f"The SPARQL engine at {host} failed: {_message(error)}") from error
    except HTTPError as error:
        kind = EngineTimeoutError if error.code == 504 else EngineError
        raise kind(f"The SPARQL engine at {host} responded with {error.code} {error.reason}.") from error
    except (HTTPException, OSError, SPARQLWrapperException) as error:
        # A URLError is an OSError that holds another.
        cause = getattr(error, "reason", error)
        if isinstance(cause, TimeoutError):
            raise EngineTimeoutError(f"The SPARQL engine at {host} did not respond within {timeout_s:g} seconds.") from error
        raise EngineError(f"The SPARQL engine at {host} cannot be reached, or closed the connection: {cause}.") from error
    if not request.isSparqlUpdateRequest() and not media_type.endswith(("xml", "turtle")):
        raise EngineError(f"The SPARQL engine at {host} responded with {media_type}, which is not a query result.")
    return body


def _read(request: SPARQLWrapper, timeout_s: float, max_bytes: int) -> tuple[bytes, str]:
    """Return the body of a response and its media type; the timeout applies to the whole, not to each chunk."""
    started = time.monotonic()
    body = bytearray()
    with request.query().response as response:
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > max_bytes:
                raise ResultTooLargeError(
                    f"The result is larger than {max_bytes >> 20} MB; make the query more selective, or use LIMIT and OFFSET."
                )
            if time.monotonic() - started > timeout_s:
                raise TimeoutError
        if response.length:  # `read1` does not complain; triples may end after any statement
            raise IncompleteRead(bytes(body), response.length)
        return bytes(body), response.headers.get_content_type()


def query_endpoint(
    request: SPARQLWrapper,
    text: str,
    timeout_s: float,
    max_bytes: int = QuerySettings.max_response_bytes,
    version: str = "",
) -> QueryResult:
    """Send a query and return its result, with graph names without a version; see `send`."""
    request.setQuery(text)
    # SPARQLWrapper's own guess is misled by strings and comments.
    request.queryType = prologue.read(text).form or "SELECT"
    is_graph = request.queryType in _GRAPH_FORMS
    request.setReturnFormat(TURTLE if is_graph else XML)
    body = send(request, timeout_s, max_bytes)
    if version:
        body = graph_names.to_canonical(body, version)
    result = QueryResult.parse(body, is_graph=is_graph)
    is_ask = request.queryType == "ASK"
    if is_ask and not result.is_boolean and result.columns == [_VIRTUOSO_ASK]:
        return QueryResult.of_boolean(any(True for _ in result.rows()))
    if not is_graph and result.is_boolean != is_ask:
        raise EngineError(
            f"The SPARQL engine responded to {request.queryType} with {'a boolean' if result.is_boolean else 'rows'}."
        )
    return result


def _message(error: SPARQLWrapperException) -> str:
    """Return what an engine said, on one line of limited length, without stack traces and names of classes."""
    _, marker, response = str(error).partition("Response:\n")
    text = response if marker else str(error)
    with suppress(ValueError, SyntaxError):
        literal = ast.literal_eval(text)  # SPARQLWrapper shows the body as a literal
        text = literal.decode("utf-8", "replace") if isinstance(literal, bytes) else str(literal)
    text = _MARKUP.sub(" ", _REST.split(text, maxsplit=1)[0])
    text = " ".join(_CLASS.sub("", text).split())
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]} ..."

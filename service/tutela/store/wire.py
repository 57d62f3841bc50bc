"""Requests to an engine over HTTP (SPARQL 1.1 Protocol), and what may go wrong with them, as sentences."""

import os
import re
import time
import urllib.request
from http.client import HTTPException
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

from tutela.errors import UsageError
from tutela.store import graphs
from tutela.store.answer import Answer, AnswerSizeError, EngineError, QueryError
from tutela.store.tokens import code

_FORM = re.compile("SELECT|ASK|CONSTRUCT|DESCRIBE", re.IGNORECASE)
_GRAPH_FORMS = ("CONSTRUCT", "DESCRIBE")
_PART = 1 << 16
_known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
_USER, _PASSWORD = "TUTELA_ENDPOINT_USER", "TUTELA_ENDPOINT_PASSWORD"


def check_address(address: str) -> None:
    """Refuse what is not an address of the web.

    Raises:
        UsageError: it is not.

    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UsageError(
            f"{address!r} is not the address of an endpoint; expected such as http://localhost:3030/tutela/sparql. "
            f"Credentials are taken from {_USER} and {_PASSWORD}."
        )


def client(endpoint: str, seconds: float, update: str | None = None) -> SPARQLWrapper:
    """Return a request to an engine, with the credentials of the environment.

    Args:
        endpoint: its address for queries.
        seconds: until the engine is given up while nothing comes.
        update: its address for updates, if it is another.

    """
    request = SPARQLWrapper(endpoint, updateEndpoint=update)
    request.setMethod(POST)
    request.setOnlyConneg(True)
    request.setTimeout(max(1, round(seconds)))
    return request


def use_credentials(*addresses: str) -> None:
    """Answer what these addresses ask for (Basic or Digest, RFC 7617 and 7616) from the environment, if it has credentials."""
    user, password = os.environ.get(_USER), os.environ.get(_PASSWORD)
    if not user or password is None:
        return
    _known.add_password(None, addresses, user, password)  # a realm of None is any
    handlers = urllib.request.HTTPDigestAuthHandler(_known), urllib.request.HTTPBasicAuthHandler(_known)
    # SPARQLWrapper sends through the process's opener.
    urllib.request.install_opener(urllib.request.build_opener(*handlers))


def send(request: SPARQLWrapper, seconds: float, size: int) -> bytes:
    """Send a request and return the body of the answer.

    Raises:
        QueryError: the engine does not accept the query; its words are in the message.
        EngineError: it cannot be reached, fails, does not answer in time or not as it should.
        AnswerSizeError: the answer is too large.

    """
    host = urlsplit(request.updateEndpoint if request.isSparqlUpdateRequest() else request.endpoint).netloc
    try:
        body, kind = _received(request, seconds, size)
    except QueryBadFormed as error:
        raise QueryError(f"The engine does not accept the query: {_words(error)}") from error
    except (Unauthorized, ValueError) as error:
        # A ValueError is urllib's for a scheme that none of its handlers has an answer to.
        raise EngineError(f"The SPARQL engine at {host} wants other credentials; set {_USER} and {_PASSWORD}.") from error
    except EndPointNotFound as error:
        raise EngineError(f"The SPARQL engine at {host} has nothing at this address.") from error
    except EndPointInternalError as error:
        raise EngineError(f"The SPARQL engine at {host} failed: {_words(error)}") from error
    except HTTPError as error:
        raise EngineError(f"The SPARQL engine at {host} answered {error.code} {error.reason}.", late=error.code == 504) from error
    except (HTTPException, OSError, SPARQLWrapperException) as error:
        # URLError is an OSError that holds another.
        cause = getattr(error, "reason", error)
        if isinstance(cause, TimeoutError):
            raise EngineError(f"The SPARQL engine at {host} did not answer within {seconds:g} seconds.", late=True) from error
        raise EngineError(f"The SPARQL engine at {host} cannot be reached, or broke off: {cause}.") from error
    if not request.isSparqlUpdateRequest() and not kind.endswith(("xml", "turtle")):
        raise EngineError(f"The SPARQL engine at {host} answered with {kind}, which is no answer to a query.")
    return body


def _received(request: SPARQLWrapper, seconds: float, size: int) -> tuple[bytes, str]:
    """Return the body of an answer and its media type; the time holds for the whole of it, not for each part."""
    begun = time.monotonic()
    body = bytearray()
    with request.query().response as response:
        while part := response.read1(_PART):
            body += part
            if len(body) > size:
                raise AnswerSizeError(f"The answer is larger than {size >> 20} MB; ask for less, or with LIMIT and OFFSET.")
            if time.monotonic() - begun > seconds:
                raise TimeoutError
        return bytes(body), response.headers.get_content_type()


def answer_of(request: SPARQLWrapper, text: str, seconds: float, size: int = 32 << 20, version: str = "") -> Answer:
    """Send a query and return its answer, in the graphs' names that every release uses; see `send`."""
    request.setQuery(text)
    # SPARQLWrapper's own guess is led astray by what stands in strings and comments.
    form = _FORM.search(code(text)[0])
    request.queryType = form[0].upper() if form else "SELECT"
    is_graph = request.queryType in _GRAPH_FORMS
    request.setReturnFormat(TURTLE if is_graph else XML)
    body = send(request, seconds, size)
    if version:
        body = graphs.canonical(body, version)
    return Answer.parsed(body, is_graph=is_graph)


def _words(error: SPARQLWrapperException) -> str:
    """Return what an engine said, on one line and not too long."""
    text = " ".join(str(error).split()).replace("\\n", " ")
    return text if len(text) < 600 else f"{text[:600]} ..."

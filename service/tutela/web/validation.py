"""Validation over HTTP: a user's RDF against our shapes, in a process of its own with limits; nothing is fetched."""

import json
import logging
import re
import subprocess
import sys
import tempfile
from math import ceil
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from tutela.web.negotiation import choose
from tutela.web.sparql import problem, unacceptable

REPORT_TYPES = {"text/turtle": "turtle", "application/json": "json", "text/plain": "text"}
# What may be validated: media types, and the ending by which `tutela validate` knows each.
BODY_TYPES = {
    "text/turtle": ".ttl",
    "application/trig": ".trig",  # RDF 1.1 TriG, section 7
    "application/ld+json": ".jsonld",
    "application/rdf+xml": ".rdf",
    "application/n-triples": ".nt",
    "application/n-quads": ".nq",  # RDF 1.1 N-Quads, section 6
}
BODY_BOUND = 5_000_000
SECONDS: float = 20
MEMORY = 2 << 30
AT_ONCE = 2

# The limits are set before anything is loaded; `preexec_fn` is not safe in a process that has threads.
_CHILD = (
    "import resource as r; r.setrlimit(r.RLIMIT_AS, ({memory}, {memory})); r.setrlimit(r.RLIMIT_CPU, ({seconds}, {seconds})); "
    "r.setrlimit(r.RLIMIT_CORE, (0, 0)); import os; os.nice(10); from tutela.cli import main; main()"
)
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)
_log = logging.getLogger(__name__)


def router() -> APIRouter:
    """Return the route ``/validate``."""
    routes = APIRouter()
    slots = BoundedSemaphore(AT_ONCE)

    @routes.post("/validate")
    async def validate(request: Request) -> Response:
        return await _validate(request, slots)

    return routes


def _varying(response: Response) -> Response:
    response.headers["vary"] = "accept"
    return response


async def _validate(request: Request, slots: BoundedSemaphore) -> Response:
    chosen = choose(REPORT_TYPES, request.headers.get("accept"))
    if chosen is None:
        return _varying(unacceptable(REPORT_TYPES))
    media, form = chosen
    ending = _ending(request)
    if isinstance(ending, Response):
        return ending
    body = await _body(request)
    if isinstance(body, Response):
        return body
    if not slots.acquire(blocking=False):
        message = f"{AT_ONCE} validations are running, which is as many as may at once; try again in a while."
        return problem(503, message, {"retry-after": "5"})
    try:
        status, text = await run_in_threadpool(_checked, body, ending, form)
    finally:
        slots.release()
    if status != 200:
        return problem(status, text)
    charset = "" if form == "json" else "; charset=utf-8"
    return _varying(Response(text, headers={"content-type": media + charset}))


def _ending(request: Request) -> str | Response:
    """Return the ending that a file of the body's media type has."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind not in BODY_TYPES:
        return problem(415, f"The body is {kind or 'of no type'}; expected {', '.join(BODY_TYPES)}.")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        return problem(415, f"The body is in {charset[1]}; expected UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return problem(415, "The body is compressed; send it as it is.")
    return BODY_TYPES[kind]


async def _body(request: Request) -> bytes | Response:
    """Read the body, counting as it comes: a length that a client states may be wrong, or missing."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > BODY_BOUND:
                return problem(413, f"The body is larger than {BODY_BOUND // 1_000_000} MB; send it in parts.")
    except ClientDisconnect:
        return problem(400, "The body was cut off.")
    return bytes(body)


def _checked(body: bytes, ending: str, form: str) -> tuple[int, str]:
    """Validate in a process of its own; return the status, and the report or what is wrong.

    Nothing is fetched: the engine resolves no remote JSON-LD context and no external XML entity, pySHACL follows no
    owl:imports unless told to, and takes its shapes from the graph of ours that it is given, never from the data.
    """
    refused = _refused(body, ending)
    if refused:
        return 400, refused
    stopped = f"The validation needed more than {SECONDS:g} seconds or {MEMORY >> 30} GB and was stopped; send the data in parts."
    code = _CHILD.format(memory=MEMORY, seconds=ceil(SECONDS))
    with tempfile.TemporaryDirectory(prefix="tutela-") as folder:
        path = Path(folder) / f"body{ending}"
        path.write_bytes(body)
        command = [sys.executable, "-P", "-X", "utf8", "-c", code, "validate", "--format", form, str(path)]
        try:
            # At the end of its time the process is killed and waited for.
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            return 503, stopped
    if done.returncode in (0, 1) and done.stdout:
        return 200, done.stdout.decode()
    return _fault(done, path) or (503, stopped)


def _fault(done: "subprocess.CompletedProcess[bytes]", path: Path) -> tuple[int, str] | None:
    """Return the status of a validation that gave no report, and what is wrong; None if it was stopped at a limit."""
    talk = done.stderr.decode(errors="replace").rstrip()
    _, told, message = talk.partition(f"tutela: {path}: ")
    if told:
        return 400, f"The body is {message}"
    _log.warning("a validation ended with status %s: %r", done.returncode, talk[-500:])
    last = talk.rpartition("\n")[2]
    if done.returncode < 0 or last.startswith("MemoryError"):
        return None
    return 500, "The validator failed; the fault lies with this service, not with the data."


def _refused(body: bytes, ending: str) -> str | None:
    """Return why a document is refused before it is parsed, if it is."""
    if ending == ".rdf" and _ENTITY.search(body):
        return "The body declares XML entities, which are refused; write out what they stand for."
    if ending != ".jsonld":
        return None
    remote: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # Each pair is seen, also where a name stands twice in one object.
        remote.extend(found for key, value in pairs if key in ("@context", "@import") for found in _strings(value))
        return dict(pairs)

    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=look, parse_int=str)
    except RecursionError:
        return "The body is nested too deeply."
    except ValueError as error:
        return f"The body is not well-formed JSON: {error}"
    if remote:
        return f"The body names the remote JSON-LD context {remote[0][:200]!r}; nothing is fetched here, so write it out."
    return None


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [found for item in value for found in _strings(item)] if isinstance(value, list) else []

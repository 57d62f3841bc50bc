"""Validation over HTTP: a user's RDF against our shapes, or a table in the place of ours.

Each runs in a process of its own with limits; nothing is fetched.
"""

import json
import logging
import re
import subprocess
import sys
import tempfile
from math import ceil
from pathlib import Path, PurePath
from threading import BoundedSemaphore
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from tutela import paths
from tutela.release import Release
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
    "text/csv": ".csv",  # RFC 7111, section 5; which table it is, the address says
}
BODY_BOUND = 5_000_000
SECONDS: float = 20
# A table is checked by all that a build checks, on the whole graph.
TABLE_SECONDS: float = 60
MEMORY = 2 << 30
AT_ONCE = 2

# The limits are set before anything is loaded; `preexec_fn` is not safe in a process that has threads.
_CHILD = (
    "import resource as r; r.setrlimit(r.RLIMIT_AS, ({memory}, {memory})); r.setrlimit(r.RLIMIT_CPU, ({seconds}, {seconds})); "
    "r.setrlimit(r.RLIMIT_CORE, (0, 0)); import os; os.nice(10); from tutela.cli import main; main()"
)
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)
_log = logging.getLogger(__name__)


def router(release: Release | None) -> APIRouter:
    """Return the route ``/validate``.

    Args:
        release: where what a user's RDF names is looked up.

    """
    known = ["--release", str(release.folder)] if release else []
    routes = APIRouter()
    slots = BoundedSemaphore(AT_ONCE)

    @routes.post("/validate")
    async def validate(request: Request) -> Response:
        return await _validate(request, slots, known)

    return routes


def _varying(response: Response) -> Response:
    response.headers["vary"] = "accept"
    return response


async def _validate(request: Request, slots: BoundedSemaphore, known: list[str]) -> Response:
    chosen = choose(REPORT_TYPES, request.headers.get("accept"))
    if chosen is None:
        return _varying(unacceptable(REPORT_TYPES))
    media, form = chosen
    name = _name(request)
    if isinstance(name, Response):
        return name
    body = await _body(request)
    if isinstance(body, Response):
        return body
    if not slots.acquire(blocking=False):
        message = f"{AT_ONCE} validations are running, which is as many as may at once; try again in a while."
        return problem(503, message, {"retry-after": "5"})
    try:
        status, text = await run_in_threadpool(_checked, body, name, form, known)
    finally:
        slots.release()
    if status != 200:
        return problem(status, text)
    charset = "" if form == "json" else "; charset=utf-8"
    return _varying(Response(text, headers={"content-type": media + charset}))


def _name(request: Request) -> str | Response:
    """Return the name of a file of the body's media type; a table has that of ours in whose place it is checked."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind not in BODY_TYPES:
        return problem(415, f"The body is {kind or 'of no type'}; expected {', '.join(BODY_TYPES)}.")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        return problem(415, f"The body is in {charset[1]}; expected UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return problem(415, "The body is compressed; send it as it is.")
    return _table(request, kind)


def _table(request: Request, kind: str) -> str | Response:
    tables = request.query_params.getlist("table")
    if kind != "text/csv":
        if tables:
            return problem(422, f"The parameter 'table' goes with text/csv; the body is {kind}.")
        return f"body{BODY_TYPES[kind]}"
    known = tables_known()
    if len(tables) != 1 or tables[0] not in known:
        given = f"is {', '.join(map(repr, tables))}" if tables else "is missing"
        return problem(422, f"The parameter 'table' {given}; expected one of {', '.join(known)}, once.")
    return f"{tables[0]}.csv"


def tables_known() -> list[str]:
    """Return the names of the tables."""
    return sorted(path.stem for path in paths.DATA.glob("*.csv"))


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


def _checked(body: bytes, name: str, form: str, known: list[str]) -> tuple[int, str]:
    """Validate in a process of its own; return the status, and the report or what is wrong.

    Nothing is fetched: the engine resolves no remote JSON-LD context and no external XML entity, pySHACL follows no
    owl:imports unless told to, and takes its shapes from the graph of ours that it is given, never from the data.
    """
    refused = _refused(body, PurePath(name).suffix)
    if refused:
        return 400, refused
    seconds = TABLE_SECONDS if name.endswith(".csv") else SECONDS
    stopped = f"The validation needed more than {seconds:g} seconds or {MEMORY >> 30} GB and was stopped; send the data in parts."
    code = _CHILD.format(memory=MEMORY, seconds=ceil(seconds))
    with tempfile.TemporaryDirectory(prefix="tutela-") as folder:
        path = Path(folder) / name
        path.write_bytes(body)
        command = [sys.executable, "-P", "-X", "utf8", "-c", code, "validate", "--format", form, *known, str(path)]
        try:
            # At the end of its time the process is killed and waited for.
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            return 503, stopped
    if done.returncode in (0, 1) and done.stdout:
        return 200, done.stdout.decode()
    return _fault(done, path) or (503, stopped)


def _fault(done: "subprocess.CompletedProcess[bytes]", path: Path) -> tuple[int, str] | None:
    """Return the status of a validation that gave no report, and what is wrong; None if it was stopped at a limit."""
    talk = done.stderr.decode(errors="replace").rstrip()
    _, told, message = talk.partition(f"tutela: {path}")
    if told:
        # Of a document the parser says what it is, of a table the reader says where.
        return 400, f"The body is {message[2:]}" if message.startswith(": not") else f"The table{message}"
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

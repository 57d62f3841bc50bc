"""``POST /validate``: a user's RDF against the shapes, or a table in place of the project's table.

Each validation runs in a process of its own with limits, and reads nothing from the network.
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

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela.errors import (
    InvalidParameterError,
    OverloadedError,
    TutelaError,
    UnsupportedMediaTypeError,
    UsageError,
    ValidationLimitError,
)
from tutela.release.snapshot import Snapshot
from tutela.settings import ValidationSettings
from tutela.web.http.negotiation import negotiate, with_charset
from tutela.web.http.requests import ensure_not_compressed, media_type, read_body

REPORT_TYPES = {"text/turtle": "turtle", "application/json": "json", "text/plain": "text"}
# The media types that can be validated, and the file name extension of each.
BODY_TYPES = {
    "text/turtle": ".ttl",
    "application/trig": ".trig",  # RDF 1.1 TriG, section 7
    "application/ld+json": ".jsonld",
    "application/rdf+xml": ".rdf",
    "application/n-triples": ".nt",
    "application/n-quads": ".nq",  # RDF 1.1 N-Quads, section 6
    "text/csv": ".csv",  # RFC 7111, section 5; the URL names the table
}

# The child sets its limits before it loads anything; `preexec_fn` is not safe in a process with threads.
_CHILD = (
    "import resource as r; r.setrlimit(r.RLIMIT_AS, ({memory}, {memory})); r.setrlimit(r.RLIMIT_CPU, ({seconds}, {seconds})); "
    "r.setrlimit(r.RLIMIT_CORE, (0, 0)); import os; os.nice({niceness}); from tutela.cli import main; main()"
)
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)
_log = logging.getLogger(__name__)


class Validator:
    """Validation of request bodies.

    Args:
        settings: limits.

    """

    def __init__(self, settings: ValidationSettings) -> None:
        self._settings = settings
        self._slots = BoundedSemaphore(settings.workers)

    async def handle(self, request: Request, release: Snapshot) -> Response:
        """Respond with a validation report.

        Args:
            request: the request.
            release: the release with the shapes, checks and tables, and with resources that the RDF refers to without describing.

        Raises:
            TutelaError: the request or its body is not valid, or a limit was reached.

        """
        media, report_format = self.report_type(request)
        name = _file_name(request, list(release.tables))
        ensure_not_compressed(request)
        body = await read_body(request, self._settings.max_body_bytes)
        report = await self.report(release, body, name, report_format)
        return Response(report, headers={"content-type": with_charset(media), "vary": "Accept"})

    async def report(self, release: Snapshot, body: bytes, name: str, report_format: str) -> str:
        """Validate a document, and return the report.

        Args:
            release: the release.
            body: the document.
            name: a file name with an extension of `BODY_TYPES`; that of a table is the name of the table.
            report_format: ``text``, ``json`` or ``turtle``.

        Raises:
            TutelaError: the document is not valid in its format, or a limit was reached.

        """
        if not self._slots.acquire(blocking=False):
            raise OverloadedError(f"{self._settings.workers} validations are already running; try again later.")
        try:
            return await run_in_threadpool(self._validate, release, body, name, report_format)
        finally:
            self._slots.release()

    def report_type(self, request: Request) -> tuple[str, str]:
        """Return the media type and the format of a report that the client prefers.

        Raises:
            NotAcceptableError: it accepts none.

        """
        return negotiate(request, REPORT_TYPES)

    @property
    def extensions(self) -> list[str]:
        """The file name extensions of what can be validated."""
        return list(BODY_TYPES.values())

    @property
    def max_body_bytes(self) -> int:
        """The largest body of a request."""
        return self._settings.max_body_bytes

    def _validate(self, release: Snapshot, body: bytes, name: str, report_format: str) -> str:
        """Validate in a process of its own, and return the report.

        Nothing is fetched: the engine loads no remote JSON-LD context and no external XML entity; pySHACL does not follow
        owl:imports and takes its shapes from the release, never from the data.
        """
        _ensure_self_contained(body, PurePath(name).suffix)
        limits = self._settings
        timeout_s = limits.table_timeout_s if name.endswith(".csv") else limits.timeout_s
        code = _CHILD.format(memory=limits.memory_bytes, seconds=ceil(timeout_s), niceness=limits.niceness)
        size = limits.memory_bytes >> 30
        stopped = f"The validation needed more than {timeout_s:g} seconds or {size} GB and was stopped; send less data at once."
        with tempfile.TemporaryDirectory(prefix="tutela-") as folder:
            path, copy = Path(folder) / name, Path(folder) / "release"
            path.write_bytes(body)
            release.link(copy)
            python = [sys.executable, "-P", "-X", "utf8", "-c", code]
            try:
                # After the timeout the process is killed and waited for.
                done = subprocess.run(  # noqa: S603 - the program is Python itself
                    [*python, "validate", "--format", report_format, "--release", str(copy), str(path)],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=timeout_s,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise ValidationLimitError(stopped) from error
        if done.returncode in (0, 1) and done.stdout:
            return done.stdout.decode()
        raise _error(done, path, stopped)


def _file_name(request: Request, known: list[str]) -> str:
    """Return a file name for the body, from its media type and the parameter ``table``.

    Args:
        request: the request.
        known: names of the tables.

    """
    media = media_type(request)
    if media not in BODY_TYPES:
        given = f"has the media type {media}" if media else "has no media type"
        raise UnsupportedMediaTypeError(f"The request body {given}; expected {', '.join(BODY_TYPES)}.")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", request.headers.get("content-type", ""), re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaTypeError(f"The request body has the charset {charset[1]}; expected UTF-8.")
    tables = request.query_params.getlist("table")
    if media != "text/csv":
        if tables:
            raise InvalidParameterError(f"The parameter 'table' requires a body of text/csv; the body is {media}.")
        return f"body{BODY_TYPES[media]}"
    if len(tables) != 1 or tables[0] not in known:
        given = f"is {', '.join(map(repr, tables))}" if tables else "is missing"
        raise InvalidParameterError(f"The parameter 'table' {given}; expected one of {', '.join(known)}, once.")
    return f"{tables[0]}.csv"


def _error(done: "subprocess.CompletedProcess[bytes]", path: Path, stopped: str) -> TutelaError:
    """Return the error of a validation without a report."""
    output = done.stderr.decode(errors="replace").rstrip()
    _, found, message = output.partition(f"tutela: {path}")
    if found:
        # A parser says what is wrong with a document, the table reader says where.
        return UsageError(f"The request body is {message[2:]}" if message.startswith(": not") else f"The table{message}")
    _log.warning("validation failed with status %s: %r", done.returncode, output[-500:])
    if done.returncode < 0 or output.rpartition("\n")[2].startswith("MemoryError"):
        return ValidationLimitError(stopped)
    return TutelaError("The validator failed. The fault is in this service, not in your data.")


def _ensure_self_contained(body: bytes, suffix: str) -> None:
    """Check that a document names no XML entity and no remote JSON-LD context.

    Raises:
        UsageError: it does, or is not JSON.

    """
    if suffix == ".rdf" and _ENTITY.search(body):
        raise UsageError("The request body declares XML entities, which are not allowed; write out their values.")
    if suffix != ".jsonld":
        return
    remote: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # Every pair is seen, even if a name occurs twice in one object.
        remote.extend(found for key, value in pairs if key in ("@context", "@import") for found in _strings(value))
        return dict(pairs)

    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=collect, parse_int=str)
    except RecursionError as error:
        raise UsageError("The request body is nested too deeply.") from error
    except ValueError as error:
        raise UsageError(f"The request body is not well-formed JSON: {error}") from error
    if remote:
        raise UsageError(f"The request body names the remote JSON-LD context {remote[0][:200]!r}; include its content instead.")


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [found for item in value for found in _strings(item)] if isinstance(value, list) else []

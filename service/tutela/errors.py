"""Every exception that reaches a user: one sentence, an exit status for the command and a status for HTTP.

A function raises one of these; the command line and the web application turn it into a message, never a traceback.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutela.validation.result import ValidationResult


class TutelaError(Exception):
    """The data or the installation cannot be used. The message says what is wrong, where, and what to do.

    Attributes:
        exit_status: exit status of the command: 1 for invalid data or a failed query, 2 for a usage error.
        http_status: status of an HTTP response (RFC 9110, section 15).
        retry_after_s: seconds after which the same request may succeed (RFC 9110, section 10.2.3), if it may.

    """

    exit_status = 1
    http_status = 500
    retry_after_s: int | None = None


class UsageError(TutelaError):
    """The command line or the request is wrong."""

    exit_status = 2
    http_status = 400


class MisdirectedRequestError(UsageError):
    """The request is for a host that the service does not answer for."""

    http_status = 421


class ForbiddenRequestError(UsageError):
    """The request does not come from a page of the session."""

    http_status = 403


class NotFoundError(UsageError):
    """The resource or page does not exist; the message says what does."""

    http_status = 404


class InvalidParameterError(UsageError):
    """A parameter of a request is unknown, missing or has an invalid value."""

    http_status = 422


class InvalidValuesError(InvalidParameterError):
    """Values of the parameters of a catalogue query are unknown, missing or invalid.

    Args:
        messages: a sentence for each wrong parameter, by its name.

    """

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__(" ".join(messages.values()))
        self.messages = dict(messages)


class UnknownQueryError(NotFoundError):
    """The catalogue has no query of this name; the message suggests the nearest."""


class NotAcceptableError(UsageError):
    """None of the available media types is acceptable to the client (RFC 9110, section 15.5.7)."""

    http_status = 406

    def __init__(self, available: Sequence[str]) -> None:
        super().__init__(f"Not acceptable. Available media types: {', '.join(available)}.")


class UnsupportedMediaTypeError(UsageError):
    """The body of a request has the wrong media type, character encoding or compression."""

    http_status = 415


class BodyTooLargeError(UsageError):
    """The body of a request is larger than allowed."""

    http_status = 413


class BuildFailedError(TutelaError):
    """The tables or the graph break a rule; `results` names each file and row."""

    def __init__(self, results: "Sequence[ValidationResult]") -> None:
        count = sum(result.severity == "Violation" for result in results)
        violations = "1 violation" if count == 1 else f"{count} violations"
        super().__init__(f"The build failed with {violations}. The last release, if there is one, is unchanged.")
        self.results = list(results)


class QueryError(TutelaError):
    """The query is not valid SPARQL or cannot be evaluated; the message has the place and the reason."""

    http_status = 400


class RejectedQueryError(QueryError):
    """A remote engine rejected the query.

    Args:
        reason: what the engine said, shortened.

    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"The engine rejects the query: {reason}")
        self.reason = reason


class ForbiddenQueryError(QueryError):
    """The query is valid but not allowed: an update, or a call to another endpoint."""

    http_status = 403


class EngineError(TutelaError):
    """The SPARQL engine cannot be reached, fails, or sends an invalid response."""

    http_status = 502
    retry_after_s = 5


class EngineTimeoutError(EngineError):
    """The SPARQL engine accepted the request and did not respond in time."""

    http_status = 504


class EngineUnavailableError(EngineError):
    """The processes of the embedded engine are being started again."""

    http_status = 503


class LimitError(TutelaError):
    """A query was stopped at a limit, or could not be started because of one."""

    http_status = 503


class QueryTimeoutError(LimitError):
    """The query took longer than allowed."""

    http_status = 504


class MemoryLimitError(LimitError):
    """The query needed more memory than allowed."""


class ResultTooLargeError(LimitError):
    """The result is larger than allowed."""

    http_status = 413


class ValidationLimitError(LimitError):
    """A validation was stopped at a limit."""


class OverloadedError(LimitError):
    """The queue for long queries is full, or slow clients hold too many buffered responses."""

    retry_after_s = 5


class IncompleteResponseError(LimitError):
    """The response was started and cannot be completed."""


class UnavailableFormatError(UsageError):
    """The client accepts no format for this kind of result.

    Args:
        kind: ``solutions``, ``boolean`` or ``graph``.

    """

    http_status = 406

    def __init__(self, kind: str) -> None:
        super().__init__(f"No format was requested for a result of the kind {kind!r}.")
        self.kind = kind


class UnwritableResultError(UsageError):
    """The requested format cannot express the result; the message names formats that can."""

    http_status = 406

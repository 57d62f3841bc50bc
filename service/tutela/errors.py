"""The errors that reach a user, as a sentence and never as a traceback."""


class TutelaError(Exception):
    """Something a user can mend; the message says what is wrong, where, and what to do.

    Args:
        message: one or more whole sentences.
        status: the exit status of the command: 1 the data or the answer is bad, 2 the call is wrong.

    """

    def __init__(self, message: str, *, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class UsageError(TutelaError):
    """The call itself is wrong (exit status 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=2)

"""Exceptions: each has an exit status and an HTTP status, and all are defined in one module."""

import importlib
import pkgutil

import pytest

import tutela
from tutela import errors
from tutela.errors import TutelaError
from tutela.validation.result import NO_ROW, ValidationResult

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, TutelaError)]


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: str(error.__name__))
def test_each_exception_has_valid_statuses(error: type[TutelaError]) -> None:
    assert error.exit_status in (1, 2)
    assert 400 <= error.http_status <= 599
    assert error.retry_after_s is None or error.retry_after_s > 0
    assert error.__doc__
    # A usage error of the command is an error of the client over HTTP.
    assert (error.exit_status == 2) == issubclass(error, errors.UsageError)
    assert error.exit_status == 1 or error.http_status < 500


def test_every_exception_of_the_package_is_defined_in_one_module() -> None:
    for module in pkgutil.walk_packages(tutela.__path__, "tutela."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    remaining, classes = [TutelaError], set()
    while remaining:
        error = remaining.pop()
        classes.add(error)
        remaining += error.__subclasses__()
    assert {error.__module__ for error in classes if error.__module__.startswith("tutela")} == {"tutela.errors"}


def test_messages_and_attributes() -> None:
    assert str(errors.NotAcceptableError(["text/turtle", "text/csv"])).endswith("Available media types: text/turtle, text/csv.")
    assert errors.UnavailableFormatError("graph").kind == "graph"
    violation = ValidationResult("Violation", NO_ROW, "id/a", "'x'", "a number")
    warning = ValidationResult("Warning", NO_ROW, "id/a", "'x'", "a number")
    assert "failed with 1 violation." in str(errors.BuildFailedError([violation, warning]))
    assert "failed with 2 violations." in str(errors.BuildFailedError([violation, violation]))

"""The operations of the OpenAPI description as people read them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

_COLUMN = re.compile(r"^- `([^`]+)`: (.*)$")
_METHODS = ("get", "post")
_MAX_LISTED = 15  # values of a parameter that are listed
_MAX_EXAMPLE = 80  # characters of an example that is part of a link


@dataclass(frozen=True)
class OperationParameter:
    """A parameter: its name, what it means, whether it is required, its default and example, and what it accepts."""

    name: str
    description: str
    required: bool
    default: str
    example: str
    accepts: str


@dataclass(frozen=True)
class ApiOperation:
    """An operation.

    Args:
        anchor: its identifier.
        method: the HTTP method.
        path: the URL path.
        summary: what it does, in a sentence.
        description: what a reader must know besides; may be empty.
        columns: the name and description of each column of the result.
        parameters: its parameters.
        bodies: media types of the request.
        formats: media types of the response.
        errors: statuses of errors, with what they mean.
        example: path and query of an example; empty if there is none to follow.

    """

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    columns: tuple[tuple[str, str], ...]
    parameters: tuple[OperationParameter, ...]
    bodies: tuple[str, ...]
    formats: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]
    example: str


def operations(document: Mapping[str, Any]) -> dict[str, list[ApiOperation]]:
    """Return the operations of an OpenAPI 3.1 document by their first tag; those without one come first, under an empty text."""
    groups: dict[str, list[ApiOperation]] = {"": []}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                tag = next(iter(methods[method].get("tags", ())), "")
                groups.setdefault(tag, []).append(_operation(path, method, methods[method]))
    return {tag: found for tag, found in groups.items() if found}


def error_meanings(groups: Mapping[str, Sequence[ApiOperation]]) -> list[tuple[str, str]]:
    """Return all statuses of errors, each with its meaning."""
    return sorted({code: meaning for group in groups.values() for one in group for code, meaning in one.errors}.items())


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> ApiOperation:
    lines = operation.get("description", "").splitlines()
    matches = [_COLUMN.match(line) for line in lines]
    lead = " ".join(line for line, match in zip(lines, matches, strict=True) if not match)
    responses = operation["responses"]
    parameters = tuple(_parameter(one) for one in operation["parameters"])
    return ApiOperation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=lead.removesuffix("Columns:").strip(),
        columns=tuple((match[1], match[2]) for match in matches if match),
        parameters=parameters,
        bodies=tuple(operation.get("requestBody", {}).get("content", {})),
        formats=tuple(responses.get("200", {}).get("content", {})),
        errors=tuple((code, one["description"]) for code, one in responses.items() if code != "200"),
        example=_example(path, parameters) if method == "get" else "",
    )


def _parameter(parameter: Mapping[str, Any]) -> OperationParameter:
    schema = parameter.get("schema", {})
    values = [str(value) for value in schema.get("enum", ())]
    listed = ", ".join(values) if len(values) <= _MAX_LISTED else f"one of {len(values)} values"
    return OperationParameter(
        name=parameter["name"],
        description=parameter["description"],
        required=bool(parameter.get("required")),
        default=str(schema.get("default", "")),
        example=str(parameter.get("example", "")),
        accepts=listed or str(schema.get("format", "") or ""),
    )


def _example(path: str, parameters: Sequence[OperationParameter]) -> str:
    given = {one.name: one.example for one in parameters if one.example and (one.required or one.name == "q")}
    if any(one.required and (not one.example or len(one.example) > _MAX_EXAMPLE) for one in parameters):
        return ""
    return path + (f"?{urlencode(given, quote_via=quote)}" if given else "")

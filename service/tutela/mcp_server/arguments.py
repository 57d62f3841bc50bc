"""The arguments of the tools: what agents send, as the text that the catalogue expects.

Agents send numbers and booleans where a text is expected. A value of another kind is an error that names the argument.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, WithJsonSchema

from tutela.catalog import Catalog, CatalogQuery
from tutela.errors import InvalidValuesError

_MAX_SHOWN = 100  # characters of a wrong value in a message
NO_VALUES: dict[str, Any] = {}


def as_text(value: Any) -> Any:
    """Return a number or boolean as text; anything else unchanged, for a later check."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


Text = Annotated[str, BeforeValidator(as_text)]
Scalar = Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean", "null"]})]


def parameter_values(catalog: Catalog, query: CatalogQuery, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each parameter of a query. A value of null counts as absent.

    Args:
        catalog: the catalogue, for the values that the query accepts.
        query: the query.
        given: the values, as JSON.

    Raises:
        InvalidValuesError: a value is a list or an object.

    """
    types = {parameter.name: parameter.type for parameter in query.parameters}
    messages, values = {}, {}
    for name, value in given.items():
        text = as_text(value)
        if not isinstance(text, str):
            if text is not None:
                messages[name] = f"{name}: expected one text or number, not {_kind(value)}; the value is {_shown(value)}."
            continue
        text = text.strip()
        if isinstance(value, int | float) and name in types:
            text = _with_leading_zeros(text, [one.value for one in catalog.allowed_values(types[name])])
        values[name] = text
    if messages:
        raise InvalidValuesError(messages)
    return values


def _with_leading_zeros(text: str, allowed: list[str]) -> str:
    """Return the code that a number stands for: the region 002 (UN M49) is the number 2 in JSON."""
    return next((one for one in allowed if one.isdigit() and one.lstrip("0") == text), text)


def explain(tool: str, properties: Mapping[str, Any], error: ValidationError) -> str:
    """Return a sentence for each argument of a tool that is missing or has the wrong type.

    Args:
        tool: name of the tool.
        properties: the JSON Schema of each argument.
        error: the error of the validation.

    """
    wrong = {str(one["loc"][0]): one for one in error.errors()}
    sentences = []
    for name, one in wrong.items():
        schema = properties[name]
        if one["type"] == "missing":
            sentences.append(f"The tool {tool} needs the argument {name}: {schema.get('description', name)}.")
        else:
            sentences.append(f"{name}: {_shown(one['input'])}; expected {_expected(schema)}.")
    return " ".join(sentences)


def _expected(schema: Mapping[str, Any]) -> str:
    if schema.get("type") == "integer":
        most = f" to {schema['maximum']}" if "maximum" in schema else ""
        return f"a whole number from {schema['minimum']}{most}" if most else f"a whole number of at least {schema['minimum']}"
    return "an object with the value of each parameter" if schema.get("type") == "object" else "a text"


def _kind(value: Any) -> str:
    return "a list" if isinstance(value, list) else "an object"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"

"""The results of the tools."""

from pydantic import BaseModel

from tutela.catalog.provenance import Source


class Parameter(BaseModel):
    """A parameter of a query; ``default`` is None if it is required."""

    name: str
    type: str
    description: str
    example: str
    default: str | None


class QuerySummary(BaseModel):
    """A query of the catalogue."""

    name: str
    title: str
    parameters: list[Parameter]
    columns: dict[str, str]


class Value(BaseModel):
    """A value of a parameter: as it is written, its IRI, and its label."""

    value: str
    iri: str
    label: str


class Table(BaseModel):
    """Rows of an answer: the ``total`` number of rows, whether these are ``truncated``, and their sources.

    ``note`` says how to get the other rows, or what to try if there are none; it is empty otherwise.
    """

    rows: list[dict[str, str]]
    total: int
    truncated: bool
    note: str
    release: str
    sources: list[Source]


class Document(BaseModel):
    """Triples in Turtle: the ``total`` number of triples, whether these are ``truncated``, and their sources.

    ``note`` says how to get other triples, or what to try if there are none; it is empty otherwise.
    """

    turtle: str
    total: int
    truncated: bool
    note: str
    release: str
    sources: list[Source]

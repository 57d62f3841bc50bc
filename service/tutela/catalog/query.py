"""A catalogue query: a query file with parameters, described columns and the classes of its evidence."""

from dataclasses import dataclass

from tutela import namespaces
from tutela.catalog.parameters import Parameter
from tutela.errors import TutelaError
from tutela.sparql.binding import has_parameter
from tutela.sparql.query_file import QueryFile


@dataclass(frozen=True)
class CatalogQuery:
    """A query of the catalogue.

    Args:
        file: its file.
        parameters: its parameters, in the order of the file.
        columns: the description of each column.
        evidence: IRIs of the classes of statements that an answer is made from.

    """

    file: QueryFile
    parameters: tuple[Parameter, ...]
    columns: dict[str, str]
    evidence: tuple[str, ...]

    @property
    def name(self) -> str:
        """The public name."""
        return self.file.name

    @property
    def topic(self) -> str:
        """The topic: the name of the file's folder."""
        return self.file.folder

    @property
    def title(self) -> str:
        """The question that it answers."""
        return self.file.title

    @property
    def summary(self) -> str:
        """What a reader must know about the answer; may be empty."""
        return str(self.file.metadata.get("summary") or "")

    @property
    def examples(self) -> dict[str, str]:
        """The example value of each parameter."""
        return {parameter.name: parameter.example for parameter in self.parameters}

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by its name."""
        return next(parameter for parameter in self.parameters if parameter.name == name)


def from_file(file: QueryFile) -> CatalogQuery:
    """Return the catalogue query of a file.

    Raises:
        TutelaError: the metadata is incomplete; the message names all errors.

    """
    errors: list[str] = []
    parameters = tuple(_parameter(name, spec, file, errors) for name, spec in (file.metadata.get("params") or {}).items())
    columns = file.metadata.get("columns")
    if not isinstance(columns, dict) or not columns:
        errors.append("it describes no columns")
        columns = {}
    classes = file.metadata.get("evidence")
    if not isinstance(classes, list) or not classes:
        errors.append("it does not list the classes of its evidence")
        classes = []
    iris = []
    for name in classes:
        prefix, _, local = str(name).rpartition(":")  # a class of the Tutela ontology unless it has a prefix
        namespace = namespaces.PREFIXES.get(prefix or "tutela")
        if namespace is None:
            errors.append(f"the prefix of {name!r} is none of {', '.join(namespaces.PREFIXES)}")
        iris.append(f"{namespace}{local}")
    if errors:
        raise TutelaError(f"{file.path}: {'; '.join(errors)}. See queries/README.md.")
    return CatalogQuery(file, parameters, {str(k): str(v) for k, v in columns.items()}, tuple(iris))


def _parameter(name: str, spec: object, file: QueryFile, errors: list[str]) -> Parameter:
    found = spec if isinstance(spec, dict) else {}
    if not found.get("type") or not found.get("description") or "example" not in found:
        errors.append(f"the parameter {name} needs a type, a description and an example")
    if not has_parameter(file.text, name):
        errors.append(f"the parameter {name} has no VALUES block of that name")
    default = found.get("default")
    return Parameter(
        name=name,
        type=str(found.get("type")),
        description=str(found.get("description")),
        example=str(found.get("example")),
        default=None if default is None else str(default),
    )

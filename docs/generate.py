"""Write the generated parts of the documentation: those between ``<!-- generated: NAME -->`` and ``<!-- /generated -->``.

``python docs/generate.py`` rewrites them, with ``--check`` it lists the outdated files. A test compares them too.
"""

import ast
import html
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from rdflib import RDF, RDFS, SKOS, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import OWL, PROV
from rdflib.term import Node
from starlette.routing import Route

from tutela import namespaces, paths, settings
from tutela.cli import app
from tutela.web.routes import ROUTES

_SH = Namespace(namespaces.SH)
_TUTELA = Namespace(namespaces.PREFIXES["tutela"])
_SECTION = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)
_SCHEME_SHAPE = "In-"  # the shape shape:In-X requires a concept of the scheme X
_FIXED_LIMIT = re.compile(r"^([A-Z_]+) = (?:\S.*?)  # (.+)$", re.MULTILINE)
_MAX_CLASSES = 10  # listed by name in the table of properties
# The shape files whose classes each diagram shows; a class diagram of all of them is too large to read.
_DIAGRAMS = {
    "diagram-review": ("edition", "jurisdiction", "observation", "external-finding", "note", "national-law", "correction"),
    "diagram-treaties": ("instrument", "provision", "action"),
}


def documents() -> list[Path]:
    """Return the files that have generated parts."""
    files = [*sorted(paths.ROOT.glob("docs/*.md")), paths.DATA / "README.md"]
    return [path for path in files if _SECTION.search(path.read_text(encoding="utf-8"))]


def expected(path: Path) -> str:
    """Return the text that a file should have."""
    text = path.read_text(encoding="utf-8")
    return _SECTION.sub(lambda match: f"{match[1]}{SECTIONS[match[2]]().strip()}\n{match[3]}", text)


# Configuration


def settings_tables() -> str:
    """Return a table of the settings for each section."""
    parts = []
    for section in fields(settings.Settings):
        description = inspect.cleandoc(section.default_factory.__doc__ or "")
        rows = [
            (
                f"`{section.name}.{one.name}`",
                f"`{settings.variable(f'{section.name}.{one.name}')}`",
                _default(one.default, one.metadata["unit"]),
                one.metadata["unit"],
                one.metadata["description"],
            )
            for name, one in settings.all_settings()
            if name == section.name
        ]
        parts.append(f"### `[{section.name}]`\n\n{_line(description)}\n\n")
        parts.append(_table(("setting", "environment variable", "default", "unit", "meaning"), rows) + "\n")
    return "".join(parts)


def fixed_limits() -> str:
    """Return a table of the limits that are constants of `tutela.settings`, with their comments."""
    source = inspect.getsource(settings)
    found = [(name, getattr(settings, name), comment) for name, comment in _FIXED_LIMIT.findall(source)]
    rows = [(f"`{name}`", f"{value:,}", comment) for name, value, comment in found if isinstance(value, int)]
    return _table(("constant", "value", "meaning"), rows)


def _default(value: Any, unit: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if unit == "bytes" and value and value % (1 << 20) == 0:
        return f"{value} ({value >> 30} GB)" if value % (1 << 30) == 0 else f"{value} ({value >> 20} MB)"
    return str(value) if value not in ("", ()) else "(empty)"


# Commands and URLs


def _leaves(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield each command that does something, with its name below the program's."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group) and command.commands:  # others make theirs when they are needed
            yield from _leaves(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def commands_table() -> str:
    """Return a table of the commands."""
    rows = []
    for name, command in sorted(_leaves(app)):
        options = [param for param in command.params if isinstance(param, click.Option)]
        arguments = [param for param in command.params if isinstance(param, click.Argument)]
        usage = " ".join([f"tutela {name}", *(one.make_metavar(click.Context(command)) for one in arguments)])
        text = inspect.cleandoc(command.help or "").partition("\n\n")[0]
        rows.append((f"`{usage}`", _line(text), " ".join(f"`{max(one.opts, key=len)}`" for one in options)))
    return _table(("command", "what it does", "options"), rows)


def urls_table() -> str:
    """Return a table of the URLs with the function, and the template if there is one, that answers each."""
    rows = []
    for route in ROUTES:
        if not isinstance(route, Route):
            continue
        handler = inspect.unwrap(route.endpoint)
        methods = ", ".join(sorted((route.methods or set()) - {"HEAD"}))
        path = re.sub(r":\w+\}", "}", route.path)
        module = handler.__module__.removeprefix("tutela.web.")
        text = _line(inspect.cleandoc(handler.__doc__ or "").partition("\n\n")[0]).removeprefix("Respond with ")
        templates = " ".join(f"`{name}`" for name in sorted(_templates(handler, set())))
        rows.append((f"`{path}`", methods, text, f"`{module}.{handler.__name__}`", templates))
    return _table(("URL", "method", "response", "function, in `tutela.web`", "template"), rows)


def _templates(function: Callable[..., Any], seen: set[Any]) -> set[str]:
    """Return the templates that a handler names, itself or in functions of the web package that it calls."""
    seen.add(function)
    module = vars(sys.modules[function.__module__])
    found: set[str] = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        target: Any = None
        match node:
            case ast.Constant(value=str(text)) if re.fullmatch(r"\w+\.html", text):
                found.add(text)
            case ast.Name(id=name):
                target = module.get(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if inspect.ismodule(module.get(name)):
                target = getattr(module[name], attribute, None)
        is_followed = inspect.isfunction(target) and re.match(r"tutela\.web\.(api|linked_data|pages)\.", target.__module__)
        if is_followed and target not in seen:
            found |= _templates(target, seen)
    return found


# Data model


def _ontology() -> Graph:
    graph = Graph()
    for path in sorted(paths.ONTOLOGY.glob("*.ttl")):
        graph.parse(path, format="turtle")
    return graph


def _shapes(files: Iterable[str] = ("*",)) -> Graph:
    graph = Graph()
    for name in files:
        for path in sorted(paths.SHAPES.glob(f"{name}.ttl")):
            graph.parse(path, format="turtle")
    return graph


def classes_table() -> str:
    """Return a table of the classes of the ontology."""
    graph = _ontology()
    rows = []
    for term in sorted(graph.subjects(RDF.type, OWL.Class), key=str):
        parents = ", ".join(sorted(f"`{_short(parent)}`" for parent in graph.objects(term, RDFS.subClassOf)))
        rows.append((f"`{_short(term)}`", _definition(graph, term), parents))
    return _table(("class", "definition", "subclass of"), rows)


def diagram(name: str) -> Callable[[], str]:
    """Return a function that returns a class diagram of the references between resources."""

    def text() -> str:
        graph = _shapes(_DIAGRAMS[name])
        lines = set()
        for owner, prop, path in _properties(graph):
            if path in (PROV.hadPrimarySource, PROV.wasDerivedFrom):
                continue
            for target in _values(graph, prop, _SH["class"]):
                if not str(target).endswith("Source"):
                    label = _short(path).removeprefix("tutela:").replace(":", " ")
                    lines.add(f"    {_local(owner)} --> {_local(target)} : {label}")
        return "\n".join(["```mermaid", "classDiagram", "    direction LR", *sorted(lines), "```"])

    return text


def properties_table() -> str:
    """Return a table of all properties that the ontology defines or a shape uses."""
    ontology, shapes = _ontology(), _shapes()
    users: dict[Node, set[str]] = {}
    values: dict[Node, set[str]] = {}
    for owner, prop, path in _properties(shapes):
        users.setdefault(path, set()).add(f"`{_short(owner)}`")
        values.setdefault(path, set()).update(_value_kinds(shapes, prop))
    own = {term for term in ontology.subjects(RDFS.isDefinedBy, None) if (term, RDF.type, OWL.Class) not in ontology}
    rows = []
    for path in sorted(own | users.keys(), key=lambda term: (term not in own, _short(term))):
        classes = sorted(users.get(path, ()))
        listed = f"{len(classes)} classes" if len(classes) > _MAX_CLASSES else ", ".join(classes)
        rows.append((f"`{_short(path)}`", _definition(ontology, path), listed, ", ".join(sorted(values.get(path, ())))))
    return _table(("property", "definition", "required or limited by the shapes of", "values"), rows)


def _properties(graph: Graph) -> Iterator[tuple[Node, Node, Node]]:
    """Yield the target class, the property shape and the property of each property shape of a class."""
    for shape, owner in graph.subject_objects(_SH.targetClass):
        for prop in graph.objects(shape, _SH.property):
            path = graph.value(prop, _SH.path)
            if isinstance(path, URIRef):
                yield owner, prop, path


def _values(graph: Graph, shape: Node, constraint: Node) -> Iterator[Node]:
    """Yield the values of a constraint in a shape and in its alternatives."""
    yield from graph.objects(shape, constraint)
    for alternatives in graph.objects(shape, _SH["or"]):
        for one in Collection(graph, alternatives):
            yield from _values(graph, one, constraint)


def _value_kinds(graph: Graph, prop: Node) -> Iterator[str]:
    for constraint in (_SH["class"], _SH.datatype):
        yield from (f"`{_short(one)}`" for one in _values(graph, prop, constraint))
    for one in _values(graph, prop, _SH.node):
        if _local(one).startswith(_SCHEME_SHAPE):
            yield f"a concept of `{_local(one).removeprefix(_SCHEME_SHAPE)}`"


def _definition(graph: Graph, term: Node) -> str:
    texts = (graph.value(term, SKOS.definition), graph.value(term, SKOS.scopeNote))
    return " ".join(_line(str(text)) for text in texts if text)


def _local(term: Node) -> str:
    return re.split(r"[#/]", str(term))[-1]


def _short(term: Node) -> str:
    text = str(term)
    for prefix, iri in namespaces.PREFIXES.items():
        if text.startswith(iri):
            return f"{prefix}:{text.removeprefix(iri)}"
    return f"<{namespaces.strip_base(text)}>"


def prefixes_table() -> str:
    """Return a table of the prefixes that a query need not declare."""
    rows = sorted(namespaces.QUERY_PREFIXES.items())
    return _table(("prefix", "IRI"), ((f"`{prefix}:`", f"<{iri}>") for prefix, iri in rows))


# Tables


def tables_table() -> str:
    """Return a table of the tables for each folder of ``data/``."""
    folders: dict[str, list[tuple[str, ...]]] = {}
    for path in sorted(paths.DATA.glob("*/*.csv-metadata.json")):
        about = json.loads(path.read_text(encoding="utf-8"))
        file = f"{path.parent.name}/{about['url']}"
        link = f"[`{about['url']}`]({file})"
        title, description = about.get("dc:title", ""), about.get("dc:description", "")
        key = ", ".join(about["tableSchema"].get("primaryKey", []))
        row = (link, title, description, key, about.get("dc:source", ""), about.get("dc:date", ""))
        folders.setdefault(path.parent.name, []).append(row)
    header = ("table", "title", "a row is", "key", "source", "as of")
    return "\n".join(f"### `{folder}/`\n\n{_table(header, rows)}" for folder, rows in folders.items())


# Limitations


def missing_list() -> str:
    """Return the list of missing data that the page "About the data" shows."""
    text = (paths.TEMPLATES / "missing.html").read_text(encoding="utf-8")
    items = re.findall(r"<li>(.*?)</li>", text, re.DOTALL)
    plain = [html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</?code>", "`", item))) for item in items]
    return "\n".join(f"- {_line(item)}" for item in plain)


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = list(header)
    lines = [header, ["---"] * len(header), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("``", "`")).strip()


SECTIONS: dict[str, Callable[[], str]] = {
    "settings": settings_tables,
    "limits": fixed_limits,
    "commands": commands_table,
    "urls": urls_table,
    "prefixes": prefixes_table,
    "classes": classes_table,
    "properties": properties_table,
    **{name: diagram(name) for name in _DIAGRAMS},
    "tables": tables_table,
    "missing": missing_list,
}


def main() -> None:
    """Rewrite the outdated files, or list them and exit with 1."""
    outdated = [path for path in documents() if expected(path) != path.read_text(encoding="utf-8")]
    for path in outdated:
        print(path.relative_to(paths.ROOT))
        if "--check" not in sys.argv:
            path.write_text(expected(path), encoding="utf-8")
    sys.exit(bool(outdated) and "--check" in sys.argv)


if __name__ == "__main__":
    main()

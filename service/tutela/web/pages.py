"""The pages that people read."""

import json
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from markupsafe import Markup

from tutela import header, names, paths
from tutela.catalog import Catalog, with_iris, with_value
from tutela.engine import Holding
from tutela.store import Store
from tutela.web.json_ld import compact

_templates = Jinja2Templates(directory=paths.TEMPLATES)


_SCHEMA_ORG = {"@vocab": names.SCHEMA_ORG}


def _markup(request: Request, held: Holding, store: Store) -> Markup:
    """Return the dataset as search engines read it (schema.org Dataset), safe within a script element."""
    text = header.read(paths.QUERIES / "pages" / "schema-org.rq").text
    text = with_value(with_iris(text, "root", [str(request.base_url)]), "version", json.dumps(held.version))
    document = compact(sorted(store.query(text).triples(), key=str), _SCHEMA_ORG).decode()
    return Markup(document.replace("<", "\\u003c"))  # noqa: S704 - no markup can begin in it


def start(request: Request, held: Holding, catalog: Catalog) -> Response:
    """Return the start page: what this is, the totals, and ways to ask."""
    edition = max(catalog.choices("edition"), key=lambda choice: int(choice.value))
    totals = catalog.ask("edition-totals", {"edition": edition.value})
    columns = totals.columns
    rows = [dict(zip(columns, row, strict=True)) for row in totals.rows()]
    questions = []
    for question in catalog.questions.values():
        example = urlencode({parameter.name: parameter.example for parameter in question.parameters})
        questions.append({"title": question.title, "link": f"queries/{question.name}?{example}"})
    context = {
        "held": held,
        "edition": edition,
        "totals": rows,
        "questions": questions,
        "example": catalog.question("jurisdictions-lacking").file.text,
        "base": names.BASE,
        "markup": _markup(request, held, catalog.store),
    }
    return _templates.TemplateResponse(request, "start.html", context)

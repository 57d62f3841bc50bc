"""The pages that people read."""

from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates

from tutela import names, paths
from tutela.catalog import Catalog
from tutela.engine import Holding

_templates = Jinja2Templates(directory=paths.TEMPLATES)


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
    }
    return _templates.TemplateResponse(request, "start.html", context)

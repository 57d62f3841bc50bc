"""``/shapes/NAME`` and ``/shapes/checks/NAME``: the rules of one shapes file or of one folder of checks, in words."""

from fastapi import Request, Response

from tutela.catalog.parameters import nearest
from tutela.errors import NotFoundError
from tutela.web.components import shape_rules
from tutela.web.services import services


async def page(request: Request) -> Response:
    """Respond with the page of a shapes file."""
    its = services(request)
    name = str(request.path_params["name"])

    def content() -> dict[str, object]:
        files = its.files_of(its.store.version)
        found = {one.name: one for one in shape_rules.shapes_files(files)}
        if name not in found:
            raise NotFoundError(f"There is no shapes file {name!r}{nearest(name, list(found))}; /shapes lists them.")
        return {"file": found[name], "tables": [one for one in shape_rules.checks(files) if one == name]}

    return await its.renderer.respond(request, "shapes_file.html", content)


async def checks_page(request: Request) -> Response:
    """Respond with the page of a folder of checks."""
    its = services(request)
    name = str(request.path_params["name"])

    def content() -> dict[str, object]:
        found = shape_rules.checks(its.files_of(its.store.version))
        if name not in found:
            raise NotFoundError(f"There is no folder of checks {name!r}{nearest(name, list(found))}; /shapes lists them.")
        return {"name": name, "checks": found[name]}

    return await its.renderer.respond(request, "shapes_checks.html", content)

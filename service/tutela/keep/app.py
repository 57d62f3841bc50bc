"""The application of `tutela keep`: its routes behind the guard."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tutela import paths
from tutela.errors import TutelaError
from tutela.keep.desk import Desk
from tutela.keep.guard import START, Guard, Session
from tutela.keep.pages import OF_ROWS, Pages
from tutela.paths import Source


def create_app(source: Source, session: Session) -> Starlette:
    """Return the application.

    Args:
        source: where the tables are.
        session: the secrets and the port.

    """
    pages = Pages(Desk(source), session)

    async def failed(request: Request, error: Exception) -> Response:
        if isinstance(error, TutelaError):
            return pages.failed(error)
        wrong = error if isinstance(error, HTTPException) else HTTPException(500, "The form could not be read.")
        response = pages.failed(TutelaError(wrong.detail))
        response.status_code = wrong.status_code
        return response

    routes = [
        Route(START, pages.start),
        Route("/", pages.home),
        Route("/add/{kind}", pages.form),
        Route("/add/{kind}/preview", pages.preview, methods=["POST"]),
        Route("/add/{kind}/write", pages.write, methods=["POST"]),
        *(
            route
            for path in OF_ROWS
            for route in (
                Route(path, pages.form),
                Route(f"{path}/preview", pages.preview, methods=["POST"]),
                Route(f"{path}/write", pages.write, methods=["POST"]),
            )
        ),
        Route("/check", pages.check),
        Route("/check/errors.xlsx", pages.marked),
        Route("/workbook", pages.workbook),
        Route("/workbook/tables.xlsx", pages.download),
        Route("/workbook/upload", pages.upload, methods=["POST"]),
        Mount("/static", StaticFiles(directory=paths.STATIC)),
        Mount("/own", StaticFiles(directory=paths.KEEP_STATIC)),
    ]
    handlers = {TutelaError: failed, HTTPException: failed}
    return Starlette(routes=routes, middleware=[Middleware(Guard, session=session)], exception_handlers=handlers)

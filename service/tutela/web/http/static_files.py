"""Static files, such as style sheets."""

import os
from pathlib import Path

from fastapi import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from tutela.web.assets import fingerprint
from tutela.web.http.caching import IMMUTABLE
from tutela.web.http.files import file_response


class VersionedStaticFiles(StaticFiles):
    """Static files; a URL with the fingerprint of the file may be cached forever (RFC 8246)."""

    def file_response(
        self, full_path: "os.PathLike[str] | str", stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file, or 304 if the client's copy is current."""
        response = file_response(Request(scope), Path(full_path))
        # With another fingerprint, which a page of another version of the program has, a cache would keep the wrong file.
        if scope["query_string"] == f"v={fingerprint(Path(full_path))}".encode():
            response.headers["cache-control"] = IMMUTABLE
        return response

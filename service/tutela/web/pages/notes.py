"""``/notes``: the notes of the review, and a page for each: what it says in our words, what it is on and what it cites."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from tutela.errors import NotFoundError, UsageError
from tutela.web.http.caching import CACHEABLE
from tutela.web.rendering import PageRenderer, Row
from tutela.web.services import services
from tutela.web.templating import local_name, root_path


async def list_page(request: Request) -> Response:
    """Respond with the list; ``kind`` filters it."""
    renderer = services(request).renderer
    kind = request.query_params.get("kind", "")
    return await renderer.respond(request, "notes.html", lambda: _list_content(renderer, kind))


async def of_current_edition(request: Request) -> Response:
    """Redirect ``/notes/N`` to the note of the current edition; each edition numbers its notes anew."""
    renderer = services(request).renderer
    number = str(request.path_params["number"])
    edition = await run_in_threadpool(renderer.current_edition)
    await run_in_threadpool(_note, renderer, edition, number)
    location = f"{root_path(request)}/notes/{edition}/{number}"
    return Response(status_code=303, headers={**CACHEABLE, "location": location})


async def page(request: Request) -> Response:
    """Respond with the page of one note."""
    renderer = services(request).renderer
    edition, number = str(request.path_params["edition"]), str(request.path_params["number"])
    return await renderer.respond(request, "note.html", lambda: _content(renderer, edition, number))


def _list_content(renderer: PageRenderer, kind: str) -> Mapping[str, Any]:
    kinds = renderer.labels("note-kind")
    if kind and kind not in kinds:
        raise UsageError(f"kind: unknown kind of note {kind!r}; expected one of {', '.join(kinds)}.")
    notes = renderer.run("notes", edition=renderer.current_edition())
    counts = {slug: sum(slug in row["kinds"].split() for row in notes.rows) for slug in kinds}
    return {
        "notes": notes,
        "shown": [row for row in notes.rows if not kind or kind in row["kinds"].split()],
        "kinds": {slug: count for slug, count in counts.items() if count},
        "kind": kind,
    }


def _note(renderer: PageRenderer, edition: str, number: str) -> tuple[list[Row], int]:
    """Return the notes of an edition, and the position of one of them.

    Raises:
        NotFoundError: there is no such note.

    """
    known = renderer.edition(edition)
    rows = renderer.run("notes", edition=edition).rows
    position = next((place for place, row in enumerate(rows) if row["number"] == number), None)
    if position is None:
        some = f"; its notes are {rows[0]['number']} to {rows[-1]['number']}" if rows else "; Tutela includes none of its notes"
        raise NotFoundError(f"Unknown note {number!r} of the {known['name']}{some}.")
    return rows, position


def _content(renderer: PageRenderer, edition: str, number: str) -> Mapping[str, Any]:
    rows, position = _note(renderer, edition, number)
    note = rows[position]
    code = _jurisdiction(note)
    cited = renderer.run("national-law", jurisdiction=code, edition=edition) if code else None
    territories = renderer.run("places-without-row", edition=edition)
    finding = (
        renderer.run("finding", jurisdiction=code, criterion=note["criterion"], edition=edition)
        if note["subject"] == "finding"
        else None
    )
    letters = renderer.run("correspondence", edition=edition)
    discrepancies = renderer.run("discrepancies")
    return {
        "note": note,
        "edition": renderer.edition(edition),
        "previous": rows[position - 1] if position else None,
        "next": rows[position + 1] if position + 1 < len(rows) else None,
        "code": code,
        "notes": renderer.run("notes", edition=edition),
        "criteria": renderer.labels("criterion"),
        "source": next((row for row in renderer.run("sources").rows if row["source"] == note["source"]), None),
        "finding": finding,
        "cited": cited,
        "citations": cited.where(note=number) if cited else [],
        "letters": letters,
        "letters_of_note": letters.where(note=number),
        "territories": territories,
        "territories_of_note": territories.where(note=number),
        "discrepancies": discrepancies.where(about=note["note"]),
    }


def _jurisdiction(note: Row) -> str:
    """Return the code of the jurisdiction that a note is on; empty if it is on a criterion."""
    if note["subject"] == "finding":
        return note["about"].rsplit("/", 2)[1]
    return local_name(note["about"]) if note["subject"] == "jurisdiction" else ""

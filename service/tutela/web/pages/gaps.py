"""``/gaps``: which obligations the review finds unmet, and where: a matrix of counts that open to names."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from tutela.errors import UsageError
from tutela.web.frame import Frame, Row
from tutela.web.outline import in_order, path_of
from tutela.web.templating import listed, tail

READ = ["GET", "HEAD"]
_EDITION = "10"
_UNMET, _POINT = "unmet obligation", "point to examine"
_CHOICES = {"kind": ("both", _UNMET, _POINT), "by": ("instrument", "region"), "sort": ("count", "name")}
_FILTERS = ("instrument", "provision", "region", "criterion")
_OWN = {"instrument": "unmet-by-instrument", "region": "unmet-by-region"}


def add(routes: APIRouter, frame: Frame) -> None:
    """Add the route."""

    @routes.api_route("/gaps", methods=READ)
    async def gaps(request: Request) -> Response:
        return await frame.page(request, "gaps.html", lambda: _page(frame, request.query_params))


@dataclass(frozen=True)
class Choice:
    """What the address of the page chooses."""

    as_of: str
    kind: str = "both"
    by: str = "instrument"
    sort: str = "count"
    instrument: str = ""
    provision: str = ""
    region: str = ""
    criterion: str = ""
    open: str = ""

    def link(self, **others: str) -> str:
        """Return the address, below the root, of the same page but for some choices; the usual ones are left out."""
        values, usual = vars(replace(self, **others)), vars(Choice(as_of=""))
        chosen = {key: value for key, value in values.items() if value != usual[key]}
        return f"/gaps?{urlencode(chosen)}"

    @property
    def filtered(self) -> bool:
        """Whether something is left out."""
        return any(getattr(self, name) for name in _FILTERS)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are shown."""
        return (_UNMET, _POINT) if self.kind == "both" else (self.kind,)


@dataclass(frozen=True)
class Line:
    """A row of the matrix: the cells by criterion and kind; ``asks`` are the criteria that it asks for at all."""

    key: str
    name: str
    level: int
    rows: list[Row]
    asks: frozenset[str] | None
    parts: int = 0

    def count(self, kind: str, criterion: str = "") -> int:
        """Return how many there are of a kind, of one criterion or of all."""
        return sum(row["kind"] == kind and criterion in ("", row["criterion"]) for row in self.rows)

    @property
    def jurisdictions(self) -> int:
        """In how many jurisdictions."""
        return len({row["jurisdiction"] for row in self.rows})


def _page(frame: Frame, given: Mapping[str, str]) -> Mapping[str, Any]:
    choice = _chosen(frame, given)
    gaps = frame.ask("gaps", as_of=choice.as_of)
    within = _within(frame, choice.region)
    rows = [
        row
        for row in gaps.rows
        if row["kind"] in choice.kinds
        and choice.instrument in ("", row["instrument"])
        and choice.provision in ("", path_of(row["provision"]))
        and choice.criterion in ("", row["criterion"])
        and (within is None or row["jurisdiction"] in within)
    ]
    criteria = frame.ask("criteria")
    shown = [row for row in criteria.rows if choice.criterion in ("", tail(row["criterion"]))]
    required = frame.ask("criteria-required")
    asks = _asks(required.rows)
    lines = _lines(frame, choice, rows, asks)
    (edition,) = frame.ask("editions").where(number=_EDITION)
    names = frame.names("region")
    return {
        "choice": choice,
        "choices": _CHOICES,
        "gaps": gaps,
        "rows": rows,
        "lines": lines,
        "total": Line("", "All", 0, rows, None),
        "most": max(
            (line.count(kind, tail(row["criterion"])) for line in lines for kind in choice.kinds for row in shown), default=0
        ),
        "criteria": criteria,
        "shown": shown,
        "required": required,
        "counts": frame.ask(_OWN[choice.by], as_of=choice.as_of),
        "unrequired": frame.ask("criteria-no-instrument-requires"),
        "instruments": frame.names("instrument"),
        "asking": sorted(asks, key=frame.names("instrument").__getitem__),
        "asked": frozenset[str]().union(*asks.values()),
        "regions": sorted(_regions(frame).items(), key=lambda item: item[1]),
        "region_name": names.get(choice.region, ""),
        "path_of": path_of,
        "titles": {tail(row["instrument"]): row["title"] for row in frame.ask("instruments").rows},
        "findings_as_of": edition["findings_as_of"],
    }


def _chosen(frame: Frame, given: Mapping[str, str]) -> Choice:
    """Return what an address chooses.

    Raises:
        UsageError: a choice is none that there is.

    """
    values = {key: value for key in Choice.__dataclass_fields__ if (value := given.get(key))}
    for key, allowed in _CHOICES.items():
        if key in values and values[key] not in allowed:
            raise UsageError(f"{key}: {values[key]!r} is not a choice; it is {listed(list(allowed), 'or')}.")
    choice = Choice(**{"as_of": frame.default("gaps", "as_of"), **values})
    # The catalogue knows which instruments, regions and criteria there are, and what a day is.
    for question, key, value in (
        ("gaps", "as_of", choice.as_of),
        ("standing", "instrument", choice.instrument),
        ("standing", "instrument", choice.open),
        ("region-findings", "region", choice.region),
        ("jurisdictions-lacking", "criterion", choice.criterion),
    ):
        if value:
            parameter = next(p for p in frame.catalog.question(question).parameters if p.name == key)
            frame.catalog.term(parameter, value)
    if choice.provision:
        _of_instrument(frame, choice)
    return choice


def _of_instrument(frame: Frame, choice: Choice) -> None:
    if not choice.instrument:
        raise UsageError("provision: this is chosen within an instrument; choose the instrument too.")
    held = frame.ask("instrument-provisions", instrument=choice.instrument).rows
    if choice.provision not in (path_of(row["provision"]) for row in held):
        name = frame.names("instrument")[choice.instrument]
        raise UsageError(f"provision: {choice.provision!r} is no provision of {name} that is held here.")


def _within(frame: Frame, region: str) -> set[str] | None:
    """Return the jurisdictions of a region, those of regions within it among them; None for everywhere."""
    if not region:
        return None
    return {row["jurisdiction"] for row in frame.ask("region-findings", region=region, edition=_EDITION).rows}


def _regions(frame: Frame) -> dict[str, str]:
    """Return the innermost regions that have jurisdictions, by their digits."""
    return {tail(row["region"]): row["region_name"] for row in frame.ask("totals-by-region", edition=_EDITION).rows}


def _asks(required: Iterable[Row]) -> dict[str, frozenset[str]]:
    """Return the criteria from which a gap or a point can follow, by the instrument that asks for them."""
    found: dict[str, frozenset[str]] = {}
    for row in required:
        if row["strength"] in ("requires", "requires-reservable", "in-substance"):
            found[row["instrument"]] = found.get(row["instrument"], frozenset()) | {tail(row["criterion"])}
    return found


def _lines(frame: Frame, choice: Choice, rows: list[Row], asks: Mapping[str, frozenset[str]]) -> list[Line]:
    """Return the rows of the matrix, with a row without counts for what asks and is met everywhere."""
    found: list[Line] = []
    if choice.by == "region":
        asked = frozenset[str]().union(*asks.values())
        for code, name in _regions(frame).items():
            of = [row for row in rows if tail(row["region"]) == code]
            if of or not choice.region:
                found.append(Line(code, name, 0, of, asked))
        return sorted(found, key=_order(choice.sort))
    names = frame.names("instrument")
    for slug, criteria in asks.items():
        of = [row for row in rows if row["instrument"] == slug]
        if choice.instrument in ("", slug):
            found.append(Line(slug, names[slug], 0, of, criteria, len({row["provision"] for row in of})))
    lines = []
    for line in sorted(found, key=_order(choice.sort)):
        lines.append(line)
        if line.key in (choice.open, choice.instrument):
            lines += _parts(line)
    return lines


def _parts(line: Line) -> list[Line]:
    """Return a row for each provision of an instrument that something is found on, in the order of the document."""
    found: dict[str, list[Row]] = {}
    for row in line.rows:
        found.setdefault(row["provision"], []).append(row)
    ordered = sorted(found, key=lambda provision: in_order(path_of(provision)))
    return [Line(provision, found[provision][0]["provision_name"], 1, found[provision], None) for provision in ordered]


def _order(sort: str) -> Callable[[Line], tuple[int, int, str]]:
    """Return the key by which rows are sorted: unmet obligations before points, or by name."""
    if sort == "name":
        return lambda line: (0, 0, line.name)
    return lambda line: (-line.count(_UNMET), -line.count(_POINT), line.name)

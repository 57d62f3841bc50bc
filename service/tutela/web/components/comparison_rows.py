"""The rows of a comparison, from the answers of catalogue queries."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from tutela import namespaces
from tutela.reports import participation
from tutela.reports.document import Link, Quotation
from tutela.reports.words import capitalised
from tutela.web.components.comparison import (
    Cell,
    ComparedJurisdiction,
    Comparison,
    ComparisonRow,
    ComparisonSection,
    Item,
    Part,
    Term,
)
from tutela.web.components.provision_tree import by_provision
from tutela.web.page_urls import page_url
from tutela.web.rendering import PageRenderer, Row
from tutela.web.templating import local_name

_THREADS = 3
_SHOWN_PROVISIONS = 3  # of national law, for each finding
_MET = {"true": "Met", "false": "Not met", "": "No finding"}
_GAPS = {
    "unmet obligation": "Obligations not met, according to the review",
    "possible gap": "Possible gaps (need legal review)",
}
_NOT_OPEN = "cannot join"  # the state of a jurisdiction that an instrument is closed to


def compare_jurisdictions(
    renderer: PageRenderer, rows: Sequence[Row], as_of: str, *, edition: str = "", only_differences: bool = False
) -> Comparison:
    """Compare jurisdictions.

    Args:
        renderer: runs catalogue queries.
        rows: the rows of the jurisdictions in the answer to the query `jurisdictions`.
        as_of: the date of the participation status, YYYY-MM-DD.
        edition: the number of the edition with the findings; empty for the current one.
        only_differences: whether to leave out rows without a difference.

    """
    # The queries of one jurisdiction take 0.1 s. The engine has more than one worker.
    with ThreadPoolExecutor(_THREADS) as pool:
        compared = tuple(pool.map(lambda row: _compared(renderer, row, as_of, edition), rows))
    builder = _Builder(renderer, compared, as_of, edition)
    sections = (
        ComparisonSection("What does the review find?", tuple(builder.findings())),
        ComparisonSection("Which instruments bind it?", tuple(builder.participation())),
        ComparisonSection("Which obligations are not met?", tuple(builder.gaps())),
    )
    return Comparison(compared, as_of, sections if len(compared) > 1 else (), only_differences)


def _compared(renderer: PageRenderer, row: Row, as_of: str, edition: str) -> ComparedJurisdiction:
    code = row["code"]
    of = {"edition": edition} if edition else {}
    return ComparedJurisdiction(
        row,
        renderer.run("jurisdiction-card", jurisdiction=code, **of),
        renderer.run("bound-by", jurisdiction=code, as_of=as_of),
        renderer.run("unmet-obligations", jurisdiction=code, as_of=as_of, **of),
        renderer.run("doubts", jurisdiction=code),
        renderer.run("grounds", jurisdiction=code),
    )


class _Builder:
    """Builds the rows of a comparison; see `compare_jurisdictions`."""

    def __init__(self, renderer: PageRenderer, compared: Sequence[ComparedJurisdiction], as_of: str, edition: str) -> None:
        self._renderer = renderer
        self._compared = compared
        self._as_of = as_of
        self._edition = edition or renderer.current_edition()
        # Provisions of national law are compared with the findings of the current edition.
        self._has_law = self._edition == renderer.current_edition()

    def _label(self, scheme: str, slug: str) -> str:
        return self._renderer.concepts()[f"{scheme}/{slug}"]["label"]

    def _term(self, scheme: str, slug: str) -> Term:
        concept = self._renderer.concepts()[f"{scheme}/{slug}"]
        return Term(f"{scheme}/{slug}", concept["label"], concept["definition"])

    def findings(self) -> Iterator[ComparisonRow]:
        """Return the findings, each followed by the wording of national law, then notes and ratings."""
        for criterion in self._renderer.run("criteria").rows:
            slug = local_name(criterion["criterion"])
            heading = (
                Item((Link(capitalised(criterion["criterion_name"]), page_url(criterion["criterion"])),)),
                Item((f"The criterion: {criterion['definition']}",), "detail"),
            )
            yield ComparisonRow(heading, tuple(self._finding(one, criterion["criterion"]) for one in self._compared))
            laws = tuple(self._national_law(one, slug) for one in self._compared)
            if self._has_law and any(cell.key for cell in laws):
                yield ComparisonRow((Item((f"National law on {criterion['criterion_name']}",)),), laws)
        notes = tuple(self._notes(one) for one in self._compared)
        if any(cell.key for cell in notes):
            yield ComparisonRow((Item(("Notes on the jurisdiction as a whole",)),), notes)
        yield self._ratings()

    def _finding(self, compared: ComparedJurisdiction, criterion: str) -> Cell:
        rows = compared.card.where(criterion=criterion)
        met = rows[0]["met"] if rows else ""
        items = [Item((_MET[met],), {"true": "met", "false": "unmet", "": "silent"}[met])]
        items += [self._note(row) for row in rows if row["note"]]
        items += [_correction(row) for row in rows[:1] if row["correction"]]
        if compared.discrepancies.where(criterion=local_name(criterion)):
            items.append(Item((Link("Recorded discrepancy", "/about#doubts"),), "detail"))
        return Cell(tuple(items), met, _MET[met].lower())

    def _note(self, row: Row) -> Item:
        iri = f"{namespaces.BASE}id/note/{self._edition}/{row['note']}"
        wording = f" Wording: “{row['wording'].replace('; ', '”, “')}”." if row["wording"] else ""
        return Item((Link(f"Note {row['note']}", page_url(iri)), f": {row['summary']}{wording}"), "detail")

    def _notes(self, compared: ComparedJurisdiction) -> Cell:
        rows = compared.card.where(criterion="")
        return Cell(tuple(map(self._note, rows)) or (Item(("None",)),), bool(rows))

    def _national_law(self, compared: ComparedJurisdiction, criterion: str) -> Cell:
        """Return the provisions on a criterion, once each; first those behind the finding, and those with a quotation."""
        rows = [row for row in compared.grounds.where(criterion=criterion) if row["wording"] or row["summary"]]
        rows.sort(key=lambda row: (row["relation"] != "ground", not row["wording"]))
        provisions = list({row["provision"]: row for row in reversed(rows)}.values())[::-1]
        items = tuple(item for row in provisions[:_SHOWN_PROVISIONS] for item in self._provision(row))
        further = tuple(tuple(self._provision(row)) for row in provisions[_SHOWN_PROVISIONS:])
        return Cell(items or (Item(("None known to Tutela",)),), bool(items), further=further)

    def _provision(self, row: Row) -> Iterator[Item]:
        yield Item((Quotation(row["wording"], row["language"] or "en") if row["wording"] else row["summary"],))
        remarks: list[Part] = [self._term("relation", row["relation"])] if row["relation"] != "ground" else []
        remarks += ["described by a source, its words were not read"] if row["basis"] == "described" else []
        remarks += [f"highest penalty stated: {row['penalty']}"] if row["penalty"] else []
        remarks += [f"text as of {row['text_as_of']}"] if row["text_as_of"] else []
        label = Link(row["label"], page_url(row["provision"]))
        parts = [label, *(part for remark in remarks for part in ("; ", remark))]
        parts += ["; source: ", Link(_site(row["url"]), row["url"])] if row["url"] else []
        yield Item(tuple(parts), "detail")

    def _ratings(self) -> ComparisonRow:
        rated = {
            row["jurisdiction"]: label
            for rating, label in self._renderer.labels("rating").items()
            for row in self._renderer.run("jurisdictions-rated", rating=rating, edition=self._edition).rows
        }
        labels = [rated.get(one.row["jurisdiction"], "not rated: not a reviewed jurisdiction") for one in self._compared]
        cells = tuple(Cell((Item((capitalised(label),)),), label, label.partition(":")[0]) for label in labels)
        return ComparisonRow((Item(("Rating, from the five findings",)),), cells)

    def participation(self) -> Iterator[ComparisonRow]:
        """Return the participation status in each instrument; those that are closed to all are one row."""
        names = self._renderer.labels("instrument")
        slugs = {row["instrument"] for one in self._compared for row in one.bound.rows}
        titles = {local_name(row["instrument"]): row["title"] for row in self._renderer.run("instruments").rows}
        closed = []
        for slug in sorted(slugs, key=lambda slug: names[slug].lower()):
            rows = [next(iter(one.bound.where(instrument=slug)), None) for one in self._compared]
            if all(row and row["state"] == _NOT_OPEN for row in rows):
                closed.append((Link(names[slug], f"/instruments/{slug}"), rows))
                continue
            heading = [Item((Link(names[slug], f"/instruments/{slug}"),))]
            if names[slug].upper() == names[slug] != titles[slug]:
                heading.append(Item((titles[slug],), "detail"))
            if current_to := next((row["list_reaches"] for row in rows if row and row["list_reaches"]), ""):
                later = "; later treaty actions are missing" if self._as_of > current_to else ""
                heading.append(Item((f"Data current to {current_to}{later}",), "detail"))
            yield ComparisonRow(tuple(heading), tuple(map(self._status, rows)))
        if closed:
            links = [part for link, _ in closed for part in ("; ", link)][1:]
            heading = [
                Item((f"{len(closed)} that none of them can join" if len(closed) > 1 else "One that none of them can join",))
            ]
            yield ComparisonRow((*heading, Item(tuple(links), "detail")), tuple(map(self._status, closed[0][1])))

    def _status(self, row: Row | None) -> Cell:
        items = [Item((participation.status(row),))]
        state = row["state"] if row else ""
        if row and row["basis"] and state in ("bound", "not known"):
            terms = self._term("bound-basis", row["basis"]), "; ", self._term("confidence", row["confidence"])
            items.append(Item(terms, "detail"))
        is_member_state = state == "no act on record" and row and not row["list_reaches"]
        return Cell(tuple(items), state, "not bound" if is_member_state else participation.STATE_NAMES.get(state, state))

    def gaps(self) -> Iterator[ComparisonRow]:
        """Return the unmet obligations and the possible gaps."""
        for kind, heading in _GAPS.items():
            yield ComparisonRow((Item((heading,)),), tuple(self._gaps(one.unmet.where(kind=kind)) for one in self._compared))

    def _gaps(self, found: list[Row]) -> Cell:
        rows = by_provision(found)
        if not rows:
            return Cell((Item(("None",)),), frozenset(), "without")
        unknown = sum(row["state"] == "not known" for row in rows)
        count = f"{len(rows) - unknown} to {len(rows)}" if unknown else str(len(rows))
        key = frozenset((row["provision"], row["criterion"], row["state"]) for row in rows)
        return Cell((Item((count,)), *map(self._gap, rows)), key, "with some")

    def _gap(self, row: Row) -> Item:
        parts: list[Part] = [Link(row["provision_name"], page_url(row["provision"]))]
        parts += [f": {self._label('criterion', row['criterion'])}; ", self._term("certainty", row["certainty"])]
        if row["note"]:
            iri = f"{namespaces.BASE}id/note/{self._edition}/{row['note']}"
            parts += ["; ", Link(f"note {row['note']}", page_url(iri))]
        if row["state"] == "not known":
            parts.append("; not known whether it is bound")
        return Item(tuple(parts), "duty")


def _site(url: str) -> str:
    """Return the name of the site of a page."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def _correction(row: Row) -> Item:
    """Return what the review printed for a finding that was corrected since, and why it was corrected."""
    printed, corrected = ("yes" if row[key] == "true" else "no" for key in ("printed", "met"))
    reason = f"Review: {printed}. Corrected to {corrected} on {row['corrected_on']} because {row['correction_reason']} Source: "
    return Item((reason, Link(row["correction_source_title"], page_url(row["correction_source"]))), "detail")

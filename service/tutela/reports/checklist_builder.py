"""Makes the drafting checklist of a jurisdiction from answers of the catalogue."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tutela.catalog.parameters import nearest
from tutela.errors import UsageError
from tutela.reports.answers import Answers, Row
from tutela.reports.checklist import BOUND, COULD_JOIN, MODEL, NOT_IN_FORCE, NOT_KNOWN, STANDINGS, Checklist, Group, Item
from tutela.reports.words import document_order

_STRENGTHS = ("requires", "requires-reservable", "in-substance", "partly")
_PERMITS = "permit"  # the type of provisions that ask for nothing, such as those on reservations
_SHOWN_WORDINGS = 5  # of other jurisdictions, for each criterion
_COMMON = 2  # notes that quote the same words, for these to be common


def make_checklist(answers: Answers, code: str, as_of: str, ticked: Iterable[str] = ()) -> Checklist:
    """Return the checklist of a jurisdiction, with the findings of the current edition.

    Args:
        answers: the answers of the catalogue.
        code: the code of the jurisdiction.
        as_of: the day of its participation in treaties, YYYY-MM-DD.
        ticked: the names of items that have been ticked.

    Raises:
        InvalidValuesError: there is no such jurisdiction or day; the message suggests the nearest.
        UsageError: there is no such item; the message suggests the nearest.

    """
    bound = answers.rows("bound-by", jurisdiction=code, as_of=as_of)
    ways = _ways(answers.rows("could-join", jurisdiction=code, as_of=as_of))
    not_in_force = _ways(answers.rows("not-yet-in-force", jurisdiction=code, as_of=as_of))
    standing = {**dict.fromkeys(not_in_force, NOT_IN_FORCE), **dict.fromkeys(ways, COULD_JOIN)}
    standing |= {row["instrument"]: row["state"] for row in bound if row["state"] in (BOUND, NOT_KNOWN)}
    duties = answers.rows("duties")
    recommendations = answers.rows("recommendations")
    topics = answers.rows("topics")
    done = dict.fromkeys(ticked)
    known = _known(done, [*map(_duty_id, duties), *map(_recommendation_id, recommendations)])
    instruments = answers.rows("instruments")
    builder = _Builder(answers, code, as_of, standing, set(done), frozenset(row["official_text"] for row in instruments))
    groups = [
        # What is not met comes first, then what the review has no finding on.
        *sorted(builder.criteria(duties, recommendations), key=lambda group: ("false", "", "true").index(group.met)),
        *builder.topics(duties, recommendations, topics),
        *builder.others(duties, topics),
    ]
    shown = {item.id for group in groups for item in group.items}
    return Checklist(
        code,
        answers.names("jurisdiction")[code],
        as_of,
        answers.edition(answers.catalog.current_edition()),
        tuple(group for group in groups if group.items),
        ways,
        not_in_force,
        {row["instrument"].rpartition("/")[2]: row["title"] for row in instruments},
        {row["instrument"].rpartition("/")[2]: row["official_text"] for row in instruments},
        tuple(one for one in known if one not in shown),
    )


def _ways(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rules by which a jurisdiction could join instruments, by slug; a membership not on record counts as possible."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if not (row["way"] in ("member", "membership-only") and row["member"] == "false"):
            found.setdefault(row["instrument"], []).append(row)
    return found


def _known(ticked: Iterable[str], ids: list[str]) -> list[str]:
    """Return what is ticked, if all of it is the name of an item of any checklist.

    Raises:
        UsageError: it is not; the message suggests the nearest.

    """
    known, given = set(ids), list(ticked)
    for one in given:
        if one not in known:
            raise UsageError(f"done: there is no item {one[:100]!r} on any checklist{nearest(one[:100], ids)}.")
    return given


def _path(iri: str) -> str:
    """Return the path of a provision in its instrument; empty for the instrument as a whole."""
    return iri.partition("/instrument/")[2].partition("/")[2]


def _duty_id(row: Row) -> str:
    return ".".join(filter(None, (row["criterion"], row["instrument"], *_path(row["provision"]).split("/"))))


def _recommendation_id(row: Row) -> str:
    return f"model.{row['recommendation'].rpartition('/')[2]}"


@dataclass(frozen=True)
class _Builder:
    """Builds the groups of a checklist."""

    answers: Answers
    code: str
    as_of: str
    standing: dict[str, str]
    done: set[str]
    whole_texts: frozenset[str]

    def criteria(self, duties: list[Row], recommendations: list[Row]) -> Iterator[Group]:
        """Yield a group for each criterion."""
        law = self.answers.rows("grounds", jurisdiction=self.code)
        unmet = self.answers.rows("unmet-obligations", jurisdiction=self.code, as_of=self.as_of)
        gaps = {(row["provision"], row["criterion"]): row["kind"] for row in unmet}
        recorded = self.answers.rows("reservations-by", jurisdiction=self.code)
        common = [row for row in self.answers.rows("common-wording") if int(row["notes"]) >= _COMMON]
        for row in self.answers.rows("criteria"):
            slug = row["criterion"].rpartition("/")[2]
            group = Group(
                "criterion",
                slug,
                row["criterion_name"],
                row["definition"],
                tuple(self.answers.rows("finding", jurisdiction=self.code, criterion=slug)),
                tuple({one["provision"]: one for one in reversed(law) if one["criterion"] == slug}.values())[::-1],
                tuple(self._elsewhere(slug)),
                tuple(one for one in common if slug in one["criteria"].split()),
            )
            own = [one for one in duties if one["criterion"] == slug and one["instrument"] in self.standing]
            group.items.extend(
                self._duty(one, gaps.get((one["provision"], slug), ""), self._reservations(one, recorded))
                for one in sorted(own, key=self._rank)
            )
            group.items.extend(self._recommendation(one) for one in recommendations if one["criterion"] == slug)
            yield group

    def topics(self, duties: list[Row], recommendations: list[Row], topics: list[Row]) -> Iterator[Group]:
        """Yield a group for each topic of the model legislation: what no criterion tests, and where the rest is shown."""
        names = {row["criterion"].rpartition("/")[2]: row["criterion_name"] for row in self.answers.rows("criteria")}
        tested = [row for row in duties if row["criterion"]]
        shown_in = {row["provision"]: ("criterion", row["criterion"], names[row["criterion"]]) for row in reversed(tested)}
        by_iri = {row["provision"]: row for row in duties if not row["criterion"]}
        for slug, name in dict.fromkeys((row["topic_slug"], row["topic_name"]) for row in topics):
            provisions = [row for row in topics if row["topic_slug"] == slug and row["kind"] == "provision"]
            binding = any(self._asks(row) and self.standing[row["instrument"]] in (BOUND, NOT_KNOWN) for row in provisions)
            asking = [row for row in (by_iri[row["resource"]] for row in provisions) if self._asks(row)]
            own = [row for row in asking if row["provision"] not in shown_in]
            group = Group("topic", slug, name, in_binding_instruments=binding)
            for row in sorted(asking, key=self._rank):
                if row["provision"] in shown_in:
                    group.also.setdefault(shown_in[row["provision"]], []).append(row["provision_name"])
            shown_in.update({row["provision"]: ("topic", slug, name) for row in own})
            group.items.extend(self._duty(row) for row in sorted(own, key=self._rank))
            group.items.extend(
                self._recommendation(row) for row in recommendations if row["topic"] == slug and not row["criterion"]
            )
            yield group

    def others(self, duties: list[Row], topics: list[Row]) -> Iterator[Group]:
        """Yield a group for each type of obligation, with the provisions that are in no other group."""
        elsewhere = {row["resource"] for row in topics} | {row["provision"] for row in duties if row["criterion"]}
        # A provision whose parts are in the data says no more than they do.
        whole = {row["provision"].rpartition("/")[0] for row in duties}
        own = [row for row in duties if row["provision"] not in elsewhere | whole and self._asks(row)]
        labels = self.answers.concepts()
        for force in dict.fromkeys(row["force"] for row in sorted(own, key=self._rank)):
            group = Group("force", force, labels[f"force/{force}"])
            group.items.extend(self._duty(row) for row in sorted(own, key=self._rank) if row["force"] == force)
            yield group

    def _asks(self, row: Row) -> bool:
        """Return whether a provision of an instrument that binds the jurisdiction, or could, asks for something."""
        return row["instrument"] in self.standing and row["force"] != _PERMITS

    def _rank(self, row: Row) -> tuple[object, ...]:
        strength = _STRENGTHS.index(row["strength"]) if row["strength"] else 0
        standing = STANDINGS.index(self.standing[row["instrument"]])
        return standing, strength, row["instrument_name"].lower(), document_order(_path(row["provision"]))

    def _duty(self, row: Row, gap: str = "", reservations: tuple[Row, ...] = ()) -> Item:
        identifier = _duty_id(row)
        return Item(
            identifier,
            self.standing[row["instrument"]],
            row["provision_name"],
            row["provision"],
            row["summary"] or row["rationale"],
            identifier in self.done,
            row["instrument"],
            row["instrument_name"],
            row["official_text"],
            row["official_text"] not in self.whole_texts,
            row["force"],
            row["read_from"],
            row["strength"],
            row["rationale"],
            row["reservable_under"],
            gap,
            reservations,
        )

    def _recommendation(self, row: Row) -> Item:
        identifier = _recommendation_id(row)
        return Item(
            identifier, MODEL, row["label"], row["recommendation"], row["summary"], identifier in self.done,
            instrument_name=row["part"],
        )  # fmt: skip

    def _reservations(self, duty: Row, recorded: list[Row]) -> tuple[Row, ...]:
        """Return the rows of the query `reservations-by` on a provision, or on the clause that allows a reservation to it."""
        clause = duty["reservable_under"]
        return tuple(
            row
            for row in recorded
            if row["instrument"] == duty["instrument"]
            and (
                any(duty["provision_name"].endswith(f" {part}") for part in row["provisions"].split())
                or (row["under"] and clause.endswith(f" {row['under']}"))
            )
        )

    def _elsewhere(self, criterion: str) -> Iterator[Row]:
        """Yield the nearest wordings of other jurisdictions, one for each of them."""
        seen: set[str] = set()
        for row in self.answers.rows("wordings-elsewhere", around=self.code, criterion=criterion):
            if row["jurisdiction"] not in seen:
                seen.add(row["jurisdiction"])
                yield row
                if len(seen) == _SHOWN_WORDINGS:
                    return

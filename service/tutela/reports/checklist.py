"""The drafting checklist of a jurisdiction: what a bill would need, by criterion and topic, with what has been ticked.

The parts come from the instruments that bind the jurisdiction, those that it could join, those not yet in force that it signed or
could join, and the model legislation. All of it is in the answers of the catalogue; nothing here is advice.
"""

from collections import Counter
from dataclasses import dataclass, field

from tutela.reports.answers import Row

BOUND, NOT_KNOWN, COULD_JOIN, NOT_IN_FORCE, MODEL = "bound", "not known", "could join", "not in force", "model"
STANDINGS = (BOUND, NOT_KNOWN, COULD_JOIN, NOT_IN_FORCE, MODEL)


@dataclass(frozen=True)
class Item:
    """One thing that a bill would need.

    Args:
        id: its name in addresses, the same in every checklist.
        standing: one of `STANDINGS`.
        name: the provision or recommendation as cited.
        iri: its IRI.
        summary: what it asks for, in our words.
        done: whether it has been ticked.
        instrument: slug of the instrument; empty for a recommendation.
        instrument_name: short name of the instrument; the part of the model legislation for a recommendation.
        official_text: address of the official text.
        own_text: whether that is the address of the provision alone, and not of its whole instrument.
        force: slug of the type of obligation.
        read_from: slug of what the summary is based on.
        strength: slug of the level of obligation; empty if no criterion tests it.
        rationale: why it has this level, in our words.
        reservable_under: the clause that allows a reservation.
        gap: "unmet obligation" or "possible gap", if the review finds its criterion not met.
        reservations: rows of the query `reservations-by` about it.

    """

    id: str
    standing: str
    name: str
    iri: str
    summary: str
    done: bool
    instrument: str = ""
    instrument_name: str = ""
    official_text: str = ""
    own_text: bool = False
    force: str = ""
    read_from: str = ""
    strength: str = ""
    rationale: str = ""
    reservable_under: str = ""
    gap: str = ""
    reservations: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Group:
    """The items of one criterion, topic of the model legislation or type of obligation.

    Args:
        kind: "criterion", "topic" or "force".
        slug: its slug.
        name: its name.
        meaning: what it is about.
        findings: rows of the query `finding`, one per note; none without a finding.
        law: rows of the query `grounds`: national provisions on the criterion.
        elsewhere: rows of the query `wordings-elsewhere`, at most one per jurisdiction.
        common: rows of the query `common-wording`: words that several notes on the criterion quote.
        in_binding_instruments: whether an instrument that binds the jurisdiction, or may bind it, asks for something on it;
            the provision may be shown in another group.
        also: provisions on the topic that are shown in other groups: their names by kind, slug and name of the group.
        items: the items, in the order in which they are shown.

    """

    kind: str
    slug: str
    name: str
    meaning: str = ""
    findings: tuple[Row, ...] = ()
    law: tuple[Row, ...] = ()
    elsewhere: tuple[Row, ...] = ()
    common: tuple[Row, ...] = ()
    in_binding_instruments: bool = False
    also: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)

    @property
    def met(self) -> str:
        """Whether the review finds the criterion met: "true", "false", or nothing without a finding."""
        return self.findings[0]["met"] if self.findings else ""

    @property
    def remaining(self) -> int:
        """How many items are not ticked."""
        return sum(not item.done for item in self.items)

    def of(self, standing: str) -> list[Item]:
        """Return the items of one standing."""
        return [item for item in self.items if item.standing == standing]


@dataclass(frozen=True)
class Checklist:
    """The checklist.

    Args:
        code: the code of the jurisdiction.
        name: its name.
        as_of: the day of its participation in treaties.
        edition: the row of the edition of the findings.
        groups: the groups that have items.
        ways: rows of the query `could-join` for the instruments that it could join, by slug.
        not_in_force: rows of the query `not-yet-in-force` for the instruments that it signed or could join, by slug.
        titles: the title of each instrument, by slug.
        texts: the address of the official text of each instrument, by slug.
        gone: what was ticked and is no part of this checklist.

    """

    code: str
    name: str
    as_of: str
    edition: Row
    groups: tuple[Group, ...]
    ways: dict[str, list[Row]]
    not_in_force: dict[str, list[Row]]
    titles: dict[str, str]
    texts: dict[str, str]
    gone: tuple[str, ...]

    @property
    def items(self) -> list[Item]:
        """All items."""
        return [item for group in self.groups for item in group.items]

    @property
    def done(self) -> list[str]:
        """The names of what is ticked."""
        return [item.id for item in self.items if item.done]

    @property
    def by_instrument(self) -> list[tuple[Item, int, int]]:
        """An item of each instrument, how many of its items remain, and how many there are; the model legislation is last."""
        all_of = Counter(item.instrument for item in self.items)
        remaining = Counter(item.instrument for item in self.items if not item.done)
        first = {item.instrument: item for item in reversed(self.items)}
        ranked = sorted(first, key=lambda slug: (STANDINGS.index(first[slug].standing), first[slug].instrument_name.lower()))
        return [(first[slug], remaining[slug], all_of[slug]) for slug in ranked]

"""On any day, maps, lists, counts, cards and the comparison agree, and no page is more exact than its sources."""

import random
import re
from collections import Counter
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from tests.conftest import like
from tutela.catalog.catalog import Catalog
from tutela.web.components.timeline import Scale
from tutela.web.templating import templates

_FIRST = date(1990, 1, 1)
_RANDOM = random.Random("honest dates")  # noqa: S311 - days to try, the same each time
Row = dict[str, str]


def random_days(count: int) -> list[str]:
    span = (date(2026, 11, 24) - _FIRST).days
    return sorted((_FIRST + timedelta(_RANDOM.randrange(span))).isoformat() for _ in range(count))


@pytest.fixture(scope="module")
def client(client: TestClient) -> TestClient:
    return like(client, headers={"accept": "text/html"})


def rows(catalog: Catalog, name: str, **values: str) -> list[Row]:
    return [{key: value or "" for key, value in record.items()} for record in catalog.run(name, values).records()]


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("<main")[2]))


def get(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("as_of", random_days(10))
def test_lists_counts_and_cards_agree_on_a_random_day(catalog: Catalog, as_of: str) -> None:
    counts = {row["instrument"]: row for row in rows(catalog, "bound-counts", as_of=as_of)}
    standing = {slug: rows(catalog, "standing", instrument=slug, as_of=as_of) for slug in counts}
    for slug, count in counts.items():
        own = [row for row in standing[slug] if row["bound_from"] and row["capacity"] != "territory"]
        states = Counter(row["state"] for row in own)
        assert (int(count["bound"]), int(count["bound_at_most"])) == (states["bound"], states["bound"] + states["not known"])
        parties = {row["jurisdiction"]: row["state"] for row in rows(catalog, "parties", instrument=slug, as_of=as_of)}
        assert parties == {row["jurisdiction"]: row["state"] for row in own if row["state"] in ("bound", "not known")}
        signed = Counter(row["state"] for row in rows(catalog, "signed-only", instrument=slug, as_of=as_of))
        assert (int(count["signed_only"]), int(count["signed_only_at_most"])) == (signed["signed only"], signed.total())
    for code in _RANDOM.sample([row["code"] for row in standing["crc"]], 5):
        found = rows(catalog, "bound-by", jurisdiction=code, as_of=as_of)
        card = {row["instrument"]: row["state"] for row in found if row["instrument"] in counts}
        assert card == {slug: row["state"] for slug, of_all in standing.items() for row in of_all if row["code"] == code}
        joinable = {row["instrument"]: row["state"] for row in rows(catalog, "could-join", jurisdiction=code, as_of=as_of)}
        assert not {slug for slug in joinable if card.get(slug) == "bound"}
        assert {slug for slug, state in joinable.items() if state == "not known"} <= {
            s for s, c in card.items() if c == "not known"
        }


def map_counts(page: str) -> dict[str, int]:
    """Return the number in each legend step, by its key."""
    return {key: int(n) for key, n in re.findall(r'id="level-(\w+)"[^>]*>.*?<strong>(\d+)</strong></a></li>', page)}


@pytest.mark.parametrize("as_of", random_days(1))
def test_maps_and_pages_agree_on_a_random_day(client: TestClient, catalog: Catalog, as_of: str) -> None:
    total = len(catalog.allowed_values("jurisdiction"))
    listed = text(get(client, f"/instruments?as_of={as_of}"))
    mapped = {row["instrument"].rpartition("/")[2] for row in rows(catalog, "instruments") if row["in_force"]}
    for count in rows(catalog, "bound-counts", as_of=as_of):
        if count["instrument"] not in mapped:
            continue
        slug, certain, most = count["instrument"], count["bound"], count["bound_at_most"]
        legend = map_counts(get(client, f"/map?show={slug}&as_of={as_of}"))
        assert sum(legend.values()) == total
        assert (legend["bound"], legend.get("territories", 0)) == (int(certain), int(count["territories"]))
        page = get(client, f"/instruments/{slug}?as_of={as_of}")
        sections = {key: int(n) for key, n in re.findall(r'<h3 id="(\w+)">[^<]*<span class="from">(\d+)</span>', page)}
        for key, step in (("parties", "bound"), ("unknown", "not_known"), ("apart", "other"), ("closed", "closed")):
            assert sections.get(key, 0) == legend.get(step, 0), (slug, key)
        assert sections.get("signed", 0) == legend.get("signed", 0)
        assert certain == most or f" {certain} to {most} jurisdictions" in text(page)
        # In the list: the dates of the instrument, then the number.
        assert re.search(
            rf"{re.escape(count['instrument_name'])} .*? {certain}{f' to {most}' if most != certain else ''} ", listed
        )


@pytest.mark.parametrize("as_of", random_days(2))
def test_the_comparison_and_the_cards_agree_on_a_random_day(client: TestClient, catalog: Catalog, as_of: str) -> None:
    codes = _RANDOM.sample([choice.value for choice in catalog.allowed_values("jurisdiction")], 3)
    compared = text(get(client, "/compare?" + "&".join(f"j={code}" for code in codes) + f"&as_of={as_of}"))
    for code in codes:
        card = get(client, f"/jurisdictions/{code}?as_of={as_of}").partition('<table class="binds">')[2].partition("</table>")[0]
        for cell in re.findall(r"<td>(.*?)</td>", card, re.DOTALL):
            status = re.sub(
                r"\s+",
                " ",
                re.sub(
                    r"<[^>]+>",
                    "",
                    re.sub(
                        r'<span class="from[^"]*">(?:data current|Where this comes from).*?</span>', "", cell, flags=re.DOTALL
                    ),
                ),
            ).strip()
            assert status in compared, (code, status)


# What may stand around a date that is only a limit.
_LIMIT = r"(?:{0} at the latest|not before {0}|not after {0}|\bby {0}|between [^.]{{4,20}} and {0}|between {0} and)"


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("/instruments/arab-it", ["2017-01-30", "2014-10-08", "2017-01-31", "2015-04-07"]),
        ("/instruments/arab-it?as_of=2015-06-01", ["2017-01-30", "2014-10-08", "2017-01-31", "2015-04-07"]),
        ("/map?show=arab-it", ["2017-01-30", "2014-10-08"]),
        ("/map?show=arab-it&as_of=2015-06-01", ["2017-01-30", "2014-10-08"]),
        ("/map?show=crc&as_of=1992-07-01", ["1992-10-12"]),
        ("/jurisdictions/ECU", ["2025-05-01"]),
        ("/jurisdictions/ECU?as_of=2025-03-01", ["2025-05-01"]),
        ("/jurisdictions/DZA", ["2014-10-08"]),
        ("/jurisdictions/DZA?as_of=2010-01-01", ["2014-10-08"]),
        ("/jurisdictions/IRQ?as_of=2015-06-01", ["2017-01-30"]),
        ("/jurisdictions/IRQ", ["2017-01-30"]),
        ("/compare?j=DZA&j=IRQ&j=ECU", ["2014-10-08", "2017-01-30", "2025-05-01"]),
        ("/compare?j=DZA&j=IRQ&as_of=2010-01-01", ["2014-10-08", "2017-01-30"]),
        ("/gaps?instrument=arab-it", ["2017-01-30"]),
    ],
)
def test_a_limit_is_never_stated_as_the_day(client: TestClient, path: str, days: list[str]) -> None:
    page = text(get(client, path))
    for day in days:
        words = str(templates.env.filters["long_date"](day))
        found = len(re.findall(re.escape(words), page)) + len(re.findall(re.escape(day), page))
        limits = sum(len(re.findall(_LIMIT.format(re.escape(form)), page)) for form in (words, day))
        assert found == limits > 0, (day, found, limits)


def test_a_later_day_than_the_release_is_rejected_everywhere(client: TestClient, catalog: Catalog) -> None:
    later = (date.fromisoformat(catalog.release_date()) + timedelta(1)).isoformat()
    message = f"as_of: {later} is after the release of {catalog.release_date()}"
    for path in ("/instruments?", "/instruments/crc?", "/jurisdictions/ALB?", "/gaps?", "/compare?", "/map?show=crc&"):
        answer = client.get(f"{path}as_of={later}")
        assert (answer.status_code, message in text(answer.text)) == (400, True), path
    answer = client.get(f"/queries/bound-by?jurisdiction=ALB&as_of={later}", headers={"accept": "text/csv"})
    assert (answer.status_code, message in answer.text) == (422, True)


def test_every_row_after_the_end_of_a_list_says_how_far_it_goes(client: TestClient, catalog: Catalog) -> None:
    page = get(client, "/jurisdictions/PRY")
    table = page.partition('<table class="binds">')[2].partition("</table>")[0]
    cells = re.findall(r"<td>(.*?)</td>", table, re.DOTALL)
    bound = rows(catalog, "bound-by", jurisdiction="PRY")
    # Acts that it cannot join are folded into one line, which expands to them.
    closed = [row for row in bound if row["state"] == "cannot join"]
    count, _, folded = page.partition("acts that it cannot join</summary>")
    assert count.endswith(f"<summary>{len(closed)} ")
    acts = re.findall(r"<li>(.*?)</li>", folded.partition("</details>")[0], re.DOTALL)
    assert [re.findall(r"/instruments/([^\"]+)", act) for act in acts] == [[row["instrument"]] for row in closed]
    reaches = [row["list_reaches"] for row in (*(row for row in bound if row not in closed), *closed)]
    assert len(cells) + len(acts) == len(reaches)
    for cell, reached in zip((*cells, *acts), reaches, strict=True):
        assert ("data current to" in cell) is bool(reached)
        assert f'datetime="{reached}"' in cell or not reached


def test_the_timeline_shows_what_is_not_known() -> None:
    scale = Scale(["1990-01-26", "not after 2020-08-04"], "2023-09-30")
    lane = scale.lane([], ["not after 2020-08-04", "2001-01-01"], [("2021-08-04", "")], [("2000-11-19", "2021-08-04")])
    assert [bar.kind for bar in lane.bars] == ["maybe", "bar"]
    assert lane.bars[0].end == lane.bars[1].start
    assert [mark.x for mark in lane.marks] == [scale.position("2001-01-01")], "a date by which it had happened has no mark"

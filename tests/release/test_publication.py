"""Publishing a release: everything is written or nothing, and a published release never changes."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.release_files import write_release
from tests.unit.test_comparison import CORRECTION, edit, met, put
from tutela import paths, tables
from tutela.errors import BuildFailedError, TutelaError, UsageError
from tutela.namespaces import BASE
from tutela.release import Release
from tutela.release.archive import find_published, unpacked
from tutela.release.difference import Difference, differ
from tutela.release.difference_report import as_html, as_json, as_markdown, as_text
from tutela.release.publication import publish_folder, publish_working_copy
from tutela.release.sides import of_published, of_working_copy, open_side
from tutela.sparql import EmbeddedStore
from tutela.tables.published import published_releases
from tutela.validation.files import validate_files


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the folders that publishing changes."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(paths.DATA, folder / "data")
    shutil.copytree(paths.RELEASES, folder / "releases")
    shutil.copy(paths.CITATION, folder)
    return folder


@pytest.fixture(autouse=True)
def in_checkout(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "DATA", checkout / "data")
    monkeypatch.setattr(paths, "RELEASES", checkout / "releases")
    monkeypatch.setattr(paths, "CITATION", checkout / "CITATION.cff")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def last_date() -> str:
    return published_releases()[-1].date


def test_the_published_releases_are_intact_and_in_the_table() -> None:
    releases = published_releases()
    assert len(releases) >= 2
    rows = tables.read_rows(paths.table_files()["releases"])
    assert rows == [{"name": one.name, "issued": one.date, "previous": one.previous} for one in releases]
    for one in releases:
        for name in one.files:
            one.read(name)
        assert sum(path.stat().st_size for path in one.folder.iterdir()) < 1_500_000
        assert {path.name for path in one.folder.iterdir()} == set(one.files)


def test_a_published_release_is_unpacked_to_a_release_folder() -> None:
    first = published_releases()[0]
    with unpacked(first) as release:
        assert release.version == first.version
        assert release.manifest["issued"] == first.date
        ask = "ASK { <id/observation/10/ALB/definition> tutela:met true }"
        assert EmbeddedStore.open(release.nquads).query(ask).boolean


@pytest.mark.parametrize("name", ["working", "../x", "a b", "", ".x"])
def test_a_name_that_cannot_be_used_is_refused(built: Release, name: str) -> None:
    with pytest.raises(UsageError, match="expected a name"):
        publish_folder(name, built)


def test_an_existing_release_is_not_replaced(built: Release, checkout: Path) -> None:
    before = contents(checkout)
    for name in (published_releases()[0].name, published_releases()[-1].name):
        with pytest.raises(UsageError, match="never change"):
            publish_folder(name, built)
    assert contents(checkout) == before


def test_a_release_is_not_older_than_the_last_one(checkout: Path) -> None:
    before = contents(checkout)
    with pytest.raises(UsageError, match="before the date of the last release"):
        publish_working_copy("3.0", "2020-01-01")
    with pytest.raises(UsageError, match="expected a date as YYYY-MM-DD"):
        publish_working_copy("3.0", "1 December 2026")
    assert contents(checkout) == before


def test_a_release_without_inputs_is_refused(tmp_path: Path, checkout: Path) -> None:
    before = contents(checkout)
    release = write_release(tmp_path / "release")
    later = Release(release.folder, {**release.manifest, "issued": "2099-01-01"})
    with pytest.raises(TutelaError, match="has no inputs"):
        publish_folder("3.0", later)
    assert contents(checkout) == before


def test_nothing_is_changed_if_a_file_cannot_be_written(built: Release, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(checkout)
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target.name == "index.json" and self.name.endswith(".part"):
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(UsageError, match=r"No space left on device.*Nothing was changed"):
        publish_folder("3.0", built)
    assert contents(checkout) == before


@pytest.mark.slow
def test_a_failed_build_publishes_nothing(checkout: Path) -> None:
    put(checkout / "data", "observations", met("JOR"), "met", "true")
    before = contents(checkout)
    try:
        with pytest.raises(BuildFailedError):
            publish_working_copy("3.0", last_date())
        assert contents(checkout) == before
    finally:
        put(checkout / "data", "observations", met("JOR"), "met", "false")


@pytest.fixture(scope="module")
def difference(checkout: Path, built: Release) -> Difference:
    """Return what a correction, an accession and a new provision change."""
    with pytest.MonkeyPatch.context() as patch:
        copy = checkout.parent / "changed"
        shutil.copytree(paths.DATA, copy)
        put(copy, "observations", met("JOR"), "met", "true")
        edit(copy, "corrections", lambda rows: [CORRECTION])
        edit(copy, "actions", lambda rows: [*rows, kenya(rows)])
        edit(copy, "national_provisions", provision)
        patch.setattr(paths, "DATA", copy)
        working = of_working_copy()
        patch.undo()
    return differ(open_side(str(built.folder)), working)


def kenya(rows: list[dict[str, str]]) -> dict[str, str]:
    assert not [row for row in rows if row["instrument"] == "budapest" and row["jurisdiction"] == "KEN"]
    [model] = [row for row in rows if (row["instrument"], row["jurisdiction"], row["action"]) == ("budapest", "RWA", "accession")]
    return model | {"jurisdiction": "KEN", "item": "1", "date": "2026-10-01", "entry_into_force": "", "note": ""}


def provision(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    model = next(row for row in rows if (row["jurisdiction"], row["path"]) == ("ALB", "art_117"))
    return [*rows, model | {"path": "art_999", "label": "Article 999"}]


def sentences(difference: Difference, part: str) -> list[str]:
    return [change.sentence for section in getattr(difference, part) for change in section.changes]


def test_changes_are_in_legal_terms(difference: Difference) -> None:
    facts = sentences(difference, "facts")
    source = "Readings and counts of this project"
    assert f"Jordan, simple possession (edition 10): no to yes (correction of 25 November 2026, source {source})" in facts
    assert "Kenya acceded to Budapest Convention on 1 October 2026" in facts
    assert any(text.startswith("Albania: Article 999 of Criminal Code added") for text in facts)
    assert [section.name for section in difference.facts] == ["findings", "treaty-actions", "national-provisions"]


def test_consequences_are_listed_separately(difference: Difference) -> None:
    consequences = sentences(difference, "consequences")
    assert any(text.startswith("Kenya, Budapest Convention: bound from 1 February 2027") for text in consequences)
    assert any(text.startswith("met-simple-possession, edition 10, counted: 156 to 157") for text in consequences)
    assert not set(consequences) & set(sentences(difference, "facts"))


def test_the_rows_of_every_table_are_counted(difference: Difference) -> None:
    counts = {change.table: (change.added, change.removed, change.changed) for change in difference.tables}
    assert counts["actions"] == (1, 0, 0)
    assert counts["observations"] == (0, 0, 1)


def test_a_difference_is_reported_in_each_format(difference: Difference) -> None:
    sentence = "Kenya acceded to Budapest Convention on 1 October 2026"
    assert f"\n  {sentence}\n" in as_text(difference)
    assert f"\n- {sentence}\n" in as_markdown(difference)
    assert f'<li class="added">{sentence}</li>' in as_html(difference)
    assert f'"sentence": "{sentence}"' in as_json(difference)
    assert as_text(difference).index("Jordan, simple possession") < as_text(difference).index("CONSEQUENCES")


def test_equal_releases_do_not_differ() -> None:
    side = of_published(published_releases()[0])
    assert differ(side, side).is_empty
    assert "No difference" in as_text(differ(side, side))


def test_markdown_says_how_many_changes_it_leaves_out() -> None:
    first, second = (of_published(one) for one in published_releases()[:2])
    text = as_markdown(differ(first, second), limit=1)
    assert f"more; `tutela diff {first.name} {second.name}` lists them" in text


def test_an_unknown_release_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such release; expected working, "):
        open_side(str(tmp_path))
    assert find_published("none") is None


def test_validation_of_a_table_compares_it_with_the_last_release(tmp_path: Path) -> None:
    text = paths.table_files()["note_readings"].read_text(encoding="utf-8")
    assert "Met only by a law" in text
    (tmp_path / "note_readings.csv").write_text(text.replace("Met only by a law", "Met by a law"), encoding="utf-8")
    report, conforms = validate_files([tmp_path / "note_readings.csv"], "text")
    assert not conforms
    assert f"release {published_releases()[-1].name} has" in report


@pytest.mark.slow
def test_a_release_of_the_working_copy_is_published_with_its_chain(checkout: Path) -> None:
    """It changes the checkout of this module, so it is last."""
    earlier = contents(checkout / "releases")
    previous = published_releases()[-1].name
    published = publish_working_copy("3.0", "2026-12-24")
    assert (published.name, published.previous, published.date) == ("3.0", previous, "2026-12-24")
    after = contents(checkout / "releases")
    assert {name: after[name] for name in earlier if name != "index.json"} == {
        name: content for name, content in earlier.items() if name != "index.json"
    }
    assert 'version: "3.0"\ndate-released: 2026-12-24\n' in paths.CITATION.read_text(encoding="utf-8")
    assert tables.read_rows(paths.table_files()["dataset"])[0]["issued"] == "2026-12-24"
    notes = (published.folder / "notes.md").read_text(encoding="utf-8")
    assert notes.startswith(f"# Changes from {previous} (")
    for line in (published.folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((published.folder / name).read_bytes()).hexdigest() == digest
    assert of_working_copy().version == published.version  # the working copy is what was published
    with unpacked(published) as release:
        store = EmbeddedStore.open(release.nquads)
    chain = """SELECT ?version ?previous WHERE { <id/dataset/tutela> dcat:hasCurrentVersion ?release .
      ?release dcat:version ?version ; dcat:previousVersion ?previous ; dcat:isVersionOf <id/dataset/tutela> }"""
    assert list(store.query(chain).records()) == [{"version": "3.0", "previous": f"{BASE}id/release/{previous}"}]
    assert published_releases()[-1] == published

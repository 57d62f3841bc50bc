"""`tutela check`: it finds what a build finds, checks only what has changed, and reports again when a table changes."""

import csv
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.published_releases import publish_tables
from tutela import paths, tables
from tutela.cli import app
from tutela.errors import UsageError
from tutela.graph import construct, derive
from tutela.paths import Source
from tutela.release import Release
from tutela.sparql import query_file, rdf
from tutela.tables.published import PublishedRelease
from tutela.validation.graph_state import Baseline
from tutela.validation.query_outputs import QueryOutputs, ntriples_lines
from tutela.validation.release_graph_check import ReleaseGraphCheck
from tutela.validation.tables import validate_tables
from tutela.validation.working_copy import Outcome, WorkingCopyCheck


class Editor:
    """A copy of the tables that is edited and checked; each edit is undone after its check."""

    def __init__(self, folder: Path, built: Release) -> None:
        self.source = Source(folder, paths.ONTOLOGY, paths.QUERIES, paths.SHAPES)
        self.built = built
        self.baseline = Baseline(self.rows, built.nquads)
        self.check = WorkingCopyCheck(self.source, self.rows, self.baseline)

    def rows(self, table: str) -> list[tables.Row]:
        """Return the rows of a table in the release."""
        with paths.table_files(self.built.source / "data")[table].open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def single(self, folder: Path | None = None, **options: Any) -> WorkingCopyCheck:
        """Return a check for a single run, which keeps the outputs of queries in a folder."""
        baseline = Baseline(self.rows, self.built.nquads, QueryOutputs(folder))
        return WorkingCopyCheck(self.source, self.rows, baseline, is_single=True, **options)

    def outcome(self, table: str, old: str, new: str, check: WorkingCopyCheck | None = None) -> Outcome:
        """Return what a check finds after a text was replaced once in a table."""
        path = paths.table_files(self.source.data)[table]
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        try:
            return (check or self.check).run()
        finally:
            path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def editor(built: Release, tmp_path_factory: pytest.TempPathFactory) -> Editor:
    """Return a copy of the tables with a check that started from the release."""
    folder = tmp_path_factory.mktemp("check") / "data"
    shutil.copytree(paths.DATA, folder)
    return Editor(folder, built)


def test_the_tables_of_the_release_are_valid_and_nothing_is_checked_again(editor: Editor) -> None:
    outcome = editor.check.run()
    assert outcome.problems == []
    assert outcome.scope is not None
    assert outcome.scope.resources == 0


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("readings", "acrwc,art_16/par_2,definition,none", "acrwc,art_16/par_2,definition,requires-reservable"),
    ],
)
def test_it_finds_in_the_graph_what_a_build_finds(editor: Editor, table: str, old: str, new: str) -> None:
    loaded = tables.load(editor.source.data)
    path = paths.table_files(editor.source.data)[table]
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").replace(old, new, 1).splitlines()))
    expected, _ = validate_tables({**loaded, table: loaded[table].with_rows(rows)}, editor.source)
    assert expected
    single = WorkingCopyCheck(editor.source, editor.rows, editor.baseline, is_single=True)
    for check in (editor.check, single):
        problems = [one for top in editor.outcome(table, old, new, check).problems for one in (top, *top.consequences)]
        assert {(one.rule, one.resource) for one in problems} == {(one.rule, one.resource) for one in expected}


def test_a_single_run_changes_the_graph_of_the_release_to_that_of_the_tables(editor: Editor, tmp_path: Path) -> None:
    """Whatever the change is, and whether or not the outputs of queries are known; the graph is compared with one that was built."""
    loaded = tables.load(editor.source.data)
    changed = dict(loaded)
    for table, old, new in (
        ("observations", "10,AFG,definition,false,icmec-10,1215\n", ""),
        ("jurisdictions", "ALB,row,Albania", "ALB,row,Albanie"),
    ):
        text = paths.table_files(editor.source.data)[table].read_text(encoding="utf-8")
        assert old in text
        changed[table] = loaded[table].with_rows(list(csv.DictReader(text.replace(old, new, 1).splitlines())))
    builder = construct(changed, editor.source)
    derive(builder, editor.source)
    expected = {str(rdf.triple_of(quad)) for quad in builder.quads()}
    baseline = Baseline(editor.rows, editor.built.nquads, QueryOutputs(tmp_path / "outputs"))
    for _ in ("evaluated and kept", "known"):
        check = ReleaseGraphCheck(editor.source, baseline)
        check.run(changed)
        assert check.statements() == expected
    assert list((tmp_path / "outputs").iterdir())


def test_the_outputs_of_a_build_are_those_that_a_check_starts_from_and_a_damaged_one_is_not_used(
    editor: Editor, tmp_path: Path
) -> None:
    outputs, built = QueryOutputs(tmp_path / "outputs"), []
    builder = construct(tables.load(editor.source.data), editor.source, lambda *output: built.append(output))
    derive(builder, editor.source, lambda *output: built.append(output))
    outputs.keep(built)
    assert len(built) == len(list((paths.QUERIES / "build").rglob("*.rq"))) + len(list((paths.QUERIES / "derive").rglob("*.rq")))
    for query, triples in built:
        assert set(outputs.triples(query) or []) == set(triples)
        assert set(outputs.lines(query) or []) == set(ntriples_lines(triples))
    damaged = next((tmp_path / "outputs").glob("derived.*"), next((tmp_path / "outputs").iterdir()))
    damaged.write_bytes(damaged.read_bytes()[:-10])
    assert [outputs.triples(query) for query, _ in built].count(None) == 1
    assert QueryOutputs(None).triples(built[0][0]) is None


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> PublishedRelease:
    return publish_tables(tmp_path_factory.mktemp("releases"))


def test_the_totals_that_differ_are_under_the_finding_that_changed(editor: Editor, published: PublishedRelease) -> None:
    check = editor.single(published=published)
    [problem] = editor.outcome("observations", "10,AFG,definition,false", "10,AFG,definition,true", check).problems
    assert (problem.table, problem.row, problem.column, problem.value) == ("data/review/observations.csv", 7, "met", "true")
    assert {one.rule.rpartition("#")[2] for one in problem.consequences} == {"check-totals"}
    assert len(problem.consequences) == 5


def test_a_table_may_lose_rows_if_it_is_named(editor: Editor, published: PublishedRelease) -> None:
    row = next(iter(paths.table_files(editor.source.data)["national_leads"].read_text("utf-8").splitlines()[1:]))
    [problem] = editor.outcome("national_leads", f"{row}\n", "", editor.single(published=published)).problems
    assert problem.found.startswith("1 row of release 1.0 is missing")
    allowed = editor.single(published=published, allow_loss=["national_leads"])
    assert editor.outcome("national_leads", f"{row}\n", "", allowed).problems == []


def test_a_key_that_was_changed_is_named(editor: Editor, published: PublishedRelease) -> None:
    outcome = editor.outcome("memberships", "asean,BRN,1,", "asean,BRN,2,", editor.single(published=published))
    [problem] = [one for one in outcome.problems if not one.rule]
    assert problem.found.endswith("1 row of release 1.0 is missing, such as asean/BRN/1; the key asean/BRN/1 is now asean/BRN/2")


def test_after_an_undone_change_there_is_no_problem_left(editor: Editor) -> None:
    assert editor.outcome("observations", "10,AFG,definition,false", "10,AFG,definition,true").problems
    outcome = editor.check.run()
    assert outcome.problems == []
    assert outcome.scope is not None
    assert outcome.scope.resources is not None
    assert outcome.scope.resources < 100


def test_an_unknown_value_is_named_with_the_nearest_one_and_its_consequences(editor: Editor) -> None:
    [problem, *_] = editor.outcome("actions", "acrwc,AGO,1,ratification", "acrwc,AGO,1,ratificaton").problems
    assert (problem.row, problem.column, problem.value, problem.nearest) == (2, "action", "ratificaton", "ratification")
    assert problem.consequences


def test_an_error_in_a_cell_does_not_hide_an_error_in_the_graph(editor: Editor) -> None:
    old = "acrwc,AGO,1,ratification,1992-04-11,,,,1999-10-07"
    outcome = editor.outcome("actions", old, "acrwc,AGO,1,ratification,1992-04-11Z,,,,1991-10-07")
    assert outcome.problems[0].level == "cell"
    rules = [one.rule.rpartition("#")[2] for top in outcome.problems for one in (top, *top.consequences)]
    assert "check-deposits-after-act" in rules


def test_no_rule_reads_or_makes_what_a_later_rule_adds() -> None:
    """A check while editing evaluates a rule again without removing the results of later ones."""
    builder = construct(tables.load(paths.DATA))
    rules = query_file.read_all(paths.QUERIES / "derive")
    derive(builder)
    before = {str(rdf.triple_of(quad)) for quad in builder.quads() if str(quad.graph_name).endswith("graph/derived>")}
    again = [set(map(str, builder.query(rule.path).triples())) for rule in rules]
    assert before == set().union(*again)
    assert len(before) == sum(map(len, again))


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tutela", "check", *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_the_command_reports_that_the_project_is_valid() -> None:
    result = run()
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("No errors. Checked in ")
    assert result.stdout.endswith("`tutela build` checks everything.\n")


def test_what_cannot_be_done_is_a_usage_error() -> None:
    for arguments, message in (
        (("--format", "xml"), "--format xml: expected text or json."),
        (("--xlsx", "errors.ods"), "--xlsx errors.ods: expected a file name that ends in .xlsx."),
        (("--xlsx", "errors.xlsx", "--watch"), "--xlsx and --watch: expected one of them."),
        (("--allow-loss", "notse"), "--allow-loss notse: no such table; expected one of actions, "),
    ):
        with pytest.raises(UsageError) as found:
            app.main(["check", *arguments], standalone_mode=False)
        assert str(found.value).startswith(message)


PROJECT = "import sys; from pathlib import Path; from tutela import paths; paths.DATA = Path(sys.argv.pop(1)); from tutela.cli import main; main()"


@pytest.fixture
def watching(data_copy: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start `tutela check --watch --format json` over a copy of the tables."""
    command = [sys.executable, "-c", PROJECT, str(data_copy), "check", "--watch", "--format", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process, data_copy
    finally:
        process.kill()
        process.communicate()


def test_it_reports_again_when_a_table_changes(watching: tuple[subprocess.Popen[str], Path]) -> None:
    process, data = watching
    assert process.stdout is not None

    def report() -> dict[str, Any]:
        document: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr]
        return document

    assert report()["valid"] is True
    path = data / "review" / "observations.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("10,AFG,definition,false", "10,AFG,definition,maybe"), encoding="utf-8")
    changed = report()
    assert [(one["row"], one["value"]) for one in changed["problems"]] == [(7, "maybe")]
    path.write_text(text, encoding="utf-8")
    assert report()["valid"] is True
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130

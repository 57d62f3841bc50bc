"""The command line: output, messages and exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import TESTS
from tests.release_files import QUAD, write_release
from tutela import paths, release

COMMANDS = (  # all of them
    "add", "build", "check", "diff", "edition", "ingest", "keep", "mcp", "publish", "queries", "query", "release", "report",
    "serve", "tables", "validate",
)  # fmt: skip


def tutela(*args: str | Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, "-m", "tutela", *map(str, args)],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str) -> None:
    result = tutela(command, "--help")
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: ")


def test_the_answer_to_a_query_is_on_stdout(built: release.Release) -> None:
    result = tutela("query", "edition-totals", "--param", "edition=10", "--format", "csv", "--release", built.folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert "sufficient,at least four criteria met,138,,138" in result.stdout.splitlines()


def test_a_table_has_one_line_per_row(built: release.Release) -> None:
    result = tutela("query", "places-without-row", "--release", built.folder)
    assert any(line.split("│")[2].strip() == "Hong Kong" for line in result.stdout.splitlines() if line.startswith("│"))
    assert result.stderr == "16 rows\n"


def test_a_query_file_can_be_run(built: release.Release, tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text("CONSTRUCT { ?s a ?t } WHERE { ?s a ?t } LIMIT 1", encoding="utf-8")
    assert tutela("query", file, "--release", built.folder).stdout.endswith(" .\n")
    file.write_text("ASK { ?s ?p ?o }", encoding="utf-8")
    assert json.loads(tutela("query", file, "--release", built.folder).stdout)["boolean"] is True


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (
            ["query", "jurisdiction-card", "--param", "jurisdiction=ALX"],
            2,
            "there is no jurisdiction 'ALX'; the nearest is",
        ),
        (["query", "jurisdiction-card", "--param", "ALB"], 2, "expected KEY=VALUE"),
        (["query", "jurisdiction-card"], 2, "Give each parameter as --param NAME=VALUE."),
        (["query", "nothing"], 2, "There is no query 'nothing'"),
        (["query", "nothing"], 2, "`tutela queries` lists them."),
        (["query", "missing.rq"], 2, "missing.rq: cannot be read"),
        (
            ["query", "criteria", "--format", "yaml"],
            2,
            "Unknown format 'yaml' for rows; choose one of json, xml, csv, tsv",
        ),
        (["query", "criteria", "--release", "nowhere"], 1, "no release here; run `tutela build`"),
        (["validate", "thing.doc"], 2, "expected a file name that ends in .ttl"),
        (["validate", "missing.ttl"], 2, "missing.ttl: cannot be read"),
        (["ingest", "missing.txt", "--edition", "10", "--out", "x"], 2, "missing.txt: no such file"),
        (["serve", "--port", "99999"], 2, "65535"),
        (["nonsense"], 2, "No such command 'nonsense'"),
    ],
)
def test_an_error_is_one_sentence_on_stderr(
    built: release.Release, tmp_path: Path, args: list[str], status: int, message: str
) -> None:
    if args[0] == "query" and "--release" not in args:
        args = [*args, "--release", str(built.folder)]
    result = subprocess.run([sys.executable, "-m", "tutela", *args], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert result.returncode == status
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_query_is_an_error_with_the_message_of_the_parser(built: release.Release, tmp_path: Path) -> None:
    file = tmp_path / "bad.rq"
    file.write_text("SELECT ?s WHERE { ?s ?p }", encoding="utf-8")
    result = tutela("query", file, "--release", built.folder)
    assert result.returncode == 1
    assert result.stderr.startswith("tutela: The query is not well formed: line 1, column ")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    ["ASK { FILTER(" + "||".join(["?x"] * 20_000) + ") }", "ASK { ?s " + "/".join(["<a:b>"] * 20_000) + " ?o }"],
    ids=["operators", "path"],
)
def test_a_query_that_is_too_long_for_the_engine_is_an_error(built: release.Release, tmp_path: Path, text: str) -> None:
    file = tmp_path / "long.rq"
    file.write_text(text, encoding="utf-8")
    result = tutela("query", file, "--release", built.folder)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("tutela: The query is too long or nested too deeply for the engine")


def test_validating_files_reports_violations(tmp_path: Path) -> None:
    invalid = TESTS / "shapes" / "Total" / "invalid.value.negative.ttl"
    context = TESTS / "shapes" / "context.ttl"
    result = tutela("validate", context, invalid)
    assert result.returncode == 1
    assert "tutela:value: '-1'" in result.stdout
    assert "A total has exactly one value, a non-negative integer." in result.stdout
    document = json.loads(tutela("validate", context, invalid, "--format", "json").stdout)
    assert (document["conforms"], document["results"][0]["severity"]) == (False, "Violation")
    assert "sh:ValidationReport" in tutela("validate", context, invalid, "--format", "turtle").stdout
    valid = tutela("validate", context)
    assert valid.returncode == 0
    assert valid.stdout.startswith(
        "Conforms: no shape is violated. 50 resources were checked; no shape applies to 39 more.\nUnknown: "
    )
    (tmp_path / "broken.ttl").write_text("<a> <b>", encoding="utf-8")
    broken = tutela("validate", tmp_path / "broken.ttl")
    assert broken.returncode == 1
    assert "broken.ttl: not well-formed turtle" in broken.stderr
    (tmp_path / "rdf-1-2.ttl").write_text("<a:a> <a:b> <<( <a:c> <a:d> <a:e> )>> .", encoding="utf-8")
    rdf_1_2 = tutela("validate", tmp_path / "rdf-1-2.ttl")
    assert rdf_1_2.returncode == 1
    assert "rdf-1-2.ttl: not RDF 1.1, and cannot be validated" in rdf_1_2.stderr
    assert "Traceback" not in rdf_1_2.stderr


@pytest.mark.slow
def test_validating_a_table_reports_the_row(tmp_path: Path) -> None:
    text = (paths.table_files()["notes"]).read_text(encoding="utf-8")
    row = next(number for number, line in enumerate(text.splitlines(), 1) if ",ALB," in line)
    (tmp_path / "notes.csv").write_text(text.replace(",ALB,", ",ALX,", 1), encoding="utf-8")
    result = tutela("validate", tmp_path / "notes.csv")
    assert result.returncode == 1
    assert f"(data/review/notes.csv row {row})" in result.stdout
    (tmp_path / "note.csv").write_text(text, encoding="utf-8")
    unknown = tutela("validate", tmp_path / "note.csv")
    assert unknown.returncode == 2
    assert "note.csv: no table of that name; expected one of actions.csv" in unknown.stderr
    (tmp_path / "notes.csv").write_bytes(b"\xff")
    unreadable = tutela("validate", tmp_path / "notes.csv")
    assert unreadable.returncode == 1
    assert f"{tmp_path / 'notes.csv'}: not readable as UTF-8 CSV" in unreadable.stderr


def test_a_release_does_not_differ_from_itself(built: release.Release) -> None:
    result = tutela("diff", "--format", "nquads", built.folder, built.folder)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert "No difference." in tutela("diff", built.folder, built.folder).stdout


def test_the_statements_of_two_releases_are_compared(built: release.Release, tmp_path: Path) -> None:
    other = write_release(tmp_path / "other")
    result = tutela("diff", "--format", "nquads", built.folder, other.folder)
    assert result.stdout.count("\n") == built.manifest["quads"] + 1
    assert f"+ {QUAD}" in result.stdout


def test_published_releases_are_compared_in_legal_terms() -> None:
    result = tutela("diff", "0.1", "0.2")
    assert result.returncode == 0
    assert "\n  Albania signed Second Additional Protocol to the Budapest Convention on 27 February 2023\n" in result.stdout
    assert tutela("diff", "0.1", "0.2", "--format", "xml").returncode == 2
    unknown = tutela("diff", "0.1", "none")
    assert (unknown.returncode, "no such release; expected working, 0.1, 0.2" in unknown.stderr) == (2, True)


def test_an_existing_release_is_not_published_again(built: release.Release) -> None:
    result = tutela("release", "0.1", "--from", built.folder)
    assert (result.returncode, "published releases never change" in result.stderr) == (2, True)


def test_the_catalogue_can_be_listed() -> None:
    lines = tutela("queries").stdout.splitlines()
    assert "jurisdictions-lacking criterion=simple-possession [edition=current-edition]" in lines
    assert "    Which jurisdictions lack a criterion?" in lines

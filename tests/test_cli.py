"""The command: what it prints, where, and with which exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutela import paths, release

COMMANDS = ("build", "validate", "queries", "query", "serve", "publish", "mcp", "ingest", "diff")


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


def test_a_question_is_answered_on_standard_output(built: release.Release) -> None:
    result = tutela("query", "edition-totals", "--param", "edition=10", "--format", "csv", "--release", built.folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert "sufficient,at least four criteria met,138,,138" in result.stdout.splitlines()


def test_a_table_for_people_keeps_each_row_on_a_line(built: release.Release) -> None:
    result = tutela("query", "places-without-row", "--release", built.folder)
    assert any(line.split("│")[2].strip() == "Hong Kong" for line in result.stdout.splitlines() if line.startswith("│"))
    assert result.stderr == "16 rows\n"


def test_a_query_file_is_run(built: release.Release, tmp_path: Path) -> None:
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
        (["query", "nothing"], 2, "There is no question 'nothing'"),
        (["query", "missing.rq"], 2, "missing.rq: cannot be read"),
        (
            ["query", "criteria", "--format", "yaml"],
            2,
            "Rows have no format 'yaml'; choose one of json, xml, csv, tsv",
        ),
        (["query", "criteria", "--release", "nowhere"], 1, "there is no release here; run `tutela build`"),
        (["validate", "thing.doc"], 2, "expected a file that ends in .ttl"),
        (["validate", "missing.ttl"], 2, "missing.ttl: cannot be read"),
        (["ingest", "missing.txt", "--edition", "10", "--out", "x"], 2, "missing.txt: there is no such file"),
        (["serve", "--port", "99999"], 2, "65535"),
        (["nonsense"], 2, "No such command 'nonsense'"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence(
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


def test_a_bad_query_is_told_with_the_parsers_message(built: release.Release, tmp_path: Path) -> None:
    file = tmp_path / "bad.rq"
    file.write_text("SELECT ?s WHERE { ?s ?p }", encoding="utf-8")
    result = tutela("query", file, "--release", built.folder)
    assert result.returncode == 1
    assert result.stderr.startswith("tutela: The query is not well formed: error at 1:")


def test_validating_files_tells_what_is_wrong(tmp_path: Path) -> None:
    bad = Path(__file__).parent / "shapes" / "Total" / "invalid.value.negative.ttl"
    context = Path(__file__).parent / "shapes" / "context.ttl"
    result = tutela("validate", context, bad)
    assert result.returncode == 1
    assert "tutela:value: '-1'" in result.stdout
    assert "A total is one whole number." in result.stdout
    document = json.loads(tutela("validate", context, bad, "--format", "json").stdout)
    assert (document["conforms"], document["results"][0]["severity"]) == (False, "Violation")
    assert "sh:ValidationReport" in tutela("validate", context, bad, "--format", "turtle").stdout
    good = tutela("validate", context)
    assert (good.returncode, good.stdout) == (0, "Conforms: nothing breaks a shape.\n")
    (tmp_path / "broken.ttl").write_text("<a> <b>", encoding="utf-8")
    broken = tutela("validate", tmp_path / "broken.ttl")
    assert broken.returncode == 1
    assert "broken.ttl: not well-formed turtle" in broken.stderr
    (tmp_path / "newer.ttl").write_text("<a:a> <a:b> <<( <a:c> <a:d> <a:e> )>> .", encoding="utf-8")
    newer = tutela("validate", tmp_path / "newer.ttl")
    assert newer.returncode == 1
    assert "newer.ttl: not RDF 1.1, and cannot be validated" in newer.stderr
    assert "Traceback" not in newer.stderr


def test_validating_a_table_names_the_row(tmp_path: Path) -> None:
    ours = (paths.DATA / "notes.csv").read_text(encoding="utf-8")
    row = next(number for number, line in enumerate(ours.splitlines(), 1) if ",ALB," in line)
    (tmp_path / "notes.csv").write_text(ours.replace(",ALB,", ",ALX,", 1), encoding="utf-8")
    result = tutela("validate", tmp_path / "notes.csv")
    assert result.returncode == 1
    assert f"(data/notes.csv row {row})" in result.stdout
    (tmp_path / "note.csv").write_text(ours, encoding="utf-8")
    unknown = tutela("validate", tmp_path / "note.csv")
    assert unknown.returncode == 2
    assert "note.csv: there is no table of that name; expected one of actions.csv" in unknown.stderr
    (tmp_path / "notes.csv").write_bytes(b"\xff")
    unreadable = tutela("validate", tmp_path / "notes.csv")
    assert unreadable.returncode == 1
    assert f"{tmp_path / 'notes.csv'}: not readable as UTF-8 CSV" in unreadable.stderr


def test_a_release_differs_from_itself_in_nothing(built: release.Release) -> None:
    result = tutela("diff", built.folder, built.folder)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_catalogue_is_listed() -> None:
    lines = tutela("queries").stdout.splitlines()
    assert "jurisdictions-lacking criterion=simple-possession [edition=10]" in lines
    assert "    Which jurisdictions lack a criterion?" in lines

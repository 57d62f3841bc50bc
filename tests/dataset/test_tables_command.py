"""The command ``tutela tables``: what it writes, prints and refuses."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from tutela import paths
from tutela.cli import app
from tutela.errors import TutelaError, UsageError


def tables(*arguments: object, answers: str | None = None) -> Result:
    """Run the command; an exception that `main` turns into a message is in the result."""
    return CliRunner().invoke(app, ["tables", *map(str, arguments)], input=answers)


@pytest.fixture
def content(data_copy: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in data_copy.glob("*/*.csv")}


@pytest.fixture
def book(content: dict[Path, bytes], tmp_path: Path) -> Path:
    path = tmp_path / "my tables.xlsx"
    result = tables("--xlsx", path, "--table", "observations", "--table", "corrections")
    assert (result.exit_code, result.stdout) == (0, "")
    return path


def edit(path: Path, cells: dict[tuple[str, str], Any]) -> None:
    loaded = load_workbook(path)
    for (sheet, address), value in cells.items():
        loaded[sheet][address] = value
    loaded.save(path)


def unchanged(content: dict[Path, bytes]) -> bool:
    return all(path.read_bytes() == before for path, before in content.items())


def test_the_workbook_that_was_written_changes_nothing(content: dict[Path, bytes], book: Path) -> None:
    result = tables("--from", book)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No cell differs. Nothing was written.\n")
    assert unchanged(content)


def test_a_change_is_shown_then_written(content: dict[Path, bytes], book: Path, data_copy: Path) -> None:
    edit(book, {("observations", "D2"): False})
    dry = tables("--from", book, "--dry-run")
    assert dry.stdout.splitlines() == [
        "observations, met: FALSE to false (1 cell: row 2)",
        "changed: observations, 10, ABW, definition, met: 'true' to 'false'",
    ]
    assert "1 cell changed, 0 rows added, 0 removed, in 1 table. Nothing was written." in dry.stderr
    assert unchanged(content)
    result = tables("--from", book)
    assert (result.exit_code, result.stdout) == (0, dry.stdout)
    text = (data_copy / "review" / "observations.csv").read_text(encoding="utf-8")
    assert text.splitlines()[1] == "10,ABW,definition,false,icmec-10,1237"
    assert sum(path.read_bytes() != before for path, before in content.items()) == 1


def test_rows_are_removed_only_where_that_is_allowed(content: dict[Path, bytes], book: Path, data_copy: Path) -> None:
    loaded = load_workbook(book)
    loaded["observations"].delete_rows(2, 3)
    loaded.save(book)
    result = tables("--from", book)
    assert isinstance(result.exception, TutelaError)
    assert "observations: 3 rows are missing and would be removed" in str(result.exception)
    assert unchanged(content)
    assert tables("--from", book, "--allow-loss", "observations").exit_code == 0
    assert len((data_copy / "review" / "observations.csv").read_text(encoding="utf-8").splitlines()) == 978


def test_a_key_that_was_changed_is_pointed_out(content: dict[Path, bytes], book: Path) -> None:
    edit(book, {("observations", "B2"): "CUW"})
    result = tables("--from", book)
    assert "hint: observations, 10, ABW, definition seems to have become 10, CUW, definition" in result.stdout
    assert "add --allow-loss observations" in str(result.exception)
    assert unchanged(content)


CORRECTION = dict(
    zip(
        "ABCDEFGHIJ",
        ("10", "KEN", "definition", "1", "true", "false", "03/04/2024", "Tutela", "misread", "icmec-10"),
        strict=True,
    )
)


def test_an_ambiguous_value_is_refused_unless_a_reading_is_chosen(
    content: dict[Path, bytes], book: Path, data_copy: Path
) -> None:
    edit(book, {("corrections", f"{letter}2"): value for letter, value in CORRECTION.items()})
    result = tables("--from", book)
    message = "cell G2: date is '03/04/2024', which can mean 2024-04-03 or 2024-03-04."
    assert message in str(result.exception)
    assert unchanged(content)
    chosen = tables("--from", book, "--yes")
    assert f"{message} Read as 2024-04-03." in chosen.stdout
    assert "2024-04-03" in (data_copy / "review" / "corrections.csv").read_text(encoding="utf-8")


def test_an_ambiguous_value_is_asked_on_a_terminal(
    content: dict[Path, bytes], book: Path, data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(book, {("corrections", f"{letter}2"): value for letter, value in CORRECTION.items()})
    monkeypatch.setattr("tutela.cli.spreadsheets.on_terminal", lambda: True)
    result = tables("--from", book, answers="7\n2\n")
    assert "1 = 2024-04-03, 2 = 2024-03-04" in result.stderr
    assert result.exit_code == 0
    assert "2024-03-04" in (data_copy / "review" / "corrections.csv").read_text(encoding="utf-8")
    assert len([path for path, before in content.items() if path.read_bytes() != before]) == 1


def test_all_errors_come_at_once_and_nothing_is_written(content: dict[Path, bytes], book: Path) -> None:
    edit(book, {("observations", "D2"): "maybe", ("observations", "F3"): "=1+1", ("observations", "D4"): "FALSE"})
    edit(book, {("corrections", f"{letter}2"): value for letter, value in CORRECTION.items()})
    result = tables("--from", book)
    lines = str(result.exception).splitlines()
    assert lines[0] == "2 problems; nothing was written."
    assert "cell F3: line is '=1+1', a formula" in lines[1]
    assert "cell G2" in lines[2]
    assert unchanged(content)


def test_several_files_can_follow_one_option(content: dict[Path, bytes], tmp_path: Path) -> None:
    own = [path for path in content if path.stem in ("totals", "notes", "regions")]
    assert "the table itself, which --tidy restores" in str(tables("--from", *own).exception)
    files = [tmp_path / path.name for path in own]
    for path, copy in zip(own, files, strict=True):
        copy.write_bytes(path.read_bytes())
    assert tables("--from", *files).exit_code == 0
    draft = files[0].rename(tmp_path / "draft.csv")
    assert tables("--from", draft, "--table", own[0].stem).exit_code == 0


def test_tidy_says_what_it_changes_and_changes_nothing_the_second_time(content: dict[Path, bytes], data_copy: Path) -> None:
    path = data_copy / "review" / "observations.csv"
    path.write_bytes(path.read_bytes().replace(b"true", b"TRUE").replace(b"\n", b"\r\n"))
    dry = tables("--tidy", "--dry-run")
    assert "observations, met: TRUE to true (697 cells: row 2, 4-6" in dry.stdout
    assert "Would tidy: observations." in dry.stderr
    assert not unchanged(content)
    assert "Tidied: observations." in tables("--tidy").stderr
    assert unchanged(content)
    assert tables("--tidy").stderr == "All tables are in canonical form.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "expected one of --xlsx FILE, --from FILE... and --tidy"),
        (("--tidy", "--xlsx", "a.xlsx"), "expected one of"),
        (("--tidy", "a.xlsx"), "files are only read with --from"),
        (("--tidy", "--table", "nonsense"), "--table nonsense: no such table"),
        (("--from", "a.csv", "--allow-loss", "nonsense"), "--allow-loss nonsense: no such table"),
        (("--xlsx", "a.csv"), "ends in .xlsx"),
    ],
)
def test_wrong_usage_is_explained(arguments: tuple[str, ...], message: str) -> None:
    error = tables(*arguments).exception
    assert isinstance(error, UsageError)
    assert message in str(error)


def test_the_tables_of_an_installed_package_are_not_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert "use a checkout" in str(tables("--tidy").exception)

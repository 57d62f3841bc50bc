"""Validation of tables in place of those of a release, or of the project."""

import shutil
from pathlib import Path

import pytest

from tests.release_files import write_versioned_release
from tutela import paths
from tutela.errors import TutelaError, UsageError
from tutela.paths import Source
from tutela.release import Release, verified_source
from tutela.tables.csv_file import read_rows
from tutela.validation.files import validate_files


def write_notes(folder: Path, old: str = ",ALB,", new: str = ",ALX,") -> Path:
    folder.mkdir(exist_ok=True)
    text = (paths.ROOT / "data" / "review" / "notes.csv").read_text(encoding="utf-8")
    (folder / "notes.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder / "notes.csv"


def test_a_table_is_validated_with_the_tables_of_the_release(built: Release, data_copy: Path, tmp_path: Path) -> None:
    """Whatever happens to the tables of the project meanwhile."""
    notes = write_notes(tmp_path / "mine")
    [row] = [number for number, one in enumerate(read_rows(notes), start=2) if one["jurisdiction"] == "ALX"]
    shutil.rmtree(data_copy)
    report, conforms = validate_files([notes], "text", source=Source.at(built.source))
    assert (f"(data/review/notes.csv row {row})" in report, conforms) == (True, False)
    with pytest.raises(TutelaError, match="no tables found"):
        validate_files([notes], "text")


def test_the_rows_of_a_table_are_named_as_they_are_in_the_users_file(built: Release, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "mine")
    heading, *lines = notes.read_text(encoding="utf-8").splitlines()
    notes.write_text("\r\n".join([heading, *reversed(lines), ""]), encoding="utf-8-sig", newline="")
    row = 2 + next(number for number, line in enumerate(reversed(lines)) if ",ALX," in line)
    report, _ = validate_files([notes], "text", source=Source.at(built.source))
    assert f"(data/review/notes.csv row {row})" in report


def test_an_error_names_the_users_file(built: Release, tmp_path: Path) -> None:
    notes = write_notes(tmp_path / "mine", ",ALB,", ",ALB,,")
    with pytest.raises(TutelaError) as caught:
        validate_files([notes], "text", source=Source.at(built.source))
    assert str(caught.value).startswith(f"{notes} row ")
    assert "tutela-" not in str(caught.value)


def test_a_table_can_be_named_once(built: Release, tmp_path: Path) -> None:
    files = [write_notes(tmp_path / "one"), write_notes(tmp_path / "two")]
    with pytest.raises(UsageError, match="the same table is named more than once"):
        validate_files(files, "text", source=Source.at(built.source))


def test_only_the_verified_inputs_of_a_release_are_validated_with(tmp_path: Path) -> None:
    release = write_versioned_release(tmp_path / "release", "v0")
    (release.source / "data" / "review" / "more.csv").write_text("id\n1\n", encoding="utf-8")
    with verified_source(release) as source:
        assert [*paths.table_files(source.data)] == ["notes"]
    with pytest.raises(TutelaError, match=rf"^{release.source}/data: wrong"), verified_source(release) as source:
        raise TutelaError(f"{source.data}: wrong")
    (release.source / "data" / "review" / "notes.csv").write_text("id,text\n", encoding="utf-8")
    with pytest.raises(TutelaError, match=r"notes\.csv: was changed"), verified_source(release):
        pass

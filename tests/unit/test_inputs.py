"""The inputs of a build: how an editor saves a file makes no difference, what the file says does."""

import csv
import io
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tutela import graph, paths, tables
from tutela.errors import BuildFailedError, TutelaError
from tutela.paths import Source
from tutela.release import is_release
from tutela.release.build import build
from tutela.tables.csv_file import canonical
from tutela.validation.input_files import is_input_name
from tutela.validation.inputs import Inputs, read_inputs
from tutela.validation.result import ValidationResult
from tutela.validation.shape_files import shape_triples


@pytest.fixture
def source(data_copy: Path) -> Source:
    """Return the folders that builds read, with a copy of the tables."""
    source = Source.of_project()
    assert source.data == data_copy
    return source


@pytest.fixture
def full_copy(data_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """Return a copy of everything that a build reads, which builds then read."""
    project = Source.of_project()
    root = data_copy.parent
    for folder in (
        project.ontology,
        project.shapes,
        *(project.queries / name for name in ("build", "derive", "checks", "pages")),
    ):
        shutil.copytree(folder, root / folder.relative_to(paths.ROOT))
    for name in ("ontology", "queries", "shapes"):
        monkeypatch.setattr(paths, name.upper(), root / name)
    return Source.at(root)


def files_of(source: Source) -> Iterator[Path]:
    for name in read_inputs(source).files:
        folder, _, rest = name.partition("/")
        yield getattr(source, folder) / rest


def shuffled(path: Path) -> None:
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    random.Random(1).shuffle(rows := lines[1:])  # noqa: S311
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([lines[0], *rows])


def quoted(path: Path) -> None:
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(lines)


def with_mark(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def with_crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def with_cr(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))


def without_last_line_end(path: Path) -> None:
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))


@pytest.mark.parametrize("save", [shuffled, quoted, with_mark, with_crlf, with_cr, without_last_line_end])
def test_how_a_table_is_saved_makes_no_difference(source: Source, save: Callable[[Path], None]) -> None:
    before = read_inputs()
    for path in paths.table_files(source.data).values():
        save(path)
    after = read_inputs()
    assert after.files == before.files
    assert after.version == before.version


@pytest.mark.parametrize("save", [with_mark, with_crlf, with_cr])
def test_how_another_input_is_saved_makes_no_difference(full_copy: Source, save: Callable[[Path], None]) -> None:
    before = read_inputs()
    for path in files_of(full_copy):
        save(path)
    assert read_inputs().files == before.files


def test_the_project_is_in_canonical_form() -> None:
    inputs = read_inputs()
    assert not inputs.row_numbers
    assert {"data/review/notes.csv", "data/review/notes.csv-metadata.json", "ontology/tutela.ttl", "shapes/note.ttl"} < set(
        inputs.files
    )
    assert {name.split("/")[1] for name in inputs.files if name.startswith("queries/")} == {"build", "derive", "checks", "pages"}
    assert all(is_input_name(name) for name in inputs.files)


@pytest.mark.parametrize(
    "name",
    ["data/README.md", "data/notes.csv", "data/review/old/notes.csv", "queries/catalog/x/y.rq", "queries/pages/support/labels.rq",
     "shapes/old/note.ttl", "shapes/README.md", "ontology/README.md", "other/x.ttl", "data", "", "data/review/.notes.csv"],
)  # fmt: skip
def test_other_files_are_no_inputs(name: str) -> None:
    assert not is_input_name(name)


def test_the_version_depends_on_each_kind_of_input(full_copy: Source) -> None:
    before = read_inputs().version
    root = full_copy.data.parent
    kinds = {
        (*path.relative_to(root).parts[: 2 if "queries" in path.parts else 1], path.suffix): path for path in files_of(full_copy)
    }
    assert len(kinds) == 8
    for path in kinds.values():
        content = path.read_bytes()
        path.unlink()
        assert read_inputs().version != before, path
        path.write_bytes(content + (b"x" if path.suffix == ".csv" else b"\n"))
        assert read_inputs().version != before, path
        path.write_bytes(content)
    assert read_inputs().version == before


def test_files_that_an_editor_leaves_behind_are_no_inputs(source: Source) -> None:
    before = read_inputs().version
    (source.data / "review" / ".#notes.csv").symlink_to("nobody@nowhere")
    (source.data / "review" / ".notes.csv.swp").write_bytes(b"\0")
    (source.data / "review" / "notes.csv~").write_bytes(b"")
    assert read_inputs().version == before


@pytest.mark.parametrize("name", ["data/review/notes.csv", "shapes/note.ttl"])
def test_an_input_that_cannot_be_read_is_an_error(full_copy: Source, name: str) -> None:
    path = getattr(full_copy, name.partition("/")[0]) / name.partition("/")[2]
    path.unlink()
    path.mkdir()
    with pytest.raises(TutelaError, match=rf"{path}: cannot be read \(Is a directory\)"):
        read_inputs()


def test_the_canonical_form_sorts_any_key() -> None:
    keys = ["10", "9", "09", "x", "", "\N{SUPERSCRIPT TWO}", "1" * 5000, "\N{ARABIC-INDIC DIGIT ONE}"]
    random.Random(1).shuffle(rows := [{"key": key} for key in keys])  # noqa: S311
    text = canonical(rows, ["key"], ["key"])
    assert text == canonical(rows[::-1], ["key"], ["key"])
    assert text.splitlines()[:4] == ["key", "09", "9", "10"]


def test_results_name_the_rows_of_the_files_as_they_were_read() -> None:
    inputs = Inputs(Source.of_project(), {}, {"data/review/notes.csv": [4, 2, 3]})
    where = "data/review/notes.csv row 2; data/review/totals.csv row 2 and data/review/notes.csv row 4"
    [result] = inputs.as_read([ValidationResult("Violation", where, "x", "data/review/notes.csv row 3", "")])
    assert result.where == "data/review/notes.csv row 4; data/review/totals.csv row 2 and data/review/notes.csv row 3"
    assert result.found == "data/review/notes.csv row 2"
    duplicate = ValidationResult(
        "Violation", "data/review/notes.csv row 3", "number", "duplicate key 1 (first used in row 2)", ""
    )
    [result] = inputs.as_read([duplicate])
    assert (result.where, result.found) == ("data/review/notes.csv row 2", "duplicate key 1 (first used in row 4)")


def test_a_build_names_the_rows_of_a_table_that_is_not_sorted(source: Source, tmp_path: Path) -> None:
    path = source.data / "review" / "observations.csv"
    heading, *lines = path.read_text(encoding="utf-8").splitlines()
    lines = [
        "10,AFG,definition,maybe" + line.removeprefix("10,AFG,definition,false")
        if line.startswith("10,AFG,definition,")
        else line
        for line in reversed(lines)
    ]
    lines.append(lines[0])
    path.write_text("\r\n".join([heading, *lines, ""]), encoding="utf-8-sig", newline="")
    with pytest.raises(BuildFailedError) as caught:
        build(tmp_path / "release")
    wrong = 2 + next(number for number, line in enumerate(lines) if "maybe" in line)
    found = {result.where: result.found for result in caught.value.results}
    assert found[f"data/review/observations.csv row {wrong}"] == "'maybe'"
    assert "(first used in row 2)" in found[f"data/review/observations.csv row {len(lines) + 1}"]
    assert not is_release(tmp_path / "release")


INVALID_METADATA = [
    "",
    "[]",
    "null",
    "1",
    "{}",
    '{"tableSchema": {}}',
    '{"tableSchema": 1}',
    '{"tableSchema": {"columns": 1}}',
    "[" * 10_000,
]


@pytest.mark.parametrize("text", INVALID_METADATA, ids=lambda text: text[:30])
def test_invalid_metadata_are_an_error_that_names_the_file(source: Source, tmp_path: Path, text: str) -> None:
    path = source.data / "review" / "notes.csv-metadata.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TutelaError, match=r"data/review/notes\.csv") as caught:
        build(tmp_path / "release")
    assert ".release.build" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("primaryKey", ["nothing"]),
        ("primaryKey", 5),
        ("foreignKeys", [{"columnReference": ["jurisdiction"], "reference": {"resource": "nothing.csv", "columnReference": ["code"]}}]),
        ("foreignKeys", [{"columnReference": ["nothing"], "reference": {"resource": "jurisdictions.csv", "columnReference": ["code"]}}]),
        ("foreignKeys", [{"columnReference": ["jurisdiction"], "reference": {"resource": "jurisdictions.csv", "columnReference": ["x"]}}]),
        ("foreignKeys", [5]),
    ],
)  # fmt: skip
def test_metadata_that_name_what_does_not_exist_are_an_error(source: Source, key: str, value: object) -> None:
    path = source.data / "review" / "notes.csv-metadata.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["tableSchema"][key] = value
    path.write_text(json.dumps(document), encoding="utf-8")
    read_inputs()
    with pytest.raises(TutelaError, match=r"notes\.csv-metadata\.json"):
        tables.load(source.data)


def test_a_table_that_others_refer_to_cannot_be_removed(source: Source) -> None:
    for path in (source.data / "review").glob("jurisdictions.csv*"):
        path.unlink()
    with pytest.raises(TutelaError, match=r"notes\.csv-metadata\.json: refers to the table jurisdictions, which does not exist"):
        tables.load(source.data)


def test_two_tables_of_the_same_name_are_an_error(source: Source) -> None:
    for path in (source.data / "review").glob("notes.csv*"):
        shutil.copy(path, source.data / "treaties")
    with pytest.raises(TutelaError, match=r"notes\.csv: there is another table of this name"):
        tables.load(source.data)


@pytest.mark.parametrize("rows", [0, 2])
def test_the_dataset_is_described_by_one_row(source: Source, tmp_path: Path, rows: int) -> None:
    path = source.data / "meta" / "dataset.csv"
    heading, row = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([heading, *([row, row.replace("tutela,", "other,")] if rows else []), ""]), encoding="utf-8")
    with pytest.raises(TutelaError, match=rf"data/meta/dataset\.csv: has {rows} rows; expected one"):
        build(tmp_path / "release")


def test_an_empty_file_is_no_table(source: Source) -> None:
    for path in paths.table_files(source.data).values():
        path.write_bytes(b"")
    with pytest.raises(TutelaError) as caught:
        tables.load(source.data)
    assert str(caught.value).count("the file is empty; expected a heading with the columns") == len(paths.table_files())


def test_a_table_without_rows_is_an_error_unless_its_metadata_allow_it(source: Source, tmp_path: Path) -> None:
    for path in paths.table_files(source.data).values():
        if path.stem != "dataset":
            path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    with pytest.raises(BuildFailedError) as caught:
        build(tmp_path / "release")
    empty = {result.where for result in caught.value.results if result.found == "the table has no rows"}
    assert empty == {
        f"data/{path.parent.name}/{path.name} row 1"
        for path in paths.table_files().values()
        if path.stem not in ("dataset", "corrections", "releases")
    }


@pytest.mark.parametrize("name", ["ontology/tutela.ttl", "queries/build/review/notes.rq"])
@pytest.mark.parametrize("content", [b"\xff", b"<a"])
def test_a_malformed_input_is_named_as_it_is_in_the_project(full_copy: Source, name: str, content: bytes) -> None:
    path = getattr(full_copy, name.partition("/")[0]) / name.partition("/")[2]
    path.write_bytes(content)
    inputs = read_inputs()
    with pytest.raises(TutelaError, match=str(path)), inputs.unpacked(full_copy.data.parent / "unpacked") as unpacked:
        graph.construct({}, unpacked)


@pytest.mark.parametrize("content", [b"\xff", b"<a"])
def test_a_malformed_shape_is_named(full_copy: Source, content: bytes) -> None:
    (full_copy.shapes / "note.ttl").write_bytes(content)
    with pytest.raises(TutelaError, match=r"shapes/note\.ttl: not "):
        shape_triples(full_copy.shapes)


def test_the_shapes_must_not_be_missing(tmp_path: Path) -> None:
    with pytest.raises(TutelaError, match="no shapes found"):
        shape_triples(tmp_path)

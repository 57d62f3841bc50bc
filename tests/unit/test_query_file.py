"""Query files: metadata, search by name, and errors."""

from pathlib import Path

import pytest

from tutela import paths
from tutela.errors import TutelaError
from tutela.sparql import query_file

TEXT = '#+ title: "Which things?"\n#+ columns: {s: a thing}\n# a comment\nSELECT ?s WHERE { ?s ?p ?o }\n'


def write(folder: Path, name: str, text: str = TEXT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.rq"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_has_a_name_a_topic_and_metadata(tmp_path: Path) -> None:
    file = query_file.read(write(tmp_path / "topic", "things"))
    assert (file.name, file.folder, file.title) == ("things", "topic", "Which things?")
    assert file.metadata["columns"] == {"s": "a thing"}
    assert file.text == TEXT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * WHERE {}", "lines with a title"),
        ("#+ columns: {s: a thing}\nSELECT * WHERE {}", "lines with a title"),
        ("#+ title:\nSELECT * WHERE {}", "lines with a title"),
        ("#+ only text\nSELECT * WHERE {}", "lines with a title"),
        ("#+ title: [\nSELECT * WHERE {}", "not valid YAML"),
        ("#+ title: a: b\nSELECT * WHERE {}", "not valid YAML"),
    ],
)
def test_invalid_metadata_are_an_error_that_names_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, "things", text)
    with pytest.raises(TutelaError, match=message) as caught:
        query_file.read(path)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TutelaError, match="not readable as UTF-8 text"):
        query_file.read(tmp_path / "missing.rq")
    (tmp_path / "latin1.rq").write_bytes("#+ title: Où?\n".encode("latin-1"))
    with pytest.raises(TutelaError, match="not readable as UTF-8 text"):
        query_file.read(tmp_path / "latin1.rq")


def test_files_are_found_by_name_in_any_subfolder(tmp_path: Path) -> None:
    paths_by_name = {name: write(tmp_path / folder, name) for folder, name in (("one", "b"), ("two/three", "a"), (".", "c"))}
    for name, path in paths_by_name.items():
        assert query_file.find(tmp_path, name).samefile(path)
    assert [file.name for file in query_file.read_all(tmp_path)] == ["a", "b", "c"]
    with pytest.raises(TutelaError, match=r"no query file d\.rq"):
        query_file.find(tmp_path, "d")


@pytest.mark.parametrize("folder", ["catalog", "checks", "build", "derive", "pages"])
def test_names_are_unique_in_each_folder_of_the_project(folder: str) -> None:
    names = [path.stem for path in (paths.QUERIES / folder).glob("**/*.rq")]
    assert names
    assert len(set(names)) == len(names)


def test_readers_see_the_title_instead_of_the_metadata() -> None:
    assert query_file.without_metadata(TEXT) == "# Which things?\n# a comment\nSELECT ?s WHERE { ?s ?p ?o }\n"
    assert query_file.without_metadata("ASK {}") == "ASK {}"

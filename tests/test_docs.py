"""The documents say what there is: a table, question, parameter type or command without a word breaks the build."""

import re
import subprocess
from pathlib import Path

import pytest

from tutela import paths
from tutela.catalog import Catalog
from tutela.cli import app
from tutela.tables import load, read_rows

README = paths.ROOT / "README.md"


def test_each_command_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__  # type: ignore[union-attr]
        assert f"`tutela {name}" in text, name


def test_each_table_is_in_the_readme_of_data() -> None:
    text = (paths.DATA / "README.md").read_text(encoding="utf-8")
    for name in load(paths.DATA):
        assert f"`{name}.csv`" in text, name


def test_each_folder_and_parameter_type_is_in_the_readme_of_queries() -> None:
    text = (paths.QUERIES / "README.md").read_text(encoding="utf-8")
    for folder in paths.QUERIES.iterdir():
        if folder.is_dir():
            assert f"`{folder.name}/`" in text, folder.name
    for path in (paths.QUERIES / "parameters").glob("*.rq"):
        assert f"`{path.stem}`" in text, path.stem


def test_each_scheme_is_in_the_readme_of_the_ontology() -> None:
    text = (paths.ONTOLOGY / "README.md").read_text(encoding="utf-8")
    for path in paths.ONTOLOGY.glob("**/*.ttl"):
        assert f"`{path.relative_to(paths.ONTOLOGY)}`" in text, path.name


def test_the_example_of_the_readme_gives_what_it_shows(catalog: Catalog) -> None:
    text = README.read_text(encoding="utf-8")
    match = re.search(r"tutela query (\S+) (.*)--format csv\n```\n\n```\n(.*?)```", text, re.DOTALL)
    assert match, "the README has no worked example"
    values = dict(pair.split("=", 1) for pair in re.findall(r"--param (\S+)", match[2]))
    answer = catalog.ask(match[1], values).serialize("csv").decode().replace("\r\n", "\n")
    assert match[3] == answer


def test_every_source_that_rows_name_is_described() -> None:
    known = {row["id"] for row in read_rows(paths.DATA / "sources.csv")}
    used = {row["source"] for table in load(paths.DATA).values() for row in table.rows if row.get("source")}
    assert used <= known


def test_no_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=paths.ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    forbidden = re.compile(
        "index" + "-url|pypi" + r"\.org/simple|registry" + r"\.npmjs|repo1" + r"\.maven|" + "/ro" + "ot/|/wo" + "rk/"
    )
    for name in listed.stdout.splitlines():
        path = Path(paths.ROOT / name)
        if path.is_file():
            assert not forbidden.search(path.read_text(encoding="utf-8", errors="ignore")), name

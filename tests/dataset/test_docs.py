"""The documents match the project: generated parts are current, and commands, URLs, settings, tables and links are complete."""

import importlib.util
import re
import subprocess
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from starlette.routing import Route

from tutela import paths, settings
from tutela.catalog import Catalog
from tutela.cli import app
from tutela.tables import load, read_rows
from tutela.web.routes import ROUTES

README = paths.ROOT / "README.md"
DOCS = paths.ROOT / "docs"
# A link or image in Markdown, but not in a code span.
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=paths.ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.splitlines() if (path := paths.ROOT / name).is_file()]


def anchors(path: Path) -> set[str]:
    """Return the anchors of the headings of a document, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", generator().documents(), ids=lambda path: str(path.name))
def test_generated_parts_are_current(path: Path) -> None:
    assert generator().expected(path) == path.read_text(encoding="utf-8"), "run `make docs`"


def test_every_generated_part_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in generator().documents())
    assert [name for name in generator().SECTIONS if f"<!-- generated: {name} -->" not in text] == []


def test_every_command_is_documented() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    assert [name for name in app.commands if f"`tutela {name}" not in text] == []


def test_every_url_is_documented() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    urls = [re.sub(r":\w+\}", "}", route.path) for route in ROUTES if isinstance(route, Route)]
    assert len(urls) == len(ROUTES)
    assert [url for url in urls if f"`{url}`" not in text] == []


def test_every_setting_is_documented() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    names = [f"{section}.{one.name}" for section, one in settings.all_settings()]
    assert [name for name in names if f"`{name}`" not in text or f"`{settings.variable(name)}`" not in text] == []


def test_every_decision_is_listed() -> None:
    text = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in (DOCS / "decisions").glob("[0-9]*.md") if f"]({path.name})" not in text] == []


def test_every_table_is_documented() -> None:
    text = (paths.DATA / "README.md").read_text(encoding="utf-8")
    assert [name for name in load(paths.DATA) if f"`{name}.csv`" not in text] == []


def test_every_folder_and_parameter_type_is_documented() -> None:
    text = (paths.QUERIES / "README.md").read_text(encoding="utf-8")
    folders = [f"{folder.name}/" for folder in paths.QUERIES.iterdir() if folder.is_dir()]
    types = [path.stem for path in (paths.QUERIES / "parameters").glob("*.rq")]
    assert [name for name in [*folders, *types] if f"`{name}`" not in text] == []


def test_every_ontology_file_is_documented() -> None:
    text = (paths.ONTOLOGY / "README.md").read_text(encoding="utf-8")
    names = [path.relative_to(paths.ONTOLOGY).as_posix() for path in paths.ONTOLOGY.glob("**/*.ttl")]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 70


def test_the_example_in_the_readme_is_right(catalog: Catalog) -> None:
    text = README.read_text(encoding="utf-8")
    match = re.search(r"tutela query (\S+) (.*)--format csv\n```\n\n```\n(.*?)```", text, re.DOTALL)
    assert match, "the README has no worked example"
    values = dict(pair.split("=", 1) for pair in re.findall(r"--param (\S+)", match[2]))
    answer = catalog.run(match[1], values).serialize("csv").decode().replace("\r\n", "\n")
    assert match[3] == answer


def test_relative_links_resolve() -> None:
    broken = []
    for path in tracked_files():
        if path.suffix != ".md":
            continue
        for target in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
            name, _, anchor = target.partition("#")
            file = path.parent / name if name else path
            if re.match(r"[a-z]+:", target):
                continue
            if not file.exists() or (anchor and anchor not in anchors(file)):
                broken.append(f"{path.relative_to(paths.ROOT)}: {target}")
    assert broken == []


def test_every_source_that_rows_name_is_described() -> None:
    known = {row["id"] for row in read_rows(paths.table_files()["sources"])}
    used = {row["source"] for table in load(paths.DATA).values() for row in table.rows if row.get("source")}
    assert used <= known


def test_no_file_names_a_machine_or_a_registry() -> None:
    forbidden = re.compile(
        "index" + "-url|pypi" + r"\.org/simple|registry" + r"\.npmjs|repo1" + r"\.maven|" + "/ro" + "ot/|/wo" + "rk/"
    )
    for path in tracked_files():
        assert not forbidden.search(path.read_text(encoding="utf-8", errors="ignore")), path.name

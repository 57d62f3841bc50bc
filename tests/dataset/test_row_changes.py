"""Rows are removed and get other keys together with everything that refers to them, or not at all."""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

from tests.dataset.test_keep import HOST, ORIGIN, client_of, contents, hidden
from tutela import paths, tables
from tutela.cli import app as command
from tutela.entry.answers import draft
from tutela.entry.context import Context
from tutela.entry.draft import Draft
from tutela.entry.row_removal import removal_kind
from tutela.entry.row_renaming import find_key, read_key, renaming_kind
from tutela.errors import TutelaError, UsageError
from tutela.keep.app import create_app
from tutela.keep.guard import Session
from tutela.paths import Source

LAW = ("KEN", "sexual-offences-act-2006")
FAST = ("--yes", "--no-consequences")


@pytest.fixture(scope="module")
def context() -> Context:
    return Context.read(Source.of_project(), "2026-11-26")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    [path] = folder.glob(f"*/{table}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def removal(context: Context, table: str, key: tuple[str, ...], **answers: str) -> Draft:
    return draft(removal_kind(context.tables, table, key), answers, context)


def renaming(context: Context, table: str, key: tuple[str, ...], new: tuple[str, ...], **answers: str) -> Draft:
    kind = renaming_kind(context.tables[table], key)
    names = (f"new_{name}" for name in context.tables[table].key)
    return draft(kind, dict(zip(names, new, strict=True)) | answers, context)


def ensure_valid(context: Context, entry: Draft) -> None:
    """Check that no reference leads nowhere, and that no two rows have the same key."""
    assert entry.errors == []
    changed = entry.rows()
    after = {name: table.with_rows(changed[name]) if name in changed else table for name, table in context.tables.items()}
    assert tables.validate(after) == []


def test_a_row_with_references_stays_and_they_are_listed(context: Context) -> None:
    [error] = removal(context, "national_laws", LAW).errors
    assert error.name == "cascade" and "1 reference leads to this row" in error.expected
    assert "data/national-law/national_provisions.csv (1): KEN/sexual-offences-act-2006/" in error.expected
    kind = removal_kind(context.tables, "sources", ("icmec-10",))
    assert "data/review/observations.csv (980): 10/" in " ".join(kind.lead)
    assert "and 975 more" in " ".join(kind.lead)


def test_what_refers_to_a_row_goes_with_it(context: Context) -> None:
    found = removal(context, "national_laws", LAW, cascade="yes")
    ensure_valid(context, found)
    assert [table for table, _ in found.removed] == [
        "national_laws",
        "national_provisions",
        "national_readings",
        "national_readings",
    ]
    assert {key[:2] for _, key in found.removed} == {LAW}
    assert found.losses() == ["national_laws", "national_provisions", "national_readings"]


@pytest.mark.parametrize(
    ("table", "key"), [("instruments", ("malabo",)), ("jurisdictions", ("DNK",)), ("regions", ("154",)), ("dataset", ("tutela",))]
)
def test_no_reference_leads_nowhere_after_a_removal(context: Context, table: str, key: tuple[str, ...]) -> None:
    found = removal(context, table, key, cascade="yes")
    if table == "dataset":  # it has this row only
        assert "at least one row that stays in data/meta/dataset.csv" in found.errors[0].expected
    else:
        ensure_valid(context, found)
    if table == "instruments":
        about = {row["about"] for row in context.tables["discrepancies"].rows} - {
            row["about"] for row in found.rows()["discrepancies"]
        }
        assert "instrument/malabo/entry-rule" in about and "party-count/malabo" in about
    if table == "regions":  # Northern Europe: the jurisdictions stay, without a region
        assert ("DNK",) in {
            edit.key for edit in found.changed if (edit.table, edit.column, edit.new) == ("jurisdictions", "region", "")
        }


def test_an_answer_that_does_not_say_yes_is_no_confirmation(context: Context) -> None:
    [error] = [one for one in removal(context, "national_laws", LAW, cascade="maybe").errors if one.name == "cascade"]
    assert error.expected == "yes"


@pytest.mark.parametrize(
    ("table", "key", "new"),
    [
        ("instruments", ("malabo",), ("malabo-convention",)),
        ("sources", ("au-status-acrwc",), ("au-acrwc",)),
        ("provisions", ("lanzarote", "art_20"), ("lanzarote", "art_20bis")),
        ("jurisdictions", ("DNK",), ("DEN",)),
        ("reservations", ("opsc", "ARG", "1"), ("opsc", "ARG", "7")),
        ("discrepancies", ("malabo-in-force",), ("malabo-entry-into-force",)),
    ],
)
def test_a_key_changes_wherever_it_is_referred_to(
    context: Context, table: str, key: tuple[str, ...], new: tuple[str, ...]
) -> None:
    found = renaming(context, table, key, new)
    ensure_valid(context, found)
    after = found.rows()
    assert len(after[table]) == len(context.tables[table].rows)
    keys = {context.tables[table].key_of(row) for row in after[table]}
    assert new in keys and key not in keys
    if table == "instruments":
        about = {row["about"] for row in after["discrepancies"]}
        assert {
            "instrument/malabo-convention",
            "instrument/malabo-convention/entry-rule",
            "party-count/malabo-convention",
        } <= about
        assert not any("malabo/" in one or one.endswith("/malabo") for one in about)
        assert not any(row["instrument"] == "malabo" for name in after for row in after[name] if "instrument" in row)


def test_a_key_that_exists_or_does_not_change_is_refused(context: Context) -> None:
    [taken] = renaming(context, "instruments", ("malabo",), ("crc",)).errors
    assert "a key that data/treaties/instruments.csv does not have" in taken.expected
    [same] = renaming(context, "instruments", ("malabo",), ("malabo",)).errors
    assert "another key" in same.expected
    wrong = renaming(context, "actions", ("crc", "ALB", "1"), ("crc", "XXX", "1")).errors
    assert [error.name for error in wrong] == ["new_jurisdiction"]


def test_published_cells_that_change_are_recorded_with_reason_and_source(context: Context) -> None:
    given = {"reason": "the source has another name.", "source": "icmec-10"}
    found = renaming(context, "sources", ("icmec-10",), ("icmec-review-10",), reason=given["reason"], source="tutela")
    ensure_valid(context, found)
    recorded = [row for table, row in found.added if table == "corrections"]
    assert len(recorded) > 980 and {row["table"] for row in recorded} >= {"observations", "notes", "totals"}
    assert all(context.tables[row["table"]].is_protected for row in recorded)
    [one] = [row for row in recorded if row["key"] == "10/ALB/definition" and row["table"] == "observations"]
    assert (one["column"], one["was"], one["now"], one["date"]) == ("source", "icmec-10", "icmec-review-10", "2026-11-26")
    [error] = renaming(context, "sources", ("icmec-10",), ("x",), reason="so").errors
    assert error.name == "source"


def test_keys_are_read_as_people_write_them(context: Context) -> None:
    provisions = context.tables["provisions"]
    key = ("lanzarote", "art_20/par_1")
    for text in ("lanzarote/art_20/par_1", "lanzarote/art_20%2Fpar_1", "lanzarote, art_20/par_1"):
        assert find_key(provisions, text) == key
    assert read_key(provisions, "lanzarote/art_20/par_9", key) == ("lanzarote", "art_20/par_9")
    readings = context.tables["readings"]
    read = read_key(readings, "lanzarote/art_20/par_9/definition", ("lanzarote", "art_20/par_1", "definition"))
    assert read == ("lanzarote", "art_20/par_9", "definition")
    with pytest.raises(UsageError, match="expected 3 values separated by slashes: instrument / path / criterion"):
        read_key(readings, "lanzarote", ("lanzarote", "art_1", "definition"))
    with pytest.raises(UsageError, match=r"has no row 'lanzarote/art_200'; .* Did you mean lanzarote/art_20"):
        find_key(provisions, "lanzarote/art_200")


def test_the_commands_write_all_tables_or_none(data_copy: Path) -> None:
    before = contents(data_copy)
    refused = run("remove", "national_laws", "/".join(LAW), *FAST)
    assert isinstance(refused.exception, TutelaError) and "--cascade: nothing is entered" in str(refused.exception)
    asked = run("remove", "national_laws", "/".join(LAW), "--cascade", "--no-consequences")
    assert isinstance(asked.exception, UsageError) and "remove: nobody can be asked" in str(asked.exception)
    shown = run("rename", "instruments", "malabo", "malabo-convention", "--dry-run", "--no-consequences")
    assert "Changed in data/treaties/instruments.csv, row malabo\n  slug: 'malabo' to 'malabo-convention'" in shown.output
    assert contents(data_copy) == before

    removed = run("remove", "national_laws", "/".join(LAW), "--cascade", *FAST)
    assert removed.exit_code == 0
    assert "--allow-loss national_laws --allow-loss national_provisions --allow-loss national_readings" in removed.output
    assert "Removed from data/national-law/national_laws.csv: KEN/sexual-offences-act-2006" in removed.output
    after = contents(data_copy)
    for name, content in after.items():
        left = before[name].replace(b"\r", b"").splitlines()
        assert [line for line in left if line in set(content.splitlines())] == content.splitlines(), "other rows stay as they are"
    gone = {name for name in before if before[name] != after[name]}
    assert gone == {
        f"{folder}.csv"
        for folder in ("national-law/national_laws", "national-law/national_provisions", "national-readings/national_readings")
    }
    assert run("rename", "sources", "au-status-acrwc", "au-acrwc", *FAST).exit_code == 0
    assert not [row for row in rows(data_copy, "actions") if row["source"] == "au-status-acrwc"]
    assert tables.validate(tables.load(data_copy)) == []


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[tuple[TestClient, Path, Session]]:
    """Return a browser with a session of the forms over a copy of the tables."""
    shutil.copytree(paths.DATA, tmp_path / "data")
    session = Session(int(HOST.partition(":")[2]))
    app = create_app(Source(tmp_path / "data", paths.ONTOLOGY, paths.QUERIES, paths.SHAPES), session)
    with client_of(app) as client:
        client.get(session.address)
        yield client, tmp_path / "data", session


def test_forms_offer_removal_and_another_key(keeper: tuple[TestClient, Path, Session]) -> None:
    client, _, session = keeper
    found = client.get("/", params={"q": "sexual-offences-act-2006", "table": "national_laws"}).text
    links = {path: re.findall(rf'href="(/{path}\?[^"]+)"', found)[0].replace("&amp;", "&") for path in ("remove", "rename")}
    form = client.get(links["remove"]).text
    assert "Remove the row KEN/sexual-offences-act-2006 of national_laws" in form
    assert "data/national-law/national_provisions.csv (1): KEN/sexual-offences-act-2006/" in form
    path, query = links["remove"].split("?")
    refused = client.post(f"{path}/preview?{query}", data={"token": session.token}, headers=ORIGIN)
    assert refused.status_code == 422 and 'href="#f-cascade"' in refused.text
    assert client.post(f"{path}/write?{query}", data={"cascade": "yes"}, headers=ORIGIN).status_code == 403
    assert 'name="new_slug" value="sexual-offences-act-2006"' in client.get(links["rename"]).text
    assert client.get("/remove?table=national_laws&key=KEN/none").status_code == 404


@pytest.mark.slow
def test_a_row_is_removed_with_a_form_after_its_losses_were_shown(keeper: tuple[TestClient, Path, Session]) -> None:
    client, data, session = keeper
    query = "table=national_laws&key=KEN/sexual-offences-act-2006"
    answers = {"token": session.token, "cascade": "yes"}
    preview = client.post(f"/remove/preview?{query}", data=answers, headers=ORIGIN)
    assert "Removed from data/national-law/national_laws.csv: KEN, sexual-offences-act-2006" in preview.text
    assert "is missing, such as KEN/sexual-offences-act-2006. To build, add --allow-loss national_laws." in preview.text
    written = {**answers, "do": "write", "digest": hidden(preview.text, "digest")}
    assert client.post(f"/remove/write?{query}", data=written, headers=ORIGIN).status_code == 200
    assert not [row for row in rows(data, "national_readings") if (row["jurisdiction"], row["law"]) == LAW]

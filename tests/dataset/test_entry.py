"""Guided entry: the rows that answers make, what follows from them, and that nothing else is written."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tutela import paths
from tutela.cli import app
from tutela.entry.answers import draft
from tutela.entry.consequences import ConsequenceCheck, Consequences
from tutela.entry.context import Context
from tutela.entry.draft import Draft
from tutela.entry.effective_date import effective_date
from tutela.entry.kinds import kinds
from tutela.errors import TutelaError, UsageError
from tutela.paths import Source
from tutela.tables.record_file import save_rows

CRITERIA = ("definition", "isp-reporting", "simple-possession", "specific-legislation", "technology-facilitated")
ACCESSION = {"jurisdiction": "Kenya", "instrument": "lanzarote", "date": "2026-11-25", "source": "icmec-10"}
TREATY = {
    "title": "Convention on the Protection of Children Online",
    "short_name": "Online Protection Convention",
    "kind": "treaty",
    "organisation": "un",
    "adopted": "2026-01-01",
    "in_force": "2026-06-01",
    "read_from": "text",
    "way": "any-state",
    "eligibility_summary": "All states can join.",
    "entry_rule": "days",
    "entry_amount": "30",
    "entry_path": "art_20",
    "provisions": "art_5 | criminalise | States punish making such material.\nart_5/par_2 | procedure | States may reserve.\nart_20 | procedure | It says when it takes effect.",
    "readings": "\n".join(f"art_5 | {one} | none | It does not say so." for one in CRITERIA),
    "source": "untc-xviii-16",
}


@pytest.fixture(scope="module")
def context() -> Context:
    return Context.read(Source.of_project(), "2026-11-26")


@pytest.fixture(scope="module")
def check() -> ConsequenceCheck:
    return ConsequenceCheck(Source.of_project())


def entered(context: Context, what: str, /, **answers: str) -> Draft:
    found = draft(kinds()[what], answers, context)
    assert not found.errors, [error.line() for error in found.errors]
    return found


def sentences(found: Consequences) -> list[str]:
    return [change.sentence for section in (*found.facts, *found.consequences) for change in section.changes]


def test_date_of_effect_is_as_in_all_rows_where_it_was_calculated(context: Context) -> None:
    rules = {row["instrument"]: row for row in context.tables["entry_rules"].rows}
    in_force = {row["slug"]: row["in_force"] for row in context.tables["instruments"].rows}
    rows = [row for row in context.tables["actions"].rows if row["effect_basis"] == "computed" and row["date"]]
    for row in rows:
        start = row["deposited"] or row["date"]
        assert effective_date(rules[row["instrument"]], start, in_force[row["instrument"]]) == row["entry_into_force"], row
    assert len(rows) > 400


@pytest.mark.parametrize(
    ("rule", "amount", "day", "effect"),
    [
        ("on-deposit", "0", "2026-11-25", "2026-11-25"),
        ("days", "90", "2026-11-25", "2027-02-23"),
        ("months", "1", "2024-01-31", "2024-02-29"),
        ("months", "12", "2024-02-29", "2025-02-28"),
        ("first-of-month-after-months", "3", "2026-11-30", "2027-03-01"),
        ("first-of-month-after-months", "3", "2026-12-01", "2027-04-01"),
    ],
)
def test_date_of_effect_by_each_rule(rule: str, amount: str, day: str, effect: str) -> None:
    assert effective_date({"rule": rule, "amount": amount}, day, "2000-01-01") == effect


def test_an_accession_fills_in_what_follows(context: Context) -> None:
    [(table, row)] = entered(context, "accession", **ACCESSION).added
    assert table == "actions"
    filled = {name: row[name] for name in ("jurisdiction", "item", "action", "entry_into_force", "effect_basis")}
    assert filled == {
        "jurisdiction": "KEN",
        "item": "1",
        "action": "accession",
        "entry_into_force": "2027-03-01",
        "effect_basis": "computed",
    }
    assert "current to 2023-09-30" in row["note"]


def test_a_second_action_has_the_next_item(context: Context) -> None:
    [(_, row)] = entered(context, "denunciation", **ACCESSION | {"jurisdiction": "ALB", "entry_into_force": "2027-03-01"}).added
    assert row["item"] == "3"
    assert row["effect_basis"] == "stated"


def test_the_list_reaches_a_later_day_only_where_that_is_said(context: Context) -> None:
    assert entered(context, "accession", **ACCESSION).changed == []
    moved = entered(context, "accession", **ACCESSION, list_reaches="2026-11-26")
    assert [(edit.table, edit.column, edit.new) for edit in moved.changed] == [("instruments", "list_reaches", "2026-11-26")]
    assert moved.added[0][1]["note"] == ""
    refused = draft(kinds()["accession"], ACCESSION | {"list_reaches": "2026-11-01"}, context)
    assert [error.name for error in refused.errors] == ["list_reaches"]


def test_all_errors_come_at_once_with_what_was_probably_meant(context: Context) -> None:
    answers = {"jurisdiction": "Kenia", "instrument": "lanzerote", "date": "2026-02-30", "url": "coe.int"}
    errors = {error.name: error.line() for error in draft(kinds()["accession"], answers, context).errors}
    assert set(errors) == {"jurisdiction", "instrument", "date", "url", "source"}
    assert "KEN (Kenya)" in errors["jurisdiction"]
    assert "lanzarote (" in errors["instrument"]
    assert "There is no such day" in errors["date"]
    assert "--source-title" in errors["source"]


def test_a_day_after_the_release_is_refused(context: Context) -> None:
    [error] = draft(kinds()["accession"], ACCESSION | {"date": "2099-01-01"}, context).errors
    assert error.name == "date"
    assert "data/meta/dataset.csv" in error.line()


def test_a_new_source_is_a_row_of_its_own(context: Context) -> None:
    answers = {name: text for name, text in ACCESSION.items() if name != "source"}
    source = {"source_title": "Chart of signatures", "source_url": "https://www.coe.int/chart"}
    [(first, row), (second, action)] = entered(context, "accession", **answers, **source).added
    assert (first, second) == ("sources", "actions")
    assert row["id"] == action["source"] == "chart-of-signatures"
    assert row["publisher"] == "www.coe.int"
    assert [error.name for error in draft(kinds()["accession"], ACCESSION | source, context).errors] == ["source"]
    taken = draft(kinds()["accession"], answers | source | {"source_id": "icmec-10"}, context)
    assert [error.name for error in taken.errors] == ["source_id"]


def test_a_national_law_needs_no_note_of_the_review(context: Context) -> None:
    answers = {"jurisdiction": "KEN", "title": "Children’s Act", "year": "2022", "kind": "act", "source": "national-law-2026"}
    [(table, row)] = entered(context, "law", **answers, url="https://new.kenyalaw.org/akn/ke/act/2022/29").added
    assert table == "national_laws"
    assert (row["slug"], row["seen"]) == ("childrens-act-2022", "2026-11-26")


def test_a_provision_is_of_a_law_of_the_same_state(context: Context) -> None:
    answers = {"law": "cyber-and-data-protection-act-2021", "path": "sec_99", "source": "national-law-2026"}
    assert entered(context, "provision", jurisdiction="ZWE", **answers).added[0][1]["path"] == "sec_99"
    [error] = draft(kinds()["provision"], {"jurisdiction": "KEN", **answers}, context).errors
    assert error.name == "law"


def test_a_row_that_is_there_already_is_refused(context: Context) -> None:
    answers = {"jurisdiction": "ZWE", "law": "cyber-and-data-protection-act-2021", "path": "sec_3", "source": "national-law-2026"}
    [error] = draft(kinds()["provision"], answers, context).errors
    assert error.name == "path"
    assert "it has a row ZWE" in error.line()


def test_a_correction_changes_the_cell_and_says_why(context: Context) -> None:
    answers = {"table": "observations", "key": "10/JOR/simple-possession", "column": "met", "now": "true"}
    found = entered(context, "correction", **answers, reason="the law of 2015 punishes it", source="icmec-10")
    [(table, row)], [edit] = found.added, found.changed
    assert table == "corrections"
    assert (row["was"], row["now"], row["item"], row["date"]) == ("false", "true", "1", "2026-11-26")
    assert (edit.table, edit.key, edit.column, edit.new) == ("observations", ("10", "JOR", "simple-possession"), "met", "true")


def test_a_correction_after_the_release_date_moves_that_date(context: Context) -> None:
    """A check refuses a correction that is later than the release, so the next release gets the day of the correction."""
    answers = {"table": "observations", "key": "10/JOR/simple-possession", "column": "met", "now": "true"}
    later = replace(context, today="2027-01-15")
    found = entered(later, "correction", **answers, reason="the law of 2015 punishes it", source="icmec-10")
    assert [(edit.table, edit.new) for edit in found.changed] == [("observations", "true"), ("dataset", "2027-01-15")]
    right = answers | {"reason": "the law of 2015 punishes it", "source": "icmec-10", "recorded": "2027-02-01"}
    assert [error.name for error in draft(kinds()["correction"], right, later).errors] == ["recorded"]


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ({"key": "10/JRO/simple-possession"}, "key"),
        ({"column": "meet"}, "column"),
        ({"table": "observation"}, "table"),
        ({"now": "false"}, "now"),
        ({"now": "yes"}, "now"),
    ],
)
def test_a_correction_of_something_else_is_refused(context: Context, answers: dict[str, str], name: str) -> None:
    right = {"table": "observations", "key": "10/JOR/simple-possession", "column": "met", "now": "true"}
    found = draft(kinds()["correction"], right | answers | {"reason": "so", "source": "icmec-10"}, context)
    assert [error.name for error in found.errors] == [name]


def test_a_withdrawal_is_a_correction_of_the_reservation(context: Context) -> None:
    answers = {"jurisdiction": "Andorra", "instrument": "budapest", "withdrawn": "2026-11-20", "source": "icmec-10"}
    found = entered(context, "withdrawal", **answers)
    assert [(edit.key, edit.column, edit.new) for edit in found.changed] == [
        (("budapest", "AND", "1"), "withdrawn", "2026-11-20")
    ]
    assert found.added[0][1]["key"] == "budapest/AND/1"


def test_a_reservation_names_provisions_of_its_treaty(context: Context) -> None:
    answers = {
        "jurisdiction": "KEN",
        "instrument": "opsc",
        "kind": "declaration",
        "extent": "part",
        "effect": "It limits the offence.",
    }
    found = entered(context, "reservation", **answers, provisions="art_3/par_1/pnt_c, art_3", source="reservations")
    assert [(table, row.get("path")) for table, row in found.added[1:]] == [
        ("reservation_provisions", "art_3/par_1/pnt_c"),
        ("reservation_provisions", "art_3"),
    ]
    wrong = draft(kinds()["reservation"], {**answers, "provisions": "art_999", "source": "reservations"}, context)
    assert [error.name for error in wrong.errors] == ["provisions"]


def test_a_treaty_comes_with_all_that_a_build_expects(context: Context) -> None:
    found = entered(context, "treaty", **TREATY)
    rows = [table for table, _ in found.added]
    expected = {"instruments": 1, "openness": 1, "entry_rules": 1, "provisions": 3, "readings": 5}
    assert {table: rows.count(table) for table in rows} == expected
    within = {row["path"]: (row["within"], row["label"]) for table, row in found.added if table == "provisions"}
    assert within["art_5/par_2"] == ("art_5", "5(2)")
    assert any("no reading yet of art_5/par_2, art_20" in note for note in found.notes)


@pytest.mark.parametrize(
    ("answers", "name", "message"),
    [
        ({"way": "", "eligibility_summary": ""}, "way", "binding"),
        ({"way": "member"}, "eligible_organisation", "member"),
        ({"provisions": "art_5 | criminalise"}, "provisions", "cannot be filled in"),
        ({"readings": "art_5 | definition | none | It defines nothing."}, "readings", "for none of them; isp-reporting"),
        ({"readings": TREATY["readings"].replace("none", "maybe", 1)}, "readings", "requires"),
        ({"entry_path": "art_21", "eligibility_path": "art_22"}, "eligibility_path", "provisions.csv"),
    ],
)
def test_a_treaty_is_refused_where_a_part_is_missing_or_wrong(
    context: Context, answers: dict[str, str], name: str, message: str
) -> None:
    errors = {error.name: error.line() for error in draft(kinds()["treaty"], TREATY | answers, context).errors}
    assert name in errors
    assert message in errors[name]


@pytest.mark.slow
def test_consequences_are_the_facts_and_what_follows_from_them(context: Context, check: ConsequenceCheck) -> None:
    accession, treaty = entered(context, "accession", **ACCESSION).rows(), entered(context, "treaty", **TREATY).rows()
    assert not accession.keys() & treaty.keys()
    joined = check.run(context.tables, accession | treaty)
    assert "Kenya, Lanzarote Convention: bound from 1 March 2027" in sentences(joined)
    assert joined.errors == ()
    correction = {"table": "observations", "key": "10/JOR/simple-possession", "column": "met", "now": "true"}
    corrected = check.run(
        context.tables,
        entered(context, "correction", **correction, reason="the law of 2015 punishes it", source="icmec-10").rows(),
    )
    assert "met-simple-possession, edition 10, counted: 156 to 157" in sentences(corrected)
    assert not any("Kenya" in sentence for sentence in sentences(corrected)), "the entry before is not part of it"
    twice = ACCESSION | {"jurisdiction": "ALB"}
    refused = check.run(context.tables, entered(context, "denunciation", **twice, entry_into_force="2020-01-01").rows())
    assert any("before the act" in error.found for error in refused.errors)


def test_an_entry_can_be_what_corrects_a_table_that_is_wrong(context: Context) -> None:
    table = context.tables["sources"]
    broken = table.with_rows([{**row, "url": "nowhere"} if row["id"] == "icmec-10" else row for row in table.rows])
    tables = {**context.tables, "sources": broken}
    found = ConsequenceCheck(Source.of_project()).run(tables, {"sources": table.rows})
    assert "1 error already, the first in data/meta/sources.csv" in found.unknown
    assert (found.errors, found.facts) == ((), ())


def test_a_line_break_in_an_answer_is_a_space(context: Context) -> None:
    answers = {"jurisdiction": "KEN", "title": "Children Act\n2022", "kind": "act", "source": "national-law-2026"}
    assert entered(context, "law", **answers).added[0][1]["title"] == "Children Act 2022"


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "a\u200bb", "<b>Act</b>", "Act\x07"])
def test_text_that_no_table_may_have_is_refused_at_its_field(context: Context, title: str) -> None:
    answers = {"jurisdiction": "KEN", "title": title, "kind": "act", "slug": "an-act", "source": "national-law-2026"}
    assert [error.name for error in draft(kinds()["law"], answers, context).errors] == ["title"]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = tmp_path / "data"
    shutil.copytree(paths.DATA, data)
    monkeypatch.setattr(paths, "DATA", data)
    return data


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.glob("*/*")) if path.is_file()}


def options(answers: dict[str, str]) -> list[str]:
    return [part for name, text in answers.items() for part in (f"--{name.replace('_', '-')}", text)]


def test_the_command_writes_all_tables_and_keeps_every_other_byte(copy: Path) -> None:
    before = contents(copy)
    answers = {name: text for name, text in ACCESSION.items() if name != "source"}
    new = {"source_title": "Chart of signatures", "source_url": "https://www.coe.int/chart"}
    command = ["add", "accession", *options(answers | new), "--yes", "--no-consequences"]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0
    after = contents(copy)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"meta/sources.csv", "participation/actions.csv"}
    assert before.keys() == after.keys()
    for name in changed:
        old, now = before[name].splitlines(), after[name].splitlines()
        [line] = [line for line in now if line not in old]
        assert [one for one in now if one != line] == old


def test_the_command_writes_nothing_on_a_dry_run_without_a_terminal_or_with_an_error(copy: Path) -> None:
    before = contents(copy)
    right, quick = ["add", "accession", *options(ACCESSION)], "--no-consequences"
    assert CliRunner().invoke(app, [*right, quick, "--dry-run"], catch_exceptions=False).exit_code == 0
    unconfirmed = CliRunner().invoke(app, [*right, quick])
    assert isinstance(unconfirmed.exception, UsageError)
    wrong = CliRunner().invoke(app, ["add", "accession", "--jurisdiction", "Kenia", "--yes"])
    assert isinstance(wrong.exception, TutelaError)
    assert wrong.exception.exit_status == 1
    assert str(wrong.exception).count("\n--") == 4
    assert contents(copy) == before


def test_a_table_that_changed_meanwhile_is_not_overwritten(copy: Path, context: Context) -> None:
    current = Context.read(Source.of_project(), "2026-11-26")
    entry = entered(current, "accession", **ACCESSION)
    actions = copy / "participation" / "actions.csv"
    actions.write_text(actions.read_text(encoding="utf-8").replace("2025-10-25", "2025-10-26"), encoding="utf-8")
    content = actions.read_bytes()
    with pytest.raises(TutelaError, match="changed"):
        save_rows(current.tables, entry.rows())
    assert actions.read_bytes() == content

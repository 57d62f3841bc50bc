"""Citations of pages."""

from tutela.web.citation import Citation

CITED = Citation("Gaps & 100 % of {five}", "0.2", "2026-11-26", "https://tutela.example/v/0.2/gaps?sort=name_1")


def test_a_citation_as_a_sentence_leaves_the_day_of_access_to_the_reader() -> None:
    assert CITED.sentence == (
        "Tutela project, “Gaps & 100 % of {five}”, in Tutela: the law that protects children from sexual abuse material, "
        "release 0.2 of 26 November 2026, https://tutela.example/v/0.2/gaps?sort=name_1 (accessed DATE)."
    )


def test_bibtex_escapes_what_latex_would_interpret_but_not_in_the_url() -> None:
    lines = CITED.bibtex.splitlines()
    assert lines[0] == "@misc{tutela-0-2-gaps-100-of-five,"
    assert r"  title        = {{Gaps \& 100 \% of \{five\}}}," in lines
    assert "  url          = {https://tutela.example/v/0.2/gaps?sort=name_1}" in lines
    assert lines[-1] == "}"


def test_ris_has_one_field_a_line_and_ends() -> None:
    assert CITED.ris.splitlines() == [
        "TY  - DATA",
        "AU  - Tutela project",
        "TI  - Gaps & 100 % of {five}",
        "T2  - Tutela: the law that protects children from sexual abuse material",
        "ET  - 0.2",
        "PY  - 2026",
        "DA  - 2026/11/26",
        "UR  - https://tutela.example/v/0.2/gaps?sort=name_1",
        "ER  - ",
    ]

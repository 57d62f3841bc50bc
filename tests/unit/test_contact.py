"""Links that begin a report of an error."""

from urllib.parse import parse_qs, urlsplit

from tutela.web.contact import report_url

PAGE = "https://tutela.example/jurisdictions/KEN?as_of=2020-01-01"
STATEMENT = "Kenya, simple possession: met & noted, “according to” the review"


def test_a_mail_names_page_statement_and_source() -> None:
    link = urlsplit(report_url("law+data@example.org", PAGE, STATEMENT, "the row “Kenya”"))
    fields = parse_qs(link.query)
    assert (link.scheme, link.path) == ("mailto", "law%2Bdata@example.org")
    assert fields["subject"] == [f"Tutela: {STATEMENT}"]
    lines = fields["body"][0].split("\r\n")
    assert lines[:3] == [f"Page: {PAGE}", f"Statement: {STATEMENT}", "Source: the row “Kenya”"]
    assert "What is wrong:" in lines


def test_a_url_gets_them_as_parameters_besides_its_own() -> None:
    link = report_url("https://example.org/new?labels=data", PAGE, STATEMENT, "")
    assert link.startswith("https://example.org/new?labels=data&page=https%3A%2F%2Ftutela.example%2Fjurisdictions%2FKEN")
    assert parse_qs(urlsplit(link).query)["statement"] == [STATEMENT]


def test_without_a_contact_there_is_no_link() -> None:
    assert report_url("", PAGE, STATEMENT, "") == ""


def test_a_long_statement_is_shortened_so_that_mail_programs_open_it() -> None:
    assert len(report_url("law@example.org", PAGE, "ж" * 5000, "")) < 3000

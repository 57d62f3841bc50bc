"""Addresses of links for print: each once, and none after a text that is the address."""

from tutela.web.printed_links import number_addresses

ONE, TWO = "https://a.example/x?y=1&amp;z=2", "http://b.example/"


def test_a_page_that_lists_addresses_numbers_them_in_order() -> None:
    html, addresses = number_addresses(
        f'<a href="{ONE}" rel="external">A</a> <a href="{TWO}">B</a> <a href="{ONE}">C</a> <a href="/x">D</a>', is_listed=True
    )
    assert addresses == ["https://a.example/x?y=1&z=2", "http://b.example/"]
    assert html == (
        f'<a data-n="1" href="{ONE}" rel="external">A</a> <a data-n="2" href="{TWO}">B</a> <a data-n="1" href="{ONE}">C</a> '
        '<a href="/x">D</a>'
    )


def test_what_is_closed_is_not_printed() -> None:
    closed = f'<details class="x"><a href="{ONE}">A</a><details open><a href="{ONE}">A</a></details></details>'
    html, addresses = number_addresses(f'{closed}<details open><a href="{TWO}">B</a></details>', is_listed=True)
    assert addresses == ["http://b.example/"]
    assert html.startswith(closed)


def test_what_opens_on_paper_is_numbered() -> None:
    html, addresses = number_addresses(f'<details class="x on-paper"><a href="{TWO}">A</a></details>', is_listed=True)
    assert addresses == ["http://b.example/"]
    assert f'<a data-n="1" href="{TWO}">' in html


def test_a_text_that_is_the_address_is_enough() -> None:
    html, addresses = number_addresses(
        f'<a href="{TWO}">http://b.example</a> <a href="{TWO}">b.example/</a> <a href="{TWO}">B</a>'
    )
    assert addresses == []
    assert (
        html == f'<a data-n="" href="{TWO}">http://b.example</a> <a data-n="" href="{TWO}">b.example/</a> <a href="{TWO}">B</a>'
    )

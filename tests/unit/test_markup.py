"""Values of the data as valid HTML: dates, languages and links."""

import re

import pytest

from tutela.web.markup import day, language, long_date, web_link, without_forbidden


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2020-08-04", '<time datetime="2020-08-04">4 August 2020</time>'),
        ("2020-08", '<time datetime="2020-08">August 2020</time>'),
        ("2020", '<time datetime="2020">2020</time>'),
        ("0999-01-01", '<time datetime="0999-01-01">1 January 999</time>'),
        ("not after 2020-08-04", 'not after <time datetime="2020-08-04">4 August 2020</time>'),
        ("not before 2020-08", 'not before <time datetime="2020-08">August 2020</time>'),
        ("by 2020", 'by <time datetime="2020">2020</time>'),
        (
            "2003-10-06 to 2008-01-10",
            '<time datetime="2003-10-06">6 October 2003</time> to <time datetime="2008-01-10">10 January 2008</time>',
        ),
        ("2020-08-04Z", '<time datetime="2020-08-04">4 August 2020</time>'),
        ("2020-08-04+01:00", '<time datetime="2020-08-04">4 August 2020</time>'),
        ("2020-08-04T10:00:00.5Z", '<time datetime="2020-08-04">4 August 2020</time>'),
        ("2020-02-29", '<time datetime="2020-02-29">29 February 2020</time>'),
        ("2021-02-29", "2021-02-29"),
        ("2020-13", "2020-13"),
        ("2020-08-32", "2020-08-32"),
        ("0000", "0000"),
        ("-0044-03-15", "-0044-03-15"),
        ("12020-01-01", "12020-01-01"),
        ("20200804", "20200804"),
        ("2020-W32-2", "2020-W32-2"),
        ("2020W32", "2020W32"),
        ("٢٠٢٠-٠٨-٠٤", "٢٠٢٠-٠٨-٠٤"),
        ("2019/2023", "2019/2023"),
        ("Resolution 2000", "Resolution 2000"),
        ("unknown", "unknown"),
        ("abcd", "abcd"),
        ("", ""),
        (None, ""),
        ('<b>"2020-08-04"', '&lt;b&gt;&#34;<time datetime="2020-08-04">4 August 2020</time>&#34;'),
    ],
)
def test_a_date_is_in_a_time_element_and_other_text_is_not(value: str | None, expected: str) -> None:
    shown = str(day(value))
    assert shown == expected
    assert all(re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", one) for one in re.findall(r'datetime="([^"]*)"', shown))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2020-08-04", "4 August 2020"), ("2020", "2020"), ("2021-02-29", "2021-02-29"), ("soon", "soon"), ("2020W32", "2020W32")],
)
def test_a_date_in_words(value: str, expected: str) -> None:
    assert long_date(value) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("ar", ' lang="ar" dir="rtl"'),
        ("AR-eg", ' lang="AR-eg" dir="rtl"'),
        ("fr", ' lang="fr" dir="ltr"'),
        ("zh-Hant", ' lang="zh-Hant" dir="ltr"'),
        ("ar-Latn", ' lang="ar-Latn" dir="ltr"'),
        ("uz-Arab", ' lang="uz-Arab" dir="rtl"'),
        ("az-Arab-IR", ' lang="az-Arab-IR" dir="rtl"'),
        ("en-GB", ' lang="en-GB" dir="ltr"'),
        ("en", ""),
        ("", ""),
        (None, ""),
        ("x y", ""),
        ('fr" onload="x', ""),
        ("a", ""),
        ("en_GB", ""),
    ],
)
def test_a_text_in_another_language_has_a_language_and_a_direction(tag: str | None, expected: str) -> None:
    assert str(language(tag)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://treaties.un.org/x?a=b&c=d#e", "https://treaties.un.org/x?a=b&c=d#e"),
        ("http://a.org/{id}|[x]", "http://a.org/%7Bid%7D%7C%5Bx%5D"),
        ("https://a.org/é?q=ü", "https://a.org/%C3%A9?q=%C3%BC"),
        ("http://a.org/%zz%20", "http://a.org/%25zz%20"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("http://a.org/b c", None),
        ('http://a.org/"x', None),
        ("http:///x", None),
        ("http://[x", None),
        ("http://a%b/", None),
        ("http://a:99999/", None),
        ("http://user@a.org/", None),
        ("javascript:alert(1)", None),
        ("ftp://a.org/", None),
        ("", None),
    ],
)
def test_a_link_is_a_valid_url(text: str, expected: str | None) -> None:
    assert web_link(text) == expected


def test_characters_that_html_does_not_have_are_replaced() -> None:
    assert without_forbidden("a\x00\x1f\x7f\x85\ufdd0\uffff\U0001fffe\U0010ffffb") == f"a{chr(0xFFFD) * 8}b"
    allowed = "\t\n\x0c\r \xa0\u200b\u2028\ufeff\ufffd\U00020000\U0010fffd"
    assert without_forbidden(allowed) == allowed

"""Fields of submitted forms, as browsers send them."""

import pytest

from tutela.errors import UsageError
from tutela.web.http.form_data import parse_form

BOUNDARY = "----WebKitFormBoundaryabc"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def multipart(*parts: tuple[str, bytes]) -> bytes:
    return (
        b"".join(
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
            for head, content in parts
        )
        + f"--{BOUNDARY}--\r\n".encode()
    )


def test_the_content_of_a_file_is_unchanged() -> None:
    content = b'\xef\xbb\xbfa,b\r\n\xff\x00,"x\r\n--y"\n\r\n'
    fields = parse_form(
        TYPE,
        multipart(('name="file"; filename="notes.csv"\r\nContent-Type: text/csv', content), ('name="text"', "é\r\n".encode())),
    )
    assert (fields["file"].content, fields["file"].file_name) == (content, "notes.csv")
    assert (fields["text"].text, fields["text"].file_name) == ("é\r\n", "")


def test_a_form_without_files_can_be_url_encoded() -> None:
    fields = parse_form("application/x-www-form-urlencoded; charset=utf-8", b"text=a%20%C3%A9%0D%0A&table=&format=.ttl")
    assert {name: field.text for name, field in fields.items()} == {"text": "a é\r\n", "table": "", "format": ".ttl"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        (TYPE, b"x"),
        (TYPE, multipart(("name=text", b"x"))[:-20]),
        ("application/x-www-form-urlencoded", b"text=%FF"),
        ("application/x-www-form-urlencoded", "text=é".encode()),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(50))),
        (TYPE, multipart(*((f'name="a{number}"', b"1") for number in range(50)))),
    ],
)
def test_another_body_is_an_error(content_type: str, body: bytes) -> None:
    with pytest.raises(UsageError, match="The form"):
        parse_form(content_type, body)

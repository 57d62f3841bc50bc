"""The fields of a submitted form, with files (HTML, section 4.10.21.7; RFC 7578)."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from tutela.errors import UsageError

MULTIPART = "multipart/form-data"
URL_ENCODED = "application/x-www-form-urlencoded"
FORM_TYPES = (MULTIPART, URL_ENCODED)
_MOST_FIELDS = 20


@dataclass(frozen=True)
class FormField:
    """One field: its content, and the name of the file if it is one. The content of a field without a file is UTF-8."""

    content: bytes
    file_name: str = ""

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", errors="replace")


def parse_form(content_type: str, body: bytes) -> Mapping[str, FormField]:
    """Return the fields of a form by name; of fields with the same name, the last.

    Args:
        content_type: the Content-Type of the request, one of `FORM_TYPES` with its parameters.
        body: the body.

    Raises:
        UsageError: the body is not such a form, or has too many fields.

    """
    is_multipart = content_type.partition(";")[0].strip().lower() == MULTIPART
    fields = _multipart(content_type, body) if is_multipart else _url_encoded(body)
    if len(fields) > _MOST_FIELDS:
        raise UsageError(f"The form has {len(fields)} fields; expected at most {_MOST_FIELDS}.")
    return fields


def _url_encoded(body: bytes) -> Mapping[str, FormField]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise UsageError(f"The form is not readable ({error}).") from error
    return {name: FormField(value.encode()) for name, value in pairs}


def _multipart(content_type: str, body: bytes) -> Mapping[str, FormField]:
    head = content_type.encode("latin-1", errors="replace").replace(b"\r", b"").replace(b"\n", b"")
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + head + b"\r\n\r\n" + body)
    if not message.is_multipart() or message.defects:
        raise UsageError("The form is not readable; expected the parts of multipart/form-data.")
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            fields[str(name)] = FormField(content, str(part.get_filename() or ""))
    return fields

"""Mail: who wrote to whom, when and of what, a blank line, and the body; what is attached goes with it as files.

The body is the plain text of a mail, else its HTML. A mail that is attached is a file like the others.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, Final

from vanban.documents.readers import html
from vanban.documents.readers.charset import decoded
from vanban.documents.readers.reader import Encoding, Reader, Taken
from vanban.errors import UserError

HEADERS: Final = ("From", "To", "Cc", "Date", "Subject")
MOST_PARTS: Final = 1_000
MOST_ATTACHMENTS: Final = 100
_IN_UTF8: Final = ("utf-8", "us-ascii", "ascii")
_NAME: Final = re.compile(r"[^/\\]+$")


def read(data: bytes, encoding: Encoding | None) -> Taken:
    """Return the text of a mail, and what is attached. Raises UserError for what is no mail or has too many parts."""
    import email.policy  # takes longer to import than all readers together

    try:
        mail: Any = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
        parts = list(_leaves(mail))
    except RecursionError:
        raise UserError("found a mail whose parts are in each other hundreds of times; it is no document") from None
    if not any(mail.get(name) for name in (*HEADERS, "MIME-Version", "Received")):
        raise UserError('found no mail, expected lines such as "From: …" and "Subject: …" at its start')
    lines = [f"{name}: {' '.join(str(value).split())}" for name in HEADERS if (value := mail.get(name))]
    attachments = tuple(file for number, part in enumerate(parts, 1) if (file := _attached(part, number)))
    if len(parts) > MOST_PARTS or len(attachments) > MOST_ATTACHMENTS:
        raise UserError(
            f"found a mail of {len(parts):,} parts and {len(attachments):,} attachments, expected at most "
            f"{MOST_PARTS:,} and {MOST_ATTACHMENTS}"
        )
    inside = [part for part in parts if not _attached(part)]
    plain = [_text(part, encoding) for part in inside if part.get_content_type() == "text/plain"]
    if not any(text.strip() for text, _ in plain):
        plain = [_of_page(part, encoding) for part in inside if part.get_content_type() == "text/html"]
    bodies = [text.replace("\r\n", "\n").rstrip("\n") for text, _ in plain]
    names = dict.fromkeys(name for _, name in plain if name)
    return Taken(["\n".join([*lines, "", *bodies])], encoding=" and ".join(names) or None, attachments=attachments)


def _leaves(part: Any) -> Iterator[Any]:
    """Yield the parts that hold something; a mail in a mail is one."""
    if part.get_content_maintype() == "multipart":
        for inner in part.get_payload() if part.is_multipart() else ():
            yield from _leaves(inner)
    else:
        yield part


def _attached(part: Any, number: int = 0) -> tuple[str, bytes] | None:
    """Return the name and the bytes of a file that is attached, None of a part of the mail's text."""
    name = _NAME.search((part.get_filename() or "").strip())
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        data = inner[0].as_bytes() if isinstance(inner, list) and inner else b""
        return (name[0] if name else f"{number}.eml"), data
    is_text = part.get_content_type() in ("text/plain", "text/html")
    if part.get_content_disposition() == "attachment" or not is_text or name:
        return (name[0] if name else f"{number}"), part.get_payload(decode=True) or b""
    return None


def _text(part: Any, encoding: Encoding | None) -> tuple[str, str | None]:
    """Return the text of a part, and what it was encoded in: as the part says, else as its words do."""
    data = part.get_payload(decode=True) or b""
    charset = (part.get_content_charset() or "utf-8").lower()
    found = decoded(data, encoding)
    if encoding is None and charset not in _IN_UTF8:
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            found = data.decode(charset), charset
    if found is None:
        raise UserError(
            f"found a part of a mail that is not in {charset}, as it says; name its encoding with --encoding"
        )
    return found


def _of_page(part: Any, encoding: Encoding | None) -> tuple[str, str | None]:
    source, name = _text(part, encoding)
    try:
        return "\n".join(html.read(source.encode("utf-8", "replace"), "utf-8").pages), name
    except UserError:  # pictures alone
        return "", None


READER: Final = Reader("eml", "a mail", (".eml",), read, is_named=True)

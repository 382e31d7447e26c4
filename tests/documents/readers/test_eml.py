from __future__ import annotations

from email.message import EmailMessage
from typing import Final

import pytest

from vanban.documents.readers.apart import taken_here
from vanban.documents.readers.eml import READER
from vanban.documents.readers.reader import Taken
from vanban.errors import UserError

HEAD: Final = ["From: Sở Y tế <syt@binhlam.example>", "To: ubnd@donglinh.example", "Subject: Công văn số 214/SYT-NVY"]


def mail(body: str | None = "Kính gửi UBND huyện Đông Lĩnh.\nCó 46 ca mắc mới.\n") -> EmailMessage:
    message = EmailMessage()
    for line in HEAD:
        name, _, value = line.partition(": ")
        message[name] = value
    if body is not None:
        message.set_content(body)
    return message


def read(message: EmailMessage) -> Taken:
    return taken_here(READER, message.as_bytes())


def test_heads_and_plain_text() -> None:
    expected = [*HEAD, "", "Kính gửi UBND huyện Đông Lĩnh.", "Có 46 ca mắc mới."]
    assert read(mail()) == Taken(["\n".join(expected)])
    both = mail()
    both.add_alternative("<p>khác</p>", subtype="html")
    assert read(both) == Taken(["\n".join(expected)])
    assert read(mail("")) == Taken(["\n".join([*HEAD, ""])])


def test_html_where_there_is_no_plain_text() -> None:
    message = mail(None)
    message.set_content("<p>Kính gửi</p><p>UBND huyện</p>", subtype="html")
    assert read(message) == Taken(["\n".join([*HEAD, "", "Kính gửi", "UBND huyện"])])


def test_attachments_go_with_it() -> None:
    inner = mail("Thư trong thư")
    message = mail()
    message.add_attachment(b"PK", maintype="application", subtype="octet-stream", filename="Quyết định.docx")
    message.add_attachment(inner)
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="../../x/logo.png")
    message.add_attachment("một hai", filename="ghi chú.txt")
    taken = read(message)
    assert [(name, data[:4]) for name, data in taken.attachments] == [
        ("Quyết định.docx", b"PK"), ("3.eml", b"From"), ("logo.png", b"\x89PNG"), ("ghi chú.txt", "một".encode()[:4]),
    ]  # fmt: skip
    assert "Thư trong thư" not in taken.pages[0]


@pytest.mark.parametrize(("charset", "name"), [("cp1258", "cp1258"), ("utf-16", "utf-16"), ("utf-8", None)])
def test_the_encoding_that_a_part_names(charset: str, name: str | None) -> None:
    body = "Hô\u0323i nghi\u0323"
    head = b"Subject: a\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\nContent-Type: text/plain; charset="
    if charset == "utf-16":
        head = head.replace(b"8bit", b"base64")
        import base64

        data = base64.b64encode(body.encode(charset))
    else:
        data = body.encode(charset)
    assert taken_here(READER, head + charset.encode() + b"\r\n\r\n" + data) == Taken(
        [f"Subject: a\n\n{body}"], encoding=name
    )


def test_what_is_no_mail() -> None:
    for data in (b"", b"Ha Noi\n\nx", b"\x00\x01"):
        with pytest.raises(UserError, match="found no mail, expected lines such as"):
            taken_here(READER, data)


def test_parts_without_end_are_refused() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(1_500))
    with pytest.raises(UserError, match="whose parts are in each other hundreds of times"):
        taken_here(READER, b"From: a@b\n" + nested + b"\n\nx")
    message = mail()
    for i in range(101):
        message.add_attachment(b"x", maintype="image", subtype="png", filename=f"{i}.png")
    with pytest.raises(
        UserError, match="found a mail of 102 parts and 101 attachments, expected at most 1,000 and 100"
    ):
        read(message)

"""Records of mails: the subject is that of the mail's head, all else of what the mail holds."""

from __future__ import annotations

import pytest

from marked import marked
from vanban.documents.readers.eml import read
from vanban.values.document import read_values
from vanban.values.meaning import Record
from vanban.values.records.mail import read_mail
from vanban.values.view import view

BODY = "Kính gửi các phòng,\n\nMời các phòng dự họp giao ban tuần này tại phòng họp số 2, tầng 3, trụ sở cơ quan.\n"
CHI_THI = """UBND ⟦P:TỈNH LÀO CAI⟧
Số: ⟦D:12/CT-UBND⟧
⟦P:Lào Cai⟧, ngày 1 tháng 6 năm 2026

CHỈ THỊ
Về phòng cháy rừng

Thời gian qua, rừng cháy nhiều.
"""
HEAD = "From: UBND tỉnh Yên Bái <vt@x.vn>\nTo: a@b.vn, c@d.vn\nDate: Mon, 01 Jun 2026 08:00:00 +0700\n"


def record_of(text: str, doc_type: str | None = None) -> tuple[str, Record]:
    raw, entities = marked(text)
    return raw, read_values(raw, entities, doc_type)[1]


@pytest.mark.parametrize("doc_type", [None, "cong_van", "tin_bao_chi"])
@pytest.mark.parametrize("subject", ["Mời họp giao ban", "FW: BÁO CÁO tuần 3", "Về việc: họp", "Họp"])
@pytest.mark.parametrize("body", [BODY, CHI_THI, ""])
def test_the_subject_is_that_of_the_mail(subject: str, body: str, doc_type: str | None) -> None:
    for head in (HEAD + f"Subject: {subject}\n", f"Subject: {subject}\n{HEAD}", f"From: a@b.vn\nSubject: {subject}\n"):
        raw, record = record_of(f"{head}\n{body}", doc_type)
        assert record.subject == subject
        assert raw[slice(*record.spans["subject"])] == subject
        assert "Yên Bái" not in (record.issuer or "") and "From" not in str(record.to_dict())


def test_what_a_mail_holds_is_read_as_without_it() -> None:
    _, alone = record_of(CHI_THI, "chi_thi")
    raw, record = record_of(f"{HEAD}Subject: Gửi chỉ thị\n\n{CHI_THI}", "chi_thi")
    assert record.issuer == alone.issuer == "UBND TỈNH LÀO CAI"
    assert (record.symbol, record.date, record.type) == (alone.symbol, alone.date, alone.type)
    assert raw[slice(*record.spans["issuer"])] == "UBND TỈNH LÀO CAI"


def test_a_mail_without_a_subject_has_that_of_what_it_holds() -> None:
    _, record = record_of(f"{HEAD}\n{CHI_THI}", "chi_thi")
    assert (record.issuer, record.subject) == ("UBND TỈNH LÀO CAI", "Về phòng cháy rừng")


def test_the_head_that_the_reader_writes() -> None:
    data = (
        "From: =?utf-8?b?VUJORCB04buJbmggWcOqbiBCw6Fp?= <vt@x.vn>\r\nTo: a@b.vn\r\nSubject: Mời họp\r\n giao ban\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nKính gửi các phòng.\r\n"
    )
    raw, record = record_of(str(read(data.encode(), None).pages[0]))
    assert raw.startswith("From: UBND tỉnh Yên Bái")
    assert (record.subject, record.issuer) == ("Mời họp giao ban", None)


@pytest.mark.parametrize(
    "text", ["", "From: a@b.vn\n", "Subject: một dòng\nRồi thôi.", "Xin chào.\nFrom: a\nTo: b\nSubject: c\n", CHI_THI]
)
def test_what_is_no_head_of_a_mail(text: str) -> None:
    assert read_mail(view(text, [])) == (0, None)

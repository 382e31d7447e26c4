"""Words that say how an act is cited, and how far before it they may stand. All patterns are of plain letters."""

from __future__ import annotations

import re
from typing import Final

from vanban.values.acts.codes import TYPE_WORDS
from vanban.values.meaning import Relation

CUE: Final = re.compile(
    r"""(?<!\w)(?:
    (?P<basis>can\s+cu(?:\s+vao)?)
  | (?P<mentions>kem(?:\s+theo)?|(?:(?:thuc\s+hien|trien\s+khai|thi\s+hanh|ap\s+dung)\s+)?theo
      (?:\s+(?:dung\s+)?(?:quy\s+dinh|huong\s+dan|chi\s+dao|tinh\s+than|noi\s+dung|y\s+kien|yeu\s+cau|de\s+nghi))?
      |tren\s+co\s+so|ap\s+dung|tuan\s+thu|(?:xem\s+)?xet(?!\s+(?:xu|nghiem|duyet|hoi))
      |trai\s+voi|nhat\s+tri\s+voi|co\s+hieu\s+luc|(?:su|pham\s+vi)\s+dieu\s+chinh
      |(?:thay(?:\s+the)?|sua\s+doi|bo\s+sung|bai\s+bo)\s+(?:bang|boi)
      |(?:dieu\s+chinh|dinh\s+chinh|sua\s+doi|bo\s+sung|quy\s+dinh|huong\s+dan|cong\s+bo|ban\s+hanh|thong\s+qua|phe\s+duyet|neu)
        \s+tai)
  | (?P<repeals>bai\s+bo|huy\s+bo|cham\s+dut\s+hieu\s+luc|ngung\s+hieu\s+luc|het\s+hieu\s+luc)
  | (?P<replaces>thay\s+the(?:\s+cho)?|thay\s+cho|thay)
  | (?P<amends>sua(?=\s+(?:nghi|quyet|thong|luat|chi\s+thi|dieu\s+\d|khoan|phu\s+luc))
      |(?:sua\s+doi(?!\))|bo\s+sung|dinh\s+chinh|dieu\s+chinh)
        (?:\s*,?\s*(?:va\s+)?(?:sua\s+doi|bo\s+sung|thay\s+the))?)
  | (?P<implements>(?:trien\s+khai|thuc\s+hien|thi\s+hanh|(?<!ban\s)chap\s+hanh|quan\s+triet|cu\s+the\s+hoa
        |the\s+che\s+hoa)
      (?:\s+(?:viec\s+)?(?:thuc\s+hien|thi\s+hanh
        |(?:huong\s+dan|quy\s+dinh|chi\s+dao|y\s+kien|tinh\s+than|noi\s+dung)(?!\s+chi\s+tiet)))?)
  | (?P<guides>(?:huong\s+dan|quy\s+dinh\s+chi\s+tiet)
      (?:,?\s+(?:va\s+)?(?:bien\s+phap\s+)?(?:huong\s+dan|thi\s+hanh|thuc\s+hien)){0,2})
    )(?!\w)""",
    re.VERBOSE,
)
CHANGES: Final = frozenset({"amends", "replaces", "repeals", "guides"})  # what one act does to another
# `thay cụm từ … tại Điều 3`: the wording of an act is amended, the act stays
WORDING: Final = re.compile(r"\s+(?:mot\s+so\s+)?(?:cum\s+tu|tu\s+ngu)")
# what is, was or is not yet done, and the doing as such: `đã bãi bỏ`, `chưa thay thế`, `việc sửa đổi … đang lấy ý kiến`
PASSIVE: Final = re.compile(r"(?<!\w)(?:duoc|bi|da|chua|(?<!ve )(?<!v/)viec)\s+$")
# somebody is asked to change the act
ASKED: Final = re.compile(
    r"(?<!\w)(?:(?:de|kien)\s+nghi(?!\s+(?:cua|tai))|(?<!ung )(?<!theo )yeu\s+cau|giao(?=\s+[a-z])|tham\s+muu)(?!\w)"
    r"|^\W*(?:\d{1,2}[.)]\s*)?(?:doi\s+)?voi\s"
)
# an act is named as it is in force: `… được sửa đổi, bổ sung một số điều theo`
AMENDED: Final = re.compile(
    r"(?:duoc|da)\s+(?:sua\s+doi|bo\s+sung|dinh\s+chinh)[^;.\n]{0,60}?(?<!\w)(?:theo|boi|tai|bang)"
    r"(?:\s+cac)?(?:\s+(?:luat|nghi\s+dinh|nghi\s+quyet|quyet\s+dinh|thong\s+tu))?\s*:?(?:\s+so)?\s*$"
)
_ACT: Final = r"(?:luat|nghi\s+dinh|thong\s+tu(?:\s+lien\s+tich)?|nghi\s+quyet|quyet\s+dinh|phap\s+lenh)"
# before a change: an act without a number makes it (`Luật sửa đổi …`), or the document itself (`ban hành Nghị định …`)
ANOTHER: Final = re.compile(rf"(?<!\w){_ACT}\s*$")
_MADE: Final = re.compile(rf"(?:ban\s+hanh|du\s+thao|du\s+an|trinh|xay\s+dung|soan\s+thao)\s+(?:cac\s+)?{_ACT}\s*$")
_TITLE: Final = re.compile(rf"\s*{_ACT}\s*")
# behind an act
LAPSES: Final = re.compile(
    r"""(?<!\w)(?:
    (?P<replaces>(?:duoc|bi)\s+thay\s+the|thay\s+the\s+(?:boi|bang))
  | (?P<repeals>het\s+hieu\s+luc|(?:duoc|bi)\s+bai\s+bo|cham\s+dut\s+hieu\s+luc|bi\s+huy\s+bo|khong\s+con\s+hieu\s+luc)
    )(?!\w)""",
    re.VERBOSE,
)
# who does so: `bị bãi bỏ bởi Thông tư …`, but not `thay thế bằng Quyết định này`
AGENT: Final = re.compile(r"(?<!\w)(?:boi|bang)\s[^,;.\n]{0,60}")
THIS: Final = re.compile(r"(?<!\w)nay(?!\w)")

# between a cue and its act: references, and what is said of an act as such
_REFERENCES: Final = """quy dinh tai cua khoan dieu diem muc phan chuong phu luc cac nhung mot so noi dung yeu cau tinh
    than chi dao nghiem tuc dung tot co hieu qua day du dong bo kip thoi y kien van ban va viec ke hoach chuong trinh
    de an ban hanh kem theo toan hai ba hieu luc thi sau gom vao ket luan hoan thanh tiep tuc hien huong dan tuong ung
    mau bieu danh khu tiet lan la muc tieu nhiem vu giai phap"""
_FILLER: Final = frozenset(_REFERENCES.split())
_NUMERAL: Final = re.compile(r"[\d.,]+|[ivxlc]+|[a-h]")
_WORD: Final = re.compile(r"[^\s,;:()\"“”/-]+")
_FREE_WORDS: Final = 3  # that may stand between, whatever they are
_LONGEST_GAP: Final = 130
# an act without a number, or acts as a whole, and one of them that has one: `Công văn của Hội đồng và Kế hoạch …`
_LISTED: Final = re.compile(
    rf"(?:so\s+)?(?:cac\s+|ca\s+)?(?:{TYPE_WORDS})(?!\w)[^;\n]{{0,110}}?(?:,|(?<!\w)va)(?:\s+cac)?(?:\s+so)?"
    r"|[^;\n]{0,200}?(?<!\w)(?:van\s+ban|nghi\s+quyet|chi\s+thi)(?!\w)[^;\n]{0,60},\s+(?:dac\s+biet|nhat|truoc\s+het)\s+la"
)
_AT: Final = re.compile(r"(?<!\w)tai(?:\s+cac)?$")
_REFERS: Final = re.compile(
    r"(?<!\w)(?:tai|cua|trong|theo)(?:\s+(?:cac|khoan|dieu|muc|diem|phan|[a-h]|[ivx]+|[\d,]+)){0,12}$"
)


def reaches(gap: str, relation: Relation) -> bool:
    """True when nothing but references, or what a body ordered, stands between a cue and its act."""
    gap = gap.strip()
    if ";" in gap or "\n" in gap:
        return False
    changes = relation in CHANGES
    if changes and _AT.search(gap):  # `bổ sung … tại Công văn …`: no change of the letter
        return False
    if relation in ("basis", "implements") and _LISTED.fullmatch(gap):
        return True
    words = [word for word in _WORD.findall(gap) if word not in _FILLER and not _NUMERAL.fullmatch(word)]
    if len(words) <= _FREE_WORDS - changes - ("," in gap):
        return True
    if "," in gap and relation != "basis":
        return False
    # `theo chỉ đạo của Thủ tướng Chính phủ tại`
    return len(gap) <= _LONGEST_GAP and _REFERS.search(gap) is not None


def is_of_document(written: str, plain: str) -> bool:
    """True when a clause up to a change, as written and in plain letters, has the document itself make the change."""
    return _MADE.search(plain) is not None or (written.strip().isupper() and _TITLE.fullmatch(plain) is not None)

"""What the codes of symbols stand for: types (Decree 30/2020/NĐ-CP, Party and court practice) and issuing bodies."""

from __future__ import annotations

import functools
import re
from typing import Final

from vanban.values.letters import folded

# what stands before the number, in plain letters, the longest of one beginning first; each line is a kind
_WORDS: Final = """
    luat: luat, dao luat
    bo_luat: bo luat
    hien_phap: hien phap
    phap_lenh: phap lenh
    lenh: lenh, menh lenh
    sac_lenh: sac lenh
    nghi_quyet: nghi quyet, quyet nghi, nq
    nghi_quyet_lien_tich: nghi quyet lien tich
    nghi_dinh: nghi dinh, nd
    nghi_dinh_thu: nghi dinh thu
    quyet_dinh: quyet dinh, qd
    chi_thi: chi thi, ct
    thong_tu: thong tu, tt
    thong_tu_lien_tich: thong tu lien tich, thong tu lien bo, thong tu lien nganh, ttlt
    thong_tri: thong tri
    thong_bao: thong bao, tb
    ket_luan: ket luan, ban ket luan, kl
    ke_hoach: ke hoach, kh
    bao_cao: bao cao, bc
    to_trinh: to trinh, ttr
    huong_dan: huong dan, hd
    cong_van: cong van, cv
    cong_dien: cong dien, cd
    cong_ham: cong ham
    cong_uoc: cong uoc
    quy_dinh: quy dinh
    quy_che: quy che
    quy_chuan: quy chuan, qcvn
    quy_trinh: quy trinh, qtkd
    de_an: de an
    du_an: du an
    phuong_an: phuong an
    chuong_trinh: chuong trinh
    van_ban_hop_nhat: van ban hop nhat, vbhn
    van_ban: van ban
    ban_an: ban an
    an_le: an le
    cao_trang: cao trang
    khang_nghi: khang nghi
    kien_nghi: kien nghi
    phan_quyet: phan quyet
    bien_ban: bien ban, bb
    ban_ghi_nho: ban ghi nho
    thoa_thuan: thoa thuan
    hiep_dinh: hiep dinh
    hop_dong: hop dong, phu luc hop dong
    giay_phep: giay phep
    giay_moi: giay moi
    giay_chung_nhan: giay chung nhan
    phieu_chuyen: phieu chuyen
    cong_bo: cong bo
"""
KIND_OF_WORDS: Final = {
    words.strip(): kind.strip()
    for kind, _, ways in (line.partition(":") for line in _WORDS.strip().splitlines())
    for words in ways.split(",")
}
_LONGEST_FIRST: Final = sorted(KIND_OF_WORDS, key=len, reverse=True)
TYPE_WORDS: Final = "|".join(words.replace(" ", r"\s+") for words in _LONGEST_FIRST)

# of codes as they are written; a code of joint acts is followed by the codes of all who issue
_KIND_OF_CODE: Final = {
    "CT": "chi_thi", "QĐ": "quyet_dinh", "NQ": "nghi_quyet", "NĐ": "nghi_dinh", "TT": "thong_tu", "KH": "ke_hoach",
    "BC": "bao_cao", "BCTĐ": "bao_cao", "BCTT": "bao_cao", "TB": "thong_bao", "CV": "cong_van", "HD": "huong_dan",
    "TTr": "to_trinh", "KL": "ket_luan", "KLTT": "ket_luan", "KLGĐ": "ket_luan", "KLĐT": "ket_luan",
    "QyĐ": "quy_dinh", "QĐi": "quy_dinh", "CĐ": "cong_dien", "PL": "phap_lenh", "L": "luat", "LCT": "lenh",
    "SL": "sac_lenh", "CTr": "chuong_trinh", "ĐA": "de_an", "PA": "phuong_an", "QC": "quy_che", "BB": "bien_ban",
    "BBGN": "bien_ban", "BBĐT": "bien_ban", "HĐ": "hop_dong", "GP": "giay_phep", "GM": "giay_moi",
    "PC": "phieu_chuyen", "KN": "kien_nghi", "VBHN": "van_ban_hop_nhat", "QĐST": "quyet_dinh", "QĐPT": "quyet_dinh",
    "QĐHC": "quyet_dinh", "QĐTN": "quyet_dinh", "QĐKNGĐT": "quyet_dinh", "AL": "an_le", "ML": "lenh",
}  # fmt: skip
_KIND_OF_JOINT_CODE: Final = {
    "TTLT": "thong_tu_lien_tich", "TTLB": "thong_tu_lien_tich", "TTLN": "thong_tu_lien_tich",
    "NQLT": "nghi_quyet_lien_tich", "QCPH": "quy_che", "QCLN": "quy_che", "HDLN": "huong_dan", "HDLT": "huong_dan",
    "KHLN": "ke_hoach", "KHLT": "ke_hoach", "KHPH": "ke_hoach", "CTPH": "chuong_trinh", "CTrPH": "chuong_trinh",
}  # fmt: skip


@functools.lru_cache(maxsize=1 << 12)
def key(code: str) -> str:
    """Return a code as the tables are asked for it: in plain letters, without `&`; `HĐ` and `HD` are two."""
    plain = folded(code).replace("&", "")
    return "hđ" if plain == "hd" and code[1:] not in ("D", "d") else plain


KIND_OF_CODE: Final = {key(code): kind for code, kind in (_KIND_OF_CODE | _KIND_OF_JOINT_CODE).items()}
JOINT: Final = frozenset(map(key, _KIND_OF_JOINT_CODE))
COURTS: Final = re.compile(r"(?:hs|ds|dsst|dspt|hc|hngd|kdtm|ld)(?:st|pt|gdt)?")  # what a judgement is about

_NAMES: Final = {
    "CP": "Chính phủ", "TTg": "Thủ tướng Chính phủ", "QH": "Quốc hội", "UBTVQH": "Ủy ban Thường vụ Quốc hội",
    "CTN": "Chủ tịch nước", "HĐBT": "Hội đồng Bộ trưởng", "HĐNN": "Hội đồng Nhà nước", "VPCP": "Văn phòng Chính phủ",
    "VPQH": "Văn phòng Quốc hội", "VPCTN": "Văn phòng Chủ tịch nước", "TTKQH": "Tổng Thư ký Quốc hội",
    "TW": "Trung ương Đảng", "VPTW": "Văn phòng Trung ương Đảng", "BTCTW": "Ban Tổ chức Trung ương",
    "BDVTW": "Ban Dân vận Trung ương", "BTGTW": "Ban Tuyên giáo Trung ương", "BNCTW": "Ban Nội chính Trung ương",
    "BKTTW": "Ban Kinh tế Trung ương", "UBKTTW": "Ủy ban Kiểm tra Trung ương", "QUTW": "Quân ủy Trung ương",
    "BCA": "Bộ Công an", "BCT": "Bộ Công Thương", "BCN": "Bộ Công nghiệp", "BDTTG": "Bộ Dân tộc và Tôn giáo",
    "BGDĐT": "Bộ Giáo dục và Đào tạo", "BGTVT": "Bộ Giao thông vận tải", "BKH": "Bộ Kế hoạch và Đầu tư",
    "BKHĐT": "Bộ Kế hoạch và Đầu tư", "BKHCN": "Bộ Khoa học và Công nghệ",
    "BLĐTBXH": "Bộ Lao động - Thương binh và Xã hội", "BNG": "Bộ Ngoại giao", "BNV": "Bộ Nội vụ",
    "BNN": "Bộ Nông nghiệp và Phát triển nông thôn", "BNNPTNT": "Bộ Nông nghiệp và Phát triển nông thôn",
    "BNNMT": "Bộ Nông nghiệp và Môi trường", "BQP": "Bộ Quốc phòng", "BTC": "Bộ Tài chính",
    "BTNMT": "Bộ Tài nguyên và Môi trường", "BTM": "Bộ Thương mại", "BTS": "Bộ Thủy sản",
    "BTTTT": "Bộ Thông tin và Truyền thông", "BTP": "Bộ Tư pháp", "BVHTT": "Bộ Văn hóa - Thông tin",
    "BVHTTDL": "Bộ Văn hóa, Thể thao và Du lịch", "BXD": "Bộ Xây dựng", "BYT": "Bộ Y tế",
    "NHNN": "Ngân hàng Nhà nước Việt Nam", "TTCP": "Thanh tra Chính phủ", "UBDT": "Ủy ban Dân tộc",
    "UBDTMN": "Ủy ban Dân tộc và Miền núi", "KTNN": "Kiểm toán Nhà nước", "TANDTC": "Tòa án nhân dân tối cao",
    "VKSNDTC": "Viện kiểm sát nhân dân tối cao", "VKSTC": "Viện kiểm sát nhân dân tối cao",
    "HĐTP": "Hội đồng Thẩm phán Tòa án nhân dân tối cao", "TCT": "Tổng cục Thuế", "TCHQ": "Tổng cục Hải quan",
    "TLĐ": "Tổng Liên đoàn Lao động Việt Nam", "UBATGTQG": "Ủy ban An toàn giao thông Quốc gia",
    "HĐBCQG": "Hội đồng Bầu cử quốc gia", "ĐCTUBTWMTTQVN": "Đoàn Chủ tịch Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam",
    "UBTWMTTQVN": "Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam", "UBPL": "Ủy ban Pháp luật",
    "UBTCNS": "Ủy ban Tài chính, Ngân sách", "UBQPAN": "Ủy ban Quốc phòng và An ninh",
    "UBVHGD": "Ủy ban Văn hóa, Giáo dục", "UBXH": "Ủy ban Xã hội", "UBĐN": "Ủy ban Đối ngoại",
    "UBVHGDTTN": "Ủy ban Văn hóa, Giáo dục, Thanh niên, Thiếu niên và Nhi đồng",
    "UBKHCNMT": "Ủy ban Khoa học, Công nghệ và Môi trường", "HĐDT": "Hội đồng Dân tộc",
}  # fmt: skip
NAME_OF_BODY: Final = {key(code): name for code, name in _NAMES.items()}
# whose name wants a place behind it; the levels that issue under the code, where only some do
_OF_A_PLACE: Final = {
    "UBND": "UBND", "UB": "UBND", "CTUBND": "Chủ tịch UBND", "HĐND": "HĐND", "TU": "Tỉnh ủy", "HU": "Huyện ủy",
    "QU": "Quận ủy", "ĐU": "Đảng ủy", "VPUBND": "Văn phòng UBND", "SYT": "Sở Y tế", "STC": "Sở Tài chính",
    "SXD": "Sở Xây dựng", "STP": "Sở Tư pháp",
    "SNV": "Sở Nội vụ", "SCT": "Sở Công Thương", "SGDĐT": "Sở Giáo dục và Đào tạo", "SGTVT": "Sở Giao thông vận tải",
    "SKHĐT": "Sở Kế hoạch và Đầu tư", "SKHCN": "Sở Khoa học và Công nghệ",
    "SLĐTBXH": "Sở Lao động - Thương binh và Xã hội", "SNN": "Sở Nông nghiệp và Phát triển nông thôn",
    "SNNPTNT": "Sở Nông nghiệp và Phát triển nông thôn", "SNNMT": "Sở Nông nghiệp và Môi trường",
    "STNMT": "Sở Tài nguyên và Môi trường", "STTTT": "Sở Thông tin và Truyền thông",
    "SVHTTDL": "Sở Văn hóa, Thể thao và Du lịch", "SVHTT": "Sở Văn hóa và Thể thao", "SDL": "Sở Du lịch",
    "CAT": "Công an tỉnh", "VPTU": "Văn phòng Tỉnh ủy", "BTCTU": "Ban Tổ chức Tỉnh ủy",
    "BTGTU": "Ban Tuyên giáo Tỉnh ủy", "BNCTU": "Ban Nội chính Tỉnh ủy", "BDVTU": "Ban Dân vận Tỉnh ủy",
    "UBKTTU": "Ủy ban Kiểm tra Tỉnh ủy",
}  # fmt: skip
NAME_OF_LOCAL_BODY: Final = {key(code): name for code, name in _OF_A_PLACE.items()}

# the Party writes `05-CT/TU`, the State `05/CT-UBND`
PARTY: Final = re.compile(
    r"tw|(?:vp|btc|bdv|btg|bnc|bkt|bdn|ubkt|qu)tw|[a-z]*(?:tu|hu)|(?:vp|ubkt)?[dq]u[a-z]?|bcs[d]?|td?tn"
)
_SPELT: Final = {
    key(code): code for table in (_KIND_OF_CODE, _KIND_OF_JOINT_CODE, _NAMES, _OF_A_PLACE) for code in table
} | {"bcd": "BCĐ", "bcsd": "BCSĐ"}
_TERM: Final = re.compile(
    r"(qh|ubtvqh|hdnn|hddt|ub(?:pl|tcns|qpan|vhgd|vhgdttn|xh|dn|khcnmt))([il\d]{1,2})"
)  # of the National Assembly; scanners make I5 of 15
_DIGITS: Final = str.maketrans("il", "11")
_PARTS_SPELT: Final = (("hdnd", "HĐND"), ("gddt", "GDĐT"), ("ldtbxh", "LĐTBXH"), ("bcd", "BCĐ"), ("tld", "TLĐ"))


def without_term(code: str) -> str:
    """Return a code in plain letters without the number of a term: `qh15` is `qh`."""
    found = _TERM.fullmatch(code)
    return found[1] if found else code


def with_term(code: str) -> str:
    """Return a code as written, with `Đ` for the eth that looks like it, and a term's digits: `QH15` of `QHI5`."""
    code = code.replace("Ð", "Đ")
    term = _TERM.fullmatch(key(code))
    return code[: term.end(1)] + term[2].translate(_DIGITS) if term and len(key(code)) == len(code) else code


def spelt(code: str) -> str:
    """Return how a code is spelt, whether its marks were written or not: `QD` is `QĐ`, `BGD&ÐT` is `BGDĐT`.

    A code that no table holds is as written, without `&`.
    """
    plain = key(code)
    if plain in _SPELT:
        return _SPELT[plain]
    term = _TERM.fullmatch(plain)
    return term[1].upper().replace("HD", "HĐ") + term[2].translate(_DIGITS) if term else code.replace("&", "")


@functools.lru_cache(maxsize=1 << 12)
def canonical(code: str) -> str:
    """Return a code in capitals, the same however it is written; `Đ` stays where a table knows it."""
    plain = key(code)
    if plain in _SPELT or _TERM.fullmatch(plain):
        return spelt(code).upper()
    for letters, marked in _PARTS_SPELT:
        plain = plain.replace(letters, marked)
    return plain.upper()

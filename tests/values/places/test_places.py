"""Places: level, name, and the units that they may be."""

from __future__ import annotations

import datetime
import json
import random
import re

import pytest

from vanban.schema import Entity
from vanban.values.meaning import Place
from vanban.values.places.places import MOST_CANDIDATES, read_places
from vanban.values.view import view

THEN = datetime.date(2021, 8, 2)
NOW = datetime.date(2026, 3, 9)


def places(marked: str, date: datetime.date | None = THEN, home: str | None = None) -> list[Place]:
    """The places of a text in which they are marked: `tại [huyện Gia Lâm]`."""
    text, entities = "", []
    for part in re.split(r"(\[[^\]]*\])", marked):
        inside = part[1:-1] if part.startswith("[") else part
        if part.startswith("["):
            entities.append(Entity("PLACE", len(text), len(text) + len(inside), inside))
        text += inside
    found = read_places(view(text, entities), date, home)
    for number, place in found.items():
        start, end = place.spans["name"]
        assert entities[number].start <= start < end <= entities[number].end
        assert " ".join(text[start:end].split()) == place.name
    return [found[number] for number in range(len(entities))]


def first(place: Place) -> str | None:
    """The likeliest unit, as an address."""
    if not place.candidates:
        return None
    return ", ".join((place.candidates[0].name, *place.candidates[0].parents))


@pytest.mark.parametrize(
    ("written", "level", "name", "code"),
    [
        ("thành phố Hà Nội", "city", "Hà Nội", "01"), ("TP Hà Nội", "city", "Hà Nội", "01"),
        ("TP. Hà Nội", "city", "Hà Nội", "01"), ("Thủ đô Hà Nội", "city", "Hà Nội", "01"),
        ("THÀNH PHỐ HÀ NỘI", "city", "HÀ NỘI", "01"), ("Hà Nội", "city", "Hà Nội", "01"),
        ("TP.HCM", "city", "HCM", "79"), ("TP Hồ Chí Minh", "city", "Hồ Chí Minh", "79"),
        ("TPHCM", "city", "TPHCM", "79"), ("Hồ Chí Minh", "city", "Hồ Chí Minh", "79"),
        ("tỉnh Quảng Trị", "province", "Quảng Trị", "45"), ("TỈNH NlNH BÌNH", "province", "NlNH BÌNH", "37"),
        ("tinh Quang Tri", "province", "Quang Tri", "45"), ("Đăk Lăk", "province", "Đăk Lăk", "66"),
        ("Q.1", "district", "1", "760"), ("quận 12", "district", "12", "761"), ("H. Ba Vì", "district", "Ba Vì", "271"),
        ("huyện đảo Lý Sơn", "district", "Lý Sơn", "536"), ("TX Sơn Tây", "town", "Sơn Tây", "269"),
        ("Chương Mỹ", "district", "Chương Mỹ", "277"), ("Cầu Giấy", "district", "Cầu Giấy", "005"),
        ("nước Lào", "country", "Lào", "LA"), ("Cộng hòa Pháp", "country", "Pháp", "FR"),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "country", "VIỆT NAM", "VN"), ("Mỹ", "country", "Mỹ", "US"),
        ("Cộng hòa Dân chủ Congo", "country", "Cộng hòa Dân chủ Congo", "CD"),
        ("Cộng hòa Kenya", "country", "Kenya", "KE"), ("Hồng Công", "country", "Hồng Công", "HK"),
        ("thôn Trà Đóa", "hamlet", "Trà Đóa", None), ("tổ dân phố số 3", "hamlet", "3", None),
        ("đường Nguyễn Trãi", "street", "Nguyễn Trãi", None), ("Quốc lộ 1A", "street", "1A", None),
        ("ngõ 651 Minh Khai", "street", "651 Minh Khai", None), ("cầu Giấy", "site", "Giấy", None),
        ("Bệnh viện Bạch Mai", "site", "Bạch Mai", None), ("sân bay Nội Bài", "site", "Nội Bài", None),
        ("Khu công nghiệp Phú Nghĩa", "site", "Phú Nghĩa", None), ("miền Bắc", "region", "miền Bắc", None),
        ("châu Phi", "region", "châu Phi", None), ("Biển Đông", "region", "Biển Đông", None),
        ("khu vực Tây Bắc", "region", "Tây Bắc", None), ("tiểu khu 512", "site", "512", None),
        ("tiểu khu 3", "hamlet", "3", None), ("Phòng khám đa khoa khu vực Chúc Sơn", "site", "Chúc Sơn", None),
        ("Tây Nguyên", "region", "Tây Nguyên", None), ("Tokyo", None, "Tokyo", None),
        ("Thủ đô Seoul", "city", "Seoul", None),
    ],
)  # fmt: skip
def test_one_place(written: str, level: str | None, name: str, code: str | None) -> None:
    (place,) = places(f"Đoàn công tác đến [{written}] trong tuần này.")
    assert (place.level, place.name) == (level, name)
    assert (place.candidates[0].code if place.candidates else None) == code


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tại [xã Kim Sơn], [huyện Gia Lâm] có ca mới", "Xã Kim Sơn, Huyện Gia Lâm, Thành phố Hà Nội"),
        ("tại [xã Kim Sơn] ([huyện Gia Lâm])", "Xã Kim Sơn, Huyện Gia Lâm, Thành phố Hà Nội"),
        ("[xã Kim Sơn] thuộc [huyện Lục Ngạn]", "Xã Kim Sơn, Huyện Lục Ngạn, Tỉnh Bắc Giang"),
        ("[xã Tân Lập], [Lệ Thủy], [Quảng Bình]", None),
        ("[xã Tân Lập], [Đan Phượng], [Hà Nội]", "Xã Tân Lập, Huyện Đan Phượng, Thành phố Hà Nội"),
        ("[phường Tân Lập], [tỉnh Đắk Lắk]", "Phường Tân Lập, Thành phố Buôn Ma Thuột, Tỉnh Đắk Lắk"),
        (
            "các [xã Tân Hội], [Tân Lập] và [Liên Trung], [huyện Đan Phượng]",
            "Xã Tân Hội, Huyện Đan Phượng, Thành phố Hà Nội",
        ),
        ("[Châu Thành], [Tiền Giang]", "Huyện Châu Thành, Tỉnh Tiền Giang"),
        ("[Châu Thành], [Long An]", "Huyện Châu Thành, Tỉnh Long An"),
    ],
)  # fmt: skip
def test_the_places_around_choose(text: str, address: str | None) -> None:
    found = first(places(text)[0])
    assert found == address if address else found is None or "Lệ Thủy" not in found


def test_members_of_a_list_are_communes_of_its_district() -> None:
    found = places("các [xã Tân Hội], [Tân Lập] và [Liên Trung], [huyện Đan Phượng]")
    assert [first(place) for place in found[1:3]] == [
        "Xã Tân Lập, Huyện Đan Phượng, Thành phố Hà Nội", "Xã Liên Trung, Huyện Đan Phượng, Thành phố Hà Nội",
    ]  # fmt: skip
    assert [place.level for place in found] == ["commune", "commune", "commune", "district"]


def test_the_day_of_the_document_chooses() -> None:
    assert [(u.code, u.valid_to is None) for u in places("[tỉnh Phú Thọ]", THEN)[0].candidates] == [("25", False)]
    assert [(u.code, u.valid_to is None) for u in places("[tỉnh Phú Thọ]", NOW)[0].candidates] == [("25", True)]
    both = places("[tỉnh Phú Thọ]", None)[0].candidates
    assert [(u.code, u.valid_to is None) for u in both] == [("25", False), ("25", True)]
    for day in ("Ngày 12/8/2025", "Tháng 8/2025", "Năm 2026"):
        guessed = places(f"{day}, [tỉnh Phú Thọ] họp", None)[0].candidates
        assert [u.valid_to is None for u in guessed] == [True, False], day


def test_what_was_before_is_found_where_it_is_said() -> None:
    found = places("[tỉnh Phú Thọ] (cũ) và [tỉnh Phú Thọ]", NOW)
    assert [place.candidates[0].valid_to is None for place in found] == [False, True]
    assert first(places("ở tỉnh cũ [Trà Vinh]", NOW)[0]) == "Tỉnh Trà Vinh"


def test_the_province_of_the_issuer_chooses() -> None:
    assert first(places("[xã An Phú]", NOW, "An Giang")[0]) == "Xã An Phú, Tỉnh An Giang"
    assert first(places("[xã An Phú]", NOW, "tỉnh Quảng Ngãi")[0]) == "Xã An Phú, Tỉnh Quảng Ngãi"
    assert first(places("[xã Tân Lập]", THEN, "huyện Đan Phượng")[0]) == (
        "Xã Tân Lập, Huyện Đan Phượng, Thành phố Hà Nội"
    )


def test_other_places_of_the_document_choose() -> None:
    text = "UBND [tỉnh Đồng Tháp]\nKiểm tra ở [thành phố Cao Lãnh] và [huyện Tam Nông].\nSau đó về [huyện Thanh Bình]."
    assert first(places(text)[2]) == "Huyện Tam Nông, Tỉnh Đồng Tháp"


def test_a_noun_before_the_span() -> None:
    assert [p.level for p in places("hai sân bay [Nội Bài] và [Tân Sơn Nhất] đông khách")] == ["site", "site"]
    assert places("ở số 18 [Trần Phú], [phường 7]")[0].level == "street"
    assert places("Bệnh viện [Bạch Mai] cử 3 bác sĩ")[0].candidates == ()


def test_a_name_said_again_has_the_level_it_had() -> None:
    found = places("sạt lở ở [thôn Phước Yên]; [Phước Yên] có 73 hộ; [thành phố Bắc Ninh], nay [Bắc Ninh] khá hơn")
    assert [place.level for place in found] == ["hamlet", "hamlet", "city", "province"]


def test_the_issuers_name_has_its_level() -> None:
    text = "UBND [HUYỆN CÁI BÈ]\n[Cái Bè], ngày 2\nHội hoa ở [thị trấn Cái Bè]"
    assert [place.level for place in places(text, THEN, "HUYỆN CÁI BÈ")] == ["district", "district", "township"]


def test_names_without_head_nouns() -> None:
    assert places("[Hòa Bình]")[0].candidates[0].level == "province"
    assert first(places("Huyện ủy [Châu Thành], [tỉnh Bến Tre]")[0]) == "Huyện Châu Thành, Tỉnh Bến Tre"
    assert places("mọi người ở [Tân Lập] đều biết")[0].candidates == ()  # of 60 communes none is near
    assert places("các đường: [đường Lê Lợi], [Trần Phú] và [Đại Cồ Việt]")[2].level == "street"


def test_what_nothing_tells_apart_stays_apart() -> None:
    (place,) = places("[xã Tân Lập]")
    assert len(place.candidates) == MOST_CANDIDATES
    assert len({unit.code for unit in place.candidates}) == MOST_CANDIDATES


def test_a_place_on_another_day() -> None:
    (commune, _) = places("[xã Kim Sơn], [huyện Gia Lâm]")
    assert [unit.name for unit in commune.at(THEN)] == ["Xã Kim Sơn"]
    assert [unit.name for unit in commune.at(datetime.date(2025, 3, 1))] == ["Xã Phú Sơn"]
    assert {unit.parents for unit in commune.at(NOW)} == {("Thành phố Hà Nội",)}
    assert [unit.name for unit in places("[tỉnh Hà Giang]")[0].at(NOW)] == ["Tỉnh Tuyên Quang"]
    assert places("[đường Láng]")[0].at(NOW) == ()


def test_spans_over_a_soft_break_and_of_decomposed_text() -> None:
    import unicodedata

    text = unicodedata.normalize("NFD", "Bí thư Huyện ủy thăm huyện Gia Lâm.")
    start = text.index("huye")
    entity = Entity("PLACE", start, len(text) - 1, text[start:-1])
    place = read_places(view(text, [entity]), THEN)[0]
    assert place.name == "Gia Lâm"
    assert unicodedata.normalize("NFC", text[slice(*place.spans["name"])]) == "Gia Lâm"
    assert unicodedata.normalize("NFC", text[slice(*place.spans["level"])]) == "huyện"
    (broken,) = places("đường nối từ trung tâm đến [thành phố\nHà Nội] dài 30 km")
    assert (broken.name, first(broken)) == ("Hà Nội", "Thành phố Hà Nội")


def test_any_text_and_any_spans_are_read() -> None:
    chance = random.Random(7)
    alphabet = [*"aAđĐ .,-–(:)\n\t0l1ỦủQ.P\u0301\u200b'’", "xã ", "TP.", "Hà Nội", "huyện ", "tỉnh", "Tân Lập", "(cũ)"]
    for _ in range(400):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(1, 60)))
        cuts = sorted(chance.sample(range(len(text) + 1), min(len(text) + 1, chance.randrange(2, 9))))
        entities = [Entity("PLACE", a, b, text[a:b]) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
        found = read_places(view(text, entities), chance.choice((None, THEN, NOW)), chance.choice((None, text)))
        assert sorted(found) == list(range(len(entities)))
        for place in found.values():
            assert json.dumps(place.to_dict())
            for start, end in place.spans.values():
                assert 0 <= start <= end <= len(text)


def test_reading_twice_gives_the_same() -> None:
    text = "[xã Tân Lập], [huyện Vũ Thư]; [Phường 5], [Quận 3]; [Bình Dương]"
    assert places(text) == places(text)


def test_a_bracket_rules_out_other_provinces() -> None:
    found = places("[xã Tân Lập] ([tỉnh Bình Phước]) giúp [xã Tân Lập] (thuộc [tỉnh Cà Mau]).")
    assert [place.candidates[0].code if place.candidates else None for place in found] == ["25381", "70", None, "96"]
    assert len(found[0].candidates) == 1


def test_what_shows_nothing_is_no_part_of_a_name() -> None:
    text = "tại tỉnh\u200b Nghệ\u200b An."
    (found,) = read_places(view(text, [Entity("PLACE", 4, len(text) - 1, text[4:-1])])).values()
    assert (found.name, found.candidates[0].code) == ("Nghệ An", "40")
    assert text[slice(*found.spans["name"])] == "Nghệ\u200b An"

"""The table of provinces and communes that ships: how many, how they are spelled, what is in what."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from vanban_training.corpus.places import Place, read_places


def test_how_many_there_are_of_each_kind() -> None:
    provinces = Counter(place.kind for place in read_places() if place.is_province)
    communes = Counter(place.kind for place in read_places() if not place.is_province)
    assert provinces == {"Tỉnh": 28, "Thành phố": 6}
    assert communes == {"Xã": 2621, "Phường": 687, "Đặc khu": 13}
    assert (provinces.total(), communes.total()) == (34, 3321)


def test_some_of_them() -> None:
    assert {
        Place("01", "01", "Thành phố", "Hà Nội"),
        Place("66", "66", "Tỉnh", "Đắk Lắk"),
        Place("00226", "01", "Phường", "Văn Miếu - Quốc Tử Giám"),
        Place("11560", "31", "Phường", "Thủy Nguyên"),
        Place("24412", "66", "Xã", "M'Drắk"),
        Place("24823", "68", "Phường", "1 Bảo Lộc"),
        # the source has another kind for these beside the full name
        Place("10543", "31", "Phường", "Việt Hòa"),
        Place("11848", "31", "Xã", "Vĩnh Hòa"),
        Place("31213", "92", "Phường", "Tân Lộc"),
        Place("31299", "92", "Xã", "Phong Điền"),
    } <= set(read_places())
    zones = [place.name for place in read_places() if (place.kind, place.province) == ("Đặc khu", "91")]
    assert zones == ["Phú Quốc", "Thổ Châu", "Kiên Hải"]


def test_codes_are_sound() -> None:
    places = read_places()
    provinces = [place for place in places if place.is_province]
    assert list(places) == sorted(places, key=lambda place: (len(place.code), place.code))
    assert len({place.code for place in places}) == len(places)
    assert {len(place.code) for place in provinces} == {2}
    assert {len(place.code) for place in places[len(provinces) :]} == {5}
    assert {place.province for place in places} == {place.code for place in provinces}


def test_names_are_clean_and_of_one_spelling() -> None:
    for place in read_places():
        for field in place:
            assert field == unicodedata.normalize("NFC", " ".join(field.split())) != "", place
        assert not place.name.startswith(("Phường ", "Xã ", "Đặc khu ", "Tỉnh ", "Thành phố ")), place
        assert re.fullmatch(r"(?:\d+ )?\w[\w' -]*", place.name) and not place.name[0].islower(), place
        # the older tone style, as the Statistics Office has it; in «Quý» the u belongs to the Q
        assert not re.search(r"(?i)o[àáảãạèéẻẽẹ]\b|(?<!q)u[ỳýỷỹỵ]\b", place.name), place

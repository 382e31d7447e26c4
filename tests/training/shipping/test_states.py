"""The table of States, from names of CLDR and by hand."""

from __future__ import annotations

import datetime
import pickle

import pytest

from vanban_training.shipping.states import rows_of, territories_of

TERRITORIES = {"VN": "Việt Nam", "MM": "Myanmar (Miến Điện)", "035": "Đông Nam Á", "ZZ": "Vùng không xác định"}


def test_names_by_hand_stand_first_or_behind() -> None:
    assert rows_of(TERRITORIES, ["MM\tMyanmar\tMiến Điện|Myanmar", "VN\t\tCHXHCN Việt Nam"]) == [
        "035\tĐông Nam Á\t",
        "MM\tMyanmar\tMyanmar (Miến Điện)|Miến Điện|Myanmar",
        "VN\tViệt Nam\tCHXHCN Việt Nam",
    ]


def test_a_code_that_is_none() -> None:
    with pytest.raises(KeyError, match="XX"):
        rows_of(TERRITORIES, ["XX\t\tỞ đâu đó"])


def test_no_class_of_the_pickled_data_is_built() -> None:
    data = pickle.dumps({"territories": TERRITORIES, "day": datetime.date(2025, 7, 1), "call": datetime.timedelta(1)})
    assert territories_of(data) == TERRITORIES

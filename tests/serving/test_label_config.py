from __future__ import annotations

import pytest

from vanban import UserError
from vanban.serving.label_config import LabelConfig, read_label_config


def test_a_project_says_what_its_tags_are_called_and_offer() -> None:
    found = read_label_config(
        """<View><Header value="Văn bản"/>
        <Labels name="ner" toName="doc"><Label value="PLACE" background="red"/><Label value="Người" alias="OFFICIAL"/>
        </Labels>
        <Labels name="other" toName="picture"><Label value="CAT"/></Labels><Image name="picture" value="$image"/>
        <Choices name="kind" toName="doc"><Choice value="Chỉ thị"/><Choice value="bao_cao"/></Choices>
        <Text name="doc" value="$body" saveTextResult="yes"/></View>"""
    )
    assert found == LabelConfig(
        "doc", "body", "ner", "kind",
        {"place": "PLACE", "official": "OFFICIAL", "người": "OFFICIAL"},
        {"chỉ thị": "Chỉ thị", "bao cao": "bao_cao"},
    )  # fmt: skip


@pytest.mark.parametrize("xml", [None, "", " \n"])
def test_without_one_the_names_are_our_own(xml: str | None) -> None:
    assert read_label_config(xml) == LabelConfig("text", "text", "label", "type", {}, {})


def test_a_project_may_ask_for_spans_alone_or_types_alone() -> None:
    spans = read_label_config('<View><Labels name="l" toName="t"/><Text name="t" value="$t"/></View>')
    assert (spans.labels, spans.choices) == ("l", None)
    types = read_label_config('<View><Choices name="c" toName="t"/><HyperText name="t" value="$t"/></View>')
    assert (types.labels, types.choices) == (None, "c")


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        ("<View>", "label_config: not XML: no element found"),
        ("văn bản", "label_config: not XML: syntax error"),
        ("<View/>", "label_config: no text to read; expected a tag like <Text"),
        ('<View><Text name="t" value="Đọc đi"/></View>', "label_config: no text to read"),
        ('<!DOCTYPE v [<!ENTITY a "aaaa">]><View>&a;</View>', "and no DOCTYPE or ENTITY"),
        ("<View>" + "<a/>" * 60_000 + "</View>", "200,000 characters at most"),
        ("<View>\x00</View>", "label_config: not XML"),
        ("<v>" * 3000, "label_config: not XML"),
    ],
)
def test_what_can_not_be_read_says_why(xml: str, told: str) -> None:
    with pytest.raises(UserError) as error:
        read_label_config(xml)
    assert told in str(error.value)

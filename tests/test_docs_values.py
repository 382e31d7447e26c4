"""`docs/values.md`: under each quoted text with its spans in bold stands what `read_values` gives for these spans."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from marked import marked
from pages import page
from vanban.values.document import read_values

PAGE = page("docs/values.md")
SECTIONS = {part.split("\n")[0]: part for part in re.split(r"^## ", PAGE.text, flags=re.MULTILINE)}
SHOWN = re.compile(r"^> (?P<text>.*)\n\n(?:<!--.*-->\n)?```\n(?P<values>.*?)^```", re.MULTILINE | re.DOTALL)


def objects(text: str) -> list[Any]:
    """Return the objects of JSON that stand one behind the other."""
    found, end = [], 0
    while text[end:].strip():
        end += len(text[end:]) - len(text[end:].lstrip())
        one, end = json.JSONDecoder().raw_decode(text, end)
        found.append(one)
    return found


def without_spans(form: Any) -> Any:
    if isinstance(form, dict):
        return {name: without_spans(value) for name, value in form.items() if name != "spans"}
    return [without_spans(value) for value in form] if isinstance(form, list) else form


@pytest.mark.parametrize("label", ["COUNT", "DIRECTIVE", "OFFICIAL", "PLACE"])
def test_values_are_those_shown(label: str) -> None:
    shown = SHOWN.search(SECTIONS[label])
    assert shown
    entities = marked(re.sub(r"\*\*(.*?)\*\*", rf"⟦{label[0]}:\1⟧", shown["text"]))
    values = [entity.value.to_dict() for entity in read_values(*entities)[0] if entity.value]
    expected = objects(shown["values"])
    assert expected and (values[0] == expected[0]) is ("spans" in expected[0])
    assert list(map(without_spans, values)) == list(map(without_spans, expected))


def test_the_mentions_of_one_act_have_one_id() -> None:
    section = SECTIONS["DIRECTIVE"]
    shown = re.search(r"have one id, `(.*?)`:\n\n> (.*)", section)
    assert shown
    entities = marked(re.sub(r"\*\*(.*?)\*\*", r"⟦D:\1⟧", shown[2]))
    assert [entity.value.to_dict()["id"] for entity in read_values(*entities)[0] if entity.value] == [shown[1]] * 4


def test_the_record_is_the_one_shown() -> None:
    text, record = re.findall(r"^```\n(.*?)^```", SECTIONS["Record"], re.MULTILINE | re.DOTALL)
    spans = re.sub("(Nghị định số [^ ]*|Chỉ thị số [^ ]*|Báo cáo số [^.]*)", r"⟦D:\1⟧", text)
    spans = re.sub("(TỈNH BẮC NINH|huyện Yên Phong)", r"⟦P:\1⟧", spans.replace("Trần Văn Lúa", "⟦O:Trần Văn Lúa⟧"))
    spans = re.sub("Số: ([^\n]*)", r"Số: ⟦D:\1⟧", spans)
    assert [without_spans(read_values(*marked(spans))[1].to_dict())] == objects(record)

"""The page of all documents: what is shown is what was read, whatever is in the texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browser import OpenPage
from report_documents import HOSTILE, USUAL, document, hostile, spans, three, usual
from vanban.documents.format_form import FormatForm
from vanban.documents.formats.format import Tagged
from vanban.documents.formats.html import FORMAT
from vanban.documents.kept import to_line
from vanban.documents.report.embedding import data_of
from vanban.documents.report.records import summary_of, view_record
from vanban.schema import Prediction


@pytest.fixture
def page_of(tmp_path: Path, opened: OpenPage) -> Any:
    """Return `page_of(documents, fragment, **context)`: the page that the format writes, in a browser."""

    def show(documents: list[Tagged], fragment: str = "", **context: Any) -> Any:
        path = tmp_path / "báo cáo.html"
        losses: Counter[str] = Counter()
        assert FORMAT.write is not None
        with open(path, "wb") as file:
            FORMAT.write(documents, file, losses)
        assert losses == {}
        return opened(path, fragment, **context)

    return show


def marks(page: Any) -> list[tuple[str, str]]:
    return [tuple(pair) for pair in page.eval_on_selector_all(
        "#vb-text .vb-mark", "all => all.map(mark => [mark.dataset.label, mark.textContent])"
    )]  # fmt: skip


def status(page: Any) -> str:
    return str(page.inner_text("[role=status]"))


def chosen(page: Any) -> str:
    return str(page.text_content(".vb-mark[aria-current]"))


def rows(page: Any) -> list[list[str]]:
    return page.eval_on_selector_all(  # type: ignore[no-any-return]
        ".vb-list a",
        "all => all.map(a => ['.vb-id', '.vb-type', '.vb-number'].map(s => a.querySelector(s)?.textContent))",
    )


def test_data_comes_back_also_of_documents_that_were_kept(tmp_path: Path) -> None:
    path, lines, again = tmp_path / "a.html", tmp_path / "lines", tmp_path / "b.html"
    losses: Counter[str] = Counter()
    assert FORMAT.write is not None
    with open(path, "wb") as file:
        FORMAT.write(iter(three()), file, losses)
    lines.write_text("".join(to_line(*tagged) for tagged in three()), encoding="utf-8", newline="\n")
    with open(lines, "rb") as texts, open(again, "wb") as file:
        FormatForm(FORMAT, again, losses).write(texts, file)
    assert path.read_bytes() == again.read_bytes()
    assert losses == {}
    blocks = path.read_text(encoding="utf-8").split("\n")
    assert [data_of(line, "record") for line in blocks if data_of(line, "record")] == [
        view_record(*tagged) for tagged in three()
    ]


def test_fields_of_ones_own_are_counted_as_left_out(tmp_path: Path) -> None:
    losses: Counter[str] = Counter()
    one = replace(document("a", "Huế"), fields={"id": "a", "text": "Huế", "note": "secret", "year": 2021})
    assert FORMAT.write is not None
    with open(tmp_path / "a.html", "wb") as file:
        FORMAT.write([(one, Prediction("Huế", (), "m"))], file, losses)
    assert losses == {"fields": 2}
    assert b"secret" not in (tmp_path / "a.html").read_bytes()


def test_what_is_shown_is_what_was_read(page_of: Any) -> None:
    page = page_of(three())
    assert rows(page) == [["chỉ thị/17", "chỉ thị", "7"], ["<b>2</b>", "công điện?", "2"], ["3", None, "0"]]
    assert status(page) == "3 of 3 documents · 9 entities"
    for number, (one, prediction) in enumerate(three()):
        page.click(f".vb-list li:nth-child({number + 1}) a")
        assert page.text_content(".vb-head .vb-id") == str(one.id)
        assert marks(page) == [(e.label, e.text) for e in prediction.entities]
        if one.text:
            assert page.text_content("#vb-text") == one.text
    assert page.text_content("#vb-text") == "This document is empty."
    switches = page.eval_on_selector_all(".vb-switch", "all => all.map(s => s.textContent)")
    assert switches == ["OFFICIAL1", "PLACE4", "COUNT2", "DIRECTIVE1", "TÊN <b>1"]


def test_values_and_the_record_are_read_without_brackets(page_of: Any) -> None:
    page = page_of([usual()])
    page.click("text=24.973 người")
    aside = page.inner_text("aside")
    for line in ("24.973 người\n", "number\n\n24.973", "class of noun\n\npeople", "COUNT"):
        assert line.replace("\n\n", "\n") in aside.replace("\n\n", "\n"), line
    assert "{" not in aside
    page.click(".vb-entity .vb-raw summary")
    page.locator(".vb-entity .vb-json").filter(has_text='"noun": "người"').wait_for()
    page.click("text=17/CT-UBND")
    assert "chỉ thị" in page.inner_text(".vb-entity .vb-facts")
    assert "cites\nchỉ thị 17/CT-UBND" in page.inner_text("aside").replace("\n\n", "\n")
    assert page.eval_on_selector_all(".vb-types dt", "all => all.map(d => d.textContent)") == [
        "chỉ thị", "công văn", "thông báo",
    ]  # fmt: skip


def test_nothing_of_a_text_is_run_or_taken_for_markup(page_of: Any) -> None:
    page = page_of([hostile()])
    assert page.text_content("#vb-text") == HOSTILE
    assert page.evaluate("window.harm") is None
    assert page.query_selector("#view img, #view script, #view b") is None
    signs = page.eval_on_selector_all(".vb-strange", "all => all.map(s => s.dataset.code)")
    assert signs == ["2028", "0000", "0007", "0085", "202E", "202C", "200B", "000D", "FEFF"]
    # what turns the direction of text turns nothing outside of its own element
    directions = page.eval_on_selector_all(".vb-strange", "all => all.map(s => getComputedStyle(s).unicodeBidi)")
    assert set(directions) == {"isolate"}
    assert page.text_content(".vb-model") == "m"


def test_filters(page_of: Any) -> None:
    page = page_of(three())
    page.click(".vb-switch:has-text('PLACE')")
    assert page.get_attribute(".vb-switch:has-text('PLACE')", "aria-pressed") == "false"
    assert [label for label, _ in marks(page)] == ["OFFICIAL", "DIRECTIVE", "COUNT", "COUNT"]
    assert rows(page) == [["chỉ thị/17", "chỉ thị", "4"], ["<b>2</b>", "công điện?", "1"]]
    assert page.text_content("#vb-text") == USUAL
    page.click(".vb-switch:has-text('PLACE')")
    page.fill(".vb-score input", "95")
    assert marks(page) == [
        ("PLACE", "TP Hà Nội"), ("OFFICIAL", "Chu Ngọc Anh"), ("DIRECTIVE", "Chỉ thị số\n17/CT-UBND"),
        ("COUNT", "24.973 người"),
    ]  # fmt: skip
    assert status(page) == "1 of 3 documents · 4 entities"
    page.fill(".vb-score input", "0")
    options = page.eval_on_selector_all("select option", "all => all.map(o => o.textContent)")
    assert options == ["all types", "no type (2)", "chỉ thị (1)"]
    page.select_option("select", label="no type (2)")
    assert [row[0] for row in rows(page)] == ["<b>2</b>", "3"]
    assert status(page) == "2 of 3 documents · 2 entities"


def wait_for(page: Any, text: str) -> None:
    page.locator(".vb-status").filter(has_text=text).wait_for()


def test_search_takes_no_heed_of_diacritics(page_of: Any) -> None:
    page = page_of(three())
    page.fill("input[type=search]", "HA NOI")
    wait_for(page, "1 of 3 documents · 7 entities · 3 places in this text")
    hits = page.eval_on_selector_all(".vb-hit", "all => all.map(h => h.textContent)")
    assert hits == ["HÀ NỘI", "Hà Nội", "Hà  Nội"]
    assert page.text_content("#vb-text") == USUAL
    page.press("input[type=search]", "Enter")
    page.press("input[type=search]", "Enter")
    assert page.text_content(".vb-now") == "Hà Nội"
    page.fill("input[type=search]", "đong anh")  # đ is d
    wait_for(page, "1 place in this text")
    assert page.eval_on_selector_all(".vb-hit", "all => all.map(h => h.textContent)") == ["Đông Anh"]
    page.fill("input[type=search]", "ky chi thi so 17/ct")  # over a soft break, and over the edge of a mark
    page.locator(".vb-hit").filter(has_text="17/CT").wait_for()
    hits = page.eval_on_selector_all(".vb-hit", "all => all.map(h => h.textContent)")
    assert hits == ["ký ", "Chỉ thị số\n17/CT"]
    page.fill("input[type=search]", "xong")  # in the text of another document alone
    page.locator(".vb-list .vb-id").filter(has_text="<b>2</b>").wait_for()
    assert [row[0] for row in rows(page)] == ["<b>2</b>"]
    page.fill("input[type=search]", "không có đâu")
    wait_for(page, "0 of 3 documents")
    assert page.inner_text(".vb-list") == "No document has this."
    page.press("input[type=search]", "Escape")
    wait_for(page, "3 of 3 documents")


def test_search_finds_decomposed_letters_and_those_behind_an_emoji(page_of: Any) -> None:
    text = "😀 Ha\u0300 No\u0323\u0302i, Thuận\u00adAn"
    page = page_of(
        [(document("a", text), Prediction(text, spans(text, ("PLACE", "Ha\u0300 No\u0323\u0302i", 0.9)), "m"))]
    )
    assert marks(page) == [("PLACE", "Ha\u0300 No\u0323\u0302i")]
    page.fill("input[type=search]", "hà nội")
    wait_for(page, "1 place")
    assert page.text_content(".vb-hit") == "Ha\u0300 No\u0323\u0302i"
    page.fill("input[type=search]", "thuanan")
    page.locator(".vb-hit").filter(has_text="Thuận").wait_for()
    assert page.text_content(".vb-hit") == "Thuận\u00adAn"


def test_keys(page_of: Any) -> None:
    page = page_of(three())
    page.keyboard.press("n")
    assert chosen(page) == "TP Hà Nội"
    assert page.evaluate("document.activeElement.textContent") == "TP Hà Nội"
    assert page.inner_text(".vb-entity blockquote") == "TP Hà Nội"
    page.keyboard.press("j")
    assert chosen(page) == "Chu Ngọc Anh"
    page.keyboard.press("p")
    page.keyboard.press("k")
    assert chosen(page) == "12 ca"  # the last one, behind the first
    page.keyboard.press("]")
    assert page.inner_text(".vb-head .vb-id") == "<b>2</b>"
    assert page.url.endswith("#2")
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert chosen(page) == "Nghệ An"
    page.keyboard.press("Shift+P")
    assert page.inner_text(".vb-head .vb-id") == "chỉ thị/17"
    page.keyboard.press("/")
    page.keyboard.type("n?")  # is written, and no command
    assert page.input_value("input[type=search]") == "n?"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert "next entity" in page.inner_text("dialog[open]")
    page.keyboard.press("Escape")
    assert page.query_selector("dialog[open]") is None
    page.keyboard.press("Control+n")  # a key of the browser's


def test_a_link_leads_to_its_document(page_of: Any) -> None:
    assert page_of(three(), "#2").inner_text(".vb-head .vb-id") == "<b>2</b>"
    assert page_of(three(), "#99").inner_text(".vb-head .vb-id") == "chỉ thị/17"
    assert page_of([]).inner_text("#vb-text") == "No document is in this report."


def test_a_screen_reader_finds_its_way(page_of: Any) -> None:
    page = page_of(three())
    for role, name in (
        ("banner", None), ("main", "Document"), ("navigation", "Documents"), ("complementary", "What was read"),
        ("search", "Filters"), ("group", "Labels"), ("article", "Text of the document"),
    ):  # fmt: skip
        assert page.get_by_role(role, **({"name": name} if name else {})).count() == 1, role
    assert page.get_by_role("status").get_attribute("aria-live") == "polite"
    assert page.get_by_role("button", name="PLACE: TP Hà Nội, 99 %", exact=True).count() == 1
    assert page.get_by_role("button", name="DIRECTIVE: Chỉ thị số 17/CT-UBND, 95 %", exact=True).count() == 1
    assert page.get_attribute("html", "lang") == "en" and page.get_attribute("#vb-text", "lang") == "vi"
    order = []
    for _ in range(13):
        page.keyboard.press("Tab")
        order.append(page.evaluate("(e => e.getAttribute('aria-label') || e.textContent)(document.activeElement)"))
    assert order[0] == "Skip to the text"
    assert order[3:5] == ["Search in the documents, without diacritics", "Type of document"]
    # one stop for the whole text; n and p go on from there
    assert [name for name in order if name.startswith(("PLACE:", "COUNT:"))] == []
    page.focus("#vb-text")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "TP Hà Nội"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('aside') !== null")


# contrast as WCAG 2.2 defines it, of text against the nearest background that is not transparent
CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; }
    return [255, 255, 255, 255];
  };
  const found = {};
  const note = (name, colour, back) => {
    const [a, b] = [light(rgb(colour)), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    found[name] = Math.min(found[name] ?? 99, ratio);
  };
  for (const e of document.querySelectorAll('.vb *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.getClientRects().length) continue;
    note(e.className || e.tagName, getComputedStyle(e).color, behind(e));
  }
  for (const e of document.querySelectorAll('.vb-mark')) {
    note('label of a mark', getComputedStyle(e, '::after').color, behind(e));
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(page_of: Any, scheme: str) -> None:
    labels = ["OFFICIAL", "PLACE", "COUNT", "DIRECTIVE", *"ABCDEF"]
    text = " ".join(f"x{label}" for label in labels)
    tagged = document("a", text), Prediction(text, spans(text, *((label, f"x{label}", 0.9) for label in labels)), "m")
    page = page_of([tagged, usual()], color_scheme=scheme)
    page.keyboard.press("n")
    page.click(".vb-switch:has-text('COUNT')")
    page.fill("input[type=search]", "xA")
    page.wait_for_selector(".vb-hit")
    found = page.evaluate(CONTRAST)
    assert "label of a mark" in found and len(found) > 15
    assert {name: round(ratio, 2) for name, ratio in found.items() if ratio < 4.5} == {}
    hues = page.eval_on_selector_all(".vb-mark", "all => all.map(m => getComputedStyle(m).backgroundColor)")
    assert len(set(hues)) == 9  # one is switched off


def test_light_and_dark(page_of: Any) -> None:
    def is_dark(page: Any) -> bool:
        colour = page.evaluate("getComputedStyle(document.querySelector('.vb')).backgroundColor")
        return max(int(part) for part in colour[4:-1].split(",")) < 100

    page = page_of(three(), color_scheme="dark")
    assert is_dark(page)
    page.keyboard.press("t")  # from the system's to light
    assert not is_dark(page)
    assert page.get_attribute(".vb-theme", "aria-label") == "Colours: light. Change"
    page.reload()
    assert not is_dark(page)
    page.click(".vb-theme")
    assert is_dark(page)
    assert not is_dark(page_of(three(), color_scheme="light"))


def test_on_paper(page_of: Any) -> None:
    page = page_of(three(), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.is_visible("#vb-text") and page.is_visible("aside")
    for gone in (".vb-side", ".vb-bar", ".vb-entity"):
        assert not page.is_visible(gone), gone
    assert page.evaluate("getComputedStyle(document.querySelector('.vb-text')).color") == "rgb(29, 33, 37)"
    label = page.evaluate("getComputedStyle(document.querySelector('.vb-mark'), '::after').content")
    assert label == '"PLACE"'
    assert page.pdf().startswith(b"%PDF")


def test_narrow_screens_have_no_sideways_scrolling(page_of: Any) -> None:
    page = page_of(three(), viewport={"width": 380, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 380


def test_overlapping_spans_lose_no_text(page_of: Any) -> None:
    text = "UBND thành phố Hà Nội ký"
    entities = (*spans(text, ("A", "UBND thành phố Hà Nội", 1.0)), *spans(text, ("B", "thành phố", 1.0)))
    crossing = (*entities, *spans(text, ("C", "Hà Nội ký", 1.0)))
    page = page_of([(document("a", text), Prediction(text, crossing, ""))])
    assert page.text_content("#vb-text") == text
    assert [label for label, _ in marks(page)] == ["A", "B", "C"]


def test_thousands_of_documents(page_of: Any) -> None:
    texts = [f"Văn bản {i}: Hà Nội có {i} ca." for i in range(5000)]
    tagged = [
        (
            document(i, text),
            Prediction(text, spans(text, ("PLACE", "Hà Nội", 0.9), ("COUNT", f"{i} ca", i / 5000)), "m"),
        )
        for i, text in enumerate(texts)
    ]
    page = page_of(tagged)
    assert status(page) == "5,000 of 5,000 documents · 10,000 entities"
    assert page.locator(".vb-list li").count() == 200  # the rest comes when it is scrolled to
    page.evaluate("document.querySelector('.vb-more').scrollIntoView()")
    page.locator(".vb-list li:nth-child(400)").wait_for()
    page.fill("input[type=search]", "van ban 4321")  # in its text
    wait_for(page, "1 of 5,000 documents · 2 entities")
    page.fill("input[type=search]", "")
    wait_for(page, "5,000 of 5,000")
    page.fill(".vb-score input", "95")
    assert status(page) == "250 of 5,000 documents · 250 entities"


def test_a_list_says_the_same_of_a_record_in_both_languages(page_of: Any) -> None:
    page = page_of(three())
    long = document("long", "\n \x1f\n" + "Kế hoạch 😀 \u00a0" * 20), Prediction("", (), "m")
    for tagged in (*three(), long):
        record = view_record(*tagged)
        assert page.evaluate("record => vanbanView.summary(record)", record) == summary_of(record)
